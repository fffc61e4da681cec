package main

import (
	"cmp"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"beckon/dashboards/prices"
	"beckon/dashboards/ui"
	"beckon/pricing"
	"beckon/server/shop"
)

func (n *node) priceRoutes() []adminRoute {
	return []adminRoute{
		{"GET", "/admin/prices", shop.Viewer, n.pricesPage},
		{"GET", "/admin/pricing/moves", shop.Viewer, n.priceMoves},
		{"POST", "/admin/pricing/suggestions", shop.Merchandiser, n.answerSuggestions},
		{"POST", "/admin/pricing/undo", shop.Merchandiser, n.undoPrices},
		{"POST", "/admin/pricing/freeze", shop.Merchandiser, n.takeFreeze},
		{"POST", "/admin/pricing/breaker", shop.Merchandiser, n.takeBreaker},
		{"GET", "/admin/pricing/settings", shop.Viewer, n.priceSettingsPage},
		{"POST", "/admin/pricing/settings", shop.Merchandiser, n.takePriceSettings},
		{"GET", "/admin/pricing/markdowns", shop.Viewer, n.markdownsPage},
		{"POST", "/admin/pricing/markdowns", shop.Merchandiser, n.takeMarkdown},
		{"GET", "/admin/pricing/markdowns/preview", shop.Viewer, n.markdownPreview},
		{"POST", "/admin/pricing/markdowns/:id/end", shop.Merchandiser, n.endMarkdown},
		{"GET", "/admin/prices/:item", shop.Viewer, n.priceItemPage},
		{"POST", "/admin/prices/:item", shop.Merchandiser, n.takePrice},
		{"GET", "/admin/prices/:item/trial", shop.Viewer, n.priceTrial},
		{"GET", "/admin/prices/:item/explain", shop.Viewer, n.priceExplanation},
		{"POST", "/admin/prices/:item/undo", shop.Merchandiser, n.undoPriceVersion},
	}
}

func (n *node) priceTopics() []adminTopic {
	return []adminTopic{{"prices", shop.Viewer, func(f frame) (map[string]templ.Component, error) {
		p := framePage(f, "/admin/prices")
		v := prices.View{Now: f.now.UnixMilli(), Engine: n.priceEngine(f.site.ID, f.now)}
		return map[string]templ.Component{prices.EngineRegion: prices.EngineState(p, v)}, nil
	}}}
}

const (
	waitingShown   = 20
	attentionShown = 30
)

func (n *node) pricesPage(a *adminRequest) error {
	q := priceQuery(a)
	if a.Query("format") == "csv" {
		return n.priceFile(a, q)
	}
	p := a.page("prices", a.text.T("prices.title"))
	p.Lead, p.Topics = a.text.T("prices.lead"), []string{"prices"}
	p.CSV = p.With("format", "csv")
	if a.Query("part") == "items" {
		v := prices.View{Now: a.now.UnixMilli(), List: n.priceList(a, p, q, partWait)}
		p.Path = p.With("part", "")
		return a.render(prices.Items(p, v))
	}
	return a.render(prices.Page(p, n.pricesView(a, &p, q)))
}

func priceQuery(a *adminRequest) tableQuery {
	q := tableQuery{text: a.Query("q"), category: a.Query("category"), show: a.Query("show"), sort: a.Query("sort", "-changed")}
	if from, err := strconv.Atoi(a.Query("from")); err == nil && from > 0 {
		q.from = from
	}
	if _, _, ok := sortKey(q.sort); !ok {
		q.sort = "-changed"
	}
	if !slices.Contains(prices.Shows[:], q.show) {
		q.show = ""
	}
	return q
}

