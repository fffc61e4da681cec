package drift

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"beckon/clickstream"
)

const t0 = 1_790_000_000_000

// shoppers writes facts: answers of a placement of which a share is taken, and views of items.
type shoppers struct {
	rng   *rand.Rand
	at    int64
	n     int
	facts []clickstream.Fact
}

func newShoppers(seed uint64) *shoppers {
	return &shoppers{rng: rand.New(rand.NewPCG(seed, 1)), at: t0}
}

func (s *shoppers) event(kind clickstream.Kind, visitor, placement string, items ...string) {
	e := &clickstream.Event{Site: "s", Visitor: visitor, Kind: kind, Time: s.at, Placement: placement}
	for _, id := range items {
		e.Items = append(e.Items, clickstream.Item{ID: id})
	}
	s.facts = append(s.facts, clickstream.Fact{Site: "s", Event: e, Clock: s.at})
}

// show has n answers shown, of which about a share is taken.
func (s *shoppers) show(placement string, n int, taken float64) {
	for range n {
		s.n++
		s.at += 400
		visitor := fmt.Sprint("v", s.n)
		item := fmt.Sprint("i", s.rng.IntN(500))
		s.event(clickstream.Impression, visitor, placement, "x", item, "y")
		if s.rng.Float64() < taken {
			s.at += 100
			s.event(clickstream.ViewItem, visitor, "", item)
		}
	}
}

// view has n views of items called prefix and a number below span.
func (s *shoppers) view(prefix string, n, span int) {
	for range n {
		s.n++
		s.at += 200
		s.event(clickstream.ViewItem, fmt.Sprint("v", s.n), "", fmt.Sprint(prefix, s.rng.IntN(span)))
	}
}

func fold(t testing.TB, facts []clickstream.Fact) *Fold {
	t.Helper()
	f := New()
	if err := f.ApplyFacts(facts); err != nil {
		t.Fatal(err)
	}
	return f
}

