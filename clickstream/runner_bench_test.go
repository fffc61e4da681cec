package clickstream

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"beckon/clickstream/record"
)

// shopDay is events of a busy shop: visitors come and go, look at some items of a skewed catalog, a few buy.
func shopDay(events, visitors, items int) []Event {
	rng := rand.New(rand.NewPCG(3, 3))
	zipf := rand.NewZipf(rng, 1.2, 10, uint64(items-1))
	clock := int64(1_790_000_000_000)
	all := make([]Event, events)
	for i := range all {
		clock += rng.Int64N(2 * 1_800_000 / int64(events))
		v := rng.IntN(visitors)
		e := Event{
			Site: "shop", Visitor: fmt.Sprintf("v_01J9ZQ4M8W7K2N5T%010d", v), ID: fmt.Sprintf("01J9ZQ4M8W%016d", i),
			Kind: ViewItem, Time: clock, Received: clock + 40, Consent: Analytics | Personalization,
			URL: "https://shop.example/p/1234", Items: []Item{{ID: fmt.Sprint("sku-", zipf.Uint64()), Price: 1999, Quantity: 1}}, Currency: "EUR",
		}
		switch rng.IntN(20) {
		case 0:
			e.Kind = AddToCart
		case 1, 2, 3:
			e.Kind, e.Items = PageView, nil
		case 4:
			e.Kind, e.Items, e.SearchTerm = Search, nil, "kettle"
		}
		e.Name = e.Kind.String()
		all[i] = e
	}
	return all
}

func filledLog(tb testing.TB, events []Event, partitions, perAppend int) *foldLog {
	log := newFoldLog(partitions + 1)
	for len(events) > 0 {
		n := min(perAppend, len(events))
		putEvents(tb, log, partitions, events[:n]...)
		events = events[n:]
	}
	return log
}

// BenchmarkShard is decoding and folding of one partition, per event, without log, facts and locks.
func BenchmarkShard(b *testing.B) {
	const n = 400_000
	var packed record.Packed
	for _, e := range shopDay(n, 100_000, 100_000) {
		packed.Data = AppendEvent(packed.Data, &e)
		packed.Close()
	}
	batch := record.Batch{Data: string(packed.Data), Ends: packed.Ends}
	var e Event
	items := newItemNames()
	for b.Loop() {
		s := newShard(0, 1<<20)
		s.names = items
		for i := range batch.Len() {
			f := Fact{}
			if _, err := s.apply(batch.At(i), &e, &f); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/event")
}

// BenchmarkRunner is the whole runner over 64 partitions, catching up on appends of 500 events.
func BenchmarkRunner(b *testing.B) {
	const n, partitions = 400_000, 64
	log := filledLog(b, shopDay(n, 100_000, 100_000), partitions, 500)
	cut := log.Cut(nil)
	for b.Loop() {
		count := 0
		fold := foldFunc(func(f []Fact) error { count += len(f); return nil })
		r := startable(b, RunnerConfig{Log: log, Partitions: partitions, Dir: b.TempDir(), Folds: []NamedFold{{"count", fold}}})
		r.Start()
		if err := r.Wait(context.Background(), cut); err != nil || count != n {
			b.Fatal(err, count, r.Failures())
		}
		b.StopTimer()
		closeRunner(b, r)
		b.StartTimer()
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkLatency is from a durable event to its fact in a fold, and to its shopper, in a quiet system of 64 partitions.
func BenchmarkLatency(b *testing.B) {
	b.Run("fact", func(b *testing.B) {
		log := newFoldLog(65)
		got := make(chan struct{}, 1)
		fold := foldFunc(func([]Fact) error { got <- struct{}{}; return nil })
		r := startable(b, RunnerConfig{Log: log, Partitions: 64, Dir: b.TempDir(), Folds: []NamedFold{{"got", fold}}})
		r.Start()
		at := int64(0)
		for b.Loop() {
			at++
			putEvents(b, log, 64, viewOf("v", at, "a"))
			<-got
		}
		closeRunner(b, r)
	})
	b.Run("shopper", func(b *testing.B) {
		log := newFoldLog(65)
		r := startable(b, RunnerConfig{Log: log, Partitions: 64, Dir: b.TempDir()})
		r.Start()
		at := int64(0)
		for b.Loop() {
			at++
			putEvents(b, log, 64, viewOf("v", at, "a"))
			if err := r.WaitApplied(context.Background(), "s", "v"); err != nil {
				b.Fatal(err)
			}
		}
		closeRunner(b, r)
	})
}

// BenchmarkVisitors is the memory of a visitor that is active: three events, one session.
func BenchmarkVisitors(b *testing.B) {
	const visitors, items = 400_000, 40_000
	for b.Loop() {
		shards := make([]*shard, 64)
		for p := range shards {
			shards[p] = newShard(p, visitors)
		}
		before := liveBytes()
		apply := func(e *Event) {
			if _, err := shards[PartitionOf(e.Site, e.Visitor, 64)].apply(string(AppendEvent(nil, e)), new(Event), new(Fact)); err != nil {
				b.Fatal(err)
			}
		}
		for i := range 3 * visitors {
			e := viewOf(fmt.Sprintf("v_01J9ZQ4M8W7K2N5T%010d", i%visitors), int64(1_790_000_000_000+i), fmt.Sprint("sku-", i*7%items))
			e.Site, e.ID, e.Consent = "shop", fmt.Sprint(i), Analytics|Personalization
			apply(&e)
		}
		b.ReportMetric(float64(liveBytes()-before)/visitors, "B/visitor")
		size := 0
		for _, s := range shards {
			size += len(s.appendSnapshot(nil))
		}
		b.ReportMetric(float64(size)/visitors, "B/visitor-on-disk")
		runtime.KeepAlive(shards)
	}
}

func liveBytes() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkView reads a shopper with a full history.
func BenchmarkView(b *testing.B) {
	log := newFoldLog(2)
	for i := range 60 {
		putEvents(b, log, 1, viewOf("v", int64(i), fmt.Sprint("i", i)))
	}
	r := startable(b, RunnerConfig{Log: log, Partitions: 1, Dir: b.TempDir()})
	r.Start()
	settled(b, r)
	var v ShopperView
	b.ReportAllocs()
	for b.Loop() {
		if !r.View("s", "v", &v) {
			b.Fatal("unknown")
		}
	}
	closeRunner(b, r)
}

// BenchmarkSnapshot is the pause that a checkpoint takes and the time that a restore takes, per shopper, on one core.
func BenchmarkSnapshot(b *testing.B) {
	const visitors = 50_000
	s := newShard(0, visitors)
	for _, e := range shopDay(3*visitors, visitors, 100_000) {
		if _, err := s.apply(string(AppendEvent(nil, &e)), new(Event), new(Fact)); err != nil {
			b.Fatal(err)
		}
	}
	snap := s.appendSnapshot(nil)
	b.Run("write", func(b *testing.B) {
		for b.Loop() {
			s.appendSnapshot(nil)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(s.count), "ns/shopper")
	})
	b.Run("read", func(b *testing.B) {
		data := string(snap)
		for b.Loop() {
			if err := newShard(0, visitors).restore(data); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(s.count), "ns/shopper")
	})
}
