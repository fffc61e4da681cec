package demand

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"beckon/clickstream"
)

const (
	start  = int64(1_790_000_000_000) / dayMs * dayMs // a UTC midnight
	second = int64(1000)
)

func apply(t testing.TB, f *Fold, facts []clickstream.Fact, batch int) {
	t.Helper()
	for len(facts) > 0 {
		n := min(batch, len(facts))
		if err := f.ApplyFacts(facts[:n]); err != nil {
			t.Fatal(err)
		}
		facts = facts[n:]
	}
}

func bytesOf(t testing.TB, f *Fold) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f.Snapshot(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// done is a fact of one item.
func done(kind clickstream.Kind, visitor, item string, at int64) clickstream.Fact {
	return clickstream.Fact{Site: "s", Clock: at, Event: &clickstream.Event{
		Site: "s", Visitor: visitor, Kind: kind, Name: kind.String(), Time: at, Currency: "EUR",
		Items: []clickstream.Item{{ID: item, Quantity: 1, Price: 500}},
	}}
}

func viewed(item string, at int64) clickstream.Fact { return done(clickstream.ViewItem, "v", item, at) }

func bought(transaction, item string, units, at int64) clickstream.Fact {
	f := done(clickstream.Purchase, "v", item, at)
	f.Event.Transaction, f.Event.Items[0].Quantity = transaction, units
	return f
}

func refunded(transaction string, at int64, items ...clickstream.Item) clickstream.Fact {
	f := done(clickstream.Refund, "v", "", at)
	f.Event.Transaction, f.Event.Items = transaction, items
	return f
}

func exposedTo(arm, visitor string, from, until int64) clickstream.Fact {
	f := done(clickstream.Custom, visitor, "", from)
	f.Event.Name, f.Event.Generated, f.Event.Items = ExposureName, true, nil
	f.Event.Props = fmt.Sprintf(`{"campaign":"c","arm":%q,"offer":"o","until":%d}`, arm, until)
	return f
}

// random makes facts of two sites with everything that may come: out of order by up to a day, refunds, offers, erasures, machines.
func random(seed uint64, n int) []clickstream.Fact {
	r := rand.New(rand.NewPCG(seed, 1))
	clock := start
	out := make([]clickstream.Fact, 0, n)
	for i := range n {
		clock += int64(r.IntN(120_000))
		if r.IntN(800) == 0 {
			clock += int64(r.IntN(6)) * dayMs / 2
		}
		at := clock
		switch r.IntN(12) {
		case 0:
			at -= int64(r.IntN(20 * 3600_000))
		case 1, 2, 3:
			at -= int64(r.IntN(90_000))
		}
		visitor, item := fmt.Sprint("v", r.IntN(40)), fmt.Sprint("sku-", int(r.ExpFloat64()*20))
		var f clickstream.Fact
		switch k := r.IntN(40); {
		case k < 3:
			f = bought(fmt.Sprint("t", i), item, 1+int64(r.IntN(4)), at)
			f.Event.Items = append(f.Event.Items, clickstream.Item{ID: fmt.Sprint("sku-", r.IntN(50)), Quantity: 2, Price: 100})
			if r.IntN(6) == 0 {
				f.Event.Currency = "USD"
			}
		case k < 5:
			f = refunded(fmt.Sprint("t", r.IntN(i+1)), at)
			if r.IntN(2) == 0 {
				f.Event.Items = []clickstream.Item{{ID: item, Quantity: int64(1 + r.IntN(3))}}
			}
		case k < 10:
			f = done(clickstream.AddToCart, visitor, item, at)
		case k == 10:
			f = exposedTo([]string{"offer", "holdout"}[r.IntN(2)], visitor, clock, clock+int64(r.IntN(7200_000)))
		case k == 11:
			f = clickstream.Fact{Clock: clock, Erase: &clickstream.Erase{Site: "s", Visitor: clickstream.VisitorHash(visitor)}}
		case k == 12:
			f = clickstream.Fact{Clock: clock}
		default:
			f = viewed(item, at)
			f.Event.Visitor = visitor
		}
		f.Site, f.Clock = []string{"s", "other"}[r.IntN(2)], clock
		if f.Event != nil {
			f.Event.Site = f.Site
			for j := range f.Event.Items {
				f.Event.Items[j].Category = fmt.Sprint("shelf-", r.IntN(4))
			}
		}
		f.Late, f.Bot, f.Repeat = r.IntN(60) == 0, r.IntN(60) == 0, r.IntN(60) == 0
		out = append(out, f)
	}
	return out
}

// small has bounds that some thousand facts meet.
var small = Config{Items: 60, Orders: 20, Exposed: 5}

func TestSameFactsGiveSameSnapshotInAnyBatches(t *testing.T) {
	for seed, cfg := range []Config{{}, small} {
		facts := random(uint64(seed), 8000)
		one, other := New(cfg), New(cfg)
		apply(t, one, facts, 4096)
		for i := 0; i < len(facts); i += 500 { // questions in between change nothing
			apply(t, other, facts[i:min(i+500, len(facts))], 7)
			ask(other, facts[i].Clock)
		}
		if !bytes.Equal(bytesOf(t, one), bytesOf(t, other)) {
			t.Errorf("bounds %+v: snapshots differ", cfg)
		}
	}
}

func ask(f *Fold, now int64) {
	f.Surges("s", now, 10, nil)
	f.MostViewed("s", now, 10, nil)
	f.Scored(nil, "s", []string{"sku-1", "sku-2", "none"}, now-hourMs, now)
	f.Scored(nil, "s", []string{"sku-1"}, now-7*dayMs, now)
	f.Slot(nil, "s", now-dayMs, now)
	f.Days(nil, "s", "sku-3", now, 30)
	f.Rate("s", "sku-3", 0, now)
	f.Season("s", "sku-3", now-dayMs, now)
	f.Sum("s", "sku-1", now-5*minuteMs, now)
}

func TestReadersNeedNotWaitForTheWriter(t *testing.T) {
	facts := random(21, 6000)
	f := New(small)
	var wg sync.WaitGroup
	done := make(chan struct{})
	for range 3 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-done:
					return
				default:
					ask(f, facts[i*37%len(facts)].Clock)
				}
			}
		})
	}
	apply(t, f, facts, 100)
	close(done)
	wg.Wait()
	alone := New(small)
	apply(t, alone, facts, 100)
	if !bytes.Equal(bytesOf(t, f), bytesOf(t, alone)) {
		t.Error("readers changed the state")
	}
}

