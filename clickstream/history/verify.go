package history

import (
	"context"
	"errors"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"beckon/clickstream"
)

// Verified is what Verify found.
type Verified struct {
	Events, Control Extent      // without batches where there are none
	Rows            uint64      // of events up to the position, and of those set aside
	SetAside        uint64      // of them
	Ahead           uint64      // rows of events behind the position: of a batch that was cut short and will be sent again
	Short           []Shortfall // batches that wrote more rows than there are: some were erased, or are lost
	Sites           map[string]SiteCount
	Bad             []error // everything else that differs
}

// Shortfall is a stretch of the events log of which rows are missing.
type Shortfall struct {
	From, Next uint64 // Seq
	Rows       uint64
}

// SiteCount counts a site's events up to the position, those set aside among them.
type SiteCount struct {
	Stored    int64 // sent by the shop
	Generated int64
}

// Missing is how many rows Short names.
func (v *Verified) Missing() uint64 {
	var n uint64
	for _, s := range v.Short {
		n += s.Rows
	}
	return n
}

// Verify compares the tables with what the batches say of them: batches follow one another, each has as many rows as it wrote, and no Seq
// stands there twice. What differs is in the answer; the error says that something could not be read.
func Verify(ctx context.Context, conn driver.Conn, progress func(done, total uint64)) (*Verified, error) {
	v := &Verified{Sites: map[string]SiteCount{}}
	for log, to := range map[string]*Extent{eventsLog: &v.Events, controlLog: &v.Control} {
		x, _, err := ReadExtent(ctx, conn, log)
		var hole *HoleError
		if errors.As(err, &hole) {
			v.Bad = append(v.Bad, err)
			continue
		}
		if err != nil {
			return nil, err
		}
		*to = x
	}
	for _, x := range []*Extent{&v.Events, &v.Control} {
		if x.Batches > 0 {
			if err := v.chain(ctx, conn, x); err != nil {
				return nil, err
			}
		}
	}
	if v.Control.Batches > 0 {
		if err := v.decisions(ctx, conn); err != nil {
			return nil, err
		}
	}
	if v.Events.Batches == 0 {
		return v, nil
	}
	if err := v.events(ctx, conn, progress); err != nil {
		return nil, err
	}
	if err := conn.QueryRow(ctx, fmt.Sprintf("SELECT count() FROM events WHERE seq >= %d", v.Events.Next)).Scan(&v.Ahead); err != nil {
		return nil, fmt.Errorf("count events: %w", err)
	}
	return v, v.sites(ctx, conn)
}

// decisions compares the control log's rows, which are one an offset.
func (v *Verified) decisions(ctx context.Context, conn driver.Conn) error {
	x := &v.Control
	var rows, different uint64
	err := conn.QueryRow(ctx, fmt.Sprintf(`SELECT count(), uniqExact(o) FROM (SELECT offset AS o FROM decisions WHERE epoch = %s AND offset >= %d AND offset < %d
		UNION ALL SELECT offset AS o FROM set_aside WHERE log = %s AND offset >= %d AND offset < %d)`,
		quoteText(x.Epoch), x.From, x.Next, quoteText(controlLog), x.From, x.Next)).Scan(&rows, &different)
	if err != nil {
		return fmt.Errorf("count decisions: %w", err)
	}
	if rows != different {
		v.Bad = append(v.Bad, fmt.Errorf("decisions: %d rows of %d offsets: some stand there twice", rows, different))
	}
	if want := x.Next - x.From; different != want {
		v.Bad = append(v.Bad, fmt.Errorf("decisions: %d offsets from %d to %d, batches wrote %d", different, x.From, x.Next, want))
	}
	return nil
}

// verifyRecords is about how many records are compared at a time.
const verifyRecords = 1 << 20

// span is a batch, or some that follow one another, and the rows they say.
type span struct{ from, next, rows uint64 }

func (v *Verified) events(ctx context.Context, conn driver.Conn, progress func(done, total uint64)) error {
	x := &v.Events
	for at := x.From; at < x.Next; {
		batches, err := readSpans(ctx, conn, x, at)
		if err != nil {
			return err
		}
		all := span{from: at, next: batches[len(batches)-1].next}
		for _, b := range batches {
			all.rows += b.rows
		}
		same, err := v.count(ctx, conn, all, len(batches) == 1)
		if err != nil {
			return err
		}
		for i := 0; !same && len(batches) > 1 && i < len(batches); i++ {
			if _, err := v.count(ctx, conn, batches[i], true); err != nil {
				return err
			}
		}
		at = all.next
		report(progress, at-x.From, x.Next-x.From)
	}
	return nil
}

