package history

import (
	"cmp"
	"slices"
	"strings"
)

// conversionTable gathers the answer to a ConversionAsk.
type conversionTable struct {
	rows map[placeKind]*ConversionRow
	days map[placeDay]*ConversionDay
}

type placeKind struct{ placement, kind string }

type placeDay struct {
	placeKind
	start int64
}

// show counts items shown.
func (t *conversionTable) show(at placeKind, start, items int64) {
	if t.rows[at] == nil {
		t.rows[at] = &ConversionRow{Placement: at.placement, Kind: at.kind}
	}
	t.rows[at].Impressions += items
	t.day(at, start).Impressions += items
}

func (t *conversionTable) day(at placeKind, start int64) *ConversionDay {
	d := t.days[placeDay{at, start}]
	if d == nil {
		d = &ConversionDay{Start: start, ConversionRow: ConversionRow{Placement: at.placement, Kind: at.kind}}
		t.days[placeDay{at, start}] = d
	}
	return d
}

func (t *conversionTable) answer(ask *ConversionAsk, oneIn int64) ConversionAnswer {
	a := ConversionAnswer{OneIn: oneIn}
	for _, r := range t.rows {
		r.rate()
		a.Rows = append(a.Rows, *r)
	}
	slices.SortFunc(a.Rows, func(a, b ConversionRow) int {
		return cmp.Or(cmp.Compare(b.Impressions, a.Impressions), strings.Compare(a.Placement, b.Placement), strings.Compare(a.Kind, b.Kind))
	})
	if !ask.Days {
		return a
	}
	place := make(map[placeKind]int, len(a.Rows))
	for i := range a.Rows {
		place[placeKind{a.Rows[i].Placement, a.Rows[i].Kind}] = i
	}
	for _, d := range t.days {
		d.rate()
		a.Days = append(a.Days, *d)
	}
	slices.SortFunc(a.Days, func(a, b ConversionDay) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(place[placeKind{a.Placement, a.Kind}], place[placeKind{b.Placement, b.Kind}]))
	})
	return a
}

// add counts what followed clicks.
func (r *ConversionRow) add(act string, lines, pieces int64, m Money) {
	switch act {
	case "click":
		r.Clicks += lines
	case "cart":
		r.Carts += lines
	default:
		r.Purchases += lines
		r.Quantity += pieces
		if m.Minor != 0 {
			r.earn(m)
		}
	}
}

// earn adds to the revenue in m's currency, and keeps the order of currencies.
func (r *ConversionRow) earn(m Money) {
	i, ok := slices.BinarySearchFunc(r.Revenue, m.Currency, func(had Money, currency string) int { return strings.Compare(had.Currency, currency) })
	if !ok {
		r.Revenue = slices.Insert(r.Revenue, i, Money{Currency: m.Currency})
	}
	r.Revenue[i].Minor += m.Minor
}

func (r *ConversionRow) rate() {
	r.ClickRate, r.CartRate, r.PurchaseRate = ratio(r.Clicks, r.Impressions), ratio(r.Carts, r.Clicks), ratio(r.Purchases, r.Clicks)
}
