package clickstream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Errors of the collector that callers tell apart. A *BodyError is a 400, ErrOverloaded, ErrClosed and a log's failure are 503.
var (
	ErrOverloaded   = errors.New("collector overloaded") // found in an *OverloadedError
	ErrClosed       = errors.New("collector closed")
	ErrNoDeadLetter = errors.New("no such dead letter")
)

// OverloadedError says that a request was refused before any of it was counted. errors.Is(err, ErrOverloaded) holds.
type OverloadedError struct {
	Reason     string
	RetryAfter time.Duration
}

func (e *OverloadedError) Error() string        { return "collector overloaded: " + e.Reason }
func (e *OverloadedError) Is(target error) bool { return target == ErrOverloaded }

// CollectorConfig is what a collector needs. Zero values of optional fields give the defaults in brackets.
type CollectorConfig struct {
	Log         Log
	Dir         string        // for fingerprints, ledger base and dead letters; made if missing
	Partitions  int           // data partitions; Log has one more, the last, which is intake
	Seed        uint64        // key of the fingerprints, made once per installation
	Now         func() int64  // Unix ms [the wall clock]
	DedupWindow time.Duration // for which an id is remembered, at least [25h]
	MaxIDs      int           // ids remembered; when they are all taken new events are refused: ErrOverloaded [128 Mi, ≈ 1.5 GB when full]
	QueueBytes  int64         // bodies being worked on; more are refused: ErrOverloaded [64 MiB]
	Imports     int           // imports at once, each ≈ 6 MB of memory; more are refused: ErrOverloaded [4]
	FlushEvery  time.Duration // between writes of the dedup files: what a crash leaves to scan [1s]
	LetterBytes int64         // dead letters kept on disk; the oldest half goes when they are more [256 MiB]
	Pressure    func() error  // asked before a request is decoded: an error is its answer, and makes an import wait
	Forget      int64         // Unix ms: recovery does not remember the ids of what the log took before [0: of everything it reads]
}

// Result is the answer for one request. Everything it counts is durable.
type Result struct {
	Accepted, Duplicates int
	Rejected             []Rejection // at most MaxListed, without Raw; safe to keep
	RejectedTotal        int
}

// MaxListed bounds Result.Rejected.
const MaxListed = 10_000

// Collector is the way in: it decodes bodies, drops what it has seen, makes the rest durable and keeps the ledger.
// Its methods may be called from any goroutine; callers decode and encode, the sequencer's two goroutines do the rest, and one more
// writes the dedup files behind them.
type Collector struct {
	cfg       CollectorConfig
	sequencer *sequencer
	book      *book
	letters   *letterFiles
	agents    AgentCache
	flusher   *flusher
	workers   sync.Pool // of *worker
	recovery  Recovery
	imports   chan struct{} // has an element for each import under way
	queued    atomic.Int64  // bytes of bodies
	refused   atomic.Int64
	closed    atomic.Bool
	wg        sync.WaitGroup
}

// worker is what decoding one body takes.
type worker struct {
	parser  Parser
	out     Decoded
	request *request
}

// maxPooled bounds the bodies, in bytes, whose workers are kept for others.
const maxPooled = 64 << 10

// Collect takes one body of POST /v1/events and returns when all of it is durable. body is borrowed until it returns, and so is
// src, but for src.Site, which must stay. admit is called once the body is decoded and before anything is counted, with the body's visitor
// ("" when events name their own; borrowed) and the number of its events; its error is returned as it is. nil admits everything.
// When ctx ends first the outcome is open: sent again, what was stored is a duplicate.
func (c *Collector) Collect(ctx context.Context, src *Source, body []byte, admit func(visitor string, events int) error) (Result, error) {
	weight := int64(len(body))
	if err := c.reserve(weight); err != nil {
		return Result{}, err
	}
	w := c.workers.Get().(*worker)
	r := w.request
	r.site, r.budget, r.weight = src.Site, &c.queued, weight
	err := w.parser.Body(borrowed(body), src, &w.out)
	if err == nil && admit != nil {
		err = admit(w.out.Visitor, len(w.out.Events)+len(w.out.Rejected))
	}
	if err == nil {
		c.tag(src, w.out.Events)
		r.decoded(c.cfg.Seed, c.cfg.Partitions, src, &w.out)
	}
	if err != nil || r.received == 0 {
		c.queued.Add(-weight)
		c.recycle(w)
		return Result{}, err
	}
	return c.settle(ctx, w)
}

