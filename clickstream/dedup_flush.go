package clickstream

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

// Bytes of fingerprints and dead letters that wait for the files: from kickBehind on the flusher does not wait for its time,
// above maxBehind nothing more is taken in.
const (
	kickBehind = 8 << 20
	maxBehind  = 64 << 20
)

// flusher writes the dedup files and the dead letters, behind the commits. What it has not written yet is in the log: a crash
// costs reading that again, never an id. A write that fails is tried again at the next turn.
type flusher struct {
	book     *book
	letters  *letterFiles
	files    *dedupFiles
	every    time.Duration
	behind   atomic.Int64 // bytes
	failures atomic.Int64
	kick     chan struct{} // has an element when there is much to write
	asks     chan chan error
	tasks    chan task
	stop     chan struct{}
	done     chan struct{}
	err      error // of the last flush; others may read it after done

	pending []dedupBlock // taken from the book, not durable yet
	spare   []uint64

	low atomic.Pointer[[]uint64] // recovery starts there
}

// committed is told how many bytes more wait.
func (f *flusher) committed(bytes int) {
	if f.behind.Add(int64(bytes)) > kickBehind {
		select {
		case f.kick <- struct{}{}:
		default:
		}
	}
}

func (f *flusher) durable(dst []uint64) []uint64 { return append(dst[:0], *f.low.Load()...) }

// ask flushes and waits for it.
func (f *flusher) ask(ctx context.Context) error {
	answer := make(chan error, 1)
	select {
	case f.asks <- answer:
	case <-f.done:
		return ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case err := <-answer:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// task is work on what the flusher owns, done between two writes.
type task struct {
	do     func() error
	answer chan error
}

// between does do on the flusher's goroutine and waits for it.
func (f *flusher) between(ctx context.Context, do func() error) error {
	t := task{do, make(chan error, 1)}
	select {
	case f.tasks <- t:
	case <-f.done:
		return ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	select {
	case err := <-t.answer:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// run flushes until stop is closed, and once more after that.
func (f *flusher) run() {
	ticker := time.NewTicker(f.every)
	defer ticker.Stop()
	defer close(f.done)
	for {
		select {
		case <-ticker.C:
			f.err = f.flush()
		case <-f.kick:
			if f.err == nil { // after a failure the ticker sets the pace
				f.err = f.flush()
			}
		case answer := <-f.asks:
			f.err = f.flush()
			answer <- f.err
		case t := <-f.tasks:
			t.answer <- t.do()
		case <-f.stop:
			f.err = f.flush()
			f.files.close()
			f.letters.close()
			return
		}
	}
}

func (f *flusher) flush() error {
	bytes := f.behind.Load() // all of which is in the book already
	f.book.mu.Lock()
	blocks := f.book.fresh.take(f.book.sites, f.spare)
	f.book.mu.Unlock()
	for _, b := range blocks {
		f.spare = nil
		f.pend(b)
	}
	if len(f.pending) > 0 {
		// Letters first: the blocks say that recovery need not look for them in the log any more.
		err := f.letters.flush()
		if err == nil {
			err = f.files.write(f.pending)
		}
		if err != nil {
			f.failures.Add(1)
			return fmt.Errorf("flush the collector: %w", err)
		}
		last := &f.pending[len(f.pending)-1]
		f.low.Store(&last.upto)
		if cap(last.ids) <= kickBehind/4 {
			f.spare = last.ids[:0]
		}
		f.pending = nil
	}
	f.behind.Add(-bytes)
	return nil
}

// pend queues a block, with the one before it if both are of one hour, so that failures do not pile up blocks.
func (f *flusher) pend(b dedupBlock) {
	if n := len(f.pending); n > 0 && f.pending[n-1].hour == b.hour {
		b.ids = slices.Concat(f.pending[n-1].ids, b.ids)
		f.pending[n-1] = b
		return
	}
	f.pending = append(f.pending, b)
}
