package main

import (
	"slices"
	"strings"
	"time"

	"beckon/dashboards/steer"
	"beckon/dashboards/ui"
	"beckon/recommender/rules"
	"beckon/web/text"
)

// doesWords is what a rule does, with its strength or place.
func doesWords(p *text.Printer, r *rules.Rule) string {
	switch r.Action {
	case rules.Pin:
		return p.T("rules.does.pin", "place", p.Int(int64(r.Position)))
	case rules.Boost:
		return p.T("rules.does.boost", "factor", p.Number(r.Strength, digitsOf(r.Strength)))
	case rules.Bury:
		return p.T("rules.does.bury", "factor", p.Number(r.Strength, digitsOf(r.Strength)))
	}
	return p.T("rules.does.exclude")
}

func digitsOf(v float64) int {
	if v == float64(int64(v)) {
		return 0
	}
	return 1
}

// wordsNamed is how many words of a list a sentence names.
const wordsNamed = 3

// someWords joins the first of a list.
func someWords(p *text.Printer, words []string) string {
	if len(words) <= wordsNamed {
		return strings.Join(words, ", ")
	}
	return p.T("rules.and_more", "some", strings.Join(words[:wordsNamed], ", "), "count", p.Int(int64(len(words)-wordsNamed)))
}

// whatWords is which products a rule is about.
func (n *node) whatWords(a *adminRequest, r *rules.Rule) string {
	p, w := a.text, &r.Where
	var parts []string
	if len(w.Items) > 0 {
		title := n.titles(a.site.ID)
		names := make([]string, len(w.Items))
		for i, id := range w.Items {
			names[i] = title(id)
		}
		parts = append(parts, someWords(p, names))
	}
	for _, list := range []struct {
		key   string
		words []string
	}{
		{"rules.what.categories", w.Categories},
		{"rules.what.brands", w.Brands},
		{"rules.what.tags", w.Tags},
		{"rules.what.groups", w.Groups},
	} {
		if len(list.words) > 0 {
			parts = append(parts, p.T(list.key, "words", someWords(p, list.words)))
		}
	}
	money := func(v int64) string { return p.Money(v, a.site.Currency) }
	if s := rangeWords(p, w.Price, money); s != "" {
		parts = append(parts, p.T("rules.what.price", "range", s))
	}
	if s := rangeWords(p, w.Stock, p.Int); s != "" {
		parts = append(parts, p.T("rules.what.stock", "range", s))
	}
	if m := w.Margin; m != nil {
		var whole rules.Range
		for _, end := range []struct {
			from *float64
			to   **int64
		}{{m.Min, &whole.Min}, {m.Max, &whole.Max}} {
			if end.from != nil {
				v := int64(*end.from*1000 + 0.5)
				*end.to = &v
			}
		}
		s := rangeWords(p, &whole, func(v int64) string { return p.Percent(float64(v)/1000, 0) })
		parts = append(parts, p.T("rules.what.margin", "range", s))
	}
	if w.NewDays > 0 {
		parts = append(parts, p.N("rules.what.new", int64(w.NewDays)))
	}
	return strings.Join(parts, " · ")
}

func rangeWords(p *text.Printer, r *rules.Range, write func(int64) string) string {
	switch {
	case r == nil:
		return ""
	case r.Min != nil && r.Max != nil:
		return p.T("rules.range.both", "min", write(*r.Min), "max", write(*r.Max))
	case r.Min != nil:
		return p.T("rules.range.min", "min", write(*r.Min))
	}
	return p.T("rules.range.max", "max", write(*r.Max))
}

// whereWords is at which places and to whom a rule holds.
func (n *node) whereWords(a *adminRequest, r *rules.Rule) string {
	p, w := a.text, &r.When
	where := p.T("rules.where.everywhere")
	if len(w.Placements) > 0 {
		names := make([]string, len(w.Placements))
		for i, pl := range w.Placements {
			names[i] = placementWords(p, pl)
		}
		where = strings.Join(names, ", ")
	}
	parts := []string{where}
	if len(w.Categories)+len(w.Items) > 0 {
		title := n.titles(a.site.ID)
		pages := slices.Clone(w.Categories)
		for _, id := range w.Items {
			pages = append(pages, title(id))
		}
		parts = append(parts, p.T("rules.where.pages", "pages", someWords(p, pages)))
	}
	if len(w.Segments) > 0 {
		names := slices.Clone(w.Segments)
		for _, c := range n.segmentChoices(a.site.ID, p) {
			if i := slices.Index(names, c.Value); i >= 0 {
				names[i] = c.Label
			}
		}
		parts = append(parts, p.T("rules.where.segments", "segments", someWords(p, names)))
	}
	return strings.Join(parts, " · ")
}

