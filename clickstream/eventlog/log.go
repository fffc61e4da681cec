package eventlog

import (
	"errors"
	"path/filepath"
	"sync"

	"beckon/clickstream/record"
)

// Log is an open log. See the package comment for what it promises.
type Log struct {
	cfg    Config
	meta   meta
	seed   uint32 // of block checksums
	unlock func() error

	recovery Recovery
	extents  *cache[extentKey, *extent]
	indexes  *cache[*segment, *index]

	// Appends: callers encode into open under headMu, who holds the baton takes it.
	headMu sync.Mutex
	open   *group
	guess  int   // how large open will be, 0 if it will have one block
	head   point // where the next append goes if all before it succeeds
	stop   error // why no append is taken any more

	// What is durable. Who holds the baton writes it, maintenance replaces sealed segments; both hold mu for memory work only.
	mu       sync.RWMutex
	done     point
	segments []*segment // oldest first, never empty; the last is the active one
	tail     tail
	waiting  map[uint64]chan struct{} // by Seq, of Changed

	active active
	baton  chan struct{} // holds one token: who has it writes to the newest segment

	wake     chan struct{} // a group is open
	rolls    chan chan error
	closing  chan struct{}
	spares   chan spare
	seals    chan *segment
	barriers chan chan struct{}
	quit     chan struct{} // ends the keeper
	upkeep   chan struct{} // holds one token: Retain, Erase and Copy take turns
	stats    stats
	close    sync.Once
	closeErr error
	workers  sync.WaitGroup
	keeper   sync.WaitGroup
}

// Partitions is the number of partitions, fixed when the log was made.
func (l *Log) Partitions() int { return l.meta.partitions }

// Epoch names this incarnation of the log: offsets of two logs with the same epoch mean the same.
func (l *Log) Epoch() string { return l.meta.epoch }

// Recovery is what Open found and repaired.
func (l *Log) Recovery() Recovery { return l.recovery }

// Cut returns one instant of the log; ends is reused when it is large enough.
func (l *Log) Cut(ends []uint64) record.Cut {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return record.Cut{Seq: l.done.seq, Ends: append(ends[:0], l.done.ends...)}
}

// First is the oldest offset of partition that is still there.
func (l *Log) First(partition int) uint64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.segments[0].head.at.ends[partition]
}

// Changed returns a channel that is closed when the record with this Seq is durable, at once if it already is: after
// c := Cut(nil), Changed(c.Seq) is closed by the next append. All who wait for the same Seq share one channel. Close does not close it.
func (l *Log) Changed(seq uint64) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if seq < l.done.seq {
		return closedChannel
	}
	ch := l.waiting[seq]
	if ch == nil {
		ch = make(chan struct{})
		l.waiting[seq] = ch
	}
	return ch
}

var closedChannel = func() chan struct{} {
	ch := make(chan struct{})
	close(ch)
	return ch
}()

// Close commits what was accepted, waits for both goroutines and unlocks the folder. The wait is for at most Config.QueueBytes, twice,
// to reach the disk. Readers must not be used after it. Closing again returns the same error.
func (l *Log) Close() error {
	l.close.Do(func() {
		l.refuse(ErrClosed)
		close(l.closing)
		l.workers.Wait()
		close(l.quit)
		l.keeper.Wait()
		<-l.upkeep // what runs sees closing and ends early
		l.closeErr = errors.Join(l.active.file.Close(), l.unlock())
	})
	return l.closeErr
}

// refuse makes later appends fail with err, unless they fail already.
func (l *Log) refuse(err error) {
	l.headMu.Lock()
	defer l.headMu.Unlock()
	if l.stop == nil {
		l.stop = err
	}
}

// Err is the *FailedError that ended the log, nil while appends are taken or after an orderly Close.
func (l *Log) Err() error {
	l.headMu.Lock()
	defer l.headMu.Unlock()
	var failed *FailedError
	if errors.As(l.stop, &failed) {
		return failed
	}
	return nil
}

func (l *Log) path(name string) string { return filepath.Join(l.cfg.Dir, name) }

func (l *Log) newest() *segment {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.segments[len(l.segments)-1]
}
