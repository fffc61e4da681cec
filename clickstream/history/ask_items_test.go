package history

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
)

func (w *world) itemCounts(s Scope, from, to int64) map[string]*ItemCounts {
	counts := map[string]*ItemCounts{}
	money := map[string]map[string]int64{}
	for _, h := range w.of(s, s.From-from, to-s.To) {
		if h.Time < from || h.Time >= to || h.repeat {
			continue
		}
		for _, it := range h.Items {
			c := counts[it.ID]
			if c == nil {
				c = &ItemCounts{Item: it.ID}
				counts[it.ID], money[it.ID] = c, map[string]int64{}
			}
			switch h.Name {
			case "impression":
				if it.Reason != "" {
					c.Impressions++
				}
			case "view_item":
				c.Views++
			case "add_to_cart":
				c.Carts++
			case "remove_from_cart":
				c.Removes++
			case "purchase":
				c.Purchases++
				c.Quantity += it.Quantity
				if it.Price > 0 {
					money[it.ID][h.Currency] += it.Price * it.Quantity
				}
			}
		}
	}
	for item, c := range counts {
		for _, currency := range slices.Sorted(maps.Keys(money[item])) {
			c.Revenue = append(c.Revenue, Money{currency, money[item][currency]})
		}
	}
	return counts
}

func (c *ItemCounts) measure(by Measure, currency string) int64 {
	if by == Revenue {
		for _, m := range c.Revenue {
			if m.Currency == currency {
				return m.Minor
			}
		}
		return 0
	}
	return map[Measure]int64{Views: c.Views, Carts: c.Carts, Purchases: c.Purchases, Quantity: c.Quantity, Impressions: c.Impressions}[by]
}

func TestTopItemsAreTheOracles(t *testing.T) {
	w := askWorld(t)
	for name, scope := range scopes() {
		for _, by := range []Measure{Views, Carts, Purchases, Quantity, Impressions, Revenue} {
			ask := TopItemsAsk{scope, by, "EUR"}
			ask.Limit = 7
			got, err := w.TopItems(t.Context(), ask)
			if err != nil {
				t.Fatal(name, err)
			}
			var want []ItemCounts
			for _, c := range w.itemCounts(scope, scope.From, scope.To) {
				if c.measure(by, "EUR") > 0 {
					want = append(want, *c)
				}
			}
			want = top(want, ask.Limit, func(a, b ItemCounts) int {
				return cmp.Or(cmp.Compare(b.measure(by, "EUR"), a.measure(by, "EUR")), strings.Compare(a.Item, b.Item))
			})
			same(t, name+" "+string(by), got, want)
		}
	}
}

func TestRisingItemsAreTheOracles(t *testing.T) {
	w := askWorld(t)
	for name, scope := range scopes() {
		if name == "no events" {
			continue
		}
		for _, by := range []Measure{Views, Quantity, Impressions} {
			ask := RisingItemsAsk{scope, by, 2}
			ask.From = (ask.From+ask.To)/2 + 3*dayMs // so that there is something before
			if name == "week" {
				ask.From = scope.From
			}
			ask.Source = "" // whose meaning ends with the range
			got, err := w.RisingItems(t.Context(), ask)
			if err != nil {
				t.Fatal(name, err)
			}
			before := w.itemCounts(ask.Scope, 2*ask.From-ask.To, ask.From)
			var want []RisingItem
			for item, c := range w.itemCounts(ask.Scope, ask.From, ask.To) {
				r := RisingItem{Item: item, Now: c.measure(by, "")}
				if before[item] != nil {
					r.Before = before[item].measure(by, "")
				}
				if r.Now >= 2 && r.Now > r.Before {
					r.Score = float64(r.Now-r.Before) / math.Sqrt(float64(r.Now+r.Before))
					want = append(want, r)
				}
			}
			want = top(want, ask.Limit, func(a, b RisingItem) int {
				return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Item, b.Item))
			})
			same(t, name+" "+string(by), got, want)
		}
	}
}
