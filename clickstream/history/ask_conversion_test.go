package history

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/clickstream"
)

// touch is a click on an impression.
type touch struct {
	*hit
	shown *impression
}

type impression struct {
	*hit
	place, kind string
	position    int
}

func (w *world) conversion(ask ConversionAsk) ConversionAnswer {
	click, buy := ask.ClickWindow.Milliseconds(), ask.BuyWindow.Milliseconds()
	in := func(h *hit) bool { return h.Time >= ask.From && h.Time < ask.To }
	// A row counts for all days and, as the next, for the day of the impression.
	type key struct {
		start       int64
		place, kind string
	}
	const allDays = -1
	rows := map[key]*ConversionRow{}
	count := func(shown *hit, place, kind string, do func(r *ConversionRow)) {
		for _, start := range []int64{allDays, shown.Time - shown.Time%dayMs} {
			k := key{start, place, kind}
			if rows[k] == nil {
				rows[k] = &ConversionRow{Placement: place, Kind: kind}
			}
			do(rows[k])
		}
	}
	all := w.of(ask.Scope, click, click+buy)
	shown := map[[3]string]*impression{} // visitor, recommendation, item: the first
	for _, h := range pick(all, "impression") {
		for i, it := range h.Items {
			if it.Reason == "" {
				continue
			}
			if in(h) && (ask.Placement == "" || ask.Placement == h.Placement) {
				count(h, h.Placement, it.Reason, func(r *ConversionRow) { r.Impressions++ })
			}
			if key := [3]string{h.Visitor, h.RecID, it.ID}; shown[key] == nil {
				shown[key] = &impression{h, h.Placement, it.Reason, i}
			}
		}
	}
	touches := map[[2]string][]touch{} // visitor, item
	clicked := map[*impression]bool{}
	for _, h := range all {
		if h.Time < ask.From {
			continue
		}
		for _, it := range h.Items {
			key := [2]string{h.Visitor, it.ID}
			switch {
			case h.Name == "select_item" || h.Name == "view_item":
				s := shown[[3]string{h.Visitor, h.RecID, it.ID}]
				if h.RecID == "" || s == nil || h.Time < s.Time || h.Time > s.Time+click {
					continue
				}
				touches[key] = append(touches[key], touch{h, s})
				if !clicked[s] && in(s.hit) && (ask.Placement == "" || ask.Placement == s.place) {
					count(s.hit, s.place, s.kind, func(r *ConversionRow) { r.Clicks++ })
				}
				clicked[s] = true
			case h.Name == "add_to_cart" || h.Name == "purchase" && !h.repeat:
				var last *touch
				for i, c := range touches[key] { // in order of time
					if c.before(h) {
						last = &touches[key][i]
					}
				}
				if last == nil || !in(last.shown.hit) || last.Time < h.Time-buy || ask.Placement != "" && ask.Placement != last.shown.place {
					continue
				}
				count(last.shown.hit, last.shown.place, last.shown.kind, func(r *ConversionRow) {
					if h.Name == "add_to_cart" {
						r.Carts++
						return
					}
					r.Purchases++
					r.Quantity += it.Quantity
					if minor := max(it.Price, 0) * it.Quantity; minor > 0 {
						r.Revenue = append(r.Revenue, Money{h.Currency, minor})
					}
				})
			}
		}
	}
	a := ConversionAnswer{OneIn: 1}
	for k, r := range rows {
		r.Revenue = addUp(r.Revenue)
		r.ClickRate, r.CartRate, r.PurchaseRate = ratio(r.Clicks, r.Impressions), ratio(r.Carts, r.Clicks), ratio(r.Purchases, r.Clicks)
		switch {
		case k.start == allDays:
			a.Rows = append(a.Rows, *r)
		case ask.Days:
			a.Days = append(a.Days, ConversionDay{k.start, *r})
		}
	}
	a.Rows = top(a.Rows, ask.Limit, func(a, b ConversionRow) int {
		return cmp.Or(cmp.Compare(b.Impressions, a.Impressions), strings.Compare(a.Placement, b.Placement), strings.Compare(a.Kind, b.Kind))
	})
	order := func(d ConversionDay) int {
		return slices.IndexFunc(a.Rows, func(r ConversionRow) bool { return r.Placement == d.Placement && r.Kind == d.Kind })
	}
	slices.SortFunc(a.Days, func(a, b ConversionDay) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(order(a), order(b)))
	})
	return a
}

// addUp is a sum by currency, in its order.
func addUp(all []Money) []Money {
	sums := map[string]int64{}
	for _, m := range all {
		sums[m.Currency] += m.Minor
	}
	var list []Money
	for _, currency := range slices.Sorted(maps.Keys(sums)) {
		list = append(list, Money{currency, sums[currency]})
	}
	return list
}

func TestConversionIsTheOracles(t *testing.T) {
	w := askWorld(t)
	for name, scope := range scopes() {
		scope.Device = ""
		for _, ask := range []ConversionAsk{
			{scope, "", 24 * time.Hour, 7 * 24 * time.Hour, true},
			{scope, "home", 3 * time.Minute, 10 * time.Minute, true},
			{scope, "", time.Hour, 30 * 24 * time.Hour, false},
		} {
			got, err := w.Conversion(t.Context(), ask)
			if err != nil {
				t.Fatal(name, err)
			}
			same(t, fmt.Sprint(name, ask.Placement, ask.ClickWindow), got, w.conversion(ask))
		}
	}
}

// TestLaterTouchOutsideTheRangeTakesThePurchase shows the same item twice, first before the range, and clicks the first one last.
func TestLaterTouchOutsideTheRangeTakesThePurchase(t *testing.T) {
	w := &world{}
	add := func(minute int64, kind clickstream.Kind, rec string, item clickstream.Item) {
		h := hit{seq: uint64(len(w.hits)), device: "other", source: direct}
		h.Site, h.Visitor, h.Kind, h.Name, h.RecID, h.Items = "one", "v", kind, kind.String(), rec, []clickstream.Item{item}
		h.Time = worldStart + minute*60_000
		h.Received = h.Time
		if kind == clickstream.Impression {
			h.Placement = "home"
		}
		w.hits = append(w.hits, h)
	}
	item := clickstream.Item{ID: "i", Price: 100, Quantity: 1, Reason: "similar"}
	add(-1, clickstream.Impression, "before", item)
	add(1, clickstream.Impression, "in", item)
	item.Reason = ""
	add(2, clickstream.SelectItem, "in", item)
	add(3, clickstream.AddToCart, "", item)
	add(4, clickstream.SelectItem, "before", item)
	add(5, clickstream.Purchase, "", item)
	db := testDB(t)
	storeHits(t, db, w.hits)
	ask := ConversionAsk{Scope{Site: "one", From: worldStart, To: worldStart + dayMs, Limit: 5}, "", time.Hour, time.Hour, true}
	got, err := NewQuestions(db, QuestionsConfig{}).Conversion(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "conversion", got, w.conversion(ask))
	if len(got.Rows) != 1 || got.Rows[0].Clicks != 1 || got.Rows[0].Carts != 1 || got.Rows[0].Purchases != 0 {
		t.Errorf("got %+v, want a click and a cart and no purchase", got.Rows)
	}
}
