package main

import (
	"strings"
	"time"

	"beckon/pricing/demand"
	"beckon/pricing/guard"
	"beckon/server/shop"
)

// Dead stock: pieces on hand, nothing sold in deadDays and fewer views than deadViews in them. It is dead until something sells or it is
// looked at half as much again.
const (
	deadDays    = 30
	deadViews   = 20
	aliveViews  = 30
	deadRefresh = 10 * time.Minute
)

// deadStock is what a site's items had in deadDays, counted anew each deadRefresh: it hardly changes, and it is much to count.
type deadStock struct {
	at     time.Time
	known  bool // the site is that old
	counts map[string]demand.Counts
}

func (a *alerts) deadStock(n *node, s *shop.Site, now int64, wall time.Time) *deadStock {
	d := a.stale[s.ID]
	if d != nil && wall.Sub(d.at) < deadRefresh {
		return d
	}
	d = &deadStock{at: wall}
	from := now/dayMs*dayMs - deadDays*dayMs
	if since := n.demand.Since(s.ID); since > 0 && since <= from {
		d.known, d.counts = true, map[string]demand.Counts{}
		for _, c := range n.demand.Slot(nil, s.ID, from, (now/dayMs+1)*dayMs) {
			d.counts[c.Item] = c.Counts
		}
	}
	a.stale[s.ID] = d
	return d
}

func (f *finding) isDead(it *shop.Item, d *deadStock) bool {
	if !d.known || it.Created > f.now-deadDays*dayMs {
		return false
	}
	bound := int64(deadViews)
	if f.n.alerts.since[alertKey{f.site.ID, "dead_stock", it.ID}] != 0 {
		bound = aliveViews
	}
	c := d.counts[it.ID]
	return c.Units == 0 && c.Views < bound && f.day[it.ID].Units == 0
}

func (f *finding) deadStock(it *shop.Item, d *deadStock) {
	numbers := map[string]float64{"stock": float64(it.Stock), "views_30d": float64(d.counts[it.ID].Views)}
	if it.Cost != shop.Unset {
		numbers["bound_capital"] = float64(it.Cost) * float64(it.Stock) // minor units
	}
	if sold := f.n.demand.Life(f.site.ID, it.ID).Sold; sold > 0 {
		numbers["days_since_sale"] = float64((f.now - sold) / dayMs)
	}
	f.add("dead_stock", it, info, numbers, "Nobody wants it as it is: mark it down, show it elsewhere, or clear it by a date.")
}

// prices is what the price book wants a person to look at.
func (f *finding) prices(now int64) {
	for _, a := range f.n.folds.book.Alerts(f.site.ID) {
		it, ok := f.n.shop.Item(f.site.ID, a.Item)
		if !ok {
			continue
		}
		severity, do := warning, "Its price was outside a limit and was moved to the edge: see whether cost, floor, ceiling and minimum price are right."
		switch a.What {
		case guard.AlertInfeasible, guard.AlertBadInput:
			severity, do = critical, "Its limits leave no price: correct cost, margin, floor, ceiling or minimum price. It is frozen until then."
		case guard.AlertFrozenOutside:
			severity, do = critical, "Its price is frozen outside a limit: unfreeze it, or correct the limit."
		}
		f.add("price_"+strings.TrimPrefix(a.What, "price_"), it, severity, map[string]float64{"price": float64(it.Public)}, do)
		f.alerts[len(f.alerts)-1].Since = a.At
	}
	if b := f.n.folds.book.Site(f.site.ID, now).Breaker; b.Open {
		f.total["price_breaker"]++
		f.alerts = append(f.alerts, alert{
			Kind: "price_breaker", Severity: critical, Since: b.Since, Numbers: map[string]float64{"moved": round(b.Moved), "limit": b.Limit},
			Do: "The catalog's prices moved further in a day than they may: nothing is repriced until somebody looks at why and closes the breaker.",
		})
	}
}
