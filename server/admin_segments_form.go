package main

import (
	"errors"
	"strconv"
	"strings"

	"beckon/clickstream/segment"
	"beckon/dashboards/segments"
	"beckon/web/text"
)

// segmentWrongs are what is wrong with the form, at its fields.
type segmentWrongs struct {
	title, id, whole string
	conditions       map[int]string
}

func (w *segmentWrongs) any() bool {
	return w.title != "" || w.id != "" || w.whole != "" || len(w.conditions) > 0
}

// first is one thing that is wrong.
func (w *segmentWrongs) first() string {
	for _, m := range []string{w.whole, w.title, w.id} {
		if m != "" {
			return m
		}
	}
	least, message := -1, ""
	for i, m := range w.conditions {
		if least < 0 || i < least {
			least, message = i, m
		}
	}
	return message
}

// readSegment reads the form's title and conditions. Rows without a feature are no conditions.
func readSegment(a *adminRequest, values func(name string) []string) (d segment.Definition, wrong segmentWrongs) {
	one := func(name string) string {
		if all := values(name); len(all) > 0 {
			return strings.TrimSpace(all[0])
		}
		return ""
	}
	d.Title, d.Any = one("title"), one("any") == "any"
	features, ops, typed := values("feature"), values("op"), values("value")
	wrong.conditions = map[int]string{}
	for i, f := range features {
		if f == "" || i >= len(ops) || i >= len(typed) {
			continue
		}
		c := segment.Condition{Feature: segment.Feature(f), Op: segment.Op(ops[i])}
		if why := readCondition(a.text, a.site.Currency, &c, strings.TrimSpace(typed[i])); why != "" {
			wrong.conditions[i] = why
		}
		d.Conditions = append(d.Conditions, c)
	}
	if len(d.Conditions) == 0 {
		wrong.whole = a.text.T("segments.needs_condition")
	}
	return d, wrong
}

// readCondition reads a condition's value as its feature has it; why says what is wrong.
func readCondition(t *text.Printer, currency string, c *segment.Condition, typed string) (why string) {
	number := c.Op == segment.AtLeast || c.Op == segment.AtMost
	if c.Feature.IsText() {
		if number {
			return t.T("segments.needs_is")
		}
		for _, v := range strings.Split(typed, ",") {
			if v = strings.TrimSpace(v); v != "" {
				c.Values = append(c.Values, v)
			}
		}
		if len(c.Values) == 0 {
			return t.T("segments.needs_words")
		}
		return ""
	}
	if !number {
		return t.T("segments.needs_at_least")
	}
	if c.Feature.Money() {
		minor, ok := text.Minor(typed, currency)
		if !ok {
			return t.T("segments.needs_number")
		}
		c.Value = float64(minor)
		return ""
	}
	v, err := strconv.ParseFloat(strings.Replace(strings.TrimSuffix(typed, "%"), ",", ".", 1), 64)
	if err != nil || v < 0 {
		return t.T("segments.needs_number")
	}
	if c.Feature.Percent() && v > 100 {
		return t.T("segments.needs_percent")
	}
	c.Value = v
	return ""
}

func (n *node) takeNewSegment(a *adminRequest) error {
	d, wrong := readSegment(a, a.formAll)
	d.ID = a.form("id")
	if d.ID == "" {
		d.ID = idFrom(d.Title)
	}
	if !segment.ValidID(d.ID) || d.ID == "new" || d.ID == "preview" {
		wrong.id = a.text.T("segments.bad_id")
	} else if _, known := n.folds.segments.Of(a.site.ID).Definition(d.ID); known {
		wrong.id = a.text.T("segments.taken")
	}
	return n.storeSegment(a, d, wrong, true)
}

func (n *node) takeSegment(a *adminRequest) error {
	before, ok := n.folds.segments.Of(a.site.ID).Definition(a.Params("id"))
	if !ok {
		return fail(404, "unknown_segment", "%s", a.text.T("segments.unknown"))
	}
	d, wrong := readSegment(a, a.formAll)
	d.ID = before.ID
	if d.Title == segmentTitle(a.text, &before) { // as it was shown, in the reader's language
		d.Title = before.Title
	}
	return n.storeSegment(a, d, wrong, false)
}

// storeSegment saves what the form says, or shows it again with what is wrong or one more row.
func (n *node) storeSegment(a *adminRequest, d segment.Definition, wrong segmentWrongs, fresh bool) error {
	if len(d.Title) == 0 || len(d.Title) > 120 {
		wrong.title = a.text.T("segments.bad_title")
	}
	more := a.form("do") == "more"
	if !more && !wrong.any() {
		offset, err := n.saveSegment(a.ctx, a.actor(), a.site.ID, d)
		var refused *apiError
		switch {
		case err == nil:
			return a.changed(offset, "/admin/segments/"+d.ID)
		case !errors.As(err, &refused) || refused.status >= 500:
			return err
		case refused.code == "too_many_segments":
			wrong.whole = a.text.T("segments.full")
		default:
			wrong.whole = refused.message
		}
	}
	e := n.segmentEditor(a, segment.Definition{})
	e.New, e.ID, e.Title, e.Any = fresh, d.ID, a.form("title"), d.Any
	e.Conditions = nil
	features, ops, typed := a.formAll("feature"), a.formAll("op"), a.formAll("value")
	for i := range min(len(features), len(ops), len(typed), segment.MaxConditions) {
		row := segments.Condition{Feature: features[i], Op: ops[i], Value: typed[i]}
		if !more {
			row.Error = wrong.conditions[i]
		}
		e.Conditions = append(e.Conditions, row)
	}
	if more {
		if len(e.Conditions) < segment.MaxConditions {
			e.Conditions = append(e.Conditions, segments.Condition{})
		}
		return a.render(n.segmentEdit(a, a.text.T("segments.title"), e))
	}
	e.TitleError, e.IDError, e.Problem = wrong.title, wrong.id, wrong.whole
	return a.renderStatus(422, n.segmentEdit(a, a.text.T("segments.title"), e))
}

// idFrom makes an id of a title: its letters and digits in small, words joined by "-".
func idFrom(title string) string {
	var id strings.Builder
	gap := false
	for _, r := range strings.ToLower(title) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if gap && id.Len() > 0 {
				id.WriteByte('-')
			}
			gap = false
			id.WriteRune(r)
		} else {
			gap = true
		}
	}
	return id.String()[:min(id.Len(), 60)]
}
