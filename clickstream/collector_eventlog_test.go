package clickstream_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"beckon/clickstream"
	"beckon/clickstream/eventlog"
)

const dataPartitions = 16

func openBoth(t testing.TB, dir string) (*eventlog.Log, *clickstream.Collector) {
	t.Helper()
	log, err := eventlog.Open(eventlog.Config{Dir: filepath.Join(dir, "log"), Partitions: dataPartitions + 1, SegmentBytes: 256 << 10})
	if err != nil {
		t.Fatal(err)
	}
	c, err := clickstream.OpenCollector(t.Context(), clickstream.CollectorConfig{
		Log: log, Dir: filepath.Join(dir, "collector"), Partitions: dataPartitions, Seed: 42, FlushEvery: 7 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if err := log.Close(); err != nil {
			t.Error(err)
		}
	})
	return log, c
}

func post(ctx context.Context, c *clickstream.Collector, visitor, id string) (clickstream.Result, error) {
	now := time.Now().UnixMilli()
	src := &clickstream.Source{Site: "a", Received: now, DefaultConsent: clickstream.Analytics}
	body := fmt.Sprintf(`{"visitor":"%s","events":[{"id":"%s","name":"leave","ts":%d},{"id":"%s-bad","name":"leave"},{"id":"%s-2","name":"leave","ts":%d}]}`,
		visitor, id, now, id, id, now)
	return c.Collect(ctx, src, []byte(body), nil)
}

// countIDs reads the whole log.
func countIDs(t *testing.T, log clickstream.Log) map[string]int {
	t.Helper()
	ids := map[string]int{}
	for p, end := range log.Cut(nil).Ends {
		r, err := log.Read(p, 0)
		if err != nil {
			t.Fatal(err)
		}
		for at := uint64(0); at < end; {
			b, ok, err := r.Next(1 << 20)
			if !ok || err != nil {
				t.Fatalf("partition %d at %d of %d: %v, %v", p, at, end, ok, err)
			}
			for i := range b.Len() {
				var e clickstream.Event
				if clickstream.RecordType(b.At(i)) == clickstream.RecordEvent {
					if err := clickstream.DecodeEvent(b.At(i), &e); err != nil {
						t.Fatal(err)
					}
					ids[strings.Clone(e.ID)]++
				}
			}
			at = b.First + uint64(b.Len())
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return ids
}

// A copy of the files, taken while they are written, is what a crash leaves: the collector's first, so that the log is the newer.
func TestAcknowledgedEventsOutliveCrashes(t *testing.T) {
	dir := t.TempDir()
	_, c := openBoth(t, dir)
	const callers, crashes = 6, 8
	var mu sync.Mutex
	acked := map[string]bool{}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var posted atomic.Int64
	for k := range callers {
		wg.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				id := fmt.Sprintf("c%d-%d", k, i)
				r, err := post(context.Background(), c, fmt.Sprint("v", k), id)
				if err != nil || r.Accepted != 2 || r.RejectedTotal != 1 {
					t.Errorf("got %+v, %v", r, err)
					return
				}
				mu.Lock()
				acked[id] = true
				mu.Unlock()
				posted.Add(1)
			}
		})
	}
	rng := rand.New(rand.NewPCG(3, 4))
	var copies []string
	var before []map[string]bool
	for range crashes {
		// Each crash comes after some more requests were answered.
		for until := posted.Load() + rng.Int64N(100); posted.Load() < until; {
			time.Sleep(time.Millisecond)
		}
		known := map[string]bool{}
		mu.Lock()
		for id := range acked {
			known[id] = true
		}
		mu.Unlock()
		to := t.TempDir()
		for _, part := range []string{"collector", "log"} {
			if err := copyDir(filepath.Join(to, part), filepath.Join(dir, part)); err != nil {
				t.Fatal(err)
			}
		}
		copies, before = append(copies, to), append(before, known)
	}
	cancel()
	wg.Wait()
	for i, dir := range copies {
		log, c := openBoth(t, dir)
		ids := countIDs(t, log)
		l := c.Ledger("")
		if l.Received != l.Stored+l.Duplicates+l.Rejected || int(l.Stored) != len(ids) || l.Rejected != l.DeadLetters {
			t.Errorf("crash %d: ledger %+v with %d ids in the log", i, l, len(ids))
		}
		letters, err := c.DeadLetters("a", 1000)
		if err != nil || len(letters) != min(1000, int(l.DeadLetters)) {
			t.Errorf("crash %d: got %d letters of %d, %v", i, len(letters), l.DeadLetters, err)
		}
		for id := range before[i] {
			if ids[id] != 1 || ids[id+"-2"] != 1 {
				t.Errorf("crash %d: %s was acknowledged and is there %d times", i, id, ids[id])
			}
			wg.Go(func() {
				r, err := post(context.Background(), c, "v"+id[1:2], id)
				if err != nil || r.Duplicates != 2 {
					t.Errorf("crash %d: sent again, %s gave %+v, %v", i, id, r, err)
				}
			})
		}
		wg.Wait()
		for id, n := range countIDs(t, log) {
			if n != 1 {
				t.Errorf("crash %d: %s is there %d times", i, id, n)
			}
		}
	}
	t.Logf("%d requests, crashes after %d to %d", posted.Load(), len(before[0]), len(before[crashes-1]))
}