// settle submits w's request, waits for it, and gives w back unless the wait was given up.
func (c *Collector) settle(ctx context.Context, w *worker) (Result, error) {
	r := w.request
	result := Result{RejectedTotal: r.rejected}
	for i := range w.out.Rejected {
		result.Rejected = append(result.Rejected, listed(&w.out.Rejected[i]))
	}
	if err := c.sequencer.submit(r); err != nil {
		c.queued.Add(-r.weight)
		c.recycle(w)
		return Result{}, err
	}
	select {
	case err := <-r.done:
		result.Accepted, result.Duplicates = r.stored, r.duplicates
		c.recycle(w)
		if err != nil {
			return Result{}, c.refuse(err)
		}
		return result, nil
	case <-ctx.Done():
		return Result{}, fmt.Errorf("wait for the log: %w", context.Cause(ctx))
	}
}

// recycle keeps w for another body.
func (c *Collector) recycle(w *worker) {
	if w.request.weight > maxPooled {
		return
	}
	w.out.Reset()
	w.request.reset()
	c.workers.Put(w)
}

// reserve takes bytes of the budget, or says why nothing more is taken in just now.
func (c *Collector) reserve(bytes int64) error {
	if err := c.pressure(); err != nil {
		return c.refuse(err)
	}
	return c.enqueue(bytes)
}

// enqueue takes bytes of the budget.
func (c *Collector) enqueue(bytes int64) error {
	if c.closed.Load() {
		return ErrClosed
	}
	if c.queued.Add(bytes) > c.cfg.QueueBytes {
		c.queued.Add(-bytes)
		return c.refuse(&OverloadedError{"the queue is full", time.Second})
	}
	return nil
}

// pressure says whether what comes behind the collector keeps up.
func (c *Collector) pressure() error {
	if c.flusher.behind.Load() > maxBehind {
		return &OverloadedError{"the dedup files cannot be written", 10 * time.Second}
	}
	if c.cfg.Pressure != nil {
		return c.cfg.Pressure()
	}
	return nil
}

// refuse counts err if it is a refusal.
func (c *Collector) refuse(err error) error {
	if errors.Is(err, ErrOverloaded) {
		c.refused.Add(1)
	}
	return err
}

// SiteClock is the latest corrected time (Unix ms) of an event of site that a shop sent, 0 before the first.
func (c *Collector) SiteClock(site string) int64 {
	_, clock := c.book.read(site)
	return clock
}

// Ledger is the ledger of site, "" for all sites together.
func (c *Collector) Ledger(site string) Ledger {
	l, _ := c.book.read(site)
	return l
}

// Low sets dst[p] to the offset below which partition p, intake included, may be trimmed: recovery starts there. dst is reused
// when it is large enough.
func (c *Collector) Low(dst []uint64) []uint64 { return c.flusher.durable(dst) }

// Flush writes what the dedup files do not have yet: recovery will not need what was stored before this call. It must come before
// records are erased from the log, because recovery counts the records that it reads.
func (c *Collector) Flush(ctx context.Context) error { return c.flusher.ask(ctx) }

// Close finishes what was accepted, writes the dedup files, and waits for its goroutines. The log stays open.
func (c *Collector) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	c.sequencer.close()
	c.wg.Wait()
	return c.flusher.err
}

// CollectorStats are gauges for the metrics page.
type CollectorStats struct {
	IDs, MaxIDs   int   // fingerprints in the window, and how many there is room for
	QueueBytes    int64 // bodies being worked on
	QueueBound    int64 // beyond it more are refused
	Refused       int64 // requests refused by overload since the start
	FlushFailures int64 // writes of the dedup files that did not work since the start
	FlushLag      int   // bytes of fingerprints and dead letters not yet in a file
	LettersGone   int64 // dead letters that made room for newer ones, ever
	Recovered     Recovery
}

// Recovery says what OpenCollector found.
type Recovery struct {
	IDs     int    // fingerprints read from files
	Scanned int    // records read from the log's tail
	Damaged string // the dedup file that could not be read to its end ("": none); the log had the rest
	Offset  int64  // where in it
}

// Stats reads the gauges.
func (c *Collector) Stats() CollectorStats {
	c.letters.mu.Lock()
	gone := c.letters.gone
	c.letters.mu.Unlock()
	return CollectorStats{
		IDs: int(c.sequencer.ids.Load()), MaxIDs: c.cfg.MaxIDs, QueueBytes: c.queued.Load(), QueueBound: c.cfg.QueueBytes, Refused: c.refused.Load(),
		FlushFailures: c.flusher.failures.Load(), FlushLag: int(c.flusher.behind.Load()), LettersGone: gone,
		Recovered: c.recovery,
	}
}
