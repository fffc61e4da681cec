package history

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// What stands in a skeleton for a record.
const (
	markPayload = iota // the payload itself: a tick, settings, ledger
	markEvent          // a row of events, or one set aside
	markLetter         // a row of dead_letters
)

// write appends the stretch's records. Rows come from ClickHouse in order of Seq, beside the skeletons that name them.
func (s *stretch) write(ctx context.Context, conn driver.Conn, w *rewriter, erased *uint64) error {
	rows, err := openRows(ctx, conn, s.from, s.next)
	if err != nil {
		return err
	}
	defer rows.close()
	for i := range s.batches {
		b := &s.batches[i]
		err := walkMarks(b.marks, func(kind, partition int, at int64, payload string) error {
			if kind == markPayload {
				return w.add(ctx, partition, at, []byte(payload))
			}
			row, ok, err := rows.take(kind, w.next)
			if err != nil {
				return err
			}
			if !ok {
				*erased++
			}
			return w.add(ctx, partition, at, row)
		})
		if err != nil {
			return fmt.Errorf("write the events log again: batch %d to %d: %w", b.from, b.next, err)
		}
		if w.next != b.next {
			return &HoleError{eventsLog, min(w.next, b.next), max(w.next, b.next), "the batch's skeleton does not name these records"}
		}
		for p, end := range b.ends {
			if p >= len(w.ends) || w.ends[p] != end {
				return fmt.Errorf("write the events log again: batch %d to %d ends at offset %d of partition %d, and its skeleton elsewhere", b.from, b.next, end, p)
			}
		}
	}
	return rows.end(s.next)
}

// rowCursors are the open results of a stretch, by kind of mark.
type rowCursors struct {
	events, aside, letters *rowCursor
}

// rowCursor is a result in order of Seq, with its current row as the record that it was.
type rowCursor struct {
	table   string
	rows    driver.Rows
	read    func(rows driver.Rows, dst []byte) (seq uint64, payload []byte, err error)
	seq     uint64
	payload []byte
	ok      bool // there is a current row
}

func openRows(ctx context.Context, conn driver.Conn, from, next uint64) (c *rowCursors, err error) {
	c = &rowCursors{}
	var event eventRow
	in := fmt.Sprintf("seq >= %d AND seq < %d ORDER BY seq", from, next)
	for _, q := range []struct {
		to    **rowCursor
		table string
		query string
		read  func(rows driver.Rows, dst []byte) (uint64, []byte, error)
	}{
		{&c.events, "events", "SELECT " + event.columns() + " FROM events WHERE " + in, event.read},
		{&c.aside, "set_aside", "SELECT seq, payload FROM set_aside WHERE log = " + quoteText(eventsLog) + " AND " + in, readPayload},
		{&c.letters, "dead_letters", "SELECT seq, payload FROM dead_letters WHERE " + in, readPayload},
	} {
		rows, err := conn.Query(ctx, q.query)
		if err != nil {
			c.close()
			return nil, fmt.Errorf("read %s: %w", q.table, err)
		}
		*q.to = &rowCursor{table: q.table, rows: rows, read: q.read}
		if err := (*q.to).advance(); err != nil {
			c.close()
			return nil, err
		}
	}
	return c, nil
}

func readPayload(rows driver.Rows, dst []byte) (seq uint64, payload []byte, err error) {
	var text string
	err = rows.Scan(&seq, &text)
	return seq, append(dst, text...), err
}

func (c *rowCursors) close() {
	for _, r := range []*rowCursor{c.events, c.aside, c.letters} {
		if r != nil {
			r.rows.Close()
		}
	}
}

// take returns the record of seq, borrowed until the next take; ok=false when it has no row.
func (c *rowCursors) take(kind int, seq uint64) (payload []byte, ok bool, err error) {
	list := []*rowCursor{c.events, c.aside}
	if kind == markLetter {
		list = []*rowCursor{c.letters, c.aside}
	}
	for _, r := range list {
		got, has, err := r.take(seq)
		if err != nil {
			return nil, false, err
		}
		if has {
			return got, true, nil
		}
	}
	return nil, false, nil
}

// take returns the current row if it is that of seq and moves on at the next call.
func (r *rowCursor) take(seq uint64) (payload []byte, ok bool, err error) {
	for r.ok && r.seq < seq {
		if r.payload != nil {
			return nil, false, fmt.Errorf("table %s: record %d stands there twice, or is no such record in the batch's skeleton", r.table, r.seq)
		}
		if err := r.advance(); err != nil {
			return nil, false, err
		}
	}
	if !r.ok || r.seq != seq {
		return nil, false, nil
	}
	payload, r.payload = r.payload, nil // nil: taken
	return payload, true, nil
}

// advance reads the next row.
func (r *rowCursor) advance() error {
	if r.ok = r.rows.Next(); !r.ok {
		if err := r.rows.Err(); err != nil {
			return fmt.Errorf("read %s: %w", r.table, err)
		}
		return nil
	}
	var err error
	if r.seq, r.payload, err = r.read(r.rows, []byte{}); err != nil {
		return fmt.Errorf("read %s: %w", r.table, err)
	}
	return nil
}

// end checks that every row was taken.
func (c *rowCursors) end(next uint64) error {
	for _, r := range []*rowCursor{c.events, c.aside, c.letters} {
		if _, _, err := r.take(next); err != nil {
			return err
		}
	}
	return nil
}
