package eventlog

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"beckon/clickstream/record"
)

// BenchmarkAppendAgainstRaw makes the same bytes durable through the log and by bare write and fdatasync, in turns within one run, and
// reports their rates' ratio. "append" is the raw file that grows, "filled" one that was filled with zeros first, as segments are. With
// several callers the raw side writes what the log wrote at once on average.
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
	var logTime, rawTime, filledTime time.Duration
	var bytes int64
	var lat []time.Duration
	b.ResetTimer()
	for done := 0; done < b.N; {
		n := min(b.N-done, max(callers, 256))
		before := l.Stats()
		start := time.Now()
		lat = appendMany(b, l, callers, n, payload)
		logTime += time.Since(start)
		after := l.Stats()
		written, syncs := after.Written-before.Written, after.Syncs-before.Syncs
		bytes += written
		rawTime += rawWrites(b, dir, written, int(syncs), false)
		filledTime += rawWrites(b, dir, written, int(syncs), true)
		done += n
	}
	_ = lat
	b.SetBytes(bytes / int64(b.N))
	b.ReportMetric(float64(rawTime)/float64(logTime), "×append")
	b.ReportMetric(float64(filledTime)/float64(logTime), "×filled")
	b.ReportMetric(float64(b.N)/logTime.Seconds(), "appends/s")
	s := l.Stats()
	b.ReportMetric(float64(s.Appends)/float64(s.Syncs), "appends/sync")
}

// warm brings the log to segments of full length.
func warm(b *testing.B, l *Log, bytes int) {
	big := make([]byte, 1<<20)
	for range bytes / len(big) {
		a := record.Append{Records: record.Packed{Data: big, Ends: []uint32{uint32(len(big))}}}
		if _, err := l.Append(context.Background(), []record.Append{a}); err != nil {
			b.Fatal(err)
		}
	}
}

func appendMany(b *testing.B, l *Log, callers, n int, payload []byte) []time.Duration {
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
	return nil
}

// rawWrites makes bytes durable in so many equal writes and returns how long the writes and syncs took.
func rawWrites(b *testing.B, dir string, bytes int64, syncs int, filled bool) time.Duration {
	f, err := osFS{}.OpenFile(filepath.Join(dir, "raw"), os.O_RDWR|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		b.Fatal(err)
	}
	defer os.Remove(filepath.Join(dir, "raw"))
	defer f.Close()
	if filled {
		if err := fillZeros(f, 0, bytes+int64(syncs)*8); err != nil {
			b.Fatal(err)
		}
	}
	one := make([]byte, bytes/int64(syncs))
	for i := range one {
		one[i] = byte(i * 31)
	}
	start := time.Now()
	for i := range syncs {
		if err := writeAll(f, one, int64(i*len(one))); err != nil {
			b.Fatal(err)
		}
		if err := f.Sync(); err != nil {
			b.Fatal(err)
		}
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
