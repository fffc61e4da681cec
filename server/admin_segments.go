package main

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"beckon/clickstream"
	"beckon/clickstream/segment"
	"beckon/dashboards/segments"
	"beckon/dashboards/ui"
	"beckon/server/shop"
	"beckon/web/text"
)

func (n *node) segmentRoutes() []adminRoute {
	return []adminRoute{
		{"GET", "/admin/segments", shop.Viewer, n.segmentsPage},
		{"GET", "/admin/segments/preview", shop.Viewer, n.segmentPreview},
		{"GET", "/admin/segments/new", shop.Merchandiser, n.newSegmentPage},
		{"POST", "/admin/segments/new", shop.Merchandiser, n.takeNewSegment},
		{"GET", "/admin/segments/:id", shop.Viewer, n.segmentPage},
		{"POST", "/admin/segments/:id", shop.Merchandiser, n.takeSegment},
		{"POST", "/admin/segments/:id/remove", shop.Merchandiser, n.takeSegmentRemoval},
	}
}

func (n *node) segmentTopics() []adminTopic {
	return []adminTopic{{"segments", shop.Viewer, func(f frame) (map[string]templ.Component, error) {
		n.segments.wishCount(f.site.ID)
		return map[string]templ.Component{segments.RegionID: segments.List(f.text, f.site.ID, n.segmentsView(f.site, f.text))}, nil
	}}}
}

func (n *node) segmentsPage(a *adminRequest) error {
	n.segments.wishCount(a.site.ID)
	v := n.segmentsView(a.site, a.text)
	if a.Query("format") == "csv" {
		return a.csv("segments", []string{"id", "title", "shoppers", "here", "buyers", "orders", "spent"}, n.segmentLines(a.site.ID, v))
	}
	v.May = a.user.Role.May(shop.Merchandiser)
	p := a.page("segments", a.text.T("segments.title"))
	p.Lead, p.Topics, p.CSV = a.text.T("segments.lead"), []string{"segments"}, p.URL("/admin/segments", "format", "csv")
	return a.render(segments.Page(p, v))
}

func (n *node) segmentLines(site string, v segments.View) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		counts := n.segments.of(site)
		for _, r := range v.Rows {
			c := counts.of(r.ID)
			line := []string{r.ID, r.Title, strconv.Itoa(c.Shoppers), strconv.Itoa(c.Here), strconv.Itoa(c.Buyers), strconv.FormatInt(c.Orders, 10), strconv.FormatInt(c.Spent, 10)}
			if !yield(line) {
				return
			}
		}
	}
}

func (n *node) segmentsView(site shop.Site, t *text.Printer) segments.View {
	counts := n.segments.of(site.ID)
	v := segments.View{}
	if counts != nil {
		v.Total, v.Counted = counts.Shoppers, counts.At
	}
	for _, d := range n.folds.segments.Of(site.ID).Definitions() {
		c := counts.of(d.ID)
		row := segments.Row{
			ID: d.ID, Title: segmentTitle(t, &d), Own: n.folds.segments.Own(site.ID, d.ID), Any: d.Any, Shoppers: c.Shoppers, Here: c.Here,
			Orders: c.Orders, Spent: t.Money(c.Spent, site.Currency), Used: n.segmentUses(site.ID, d.ID),
		}
		for i := range d.Conditions {
			row.Words = append(row.Words, conditionWords(t, site.Currency, &d.Conditions[i]))
		}
		v.Rows = append(v.Rows, row)
	}
	return v
}

// conditionWords is a condition as a sentence.
func conditionWords(t *text.Printer, currency string, c *segment.Condition) string {
	value := strings.Join(c.Values, ", ")
	switch {
	case c.Feature.Money():
		value = t.Money(int64(c.Value), currency)
	case c.Feature.Percent():
		value = t.Number(c.Value, 0) + " %"
	case c.Op == segment.AtLeast || c.Op == segment.AtMost:
		value = t.Number(c.Value, 0)
	}
	return t.T("segments.words", "feature", strings.TrimSuffix(t.T("segments.feature."+string(c.Feature)), " (%)"), "op", t.T("segments.op."+string(c.Op)), "value", value)
}