func (n *node) pricesView(a *adminRequest, p *ui.Page, q tableQuery) prices.View {
	v := prices.View{Now: a.now.UnixMilli(), CanChange: a.user.Role.May(shop.Merchandiser), Size: waitingShown}
	v.List = n.priceList(a, *p, q, tableWait)
	v.Engine = n.priceEngine(a.site.ID, a.now)
	n.waiting(a, *p, &v)
	for _, al := range n.folds.book.Alerts(a.site.ID) {
		it, ok := n.shop.Item(a.site.ID, al.Item)
		if !ok || len(v.Attention) == attentionShown {
			continue
		}
		v.Attention = append(v.Attention, prices.Attention{Item: productCell(*p, it, "/admin/prices/"), What: al.What, Since: al.At, Price: it.Public, Currency: it.Currency})
	}
	if n.folds.book.Active(a.site.ID) {
		v.MovesURL = p.URL("/admin/pricing/moves")
	}
	if p.Flash == nil {
		p.Flash = answeredFlash(a, *p)
	}
	return v
}

// priceEngine is what the engine may do on a site and what holds it.
func (n *node) priceEngine(site string, now time.Time) prices.Engine {
	s := n.folds.book.Engine(site, now.UnixMilli())
	e := prices.Engine{
		Mode: string(s.Mode), Items: n.shop.CountItems(site), Frozen: s.Frozen, FrozenAll: s.FrozenAll, FrozenCategories: s.FrozenCats,
		FrozenItems: s.FrozenItems, Waiting: s.Suggestions, Running: s.Running, Scheduled: s.Scheduled,
		Breaker: prices.Breaker{Open: s.Breaker.Open, Moved: s.Breaker.Moved, Limit: s.Breaker.Limit, Since: s.Breaker.Since},
	}
	if t := n.itemTable(n.work, site, 0); t != nil {
		e.Counted, e.Learned = true, t.learned
		e.Off, e.Suggest, e.Auto = t.modes[string(pricing.ModeOff)], t.modes[string(pricing.ModeSuggest)], t.modes[string(pricing.ModeAuto)]
	}
	return e
}

// waiting fills in the suggestions of the page's place, those that promise most first.
func (n *node) waiting(a *adminRequest, p ui.Page, v *prices.View) {
	all := n.folds.book.Suggestions(a.site.ID, a.now.UnixMilli(), maxItemPage)
	promises := func(s *pricing.SuggestionView) float64 {
		it, ok := n.shop.Item(a.site.ID, s.Item)
		if !ok {
			return 0
		}
		return s.Decision.Proposal.Gain * s.Decision.Proposal.Rate.Mean * float64(it.Public-max(it.Cost, 0))
	}
	worth := make(map[string]float64, len(all))
	for i := range all {
		worth[all[i].ID] = promises(&all[i])
	}
	slices.SortStableFunc(all, func(x, y pricing.SuggestionView) int { return cmp.Compare(worth[y.ID], worth[x.ID]) })
	v.All = len(all)
	if from, err := strconv.Atoi(a.Query("waiting")); err == nil && from > 0 && from < len(all) {
		v.From = from
	}
	for i := range all[v.From:min(len(all), v.From+waitingShown)] {
		if s := n.priceSuggestion(p, &all[v.From+i], a.now.UnixMilli()); s != nil {
			v.Waiting = append(v.Waiting, *s)
		}
	}
}

// priceSuggestion is a suggestion with what it promises now, nil if its item is gone.
func (n *node) priceSuggestion(p ui.Page, s *pricing.SuggestionView, now int64) *prices.Suggestion {
	it, ok := n.shop.Item(p.Site, s.Item)
	if !ok {
		return nil
	}
	d := &s.Decision
	out := &prices.Suggestion{
		ID: s.ID, Item: productCell(p, it, "/admin/prices/"), Currency: it.Currency, Current: d.Current, Proposed: d.Price, Made: s.Made, Expires: s.Expires,
		Margin: marginAt(it, d.Current), MarginTo: marginAt(it, d.Price), Decision: priceDecision(d, n.folds.book.Of(p.Site, it.ID, it.Category).Slot),
	}
	out.Gain, out.Known = n.promised(p.Site, it, d.Price, now)
	return out
}

// promised is the profit a day that another price promises over the present one. known is false where demand or cost are not.
func (n *node) promised(site string, it *shop.Item, price, now int64) (gain prices.Span, known bool) {
	t, err := n.folds.book.Trial(site, it.ID, "", *pricingItem(it, now), price, now)
	if err != nil || it.Cost == shop.Unset {
		return gain, false
	}
	s := pricing.WhatIf(t)
	return span(s.Change.Profit), s.Known
}

