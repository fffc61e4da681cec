package history

import (
	"context"
	"fmt"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"beckon/clickstream"
)

// VisitorEvents walks the events that ClickHouse holds of one visitor, in the order of the log, those set aside among them. It holds one
// row at a time and what was set aside.
type VisitorEvents struct {
	id    clickstream.VisitorID
	rows  driver.Rows
	row   eventRow
	ahead bool // row is a row that was not given yet
	aside []asideEvent
	event clickstream.Event // decoded of one set aside
}

type asideEvent struct {
	seq     uint64
	payload string
}

// OpenVisitorEvents begins the walk. Close ends it. Statements say the hash of the visitor, not its id, since servers keep their text.
func OpenVisitorEvents(ctx context.Context, conn driver.Conn, id clickstream.VisitorID) (*VisitorEvents, error) {
	v := &VisitorEvents{id: id}
	err := eachAside(ctx, conn, id, eventsLog, func(seq uint64, payload string) {
		v.aside = append(v.aside, asideEvent{seq, payload})
	})
	if err != nil {
		return nil, err
	}
	v.rows, err = conn.Query(ctx, "SELECT "+v.row.columns()+" FROM events WHERE "+whereVisitor(id)+" ORDER BY seq")
	if err != nil {
		return nil, fmt.Errorf("read events of a visitor: %w", err)
	}
	return v, nil
}

// Next returns the next event, borrowed until the next call; nil at the end.
func (v *VisitorEvents) Next() (seq uint64, e *clickstream.Event, err error) {
	for !v.ahead && v.rows.Next() {
		if err := v.row.scan(v.rows); err != nil {
			return 0, nil, fmt.Errorf("read events of a visitor: %w", err)
		}
		v.ahead = v.row.e.Visitor == v.id.Visitor
	}
	if err := v.rows.Err(); err != nil {
		return 0, nil, fmt.Errorf("read events of a visitor: %w", err)
	}
	if len(v.aside) > 0 && (!v.ahead || v.aside[0].seq <= v.row.seq) {
		a := v.aside[0]
		v.aside = v.aside[1:]
		if v.ahead && v.row.seq == a.seq { // it came back; the row is what it is now
			return v.Next()
		}
		if err := clickstream.DecodeEvent(a.payload, &v.event); err != nil {
			return 0, nil, fmt.Errorf("set aside: %w", err)
		}
		return a.seq, &v.event, nil
	}
	if !v.ahead {
		return 0, nil, nil
	}
	v.ahead = false
	return v.row.seq, &v.row.e, nil
}

// Close ends the walk.
func (v *VisitorEvents) Close() error { return v.rows.Close() }

// VisitorSession is the newest version of a session.
type VisitorSession struct {
	Start, End int64 // Unix ms
	Events     int
	Bot        bool
	Closed     bool
	Consent    clickstream.Consent
	Steps      []clickstream.Step
}

// EachVisitorSession calls each for every session of a visitor in order of start: the newest versions of ClickHouse and of the plans, which
// hold what ClickHouse does not have yet. db is nil without a ClickHouse. The session is borrowed until each returns. What the Spool has
// not frozen is not among them: freeze first.
func EachVisitorSession(ctx context.Context, db *DB, plans clickstream.Log, id clickstream.VisitorID, each func(s *VisitorSession) error) error {
	planned, err := plannedOf(ctx, plans, id)
	if err != nil {
		return err
	}
	if db != nil {
		if err := eachAside(ctx, db, id, sessionsLog, func(_ uint64, payload string) { planned.take(payload, id) }); err != nil {
			return err
		}
		if err := storedSessions(ctx, db, id, planned, each); err != nil {
			return err
		}
	}
	return planned.before(1<<62, each)
}

// storedSessions gives ClickHouse's sessions, and those of plans where their start comes.
func storedSessions(ctx context.Context, conn driver.Conn, id clickstream.VisitorID, planned *plannedSessions, each func(s *VisitorSession) error) error {
	rows, err := conn.Query(ctx, `SELECT visitor, toUnixTimestamp64Milli(start), toUnixTimestamp64Milli(end), version, deleted, events, bot, consent, closed, items, kinds,
		arrayMap(t -> toUnixTimestamp64Milli(t), times) FROM sessions FINAL WHERE `+whereVisitor(id)+" ORDER BY start")
	if err != nil {
		return fmt.Errorf("read sessions of a visitor: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var (
			s       VisitorSession
			visitor string
			version uint64
			deleted uint8
			events  uint32
			consent uint8
			items   []string
			kinds   []uint8
			times   []int64
		)
		if err := rows.Scan(&visitor, &s.Start, &s.End, &version, &deleted, &events, &s.Bot, &consent, &s.Closed, &items, &kinds, &times); err != nil {
			return fmt.Errorf("read sessions of a visitor: %w", err)
		}
		if visitor != id.Visitor {
			continue
		}
		if err := planned.before(s.Start, each); err != nil {
			return err
		}
		if len(planned.list) > 0 && planned.list[0].Start == s.Start {
			if planned.list[0].Version >= version {
				continue // it is given with the next
			}
			planned.list = planned.list[1:]
		}
		if deleted != 0 {
			continue
		}
		s.Events, s.Consent = int(events), clickstream.Consent(consent)
		for i := range items {
			s.Steps = append(s.Steps, clickstream.NewStep(items[i], clickstream.Kind(kinds[i]), times[i]))
		}
		if err := each(&s); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read sessions of a visitor: %w", err)
	}
	return nil
}

