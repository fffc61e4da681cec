package history

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"beckon/clickstream"
)

// SpoolName is the name under which the Runner knows a Spool.
const SpoolName = "history"

// SpoolConfig says where a Spool puts its plans. Events and Plans are needed.
type SpoolConfig struct {
	Events clickstream.Log // the log that facts come from; only its epoch and end are asked for
	Plans  clickstream.Log // one partition; a Spool and a Writer append to it, nobody else

	Rows  int // events in a plan; 128 Ki
	Bytes int // of their events and sessions, about; 64 MiB

	// Applied is the Seq below which the Runner has given every fact to the Spool. With it records that have no fact, as those that
	// end an append, are frozen when the Writer asks; without it a plan ends with its last fact.
	Applied func() uint64
}

// Defaults and bounds of SpoolConfig.
const (
	defaultPlanRows  = 128 << 10
	defaultPlanBytes = 64 << 20
	maxSessionsBytes = 24 << 20 // of one record; more would not fit into an append with certainty
)

// Spool is the fold of facts that freezes batches: what facts say of a stretch of the events log becomes one record of the plan log, and
// what the Writer sends follows from that record and the events log alone, however often it must be sent.
//
// It is the one fold that writes: its plans are its state, too much of it for a snapshot and wanted in order by the Writer. They are
// durable before a snapshot speaks of them, and what a snapshot holds is only how far they reach, which is the same whatever the clock
// did. After a restart facts that plans hold already are passed over. Where plans end is decided by the facts, by the Writer's asking, and
// by snapshots; no answer depends on it.
//
// A plan log without room is tried again until there is room or Close is called: the Runner waits meanwhile, its lag grows, and intake is
// refused. Any other failure of the plan log stops the fold.
//
// Memory: one plan's sessions, which the Runner mostly holds anyway, bounded by Rows and Bytes.
//
// ApplyFacts, Snapshot and Restore belong to the Runner's goroutine; all else may be called from any.
type Spool struct {
	cfg   SpoolConfig
	epoch string
	turn  chan struct{} // holds a token while nobody is at work on what is below it
	stop  chan struct{}
	ended atomic.Bool

	next    uint64 // Seq at which plans end
	last    uint64 // Seq after the last fact, also of those passed over; 0 before the first
	lost    uint64 // facts below this Seq are in no plan and will not come again
	pending pending
	encoded []byte
	parted  uint64        // offset of the first part of the plan at work, if it has parts
	newest  atomic.Uint64 // offset of the newest plan, that of its first part if it has parts
	frozen  atomic.Uint64 // plans since OpenSpool
}

// OpenSpool reads where the plan log ends.
func OpenSpool(cfg SpoolConfig) (*Spool, error) {
	if cfg.Events == nil || cfg.Plans == nil {
		return nil, errors.New("spool: Events and Plans are needed")
	}
	if cfg.Rows < 0 || cfg.Bytes < 0 {
		return nil, errors.New("spool: a bound is negative")
	}
	if cfg.Rows == 0 {
		cfg.Rows = defaultPlanRows
	}
	if cfg.Bytes == 0 {
		cfg.Bytes = defaultPlanBytes
	}
	s := &Spool{cfg: cfg, epoch: cfg.Events.Epoch(), turn: make(chan struct{}, 1), stop: make(chan struct{})}
	newest, found, err := newestPlan(cfg.Plans)
	if err != nil {
		return nil, fmt.Errorf("plan log: %w", err)
	}
	if found {
		if newest.epoch != s.epoch {
			return nil, fmt.Errorf("plan log: it is of the events log's epoch %s, the log is %s", newest.epoch, s.epoch)
		}
		if end := cfg.Events.Cut(nil).Seq; newest.next > end {
			return nil, fmt.Errorf("plan log: it reaches to record %d, the events log ends at %d: it was put back from an older copy", newest.next, end)
		}
		s.next = newest.next
		s.newest.Store(newest.first)
	}
	s.pending.reset()
	s.turn <- struct{}{}
	return s, nil
}

