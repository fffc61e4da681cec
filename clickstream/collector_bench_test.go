package clickstream

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"beckon/clickstream/record"
)

// discardLog takes records and keeps none, after as long as a sync takes: what is left is the collector.
type discardLog struct {
	*intakeLog
	sync time.Duration
	ends []uint64
}

func newDiscardLog(partitions int, sync time.Duration) *discardLog {
	return &discardLog{newIntakeLog(partitions), sync, make([]uint64, partitions)}
}

func (l *discardLog) Append(_ context.Context, parts []record.Append) (uint64, error) {
	for i := range parts {
		parts[i].First = l.ends[parts[i].Partition]
		l.ends[parts[i].Partition] += uint64(parts[i].Records.Len())
	}
	time.Sleep(l.sync)
	return 0, nil
}

// benchBody is a body of five events whose ids differ from call to call: 16 digits are written over in place.
type benchBody struct {
	text []byte
	at   []int // where the digits stand
}

func newBenchBody(visitor int) *benchBody {
	text := strings.ReplaceAll(fiveEvents(), "v_01JD8Z6N3W", fmt.Sprintf("v_%010d", visitor))
	b := &benchBody{}
	for i := range 5 {
		text = strings.ReplaceAll(text, fmt.Sprintf("01JD8Z6N3WQ%d", i), fmt.Sprintf("%d###############", i))
	}
	b.text = []byte(text)
	for i := range b.text {
		if b.text[i] == '#' && b.text[i-1] != '#' {
			b.at = append(b.at, i)
		}
	}
	return b
}

func (b *benchBody) renew(n int64) {
	var room [15]byte
	digits := strconv.AppendInt(room[:0], 100_000_000_000_000+n, 10)
	for _, at := range b.at {
		copy(b.text[at:], digits)
	}
}

// benchCollect posts bodies of five events from 64 callers.
func benchCollect(b *testing.B, log Log) {
	c := openCollector(b, log, b.TempDir(), func(cfg *CollectorConfig) { cfg.Partitions = log.Partitions() - 1 })
	var visitors, ids atomic.Int64
	b.SetParallelism(32)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		body := newBenchBody(int(visitors.Add(1)))
		src := shopper1()
		for pb.Next() {
			body.renew(ids.Add(1))
			r, err := c.Collect(context.Background(), src, body.text, nil)
			if err != nil || r.Accepted != 5 {
				b.Errorf("got %+v, %v", r, err)
				return
			}
		}
	})
	b.StopTimer()
	b.ReportMetric(5*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkCollect(b *testing.B) {
	b.Run("discard", func(b *testing.B) { benchCollect(b, newDiscardLog(65, 0)) })
	b.Run("discard200us", func(b *testing.B) { benchCollect(b, newDiscardLog(65, 200*time.Microsecond)) })
}

// benchLines is n lines of 20 thousand visitors.
func benchLines(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `{"id":"h%09d","visitor":"v%d","name":"view_item","ts":%d,"items":[{"item_id":"sku-%d","price":1999,"category":"kitchen"}],"currency":"EUR"}`+"\n",
			i, i*7919%20_000, 1790000000000+i, i%5000)
	}
	return b.Bytes()
}

// benchImport imports 200,000 lines of 150 bytes a turn.
func benchImport(b *testing.B, log Log) {
	const lines = 200_000
	c := openCollector(b, log, b.TempDir(), func(cfg *CollectorConfig) { cfg.Partitions = log.Partitions() - 1 })
	text := benchLines(lines)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	turn := 0
	for b.Loop() {
		src := importer1()
		src.Site = fmt.Sprint("s", turn) // the same ids, new
		turn++
		r, err := c.Import(context.Background(), src, io.Reader(bytes.NewReader(text)))
		if err != nil || r.Accepted != lines {
			b.Fatalf("got %d, %d rejected, %v", r.Accepted, r.RejectedTotal, err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(lines*turn)/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkImport(b *testing.B) {
	b.Run("discard", func(b *testing.B) { benchImport(b, newDiscardLog(65, 0)) })
}

// BenchmarkBorrowed is what Collect saves by reading the body where it stands.
func BenchmarkBorrowed(b *testing.B) {
	body := []byte(fiveEvents())
	sum := 0
	b.Run("borrowed", func(b *testing.B) {
		for b.Loop() {
			sum += len(strings.TrimSpace(borrowed(body)))
		}
	})
	b.Run("copied", func(b *testing.B) {
		for b.Loop() {
			sum += len(strings.TrimSpace(string(body)))
		}
	})
}

// BenchmarkRecover opens a collector whose files are gone: a million events are read back from the log.
func BenchmarkRecover(b *testing.B) {
	log := newIntakeLog(65)
	c := openCollector(b, log, b.TempDir(), func(cfg *CollectorConfig) { cfg.Partitions = 64 })
	if _, err := c.Import(context.Background(), importer1(), bytes.NewReader(benchLines(1_000_000))); err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	for b.Loop() {
		cfg := collectorConfig(log, dir, func(cfg *CollectorConfig) { cfg.Partitions = 64 })
		cfg, err := cfg.withDefaults()
		if err != nil {
			b.Fatal(err)
		}
		s, err := recoverState(b.Context(), &cfg)
		if err != nil || s.recovery.Scanned < 1_000_000 {
			b.Fatal(s, err)
		}
	}
}

// BenchmarkLoad opens a collector with ten million ids in its files.
func BenchmarkLoad(b *testing.B) {
	const n = 10_000_000
	dir := b.TempDir()
	table := newDedupTable(25 * hourMillis)
	table.advance(testNow)
	files, _, err := openDedupFiles(dir, 7, table, make([]uint64, 9))
	if err != nil {
		b.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	block := dedupBlock{hour: table.hour, upto: make([]uint64, 9)}
	for range n / 10 {
		block.ids = append(block.ids, 0)
	}
	for range 10 {
		for i := range block.ids {
			block.ids[i] = rng.Uint64()
		}
		if err := files.write([]dedupBlock{block}); err != nil {
			b.Fatal(err)
		}
	}
	files.close()
	for b.Loop() {
		table := newDedupTable(25 * hourMillis)
		table.advance(testNow)
		if _, found, err := openDedupFiles(dir, 7, table, make([]uint64, 9)); err != nil || found.ids != n {
			b.Fatal(found, err)
		}
	}
}
