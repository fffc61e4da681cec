package history

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"
)

// worth is an order's value.
func (h *hit) worth() int64 {
	if h.Value > 0 {
		return h.Value
	}
	var sum int64
	for _, it := range h.Items {
		sum += max(it.Price, 0) * it.Quantity
	}
	return sum
}

func (i Interval) start(ms int64) int64 {
	at := time.UnixMilli(ms).UTC()
	y, m, d := at.Date()
	switch i {
	case Hour:
		return at.Truncate(time.Hour).UnixMilli()
	case Week:
		return time.Date(y, m, d-(int(at.Weekday())+6)%7, 0, 0, 0, 0, time.UTC).UnixMilli()
	case Month:
		return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC).UnixMilli()
	}
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).UnixMilli()
}

// revenue takes the log's order for refunds, as orders of whoever matches were placed.
func (w *world) revenue(ask RevenueAsk) RevenueAnswer {
	ask.Machines = true
	sources := w.touches(ask.Scope)
	type left struct {
		hit   *hit
		money int64
		units []int64
	}
	orders := map[string]*left{}
	rows := map[moneyAt]*RevenueRow{}
	row := func(ms int64, currency string) *RevenueRow {
		key := moneyAt{ask.Interval.start(ms), currency}
		if rows[key] == nil {
			rows[key] = &RevenueRow{Start: key.start, Currency: currency}
		}
		return rows[key]
	}
	for i := range w.hits {
		h := &w.hits[i]
		if h.Site != ask.Site || h.repeat || h.Name != "purchase" && h.Name != "refund" {
			continue
		}
		in := h.Time >= ask.From && h.Time < ask.To
		if h.Name == "purchase" {
			o := &left{hit: h, money: h.worth()}
			for _, it := range h.Items {
				o.units = append(o.units, it.Quantity)
			}
			orders[h.Transaction] = o
			if in && (ask.Device == "" || ask.Device == h.device) && (ask.Source == "" || ask.Source == sources[h.Visitor]) {
				r := row(h.Time, h.Currency)
				r.Orders, r.Gross = r.Orders+1, r.Gross+h.worth()
			}
			continue
		}
		o := orders[h.Transaction]
		if o == nil {
			continue
		}
		before := o.money
		switch {
		case len(h.Items) > 0:
			for _, it := range h.Items {
				n := it.Quantity
				for j, line := range o.hit.Items {
					if line.ID == it.ID {
						units := min(n, o.units[j])
						n, o.units[j] = n-units, o.units[j]-units
						price := it.Price
						if price < 0 {
							price = max(line.Price, 0)
						}
						o.money -= units * price
					}
				}
			}
			o.money = max(o.money, 0)
		case h.Value > 0 && h.Value < o.money:
			o.money -= h.Value
		default:
			o.money = 0
			clear(o.units)
		}
		if in && before > o.money && (ask.Device == "" || ask.Device == o.hit.device) && (ask.Source == "" || ask.Source == sources[o.hit.Visitor]) {
			r := row(h.Time, o.hit.Currency)
			r.Refunds, r.Refunded = r.Refunds+1, r.Refunded+before-o.money
		}
	}
	return revenueAnswer(rows)
}

func TestRevenueIsTheOracles(t *testing.T) {
	w := askWorld(t)
	refunds := int64(0)
	for name, scope := range scopes() {
		for _, interval := range []Interval{Hour, Day, Week, Month} {
			if name == "no events" && interval != Hour {
				continue
			}
			ask := RevenueAsk{scope, interval}
			got, err := w.Revenue(t.Context(), ask)
			if err != nil {
				t.Fatal(name, err)
			}
			same(t, name+string(interval), got, w.revenue(ask))
			for _, total := range got.Totals {
				refunds += total.Refunds
			}
		}
	}
	if refunds == 0 {
		t.Error("nothing was ever taken back")
	}
}

func (w *world) average(ask AverageAsk) []AverageRow {
	ask.Machines = true
	sources := w.touches(ask.Scope)
	values := map[[2]string][]int64{}
	for _, h := range pick(w.of(ask.Scope, 0, 0), "purchase") {
		part := map[Breakdown]string{ByDevice: h.device, BySource: sources[h.Visitor]}[ask.By]
		values[[2]string{part, h.Currency}] = append(values[[2]string{part, h.Currency}], h.worth())
	}
	var rows []AverageRow
	for key, list := range values {
		slices.Sort(list)
		r := AverageRow{Part: key[0], Currency: key[1], Orders: int64(len(list)), Median: list[len(list)/2], P90: list[len(list)*9/10]}
		for _, v := range list {
			r.Gross += v
		}
		r.Average = ratio(r.Gross, r.Orders)
		rows = append(rows, r)
	}
	return top(rows, ask.Limit, func(a, b AverageRow) int {
		return cmp.Or(cmp.Compare(b.Orders, a.Orders), strings.Compare(a.Part, b.Part), strings.Compare(a.Currency, b.Currency))
	})
}

func TestAverageOrderIsTheOracles(t *testing.T) {
	w := askWorld(t)
	for name, scope := range scopes() {
		for _, by := range []Breakdown{Whole, ByDevice, BySource} {
			ask := AverageAsk{scope, by}
			got, err := w.AverageOrder(t.Context(), ask)
			if err != nil {
				t.Fatal(name, err)
			}
			same(t, name+string(by), got, w.average(ask))
		}
	}
}
