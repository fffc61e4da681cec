package main

import (
	"slices"

	"beckon/dashboards/steer"
	"beckon/dashboards/ui"
	"beckon/recommender/rules"
)

// previewView is what a rule would change, in words and pictures. A rule that is not whole yet says what is missing.
func (n *node) previewView(a *adminRequest, r *rules.Rule) *steer.Preview {
	rule := *r
	if rule.Title == "" {
		rule.Title = "preview" // a name comes last
	}
	if rule.ID == "" {
		rule.ID = "preview"
	}
	rule.Normalize()
	if rule.Action == "" {
		return &steer.Preview{Problem: a.text.T("rules.preview_choose")}
	}
	if err := rule.Validate(); err != nil {
		return &steer.Preview{Problem: a.text.T("rules.preview_products")}
	}
	found := n.previewRule(a.site.ID, &rule, "", "")
	v := &steer.Preview{Tone: "info"}
	n.sayPreview(a, v, &rule, &found)
	for i := range found.Cases {
		v.Cases = append(v.Cases, n.caseView(a, &rule, &found.Cases[i]))
	}
	return v
}

// sayPreview writes the sentences over the lists.
func (n *node) sayPreview(a *adminRequest, v *steer.Preview, r *rules.Rule, found *rulePreview) {
	p := a.text
	share := 0.0
	if found.Answers > 0 {
		share = float64(found.Changed) / float64(found.Answers)
	}
	switch {
	case found.Items == 0:
		v.Summary, v.Tone = p.T("rules.preview.none"), "warn"
	case found.Changed == 0:
		v.Summary = p.T("rules.preview.nothing")
	default:
		v.Summary = p.T("rules.preview.share", "share", p.Percent(share, 0))
	}
	v.Notes = append(v.Notes, p.N("rules.preview.sample", int64(found.Visitors), "answers", p.Int(int64(found.Answers))), p.N("rules.preview.items", int64(found.Items)))
	if r.Action == rules.Exclude && found.Hidden > 0 {
		v.Notes = append(v.Notes, p.N("rules.preview.hidden", int64(found.Hidden)))
		if all := n.shop.CountItems(a.site.ID); found.Hidden*2 > all {
			v.Tone = "bad"
		}
	}
	if found.Moment {
		v.Notes = append(v.Notes, p.T("rules.preview.moment"))
	}
}

// caseView is one shopper's lists.
func (n *node) caseView(a *adminRequest, r *rules.Rule, c *previewCase) steer.Case {
	p := a.text
	out := steer.Case{Who: p.T("rules.preview.new_visitor"), Where: placementWords(p, c.Placement)}
	if c.Visitor != "" {
		out.Who = p.T("rules.preview.visitor", "id", shortVisitor(c.Visitor))
		out.Href = ui.Page{Site: a.site.ID}.URL("/admin/live/visitors/" + c.Visitor)
	}
	switch {
	case c.Item != "":
		out.Where = p.T("rules.preview.page_of", "page", out.Where, "of", n.titles(a.site.ID)(c.Item))
	case c.Category != "":
		out.Where = p.T("rules.preview.page_of", "page", out.Where, "of", c.Category)
	}
	for i := range c.Before {
		it := &c.Before[i]
		pl := steer.Place{Item: n.uiItem(a.site.ID, it.Item), Rule: it.Moved}
		if it.Was == 0 {
			pl.Note, pl.Tone = p.T("rules.preview.gone"), "bad"
		}
		out.Before = append(out.Before, pl)
	}
	for i := range c.After {
		out.After = append(out.After, n.placeAfter(a, r, c, i))
	}
	return out
}

func (n *node) placeAfter(a *adminRequest, r *rules.Rule, c *previewCase, i int) steer.Place {
	it := &c.After[i]
	pl := steer.Place{Item: n.uiItem(a.site.ID, it.Item), Rule: it.Moved}
	pinned := r.Action == rules.Pin && slices.Contains(r.Where.Items, it.Item)
	switch {
	case pinned:
		pl.Note, pl.Tone = a.text.T("rules.preview.pinned"), "info"
	case it.Was == 0:
		pl.Note, pl.Tone = a.text.T("rules.preview.new"), "good"
	case it.Was > i+1 && it.Moved:
		pl.Note, pl.Tone = a.text.T("rules.preview.up", "places", a.text.Int(int64(it.Was-i-1))), "good"
	case it.Was < i+1 && it.Moved:
		pl.Note, pl.Tone = a.text.T("rules.preview.down", "places", a.text.Int(int64(i+1-it.Was))), "warn"
	}
	return pl
}

// shortVisitor is enough of an id to tell two shoppers apart, as the live page shows it.
func shortVisitor(id string) string { return id[max(0, len(id)-10):] }
