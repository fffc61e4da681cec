package history

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// WriterState is how far a Writer is.
type WriterState struct {
	Known    bool          // Position is known: ClickHouse was reached since the start
	Position uint64        // Seq of the events log: everything below is in ClickHouse
	Control  uint64        // the same of the control log
	LagRows  uint64        // records of the events log that are durable and not in ClickHouse
	LagTime  time.Duration // how long ago the log took the newest that is, while there are others; 0 when there are none
	Err      string        // of the last attempt, "" when it succeeded
	Schema   string        // what ClickHouse's tables lack, "" if nothing
	Refused  string        // why nothing is written at all

	Batches  uint64 // written since the start
	Rows     uint64 // of events, since the start
	Sessions uint64 // versions, since the start
	Retries  uint64 // attempts that failed
	SetAside uint64 // rows refused by their content, since the start
	Skipped  uint64 // records that had left the logs before they were written
	Gap      uint64 // events written without findings and sessions, because what the folds had found was lost
}

// State says how far the Writer is.
func (w *Writer) State() WriterState {
	end := w.cfg.Events.Cut(nil).Seq
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.state
	s.Known = w.known
	if !w.known {
		return s
	}
	at := &w.position[eventsID]
	s.Position, s.Control = at.next, w.position[controlID].next
	if end > at.next {
		s.LagRows = end - at.next
		if at.time > 0 {
			s.LagTime = max(0, w.cfg.Now().Sub(time.UnixMilli(at.time)))
		}
	}
	return s
}

// LowEvents appends to dst[:0], for each partition, the offset below which the Writer needs nothing of the events log. ok is false while
// that is not known: then nothing may go.
func (w *Writer) LowEvents(dst []uint64) (low []uint64, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.known {
		return dst[:0], false
	}
	return append(dst[:0], w.position[eventsID].ends...), true
}

// LowControl is the same of the control log's one partition.
func (w *Writer) LowControl() (low uint64, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.position[controlID].next, w.known
}

// LowPlans is the same of the plan log.
func (w *Writer) LowPlans() (low uint64, ok bool) {
	spool := w.cfg.Spool.LowPlans()
	w.mu.Lock()
	defer w.mu.Unlock()
	return min(w.lowPlans, spool), w.known && w.decided.cuts != nil
}

// Pause waits for the attempt at work and lets none begin until resume is called, which must happen. Between the two the logs may be
// changed: what was read from them before is read again.
func (w *Writer) Pause(ctx context.Context) (resume func(), err error) {
	select {
	case <-w.turn:
	case <-ctx.Done():
		return nil, fmt.Errorf("pause the history: %w", ctx.Err())
	}
	w.generation.Add(1)
	return func() {
		w.generation.Add(1)
		w.turn <- struct{}{}
	}, nil
}

var errWriterEnded = errors.New("the history's writer has ended")

// WaitFor waits until every record of the events log below seq is in ClickHouse, and has what waits frozen at once.
func (w *Writer) WaitFor(ctx context.Context, seq uint64) error {
	for {
		at := w.wanted.Load()
		if at >= seq || w.wanted.CompareAndSwap(at, seq) {
			break
		}
	}
	select {
	case w.hurry <- struct{}{}:
	default:
	}
	for {
		w.mu.Lock()
		moved, reached, ended := w.moved, w.known && w.position[eventsID].next >= seq, w.ended
		w.mu.Unlock()
		switch {
		case reached:
			return nil
		case ended:
			return errWriterEnded
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// changed is closed at the next change of what the lock guards.
func (w *Writer) changed() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.moved
}

func (w *Writer) moveLocked() {
	close(w.moved)
	w.moved = make(chan struct{})
}

// wrote enters a batch.
func (w *Writer) wrote(b *batch, took time.Duration) {
	w.busy.Add(-1)
	defer w.works()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.position[b.log] = position{next: b.next, ends: b.ends, time: b.time}
	w.slow = took
	s := &w.state
	s.Batches++
	if b.log == eventsID {
		s.Rows += uint64(b.rows)
	}
	s.Sessions += uint64(b.sessions)
	s.SetAside += uint64(b.aside)
	s.Gap += uint64(b.gap)
	w.decided.forget(batchStart{b.log, b.from})
	w.asides.Store(int64(len(w.decided.aside)))
	if b.plan != nil && b.next == b.limit {
		w.lowPlans = max(w.lowPlans, b.plan.at+1)
	}
	w.moveLocked()
}

// works enters that ClickHouse took something.
func (w *Writer) works() {
	w.mu.Lock()
	again := w.state.Err != ""
	w.state.Err, w.state.Schema = "", ""
	w.mu.Unlock()
	if again {
		w.cfg.Log("history is written again", nil)
	}
}

// failed enters a failed attempt.
func (w *Writer) failed(err error) {
	w.mu.Lock()
	first := w.state.Err == ""
	w.state.Err, w.state.Schema = err.Error(), ""
	if isSchema(err) {
		w.state.Schema = err.Error()
	}
	w.state.Retries++
	w.moveLocked()
	w.mu.Unlock()
	if first {
		w.cfg.Log("history is not written; it is tried again", err)
	}
}
