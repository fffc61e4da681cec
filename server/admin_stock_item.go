package main

import (
	"errors"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"beckon/dashboards/stock"
	"beckon/dashboards/ui"
	"beckon/pricing/demand"
	"beckon/pricing/forecast"
	"beckon/server/shop"
)

const (
	demandDays   = 59 // that the item's page shows, all that are kept by the day
	aheadDays    = 14
	changesShown = 50
	holdsShown   = 50
)

// coverDays is how long pieces last, at most coverHorizon.
func coverDays(free int64, perDay float64) float64 {
	return min(demand.Cover(free, perDay), coverHorizon)
}

// runoutDays is in how many days pieces have run out with chances of one in ten, even and nine in ten, at most coverHorizon.
func runoutDays(free int64, rate demand.Rate) (p10, p50, p90 float64) {
	ahead := forecast.FromRate(rate.Alpha, rate.Beta, coverHorizon)
	r := ahead.Runout(free, 0)
	return min(r.P10, coverHorizon), min(r.P50, coverHorizon), min(r.P90, coverHorizon)
}

func (n *node) stockItemPage(a *adminRequest) error {
	it, err := n.pageItem(a)
	if err != nil {
		return err
	}
	v := n.stockItemView(a, it)
	if a.Query("format") == "csv" {
		return a.csv("stock-"+it.ID, []string{"day", "views", "units_sold", "units_expected", "expected_low", "expected_high"}, stockDayLines(v))
	}
	return a.render(n.stockItemFrame(a, it, v))
}

// pageItem is the item that the address names.
func (n *node) pageItem(a *adminRequest) (*shop.Item, error) {
	it, ok := n.shop.Item(a.site.ID, a.Params("item"))
	if !ok {
		return nil, fail(404, "unknown_item", "the catalog has no item %q", a.Params("item"))
	}
	return it, nil
}

func itemTitle(it *shop.Item) string {
	if it.Title == "" {
		return it.ID
	}
	return it.Title
}

func (n *node) stockItemFrame(a *adminRequest, it *shop.Item, v stock.ItemView) templ.Component {
	p := a.page("stock", itemTitle(it))
	p.Lead, p.Up = a.text.T("stock.item.lead"), &ui.Link{Label: a.text.T("stock.title"), Href: p.URL("/admin/stock")}
	p.CSV = p.URL("/admin/stock/"+it.ID, "format", "csv")
	return stock.ItemPage(p, v)
}

func (n *node) stockItemView(a *adminRequest, it *shop.Item) stock.ItemView {
	site := a.site.ID
	now := n.clock(site, a.now)
	p := ui.Page{Site: site}
	v := stock.ItemView{
		Now: now, CanChange: a.user.Role.May(shop.Merchandiser), Item: productCell(p, it, "/admin/stock/"), Brand: it.Brand, Category: it.Category,
		Level: levelOf(it), Stock: it.Stock, Reserved: it.Reserved, Free: it.FreeStock(), LowStock: lowStockOf(&a.site, it), Changed: it.Changed,
		CameBack: it.LastOut, Hidden: !it.Published, Cover: -1, P10: -1, P50: -1, P90: -1,
	}
	if it.Stock != shop.Unset {
		v.Form.Count = strconv.FormatInt(it.Stock, 10)
	}
	ahead, passed := n.outlook(site, it, now)
	v.PerDay, v.Method, v.Error = ahead.PerDay(), ahead.Method, ahead.MASE
	if it.Stock != shop.Unset && v.PerDay > 0 {
		r := ahead.Runout(it.FreeStock(), passed)
		v.Cover = coverDays(it.FreeStock(), v.PerDay)
		v.P10, v.P50, v.P90 = min(r.P10, coverHorizon), min(r.P50, coverHorizon), min(r.P90, coverHorizon)
	}
	today := now / dayMs * dayMs
	past := n.demand.Days(nil, site, it.ID, now, demandDays)
	for i, c := range past {
		v.Past = append(v.Past, stock.Day{At: today - int64(len(past)-i)*dayMs, Views: c.Views, Units: c.Units})
	}
	if v.PerDay > 0 {
		for i := range min(aheadDays, len(ahead.Mean)) {
			v.Ahead = append(v.Ahead, stock.Ahead{At: today + int64(i)*dayMs, Mean: ahead.Mean[i], Lo: ahead.Quantile(i, 0.1), Hi: ahead.Quantile(i, 0.9)})
		}
	}
	n.stockWindows(&v, site, it, now)
	n.stockChanges(&v, p, site, it.ID)
	var open []*shop.Reservation
	open, v.HoldsAll = n.shop.OpenOnes(site, it.ID, holdsShown)
	for _, r := range open {
		v.Holds = append(v.Holds, holdOf(r, it.ID))
	}
	return v
}