func saved(t testing.TB, f *Fold) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Snapshot(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func placementNamed(t *testing.T, r Report, name string) Stream {
	t.Helper()
	for _, p := range r.Placements {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("no placement %s in %+v", name, r)
	return Stream{}
}

func TestAFallOfClickThroughIsToldWithItsTime(t *testing.T) {
	s := newShoppers(1)
	before := int64(0)
	for i := range 140 {
		share := 0.08
		if i >= 80 {
			share = 0.04
		}
		if i == 80 {
			before = s.at
		}
		s.show("home", 500, share)
		s.show("item", 500, 0.12)
	}
	r := fold(t, s.facts).Report("s")
	home, item := placementNamed(t, r, "home"), placementNamed(t, r, "item")
	if !home.Changed || home.From < 0.07 || home.From > 0.09 || home.Share < 0.03 || home.Share > 0.05 {
		t.Errorf("home: %+v, want a fall from 8 %% to 4 %%", home)
	}
	if since := home.At - before; since < -3_600_000 || since > 3_600_000 {
		t.Errorf("home fell %d min after it did", since/60_000)
	}
	if item.Changed || item.Share < 0.11 || item.Share > 0.13 {
		t.Errorf("item: %+v, want it steady", item)
	}
}

func TestAFallIsToldForAWeek(t *testing.T) {
	s := newShoppers(2)
	s.show("home", 40_000, 0.1)
	s.show("home", 40_000, 0.02)
	f := fold(t, s.facts)
	if r := placementNamed(t, f.Report("s"), "home"); !r.Changed {
		t.Fatalf("%+v, want a change", r)
	}
	later := newShoppers(3)
	later.at, later.n = s.at+toldFor, s.n
	later.show("home", 1000, 0.02)
	if err := f.ApplyFacts(later.facts); err != nil {
		t.Fatal(err)
	}
	if r := placementNamed(t, f.Report("s"), "home"); r.Changed {
		t.Errorf("%+v a week later, want it steady", r)
	}
}

// A million outcomes of one rate, ten times: the bound allows less than one alarm in all.
func TestASteadyRateRaisesNoAlarm(t *testing.T) {
	alarms := 0
	for seed := range uint64(10) {
		rng := rand.New(rand.NewPCG(seed, 7))
		var s stream
		for i := range 300_000 {
			s.note(rng.Float64() < 0.05, t0+int64(i))
			if s.at != 0 {
				alarms++
				break
			}
		}
	}
	if alarms > 0 {
		t.Errorf("%d alarms in three million outcomes of one rate", alarms)
	}
}

func TestNewItemsThatModelsDoNotKnowAreTold(t *testing.T) {
	s := newShoppers(4)
	s.view("a", warmUp+60_000, 300)
	f := fold(t, s.facts)
	if r := f.Report("s"); r.Warming || r.Unknown.Changed || r.Unknown.Share > 0.05 {
		t.Fatalf("%+v, want a site whose items are known", r)
	}
	s.facts = nil
	s.view("b", 20_000, 1_000_000)
	if err := f.ApplyFacts(s.facts); err != nil {
		t.Fatal(err)
	}
	if r := f.Report("s"); !r.Unknown.Changed || r.Unknown.Share < 0.9 || r.Unknown.From > 0.05 {
		t.Errorf("%+v, want nearly all views to be of unknown items", r.Unknown)
	}
}

func TestTheSameFactsGiveTheSameStateThroughAnySnapshot(t *testing.T) {
	s := newShoppers(5)
	for i := range 40 {
		s.show([]string{"home", "item", "cart"}[i%3], 700, 0.02*float64(i%5))
		s.view("a", 700, 50*(i+1))
		if i%7 == 0 {
			s.facts = append(s.facts, clickstream.Fact{Site: "s", Erase: &clickstream.Erase{Site: "s", Visitor: clickstream.VisitorHash(fmt.Sprint("v", s.n-3))}})
		}
	}
	want := saved(t, fold(t, s.facts))
	for _, cut := range []int{0, 1, 1000, len(s.facts) / 2, len(s.facts) - 1} {
		first := fold(t, s.facts[:cut])
		second := New()
		if err := second.Restore(bytes.NewReader(saved(t, first))); err != nil {
			t.Fatal(err)
		}
		for rest := s.facts[cut:]; len(rest) > 0; {
			n := min(len(rest), 777)
			if err := second.ApplyFacts(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		if got := saved(t, second); !bytes.Equal(got, want) {
			t.Errorf("cut at %d: another state", cut)
		}
	}
}

func TestBoundsHold(t *testing.T) {
	s := newShoppers(6)
	for i := range 40 {
		s.event(clickstream.Impression, "v", fmt.Sprint("place", i), "x")
	}
	for i := range openAnswers + 1000 {
		s.event(clickstream.Impression, fmt.Sprint("w", i), "home", "x")
	}
	f := fold(t, s.facts)
	in := f.sites["s"]
	if len(in.places) != maxPlacements || in.places[maxPlacements-1].name != otherPlace || in.open != openAnswers {
		t.Errorf("%d placements, %d open answers", len(in.places), in.open)
	}
	s.facts, s.at = nil, s.at+answerLives
	s.event(clickstream.ViewItem, "v", "", "x")
	if err := f.ApplyFacts(s.facts); err != nil {
		t.Fatal(err)
	}
	if in.open != 0 {
		t.Errorf("%d answers are open after their time", in.open)
	}
}

func TestMachinesAndLateEventsAreLeftOut(t *testing.T) {
	s := newShoppers(7)
	s.show("home", 10, 1)
	for i := range s.facts {
		s.facts[i].Bot, s.facts[i].Late = i%2 == 0, i%2 == 1
	}
	if r := fold(t, s.facts).Report("s"); len(r.Placements) != 0 || r.Views != 0 {
		t.Errorf("%+v of machines' and late events", r)
	}
}

func FuzzRestore(f *testing.F) {
	s := newShoppers(8)
	s.show("home", 300, 0.5)
	good := saved(f, fold(f, s.facts))
	f.Add(good[:64])
	f.Add([]byte{magic, version, 0})
	f.Fuzz(func(t *testing.T, in []byte) {
		fold := New()
		if fold.Restore(bytes.NewReader(in)) != nil {
			return
		}
		if err := fold.ApplyFacts(s.facts); err != nil {
			t.Fatal(err)
		}
	})
}

func BenchmarkApplyFacts(b *testing.B) {
	s := newShoppers(9)
	for range 100 {
		s.show("home", 200, 0.1) // an answer to ten views, about as shops have it
		s.view("a", 2000, 50_000)
	}
	f := fold(b, s.facts)
	b.ReportAllocs()
	span := s.at - t0
	for b.Loop() {
		for i := range s.facts { // time goes on
			s.facts[i].Event.Time += span
		}
		if err := f.ApplyFacts(s.facts); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(s.facts)), "ns/fact")
}
