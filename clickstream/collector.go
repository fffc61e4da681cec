package clickstream

import (
	"context"
	"errors"
	"io"
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
	Imports     int           // imports at once, each at most 8 MiB of memory; more are refused: ErrOverloaded [4]
	FlushEvery  time.Duration // between writes of the dedup files: what a crash leaves to scan [1s]
	LetterBytes int64         // dead letters kept on disk; the oldest half goes when they are more [256 MiB]
	Pressure    func() error  // asked before a request is decoded: not nil refuses it, and makes an import wait
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
// Its methods may be called from any goroutine.
type Collector struct{}

// OpenCollector recovers the dedup window, the ledger and the dead letter from Dir and the log's tail, and starts.
func OpenCollector(ctx context.Context, cfg CollectorConfig) (*Collector, error) {
	return nil, ErrClosed
}

// Collect takes one body of POST /v1/events and returns when all of it is durable. body is borrowed until it returns.
// admit is called once the body is decoded and before anything is counted, with the body's visitor ("" when events name their own;
// borrowed) and the number of its events; its error is returned as it is. nil admits everything.
// When ctx ends first the outcome is open: sent again, what was stored is a duplicate.
func (c *Collector) Collect(ctx context.Context, src *Source, body []byte, admit func(visitor string, events int) error) (Result, error) {
	return Result{}, ErrClosed
}

// Import takes NDJSON, one event a line, and returns when all of it is durable. An error may come after a part was stored:
// the result counts that part, and sent again it is duplicates.
func (c *Collector) Import(ctx context.Context, src *Source, r io.Reader) (Result, error) {
	return Result{}, ErrClosed
}

// Generate stores events that the server made. Known ids are dropped. Nothing but Ledger.Generated counts them.
func (c *Collector) Generate(ctx context.Context, events []Event) error { return ErrClosed }

// Tick writes clock ticks to every data partition.
func (c *Collector) Tick(ctx context.Context, ticks []Tick) error { return ErrClosed }

// Settings writes a site's settings to every data partition.
func (c *Collector) Settings(ctx context.Context, s Settings) error { return ErrClosed }

// SiteClock is the latest corrected time (Unix ms) of an event of site, 0 before the first.
func (c *Collector) SiteClock(site string) int64 { return 0 }

// Ledger is the ledger of site, "" for all sites together.
func (c *Collector) Ledger(site string) Ledger { return Ledger{} }

// Low sets dst[p] to the offset below which partition p, intake included, may be trimmed: recovery starts there.
func (c *Collector) Low(dst []uint64) []uint64 { return dst }

// Flush writes what the dedup files do not have yet, so that recovery would scan nothing older than this call.
func (c *Collector) Flush(ctx context.Context) error { return ErrClosed }

// Close finishes what was accepted, writes the dedup files, and waits for its goroutines. The log stays open.
func (c *Collector) Close() error { return nil }

// CollectorStats are gauges for the metrics page.
type CollectorStats struct {
	IDs, MaxIDs   int   // fingerprints in the window, and how many there is room for
	QueueBytes    int64 // bodies being worked on
	Refused       int64 // requests refused by overload since the start
	FlushFailures int64 // writes of the dedup files that did not work since the start
	FlushLag      int   // fingerprints not yet in a file
	LettersGone   int64 // dead letters that made room for newer ones, ever
}

// Stats reads the gauges.
func (c *Collector) Stats() CollectorStats { return CollectorStats{} }
