package now

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"beckon/clickstream"
)

// The table against a plain list: the same visits in the same order, whatever comes and goes.
func TestTableIsASortedListOfVisits(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	var tab table
	want := map[[2]uint64]bool{}
	hashes := make([]uint64, 400)
	for i := range hashes {
		hashes[i] = r.Uint64() & 0x0f00_ffff_ffff_0000 // few parts, so that they grow and shrink
	}
	for i := range 40_000 {
		hash, start := hashes[r.IntN(len(hashes))], 1000+r.Int64N(5)
		key := newVisit(hash, start)
		p := tab.part(hash)
		has := false
		at := p.first(&key)
		for ; at < len(p.slots) && p.slots[at].taken() && p.slots[at].compareVisitor(&key) == 0; at++ {
			if p.slots[at].startMs() == start {
				has = true
				break
			}
		}
		id := [2]uint64{hash, uint64(start)}
		if has != want[id] {
			t.Fatalf("step %d: in the table %v, want %v", i, has, want[id])
		}
		switch fill := i/10_000%2 == 0; {
		case has && (!fill || r.IntN(3) == 0):
			tab.remove(p, at)
			delete(want, id)
		case !has && (fill || r.IntN(3) == 0):
			tab.insert(p, key)
			want[id] = true
		}
	}
	if tab.count != len(want) {
		t.Errorf("%d visits, want %d", tab.count, len(want))
	}
	for n := range tab.parts {
		var all []visit
		for i, v := range tab.parts[n].slots {
			if v.taken() {
				all = append(all, v)
				if tab.parts[n].home(v.hash) > i {
					t.Error("a visit before its home")
				}
			}
		}
		if len(all) != tab.parts[n].used || !slices.IsSortedFunc(all, func(a, b visit) int { return a.compare(&b) }) {
			t.Errorf("part %d: %d visits, %d used", n, len(all), tab.parts[n].used)
		}
	}
}

func TestNewestVisitsAreThoseThatHadSomethingLast(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	g := guests{bound: 20}
	var want []uint64 // the newest first
	for i := range 20_000 {
		hash := uint64(r.IntN(60)) * 0x1_0000_0005
		if i%97 == 0 {
			g.forget(hash)
			want = slices.DeleteFunc(want, func(h uint64) bool { return h == hash })
		} else {
			g.add(&clickstream.Session{}, &clickstream.Event{Visitor: fmt.Sprint(hash)}, hash)
			want = slices.DeleteFunc(want, func(h uint64) bool { return h == hash })
			want = slices.Insert(want, 0, hash)
			want = want[:min(len(want), 20)]
		}
		var got []uint64
		g.newest(func(v *guest) bool {
			if string(v.visitor) != fmt.Sprint(v.hash) {
				t.Fatalf("step %d: %s under %d", i, v.visitor, v.hash)
			}
			got = append(got, v.hash)
			return true
		})
		if !slices.Equal(got, want) {
			t.Fatalf("step %d: %v\nwant %v", i, got, want)
		}
	}
}

func TestRingsAndTablesAreBounded(t *testing.T) {
	f := New(Config{Visits: 50, Carts: 10})
	facts := make([]clickstream.Fact, 1)
	for i := range 3000 {
		at := noon + int64(i)*10
		who := fmt.Sprint("v", i)
		e := &clickstream.Event{Site: "shop", Visitor: who, Kind: clickstream.AddToCart, Time: at, Currency: "EUR", Items: []clickstream.Item{of("mug", 1, 1)}, URL: string(make([]byte, 5000))}
		s := &clickstream.Session{Key: clickstream.SessionKey{Visitor: who, Start: at}, End: at, Events: 1}
		facts[0] = clickstream.Fact{Seq: uint64(i), Site: "shop", Clock: at, Event: e, Changes: []clickstream.SessionChange{{Session: s}}}
		if err := f.ApplyFacts(facts); err != nil {
			t.Fatal(err)
		}
	}
	s := f.sites["shop"]
	if s.visits.count != 50 || len(s.carts) != 10 || len(s.people.events.list) != peopleEvents || len(s.people.visits.list) != peopleVisits {
		t.Errorf("%d visits, %d carts, %d events, %d of the newest", s.visits.count, len(s.carts), len(s.people.events.list), len(s.people.visits.list))
	}
	if got := f.Sum("shop", "EUR", noon, noon+hourMs); got.Visits != 3000 || got.Carts != 3000 {
		t.Errorf("all count, those that are not followed too: %+v", got)
	}
	if n := cap(s.people.events.list[0].text); n > 2*maxNoteText {
		t.Errorf("a note of %d bytes", n)
	}
}

func TestMinutesAreKeptForEightDays(t *testing.T) {
	s := &script{}
	for h := range 24 * 12 {
		s.do(float64(h)*3600, "ann", clickstream.ViewItem, of("mug", 1, 1))
	}
	f := s.fold(t)
	last := int64(noon + (24*12-1)*hourMs)
	if got := f.Sum("shop", "EUR", 0, last+hourMs).Views; got != keepHours {
		t.Errorf("%d views are known, want those of %d hours", got, keepHours)
	}
	if since := f.Since("shop"); since != last-(keepHours-1)*hourMs {
		t.Errorf("since %d h before", (last-since)/hourMs)
	}
	hours := 0
	for _, h := range f.sites["shop"].minutes.ring {
		if h != nil {
			hours++
		}
	}
	if hours != keepHours {
		t.Errorf("%d hours in memory", hours)
	}
}
