package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"beckon/dashboards/health"
	"beckon/dashboards/now"
	"beckon/dashboards/overview"
	"beckon/dashboards/ui"
	"beckon/pricing/offers"
	"beckon/server/shop"
)

// needLinks says where each kind of alert is dealt with, the gravest first.
var needLinks = [...]struct{ kind, tone, href string }{
	{"price_breaker", "bad", "/admin/prices"},
	{"out_of_stock", "warn", "/admin/stock"},
	{"low_cover", "warn", "/admin/stock"},
	{"price", "warn", "/admin/prices"},
	{"surge", "info", "/admin/stock"},
	{"dead_stock", "info", "/admin/stock"},
}

// overviewNeeds is what waits for a person: the server's health, then what the last look at the shop found.
func (n *node) overviewNeeds(p ui.Page, site string, wall time.Time) (needs []overview.Need) {
	t := p.Text
	numbers := n.healthNumbers(site, wall)
	judged := health.Judge(t, &numbers)
	for _, c := range judged.Troubles {
		tone := "warn"
		if c.Status == health.Bad {
			tone = "bad"
		}
		needs = append(needs, overview.Need{Text: c.Name + ": " + c.Value, Href: p.URL("/admin/health"), Link: t.T("overview.need.health_link"), Tone: tone})
	}
	total := map[string]int64{}
	for kind, count := range (*n.alerts.found.Load())[site].Total {
		if strings.HasPrefix(kind, "price_") && kind != "price_breaker" {
			kind = "price"
		}
		total[kind] += int64(count)
	}
	for _, l := range needLinks {
		if total[l.kind] > 0 {
			needs = append(needs, overview.Need{Text: t.N("overview.need."+l.kind, total[l.kind]), Href: p.URL(l.href), Link: t.T("overview.need.see"), Tone: l.tone})
		}
	}
	if waiting := len(n.folds.book.Suggestions(site, wall.UnixMilli(), maxSuggestionsCounted)); waiting > 0 {
		needs = append(needs, overview.Need{Text: t.N("overview.need.suggestions", int64(waiting)), Href: p.URL("/admin/prices"), Link: t.T("overview.need.decide"), Tone: "info"})
	}
	if spent := n.offersSpent(site); spent > 0 {
		needs = append(needs, overview.Need{Text: t.N("overview.need.offers", spent), Href: p.URL("/admin/offers"), Link: t.T("overview.need.see"), Tone: "warn"})
	}
	rank := map[string]int{"bad": 0, "warn": 1, "info": 2}
	slices.SortStableFunc(needs, func(a, b overview.Need) int { return cmp.Compare(rank[a.Tone], rank[b.Tone]) })
	return needs
}

// offersSpent is how many active campaigns have nearly nothing left of their budget: a twentieth, which is promised or spent.
func (n *node) offersSpent(site string) (count int64) {
	for _, r := range n.folds.offers.Campaigns(site) {
		used := r.Totals.Spent + r.Totals.Reserved
		if r.Campaign.State == offers.Active && used > 0 && r.Totals.Free <= (used+r.Totals.Free)/20 {
			count++
		}
	}
	return count
}

// maxSuggestionsCounted bounds what is counted for one line.
const maxSuggestionsCounted = 1000

const (
	viewedShown   = 8
	searchesShown = 8
	ordersShown   = 8
	viewedFor     = 10 * time.Minute
)

// overviewItems is what is viewed, searched for and ordered.
func (n *node) overviewItems(p ui.Page, v *overview.View, site string, at int64) {
	for _, tr := range n.engine.Trending(site, at, viewedFor, viewedShown, func(string) bool { return true }) {
		one := overview.Viewed{Item: ui.Item{ID: tr.Item, Title: tr.Item}, Views: tr.Views}
		if it, ok := n.shop.Item(site, tr.Item); ok {
			one.Item = productCell(p, it, "/admin/stock/")
			one.Stock, one.Tone = stockWords(p, it)
		}
		v.Viewed = append(v.Viewed, one)
	}
	for _, s := range n.numbers.Searches(site, at-viewedFor.Milliseconds(), searchesShown) {
		v.Searches = append(v.Searches, overview.Search{Term: s.Term, Times: s.Times, Found: p.URL("/admin/live", "q", s.Term)})
	}
	orders := n.numbers.Orders(site, 2*ordersShown) // as the log has them: late ones stand before newer ones
	slices.SortStableFunc(orders, func(a, b now.Event) int { return cmp.Compare(b.Time, a.Time) })
	for _, e := range orders[:min(len(orders), ordersShown)] {
		o := overview.Order{At: e.Time, Item: n.itemCell(p, site, e.Item), Others: max(e.Items-1, 0)}
		if e.Value >= 0 {
			o.Value = p.Text.Money(e.Value, e.Currency)
		}
		v.Newest = append(v.Newest, o)
	}
}

// itemCell is an item as events name it; the catalog may not have it.
func (n *node) itemCell(p ui.Page, site, id string) ui.Item {
	if it, ok := n.shop.Item(site, id); ok {
		return productCell(p, it, "/admin/stock/")
	}
	return ui.Item{ID: id, Title: id}
}

// stockWords says in a word or two what is left.
func stockWords(p ui.Page, it *shop.Item) (words, tone string) {
	switch {
	case it.Stock == shop.Unset:
		return "", ""
	case it.FreeStock() == 0:
		return p.Text.T("overview.stock_out"), "bad"
	case it.Level == "low":
		return p.Text.N("overview.stock_left", it.FreeStock()), "warn"
	}
	return p.Text.N("overview.stock_left", it.FreeStock()), "good"
}
