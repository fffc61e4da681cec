package main

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"beckon/pricing/demand"
	"beckon/pricing/forecast"
	"beckon/server/shop"
)

// windowAnswer is an item's demand in one window that ends now.
type windowAnswer struct {
	Views    int64    `json:"views"`
	Carts    int64    `json:"carts"`
	Units    int64    `json:"purchases"`         // pieces, less those refunded
	Revenue  *int64   `json:"revenue,omitempty"` // minor units; of windows of whole hours
	Expected *float64 `json:"expected,omitempty"`
	Ratio    *float64 `json:"ratio,omitempty"` // (views+20)/(expected+20)
}

// demandAnswer is one item of GET /v1/demand.
type demandAnswer struct {
	Item        string                  `json:"item_id"`
	Title       string                  `json:"title,omitempty"`
	Windows     map[string]windowAnswer `json:"windows"` // 10m 1h 24h 7d
	Stock       *int64                  `json:"stock,omitempty"`
	SellThrough *float64                `json:"sell_through,omitempty"` // of seven days
	PerDay      float64                 `json:"per_day"`                // units, expected
	Cover       *float64                `json:"cover_days,omitempty"`   // absent when nothing sells or stock is not tracked
	Runout      *runoutAnswer           `json:"runout,omitempty"`
	Forecast    forecastAnswer          `json:"forecast"`
}

// runoutAnswer is in how many days stock is gone; null: later than the 60 days that are looked at.
type runoutAnswer struct {
	P10 *float64 `json:"p10"`
	P50 *float64 `json:"p50"`
	P90 *float64 `json:"p90"`
}

type forecastAnswer struct {
	Method string    `json:"method"`
	MASE   *float64  `json:"mase,omitempty"`
	Mean   []float64 `json:"mean"` // units of today and the six days after it, UTC
	P10    []float64 `json:"p10"`
	P90    []float64 `json:"p90"`
}

const (
	maxDemandItems = 100
	forecastDays   = 56 // of history
	forecastAhead  = 60
	forecastShown  = 7
)

// getDemand answers what is wanted of the given items, or of those that stand highest in a window.
func (n *node) getDemand(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	limit, err := queryLimit(c, 20, maxDemandItems)
	if err != nil {
		return err
	}
	now := n.clock(key.Site, n.now())
	var ids []string
	if list := c.Query("items"); list != "" {
		ids = strings.Split(strings.Clone(list), ",")
		if len(ids) > maxDemandItems {
			return fail(400, "bad_items", "items: %d, want at most %d", len(ids), maxDemandItems)
		}
	} else if ids, err = n.mostWanted(key.Site, c.Query("sort", "views"), c.Query("window", "24h"), now, limit); err != nil {
		return err
	}
	return respond(c, 200, map[string]any{"now": now, "items": n.demandOf(key.Site, ids, now)})
}

// windows are what demand is told of, in ms. The short ones are whole minutes, the others whole hours, the present one included.
var windows = [...]struct {
	name string
	ms   int64
}{{"10m", 10 * minuteMs}, {"1h", hourMs}, {"24h", dayMs}, {"7d", 7 * dayMs}}

// windowStart is when a window that ends now begins: a minute for short ones, so that the present one counts as one, else an hour.
func windowStart(now, ms int64) int64 {
	if ms <= hourMs {
		return (now/minuteMs+1)*minuteMs - ms
	}
	return (now/hourMs+1)*hourMs - ms
}

// mostWanted is the items of a window in falling order of what sort names.
func (n *node) mostWanted(site, sort, window string, now int64, limit int) ([]string, error) {
	at := slices.IndexFunc(windows[:], func(w struct {
		name string
		ms   int64
	},
	) bool {
		return w.name == window
	})
	if at < 0 {
		return nil, fail(400, "bad_window", "window: %q is not one of 10m, 1h, 24h, 7d", window)
	}
	from := windowStart(now, windows[at].ms)
	all := n.demand.Slot(nil, site, from, now+1)
	by, ok := map[string]func(c *demand.ItemCounts) float64{
		"views":     func(c *demand.ItemCounts) float64 { return float64(c.Views) },
		"carts":     func(c *demand.ItemCounts) float64 { return float64(c.Carts) },
		"purchases": func(c *demand.ItemCounts) float64 { return float64(c.Units) },
		"revenue":   func(c *demand.ItemCounts) float64 { return float64(c.Revenue) },
		"cover":     func(c *demand.ItemCounts) float64 { return -n.coverOf(site, c.Item, now) },
		"sell_through": func(c *demand.ItemCounts) float64 {
			if it, ok := n.shop.Item(site, c.Item); ok && it.Stock != shop.Unset {
				return demand.SellThrough(c.Units, it.Stock)
			}
			return -1
		},
	}[sort]
	if sort == "ratio" {
		by, ok = n.byRatio(site, all, from, now), true
	}
	if !ok {
		return nil, fail(400, "bad_sort", "sort: %q is not one of views, carts, purchases, revenue, ratio, sell_through, cover", sort)
	}
	values := make(map[string]float64, len(all))
	for i := range all {
		values[all[i].Item] = by(&all[i])
	}
	slices.SortFunc(all, func(a, b demand.ItemCounts) int {
		return cmp.Or(cmp.Compare(values[b.Item], values[a.Item]), strings.Compare(a.Item, b.Item))
	})
	ids := make([]string, 0, limit)
	for _, c := range all[:min(limit, len(all))] {
		ids = append(ids, c.Item)
	}
	return ids, nil
}

