package shop

import (
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"beckon/clickstream/eventlog"
	"beckon/clickstream/record"
)

// till is a fold that takes from one sum until nothing is left.
type till struct {
	counter
	left atomic.Int64
}

func (f *till) Name() string { return "till" }

func (f *till) Apply(*record.Control, *Shelf) (any, error) {
	if f.left.Load() == 0 {
		return nil, refuse("empty", "nothing is left")
	}
	f.left.Add(-1)
	return nil, nil
}

// BenchmarkSubmit is what a decision costs besides the fold's own: a thousand callers, the embedded log, its sync.
func BenchmarkSubmit(b *testing.B) {
	dir := b.TempDir()
	log, err := eventlog.Open(eventlog.Config{Dir: filepath.Join(dir, "control"), Partitions: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer log.Close()
	f := &till{}
	f.left.Store(1 << 40)
	s, err := Open(b.Context(), Config{
		Log: log, Dir: filepath.Join(dir, "shop"), Secret: testSecret, Now: func() int64 { return time.Now().UnixMilli() },
		Folds: []func() Fold{func() Fold { return f }},
	})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	body := []byte(`{"campaign":"spring","who":"0123456789abcdef0123456789abcdef","value":5999,"max":600}`)
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	for range 1000 {
		wg.Go(func() {
			for next.Add(1) <= int64(b.N) {
				if _, _, err := s.Submit(b.Context(), "engine", Command{Do: "till.take", Site: "demo", ID: "c_0123456789abcdef", Body: body}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "claims/s")
}