// segmentUses are the rules and campaigns that ask for a segment.
func (n *node) segmentUses(site, id string) []ui.Link {
	p := ui.Page{Site: site}
	var uses []ui.Link
	for _, r := range n.folds.offers.Campaigns(site) {
		if slices.Contains(r.Campaign.Audience.Segments, id) {
			uses = append(uses, ui.Link{Label: r.Campaign.Title, Href: p.URL("/admin/offers/" + r.Campaign.ID)})
		}
	}
	for _, r := range n.folds.rules.list(site) {
		if slices.Contains(r.When.Segments, id) {
			uses = append(uses, ui.Link{Label: r.Title, Href: p.URL("/admin/rules/" + r.ID)})
		}
	}
	return uses
}

func (n *node) newSegmentPage(a *adminRequest) error {
	e := n.segmentEditor(a, segment.Definition{})
	e.New = true
	return a.render(n.segmentEdit(a, a.text.T("segments.new"), e))
}

func (n *node) segmentPage(a *adminRequest) error {
	d, ok := n.folds.segments.Of(a.site.ID).Definition(a.Params("id"))
	if !ok {
		return fail(404, "unknown_segment", "%s", a.text.T("segments.unknown"))
	}
	return a.render(n.segmentEdit(a, segmentTitle(a.text, &d), n.segmentEditor(a, d)))
}

func (n *node) segmentEdit(a *adminRequest, title string, e segments.Editor) templ.Component {
	p := a.page("segments", title)
	p.Up = &ui.Link{Label: a.text.T("segments.title"), Href: p.URL("/admin/segments")}
	return segments.Edit(p, e)
}

// segmentEditor fills the form from a definition, with a row or two to go on.
func (n *node) segmentEditor(a *adminRequest, d segment.Definition) segments.Editor {
	p := ui.Page{Site: a.site.ID}
	e := segments.Editor{
		ID: d.ID, Title: d.Title, Any: d.Any, May: a.user.Role.May(shop.Merchandiser), PreviewURL: p.URL("/admin/segments/preview"),
		Features: featureGroups(a.text), Suggestions: n.segmentSuggestions(a.site.ID),
	}
	for _, op := range []segment.Op{segment.AtLeast, segment.AtMost, segment.Is, segment.IsNot} {
		e.Ops = append(e.Ops, ui.Choice{Value: string(op), Label: a.text.T("segments.op." + string(op))})
	}
	for i := range d.Conditions {
		c := &d.Conditions[i]
		row := segments.Condition{Feature: string(c.Feature), Op: string(c.Op), Value: strings.Join(c.Values, ", ")}
		switch {
		case c.Feature.Money():
			row.Value = text.Plain(int64(c.Value), a.site.Currency)
		case len(c.Values) == 0:
			row.Value = strconv.FormatFloat(c.Value, 'f', -1, 64)
		}
		e.Conditions = append(e.Conditions, row)
	}
	if e.May && len(e.Conditions) < segment.MaxConditions {
		e.Conditions = append(e.Conditions, segments.Condition{})
	}
	if d.ID != "" {
		e.Title = segmentTitle(a.text, &d)
		e.Own = n.folds.segments.Own(a.site.ID, d.ID)
		e.BuiltIn = slices.ContainsFunc(segment.Builtin(), func(b segment.Definition) bool { return b.ID == d.ID })
		e.History = p.URL("/admin/audit", "kind", "segment", "id", d.ID)
		e.Used = n.segmentUses(a.site.ID, d.ID)
		e.Preview = n.countedSegment(a, d)
	}
	return e
}

