package history

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"beckon/clickstream"
)

// reached is the highest step that a history reaches, by trying every chain of events.
func reached(hits []*hit, steps []string, window int64) int {
	best := 0
	var follow func(step int, first, at int64)
	follow = func(step int, first, at int64) {
		best = max(best, step)
		if step == len(steps) {
			return
		}
		for _, h := range hits {
			if h.Name == steps[step] && (step == 0 || h.Time >= at && h.Time <= first+window) {
				from := first
				if step == 0 {
					from = h.Time
				}
				follow(step+1, from, h.Time)
			}
		}
	}
	follow(0, 0, 0)
	return best
}

func (w *world) funnel(ask FunnelAsk) FunnelAnswer {
	hits := pick(w.of(ask.Scope, 0, 0), ask.Steps...)
	sources := w.touches(ask.Scope)
	count := func(part func(h *hit) string) map[string][]int64 {
		walks := map[[2]string][]*hit{}
		for _, h := range hits {
			key := [2]string{part(h), h.Visitor}
			walks[key] = append(walks[key], h)
		}
		parts := map[string][]int64{}
		for key, walk := range walks {
			for i := range reached(walk, ask.Steps, ask.Window.Milliseconds()) {
				if parts[key[0]] == nil {
					parts[key[0]] = make([]int64, len(ask.Steps))
				}
				parts[key[0]][i]++
			}
		}
		return parts
	}
	steps := func(n []int64) []FunnelStep {
		list := make([]FunnelStep, len(ask.Steps))
		for i, name := range ask.Steps {
			list[i].Name = name
			if n == nil {
				continue
			}
			list[i].Visitors, list[i].Rate = n[i], ratio(n[i], n[0])
			list[i].StepRate = 1
			if i > 0 {
				list[i].Lost, list[i].StepRate = n[i-1]-n[i], ratio(n[i], n[i-1])
			}
		}
		return list
	}
	a := FunnelAnswer{OneIn: 1, Steps: steps(count(func(*hit) string { return "" })[""])}
	by := func(h *hit) string { return h.device }
	switch ask.By {
	case Whole:
		return a
	case BySource:
		by = func(h *hit) string { return sources[h.Visitor] }
	}
	for value, n := range count(by) {
		a.Parts = append(a.Parts, FunnelPart{value, steps(n)})
	}
	a.Parts = top(a.Parts, ask.Limit, func(a, b FunnelPart) int {
		return cmp.Or(cmp.Compare(b.Steps[0].Visitors, a.Steps[0].Visitors), strings.Compare(a.Value, b.Value))
	})
	return a
}

func TestFunnelIsTheOracles(t *testing.T) {
	w := askWorld(t)
	for name, scope := range scopes() {
		for _, by := range []Breakdown{Whole, ByDevice, BySource} {
			for _, window := range []time.Duration{time.Minute, 20 * 24 * time.Hour} {
				for _, steps := range [][]string{{"view_item", "add_to_cart", "purchase"}, {"page_view", "impression", "select_item", "add_to_cart"}} {
					ask := FunnelAsk{scope, steps, window, by}
					got, err := w.Funnel(t.Context(), ask)
					if err != nil {
						t.Fatal(name, err)
					}
					same(t, fmt.Sprint(name, by, window, steps), got, w.funnel(ask))
				}
			}
		}
	}
}

// TestFunnelIsBruteForces asks about histories of few names and times, so that equal times and windows that just fit are common.
func TestFunnelIsBruteForces(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	names := []string{"a", "b", "c", "d"}
	w := &world{}
	const sites, visitors = 60, 30
	for i := range sites * visitors {
		for range 1 + r.IntN(9) {
			var h hit
			h.Site, h.Visitor, h.Name, h.Kind = fmt.Sprint("s", i/visitors), fmt.Sprint("v", i%visitors), names[r.IntN(len(names))], clickstream.Custom
			h.Time = worldStart + r.Int64N(8)*1000 + r.Int64N(2)
			h.Received, h.device, h.source = h.Time, "other", direct
			w.hits = append(w.hits, h)
		}
	}
	r.Shuffle(len(w.hits), func(i, j int) { w.hits[i], w.hits[j] = w.hits[j], w.hits[i] })
	for i := range w.hits {
		w.hits[i].seq = uint64(i)
	}
	db := testDB(t)
	storeHits(t, db, w.hits)
	q := NewQuestions(db, QuestionsConfig{})
	for site := range sites {
		order := r.Perm(len(names))[:2+r.IntN(3)]
		ask := FunnelAsk{
			Scope: Scope{Site: fmt.Sprint("s", site), From: worldStart, To: worldStart + 9000}, Window: time.Duration(1+r.Int64N(7000)) * time.Millisecond,
		}
		for _, i := range order {
			ask.Steps = append(ask.Steps, names[i])
		}
		got, err := q.Funnel(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprint(ask.Steps, ask.Window), got, w.funnel(ask))
	}
}

func TestFunnelRefusesWhatItCannotAnswer(t *testing.T) {
	q := NewQuestions(nil, QuestionsConfig{}) // nothing is asked
	scope := Scope{Site: "one", From: 1, To: 2}
	for field, ask := range map[string]FunnelAsk{
		"Site":    {Scope: Scope{From: 1, To: 2}, Steps: []string{"a", "b"}},
		"To":      {Scope: Scope{Site: "one", From: 2, To: 2}, Steps: []string{"a", "b"}},
		"Limit":   {Scope: Scope{Site: "one", From: 1, To: 2, Limit: MaxLimit + 1}, Steps: []string{"a", "b"}},
		"Timeout": {Scope: Scope{Site: "one", From: 1, To: 2, Timeout: MaxTimeout + 1}, Steps: []string{"a", "b"}},
		"Steps":   {Scope: scope, Steps: []string{"a", "b", "a"}},
		"Window":  {Scope: scope, Steps: []string{"a", "b"}, Window: -1},
		"By":      {Scope: scope, Steps: []string{"a", "b"}, By: "name"},
	} {
		_, err := q.Funnel(t.Context(), ask)
		var refused *AskError
		if !errors.As(err, &refused) || refused.Field != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
}
