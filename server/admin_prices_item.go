package main

import (
	"errors"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"beckon/dashboards/prices"
	"beckon/dashboards/ui"
	"beckon/pricing"
	"beckon/pricing/policy"
	"beckon/server/shop"
	"beckon/web/text"
)

func (n *node) priceItemPage(a *adminRequest) error {
	it, err := n.pricedPageItem(a)
	if err != nil {
		return err
	}
	if a.Query("format") == "csv" {
		v := n.folds.book.Item(a.site.ID, it.ID, *pricingItem(it, a.now.UnixMilli()), a.now.UnixMilli())
		return a.csv("price-"+it.ID, []string{"time", "market", "how", "before", "after", "currency", "by", "reason", "version"}, historyLines(it, v.History))
	}
	v := n.priceItemView(a, it)
	if amount := a.Query("amount"); amount != "" {
		v.Try.Amount, v.Try.Market = amount, a.Query("market")
		v.Trial = n.tried(a, it, v.Try.Market, amount)
	}
	if v.Ask = a.Query("when"); v.Ask != "" {
		if at, ok := readDatetime(v.Ask); ok {
			v.AskURL = ui.Page{Site: a.site.ID}.URL("/admin/prices/"+it.ID+"/explain", "when", strconv.FormatInt(at, 10))
		} else {
			v.AskError = a.text.T("prices.explain.bad_time")
		}
	}
	return a.render(n.priceItemFrame(a, it, v))
}

// pricedPageItem is the item of the address, which has a price.
func (n *node) pricedPageItem(a *adminRequest) (*shop.Item, error) {
	it, err := n.pageItem(a)
	if err == nil && it.Currency == "" {
		err = fail(404, "unknown_item", "the item %q has no price", it.ID)
	}
	return it, err
}

func (n *node) priceItemFrame(a *adminRequest, it *shop.Item, v prices.ItemView) templ.Component {
	p := a.page("prices", itemTitle(it))
	p.Lead, p.Up = a.text.T("prices.item.lead"), &ui.Link{Label: a.text.T("prices.title"), Href: p.URL("/admin/prices")}
	p.CSV = p.URL("/admin/prices/"+it.ID, "format", "csv")
	return prices.ItemPage(p, v)
}

// The datetime fields of the dashboard's forms are UTC.
const datetimeField = "2006-01-02T15:04"

func readDatetime(typed string) (ms int64, ok bool) {
	for _, form := range []string{datetimeField, datetimeField + ":05"} {
		if at, err := time.Parse(form, typed); err == nil && at.UnixMilli() > 0 {
			return at.UnixMilli(), true
		}
	}
	return 0, false
}

func (n *node) priceItemView(a *adminRequest, it *shop.Item) prices.ItemView {
	site, now := a.site.ID, a.now.UnixMilli()
	p := ui.Page{Site: site}
	of := pricingItem(it, now)
	b := n.folds.book.Item(site, it.ID, *of, now)
	v := prices.ItemView{
		Now: now, CanChange: a.user.Role.May(shop.Merchandiser), Item: productCell(p, it, "/admin/prices/"), Currency: it.Currency,
		Price: it.Public, List: it.Price, Cost: it.Cost, Floor: b.Lowest, Ceiling: b.Highest, Lowest: it.Lowest30d, Prior: of.Prior, At: it.PriceAt, Begun: it.Created,
		Shown: n.folds.book.Shown(site, it.ID, "", it.Public, it.Price).Reason, Margin: marginAt(it, it.Public), Mode: string(b.Settings.Mode), Frozen: b.Frozen,
		MovableAt: b.MovableAt, Slot: b.Settings.Slot, Marked: priceMarked(b.Markdown), Alert: b.Alert, AlertAt: b.AlertAt, Cut: b.Cut,
		Belief: n.belief(site, it, &b, now),
	}
	if b.Suggestion != nil {
		v.Suggestion = n.priceSuggestion(p, b.Suggestion, now)
	}
	if b.Decision != nil {
		d := priceDecision(b.Decision, b.Settings.Slot)
		v.Decision = &d
	}
	curve := b.Curve
	if !v.Belief.Known { // a curve of nothing would be the prior's alone
		curve = nil
	}
	for _, q := range curve {
		v.Curve = append(v.Curve, prices.Point{Price: q.Price, Units: perDay(policy.Interval{Mean: q.Rate, Lo: q.Lo, Hi: q.Hi}, b.Settings.Slot)})
	}
	for i := range slices.Backward(b.History) {
		l := priceLineOf(&b.History[i])
		if o, _ := it.In(l.Market); l.Moved && l.Kind != string(pricing.KindList) && o.Version == l.Version {
			l.UndoURL = p.URL("/admin/prices/" + it.ID + "/undo")
		}
		v.History = appendLine(v.History, l)
	}
	for _, c := range b.Competitors {
		v.Rivals = append(v.Rivals, prices.Rival{Source: c.Source, Price: c.Price, At: c.SeenAt, Fresh: now-c.SeenAt <= b.Settings.Fresh})
	}
	v.Try = prices.Try{
		Amount: text.Plain(it.Public, it.Currency), PreviewURL: p.URL("/admin/prices/" + it.ID + "/trial"),
		Markets: []ui.Choice{{Value: "", Label: a.text.T("prices.market.base", "currency", it.Currency), Selected: true}},
	}
	for _, name := range sortedMarkets(it) {
		o := it.Elsewhere[name]
		m := it.Markets[name]
		v.Markets = append(v.Markets, prices.Market{Name: name, Currency: m.Currency, Price: o.Public, List: m.Price, Lowest: o.Lowest30d, At: o.PriceAt})
		v.Try.Markets = append(v.Try.Markets, ui.Choice{Value: name, Label: name + " (" + m.Currency + ")"})
	}
	return v
}

