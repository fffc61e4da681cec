package history

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"beckon/clickstream"
	"beckon/clickstream/record"
)

// busyDay is events of a busy shop: many visitors, a skewed catalog, a few buy.
func busyDay(n, visitors, items int) []clickstream.Event {
	rng := rand.New(rand.NewPCG(3, 3))
	zipf := rand.NewZipf(rng, 1.2, 10, uint64(items-1))
	clock := int64(1_790_000_000_000)
	agents := []string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
	}
	all := make([]clickstream.Event, n)
	for i := range all {
		clock += rng.Int64N(max(2*1_800_000/int64(n), 1))
		e := clickstream.Event{
			Site: "shop", Visitor: fmt.Sprintf("v_01J9ZQ4M8W7K2N5T%010d", rng.IntN(visitors)), ID: fmt.Sprintf("01J9ZQ4M8W%016d", i),
			Kind: clickstream.ViewItem, Time: clock, Received: clock + 40, Consent: clickstream.Analytics | clickstream.Personalization,
			URL: fmt.Sprint("https://shop.example/p/", rng.IntN(items)), UserAgent: agents[rng.IntN(3)], Currency: "EUR",
			Items: []clickstream.Item{{ID: fmt.Sprint("sku-", zipf.Uint64()), Price: 1999, Quantity: 1}},
		}
		switch rng.IntN(20) {
		case 0:
			e.Kind = clickstream.AddToCart
		case 1, 2, 3:
			e.Kind, e.Items, e.Currency = clickstream.PageView, nil, ""
		case 4:
			e.Kind, e.Items, e.SearchTerm, e.Currency = clickstream.Search, nil, "kettle", ""
		}
		e.Name = e.Kind.String()
		all[i] = e
	}
	return all
}

func (in *installation) putMany(events []clickstream.Event, some int) {
	for len(events) > 0 {
		n := min(some, len(events))
		in.put(events[:n]...)
		events = events[n:]
	}
}

// BenchmarkSpool is the tap's cost beside the models, per fact.
func BenchmarkSpool(b *testing.B) {
	const n = 400_000
	in := openInstallation(b, b.TempDir(), 4, SpoolConfig{})
	defer in.close()
	var kept [][]clickstream.Fact
	keep := factsKept(func(facts []clickstream.Fact) {
		own := make([]clickstream.Fact, len(facts))
		for i := range facts {
			own[i] = facts[i]
			own[i].Changes = append([]clickstream.SessionChange(nil), facts[i].Changes...)
			if e := facts[i].Event; e != nil {
				c := *e
				own[i].Event = &c
			}
		}
		kept = append(kept, own)
	})
	in.putMany(busyDay(n, 100_000, 100_000), 500)
	r, err := clickstream.OpenRunner(b.Context(), clickstream.RunnerConfig{
		Log: in.events, Partitions: in.data, Dir: b.TempDir(), CheckpointEvery: -1, Folds: []clickstream.NamedFold{{Name: "keep", Fold: keep}},
	})
	if err != nil {
		b.Fatal(err)
	}
	r.Start()
	if err := r.Wait(b.Context(), in.events.Cut(nil)); err != nil {
		b.Fatal(err)
	}
	if err := r.Close(context.Background()); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for b.Loop() {
		b.StopTimer()
		s, err := OpenSpool(SpoolConfig{Events: in.events, Plans: &sunkLog{}})
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		for _, facts := range kept {
			if err := s.ApplyFacts(facts); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/fact")
}

type factsKept func([]clickstream.Fact)

func (f factsKept) ApplyFacts(facts []clickstream.Fact) error { f(facts); return nil }
func (factsKept) Snapshot(io.Writer) error                    { return nil }
func (factsKept) Restore(io.Reader) error                     { return nil }

// BenchmarkBuild is reading, decoding and encoding of batches, without ClickHouse.
func BenchmarkBuild(b *testing.B) {
	const n = 200_000
	in := openInstallation(b, b.TempDir(), 16, SpoolConfig{})
	defer in.close()
	in.putMany(busyDay(n, 50_000, 50_000), 500)
	in.caughtUp()
	w, err := OpenWriter(WriterConfig{Events: in.events, Plans: in.plans, Spool: in.spool, DB: &DB{}, BatchRows: n})
	if err != nil {
		b.Fatal(err)
	}
	w.decided.cuts = map[batchStart]uint64{}
	builder := newBuilder(w)
	defer builder.close()
	limit := in.events.Cut(nil).Seq
	bytes := 0
	for b.Loop() {
		made, err := builder.build(job{limit: limit, starts: make([]uint64, 17)})
		if err != nil {
			b.Fatal(err)
		}
		bytes = len(made.tables[0].native) / made.tables[0].rows
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/row")
	b.ReportMetric(float64(bytes), "bytes/row")
}

// BenchmarkWriter is everything behind the folds: plans and events that wait in the logs are brought to ClickHouse.
func BenchmarkWriter(b *testing.B) {
	const n = 1_000_000
	in := openInstallation(b, b.TempDir(), 16, SpoolConfig{})
	defer in.close()
	in.putMany(busyDay(n, 200_000, 100_000), 500)
	in.caughtUp()
	if err := in.spool.Freeze(b.Context()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		b.StopTimer()
		db := testDB(b)
		b.StartTimer()
		begun := time.Now()
		w := in.write(db, nil)
		w.written(in)
		s := w.State()
		b.ReportMetric(float64(s.Rows)/time.Since(begun).Seconds(), "events/s")
		b.ReportMetric(float64(s.Rows+s.Sessions)/time.Since(begun).Seconds(), "rows/s")
		b.StopTimer()
		w.stop(b)
		b.StartTimer()
	}
}

// sunkLog is a plan log that keeps nothing.
type sunkLog struct{ n uint64 }

func (l *sunkLog) Partitions() int { return 1 }
func (l *sunkLog) Epoch() string   { return "sunk" }
func (l *sunkLog) Append(_ context.Context, parts []record.Append) (uint64, error) {
	parts[0].First = l.n
	l.n++
	return l.n - 1, nil
}

func (l *sunkLog) Cut([]uint64) record.Cut                      { return record.Cut{Ends: []uint64{0}} }
func (l *sunkLog) Changed(uint64) <-chan struct{}               { return nil }
func (l *sunkLog) Read(int, uint64) (clickstream.Reader, error) { return nil, nil }
func (l *sunkLog) First(int) uint64                             { return 0 }