// plannedSessions are the newest versions that plans have of a visitor's sessions, by start.
type plannedSessions struct{ list []plannedSession }

func plannedOf(ctx context.Context, plans clickstream.Log, id clickstream.VisitorID) (*plannedSessions, error) {
	p := &plannedSessions{}
	if plans == nil {
		return p, nil
	}
	r, err := plans.Read(0, plans.First(0))
	if err != nil {
		return nil, fmt.Errorf("read plans: %w", err)
	}
	defer r.Close()
	for {
		b, ok, err := r.Next(1 << 20)
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return nil, fmt.Errorf("read plans: %w", err)
		}
		if !ok {
			return p, nil
		}
		for i := range b.Len() {
			if err := p.plan(b.At(i), id); err != nil {
				return nil, fmt.Errorf("read plans: offset %d: %w", b.First+uint64(i), err)
			}
		}
	}
}

func (p *plannedSessions) plan(payload string, id clickstream.VisitorID) (err error) {
	var sessions string
	switch planType(payload) {
	case planBatch:
		_, sessions, err = decodePlan(payload)
	case planPart:
		sessions, err = decodePart(payload)
	}
	if err != nil {
		return err
	}
	p.take(sessions, id)
	return nil
}

// take notes the visitor's sessions of a list.
func (p *plannedSessions) take(sessions string, id clickstream.VisitorID) {
	if sessions == "" {
		return
	}
	var s plannedSession
	r := openSessions(sessions)
	for r.next(&s) {
		if s.Visitor != id.Visitor || s.Site != id.Site {
			continue
		}
		at, found := slices.BinarySearchFunc(p.list, s.Start, func(have plannedSession, start int64) int {
			switch {
			case have.Start < start:
				return -1
			case have.Start > start:
				return 1
			}
			return 0
		})
		kept := s
		kept.Steps = slices.Clone(s.Steps)
		switch {
		case !found:
			p.list = slices.Insert(p.list, at, kept)
		case p.list[at].Version <= s.Version:
			p.list[at] = kept
		}
	}
}

// before gives the sessions that start before start.
func (p *plannedSessions) before(start int64, each func(s *VisitorSession) error) error {
	for len(p.list) > 0 && p.list[0].Start < start {
		s := p.list[0]
		p.list = p.list[1:]
		if s.Retracted {
			continue
		}
		out := VisitorSession{Start: s.Start, End: s.End, Events: int(s.Events), Bot: s.Bot, Closed: s.Closed, Consent: s.Consent, Steps: s.Steps}
		if err := each(&out); err != nil {
			return err
		}
	}
	return nil
}

// EachVisitorLetter calls each for every dead letter of ClickHouse that names a visitor, in the order of the log.
func EachVisitorLetter(ctx context.Context, conn driver.Conn, id clickstream.VisitorID, each func(l *clickstream.DeadLetter) error) error {
	rows, err := conn.Query(ctx, "SELECT partition, offset, payload FROM dead_letters WHERE site = "+quoteText(id.Site)+" ORDER BY seq")
	if err != nil {
		return fmt.Errorf("read dead letters: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var partition uint16
		var offset uint64
		var payload string
		if err := rows.Scan(&partition, &offset, &payload); err != nil {
			return fmt.Errorf("read dead letters: %w", err)
		}
		l, ok := clickstream.LetterOf(payload, id, int(partition), offset)
		if !ok {
			continue
		}
		if err := each(&l); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read dead letters: %w", err)
	}
	return nil
}

func whereVisitor(id clickstream.VisitorID) string {
	return fmt.Sprintf("site = %s AND visitor_hash = %d", quoteText(id.Site), clickstream.VisitorHash(id.Visitor))
}

// eachAside calls each for what was set aside of a visitor, in the order of the log.
func eachAside(ctx context.Context, conn driver.Conn, id clickstream.VisitorID, log string, each func(seq uint64, payload string)) error {
	rows, err := conn.Query(ctx, "SELECT seq, payload FROM set_aside WHERE log = "+quoteText(log)+" ORDER BY seq")
	if err != nil {
		return fmt.Errorf("read what was set aside: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var seq uint64
		var payload string
		if err := rows.Scan(&seq, &payload); err != nil {
			return fmt.Errorf("read what was set aside: %w", err)
		}
		if site, visitor, ok := AsideVisitor(log, payload); ok && site == id.Site && visitor == id.Visitor {
			each(seq, payload)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read what was set aside: %w", err)
	}
	return nil
}
