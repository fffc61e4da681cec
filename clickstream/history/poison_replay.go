package history

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"beckon/clickstream"
)

// alone is a session as set_aside keeps it: a list of one.
func (s *plannedSession) alone() string {
	d := planReader{s: s.raw}
	d.uvarint() // its site's place in the plan's list
	b := appendText(binary.AppendUvarint(nil, 1), s.Site)
	b = append(binary.AppendUvarint(b, 1), 0)
	return string(append(b, s.raw[d.i:]...))
}

// AsideVisitor is whose a row of set_aside is. log is the row's; ok is false for what is nobody's or cannot be read.
func AsideVisitor(log, payload string) (site, visitor string, ok bool) {
	if log != sessionsLog {
		return clickstream.PeekVisitor(payload)
	}
	var s plannedSession
	r := openSessions(payload)
	if !r.next(&s) {
		return "", "", false
	}
	return s.Site, s.Visitor, true
}

// asideKept is a row of set_aside.
type asideKept struct {
	log, payload, reason string
	hash                 uint64 // of payload: sessions of one cause have the same seq
	place                place
}

// replayRows is how many rows of set_aside are tried at a time.
const replayRows = 512

// ReplaySetAside tries to insert what was set aside, and returns how many rows were taken, and are gone from set_aside, and how many were
// refused again. No batch is sent meanwhile.
func (w *Writer) ReplaySetAside(ctx context.Context) (taken, refused int, err error) {
	resume, err := w.Pause(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer resume()
	var after asideKept
	for {
		rows, err := w.readAside(ctx, &after)
		if err != nil || len(rows) == 0 {
			return taken, refused, err
		}
		var gone []asideKept
		for i := range rows {
			ok, err := w.replay(ctx, &rows[i])
			if err != nil {
				return taken, refused, err
			}
			if ok {
				gone = append(gone, rows[i])
			} else {
				refused++
			}
		}
		if err := w.removeAside(ctx, gone); err != nil {
			return taken, refused, err
		}
		taken += len(gone)
		after = rows[len(rows)-1]
	}
}

func (w *Writer) readAside(ctx context.Context, after *asideKept) ([]asideKept, error) {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.InsertTimeout)
	defer cancel()
	rows, err := w.cfg.DB.Query(ctx, fmt.Sprintf("SELECT log, seq, partition, offset, toUnixTimestamp64Milli(time), payload, reason, cityHash64(payload) AS hash FROM set_aside "+
		"WHERE (log, seq, hash) > (%s, %d, %d) ORDER BY log, seq, hash LIMIT %d", quoteText(after.log), after.place.seq, after.hash, replayRows))
	if err != nil {
		return nil, fmt.Errorf("read set_aside: %w", err)
	}
	defer rows.Close()
	var list []asideKept
	for rows.Next() {
		var k asideKept
		var partition uint16
		if err := rows.Scan(&k.log, &k.place.seq, &partition, &k.place.offset, &k.place.time, &k.payload, &k.reason, &k.hash); err != nil {
			return nil, fmt.Errorf("read set_aside: %w", err)
		}
		k.place.partition, k.place.payload = int(partition), k.payload
		list = append(list, k)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read set_aside: %w", err)
	}
	return list, nil
}

// replay inserts one row where it belongs, if it is not there from a replay that was cut short.
func (w *Writer) replay(ctx context.Context, k *asideKept) (taken bool, err error) {
	var e clickstream.Event
	c := collected{table: eventsTable}
	row := collectedRow{place: k.place, found: foundIn(k.reason)}
	switch {
	case k.log == sessionsLog:
		c.table, row.received = sessionsTable, time.Now().UnixMilli()
		r := openSessions(k.payload)
		if !r.next(&row.session) {
			return false, nil
		}
	case clickstream.RecordType(k.payload) == clickstream.RecordRejected:
		var ok bool
		if row.site, ok = clickstream.PeekLetter(k.payload); !ok {
			return false, nil
		}
		c.table = lettersTable
	default:
		if err := clickstream.DecodeEvent(k.payload, &e); err != nil {
			return false, nil //nolint:nilerr // it is refused as before
		}
	}
	ctx, cancel := context.WithTimeout(ctx, w.cfg.InsertTimeout)
	defer cancel()
	if c.table != sessionsTable { // the same version of a session replaces itself
		var n uint64
		if err := w.cfg.DB.QueryRow(ctx, fmt.Sprintf("SELECT count() FROM %s WHERE seq = %d", quoteName(c.table.String()), k.place.seq)).Scan(&n); err != nil {
			return false, fmt.Errorf("look for record %d in %s: %w", k.place.seq, c.table, err)
		}
		if n > 0 {
			return true, nil
		}
	}
	t, err := c.encode([]collectedRow{row}, c.table.String(), fmt.Sprintf("%s/replay/%s/%d", w.cfg.Events.Epoch(), c.table, k.place.seq))
	if err != nil {
		return false, err
	}
	if err = w.send(ctx, &t); err != nil && isContent(err) {
		return false, nil
	}
	return err == nil, err
}

// removeAside removes rows from set_aside and waits until they are gone.
func (w *Writer) removeAside(ctx context.Context, rows []asideKept) error {
	if len(rows) == 0 {
		return nil
	}
	var list []string
	for i := range rows {
		k := &rows[i]
		list = append(list, fmt.Sprintf("(%s,%d,%d)", quoteText(k.log), k.place.seq, k.hash))
	}
	ctx, cancel := context.WithTimeout(ctx, w.cfg.InsertTimeout)
	defer cancel()
	name, on := w.stored(asideTable.String())
	if err := w.cfg.DB.Exec(ctx, "ALTER TABLE "+quoteName(name)+on+" DELETE WHERE (log, seq, cityHash64(payload)) IN ("+strings.Join(list, ",")+") SETTINGS mutations_sync = 2"); err != nil {
		return fmt.Errorf("remove from set_aside: %w", err)
	}
	return nil
}
