package clickstream_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"beckon/clickstream"
	"beckon/clickstream/eventlog"
	"beckon/clickstream/record"
)

// countFold counts events, and remembers the last Seq so that a doubled or missing fact shows.
type countFold struct{ events, last uint64 }

func (f *countFold) ApplyFacts(facts []clickstream.Fact) error {
	for i := range facts {
		if f.events > 0 && facts[i].Seq <= f.last {
			return fmt.Errorf("seq %d after %d", facts[i].Seq, f.last)
		}
		f.events, f.last = f.events+1, facts[i].Seq
	}
	return nil
}

func (f *countFold) Snapshot(w io.Writer) error {
	_, err := w.Write(binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, f.events), f.last))
	return err
}

func (f *countFold) Restore(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil || len(b) != 16 {
		return fmt.Errorf("count of %d bytes: %w", len(b), err)
	}
	f.events, f.last = binary.BigEndian.Uint64(b), binary.BigEndian.Uint64(b[8:])
	return nil
}

func openLog(tb testing.TB, dir string, partitions int) *eventlog.Log {
	tb.Helper()
	log, err := eventlog.Open(eventlog.Config{Dir: dir, Partitions: partitions + 1, SegmentBytes: 256 << 10})
	if err != nil {
		tb.Fatal(err)
	}
	return log
}

// appendViews appends n events of a few visitors, perAppend at a time.
func appendViews(tb testing.TB, log clickstream.Log, partitions, who, n, perAppend int) {
	parts := make([]record.Append, partitions)
	for i := range n {
		visitor := fmt.Sprintf("v_%d_%d", who, i%50)
		p := &parts[clickstream.PartitionOf("shop", visitor, partitions)]
		p.Records.Data = clickstream.AppendEvent(p.Records.Data, &clickstream.Event{
			Site: "shop", Visitor: visitor, ID: fmt.Sprint(who, "-", i), Kind: clickstream.ViewItem, Name: "view_item",
			Time: 1_790_000_000_000 + int64(i), Received: 1_790_000_000_000 + int64(i), Consent: clickstream.Analytics | clickstream.Personalization,
			Items: []clickstream.Item{{ID: fmt.Sprint("sku-", i), Price: clickstream.NoPrice, Quantity: 1}},
		})
		p.Records.Close()
		if (i+1)%perAppend != 0 && i+1 < n {
			continue
		}
		var some []record.Append
		for j := range parts {
			if parts[j].Records.Len() > 0 {
				parts[j].Partition = j
				some = append(some, parts[j])
			}
		}
		if _, err := log.Append(context.Background(), some); err != nil {
			tb.Error(err)
			return
		}
		for j := range parts {
			parts[j].Records.Reset()
		}
	}
}

func TestEveryEventOfARealLogIsFoldedOnceThroughRestartsAndRetention(t *testing.T) {
	const partitions, writers, each = 8, 4, 1000
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	log := openLog(t, filepath.Join(dir, "events"), partitions)
	total := uint64(0)
	for restart := range 4 {
		fold := &countFold{}
		r, err := clickstream.OpenRunner(ctx, clickstream.RunnerConfig{
			Log: log, Partitions: partitions, Dir: filepath.Join(dir, "checkpoints"), CheckpointEvery: -1, Window: 500,
			Folds: []clickstream.NamedFold{{Name: "count", Fold: fold}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if s := r.Restored(); (s.Checkpoint == "") != (restart == 0) || len(s.Skipped) != 0 {
			t.Fatalf("restart %d: %+v", restart, s)
		}
		r.Start()
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() { appendViews(t, log, partitions, restart*writers+w, each, 1+7*w) })
		}
		for range 3 {
			if err := r.Checkpoint(ctx); err != nil {
				t.Fatal(err)
			}
			if err := log.Retain(r.Low(nil), 1, 0); err != nil {
				t.Fatal(err)
			}
		}
		wg.Wait()
		total += writers * each
		if err := r.Wait(ctx, log.Cut(nil)); err != nil {
			t.Fatal(err)
		}
		var v clickstream.ShopperView
		visitor := fmt.Sprintf("v_%d_7", restart*writers)
		if err := r.WaitApplied(ctx, "shop", visitor); err != nil || !r.View("shop", visitor, &v) || v.Views != each/50 {
			t.Errorf("restart %d: %v, view %+v", restart, err, v)
		}
		if fold.events != total || len(r.Failures()) > 0 {
			t.Errorf("restart %d: %d facts of %d, failures %v", restart, fold.events, total, r.Failures())
		}
		if err := r.Close(ctx); err != nil {
			t.Fatal(err)
		}
		if restart == 1 { // a crash before the last checkpoint was there
			found, err := filepath.Glob(filepath.Join(dir, "checkpoints", "cp-*"))
			if err != nil || len(found) != 2 {
				t.Fatal(found, err)
			}
			if err := os.RemoveAll(slices.Max(found)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if log.First(0) == 0 {
		t.Error("nothing was trimmed: the log is too small for this test")
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkRealLog is catching up on a log on disk: 64 partitions, appends of 500 events.
func BenchmarkRealLog(b *testing.B) {
	const n, partitions = 400_000, 64
	log, err := eventlog.Open(eventlog.Config{Dir: b.TempDir(), Partitions: partitions + 1})
	if err != nil {
		b.Fatal(err)
	}
	for w := range 40 {
		appendViews(b, log, partitions, w, n/40, 500)
	}
	ctx := context.Background()
	for b.Loop() {
		fold := &countFold{}
		r, err := clickstream.OpenRunner(ctx, clickstream.RunnerConfig{
			Log: log, Partitions: partitions, Dir: b.TempDir(), CheckpointEvery: -1, Folds: []clickstream.NamedFold{{Name: "count", Fold: fold}},
		})
		if err != nil {
			b.Fatal(err)
		}
		r.Start()
		if err := r.Wait(ctx, log.Cut(nil)); err != nil || fold.events != n {
			b.Fatal(err, fold.events)
		}
		b.StopTimer()
		if err := r.Close(ctx); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	if err := log.Close(); err != nil {
		b.Fatal(err)
	}
}
