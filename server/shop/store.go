package shop

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"beckon/clickstream"
	"beckon/clickstream/record"
)

// Config is what a Store works with.
type Config struct {
	Log      clickstream.Log // the control log: one partition, never trimmed
	Dir      string          // snapshots and the lists of unlisted items; made if absent
	Secret   []byte          // 16 bytes or more; seals secret keys. Another secret than before fails Open
	Now      func() int64    // Unix ms
	MaxItems int             // items of one site's catalog; 0: 2,000,000

	// OnChange gets what changed, in log order, from the goroutine that applies the log, before the command returns. It must
	// return soon and must not call commands. It is not called for what Open folds. nil: nobody listens.
	OnChange func([]Change)

	// Folds make the other folds over the control log, empty. Each is called again when a snapshot turns out to be damaged: the last
	// one made is the one in use.
	Folds []func() Fold

	snapshotBytes int64 // 0: minSnapshotBytes
}

// Change is what one record did to one item.
type Change struct {
	Site, Item string
	Stock      bool   // level, left, or why it is out changed
	Sold       bool   // a sale took the last piece: a delta below 0 or the commit of a reservation
	Price      bool   // price, currency, lowest_30d or a market's price changed
	Listed     bool   // it appeared, vanished, or was published or unpublished
	Offset     uint64 // of the control log
	Now        *Item  // nil after a delete
}

// Store is sites, keys, users, catalogs and stock of one installation.
type Store struct {
	cfg      Config
	fold     *fold // of the goroutine that applies the log
	reader   clickstream.Reader
	queue    chan *command
	small    chan *command // those of at most smallCommand bytes
	quit     chan struct{}
	stopped  chan struct{} // closed when the goroutine has ended
	batch    []*command    // of the append that is made, and its records: the goroutine's, to be used again
	parts    [1]record.Append
	wg       sync.WaitGroup
	commands sync.Pool // *command
	view     atomic.Pointer[view]
	logins   atomic.Pointer[loginView]
	applied  atomic.Uint64 // offset after the last applied record
	expires  atomic.Int64  // Unix ms, see Due
	err      atomic.Pointer[StoppedError]
	hashing  chan struct{} // slots for password hashes
	shots    snapshotter
	closing  sync.Once
	closeErr error
}

// queueLength commands wait at most; each holds at most maxCommandBytes. A command beyond that waits for its context.
// Small ones, as claims are, have a longer queue.
const (
	queueLength      = 32
	smallQueueLength = 2048
	smallCommand     = 4 << 10 // bytes
)

// Open restores the newest whole snapshot of cfg.Dir, folds what the log has after it, and then keeps applying the log until
// Close. It fails on a record that cannot be read and with ErrSecret on a foreign secret.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if n := cfg.Log.Partitions(); n != 1 {
		return nil, fmt.Errorf("shop: the control log has %d partitions, want 1", n)
	}
	if cfg.MaxItems == 0 {
		cfg.MaxItems = defaultMaxItems
	}
	sealer, err := newSealer(cfg.Secret)
	if err != nil {
		return nil, fmt.Errorf("shop: %w", err)
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("shop: %w", err)
	}
	s := &Store{
		cfg:     cfg,
		queue:   make(chan *command, queueLength),
		small:   make(chan *command, smallQueueLength),
		quit:    make(chan struct{}),
		stopped: make(chan struct{}),
		hashing: make(chan struct{}, hashSlots),
		shots:   snapshotter{dir: cfg.Dir, epoch: cfg.Log.Epoch(), least: cmp.Or(cfg.snapshotBytes, minSnapshotBytes)},
	}
	end := cfg.Log.Cut(nil).Ends[0]
	var next uint64
	s.fold, next, err = s.shots.restore(sealer, cfg.Folds, end)
	if err != nil {
		return nil, fmt.Errorf("shop: %w", err)
	}
	s.applied.Store(next)
	s.reader, err = cfg.Log.Read(0, next)
	if err != nil {
		return nil, fmt.Errorf("shop: read control log from %d: %w", next, err)
	}
	if err := s.catchUp(ctx, nil, nil); err != nil {
		return nil, errors.Join(err, s.reader.Close())
	}
	s.expires.Store(s.fold.due())
	s.publish()
	s.publishLogins()
	if err := s.loadSeen(); err != nil {
		s.shots.skipped = append(s.shots.skipped, err)
	}
	s.wg.Go(s.run)
	return s, nil
}

// Close ends the goroutine after the append it is in, writes a snapshot if anything changed since the last, and fails commands
// that still wait with ErrClosed. Reads go on answering from memory.
func (s *Store) Close() error {
	s.closing.Do(func() {
		close(s.quit)
		s.wg.Wait()
		if s.err.Load() == nil {
			s.closeErr = s.shots.write(s.fold.image(), s.applied.Load())
		}
		s.closeErr = errors.Join(s.closeErr, s.saveSeen(), s.reader.Close())
	})
	return s.closeErr
}

// Err says why the store has stopped changing, a *StoppedError, or nil.
func (s *Store) Err() error {
	if err := s.err.Load(); err != nil {
		return err
	}
	return nil
}

// Offset is the offset of the control log up to which reads see it.
func (s *Store) Offset() uint64 { return s.applied.Load() }

// Notes lists what the store got over by itself and people should know: snapshots that were damaged and skipped, the last that could not be
// written, a list of unlisted items that could not be read.
func (s *Store) Notes() []error {
	notes := slices.Clone(s.shots.skipped)
	if err := s.shots.failed.Load(); err != nil {
		notes = append(notes, *err)
	}
	return notes
}
