package recommender

import (
	"fmt"
	"testing"

	"beckon/clickstream"
)

func TestWhatIsTakenGainsWeight(t *testing.T) {
	u := newUptake()
	at := int64(1e12)
	for i := range 3000 {
		visitor := fmt.Sprint("v", i%500)
		at += 1000
		u.show(&clickstream.Event{Visitor: visitor, Time: at, Placement: Cart, Items: []clickstream.Item{
			{ID: "a", Reason: BoughtTogether}, {ID: "b", Reason: InSession}, {ID: "c", Reason: Pinned},
		}})
		if i%4 == 0 {
			u.take(visitor, "a", at+10)
			u.take(visitor, "a", at+20) // taken once
		}
		if i%40 == 0 {
			u.take(visitor, "b", at+10)
			u.take(visitor, "z", at+10)
			u.take("stranger", "b", at+10)
		}
	}
	before, after := placements[placementOf(Cart)].weights, u.weights(placementOf(Cart))
	if after[fromBaskets] <= before[fromBaskets] || after[fromSession] >= before[fromSession] {
		t.Errorf("weights %v, from %v: what is taken ten times as often should gain", after, before)
	}
	for s := range before {
		if after[s] < before[s]*uptakeLeast-1e-6 || after[s] > before[s]*uptakeMost+1e-6 {
			t.Errorf("weight %d went from %v to %v, out of bounds", s, before[s], after[s])
		}
	}
	if got := u.taken[placementOf(Cart)][fromBaskets]; got > 750 {
		t.Errorf("%v taken of 750: one act counted twice", got)
	}
	if got := u.weights(placementOf(Home)); got != placements[placementOf(Home)].weights {
		t.Errorf("another placement's weights moved to %v", got)
	}
}
