package clickstream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"beckon/clickstream/record"
)

// NamedFold is a fact fold under the name that its snapshots, lag and failure carry.
type NamedFold struct {
	Name string // a-z, 0-9 and -; never reused for another format
	Fold FactFold
}

// FoldFailure says which fold stopped and why. A partition that stopped is named "sessions/<partition>".
type FoldFailure struct {
	Name string
	Err  error
}

// RunnerConfig says what a Runner folds and how much of it at a time. Log, Partitions and Dir are needed, the rest has defaults.
type RunnerConfig struct {
	Log        Log
	Partitions int         // data partitions, 0 to Partitions-1 of the log; others are not read
	Dir        string      // checkpoints
	Folds      []NamedFold // besides the Runner's own "orders" and "identity"

	CheckpointEvery time.Duration // between two checkpoints while records come; 1 min; negative: only when asked for
	Window          int           // records applied at a time; with four windows in flight this bounds the facts held; 4096
	MaxVisitors     int           // visitors remembered, the longest unseen forgotten first; 4 M
	MaxOrders       int           // transactions remembered for repeats and refunds; 1 M

	// OnFacts is called after some of a partition's records were applied, by one goroutine at a time for each partition: shoppers
	// are readable in their new state, facts are not yet merged with other partitions' and Repeat is not set. Everything is borrowed.
	// It must not wait.
	OnFacts func(partition int, facts []Fact)
	Now     func() time.Time // for lag and the checkpoints' rhythm; time.Now
}

// Limits and defaults of RunnerConfig.
const (
	defaultCheckpointEvery = time.Minute
	defaultWindow          = 4096
	defaultMaxVisitors     = 4 << 20
	defaultMaxOrders       = 1 << 20
	roundsInFlight         = 4
)

// Runner keeps the folds of an events log. One goroutine per partition folds its records into sessions and shoppers and derives
// facts; one goroutine merges the facts of all partitions in Seq order, and folds rounds by itself that are too small to be worth
// waking the others; one goroutine per fact fold applies them.
//
// It works in rounds: a cut of the log, at most Window records of it, all partitions up to that Seq, then the merge. Rounds are what
// bounds memory: four exist, and when the slowest fact fold holds all of them the partitions wait. The log never does.
//
// A partition or fold that fails stops alone and is named by Failures. From then on no checkpoint is made, so that the log keeps what
// the failed part needs. All methods may be called from any goroutine.
type Runner struct {
	cfg      RunnerConfig
	shards   []*shard
	folds    []*foldWorker
	orders   *Orders
	identity *Identity
	restored Restored

	free      chan *round   // rounds nobody uses
	roundDone chan struct{} // the last shard of a round is done
	pending   atomic.Int32  // shards still at work on the round
	done      uint64        // every partition has applied all records with Seq below; the merger's own
	asks      chan chan error
	written   chan writtenCheckpoint
	stop      chan struct{}
	stopOnce  sync.Once
	started   atomic.Bool
	finished  chan struct{} // the merger has ended
	closeErr  error         // of the last checkpoint, set before finished is closed
	wg        sync.WaitGroup

	applied  atomic.Uint64 // done, for readers
	behind   atomic.Int64  // log time, Unix ms, of the newest record applied
	ends     sync.Pool     // *[]uint64, for cuts
	moved    signal        // anything advanced or failed
	kept     keptCheckpoints
	problems failures
}

// Restored says what a Runner started from.
type Restored struct {
	Checkpoint string   // its folder, "" when the log is folded from its first record
	Seq        uint64   // records below are in the checkpoint
	Skipped    []error  // newer checkpoints that could not be used, each with its place
	Empty      []string // folds that the checkpoint does not hold, started empty: they know nothing before Seq
}

// ErrNoCheckpoint says that the log no longer reaches back to its first record and that no checkpoint could be used.
var ErrNoCheckpoint = errors.New("no usable checkpoint, and the log does not reach back to its first record")

