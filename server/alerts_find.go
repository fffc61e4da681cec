package main

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"beckon/pricing/demand"
	"beckon/pricing/forecast"
	"beckon/server/shop"
)

// alert is something that a merchandiser should know.
type alert struct {
	Kind     string             `json:"kind"` // out_of_stock low_cover surge dead_stock price_… price_breaker recommendations
	Item     string             `json:"item_id,omitempty"`
	Title    string             `json:"title,omitempty"`
	Severity string             `json:"severity"` // critical, warning, info
	Since    int64              `json:"since"`    // Unix ms of the server's clock: when it was first seen since the server started
	Numbers  map[string]float64 `json:"numbers"`
	Do       string             `json:"do"` // what to do about it
}

const (
	critical = "critical"
	warning  = "warning"
	info     = "info"
)

// When stock is low for its cover: below lowCover days with even chances, and surely (nine in ten) below sureCover. It stays low until
// the cover is above enoughCover, so that a sale more or less does not make it flap.
const (
	lowCover    = 2.0
	enoughCover = 3.0
	sureCover   = 6.0
	coverUnits  = 5 // sales of an item that are enough to know its rate

	surgeEndRatio = 1.2 // a surge is over below this, or below surgeEndViews
	surgeEndViews = 5
	surgesListed  = 100

	maxAlerts = 1000 // listed of a site, the gravest first
	maxOfKind = 300  // of those, out of stock or dead
)

// coverChange is an item whose stock began or ceased to cover two days of demand.
type coverChange struct {
	item string
	low  bool
	days float64
}

// finding is one look at a site.
type finding struct {
	n    *node
	site *shop.Site
	now  int64 // Unix ms of the site's clock
	day  map[string]demand.Counts
	week map[string]demand.Counts

	alerts []alert
	total  map[string]int // of a kind, also of those that are not listed
	cover  []coverChange
}

// findAlerts looks at all items of a site: some hundred milliseconds of one core for a hundred thousand.
func (n *node) findAlerts(s *shop.Site, wall time.Time) *finding {
	f := &finding{n: n, site: s, now: n.clock(s.ID, wall), total: map[string]int{}}
	items := n.shop.AllItems(s.ID)
	if n.demand.Since(s.ID) > 0 {
		f.day, f.week = f.counts(dayMs), f.counts(7*dayMs)
	}
	dead := n.alerts.deadStock(n, s, f.now, wall)
	var out, unwanted []weighty
	for _, it := range items {
		if !it.Published || it.Stock == shop.Unset {
			continue
		}
		if it.FreeStock() == 0 {
			out = append(out, weighty{it, float64(f.day[it.ID].Views + 20*f.week[it.ID].Units)})
			continue
		}
		f.lowCover(it)
		if f.isDead(it, dead) {
			unwanted = append(unwanted, weighty{it, float64(max(it.Cost, it.Price, 1)) * float64(it.Stock)})
		}
	}
	f.each("out_of_stock", out, f.outOfStock)
	f.each("dead_stock", unwanted, func(it *shop.Item) { f.deadStock(it, dead) })
	f.surges()
	f.prices(wall.UnixMilli())
	f.drift()
	// The items that are nearest to being gone first: a look may have more to tell than its minute allows.
	slices.SortFunc(f.cover, func(a, b coverChange) int {
		return cmp.Or(cmp.Compare(a.days, b.days), strings.Compare(a.item, b.item))
	})
	return f
}

// weighty is an item with how much it matters.
type weighty struct {
	it     *shop.Item
	weight float64
}

// each makes alerts of the weightiest items: a catalog may have tens of thousands that are out or that nobody wants.
func (f *finding) each(kind string, of []weighty, make func(it *shop.Item)) {
	slices.SortFunc(of, func(a, b weighty) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), strings.Compare(a.it.ID, b.it.ID))
	})
	listed := of[:min(len(of), maxOfKind)]
	for _, w := range listed {
		make(w.it)
	}
	f.total[kind] += len(of) - len(listed)
}

func (f *finding) counts(span int64) map[string]demand.Counts {
	out := map[string]demand.Counts{}
	for _, c := range f.n.demand.Slot(nil, f.site.ID, (f.now-span)/hourMs*hourMs, (f.now/hourMs+1)*hourMs) {
		out[c.Item] = c.Counts
	}
	return out
}

func (f *finding) add(kind string, it *shop.Item, severity string, numbers map[string]float64, do string) {
	f.total[kind]++
	f.alerts = append(f.alerts, alert{Kind: kind, Item: it.ID, Title: it.Title, Severity: severity, Numbers: numbers, Do: do})
}

