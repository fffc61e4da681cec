package pricing

import (
	"beckon/clickstream/record"
	"beckon/pricing/guard"
)

// ItemChanged follows a record that changed an item of the catalog or its stock. was is nil for a new item, now for one that is gone.
//
// A list price that the shop changed is in force already: it ends a markdown and a suggestion, and what was learned stays. A price that
// new limits leave outside moves to their edge in the same record.
func (b *Book) ItemChanged(r *record.Control, shelf Shelf, id string, was, now *Item) {
	site := b.sites[r.Site]
	if site == nil {
		return
	}
	t := &turn{b: b, r: r, shelf: shelf, site: site}
	if now == nil {
		t.drop(id)
		return
	}
	if known := site.items[id]; known != nil {
		next := t.edit(id, now)
		t.followShop(next, known.Currency == next.Currency, now)
		t.put(id, next)
	}
	t.enforce(id, now)
}

// followShop takes over the prices that the shop put in force by itself.
func (t *turn) followShop(next *itemState, sameMoney bool, now *Item) {
	kept := make([]inForce, 0, len(next.Prices))
	for _, f := range next.Prices {
		if _, ok := now.Markets[f.Market]; ok || f.Market == "" {
			kept = append(kept, f)
		}
	}
	next.Prices = kept
	for _, m := range now.markets() {
		p, f := now.in(m), next.in(m)
		if f == nil || p.Version == f.Version {
			continue
		}
		e := Entry{Offset: p.Version, Market: m, Kind: KindList, Before: f.Amount, After: p.Public, Was: f.Version}
		if m == "" {
			if f.Markdown != nil {
				next.MarkedEnd = t.r.Time
			}
			next.Suggestion, next.Dismissed = nil, 0
			if !sameMoney {
				e.Before = p.Public
			}
		}
		next.setIn(inForce{Market: m, Amount: p.Public, Version: p.Version, At: p.PriceAt, Kind: KindList})
		t.note(next, e)
	}
}

// enforceAll moves the prices of known items that are outside their hard limits to the edge.
func (t *turn) enforceAll(about Target) {
	t.about(about, t.enforce)
}

// enforce moves an item's prices to the edge of the hard limits they are outside of. Frozen ones stay and alert.
func (t *turn) enforce(id string, it *Item) {
	if it.Currency == "" {
		return
	}
	c := t.b.situationOf(t.site, id, *it)
	if !c.managed() {
		return
	}
	alert := ""
	var next *itemState
	for _, m := range it.markets() {
		p := it.in(m)
		v := guard.Apply(guard.Input{Current: p.Public, Now: t.r.Time, LastChange: p.PriceAt, Limits: c.limits(m)})
		if alert == "" {
			alert = v.Alert
		}
		if !v.Moved {
			continue
		}
		if next == nil {
			next = t.edit(id, it)
		}
		run := next.running(m).moved(v.Price)
		t.publish(id, next, it, Entry{Market: m, Kind: KindEdge, Before: p.Public, After: v.Price, Was: p.Version, Reason: v.Alert, Guard: v.Trace, Markdown: run})
		if m == "" {
			t.count(id, it, p.Public, v.Price)
		}
	}
	if next == nil && (c.item == nil && alert == "" || c.item != nil && c.item.Alert == alert) {
		return
	}
	if next == nil {
		next = t.edit(id, it)
	}
	next.alert(alert, t.r.Time)
	t.put(id, next)
}

// alert notes what a person has to look at, "" for nothing.
func (s *itemState) alert(what string, at int64) {
	if s.Alert != what {
		s.Alert, s.AlertAt = what, at
	}
}
