package shop

import (
	"context"
	"errors"
	"sync"
	"testing"

	"beckon/clickstream"
	"beckon/clickstream/record"
)

// memLog is a log in memory, whose appends can be made to fail.
type memLog struct {
	mu      sync.Mutex
	epoch   string
	batches []record.Batch
	end     uint64
	wake    chan struct{}
	fail    error
	appends int
}

func newMemLog() *memLog { return &memLog{epoch: "e1", wake: make(chan struct{})} }

func (l *memLog) Partitions() int  { return 1 }
func (l *memLog) Epoch() string    { return l.epoch }
func (l *memLog) First(int) uint64 { return 0 }

func (l *memLog) Append(_ context.Context, parts []record.Append) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.fail != nil {
		return 0, l.fail
	}
	p := &parts[0]
	p.First = l.end
	l.batches = append(l.batches, record.Batch{First: l.end, Seq: l.end, Data: string(p.Records.Data), Ends: append([]uint32(nil), p.Records.Ends...)})
	l.end += uint64(p.Records.Len())
	l.appends++
	close(l.wake)
	l.wake = make(chan struct{})
	return p.First, nil
}

func (l *memLog) Cut(ends []uint64) record.Cut {
	l.mu.Lock()
	defer l.mu.Unlock()
	return record.Cut{Seq: l.end, Ends: append(ends[:0], l.end)}
}

func (l *memLog) Changed(seq uint64) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.end > seq {
		done := make(chan struct{})
		close(done)
		return done
	}
	return l.wake
}

func (l *memLog) Read(_ int, from uint64) (clickstream.Reader, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if from > l.end {
		return nil, errors.New("beyond the end")
	}
	return &memReader{l, from}, nil
}

type memReader struct {
	log  *memLog
	next uint64
}

func (r *memReader) Next(int) (record.Batch, bool, error) {
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	for _, b := range r.log.batches {
		if end := b.First + uint64(b.Len()); end > r.next {
			skip := int(r.next - b.First)
			r.next = end
			if skip == 0 {
				return b, true, nil
			}
			cut := record.Batch{First: b.First + uint64(skip), Seq: b.Seq + uint64(skip), Data: b.Data[b.Ends[skip-1]:]}
			for _, e := range b.Ends[skip:] {
				cut.Ends = append(cut.Ends, e-b.Ends[skip-1])
			}
			return cut, true, nil
		}
	}
	return record.Batch{}, false, nil
}

func (r *memReader) Close() error { return nil }

// clock is a time that tests move.
type clock struct {
	mu sync.Mutex
	ms int64
}

func (c *clock) now() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ms
}

func (c *clock) add(ms int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ms += ms
}

const t0 = 1_790_000_000_000

var testSecret = []byte("0123456789abcdef0123456789abcdef")

// rig is a store that can be closed and opened again on the same log and folder.
type rig struct {
	*Store
	t       *testing.T
	log     clickstream.Log
	dir     string
	clock   *clock
	mu      sync.Mutex
	changes []Change
	least   int64 // Config.snapshotBytes
}

func newRig(t *testing.T, log clickstream.Log) *rig {
	t.Helper()
	r := &rig{t: t, log: log, dir: t.TempDir(), clock: &clock{ms: t0}}
	r.open()
	t.Cleanup(func() { r.Close() })
	return r
}

func (r *rig) config() Config {
	return Config{Log: r.log, Dir: r.dir, Secret: testSecret, Now: r.clock.now, OnChange: func(c []Change) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.changes = append(r.changes, c...)
	}, snapshotBytes: r.least}
}

func (r *rig) open() {
	r.t.Helper()
	s, err := Open(r.t.Context(), r.config())
	if err != nil {
		r.t.Fatal(err)
	}
	r.Store = s
}

func (r *rig) reopen() {
	r.t.Helper()
	if err := r.Close(); err != nil {
		r.t.Fatal(err)
	}
	r.open()
}

// took returns the changes since the last call.
func (r *rig) took() []Change {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.changes
	r.changes = nil
	return c
}

func (r *rig) makeSite(id string) {
	r.t.Helper()
	if _, err := r.CreateSite(r.t.Context(), "test", id, Settings{Currency: "EUR", Origins: []string{"https://shop.example"}}); err != nil {
		r.t.Fatal(err)
	}
}