// OpenRunner restores the newest whole checkpoint, or prepares to fold the log from its first record.
func OpenRunner(ctx context.Context, cfg RunnerConfig) (*Runner, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	r := &Runner{
		cfg: cfg, free: make(chan *round, roundsInFlight), roundDone: make(chan struct{}, 1),
		asks: make(chan chan error), written: make(chan writtenCheckpoint, 1), stop: make(chan struct{}), finished: make(chan struct{}),
	}
	r.ends.New = func() any { b := make([]uint64, 0, cfg.Log.Partitions()); return &b }
	for range roundsInFlight {
		r.free <- newRound(cfg.Window)
	}
	if err := r.restore(ctx); err != nil {
		return nil, fmt.Errorf("restore folds from %s: %w", cfg.Dir, err)
	}
	return r, nil
}

func (cfg *RunnerConfig) complete() error {
	if cfg.Log == nil || cfg.Dir == "" {
		return errors.New("runner: Log and Dir are needed")
	}
	if n := cfg.Log.Partitions(); cfg.Partitions < 1 || cfg.Partitions > n {
		return fmt.Errorf("runner: Partitions is %d, the log has %d", cfg.Partitions, n)
	}
	if cfg.Window < 0 || cfg.MaxVisitors < 0 || cfg.MaxOrders < 0 {
		return errors.New("runner: a bound is negative")
	}
	seen := map[string]bool{ordersName: true, identityName: true, sessionsName: true}
	for _, f := range cfg.Folds {
		if !validFoldName(f.Name) || seen[f.Name] {
			return fmt.Errorf("runner: fold name %q is taken or not made of a-z, 0-9 and -", f.Name)
		}
		seen[f.Name] = true
	}
	cfg.CheckpointEvery = orDefault(cfg.CheckpointEvery, defaultCheckpointEvery)
	cfg.Window = orDefault(cfg.Window, defaultWindow)
	cfg.MaxVisitors = orDefault(cfg.MaxVisitors, defaultMaxVisitors)
	cfg.MaxOrders = orDefault(cfg.MaxOrders, defaultMaxOrders)
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return nil
}

func orDefault[N ~int | ~int64](n, value N) N {
	if n == 0 {
		return value
	}
	return n
}

func validFoldName(name string) bool {
	for _, c := range []byte(name) {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') {
			return false
		}
	}
	return name != ""
}

// Restored says what the Runner started from.
func (r *Runner) Restored() Restored { return r.restored }

// Orders is the fold of purchases and refunds.
func (r *Runner) Orders() *Orders { return r.orders }

// Identity is the fold of visitors and users.
func (r *Runner) Identity() *Identity { return r.identity }

// Start begins folding. It is called once; Close ends it.
func (r *Runner) Start() {
	r.started.Store(true)
	for _, s := range r.shards {
		r.wg.Go(func() { r.runShard(s) })
	}
	for _, f := range r.folds {
		r.wg.Go(func() { r.runFold(f) })
	}
	r.wg.Go(r.merge)
}

// Close ends folding after the round at work, writes a last checkpoint unless something failed, and waits for all goroutines. When
// ctx ends first it returns ctx's error, and the goroutines end on their own.
func (r *Runner) Close(ctx context.Context) error {
	r.stopOnce.Do(func() { close(r.stop) })
	if !r.started.Load() {
		return nil
	}
	ended := make(chan struct{})
	go func() { // ends with the goroutines it waits for
		r.wg.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return r.closeErr
	case <-ctx.Done():
		return fmt.Errorf("close folds: %w", ctx.Err())
	}
}

// cut takes an instant of the log into borrowed memory; the caller gives it back with release.
func (r *Runner) cut() (record.Cut, func()) {
	b := r.ends.Get().(*[]uint64)
	c := r.cfg.Log.Cut(*b)
	*b = c.Ends
	return c, func() { r.ends.Put(b) }
}