// featureGroups are the features as the form's list shows them.
func featureGroups(t *text.Printer) []segments.Group {
	groups := []struct {
		name     string
		features []segment.Feature
	}{
		{"visits", []segment.Feature{segment.Visits, segment.DaysAway, segment.DaysKnown, segment.Searches}},
		{"orders", []segment.Feature{segment.Orders, segment.Spent, segment.AverageOrder, segment.SpentRank, segment.BoughtCategory, segment.BoughtItem}},
		{"interest", []segment.Feature{segment.ItemsViewed, segment.Category, segment.Brand, segment.Item, segment.ReducedShare, segment.CartAdds, segment.Wishlist}},
		{"now", []segment.Feature{segment.CartItems, segment.CartValue, segment.VisitMinutes, segment.VisitViews}},
		{"origin", []segment.Feature{segment.Device, segment.Source, segment.Customer}},
	}
	var out []segments.Group
	for _, g := range groups {
		group := segments.Group{Label: t.T("segments.group." + g.name)}
		for _, f := range g.features {
			group.Choices = append(group.Choices, ui.Choice{Value: string(f), Label: t.T("segments.feature." + string(f))})
		}
		out = append(out, group)
	}
	return out
}

// segmentSuggestions are values that conditions on this site may name: devices, and categories and brands of a thousand items.
func (n *node) segmentSuggestions(site string) []string {
	seen := map[string]bool{"desktop": true, "mobile": true, "tablet": true, clickstream.Direct: true, "yes": true, "no": true}
	for _, it := range n.shop.Items(site, "", 1000) {
		for _, c := range it.Category {
			seen[c] = true
		}
		if it.Brand != "" {
			seen[it.Brand] = true
		}
	}
	all := make([]string, 0, len(seen))
	for s := range seen {
		all = append(all, s)
	}
	slices.Sort(all)
	return all[:min(len(all), 200)]
}

func (n *node) takeSegmentRemoval(a *adminRequest) error {
	offset, err := n.removeSegment(a.ctx, a.actor(), a.site.ID, a.Params("id"))
	if err != nil {
		return err
	}
	return a.changed(offset, "/admin/segments")
}

// segmentPreview counts the form as it stands.
func (n *node) segmentPreview(a *adminRequest) error {
	d, wrong := readSegment(a, formOf(a.Ctx))
	v := segments.Preview{}
	if wrong.any() {
		v.Problem = wrong.first()
	} else {
		v = n.countedSegment(a, d)
	}
	return a.render(ui.In(a.text, segments.Counted(a.text, v)))
}

// countedSegment says whom a definition holds now.
func (n *node) countedSegment(a *adminRequest, d segment.Definition) segments.Preview {
	if d.ID == "" {
		d.ID = "preview"
	}
	count, total, err := n.previewSegment(a.ctx, a.site.ID, d)
	if err != nil {
		return segments.Preview{Problem: err.Error()}
	}
	v := segments.Preview{Found: count.Shoppers, Total: total, Part: total >= previewShoppers, Here: count.Here, Buyers: count.Buyers}
	if count.Buyers > 0 {
		v.Spent = a.text.T("segments.average", "money", a.text.Money(count.Spent/int64(count.Buyers), a.site.Currency))
	}
	for _, visitor := range count.Samples[:min(len(count.Samples), 6)] {
		v.Samples = append(v.Samples, n.segmentSample(a, visitor))
	}
	return v
}

func (n *node) segmentSample(a *adminRequest, visitor string) segments.Sample {
	p := ui.Page{Site: a.site.ID}
	s := segments.Sample{Visitor: shortVisitor(visitor), Href: p.URL("/admin/live/visitors/" + visitor)}
	var view clickstream.ShopperView
	if n.runner.ViewDevice(a.site.ID, visitor, &view) {
		for _, r := range view.Recent[:min(len(view.Recent), 3)] {
			it := ui.Item{ID: r.Item, Title: r.Item}
			if known, ok := n.shop.Item(a.site.ID, r.Item); ok {
				it.Title, it.Image = known.Title, known.Image
			}
			s.Items = append(s.Items, it)
		}
	}
	if len(s.Items) == 0 {
		s.Note = a.text.T("segments.nothing_seen")
	}
	return s
}

// formOf is the query as a form: previews are asked with GET.
func formOf(c *fiber.Ctx) func(name string) []string {
	return func(name string) (all []string) {
		for _, v := range c.Context().QueryArgs().PeekMulti(name) {
			all = append(all, string(v))
		}
		return all
	}
}