// lowStockOf is how many pieces are few.
func lowStockOf(site *shop.Site, it *shop.Item) int64 {
	if it.LowStock != shop.Unset {
		return it.LowStock
	}
	if site.LowStock != nil {
		return *site.LowStock
	}
	return shop.DefaultLowStock
}

func holdOf(r *shop.Reservation, item string) stock.Hold {
	h := stock.Hold{ID: r.ID, Made: r.Created, Expires: r.Expires, MorePart: len(r.Lines) - 1}
	for _, l := range r.Lines {
		if l.Item == item {
			h.Pieces = l.Quantity
		}
	}
	return h
}

func (n *node) stockWindows(v *stock.ItemView, site string, it *shop.Item, now int64) {
	for _, w := range windows {
		from := windowStart(now, w.ms)
		c := n.demand.Sum(site, it.ID, from, now+1)
		row := stock.Window{Name: w.name, Views: c.Views, Carts: c.Carts, Units: c.Units, Revenue: -1, Currency: it.Currency}
		if w.ms > hourMs && it.Currency != "" {
			row.Revenue = c.Revenue
		}
		for _, s := range n.demand.Scored(nil, site, []string{it.ID}, from, now) {
			row.Known, row.Expected = s.Known >= demand.SurgeKnown, s.Expected
		}
		v.Windows = append(v.Windows, row)
	}
}

// stockChanges is what the history of changes has of the item's stock, the newest first.
func (n *node) stockChanges(v *stock.ItemView, p ui.Page, site, item string) {
	list, _, err := n.shop.Changes(site, shop.AuditQuery{Kind: "stock", ID: item, Limit: changesShown})
	if err != nil {
		return
	}
	for i := range list {
		e := &list[i]
		if e.Refused != "" || e.Count > 1 {
			continue
		}
		v.Changes = append(v.Changes, stock.Change{
			At: e.Time, By: e.Actor, Before: stockIn(e.Before), After: stockIn(e.After), Href: p.URL("/admin/audit", "kind", "stock", "id", item),
		})
	}
}

// stockIn is the count in what the history of changes has of an item, Unset if it has none.
func stockIn(object []byte) int64 {
	count, err := strconv.ParseInt(member(object, "stock"), 10, 64)
	if err != nil {
		return shop.Unset
	}
	return count
}

func stockDayLines(v stock.ItemView) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		day := func(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.DateOnly) }
		for _, d := range v.Past {
			if !yield([]string{day(d.At), strconv.FormatInt(d.Views, 10), strconv.FormatInt(d.Units, 10), "", "", ""}) {
				return
			}
		}
		for _, d := range v.Ahead {
			if !yield([]string{day(d.At), "", "", decimal(d.Mean), decimal(d.Lo), decimal(d.Hi)}) {
				return
			}
		}
	}
}

// takeStock states an item's count, by hand and with a reason.
func (n *node) takeStock(a *adminRequest) error {
	it, err := n.pageItem(a)
	if err != nil {
		return err
	}
	form := stock.Form{Count: a.form("count"), Note: a.form("note")}
	count := int64(shop.Unset)
	if form.Count != "-" && form.Count != "–" {
		count, err = strconv.ParseInt(strings.NewReplacer(" ", "", "\u00a0", "").Replace(form.Count), 10, 64)
		switch {
		case err != nil || count < 0 || count > math.MaxInt32:
			form.CountError = a.text.T("stock.set.bad_count")
		case count == it.Stock:
			form.CountError = a.text.T("stock.set.same")
		}
	} else if it.Stock == shop.Unset {
		form.CountError = a.text.T("stock.set.same")
	}
	switch {
	case form.Note == "":
		form.NoteError = a.text.T("stock.set.no_note")
	case len(form.Note) > shop.MaxStockNote:
		form.NoteError = a.text.T("stock.set.long_note", "n", strconv.Itoa(shop.MaxStockNote))
	}
	if form.CountError == "" && form.NoteError == "" {
		offset, err := n.shop.SetStock(a.ctx, a.actor(), a.site.ID, it.ID, count, form.Note)
		var refused *shop.Refusal
		switch {
		case err == nil:
			return a.changed(offset, "/admin/stock/"+it.ID)
		case !errors.As(err, &refused):
			return err
		}
		form.Problem = refused.Message
	}
	v := n.stockItemView(a, it)
	v.Form = form
	return a.renderStatus(fiber.StatusUnprocessableEntity, n.stockItemFrame(a, it, v))
}
