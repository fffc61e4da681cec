package clickstream

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"beckon/clickstream/record"
)

// Names of the Runner's own parts.
const (
	sessionsName = "sessions" // all partitions together
	ordersName   = "orders"
	identityName = "identity"
)

// Applied says whether everything durable of this visitor's partition is applied to its shoppers and sessions.
func (r *Runner) Applied(site, visitor string) bool {
	s := r.shardOf(site, visitor)
	c, release := r.cut()
	defer release()
	return s.applied.Load() >= c.Ends[s.partition]
}

// WaitApplied waits until the visitor's partition has applied everything that is durable at the call: read your own writes. It
// returns ctx's error when that ends first, and the partition's when it has stopped.
func (r *Runner) WaitApplied(ctx context.Context, site, visitor string) error {
	s := r.shardOf(site, visitor)
	c, release := r.cut()
	want := c.Ends[s.partition]
	release()
	return r.waitFor(ctx, &s.moved, func() (bool, error) {
		if s.applied.Load() >= want {
			return true, nil
		}
		return false, r.problems.of(s.name())
	})
}

// Wait waits until all partitions and folds that have not failed have applied every record below cut.Seq.
func (r *Runner) Wait(ctx context.Context, cut record.Cut) error {
	return r.waitFor(ctx, &r.moved, func() (bool, error) { return r.reached(cut.Seq), nil })
}

// CaughtUp says whether everything durable now is applied by all partitions and folds that have not failed.
func (r *Runner) CaughtUp() bool {
	c, release := r.cut()
	defer release()
	return r.reached(c.Seq)
}

func (r *Runner) reached(seq uint64) bool {
	if r.applied.Load() < seq {
		return false
	}
	for _, f := range r.folds {
		if f.applied.Load() < seq && r.problems.of(f.name) == nil {
			return false
		}
	}
	return true
}

// waitFor waits on moved until done says so.
func (r *Runner) waitFor(ctx context.Context, moved *signal, done func() (bool, error)) error {
	for {
		next := moved.wait()
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-next:
		case <-ctx.Done():
			return ctx.Err()
		case <-r.finished:
			if ok, err := done(); ok || err != nil {
				return err
			}
			return errRunnerClosed
		}
	}
}

// FoldNames are the names that Lag and Failures use, the partitions together as "sessions" first.
func (r *Runner) FoldNames() []string {
	names := []string{sessionsName, ordersName}
	for _, f := range r.folds {
		names = append(names, f.name)
	}
	return names
}

// Lag is the number of log records that are durable and not applied by the named fold, 0 for an unknown name.
func (r *Runner) Lag(name string) int64 {
	c, release := r.cut()
	defer release()
	return max(0, int64(c.Seq-r.appliedBy(name, c.Seq)))
}

// LagTime is for how long the named fold has been behind: 0 when it is not, else now less the time at which the log took the newest
// record that was applied.
func (r *Runner) LagTime(name string) time.Duration {
	if r.Lag(name) == 0 {
		return 0
	}
	at := r.behind.Load()
	for _, f := range r.folds {
		if f.name == name {
			at = f.behind.Load()
		}
	}
	if at == 0 {
		return 0
	}
	return max(0, r.cfg.Now().Sub(time.UnixMilli(at)))
}

// Position is the Seq below which the named fold has applied every record, 0 for an unknown name.
func (r *Runner) Position(name string) uint64 {
	if at := r.appliedBy(name, math.MaxUint64); at != math.MaxUint64 {
		return at
	}
	return 0
}

func (r *Runner) appliedBy(name string, unknown uint64) uint64 {
	if name == sessionsName || name == ordersName {
		return min(r.applied.Load(), unknown)
	}
	for _, f := range r.folds {
		if f.name == name {
			return min(f.applied.Load(), unknown)
		}
	}
	return unknown
}

// Failures names the partitions and folds that have stopped, in the order in which they did.
func (r *Runner) Failures() []FoldFailure { return r.problems.all() }

// Late is the number of events of site ("": of all sites) that came too late for live state.
func (r *Runner) Late(site string) int64 {
	var n int64
	for _, s := range r.shards {
		s.mu.Lock()
		for _, st := range s.sites {
			if site == "" || st.name == site {
				n += st.late
			}
		}
		s.mu.Unlock()
	}
	return n
}

// Clock is the site's event time, Unix ms: the newest event of any partition, 0 when there is none.
func (r *Runner) Clock(site string) int64 {
	var clock int64
	for _, s := range r.shards {
		s.mu.Lock()
		if st := s.sites[site]; st != nil {
			clock = max(clock, st.clock)
		}
		s.mu.Unlock()
	}
	return clock
}

func (r *Runner) shardOf(site, visitor string) *shard {
	return r.shards[PartitionOf(site, visitor, len(r.shards))]
}

var errRunnerClosed = errors.New("runner is closed")

// signal wakes all that wait for something to move. Moving costs an atomic load while nobody waits.
type signal struct {
	waiting atomic.Bool
	mu      sync.Mutex
	ch      chan struct{}
}

// wait returns a channel that the next move closes. Look at the state after calling it.
func (s *signal) wait() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch == nil {
		s.ch = make(chan struct{})
		s.waiting.Store(true)
	}
	return s.ch
}

func (s *signal) move() {
	if !s.waiting.Load() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ch != nil {
		close(s.ch)
		s.ch = nil
		s.waiting.Store(false)
	}
}

// failures are the parts that have stopped.
type failures struct {
	any  atomic.Bool
	mu   sync.Mutex
	list []FoldFailure
}

func (f *failures) add(name string, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, FoldFailure{name, err})
	f.any.Store(true)
}

func (f *failures) of(name string) error {
	if !f.any.Load() {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range f.list {
		if e.Name == name {
			return fmt.Errorf("fold %s: %w", name, e.Err)
		}
	}
	return nil
}

func (f *failures) all() []FoldFailure {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.list)
}

func (s *shard) name() string { return sessionsName + "/" + strconv.Itoa(s.partition) }
