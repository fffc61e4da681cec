package history

import (
	"context"
	"errors"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"beckon/clickstream"
)

// WriterConfig says what a Writer writes where. Events, Plans, DB and Spool are needed, the rest has defaults.
type WriterConfig struct {
	Events  clickstream.Log
	Control clickstream.Log // nil: decisions are not written
	Plans   clickstream.Log // one partition; the Spool's
	DB      driver.Conn
	Spool   *Spool

	BatchRows  int           // most records of a log in a batch; 256 Ki
	BatchBytes int           // most payload bytes of them, unless one record is larger; 48 MiB. Two batches are in memory
	BatchAge   time.Duration // what waits is written after this time, later when ClickHouse is slow; 1 s

	InsertTimeout      time.Duration // of one statement; 2 min
	RetryMin, RetryMax time.Duration // pauses between attempts, doubled each time and shortened at random by up to half; 100 ms, 15 s

	// Seal is a control record as it may leave the data folder; action is its "do". nil: as it is.
	Seal func(action, payload string) string
	Now  func() time.Time
	Log  func(event string, err error) // told when writing fails and when it works again, from the Writer's goroutines; may be nil
}

// Writer brings plans to ClickHouse, each exactly once.
type Writer struct {
	cfg WriterConfig
}

// OpenWriter prepares a Writer. It reaches nothing: Run does.
func OpenWriter(cfg WriterConfig) (*Writer, error) { return &Writer{cfg: cfg}, nil }

// Run writes until ctx ends, then returns nil. A *RefusedError says that this history must not be written to.
func (w *Writer) Run(ctx context.Context) error { return errors.New("history: no writer") }

// RefusedError says why a history is not written to: it is another installation's, or knows more than the logs.
type RefusedError struct {
	Log    string // "events" or "control"
	Reason string
}

func (e *RefusedError) Error() string { return "history refused: the " + e.Log + " log: " + e.Reason }

// WriterState is how far a Writer is.
type WriterState struct {
	Known    bool          // Position is known: ClickHouse was reached since the start
	Position uint64        // Seq of the events log: everything below is in ClickHouse
	Control  uint64        // the same of the control log
	LagRows  uint64        // records of the events log that are durable and not in ClickHouse
	LagTime  time.Duration // how long ago the log took the first of them, about; 0 when there is none
	Err      string        // of the last attempt, "" when it succeeded
	Schema   string        // what ClickHouse's tables lack, "" if nothing
	Refused  string        // why nothing is written at all

	Batches  uint64 // written since the start
	Rows     uint64 // of events, since the start
	Sessions uint64 // versions, since the start
	Retries  uint64 // attempts that failed
	SetAside uint64 // rows refused by their content, since the start
	Skipped  uint64 // records that had left the log before they were written
	Gap      uint64 // events written without their findings and sessions, because the plan log had lost them
}

// State says how far the Writer is.
func (w *Writer) State() WriterState { return WriterState{} }

// LowEvents appends to dst[:0], for each partition, the offset below which the Writer needs nothing of the events log. ok is false while
// that is not known: then nothing may go.
func (w *Writer) LowEvents(dst []uint64) (low []uint64, ok bool) { return dst[:0], false }

// LowPlans is the same of the plan log.
func (w *Writer) LowPlans() (low uint64, ok bool) { return 0, false }

// LowControl is the same of the control log.
func (w *Writer) LowControl() (low uint64, ok bool) { return 0, false }

// Pause waits for the attempt at work and lets none begin until resume is called. What was read from the logs before is then read again.
func (w *Writer) Pause(ctx context.Context) (resume func(), err error) {
	return nil, errors.New("history: no writer")
}

// WaitFor waits until every record of the events log below seq is in ClickHouse.
func (w *Writer) WaitFor(ctx context.Context, seq uint64) error {
	return errors.New("history: no writer")
}

// ReplaySetAside tries to insert what was set aside, and returns how many rows were taken and how many were refused again.
func (w *Writer) ReplaySetAside(ctx context.Context) (taken, refused int, err error) {
	return 0, 0, errors.New("history: no writer")
}