// copyDir copies files that may be appended to or removed meanwhile.
func copyDir(to, from string) error {
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(from, e.Name()))
		if os.IsNotExist(err) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(to, e.Name()), data, 0o600)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func TestTheLogMayBeTrimmedToLow(t *testing.T) {
	dir := t.TempDir()
	log, c := openBoth(t, dir)
	for i := range 3000 {
		if _, err := post(t.Context(), c, fmt.Sprint("v", i%40), fmt.Sprint("e", i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := log.Retain(c.Low(nil), 0, time.Now().UnixMilli()); err != nil {
		t.Fatal(err)
	}
	if log.First(0) == 0 {
		t.Error("nothing was trimmed")
	}
	want := c.Ledger("")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	_, c = openBoth(t, dir)
	if got := c.Ledger(""); got != want || c.Stats().Recovered.Scanned != 0 {
		t.Errorf("got %+v after scanning %d, want %+v", got, c.Stats().Recovered.Scanned, want)
	}
	if r, err := post(t.Context(), c, "v0", "e0"); err != nil || r.Duplicates != 2 {
		t.Errorf("got %+v, %v, want what the log no longer has to be known", r, err)
	}
}

func BenchmarkCollectDurable(b *testing.B) {
	_, c := openBench(b)
	var callers atomic.Int64
	b.SetParallelism(32)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		k := callers.Add(1)
		src := &clickstream.Source{Site: "a", Received: 1790000000000, DefaultConsent: clickstream.Analytics}
		var body []byte
		for i := 0; pb.Next(); i++ {
			body = fmt.Appendf(body[:0], `{"sent_at":1790000000500,"visitor":"v_%010d","events":[`, k)
			for n := range 5 {
				if n > 0 {
					body = append(body, ',')
				}
				body = fmt.Appendf(body, `{"id":"%d-%d-%d","name":"view_item","ts":%d,"items":[{"item_id":"sku-%d","price":1999}],"currency":"EUR"}`, k, i, n, 1790000000000+n, 100+n)
			}
			body = append(body, ']', '}')
			r, err := c.Collect(context.Background(), src, body, nil)
			if err != nil || r.Accepted != 5 {
				b.Errorf("got %+v, %v", r, err)
				return
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(5*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func openBench(b *testing.B) (*eventlog.Log, *clickstream.Collector) {
	dir := b.TempDir()
	log, err := eventlog.Open(eventlog.Config{Dir: filepath.Join(dir, "log"), Partitions: 65})
	if err != nil {
		b.Fatal(err)
	}
	c, err := clickstream.OpenCollector(b.Context(), clickstream.CollectorConfig{Log: log, Dir: filepath.Join(dir, "collector"), Partitions: 64, Seed: 42})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := c.Close(); err != nil {
			b.Error(err)
		}
		if err := log.Close(); err != nil {
			b.Error(err)
		}
	})
	return log, c
}

func BenchmarkImportDurable(b *testing.B) {
	const lines = 200_000
	_, c := openBench(b)
	var text bytes.Buffer
	for i := range lines {
		fmt.Fprintf(&text, `{"id":"h%09d","visitor":"v%d","name":"view_item","ts":%d,"items":[{"item_id":"sku-%d","price":1999,"category":"kitchen"}],"currency":"EUR"}`+"\n",
			i, i*7919%20_000, 1790000000000+i, i%5000)
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	turn := 0
	for b.Loop() {
		src := &clickstream.Source{Site: fmt.Sprint("s", turn), Secret: true, Import: true, Received: 1790000000000, DefaultConsent: clickstream.Analytics}
		turn++
		r, err := c.Import(context.Background(), src, io.Reader(bytes.NewReader(text.Bytes())))
		if err != nil || r.Accepted != lines {
			b.Fatalf("got %d, %d rejected, %v", r.Accepted, r.RejectedTotal, err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(lines*turn)/b.Elapsed().Seconds(), "events/s")
}
