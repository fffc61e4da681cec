package main

import (
	"iter"
	"math"
	"strconv"

	"github.com/a-h/templ"

	"beckon/dashboards/experiments"
	"beckon/dashboards/offers"
	"beckon/dashboards/ui"
	"beckon/pricing"
	ledger "beckon/pricing/offers"
	"beckon/server/shop"
	"beckon/web/text"
)

func (n *node) experimentRoutes() []adminRoute {
	return []adminRoute{{"GET", "/admin/experiments", shop.Viewer, n.experimentsPage}}
}

func (n *node) experimentTopic() adminTopic {
	return adminTopic{"experiments", shop.Viewer, func(f frame) (map[string]templ.Component, error) {
		p := ui.Page{Text: f.text, Site: f.site.ID}
		v := n.experimentsView(p, f.site, f.now.UnixMilli())
		return map[string]templ.Component{
			experiments.HoldoutsRegion: experiments.Holdouts(p, v), experiments.PricesRegion: experiments.PriceTests(p, v),
		}, nil
	}}
}

func (n *node) experimentsPage(a *adminRequest) error {
	p := a.page("experiments", a.text.T("experiments.title"))
	if a.Query("format") == "csv" {
		return a.csv("experiments", experimentsHead, n.experimentLines(a.site, a.now.UnixMilli()))
	}
	p.Lead, p.Topics, p.CSV = a.text.T("experiments.lead"), []string{"experiments"}, p.URL("/admin/experiments", "format", "csv")
	return a.render(experiments.Page(p, n.experimentsView(p, a.site, a.now.UnixMilli())))
}

// Bounds of the page: more is on the pages of offers and prices.
const (
	shownHoldouts = 50
	shownTests    = 50
)

func (n *node) experimentsView(p ui.Page, site shop.Site, now int64) experiments.View {
	v := experiments.View{Now: now}
	for _, c := range n.offersView(site, p.Text, now).Campaigns {
		if c.Settings.Holdout <= 0 && c.Effect.Holdout.Shoppers == 0 || len(v.Holdouts) == shownHoldouts {
			continue
		}
		h := experiments.Holdout{
			ID: c.ID, Title: c.Title, Href: p.URL("/admin/offers/" + c.ID), Since: c.Created, Share: c.Settings.Holdout,
			Verdict: offers.Label(p.Text, c.Effect.Verdict()), VerdictTone: offers.Tone(c.Effect.Verdict()), Effect: offers.EffectParts(p, &c.Effect),
		}
		h.State, h.Tone = offers.State(p.Text, c.State)
		v.Holdouts = append(v.Holdouts, h)
	}
	tests := n.folds.book.PriceTests(site.ID, shownTests)
	v.Prices = experiments.Prices{On: n.folds.book.Active(site.ID), Learning: tests.Learning}
	v.Prices.Running = n.testViews(p, site.ID, tests.Running)
	v.Prices.Waiting = n.testViews(p, site.ID, tests.Waiting)
	v.Prices.Ended = n.testViews(p, site.ID, tests.Ended)
	return v
}

func (n *node) testViews(p ui.Page, site string, tests []pricing.PriceTest) []experiments.Test {
	out := make([]experiments.Test, 0, len(tests))
	for i := range tests {
		t := &tests[i]
		v := experiments.Test{
			Item: n.shownItem(site, t.Item), Currency: t.Currency, Since: t.Since, Until: t.Until, Before: t.Before, Price: t.Price, Now: t.Now,
			Slots: t.Slots, At: nearestAsked(t.Asked, t.Before), Tested: nearestAsked(t.Asked, t.Price),
		}
		v.Item.Href = p.URL("/admin/prices/" + t.Item)
		if d := t.Decision; d != nil && d.Proposal.Elasticity.Mean > 0 {
			e := d.Proposal.Elasticity
			v.Known, v.Best, v.Better = true, d.Proposal.Best, d.Proposal.PBetter
			v.Less = experiments.Interval{Low: dearer(e.Hi), Mid: dearer(e.Mean), High: dearer(e.Lo)}
		}
		out = append(out, v)
	}
	return out
}

// dearer is the share that is sold more or less at a price that is a tenth higher, by an elasticity.
func dearer(elasticity float64) float64 { return math.Pow(1.1, -elasticity) - 1 }

// nearestAsked is what was seen at a price, or at one within a hundredth of it; nil if nothing was.
func nearestAsked(asked []pricing.AskedPrice, price int64) *experiments.Asked {
	best := -1
	for i := range asked {
		if best < 0 || math.Abs(asked[i].Price-float64(price)) < math.Abs(asked[best].Price-float64(price)) {
			best = i
		}
	}
	if best < 0 || math.Abs(asked[best].Price-float64(price)) > 0.01*float64(price) {
		return nil
	}
	a := asked[best]
	return &experiments.Asked{Price: price, Views: a.Views, Units: a.Units}
}

var experimentsHead = []string{
	"kind", "id", "title", "state", "since", "until", "shoppers", "buyers", "held_out", "held_out_buyers", "sample_ratio_p", "effect", "effect_low",
	"effect_high", "price_before", "price_tested", "currency",
}

// experimentLines are the page as a file: times in Unix ms, changes as fractions, money in whole units with a point.
func (n *node) experimentLines(site shop.Site, now int64) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		count := func(v int64) string { return strconv.FormatInt(v, 10) }
		for _, r := range n.folds.offers.Campaigns(site.ID) {
			c := r.Campaign
			e := n.campaignEffect(site.ID, c, now)
			if c.Holdout <= 0 && e.Holdout.Shoppers == 0 {
				continue
			}
			line := []string{
				"holdout", c.ID, c.Title, campaignState(c, now), count(c.Created), untilOf(c), count(e.Offer.Shoppers), count(e.Offer.Orders),
				count(e.Holdout.Shoppers), count(e.Holdout.Orders), strconv.FormatFloat(e.P, 'g', 4, 64),
			}
			line = append(append(line, fractions(e.Relative, 4)...), "", "", c.Budget.Currency)
			if !yield(line) {
				return
			}
		}
		tests := n.folds.book.PriceTests(site.ID, 1000)
		states := []string{"waiting", "running", "ended"}
		for i, list := range [][]pricing.PriceTest{tests.Waiting, tests.Running, tests.Ended} {
			for _, t := range list {
				title := n.shownItem(site.ID, t.Item).Title
				if !yield([]string{
					"price", t.Item, title, states[i], count(t.Since), count(t.Until), "", "", "", "", "", "", "", "",
					text.Plain(t.Before, t.Currency), text.Plain(t.Price, t.Currency), t.Currency,
				}) {
					return
				}
			}
		}
	}
}

func untilOf(c *ledger.Campaign) string {
	if c.Ends == 0 {
		return ""
	}
	return strconv.FormatInt(c.Ends, 10)
}
