package main

import (
	"cmp"
	"math"
	"slices"

	"beckon/dashboards/prices"
	"beckon/pricing"
)

const (
	movesAsked = 500 // items: tens of milliseconds of one core
	movesShown = 25
)

// priceMoves is what the engine would do now, were each item decided about at this moment. Nothing is decided.
func (n *node) priceMoves(a *adminRequest) error {
	p := a.page("prices", "")
	m := prices.Moves{Now: a.now.UnixMilli(), Currency: a.site.Currency}
	t := n.itemTable(a.ctx, a.site.ID, partWait)
	if t == nil {
		return fail(503, "busy", "the table of all items is being made")
	}
	var moves []prices.Move
	below, above := 0.0, 0.0 // squares of the distances: items err independently of each other
	for _, r := range decidable(t) {
		if m.Of++; m.Looked == movesAsked {
			continue
		}
		it := n.current(a.site.ID, r)
		in, err := n.folds.book.Input(a.site.ID, it.ID, *pricingItem(it, m.Now), m.Now)
		if err != nil {
			m.Of-- // frozen, marked down or not published: the engine may not act on it
			continue
		}
		m.Looked++
		d := pricing.Decide(in)
		if !d.Publish {
			m.Held++
			continue
		}
		x := prices.Move{Item: productCell(p, it, "/admin/prices/"), Currency: it.Currency, Current: d.Current, Price: d.Price, Reason: d.Reason, Mode: string(r.mode)}
		x.Gain, x.Known = n.promised(a.site.ID, it, d.Price, m.Now)
		if x.Known && it.Currency == m.Currency {
			m.Sum.Mean += x.Gain.Mean
			below += (x.Gain.Mean - x.Gain.Lo) * (x.Gain.Mean - x.Gain.Lo)
			above += (x.Gain.Hi - x.Gain.Mean) * (x.Gain.Hi - x.Gain.Mean)
		}
		moves = append(moves, x)
	}
	m.Sum.Lo, m.Sum.Hi = m.Sum.Mean-math.Sqrt(below), m.Sum.Mean+math.Sqrt(above)
	slices.SortStableFunc(moves, func(x, y prices.Move) int { return cmp.Compare(y.Gain.Mean, x.Gain.Mean) })
	m.Moves = moves[:min(len(moves), movesShown)]
	m.More = len(moves) - len(m.Moves)
	return a.render(prices.MovesFragment(p, m))
}

// decidable is the rows that the engine may act on, those that sell for most first.
func decidable(t *itemTable) []*itemRow {
	var out []*itemRow
	for i := range t.rows {
		if r := &t.rows[i]; r.flags&rowKnown != 0 && r.mode != pricing.ModeOff && r.it.Currency != "" {
			out = append(out, r)
		}
	}
	sells := func(r *itemRow) float64 { return float64(r.perDay) * float64(max(r.it.Public, 0)) }
	slices.SortStableFunc(out, func(a, b *itemRow) int { return cmp.Compare(sells(b), sells(a)) })
	return out
}
