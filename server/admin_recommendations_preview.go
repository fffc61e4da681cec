package main

import (
	"cmp"
	"slices"
	"strings"

	"beckon/clickstream"
	"beckon/dashboards/recommendations"
	"beckon/dashboards/ui"
	"beckon/recommender"
	"beckon/recommender/rules"
	"beckon/server/shop"
	"beckon/web/text"
)

// newVisitor is the visitor of a preview for somebody of whom nothing is known. No shop's visitor is called so: nothing is logged of it.
const newVisitor = "beckon:preview"

// Bounds of the preview.
const (
	previewLimit  = 12
	previewVisits = 30 // newest that are suggested
	previewWhy    = 5  // items that one may ask about at once
)

// previewAsk is what the address of a preview asks for.
type previewAsk struct {
	ask
	segment                     string
	language                    string
	visitorProblem, itemProblem string
}

func (a *adminRequest) previewAsk() previewAsk {
	p := previewAsk{segment: a.Query("segment"), language: a.Query("language")}
	p.who = shopperID{site: a.site.ID, visitor: strings.TrimSpace(a.Query("visitor")), owner: true}
	p.placement, p.item, p.category = a.Query("placement"), strings.TrimSpace(a.Query("item")), strings.TrimSpace(a.Query("category"))
	p.limit, p.explain = previewLimit, true
	if !slices.Contains(placements, p.placement) {
		p.placement = recommender.Home
		if p.item != "" {
			p.placement = recommender.ItemPage
		}
	}
	if p.language == "" {
		p.language = a.text.Lang()
	}
	p.lang = text.MatchShopper(p.language, "")
	for id := range strings.SplitSeq(a.Query("why"), ",") {
		if id = strings.TrimSpace(id); id != "" && len(p.why) < previewWhy {
			p.why = append(p.why, id)
		}
	}
	if p.who.visitor != "" && !validVisitor(p.who.visitor) {
		p.visitorProblem, p.who.visitor = a.text.T("recommendations.form.visitor.wrong"), ""
	}
	if _, ok := a.n.shop.Item(a.site.ID, p.item); p.item != "" && !ok {
		p.itemProblem = a.text.T("recommendations.form.item.unknown")
	}
	return p
}

func (n *node) adminPreview(a *adminRequest) error {
	ask := a.previewAsk()
	p := a.page("recommendations", a.text.T("recommendations.preview.title"))
	p.Lead = a.text.T("recommendations.preview.lead")
	p.Up = &ui.Link{Label: a.text.T("recommendations.title"), Href: p.URL("/admin/recommendations")}
	v := recommendations.PreviewView{Form: n.previewForm(a, &ask), Answer: n.preview(a, &ask)}
	if ask.itemProblem != "" || ask.visitorProblem != "" {
		return a.renderStatus(422, recommendations.PreviewPage(p, v))
	}
	return a.render(recommendations.PreviewPage(p, v))
}

func (n *node) adminPreviewAnswer(a *adminRequest) error {
	ask := a.previewAsk()
	return a.render(recommendations.PreviewAnswer(a.page("recommendations", ""), n.preview(a, &ask)))
}

func (n *node) previewForm(a *adminRequest, ask *previewAsk) recommendations.PreviewForm {
	f := recommendations.PreviewForm{
		Visitor: ask.who.visitor, Item: ask.item, ItemError: ask.itemProblem, VisitorError: ask.visitorProblem, Category: ask.category,
		Items: a.itemChoices(), Why: strings.Join(ask.why, ", "), AnswerURL: a.url("/admin/recommendations/preview/answer"),
	}
	now := n.clock(a.site.ID, a.now)
	for _, v := range n.numbers.Visits(a.site.ID, now, false, previewVisits) {
		label := a.text.Ago(v.Last, now)
		if it := a.item(v.Item, ""); it.ID != "" {
			label += " · " + cmp.Or(it.Title, it.ID)
		}
		f.Newest = append(f.Newest, ui.Choice{Value: v.Visitor, Label: label})
	}
	for _, place := range placements {
		f.Places = append(f.Places, ui.Choice{Value: place, Label: recommendations.PlaceWord(a.text, place), Selected: place == ask.placement})
	}
	f.Segments = []ui.Choice{{Label: a.text.T("recommendations.form.segment.own")}}
	for _, c := range n.segmentChoices(a.site.ID, a.text) {
		c.Selected = c.Value == ask.segment
		f.Segments = append(f.Segments, c)
	}
	for _, lang := range [][2]string{{"en", "English"}, {"de", "Deutsch"}, {"fr", "Français"}, {"es", "Español"}} {
		f.Languages = append(f.Languages, ui.Choice{Value: lang[0], Label: lang[1], Selected: lang[0] == ask.lang.Lang()})
	}
	seen := map[string]bool{}
	for _, c := range f.Items {
		it, _ := n.shop.Item(a.site.ID, c.Value)
		for _, category := range it.Category {
			if !seen[category] {
				seen[category] = true
				f.Categories = append(f.Categories, ui.Choice{Value: category})
			}
		}
	}
	return f
}