// appendLine adds a line to a history that goes back in time. Decisions one after the other that left the price, or asked for the same
// one, for the same reason are one line: the newest.
func appendLine(history []prices.Line, l prices.Line) []prices.Line {
	if last := len(history) - 1; last >= 0 && (l.Kind == string(pricing.KindStay) || l.Kind == string(pricing.KindSuggested)) {
		if h := &history[last]; h.Kind == l.Kind && h.Reason == l.Reason && h.Market == l.Market && h.After == l.After {
			h.Times = max(h.Times, 1) + 1
			return history
		}
	}
	return append(history, l)
}

func sortedMarkets(it *shop.Item) []string {
	names := make([]string, 0, len(it.Elsewhere))
	for name := range it.Elsewhere {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// belief is what is believed of the item's demand, as a price a tenth higher and lower shows it.
func (n *node) belief(site string, it *shop.Item, b *pricing.ItemView, now int64) prices.Belief {
	out := prices.Belief{CostKnown: it.Cost != shop.Unset && it.Cost > 0}
	if b.Proposal == nil || b.Observed <= 0 {
		return out
	}
	ask := func(price int64) pricing.Simulation {
		t, err := n.folds.book.Trial(site, it.ID, "", *pricingItem(it, now), max(price, 1), now)
		if err != nil {
			return pricing.Simulation{}
		}
		return pricing.WhatIf(t)
	}
	dearer, cheaper := ask(it.Public*11/10), ask(it.Public*9/10)
	out.Known, out.Slots, out.Days = dearer.Known, b.Observed, b.Observed*float64(b.Settings.Slot)/float64(dayMs)
	out.Elasticity, out.Dearer, out.Cheaper, out.Units = span(b.Proposal.Elasticity), span(dearer.Share), span(cheaper.Share), span(dearer.Now.Units)
	out.Best, out.Better, out.Gain = b.Proposal.Best, b.Proposal.PBetter, b.Proposal.Gain
	out.Shifts, out.Shifted = b.Shifts, b.Shifted
	return out
}

func historyLines(it *shop.Item, history []pricing.Entry) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for i := range slices.Backward(history) {
			e := &history[i]
			_, currency := it.In(e.Market)
			line := []string{
				time.UnixMilli(e.At).UTC().Format(time.RFC3339), e.Market, string(e.Kind), plainMoney(e.Before, currency), plainMoney(e.After, currency), currency,
				e.Actor, e.Reason, strconv.FormatUint(e.Offset, 10),
			}
			if !yield(line) {
				return
			}
		}
	}
}

// priceExplanation is which price was in force at a time, and why. What is older than memory is folded from the log again.
func (n *node) priceExplanation(a *adminRequest) error {
	it, err := n.pricedPageItem(a)
	if err != nil {
		return err
	}
	p := a.page("prices", "")
	at, err := strconv.ParseInt(a.Query("when"), 10, 64)
	if err != nil || at <= 0 {
		return a.render(prices.Explained(p, prices.Explanation{Error: a.text.T("prices.explain.bad_time")}))
	}
	if at > a.now.UnixMilli() {
		return a.render(prices.Explained(p, prices.Explanation{Error: a.text.T("prices.explain.future")}))
	}
	x, err := n.folds.book.Explain(a.site.ID, it.ID, "", *pricingItem(it, at), at)
	if err == nil && !x.Complete {
		x, err = n.explainFromLog(a.site.ID, it.ID, "", at, x)
	}
	var known *apiError
	switch {
	case errors.As(err, &known) && known.status == 404:
		return a.render(prices.Explained(p, prices.Explanation{Error: a.text.T("prices.explain.not_there")}))
	case err != nil:
		return err
	}
	return a.render(prices.Explained(p, priceExplained(x, it.Currency, n.folds.book.Of(a.site.ID, it.ID, it.Category).Slot)))
}
