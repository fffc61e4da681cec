package recommender

import (
	"testing"

	"github.com/zeebo/xxh3"

	"beckon/clickstream"
)

func erasure(site, visitor string) clickstream.Fact {
	return clickstream.Fact{Site: site, Erase: &clickstream.Erase{Site: site, Visitor: clickstream.VisitorHash(visitor)}}
}

func TestModelsForgetAnErasedVisitor(t *testing.T) {
	e := New(small)
	shop := newShop(5)
	apply(t, e, shop.facts(3000), 100)
	u, a := e.outcomes.sites["north"], e.factors.sites["north"]
	hash := xxh3.HashString("v3")
	if u.newest[hash] == 0 || a.users[hash] == 0 {
		t.Fatal("nothing is held of the visitor: the test proves little")
	}
	people, sum, south := len(a.people), a.items[0].sum, len(e.factors.sites["south"].people)
	shown := u.shown
	apply(t, e, []clickstream.Fact{erasure("north", "v3"), erasure("north", "nobody"), erasure("nowhere", "v3")}, 2)
	if u.newest[hash] != 0 || a.users[hash] != 0 || len(a.people) != people-1 {
		t.Error("still held")
	}
	for i := range u.ring {
		if u.ring[i].visitor == hash {
			t.Errorf("impression %d is still the visitor's", i)
		}
	}
	for i := range a.people {
		if a.people[i].hash == hash || a.users[a.people[i].hash] != uint32(i+1) {
			t.Errorf("person %d: %+v", i, a.people[i])
		}
	}
	n := 0
	for at, before := a.oldest, uint32(0); at != 0; at, before = a.people[at-1].newer, at {
		if a.people[at-1].older != before {
			t.Fatalf("person %d comes after %d, not %d", at, a.people[at-1].older, before)
		}
		n++
	}
	if n != len(a.people) {
		t.Errorf("the list has %d people of %d", n, len(a.people))
	}
	if u.shown != shown || a.items[0].sum != sum || len(e.factors.sites["south"].people) != south || e.outcomes.sites["south"].newest[hash] == 0 {
		t.Error("counters or the other site changed")
	}
}

func TestErasuresAreTheSameAfterARestore(t *testing.T) {
	shop := newShop(6)
	facts := shop.facts(2000)
	facts = append(facts, erasure("north", "v1"), erasure("south", "v2"))
	facts = append(facts, shop.facts(1500)...)
	whole := New(small)
	apply(t, whole, facts, 64)
	for _, cut := range []int{1999, 2001, 2002, 2500} {
		first := New(small)
		apply(t, first, facts[:cut], 7)
		second := restore(t, small, snapshots(t, first))
		apply(t, second, facts[cut:], 100)
		same(t, snapshots(t, second), snapshots(t, whole))
	}
}