func (f *finding) outOfStock(it *shop.Item) {
	rate := f.n.saleRate(f.site.ID, it, f.now)
	numbers := map[string]float64{
		"views_24h": float64(f.day[it.ID].Views), "units_7d": float64(f.week[it.ID].Units), "per_day": round(rate.PerDay()), "reserved": float64(it.Reserved),
	}
	severity, do := warning, "Restock it, or unpublish it."
	switch {
	case it.Stock > 0:
		severity, do = info, "Every piece is held by a cart at checkout: what is not bought comes back by itself."
	case rate.Units >= coverUnits && rate.PerDay() >= 1:
		severity, do = critical, "Restock it now: each day without it loses about as many sales as per_day says."
	}
	f.add("out_of_stock", it, severity, numbers, do)
}

// saleRate is an item's rate of sale. What it sold since it came back counts alone once that is enough: the time without stock before
// says nothing of what shoppers want.
func (n *node) saleRate(site string, it *shop.Item, now int64) demand.Rate {
	if it.LastOut > 0 {
		if r := n.demand.Rate(site, it.ID, it.LastOut, now); r.Units >= coverUnits {
			return r
		}
	}
	return n.demand.Rate(site, it.ID, 0, now)
}

// coverHorizon is how many days a run-out is looked for.
const coverHorizon = 60

func (f *finding) lowCover(it *shop.Item) {
	if f.week[it.ID].Units == 0 && !it.Scarce() {
		return
	}
	rate := f.n.saleRate(f.site.ID, it, f.now)
	low := it.Scarce()
	days := demand.Cover(it.FreeStock(), rate.PerDay())
	if !low && (rate.Units < coverUnits || days > 2*enoughCover) {
		return
	}
	ahead := forecast.FromRate(rate.Alpha, rate.Beta, coverHorizon)
	out := ahead.Runout(it.FreeStock(), 0)
	switch {
	case !low && rate.Units >= coverUnits && out.P50 < lowCover && out.P90 < sureCover:
		low = true
	case low && out.P50 > enoughCover:
		low = false
	}
	if low != it.Scarce() {
		f.cover = append(f.cover, coverChange{it.ID, low, days})
	}
	if !low {
		return
	}
	severity := warning
	if out.P50 < 0.5 {
		severity = critical
	}
	f.add("low_cover", it, severity, map[string]float64{
		"stock": float64(it.FreeStock()), "per_day": round(rate.PerDay()), "cover_days": round(min(days, coverHorizon)),
		"runout_p10_days": round(min(out.P10, coverHorizon)), "runout_p50_days": round(min(out.P50, coverHorizon)),
		"runout_p90_days": round(min(out.P90, coverHorizon)), "units_7d": float64(f.week[it.ID].Units),
	}, "Reorder it: at this rate it is gone within the days that runout_p50_days says.")
}

// surges are on at demand's thresholds and off at lower ones.
func (f *finding) surges() {
	found := f.n.demand.Surges(f.site.ID, f.now, surgesListed, nil)
	known := map[string]bool{}
	for _, s := range found {
		known[s.Item] = true
	}
	var before []string
	for key := range f.n.alerts.since {
		if key.site == f.site.ID && key.kind == "surge" && !known[key.item] {
			before = append(before, key.item)
		}
	}
	for _, s := range f.n.demand.Rush(nil, f.site.ID, before, f.now) {
		if s.Ratio >= surgeEndRatio && s.Views >= surgeEndViews {
			found = append(found, s)
		}
	}
	for _, s := range found {
		it, ok := f.n.shop.Item(f.site.ID, s.Item)
		if !ok {
			it = &shop.Item{ID: s.Item, Stock: shop.Unset}
		}
		numbers := map[string]float64{"views_10m": float64(s.Views), "expected_10m": round(s.Expected), "ratio": round(s.Ratio), "z": round(s.Z)}
		severity, do := info, "Shoppers are flocking to it: see where they come from, and show it where others look."
		if ok && it.Stock != shop.Unset {
			numbers["stock"] = float64(it.FreeStock())
			if rate := f.n.saleRate(f.site.ID, it, f.now); rate.Units >= coverUnits {
				// Lookers buy as before, so sales rise as views do.
				pace := rate.PerDay() * s.Ratio
				numbers["cover_days_at_this_pace"] = round(min(demand.Cover(it.FreeStock(), pace), coverHorizon))
				if demand.Cover(it.FreeStock(), pace) < lowCover {
					severity, do = warning, "Shoppers are flocking to it and it will not last two days at this pace: reorder it now."
				}
			}
		}
		f.add("surge", it, severity, numbers, do)
	}
}

// ordered is the alerts, the gravest first.
func (f *finding) ordered() []alert {
	rank := map[string]int{critical: 0, warning: 1, info: 2}
	slices.SortFunc(f.alerts, func(a, b alert) int {
		return cmp.Or(cmp.Compare(rank[a.Severity], rank[b.Severity]), strings.Compare(a.Kind, b.Kind), strings.Compare(a.Item, b.Item))
	})
	return f.alerts[:min(len(f.alerts), maxAlerts)]
}
