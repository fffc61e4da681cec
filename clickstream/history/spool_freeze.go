package history

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	"beckon/clickstream"
	"beckon/clickstream/record"
)

// freeze makes everything below through a plan, if there is anything.
func (s *Spool) freeze(ctx context.Context, through uint64, gap bool) error {
	if through <= s.next {
		return nil
	}
	p := plan{
		stretchName: stretchName{s.epoch, s.next, through}, gap: gap, facts: uint64(s.pending.facts), parts: uint64(s.pending.parts),
		late: s.pending.late, machine: s.pending.machine, repeat: s.pending.repeat,
	}
	s.encoded = appendSessions(p.append(s.encoded[:0]), s.pending.sites, s.pending.sessions)
	at, err := s.append(ctx, s.encoded)
	if err != nil {
		return err
	}
	if p.parts > 0 {
		at = s.parted
	}
	s.newest.Store(at)
	s.frozen.Add(1)
	s.next = through
	s.pending.reset()
	s.dropEncoded()
	return nil
}

// freezePart writes the sessions so far as a part of the plan at work.
func (s *Spool) freezePart(ctx context.Context) error {
	s.encoded = appendSessions(append(s.encoded[:0], planPart, planVersion), s.pending.sites, s.pending.sessions)
	at, err := s.append(ctx, s.encoded)
	if err != nil {
		return err
	}
	if s.pending.parts == 0 {
		s.parted = at
	}
	s.pending.parts++
	s.pending.resetSessions()
	return nil
}

// freezeLost makes what is lost a plan of its own.
func (s *Spool) freezeLost() error {
	if s.lost <= s.next {
		return nil
	}
	return s.freeze(context.Background(), s.lost, true)
}

// maxKeptEncoded bounds the memory for encoding that is kept from plan to plan.
const maxKeptEncoded = 8 << 20

func (s *Spool) dropEncoded() {
	if cap(s.encoded) > maxKeptEncoded {
		s.encoded = nil
	}
}

// Pauses while the plan log has no room.
const (
	firstRoomWait = 50 * time.Millisecond
	lastRoomWait  = 2 * time.Second
)

// append makes one record durable and returns its offset. It waits for room until ctx ends or the Spool is closed. ctx does not reach the
// append itself, whose end must be known.
func (s *Spool) append(ctx context.Context, payload []byte) (uint64, error) {
	for wait := firstRoomWait; ; wait = min(2*wait, lastRoomWait) {
		at, err := appendPlan(context.Background(), s.cfg.Plans, payload)
		if err == nil {
			return at, nil
		}
		if !noRoom(err) {
			return 0, err
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-s.stop:
			timer.Stop()
			return 0, fmt.Errorf("%w: %w", errSpoolClosed, err)
		case <-ctx.Done():
			timer.Stop()
			return 0, fmt.Errorf("%w: %w", ctx.Err(), err)
		}
	}
}

// noRoom says whether an append failed for want of room, which may come back.
func noRoom(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) || errors.Is(err, io.ErrShortWrite)
}

// appendPlan appends one record to the plan log.
func appendPlan(ctx context.Context, plans clickstream.Log, payload []byte) (offset uint64, err error) {
	parts := []record.Append{{Records: record.Packed{Data: payload, Ends: []uint32{uint32(len(payload))}}}}
	if _, err := plans.Append(ctx, parts); err != nil {
		return 0, fmt.Errorf("append to the plan log: %w", err)
	}
	return parts[0].First, nil
}

// placedPlan is a batch record and where it stands.
type placedPlan struct {
	stretchName
	first uint64 // offset of its first part, or its own
}

// newestPlan finds the newest batch record.
func newestPlan(plans clickstream.Log) (newest placedPlan, found bool, err error) {
	first, end := plans.First(0), plans.Cut(nil).Ends[0]
	var parts uint64 // of the plan that was found, still to be found before it
	for at := end; at > first; at-- {
		payload, err := readPlan(plans, at-1)
		if err != nil {
			return newest, false, err
		}
		switch planType(payload) {
		case planBatch:
			if found {
				return newest, true, nil // parts of it are missing; the Writer will say so
			}
			if newest.stretchName, parts, err = peekStretch(payload); err != nil {
				return newest, false, fmt.Errorf("offset %d: %w", at-1, err)
			}
			found = true
			newest.first = at - 1
		case planPart:
			if found && parts > 0 {
				parts--
				newest.first = at - 1
			}
		}
		if found && parts == 0 {
			return newest, true, nil
		}
	}
	return newest, found, nil
}

// readPlan reads the record at an offset of the plan log.
func readPlan(plans clickstream.Log, at uint64) (string, error) {
	r, err := plans.Read(0, at)
	if err != nil {
		return "", fmt.Errorf("read offset %d: %w", at, err)
	}
	defer r.Close()
	b, ok, err := r.Next(1)
	if err != nil {
		return "", fmt.Errorf("read offset %d: %w", at, err)
	}
	if !ok || b.First != at || b.Len() == 0 {
		return "", fmt.Errorf("read offset %d: the log has no such record", at)
	}
	return b.At(0), nil
}