// marginAt is the part of a price that is left of it after the item's cost.
func marginAt(it *shop.Item, price int64) prices.Rate {
	if it.Cost == shop.Unset || price <= 0 {
		return prices.Rate{}
	}
	return prices.Rate{V: float64(price-it.Cost) / float64(price), Known: true}
}

func (n *node) priceList(a *adminRequest, p ui.Page, q tableQuery, wait time.Duration) prices.List {
	l := prices.List{Q: q.text, Category: q.category, Show: q.show, Sort: q.sort, From: q.from, Size: tablePage, URL: p.With("part", "items")}
	t := n.itemTable(a.ctx, a.site.ID, wait)
	if t == nil {
		return l
	}
	l.Ready, l.At, l.Total, l.Categories = true, t.at, t.total, chosen(t.categories, q.category)
	if len(t.rows) < t.total {
		l.Capped = len(t.rows)
	}
	rows, all := t.page(q)
	l.Matching = all
	for _, r := range rows {
		l.Rows = append(l.Rows, n.priceRow(p, n.current(a.site.ID, r)))
	}
	return l
}

func (n *node) priceRow(p ui.Page, it *shop.Item) prices.Row {
	set := n.folds.book.Of(p.Site, it.ID, it.Category)
	b := n.folds.book.Brief(p.Site, it.ID, it.Category)
	return prices.Row{
		Item: productCell(p, it, "/admin/prices/"), Currency: it.Currency, Price: it.Public, List: it.Price, Lowest: it.Lowest30d, Margin: marginAt(it, it.Public),
		Elasticity: span(b.Elasticity), Known: b.Known, Days: b.Slots * float64(set.Slot) / float64(dayMs), At: it.PriceAt, Kind: string(b.Kind), By: b.By, Reason: b.Reason,
		Mode: string(b.Mode), Frozen: b.Frozen, Suggested: b.Suggested, Marked: b.Markdown != nil, Alert: b.Alert, Rivals: b.Rivals, Rival: b.Rival,
	}
}

// priceFile is every row that the page's filters choose, as a file.
func (n *node) priceFile(a *adminRequest, q tableQuery) error {
	t := n.itemTable(a.ctx, a.site.ID, partWait)
	if t == nil {
		return fail(503, "busy", "the table of all items is being made")
	}
	head := []string{
		"item_id", "title", "category", "currency", "price", "list_price", "lowest_30d", "cost", "margin", "mode", "elasticity", "elasticity_low", "elasticity_high",
		"changed", "how", "by", "waiting_price", "markdown", "competitors", "competitor_price",
	}
	return a.csv("prices", head, n.priceLines(a.site.ID, t, q))
}

func (n *node) priceLines(site string, t *itemTable, q tableQuery) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for r := range t.matching(q) {
			it := n.current(site, r)
			if it.Currency != "" && !yield(priceLine(it, n.folds.book.Brief(site, it.ID, it.Category))) {
				return
			}
		}
	}
}

func priceLine(it *shop.Item, b pricing.Brief) []string {
	amount := func(v int64) string {
		if v <= 0 {
			return ""
		}
		return plainMoney(v, it.Currency)
	}
	line := []string{it.ID, it.Title, categoryPath(it), it.Currency, amount(it.Public), amount(it.Price), amount(it.Lowest30d), amount(it.Cost), "", string(b.Mode), "", "", ""}
	if m := marginAt(it, it.Public); m.Known {
		line[8] = decimal(m.V)
	}
	if e := b.Elasticity; e.Mean > 0 {
		line[10], line[11], line[12] = decimal(e.Mean), decimal(e.Lo), decimal(e.Hi)
	}
	marked := ""
	if b.Markdown != nil {
		marked = b.Markdown.ID
	}
	return append(line, time.UnixMilli(it.PriceAt).UTC().Format(time.RFC3339), string(b.Kind), b.By, amount(b.Suggested), marked, strconv.Itoa(b.Rivals), amount(b.Rival))
}