// byRatio scores the items of a window against what was expected.
func (n *node) byRatio(site string, all []demand.ItemCounts, from, now int64) func(c *demand.ItemCounts) float64 {
	names := make([]string, len(all))
	for i := range all {
		names[i] = all[i].Item
	}
	ratios := make(map[string]float64, len(all))
	for _, s := range n.demand.Scored(nil, site, names, from, now) {
		ratios[s.Item] = s.Ratio
	}
	return func(c *demand.ItemCounts) float64 { return ratios[c.Item] }
}

// coverOf is an item's cover in days, +Inf for what is not tracked or does not sell.
func (n *node) coverOf(site, id string, now int64) float64 {
	it, ok := n.shop.Item(site, id)
	if !ok || it.Stock == shop.Unset {
		return math.Inf(1)
	}
	rate := n.saleRate(site, it, now)
	if rate.Units == 0 {
		return math.Inf(1)
	}
	return demand.Cover(it.FreeStock(), rate.PerDay())
}

func (n *node) demandOf(site string, ids []string, now int64) []demandAnswer {
	out := make([]demandAnswer, len(ids))
	for i, id := range ids {
		out[i] = demandAnswer{Item: id, Windows: map[string]windowAnswer{}}
	}
	for _, w := range windows {
		from := windowStart(now, w.ms)
		for i, s := range n.demand.Scored(nil, site, ids, from, now) {
			c := n.demand.Sum(site, s.Item, from, now+1)
			a := windowAnswer{Views: c.Views, Carts: c.Carts, Units: c.Units}
			if w.ms > hourMs {
				a.Revenue = &c.Revenue
			}
			if s.Known >= demand.SurgeKnown {
				a.Expected, a.Ratio = rounded(s.Expected), rounded(s.Ratio)
			}
			out[i].Windows[w.name] = a
		}
	}
	for i := range out {
		n.fillOutlook(site, &out[i], now)
	}
	return out
}

// fillOutlook adds what stock, sales and their past let expect.
func (n *node) fillOutlook(site string, a *demandAnswer, now int64) {
	it, ok := n.shop.Item(site, a.Item)
	if !ok {
		it = &shop.Item{ID: a.Item, Stock: shop.Unset}
	}
	a.Title = it.Title
	ahead, passed := n.outlook(site, it, now)
	a.PerDay = round(ahead.PerDay())
	a.Forecast = shownForecast(&ahead)
	if it.Stock == shop.Unset {
		return
	}
	free := it.FreeStock()
	a.Stock = &free
	a.SellThrough = rounded(demand.SellThrough(a.Windows["7d"].Units, it.Stock))
	if cover := demand.Cover(free, ahead.PerDay()); !math.IsInf(cover, 1) {
		a.Cover = rounded(cover)
	}
	r := ahead.Runout(free, passed)
	a.Runout = &runoutAnswer{finite(r.P10), finite(r.P50), finite(r.P90)}
}

// outlook forecasts an item's sales from today's beginning on: from its whole days where there are enough of them and it was in stock on
// all, else from its rate. passed is the share of today that is over.
func (n *node) outlook(site string, it *shop.Item, now int64) (f forecast.Forecast, passed float64) {
	passed = float64(now%dayMs) / float64(dayMs)
	days := n.demand.Days(nil, site, it.ID, now, forecastDays)
	if whole := int((now - max(it.LastOut, 0)) / dayMs); it.LastOut > 0 && whole < len(days) {
		days = days[len(days)-max(whole, 0):]
	}
	if len(days) < 14 {
		r := n.saleRate(site, it, now)
		return forecast.FromRate(r.Alpha, r.Beta, forecastAhead), passed
	}
	units := make([]float64, len(days))
	for i := range days {
		units[i] = float64(days[i].Units)
	}
	return forecast.Days(units, forecastAhead), passed
}

func shownForecast(f *forecast.Forecast) forecastAnswer {
	out := forecastAnswer{Method: f.Method, Mean: []float64{}, P10: []float64{}, P90: []float64{}}
	if f.MASE > 0 {
		out.MASE = rounded(f.MASE)
	}
	for i := range min(forecastShown, len(f.Mean)) {
		out.Mean = append(out.Mean, round(f.Mean[i]))
		out.P10 = append(out.P10, f.Quantile(i, 0.1))
		out.P90 = append(out.P90, f.Quantile(i, 0.9))
	}
	return out
}

// round keeps three decimals of numbers that people read.
func round(v float64) float64 { return math.Round(v*1000) / 1000 }

func rounded(v float64) *float64 {
	v = round(v)
	return &v
}

func finite(v float64) *float64 {
	if math.IsInf(v, 0) || math.IsNaN(v) {
		return nil
	}
	return rounded(v)
}
