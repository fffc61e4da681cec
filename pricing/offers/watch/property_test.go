package watch

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"beckon/clickstream"
)

var kinds = []clickstream.Kind{
	clickstream.PageView, clickstream.ViewItemList, clickstream.Search, clickstream.ViewItem, clickstream.ViewItem, clickstream.ViewItem,
	clickstream.AddToCart, clickstream.AddToCart, clickstream.RemoveFromCart, clickstream.ViewCart, clickstream.BeginCheckout,
	clickstream.Purchase, clickstream.Heartbeat, clickstream.Refund, clickstream.ConsentChange,
}

// random is what many shoppers do on several sites, with everything that facts can say.
func random(r *rand.Rand, n int) []clickstream.Fact {
	var facts []clickstream.Fact
	clocks := map[string]int64{"shop": noon, "other": noon}
	seq := uint64(0)
	for range n {
		site := []string{"shop", "shop", "shop", "other"}[r.IntN(4)]
		now := clocks[site] + r.Int64N(20*second)
		if r.IntN(200) == 0 {
			now += r.Int64N(60 * minute)
		}
		visitor := fmt.Sprint("v", r.IntN(40))
		seq++
		f := clickstream.Fact{Seq: seq, Site: site}
		switch r.IntN(30) {
		case 0:
			f.Clock = now
			clocks[site] = now
			facts = append(facts, f)
			continue
		case 1:
			if r.IntN(5) == 0 {
				f.Erase = &clickstream.Erase{Site: site, Visitor: clickstream.VisitorHash(visitor)}
				f.Clock = clocks[site]
				facts = append(facts, f)
				continue
			}
		}
		e := &clickstream.Event{
			Site: site, Visitor: visitor, Kind: kinds[r.IntN(len(kinds))], Time: now - r.Int64N(3*minute), Currency: "EUR", Consent: 3,
			Transaction: fmt.Sprint("t", r.IntN(40)),
		}
		e.Name = e.Kind.String()
		for range r.IntN(4) {
			e.Items = append(e.Items, clickstream.Item{ID: fmt.Sprint("i", r.IntN(9)), Price: r.Int64N(9000) - 1, Quantity: r.Int64N(4)})
		}
		switch r.IntN(12) {
		case 0:
			x := Exposure{Campaign: fmt.Sprint("c", r.IntN(3)), Arm: Arm(r.IntN(2)), Offer: fmt.Sprint("o_", r.IntN(300)), Until: now + 20*minute}
			e.Kind, e.Name, e.Generated, e.Time, e.Props, e.Items = clickstream.Custom, ExposureName, true, now, x.Props(), nil
		case 1:
			e.Kind, e.Name, e.Generated, e.Props, e.Items = clickstream.Custom, SeenName, true, SeenProps(fmt.Sprint("o_", r.IntN(300))), nil
		case 2:
			if r.IntN(10) == 0 {
				e.Consent = clickstream.Analytics
			}
		case 3:
			f.Bot = r.IntN(20) == 0
		case 4:
			f.Late = r.IntN(3) == 0
		}
		f.Repeat = e.Kind == clickstream.Purchase && r.IntN(5) == 0
		if !e.Generated {
			clocks[site] = max(clocks[site], e.Time)
		}
		f.Event, f.Clock = e, clocks[site]
		facts = append(facts, f)
	}
	return facts
}

// both is the two folds with bounds that random facts reach.
type both struct {
	carts  *Carts
	uplift *Uplift
}

func newBoth(t testing.TB) both {
	t.Helper()
	c := carts(t, CartsConfig{Shoppers: 20, Remembered: 15}, 30*time.Second, 2*time.Minute)
	u, err := NewUplift(UpliftConfig{Window: 2 * time.Hour, Lateness: time.Hour, Exposed: 25})
	if err != nil {
		t.Fatal(err)
	}
	return both{c, u}
}

func (b both) apply(t testing.TB, facts []clickstream.Fact) {
	t.Helper()
	if err := b.carts.ApplyFacts(facts); err != nil {
		t.Fatal(err)
	}
	if err := b.uplift.ApplyFacts(facts); err != nil {
		t.Fatal(err)
	}
}

func (b both) bytes(t testing.TB) []byte {
	return append(bytesOf(t, b.carts), bytesOf(t, b.uplift)...)
}

func (b both) restore(t testing.TB, from both) {
	t.Helper()
	if err := b.carts.Restore(bytes.NewReader(bytesOf(t, from.carts))); err != nil {
		t.Fatal(err)
	}
	if err := b.uplift.Restore(bytes.NewReader(bytesOf(t, from.uplift))); err != nil {
		t.Fatal(err)
	}
}

func TestAnyBatchesGiveTheSameBytes(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		facts := random(r, 3000)
		whole := newBoth(t)
		whole.apply(t, facts)
		want := whole.bytes(t)
		split := newBoth(t)
		for rest := facts; len(rest) > 0; {
			n := min(1+r.IntN(400), len(rest))
			split.apply(t, rest[:n])
			split.carts.Watch("shop", []time.Duration{time.Duration(1+r.IntN(90)) * time.Second}) // what is asked changes nothing
			rest = rest[n:]
		}
		if !bytes.Equal(split.bytes(t), want) {
			t.Fatalf("seed %d: other bytes", seed)
		}
	}
}

