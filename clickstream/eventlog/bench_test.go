package eventlog

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"beckon/clickstream/record"
)

// BenchmarkAppendAgainstRaw makes the same bytes durable through the log and by bare write and fdatasync, in short turns within one run,
// and reports the median of the turns' ratios: "×grown" against a file that grows, "×filled" against one whose blocks are there, which the
// log has to fill by itself. With several callers the raw side makes as many writes as the log made.
func BenchmarkAppendAgainstRaw(b *testing.B) {
	for _, callers := range []int{1, 8, 64} {
		for _, size := range []int{650, 8 << 10, 64 << 10, 1 << 20} {
			if callers*size > 16<<20 {
				continue
			}
			b.Run(fmt.Sprintf("callers=%d/bytes=%d", callers, size), func(b *testing.B) { benchAppend(b, callers, size) })
		}
	}
}

func benchAppend(b *testing.B, callers, size int) {
	dir := b.TempDir()
	l := open(b, Config{Dir: dir, Partitions: 65})
	payload := make([]byte, size/5)
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range payload {
		payload[i] = byte(rng.Uint32())
	}
	warm(b, l, 96<<20)
	turn := 4 * callers // appends
	grows, fills := openRaw(b, filepath.Join(dir, "grown"), 0), openRaw(b, filepath.Join(dir, "filled"), 64<<20)
	var grown, filled []float64
	var logTime time.Duration
	var bytes int64
	b.ResetTimer()
	for done := 0; done < b.N; {
		n := max(1, min(b.N-done, turn))
		before := l.Stats()
		start := time.Now()
		appendMany(b, l, callers, n, payload)
		took := time.Since(start)
		after := l.Stats()
		written, syncs := after.Written-before.Written, int(after.Syncs-before.Syncs)
		logTime += took
		bytes += written
		grown = append(grown, float64(grows.writes(b, written, syncs))/float64(took))
		filled = append(filled, float64(fills.writes(b, written, syncs))/float64(took))
		done += n
	}
	b.SetBytes(bytes / int64(b.N))
	slices.Sort(grown)
	slices.Sort(filled)
	b.ReportMetric(grown[len(grown)/2], "×grown")
	b.ReportMetric(filled[len(filled)/2], "×filled")
	b.ReportMetric(float64(b.N)/logTime.Seconds(), "appends/s")
	s := l.Stats()
	b.ReportMetric(float64(s.Appends)/float64(s.Syncs), "appends/sync")
}

// warm brings the log to segments of full length, filled with zeros.
func warm(b *testing.B, l *Log, bytes int) {
	a := record.Append{Records: record.Packed{Data: make([]byte, 256<<10), Ends: []uint32{256 << 10}}}
	for range bytes / len(a.Records.Data) {
		if _, err := l.Append(context.Background(), []record.Append{a}); err != nil {
			b.Fatal(err)
		}
	}
}

func appendMany(b *testing.B, l *Log, callers, n int, payload []byte) {
	var wg sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(n))
	for c := range callers {
		wg.Go(func() {
			a := []record.Append{{Partition: c}}
			for range 5 {
				a[0].Records.Data = append(a[0].Records.Data, payload...)
				a[0].Records.Close()
			}
			for left.Add(-1) >= 0 {
				if _, err := l.Append(context.Background(), a); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// rawFile is written from its start on, again from there when it was filled and is full.
type rawFile struct {
	f        File
	at, size int64
	page     []byte
}

func openRaw(b *testing.B, name string, filled int64) *rawFile {
	f, err := osFS{}.OpenFile(name, os.O_RDWR|os.O_CREATE)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	if err := fillZeros(f, 0, filled); err != nil {
		b.Fatal(err)
	}
	return &rawFile{f: f, size: filled}
}

// writes makes bytes durable in so many equal writes and returns how long that took.
func (r *rawFile) writes(b *testing.B, bytes int64, syncs int) time.Duration {
	n := bytes / int64(syncs)
	for int64(len(r.page)) < n {
		r.page = append(r.page, byte(len(r.page)*31))
	}
	start := time.Now()
	for range syncs {
		if r.size > 0 && r.at+n > r.size {
			r.at = 0
		}
		if err := writeAll(r.f, r.page[:n], r.at); err != nil {
			b.Fatal(err)
		}
		if err := r.f.Sync(); err != nil {
			b.Fatal(err)
		}
		r.at += n
	}
	return time.Since(start)
}

// BenchmarkRead reads a log of frames of five records, 64 partitions in every append, with 64 readers at once.
func BenchmarkRead(b *testing.B) {
	for _, where := range []string{"disk", "memory"} {
		b.Run(where, func(b *testing.B) {
			dir := b.TempDir()
			cfg := Config{Dir: dir, Partitions: 64, TailBytes: 1 << 30}
			l := open(b, cfg)
			records := fillLog(b, l, 1200)
			if where == "disk" {
				l.Close()
				l = open(b, cfg)
			}
			b.ResetTimer()
			var got atomic.Int64
			for range b.N {
				var wg sync.WaitGroup
				for p := range 64 {
					wg.Go(func() { got.Add(int64(walk(b, l, p))) })
				}
				wg.Wait()
			}
			if got.Load() != int64(records*b.N) {
				b.Fatalf("read %d records, want %d", got.Load(), records*b.N)
			}
			b.ReportMetric(float64(got.Load())/b.Elapsed().Seconds(), "records/s")
		})
	}
}

func fillLog(b testing.TB, l *Log, appends int) (records int) {
	payload := make([]byte, 130)
	for range appends {
		var parts []record.Append
		for p := range 64 {
			a := record.Append{Partition: p}
			for range 5 {
				a.Records.Data = append(a.Records.Data, payload...)
				a.Records.Close()
			}
			parts = append(parts, a)
			records += 5
		}
		mustAppend(b, l, parts...)
	}
	return records
}

func walk(b testing.TB, l *Log, partition int) (records int) {
	r, err := l.Read(partition, 0)
	if err != nil {
		b.Error(err)
		return 0
	}
	for {
		batch, ok, err := r.Next(1 << 20)
		if err != nil || !ok {
			if err != nil {
				b.Error(err)
			}
			return records
		}
		records += batch.Len()
	}
}

// BenchmarkText is why text shares memory.
func BenchmarkText(b *testing.B) {
	buf := make([]byte, 64<<10)
	var s string
	b.Run("shared", func(b *testing.B) {
		for b.Loop() {
			s = text(buf)
		}
	})
	b.Run("copied", func(b *testing.B) {
		for b.Loop() {
			s = string(buf)
		}
	})
	_ = s
}
