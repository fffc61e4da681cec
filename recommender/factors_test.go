package recommender

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"beckon/clickstream"
)

// The running counters give what the definition gives over all shoppers, when nothing fades, overflows or is pruned.
func TestAffinityIsTheDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	a := newAffinity(affinityLimits{items: 1000, people: 1000})
	ratings := map[int]map[string]float64{}
	kinds := []clickstream.Kind{clickstream.ViewItem, clickstream.AddToCart, clickstream.Purchase}
	for range 900 {
		u := r.IntN(60)
		if ratings[u] == nil {
			ratings[u] = map[string]float64{}
		}
		s := &clickstream.Session{End: 1e12}
		step := clickstream.NewStep(fmt.Sprint(r.IntN(12)), kinds[r.IntN(3)], 0)
		s.Steps = append(s.Steps, step)
		ratings[u][step.Item()] = max(ratings[u][step.Item()], float64(ratingOf(step.Kind())))
		a.visit(uint64(u+1), s)
	}
	for i := range 12 {
		for j := range i {
			x, y := fmt.Sprint(i), fmt.Sprint(j)
			both, sx, sy := 0.0, 0.0, 0.0
			for _, of := range ratings {
				both += min(of[x], of[y])
				sx += of[x]
				sy += of[y]
			}
			want := both / math.Sqrt(sx*sy)
			at := a.find(a.ids[x], a.ids[y])
			if at < 0 {
				if want > 0 && a.pruned.n == 0 {
					t.Errorf("%s and %s are no pair, want %.4f", x, y, want)
				}
				continue
			}
			if got := a.similarity(a.ids[x], &a.items[a.ids[x]].row[at]); math.Abs(got-want) > 1e-5 {
				t.Errorf("similarity of %s and %s %.6f, want %.6f", x, y, got, want)
			}
		}
	}
}

func TestHoeffdingPrunesOnlyThePoor(t *testing.T) {
	a := newAffinity(affinityLimits{items: 1000, people: 10_000})
	r := rand.New(rand.NewPCG(8, 8))
	visit := func(u int, items ...string) {
		for _, i := range items {
			a.visit(uint64(u+1), &clickstream.Session{End: 1e12, Steps: []clickstream.Step{clickstream.NewStep(i, clickstream.ViewItem, 0)}})
		}
	}
	for u := range 9000 { // two hubs with friends of their own, which a few shoppers visit both
		hub := []string{"x", "y"}[u%2]
		visit(u, hub, fmt.Sprint(hub, r.IntN(21)))
		if u%30 == 0 {
			visit(u, "x", "y")
		}
	}
	if a.pruned.n == 0 || !a.pruned.has(a.ids["x"], a.ids["y"]) || a.find(a.ids["x"], a.ids["y"]) >= 0 || a.find(a.ids["y"], a.ids["x"]) >= 0 {
		t.Errorf("%d pairs pruned, want that of the hubs", a.pruned.n)
	}
	for _, hub := range []string{"x", "y"} {
		for i := range 21 {
			if a.find(a.ids[hub], a.ids[fmt.Sprint(hub, i)]) < 0 {
				t.Errorf("%s%d was pruned from %s", hub, i, hub)
			}
		}
	}
}

func TestAffinityIsBounded(t *testing.T) {
	a := newAffinity(affinityLimits{items: 200, people: 50})
	r := rand.New(rand.NewPCG(9, 9))
	for range 20_000 {
		s := &clickstream.Session{End: 1e12}
		for range 1 + r.IntN(20) {
			s.Steps = append(s.Steps, clickstream.NewStep(fmt.Sprint(r.IntN(900)), clickstream.ViewItem, 0))
		}
		a.visit(r.Uint64N(300)+1, s)
		a.shrink()
	}
	if len(a.items) > 200 || len(a.people) > 50 || len(a.users) > 50 || len(a.ids) != len(a.items) {
		t.Errorf("%d items, %d people, %d users, %d ids", len(a.items), len(a.people), len(a.users), len(a.ids))
	}
	for i := range a.items {
		if n := len(a.items[i].row); n > rowPairs {
			t.Errorf("%d pairs in a row", n)
		}
	}
}
