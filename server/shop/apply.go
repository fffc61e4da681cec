package shop

import (
	"context"
	"fmt"
	"unsafe"

	"beckon/clickstream/record"
)

// How much one append and one read take at a time, in bytes of payload.
const (
	maxAppendBytes = 1 << 20
	readBytes      = 1 << 20
)

// run owns the fold: it appends what commands bring, applies the log in order, whoever appended to it, and starts snapshots.
func (s *Store) run() {
	defer close(s.stopped)
	for {
		cut := s.cfg.Log.Cut(nil)
		if cut.Ends[0] > s.applied.Load() && s.err.Load() == nil {
			s.follow(nil, nil) // what another writer appended since
		}
		select {
		case <-s.quit:
			return
		case c := <-s.queue:
			s.commit(c)
		case c := <-s.small:
			s.commit(c)
		case <-s.cfg.Log.Changed(cut.Seq):
		}
		if s.err.Load() == nil && s.shots.due() {
			image, offset := s.fold.image(), s.applied.Load()
			s.wg.Go(func() { s.shots.writeAside(image, offset) })
		}
	}
}

// commit makes c, and other commands that wait already, durable in one append and applies them.
func (s *Store) commit(c *command) {
	batch := append(s.batch[:0], c)
	for size := len(c.records.Data); size < maxAppendBytes; {
		c := s.next()
		if c == nil {
			break
		}
		batch = append(batch, c)
		size += len(c.records.Data)
	}
	if err := s.err.Load(); err != nil {
		finish(batch, err)
		return
	}
	parts := s.parts[:]
	all := &parts[0].Records
	all.Reset()
	for _, c := range batch {
		for i := range c.records.Len() {
			all.Data = append(all.Data, c.records.At(i)...)
			all.Close()
		}
	}
	// No deadline: an append that was begun is decided by the log, and Close waits for it.
	if _, err := s.cfg.Log.Append(context.Background(), parts); err != nil {
		finish(batch, fmt.Errorf("shop: append to the control log: %w", err)) // whether the next can succeed the log knows
		return
	}
	s.follow(batch, &parts[0])
	clear(batch) // their callers use them again
	s.batch = batch[:0]
	if cap(all.Data) > 2*maxAppendBytes {
		*all = record.Packed{}
	}
}

// next is a command that waits already, nil if none does.
func (s *Store) next() *command {
	select {
	case c := <-s.queue:
		return c
	default:
	}
	select {
	case c := <-s.small:
		return c
	default:
		return nil
	}
}

// follow applies the log to its end. own are the commands whose records part holds.
func (s *Store) follow(own []*command, part *record.Append) {
	finish(own, s.catchUp(context.Background(), own, part))
}

func finish(batch []*command, err error) {
	for _, c := range batch {
		if err != nil && !c.done() {
			c.err = err
		}
		c.finished <- struct{}{}
	}
}

// catchUp applies every durable record. While Open runs, before there is a view, changes are told to nobody.
func (s *Store) catchUp(ctx context.Context, own []*command, part *record.Append) error {
	if err := s.err.Load(); err != nil {
		return err
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		batch, ok, err := s.reader.Next(readBytes)
		if err == nil && !ok {
			return nil
		}
		if err == nil {
			own, err = s.applyBatch(&batch, own, part)
		}
		if err != nil {
			stop := &StoppedError{s.applied.Load(), err}
			s.err.Store(stop)
			return stop
		}
	}
}

// applyBatch applies one batch and hands outcomes to the commands of own whose records it has; it returns those that wait still.
// What readers and listeners get of a batch they get before any of its commands returns.
func (s *Store) applyBatch(b *record.Batch, own []*command, part *record.Append) ([]*command, error) {
	var changes []Change
	var failed error
	for i := range b.Len() {
		offset := b.First + uint64(i)
		if offset < s.applied.Load() {
			continue
		}
		text := b.At(i)
		var out outcome
		// The fold reads payloads as bytes and keeps nothing of them; the batch's string is never changed.
		out, changes, failed = s.fold.apply(unsafe.Slice(unsafe.StringData(text), len(text)), offset, changes)
		if failed != nil {
			break
		}
		s.applied.Store(offset + 1)
		s.shots.note(len(text))
		if part != nil && offset >= part.First && len(own) > 0 {
			own[0].outcomes, own[0].last = append(own[0].outcomes, out), offset
			if own[0].done() {
				own = own[1:]
			}
		}
	}
	if s.view.Load() == nil {
		return own, failed
	}
	if s.fold.stale {
		s.publish()
	}
	if s.fold.logins.stale {
		s.publishLogins()
	}
	s.expires.Store(s.fold.due())
	if len(changes) > 0 && s.cfg.OnChange != nil {
		s.cfg.OnChange(changes)
	}
	return own, failed
}
