package main

import (
	"iter"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"beckon/dashboards/stock"
	"beckon/dashboards/ui"
	"beckon/server/shop"
	"beckon/web/text"
)

func (n *node) stockRoutes() []adminRoute {
	return []adminRoute{
		{"GET", "/admin/stock", shop.Viewer, n.stockPage},
		{"GET", "/admin/stock/:item", shop.Viewer, n.stockItemPage},
		{"POST", "/admin/stock/:item", shop.Merchandiser, n.takeStock},
	}
}

func (n *node) stockTopics() []adminTopic {
	return []adminTopic{{"stock", shop.Viewer, func(f frame) (map[string]templ.Component, error) {
		p := framePage(f, "/admin/stock")
		v := n.stockView(p, f.now)
		return map[string]templ.Component{
			stock.TilesRegion: stock.Tiles(p, v), stock.ActRegion: stock.Acts(p, v), stock.SurgeRegion: stock.Surges(p, v),
		}, nil
	}}}
}

// framePage is the frame around live regions, which belong to no session.
func framePage(f frame, path string) ui.Page {
	return ui.Page{Text: f.text, Site: f.site.ID, SiteName: siteTitle(f.site), Path: path + "?site=" + f.site.ID}
}

const (
	actShown   = 40
	surgeShown = 8
	deadShown  = 15
	tableWait  = 60 * time.Millisecond // for a site's first table, before the page comes without it
	partWait   = 10 * time.Second      // for it in a fragment
)

func (n *node) stockPage(a *adminRequest) error {
	q := stockQuery(a)
	if a.Query("format") == "csv" {
		return n.stockFile(a, q)
	}
	p := a.page("stock", a.text.T("stock.title"))
	p.Lead, p.Topics = a.text.T("stock.lead"), []string{"stock"}
	p.CSV = p.With("format", "csv")
	if a.Query("part") == "items" {
		v := stock.View{Now: a.now.UnixMilli(), List: n.stockList(a, p, q, partWait)}
		p.Path = p.With("part", "")
		return a.render(stock.Items(p, v))
	}
	v := n.stockView(p, a.now)
	v.CanChange = a.user.Role.May(shop.Merchandiser)
	v.List = n.stockList(a, p, q, tableWait)
	if t := n.itemTable(a.ctx, a.site.ID, 0); t != nil {
		v.Back = n.stockBack(p, t)
	}
	return a.render(stock.Page(p, v))
}

func stockQuery(a *adminRequest) tableQuery {
	q := tableQuery{text: a.Query("q"), category: a.Query("category"), level: a.Query("level"), sort: a.Query("sort", "cover")}
	if from, err := strconv.Atoi(a.Query("from")); err == nil && from > 0 {
		q.from = from
	}
	if _, _, ok := sortKey(q.sort); !ok {
		q.sort = "cover"
	}
	return q
}

// productCell is an item as a list shows it, which leads to a page below path.
func productCell(p ui.Page, it *shop.Item, path string) ui.Item {
	return ui.Item{ID: it.ID, Title: it.Title, Image: it.Image, Href: p.URL(path + it.ID)}
}

// stockView is what the last look at the site found, and what shoppers flock to now.
func (n *node) stockView(p ui.Page, now time.Time) stock.View {
	found := (*n.alerts.found.Load())[p.Site]
	v := stock.View{Now: now.UnixMilli(), Looked: found.At, Holds: n.shop.OpenReservations(p.Site)}
	v.Counts = stock.Counts{Out: found.Total["out_of_stock"], Low: found.Total["low_cover"], Dead: found.Total["dead_stock"]}
	if s, ok := n.shop.Site(p.Site); ok {
		v.Counts.Currency = s.Currency
	}
	for i := range found.List {
		al := &found.List[i]
		it, ok := n.shop.Item(p.Site, al.Item)
		if !ok {
			continue
		}
		switch {
		case (al.Kind == "out_of_stock" || al.Kind == "low_cover") && len(v.Act) < actShown:
			v.Act = append(v.Act, stockAct(p, it, al))
		case al.Kind == "dead_stock":
			if cost, ok := al.Numbers["bound_capital"]; ok && it.Currency == v.Counts.Currency {
				v.Counts.DeadValue += int64(cost)
			}
			if len(v.Dead) < deadShown {
				v.Dead = append(v.Dead, stockDead(p, it, al))
			}
		}
	}
	n.stockSurges(p, &v, n.clock(p.Site, now))
	return v
}

func stockAct(p ui.Page, it *shop.Item, al *alert) stock.Act {
	x := al.Numbers
	act := stock.Act{
		Item: productCell(p, it, "/admin/stock/"), Kind: "out", Grave: al.Severity == critical, Since: al.Since, Free: it.FreeStock(), Held: it.Reserved,
		PerDay: x["per_day"], Views: int64(x["views_24h"]), Lost: -1, Currency: it.Currency,
	}
	switch {
	case al.Kind == "low_cover":
		act.Kind, act.P10, act.P50, act.P90 = "low", x["runout_p10_days"], x["runout_p50_days"], x["runout_p90_days"]
	case it.Stock > 0:
		act.Kind = "held"
	case x["units_7d"] >= coverUnits && it.Currency != "":
		act.Lost = int64(x["per_day"]*float64(it.Public) + 0.5)
	}
	return act
}