// ApplyFacts takes facts into the plan at work and freezes it when it is large enough.
func (s *Spool) ApplyFacts(facts []clickstream.Fact) error {
	if err := s.begin(context.Background()); err != nil {
		return err
	}
	defer s.done()
	for i := range facts {
		f := &facts[i]
		if f.Seq < s.next {
			s.last = f.Seq + 1
			continue
		}
		if s.last == 0 {
			s.lost = f.Seq // a Spool that is new to a log whose beginning no fact comes from
		}
		if err := s.freezeLost(); err != nil {
			return err
		}
		s.last = f.Seq + 1
		if err := s.add(f); err != nil {
			return err
		}
		if p := &s.pending; p.facts >= s.cfg.Rows || p.bytes+p.eventBytes >= s.cfg.Bytes || p.bytes >= maxSessionsBytes || p.parts > 0 {
			if err := s.freeze(context.Background(), s.last, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// add takes one fact. A fact with more sessions than a record may hold puts them into parts.
func (s *Spool) add(f *clickstream.Fact) error {
	p := &s.pending
	if f.Erase != nil {
		p.erase(f.Erase)
		return nil // its changes retract what ClickHouse loses by the erasure itself
	}
	p.fact(f)
	if len(f.Changes) == 0 {
		return nil
	}
	site := p.siteOf(f.Site)
	for i := range f.Changes {
		p.change(site, f.Seq, &f.Changes[i])
		if p.bytes >= min(s.cfg.Bytes, maxSessionsBytes) && i+1 < len(f.Changes) {
			if err := s.freezePart(context.Background()); err != nil {
				return err
			}
			site = p.siteOf(f.Site)
		}
	}
	return nil
}

// Freeze cuts what is pending now, so that the Writer can have it.
func (s *Spool) Freeze(ctx context.Context) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	defer s.done()
	if err := s.freezeLost(); err != nil {
		return err
	}
	through := s.last
	if s.cfg.Applied != nil {
		through = max(through, s.cfg.Applied())
	}
	return s.freeze(ctx, through, s.last == 0)
}

const spoolVersion = 1

// Snapshot freezes what is pending and writes the Seq after the last fact: version:1 seq:uvarint.
func (s *Spool) Snapshot(w io.Writer) error {
	if err := s.begin(context.Background()); err != nil {
		return err
	}
	defer s.done()
	if err := s.freezeLost(); err != nil {
		return err
	}
	if err := s.freeze(context.Background(), s.last, false); err != nil {
		return err
	}
	_, err := w.Write(binary.AppendUvarint([]byte{spoolVersion}, s.last))
	return err
}

// Restore goes on from a snapshot. What lies between the plans' end and it is lost; a plan without facts will stand for it.
func (s *Spool) Restore(r io.Reader) error {
	b, err := io.ReadAll(io.LimitReader(r, 64))
	if err != nil {
		return err
	}
	d := planReader{s: string(b)}
	if d.byte() != spoolVersion {
		return errors.New("history: unknown version of a snapshot")
	}
	last := d.uvarint()
	if err := d.end(0); err != nil {
		return fmt.Errorf("history: snapshot: %w", err)
	}
	if err := s.begin(context.Background()); err != nil {
		return err
	}
	defer s.done()
	s.last, s.lost = last, last
	s.pending.reset()
	return nil
}

// Close ends waiting for room in the plan log: what waits fails, and so does all that comes later.
func (s *Spool) Close() {
	if !s.ended.Swap(true) {
		close(s.stop)
	}
}

// LowPlans is the offset of the plan log below which the Spool needs nothing: the newest plan stays, since it says where plans end.
func (s *Spool) LowPlans() uint64 { return s.newest.Load() }

// Plans is the number of plans frozen since OpenSpool.
func (s *Spool) Plans() uint64 { return s.frozen.Load() }

var errSpoolClosed = errors.New("spool is closed")

// begin waits for the turn.
func (s *Spool) begin(ctx context.Context) error {
	select {
	case <-s.turn:
		return nil
	case <-s.stop:
		return errSpoolClosed
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Spool) done() { s.turn <- struct{}{} }
