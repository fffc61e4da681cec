package now

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"beckon/clickstream"
	"beckon/clickstream/snapshot"
)

func saved(t testing.TB, f *Fold) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Snapshot(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSameFactsSameStateHoweverTheyAreCutAndWhereverOneRestarts(t *testing.T) {
	for seed := range uint64(4) {
		events, erase := random(seed+100, 3000)
		facts := factsOf(t, events, erase)
		whole := New(Config{})
		if err := whole.ApplyFacts(facts); err != nil {
			t.Fatal(err)
		}
		want := saved(t, whole)
		r := rand.New(rand.NewPCG(seed, 1))
		parts := New(Config{})
		for rest := facts; len(rest) > 0; {
			n := min(1+r.IntN(150), len(rest))
			if err := parts.ApplyFacts(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
			if r.IntN(4) > 0 {
				continue
			}
			again := New(Config{})
			if err := again.Restore(bytes.NewReader(saved(t, parts))); err != nil {
				t.Fatalf("seed %d, %d facts left: %v", seed, len(rest), err)
			}
			parts = again
		}
		if got := saved(t, parts); !bytes.Equal(got, want) {
			t.Errorf("seed %d: another state, %d bytes and %d", seed, len(got), len(want))
		}
		now := facts[len(facts)-1].Clock
		if a, b := whole.Events("shop", true, 1000, nil), parts.Events("shop", true, 1000, nil); len(a) != len(b) || a[0] != b[0] {
			t.Errorf("seed %d: %d events, then %d", seed, len(a), len(b))
		}
		if a, b := whole.Visits("shop", now, true, 1000), parts.Visits("shop", now, true, 1000); len(a) != len(b) || a[0] != b[0] {
			t.Errorf("seed %d: %d visits, then %d", seed, len(a), len(b))
		}
	}
}

func TestSitesShareNothing(t *testing.T) {
	events, erase := random(11, 3000)
	facts := factsOf(t, events, erase)
	both, alone := New(Config{}), New(Config{})
	for i := range facts {
		one := facts[i : i+1]
		if err := both.ApplyFacts(one); err != nil {
			t.Fatal(err)
		}
		if one[0].Site == "other" {
			if err := alone.ApplyFacts(one); err != nil {
				t.Fatal(err)
			}
		}
	}
	delete(both.sites, "shop")
	if !bytes.Equal(saved(t, both), saved(t, alone)) {
		t.Error("another site left something")
	}
}

func TestNothingOfAnErasedVisitorIsLeft(t *testing.T) {
	events, _ := random(12, 1500)
	last := events[len(events)-1]
	last.Visitor, last.Site = "somebody-else", "shop"
	events = append(events, last)
	f := New(Config{})
	if err := f.ApplyFacts(factsOf(t, events, map[int]string{len(events) - 1: "v7"})); err != nil {
		t.Fatal(err)
	}
	before := New(Config{})
	if err := before.ApplyFacts(factsOf(t, events, nil)); err != nil {
		t.Fatal(err)
	}
	hash := clickstream.VisitorHash("v7")
	own := func(f *Fold) (n int) {
		for _, e := range f.Events("shop", true, 1000, nil) {
			if e.Visitor == "v7" {
				n++
			}
		}
		for _, v := range f.Visits("shop", last.Time, true, 1000) {
			if v.Visitor == "v7" {
				n++
			}
		}
		for _, e := range f.Orders("shop", 1000) {
			if e.Visitor == "v7" {
				n++
			}
		}
		s := f.sites["shop"]
		key := newVisit(hash, 0)
		n += len(s.visits.part(hash).of(&key))
		if s.carts[hash] != nil {
			n++
		}
		for i := range s.searches.list {
			if s.searches.list[i].hash == hash {
				n++
			}
		}
		return n
	}
	if own(before) < 5 {
		t.Fatalf("only %d of the visitor before", own(before))
	}
	if n := own(f); n != 0 {
		t.Errorf("%d places still know the visitor", n)
	}
	delete(f.sites, "other") // where it is another visitor
	if b := saved(t, f); bytes.Contains(b, []byte("\x02v7")) {
		t.Error("the snapshot names the visitor")
	}
}

func TestDamagedSnapshotsAreRefusedAndChangeNothing(t *testing.T) {
	events, erase := random(13, 600)
	f := New(Config{})
	if err := f.ApplyFacts(factsOf(t, events, erase)); err != nil {
		t.Fatal(err)
	}
	whole := saved(t, f)
	for n := 0; n < len(whole); n += 1 + n/200 {
		if err := f.Restore(bytes.NewReader(whole[:n])); !errors.Is(err, snapshot.ErrDamaged) {
			t.Fatalf("the first %d bytes: %v", n, err)
		}
	}
	for _, text := range []string{"w\x02", "x\x01", "w\x01\x01\x01s"} {
		if err := f.Restore(strings.NewReader(text)); !errors.Is(err, snapshot.ErrDamaged) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if !bytes.Equal(saved(t, f), whole) {
		t.Error("a refused snapshot changed the state")
	}
}

func FuzzRestore(f *testing.F) {
	events, erase := random(14, 300)
	fold := New(Config{})
	if err := fold.ApplyFacts(factsOf(f, events, erase)); err != nil {
		f.Fatal(err)
	}
	f.Add(saved(f, fold))
	f.Add(saved(f, New(Config{})))
	facts := factsOf(f, events[:50], nil)
	f.Fuzz(func(t *testing.T, data []byte) {
		fold := New(Config{})
		if fold.Restore(bytes.NewReader(data)) != nil {
			return
		}
		again := New(Config{})
		first := saved(t, fold)
		if err := again.Restore(bytes.NewReader(first)); err != nil {
			t.Fatalf("what was saved is refused: %v", err)
		}
		if !bytes.Equal(saved(t, again), first) {
			t.Fatal("another state after a restart")
		}
		_ = again.ApplyFacts(facts)
		again.Live("shop", noon)
		again.Visits("shop", noon, true, 10)
	})
}