func stockDead(p ui.Page, it *shop.Item, al *alert) stock.Dead {
	d := stock.Dead{Item: productCell(p, it, "/admin/stock/"), Stock: it.Stock, Value: -1, Currency: it.Currency, Idle: -1, Views: int64(al.Numbers["views_30d"])}
	if cost, ok := al.Numbers["bound_capital"]; ok && it.Currency != "" {
		d.Value = int64(cost)
	}
	if idle, ok := al.Numbers["days_since_sale"]; ok {
		d.Idle = int64(idle)
	}
	return d
}

// stockSurges is what everyone is flocking to at the site's time.
func (n *node) stockSurges(p ui.Page, v *stock.View, now int64) {
	all := n.demand.Surges(p.Site, now, surgesListed, nil)
	v.Counts.Surging = len(all)
	for _, s := range all[:min(len(all), surgeShown)] {
		it, ok := n.shop.Item(p.Site, s.Item)
		if !ok {
			it = &shop.Item{ID: s.Item, Stock: shop.Unset}
		}
		x := stock.Surge{Item: productCell(p, it, "/admin/stock/"), Views: s.Views, Expected: s.Expected, Ratio: s.Ratio, Free: it.FreeStock(), Cover: -1, Spark: n.lastHour(p.Site, s.Item, now)}
		if rate := n.saleRate(p.Site, it, now); it.Stock != shop.Unset && rate.Units >= coverUnits {
			x.Cover = coverDays(it.FreeStock(), rate.PerDay()*s.Ratio)
		}
		v.Surges = append(v.Surges, x)
	}
}

// lastHour is an item's views in steps of five minutes.
func (n *node) lastHour(site, item string, now int64) []float64 {
	const step = 5 * minuteMs
	out := make([]float64, 12)
	from := (now/minuteMs+1)*minuteMs - int64(len(out))*step
	for i := range out {
		at := from + int64(i)*step
		out[i] = float64(n.demand.Sum(site, item, at, at+step).Views)
	}
	return out
}

// stockBack is what came back lately.
func (n *node) stockBack(p ui.Page, t *itemTable) (out []stock.Back) {
	for _, i := range t.back {
		it := n.current(p.Site, &t.rows[i])
		if it.FreeStock() > 0 {
			out = append(out, stock.Back{Item: productCell(p, it, "/admin/stock/"), At: it.LastOut, Free: it.FreeStock()})
		}
		if len(out) == deadShown {
			break
		}
	}
	return out
}

func (n *node) stockList(a *adminRequest, p ui.Page, q tableQuery, wait time.Duration) stock.List {
	l := stock.List{Q: q.text, Category: q.category, Level: q.level, Sort: q.sort, From: q.from, Size: tablePage, URL: p.With("part", "items")}
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
	now := n.clock(a.site.ID, a.now)
	for _, r := range rows {
		l.Rows = append(l.Rows, n.stockRow(p, r, now))
	}
	return l
}

// chosen is choices with one of them chosen.
func chosen(of []ui.Choice, value string) []ui.Choice {
	out := make([]ui.Choice, len(of))
	for i, c := range of {
		out[i] = ui.Choice{Value: c.Value, Label: c.Label, Selected: c.Value == value}
	}
	return out
}

// stockRow is a row as it is shown: its counts are those of now.
func (n *node) stockRow(p ui.Page, r *itemRow, now int64) stock.Row {
	it := n.current(p.Site, r)
	row := stock.Row{
		Item: productCell(p, it, "/admin/stock/"), Level: levelOf(it), Stock: it.Stock, Reserved: it.Reserved, Free: it.FreeStock(),
		PerDay: float64(r.perDay), Week: int64(r.week), Cover: -1, P10: -1, P90: -1,
	}
	if it.Stock == shop.Unset || r.perDay <= 0 {
		return row
	}
	row.Cover = coverDays(it.FreeStock(), float64(r.perDay))
	rate := n.saleRate(p.Site, it, now)
	row.P10, _, row.P90 = runoutDays(it.FreeStock(), rate)
	return row
}

// stockFile is every row that the page's filters choose, as a file.
func (n *node) stockFile(a *adminRequest, q tableQuery) error {
	t := n.itemTable(a.ctx, a.site.ID, partWait)
	if t == nil {
		return fail(503, "busy", "the table of all items is being made")
	}
	head := []string{"item_id", "title", "category", "level", "stock", "reserved", "free", "sold_per_day", "sold_7_days", "cover_days"}
	return a.csv("stock", head, n.stockLines(a.site.ID, t, q))
}

func (n *node) stockLines(site string, t *itemTable, q tableQuery) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for r := range t.matching(q) {
			it := n.current(site, r)
			count, free, cover := "", "", ""
			if it.Stock != shop.Unset {
				count, free = strconv.FormatInt(it.Stock, 10), strconv.FormatInt(it.FreeStock(), 10)
				if r.perDay > 0 {
					cover = decimal(float64(it.FreeStock()) / float64(r.perDay))
				}
			}
			line := []string{
				it.ID, it.Title, categoryPath(it), levelOf(it), count, strconv.FormatInt(it.Reserved, 10), free, decimal(float64(r.perDay)), strconv.Itoa(int(r.week)), cover,
			}
			if !yield(line) {
				return
			}
		}
	}
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

func categoryPath(it *shop.Item) string {
	out := ""
	for i, c := range it.Category {
		if i > 0 {
			out += " > "
		}
		out += c
	}
	return out
}

// plainMoney is an amount in a file: digits and a point.
func plainMoney(v int64, currency string) string { return text.Plain(v, currency) }

// isoTime is a moment in a file.
func isoTime(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339) }