// readSpans reads the batches that begin within verifyRecords of from.
func readSpans(ctx context.Context, conn driver.Conn, x *Extent, from uint64) ([]span, error) {
	rows, err := conn.Query(ctx, fmt.Sprintf("SELECT `from`, next, toUInt64(rows) FROM batches WHERE log = %s AND epoch = %s AND `from` >= %d AND `from` < %d AND next > `from` ORDER BY `from`",
		quoteText(x.Log), quoteText(x.Epoch), from, from+verifyRecords))
	if err != nil {
		return nil, fmt.Errorf("read batches: %w", err)
	}
	defer rows.Close()
	var list []span
	for rows.Next() {
		var s span
		if err := rows.Scan(&s.from, &s.next, &s.rows); err != nil {
			return nil, fmt.Errorf("read batches: %w", err)
		}
		list = append(list, s)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read batches: %w", err)
	}
	if len(list) == 0 {
		return nil, &HoleError{x.Log, from, from + 1, "its batch has gone meanwhile"}
	}
	return list, nil
}

// count compares the rows of s with what its batches wrote. Only with note is a difference entered.
func (v *Verified) count(ctx context.Context, conn driver.Conn, s span, note bool) (same bool, err error) {
	in := fmt.Sprintf("seq >= %d AND seq < %d", s.from, s.next)
	var rows, different, aside uint64
	err = conn.QueryRow(ctx, fmt.Sprintf(`SELECT count(), uniqExact(seq), countIf(aside) FROM (SELECT seq, false AS aside FROM events WHERE %s
		UNION ALL SELECT seq, true AS aside FROM set_aside WHERE log = %s AND %s AND NOT startsWith(payload, char(%d)))`, in, quoteText(eventsLog), in, clickstream.RecordRejected)).Scan(&rows, &different, &aside)
	if err != nil {
		return false, fmt.Errorf("count events: %w", err)
	}
	same = rows == different && rows == s.rows
	if same || note {
		v.Rows += rows
		v.SetAside += aside
	}
	if same || !note {
		return same, nil
	}
	if rows != different {
		v.Bad = append(v.Bad, fmt.Errorf("events: records %d to %d: %d rows of %d records: some stand there twice", s.from, s.next, rows, different))
	}
	switch {
	case different > s.rows:
		v.Bad = append(v.Bad, fmt.Errorf("events: records %d to %d: %d rows, the batch wrote %d", s.from, s.next, different, s.rows))
	case different < s.rows:
		v.Short = append(v.Short, Shortfall{s.from, s.next, s.rows - different})
	}
	return false, nil
}

// sites counts rows by site up to the position. Rows set aside tell their site in their payload.
func (v *Verified) sites(ctx context.Context, conn driver.Conn) error {
	rows, err := conn.Query(ctx, fmt.Sprintf("SELECT site, countIf(NOT generated), countIf(generated) FROM events WHERE seq < %d GROUP BY site", v.Events.Next))
	if err != nil {
		return fmt.Errorf("count events by site: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var site string
		var stored, generated uint64
		if err := rows.Scan(&site, &stored, &generated); err != nil {
			return fmt.Errorf("count events by site: %w", err)
		}
		v.Sites[site] = SiteCount{int64(stored), int64(generated)}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("count events by site: %w", err)
	}
	aside, err := conn.Query(ctx, fmt.Sprintf("SELECT payload FROM set_aside WHERE log = %s AND seq < %d", quoteText(eventsLog), v.Events.Next))
	if err != nil {
		return fmt.Errorf("read what was set aside: %w", err)
	}
	defer aside.Close()
	for aside.Next() {
		var payload string
		var e clickstream.Event
		if err := aside.Scan(&payload); err != nil {
			return fmt.Errorf("read what was set aside: %w", err)
		}
		if clickstream.RecordType(payload) != clickstream.RecordEvent {
			continue
		}
		if err := clickstream.DecodeEvent(payload, &e); err != nil {
			v.Bad = append(v.Bad, fmt.Errorf("set_aside: %w", err))
			continue
		}
		n := v.Sites[e.Site]
		if e.Generated {
			n.Generated++
		} else {
			n.Stored++
		}
		v.Sites[e.Site] = n
	}
	return aside.Err()
}
