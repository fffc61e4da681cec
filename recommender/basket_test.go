package recommender

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// The definition over all baskets, against what is counted from rings and kept in rows while baskets come.
func TestBasketScoresAreTheDefinition(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for _, e := range tried {
		m := NewBasketModel("power", 1<<40)
		m.power = newPowers(e)
		var baskets []map[string]bool
		var s basketSearch
		for range 300 {
			basket := map[string]bool{}
			var items []string
			for range 1 + r.IntN(6) {
				item := fmt.Sprint(int(r.ExpFloat64() * 5))
				if !basket[item] {
					basket[item] = true
					items = append(items, item)
				}
			}
			m.Learn(append(items, items[0])) // an item twice is one item
			baskets = append(baskets, basket)
			context := []string{fmt.Sprint(r.IntN(9)), fmt.Sprint(r.IntN(9)), "unknown"}
			m.together(&s, context)
			if r.IntN(10) > 0 {
				continue
			}
			total := 0.0
			for _, id := range s.touched {
				got := float64(s.tally[id].score)
				want := byDefinition(baskets, e, context, m.index.items[id].name)
				total += want
				if math.Abs(got-want) > 1e-4*want {
					t.Fatalf("%+v: score of %s with %v %g, want %g", e, m.index.items[id].name, context, got, want)
				}
			}
			if len(s.touched) == 0 && total > 0 {
				t.Fatalf("%+v: nothing goes with %v", e, context)
			}
		}
	}
}

func byDefinition(baskets []map[string]bool, e exponents, context []string, candidate string) (score float64) {
	seen := map[string]bool{}
	for _, item := range context {
		if seen[item] {
			continue
		}
		seen[item] = true
		a, b, k, size := 0.0, 0.0, 0.0, 0.0
		for _, basket := range baskets {
			if basket[item] {
				a++
			}
			if basket[candidate] {
				b++
			}
			if basket[item] && basket[candidate] {
				k++
				size += 1 / float64(len(basket))
			}
		}
		if k > 0 {
			scale := math.Pow(basketWidth, e.q+e.r-e.p) // counts are measured against a full ring
			score += scale * math.Pow(k, e.p) / math.Pow(a, e.q) / math.Pow(b, e.r) * math.Pow(size/k, float64(e.s))
		}
	}
	return score
}

func TestRowsAreBounded(t *testing.T) {
	m := NewBasketModel("power", 1<<40)
	var wide []string
	for i := range 1500 {
		wide = append(wide, fmt.Sprint("w", i))
	}
	m.Learn(wide)
	var p BasketPredictor
	if got := m.Together(nil, &p, []string{"w7"}, 2000); len(got) != rowWidth {
		t.Errorf("%d companions of an item in one basket of 1500, want %d", len(got), rowWidth)
	}
	for range 3 {
		m.Learn([]string{"w7", "w8", "w9"})
	}
	if got := m.Together(nil, &p, []string{"w7"}, 2000); len(got) != 2 || got[0].Item != "w8" || got[1].Item != "w9" {
		t.Errorf("%v, want the two companions that came again: all of a count or none", got)
	}
}

func TestExponentsThatForetellAreChosen(t *testing.T) {
	m := NewBasketModel("", 1<<40)
	r := rand.New(rand.NewPCG(5, 5))
	for range 4000 { // everybody buys bags; the rest goes in fixed threes
		set := r.IntN(40)
		items := []string{"bag", fmt.Sprint(set, "a"), fmt.Sprint(set, "b"), fmt.Sprint(set, "c")}
		m.Learn(items[r.IntN(2):])
	}
	count := len(tried) - 1
	if m.trials.drawn < trustTrials || m.power.exponents == tried[count] {
		t.Errorf("after %d trials the exponents are %+v, the plain count's", m.trials.drawn, m.power.exponents)
	}
	var p BasketPredictor
	if got := m.Together(nil, &p, []string{"7a"}, 2); got[0].Item == "bag" {
		t.Errorf("with 7a go %v, want its set before the bag", got)
	}
}
