package history

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
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
	BatchBytes int           // most payload bytes of them, about; 64 MiB. Two batches are in memory
	BatchAge   time.Duration // what waits is written after this time, later when ClickHouse is slow; 1 s

	InsertTimeout      time.Duration // of one statement; 2 min
	RetryMin, RetryMax time.Duration // pauses between attempts, doubled each time and shortened at random by up to half; 100 ms, 15 s

	// Seal is a control record as it may leave the data folder; action is its "do". nil: as it is.
	Seal func(action, payload string) string
	Now  func() time.Time
	Log  func(event string, err error) // told when writing fails and when it works again, from the Writer's goroutines; may be nil
}

// Defaults of WriterConfig.
const (
	defaultBatchRows     = 256 << 10
	defaultBatchBytes    = 64 << 20
	defaultBatchAge      = time.Second
	maxBatchAge          = 5 * time.Second
	defaultInsertTimeout = 2 * time.Minute
	defaultRetryMin      = 100 * time.Millisecond
	defaultRetryMax      = 15 * time.Second
)

func (cfg *WriterConfig) complete() error {
	if cfg.Events == nil || cfg.Plans == nil || cfg.DB == nil || cfg.Spool == nil {
		return errors.New("writer: Events, Plans, DB and Spool are needed")
	}
	if cfg.BatchRows < 0 || cfg.BatchBytes < 0 || cfg.BatchAge < 0 || cfg.InsertTimeout < 0 || cfg.RetryMin < 0 || cfg.RetryMax < 0 {
		return errors.New("writer: a bound is negative")
	}
	cfg.BatchRows = orElse(cfg.BatchRows, defaultBatchRows)
	cfg.BatchBytes = orElse(cfg.BatchBytes, defaultBatchBytes)
	cfg.BatchAge = orElse(cfg.BatchAge, defaultBatchAge)
	cfg.InsertTimeout = orElse(cfg.InsertTimeout, defaultInsertTimeout)
	cfg.RetryMin = orElse(cfg.RetryMin, defaultRetryMin)
	cfg.RetryMax = max(orElse(cfg.RetryMax, defaultRetryMax), cfg.RetryMin)
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = func(string, error) {}
	}
	return nil
}

func orElse[N ~int | ~int64](n, value N) N {
	if n == 0 {
		return value
	}
	return n
}

// Writer brings plans to ClickHouse, each exactly once: in order, each as one batch, or as several where a stretch is too large. A batch is
// a block for each table under a token that is the batch's name, and last its row in `batches`, which is the position. What fails is
// tried again for ever, and since a batch follows from its name and the logs, and ClickHouse drops a block whose token it knows, trying
// again changes nothing that is there.
//
// One goroutine reads and encodes batches, another sends them: while one is sent the next is made, and two are in memory at most.
// However long ClickHouse is away, the rest waits in the logs, which LowEvents, LowPlans and LowControl keep. All methods may be called
// from any goroutine; Run once.
type Writer struct {
	cfg        WriterConfig
	turn       chan struct{} // holds a token while no attempt is at work and nobody has paused
	generation atomic.Uint64 // counts what may have changed records in the logs
	asides     atomic.Int64  // len(decided.aside), for readers without the lock
	busy       atomic.Int64  // batches made and not written
	wanted     atomic.Uint64 // Seq that somebody waits for
	hurry      chan struct{} // somebody began to wait; one token
	planned    uint64        // Seq at which the control log's stretches end; the maker's, after the scan

	mu       sync.Mutex
	moved    chan struct{} // closed when anything below changes
	position [logIDs]position
	known    bool
	decided  decided
	lowPlans uint64
	state    WriterState
	slow     time.Duration // of the newest batch
	ended    bool          // Run has returned
}

// OpenWriter prepares a Writer. It reaches nothing: Run does.
func OpenWriter(cfg WriterConfig) (*Writer, error) {
	if err := cfg.complete(); err != nil {
		return nil, err
	}
	w := &Writer{cfg: cfg, turn: make(chan struct{}, 1), hurry: make(chan struct{}, 1), moved: make(chan struct{})}
	w.turn <- struct{}{}
	return w, nil
}

// RefusedError says why a history is not written to: it is another installation's, or knows more than the logs.
type RefusedError struct {
	Log    string // "events" or "control"
	Reason string
}

func (e *RefusedError) Error() string { return "history refused: the " + e.Log + " log: " + e.Reason }

func (w *Writer) log(id logID) clickstream.Log {
	if id == controlID {
		return w.cfg.Control
	}
	return w.cfg.Events
}

// Run writes until ctx ends, then returns nil; the attempt at work is ended with it, and made again at the next start. A *RefusedError says
// that this history must not be written to; any other error is of the logs.
func (w *Writer) Run(ctx context.Context) (err error) {
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.ended = true
		if err != nil {
			w.state.Err = err.Error()
			var refused *RefusedError
			if errors.As(err, &refused) {
				w.state.Refused = refused.Error()
			}
		}
		w.moveLocked()
	}()
	if err := w.start(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	var cursor planCursor
	if err := w.scan(&cursor); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	made := make(chan *batch)
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(made)
		defer cursor.close()
		m := maker{Writer: w, plans: &cursor, builder: newBuilder(w), made: made}
		defer m.builder.close()
		m.run(ctx)
	})
	for b := range made {
		if !w.write(ctx, b) {
			break
		}
	}
	cancel()
	wg.Wait()
	return nil
}

// start reads how far ClickHouse is, for as long as it takes to get there.
func (w *Writer) start(ctx context.Context) error {
	for wait := w.cfg.RetryMin; ; wait = min(2*wait, w.cfg.RetryMax) {
		err := w.readPositions(ctx)
		var refused *RefusedError
		if err == nil || errors.As(err, &refused) || ctx.Err() != nil {
			return err
		}
		w.failed(err)
		if !pause(ctx, shortened(wait)) {
			return ctx.Err()
		}
	}
}

func (w *Writer) readPositions(ctx context.Context) error {
	events, skipped, err := w.readPosition(ctx, eventsID)
	if err != nil {
		return err
	}
	control := position{ends: []uint64{0}}
	if w.cfg.Control != nil {
		var lost uint64
		if control, lost, err = w.readPosition(ctx, controlID); err != nil {
			return err
		}
		skipped += lost
	}
	w.planned = control.next
	defer w.works()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.position = [logIDs]position{events, control}
	w.known = true
	w.state.Skipped += skipped
	w.moveLocked()
	return nil
}