func TestRestoredFoldGoesOnAsIfItHadNeverStopped(t *testing.T) {
	for seed, cfg := range []Config{{}, small} {
		facts := random(uint64(seed)+7, 8000)
		through, again := New(cfg), New(cfg)
		apply(t, through, facts[:4500], 100)
		stopped := bytesOf(t, through)
		if err := again.Restore(bytes.NewReader(stopped)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(bytesOf(t, again), stopped) {
			t.Fatal("a restored fold writes another snapshot")
		}
		apply(t, through, facts[4500:], 64)
		apply(t, again, facts[4500:], 33)
		if !bytes.Equal(bytesOf(t, again), bytesOf(t, through)) {
			t.Errorf("bounds %+v: a restored fold goes on otherwise", cfg)
		}
	}
}

func TestDamagedSnapshotLeavesTheStateAsItWas(t *testing.T) {
	f := New(Config{})
	apply(t, f, random(3, 2000), 100)
	whole := bytesOf(t, f)
	for cut := 0; cut < len(whole); cut += 1 + len(whole)/211 {
		if f.Restore(bytes.NewReader(whole[:cut])) == nil {
			t.Fatalf("%d of %d bytes were taken for whole", cut, len(whole))
		}
	}
	for _, other := range [][]byte{append(bytes.Clone(whole), 0), append([]byte{whole[0], whole[1] + 1}, whole[2:]...)} {
		if f.Restore(bytes.NewReader(other)) == nil {
			t.Error("a longer or newer snapshot was taken")
		}
	}
	if !bytes.Equal(bytesOf(t, f), whole) {
		t.Error("a refused snapshot changed the state")
	}
}

func FuzzRestore(f *testing.F) {
	for _, cfg := range []Config{{}, small} {
		fold := New(cfg)
		apply(f, fold, random(5, 60), 100)
		f.Add(bytesOf(f, fold))
	}
	facts := random(6, 60)
	f.Fuzz(func(t *testing.T, b []byte) {
		fold := New(small)
		if fold.Restore(bytes.NewReader(b)) != nil {
			return
		}
		first := bytesOf(t, fold)
		again := New(small)
		if err := again.Restore(bytes.NewReader(first)); err != nil {
			t.Fatalf("its own snapshot: %v", err)
		}
		if !bytes.Equal(bytesOf(t, again), first) {
			t.Fatal("a restored fold writes another snapshot")
		}
		apply(t, fold, facts, 10) // whatever was taken can be worked with
		ask(fold, facts[len(facts)-1].Clock)
		ask(fold, fold.Clock("s"))
	})
}
