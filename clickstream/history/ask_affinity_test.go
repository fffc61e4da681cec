package history

import (
	"cmp"
	"slices"
	"strings"
	"testing"
)

func (w *world) affinity(ask AffinityAsk) AffinityAnswer {
	var a AffinityAnswer
	alone, both := map[string]int64{}, map[[2]string]int64{}
	for _, h := range pick(w.of(ask.Scope, 0, 0), "purchase") {
		var basket []string
		for _, it := range h.Items {
			basket = append(basket, it.ID)
		}
		slices.Sort(basket)
		basket = slices.Compact(basket)
		a.Orders++
		for i, x := range basket {
			alone[x]++
			for _, y := range basket[i+1:] {
				both[[2]string{x, y}]++
			}
		}
	}
	for pair, n := range both {
		p := Pair{A: pair[0], B: pair[1], Both: n}
		if ask.Item != "" && p.B == ask.Item {
			p.A, p.B = p.B, p.A
		}
		if n < ask.Minimum || ask.Item != "" && p.A != ask.Item {
			continue
		}
		p.OrdersA, p.OrdersB = alone[p.A], alone[p.B]
		p.Support, p.ConfidenceAToB, p.ConfidenceBToA = ratio(n, a.Orders), ratio(n, p.OrdersA), ratio(n, p.OrdersB)
		p.Lift = float64(n) * float64(a.Orders) / (float64(p.OrdersA) * float64(p.OrdersB))
		a.Pairs = append(a.Pairs, p)
	}
	a.Pairs = top(a.Pairs, ask.Limit, func(a, b Pair) int {
		lift := func(p *Pair) float64 { return float64(p.Both) / float64(p.OrdersA*p.OrdersB) }
		return cmp.Or(cmp.Compare(lift(&b), lift(&a)), cmp.Compare(b.Both, a.Both), strings.Compare(a.A, b.A), strings.Compare(a.B, b.B))
	})
	return a
}

func TestAffinityIsTheOracles(t *testing.T) {
	w := askWorld(t)
	for name, scope := range scopes() {
		for _, ask := range []AffinityAsk{{scope, "", 1}, {scope, "", 4}, {scope, "i2", 1}, {scope, "none", 1}} {
			got, err := w.Affinity(t.Context(), ask)
			if err != nil {
				t.Fatal(name, err)
			}
			same(t, name+ask.Item, got, w.affinity(ask))
			ask.Limit = 3
			if got, err = w.Affinity(t.Context(), ask); err != nil {
				t.Fatal(name, err)
			}
			same(t, name+ask.Item+" limit 3", got, w.affinity(ask))
		}
	}
}