func placementWords(p *text.Printer, placement string) string {
	return p.T("rules.placement." + placement)
}

// whenWords is a rule's schedule. Instants are written in the schedule's own zone.
func whenWords(p *text.Printer, r *rules.Rule, now int64) string {
	s := &r.When.Schedule
	var parts []string
	at := func(ms int64) string { return p.DateTime(ms + zoneOffset(s.Zone, ms)) }
	switch {
	case s.Ends != 0 && now >= s.Ends:
		return p.T("rules.when.ended", "at", at(s.Ends))
	case s.Starts > now && s.Ends != 0:
		parts = append(parts, p.T("rules.when.both", "from", at(s.Starts), "to", at(s.Ends)))
	case s.Starts > now:
		parts = append(parts, p.T("rules.when.from", "from", at(s.Starts)))
	case s.Ends != 0:
		parts = append(parts, p.T("rules.when.until", "to", at(s.Ends)))
	}
	for _, w := range s.Weekly {
		days := p.T("rules.day.all")
		if len(w.Days) > 0 && len(w.Days) < len(rules.Days) {
			names := make([]string, len(w.Days))
			for i, d := range w.Days {
				names[i] = p.T("rules.day." + d)
			}
			days = strings.Join(names, " ")
		}
		parts = append(parts, p.T("rules.when.weekly", "days", days, "from", w.From, "to", w.To))
	}
	if len(parts) == 0 {
		return p.T("rules.when.always")
	}
	if s.Zone != "" {
		parts = append(parts, s.Zone)
	}
	return strings.Join(parts, " · ")
}

// zoneOffset is by how many ms a zone's clock is ahead of UTC at an instant.
func zoneOffset(zone string, ms int64) int64 {
	loc, err := time.LoadLocation(zone) // "" is UTC
	if err != nil {
		return 0
	}
	_, offset := time.UnixMilli(ms).In(loc).Zone()
	return int64(offset) * 1000
}

// conflictTones are the colours of conflicts.
var conflictTones = map[string]string{
	rules.NearlyEmpty: "bad", rules.PinExcluded: "bad", rules.PinPlace: "warn", rules.TooManyPins: "warn", rules.PinOut: "warn",
	rules.BoostBury: "warn", rules.Shadowed: "warn", rules.MatchesNone: "warn", rules.SchedulePast: "quiet",
}

// conflictViews are conflicts in words, with links to their rules.
func (n *node) conflictViews(a *adminRequest, all []rules.Conflict) (out []steer.Conflict) {
	const shown = 30
	for i := range all[:min(len(all), shown)] {
		c := &all[i]
		v := steer.Conflict{Tone: conflictTones[c.Kind]}
		v.Title, v.Text = n.conflictWords(a, c)
		for _, id := range c.Rules[:min(len(c.Rules), 6)] {
			if r, ok := n.folds.rules.rule(a.site.ID, id); ok {
				v.Rules = append(v.Rules, ui.Link{Label: r.Title, Href: ui.Page{Site: a.site.ID}.URL("/admin/rules/" + id)})
			}
		}
		out = append(out, v)
	}
	return out
}

// conflictWords is a conflict in a sentence, and what to do about it.
func (n *node) conflictWords(a *adminRequest, c *rules.Conflict) (title, text string) {
	p := a.text
	name := func(i int) string {
		if i < len(c.Rules) {
			if r, ok := n.folds.rules.rule(a.site.ID, c.Rules[i]); ok {
				return r.Title
			}
		}
		return ""
	}
	items := make([]string, len(c.Items))
	titles := n.titles(a.site.ID)
	for i, id := range c.Items {
		items[i] = titles(id)
	}
	args := []any{"rule", name(0), "other", name(1), "items", someWords(p, items), "count", p.Int(int64(c.Count)), "place", p.Int(int64(c.Position)), "share", p.Percent(c.Share, 0)}
	if c.Placement != "" {
		args = append(args, "placement", placementWords(p, c.Placement))
	}
	return p.T("rules.conflict."+c.Kind, args...), p.T("rules.conflict_do." + c.Kind)
}