// preview asks as the shop would, and logs nothing: what a merchandiser looks at was not shown to anybody.
func (n *node) preview(a *adminRequest, ask *previewAsk) recommendations.Answer {
	s := n.scratch.Get().(*scratch)
	defer n.scratch.Put(s)
	q := ask.ask
	q.who.visitor = cmp.Or(q.who.visitor, newVisitor)
	n.fillQuery(a.ctx, s, &q)
	assumed := ask.segment != "" && slices.ContainsFunc(n.segmentChoices(a.site.ID, a.text), func(c ui.Choice) bool { return c.Value == ask.segment })
	if assumed {
		s.query.Segments = []string{ask.segment}
	}
	n.engine.Recommend(&s.answer, &s.query)
	v := recommendations.Answer{
		Link: withQuery(a.elsewhere("/admin/recommendations/preview"), "csrf", ""), Place: q.placement, Shopper: n.previewShopper(a, s, &q),
	}
	if v.Shopper.Assumed = assumed; assumed {
		v.Shopper.Segments = n.segmentTitles(a, []string{ask.segment})
	}
	for i := range s.answer.Items {
		v.Cards = append(v.Cards, n.previewCard(a, &q, &s.answer.Items[i]))
	}
	for i := range s.answer.Why {
		v.Why = append(v.Why, n.previewWhyNot(a, &s.answer, &s.answer.Why[i]))
	}
	return v
}

func (n *node) previewShopper(a *adminRequest, s *scratch, q *ask) recommendations.Shopper {
	var view clickstream.ShopperView
	if q.who.visitor == newVisitor || !n.runner.View(a.site.ID, q.who.visitor, &view) {
		return recommendations.Shopper{Segments: n.segmentTitles(a, s.query.Segments)}
	}
	return recommendations.Shopper{
		Known: true, Personal: s.query.Personal, Visits: view.Visits, Views: view.Views, Recent: len(view.Recent), Cart: len(view.Cart),
		Bought: len(view.Bought), Segments: n.segmentTitles(a, n.segmentsOf(a.site.ID, &view, s.query.Now)), Machine: view.Bot,
	}
}

func (n *node) segmentTitles(a *adminRequest, ids []string) (titles []string) {
	for _, c := range n.segmentChoices(a.site.ID, a.text) {
		if slices.Contains(ids, c.Value) {
			titles = append(titles, c.Label)
		}
	}
	return titles
}

func (n *node) previewCard(a *adminRequest, q *ask, s *recommender.Scored) recommendations.Card {
	c := recommendations.Card{
		Item: a.item(s.Item, a.url("/admin/stock/"+s.Item)), Kind: s.Kind, Drawn: s.Drawn, Chance: s.Propensity, Score: s.Score,
		Stock: recommendations.Stock{Left: -1},
	}
	if it, ok := n.shop.Item(a.site.ID, s.Item); ok {
		c.Stock.Level = it.Level
		if left, told := it.Left(); told {
			c.Stock.Left = left
		}
		if it.Currency != "" {
			c.Price = q.lang.Money(it.Public, it.Currency)
			if it.Markdown > it.Public {
				c.Was = q.lang.Money(it.Markdown, it.Currency)
			}
		}
	}
	for _, id := range s.Because {
		it := a.item(id, "")
		c.Because = append(c.Because, cmp.Or(it.Title, it.ID))
	}
	because := ""
	if len(c.Because) > 0 {
		because = c.Because[0]
	}
	c.Reason = reasonText(s.Kind, q.lang, because)
	for _, part := range s.Trace {
		c.Parts = append(c.Parts, recommendations.Part{Kind: part.Kind, Gives: part.Value * part.Weight})
	}
	slices.SortStableFunc(c.Parts, func(a, b recommendations.Part) int { return cmp.Compare(b.Gives, a.Gives) })
	for _, t := range s.Touches {
		c.Touches = append(c.Touches, recommendations.Touch{Rule: a.ruleLink(t.Rule), Action: string(t.Rule.Action), Before: t.Before, After: t.After})
	}
	if s.Rule != nil && s.Rule.Action == rules.Pin {
		pin := a.ruleLink(s.Rule)
		c.Pin = &pin
	}
	return c
}

func (a *adminRequest) ruleLink(r *rules.Rule) recommendations.Rule {
	return recommendations.Rule{Title: cmp.Or(r.Title, r.ID), Href: a.url("/admin/rules/" + r.ID)}
}

// previewWhyNot completes what the models say of an item by what only the catalog knows.
func (n *node) previewWhyNot(a *adminRequest, answer *recommender.Answer, w *recommender.WhyNot) recommendations.WhyNot {
	v := recommendations.WhyNot{Item: a.item(w.Item, ""), Code: string(w.Reason), Place: w.Place, Score: w.Score}
	if len(answer.Items) > 0 {
		v.Least = answer.Items[len(answer.Items)-1].Score
	}
	if w.Rule != nil {
		rule := a.ruleLink(w.Rule)
		v.Rule = &rule
	}
	if w.Other != "" {
		v.Variant = a.item(w.Other, "")
	}
	if w.Reason == recommender.NotEligible {
		v.Code = n.whyNotEligible(a.site.ID, w.Item)
	}
	return v
}

// whyNotEligible says what keeps an item from being offered.
func (n *node) whyNotEligible(site, item string) string {
	it, ok := n.shop.Item(site, item)
	switch {
	case !ok:
		return "unknown"
	case !it.Published:
		return "unpublished"
	case it.Held():
		return "reserved"
	case it.FreeStock() == 0 && it.Stock != shop.Unset:
		return "out_of_stock"
	}
	return string(recommender.NotEligible)
}
