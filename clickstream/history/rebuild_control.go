package history

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"beckon/clickstream"
)

// controlLog and eventsLog name the logs in the tables batches and set_aside.
const (
	eventsLog  = "events"
	controlLog = "control"
)

// RebuildControl writes the control log again from the table decisions, as RebuildEvents does the events log. open turns a payload as
// it stands in ClickHouse into the record it was: secrets in it are sealed there.
func RebuildControl(ctx context.Context, conn driver.Conn, log clickstream.Log, clock *Clock, open func(payload string) (string, error)) (Rebuilt, error) {
	x, ok, err := ReadExtent(ctx, conn, controlLog)
	if err != nil {
		return Rebuilt{}, err
	}
	if err := x.fits(ok, log); err != nil {
		return Rebuilt{}, err
	}
	w, err := newRewriter(log, clock)
	if err != nil {
		return Rebuilt{}, err
	}
	for w.next < x.Next {
		if err := rebuildDecisions(ctx, conn, &x, w, open); err != nil {
			return Rebuilt{Extent: x}, err
		}
	}
	if err := w.flush(ctx); err != nil {
		return Rebuilt{Extent: x}, err
	}
	return Rebuilt{Extent: x, Records: w.next}, nil
}

// rebuildDecisions writes the next stretch of the control log, whose Seqs are its offsets.
func rebuildDecisions(ctx context.Context, conn driver.Conn, x *Extent, w *rewriter, open func(payload string) (string, error)) error {
	from, to := w.next, min(x.Next, w.next+stretchRecords)
	inRange := fmt.Sprintf(">= %d AND offset < %d", from, to)
	rows, err := conn.Query(ctx, "SELECT o, toUnixTimestamp64Milli(time), payload FROM (SELECT offset AS o, time, payload FROM decisions WHERE epoch = "+quoteText(x.Epoch)+" AND offset "+inRange+
		" UNION ALL SELECT offset AS o, time, payload FROM set_aside WHERE log = "+quoteText(controlLog)+" AND offset "+inRange+") ORDER BY o")
	if err != nil {
		return fmt.Errorf("read decisions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var offset uint64
		var at int64
		var payload string
		if err := rows.Scan(&offset, &at, &payload); err != nil {
			return fmt.Errorf("read decisions: %w", err)
		}
		if offset < w.next {
			return fmt.Errorf("decision %d stands in history twice", offset)
		}
		if offset > w.next {
			return &HoleError{x.Log, w.next, offset, "the table decisions has no such rows"}
		}
		if payload, err = open(payload); err != nil {
			return fmt.Errorf("decision %d: %w", offset, err)
		}
		if err := w.add(ctx, 0, at, []byte(payload)); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read decisions: %w", err)
	}
	if w.next < to {
		return &HoleError{x.Log, w.next, to, "the table decisions has no such rows"}
	}
	return nil
}