func TestRestartAnywhereGoesOnTheSame(t *testing.T) {
	triggered := 0
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 2))
		facts := random(r, 2000)
		whole := newBoth(t)
		restarted := newBoth(t)
		for rest := facts; len(rest) > 0; {
			n := min(1+r.IntN(500), len(rest))
			whole.apply(t, rest[:n])
			restarted.apply(t, rest[:n])
			rest = rest[n:]
			a, _ := whole.carts.Take(nil, 1<<20)
			b, _ := restarted.carts.Take(nil, 1<<20)
			if fmt.Sprint(sorted(a)) != fmt.Sprint(sorted(b)) {
				t.Fatalf("seed %d: triggers %v, restarted %v", seed, a, b)
			}
			triggered += len(a)
			fresh := newBoth(t)
			fresh.restore(t, restarted)
			if !bytes.Equal(fresh.bytes(t), whole.bytes(t)) {
				t.Fatalf("seed %d: other bytes after a restart", seed)
			}
			restarted = fresh
			// What came due before and was not answered comes again, and nothing else: empty both queues.
			whole.carts.Watch("shop", nil)
			restarted.carts.Watch("shop", nil)
			idles := []time.Duration{30 * time.Second, 2 * time.Minute}
			whole.carts.Watch("shop", idles)
			restarted.carts.Watch("shop", idles)
			a, _ = whole.carts.Take(nil, 1<<20)
			b, _ = restarted.carts.Take(nil, 1<<20)
			if fmt.Sprint(sorted(a)) != fmt.Sprint(sorted(b)) {
				t.Fatalf("seed %d: again %v, restarted %v", seed, a, b)
			}
		}
	}
	if triggered < 100 {
		t.Errorf("only %d triggers: the facts do not test enough", triggered)
	}
}

func sorted(all []Trigger) []Trigger {
	slices.SortFunc(all, func(a, b Trigger) int {
		switch {
		case a.ID != b.ID:
			if a.ID < b.ID {
				return -1
			}
			return 1
		default:
			return int(a.Idle - b.Idle)
		}
	})
	return all
}

// Whatever the order in which the acts of half an hour arrive, the cart is the same.
func TestArrivalOrderDoesNotMatter(t *testing.T) {
	atRisk := 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 3))
		s := newScript()
		s.do(0, "ann", clickstream.Search)
		at := 0.0
		for range 3 + r.IntN(40) {
			at += 1 + r.Float64()*40
			kind := kinds[r.IntN(len(kinds)-1)]
			s.do(at, "ann", kind, piece(fmt.Sprint("i", r.IntN(3))), piece(fmt.Sprint("i", r.IntN(3))))
			if r.IntN(15) == 0 {
				at += 31 * 60 / 20
			}
		}
		inOrder := s.facts
		mixed := slices.Clone(inOrder[1:])
		r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
		mixed = append(inOrder[:1:1], mixed...) // the shopper is known from the first on
		clock := noon
		for i := range mixed {
			clock = max(clock, mixed[i].Event.Time)
			mixed[i].Clock = clock
		}
		end := &script{site: "shop", clock: s.clock}
		end.tick(at + 90)
		a, b := carts(t, CartsConfig{}), carts(t, CartsConfig{})
		for c, facts := range map[*Carts][]clickstream.Fact{a: inOrder, b: mixed} {
			c.Watch("shop", nil) // only how it ends
			run(t, c, &script{facts: facts})
			c.Watch("shop", []time.Duration{90 * time.Second})
		}
		want, got := run(t, a, &script{facts: end.facts}), run(t, b, &script{facts: end.facts})
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("seed %d:\n got %v\nwant %v", seed, got, want)
		}
		atRisk += len(want)
	}
	if atRisk < 20 {
		t.Errorf("only %d carts at risk: the acts do not test enough", atRisk)
	}
}

func FuzzRestore(f *testing.F) {
	r := rand.New(rand.NewPCG(4, 4))
	b := newBoth(f)
	b.apply(f, random(r, 1000))
	f.Add(bytesOf(f, b.carts))
	f.Add(bytesOf(f, b.uplift))
	f.Add([]byte{})
	more := random(rand.New(rand.NewPCG(5, 5)), 200)
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, fold := range []fold{newBoth(t).carts, newBoth(t).uplift} {
			if fold.Restore(bytes.NewReader(data)) != nil {
				continue
			}
			saved := bytesOf(t, fold)
			if err := fold.Restore(bytes.NewReader(saved)); err != nil {
				t.Fatalf("its own snapshot: %v", err)
			}
			if !bytes.Equal(bytesOf(t, fold), saved) {
				t.Fatal("a snapshot is not stable")
			}
			if err := fold.ApplyFacts(more); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func FuzzExposure(f *testing.F) {
	x := Exposure{Campaign: "c", Arm: HoldoutArm, Offer: "o_1", Until: 5, Currency: "EUR"}
	f.Add(x.Props())
	f.Add(`{"campaign":"","arm":"offer"}`)
	f.Fuzz(func(t *testing.T, props string) {
		x, err := ReadExposure(props)
		if err != nil {
			return
		}
		if back, err := ReadExposure(x.Props()); err != nil || back != x {
			t.Fatalf("%+v came back as %+v, %v", x, back, err)
		}
	})
}
