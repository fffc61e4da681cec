package history

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"beckon/clickstream"
)

// Rebuilt says what was written again.
type Rebuilt struct {
	Extent  Extent
	Records uint64
	Erased  uint64 // of them without a payload, because their rows are gone
}

// RebuildEvents writes the events log again from ClickHouse alone, into log, which is new, has the epoch and the number of partitions of
// the Extent, and whose Now is clock's. Every record gets the partition, offset, Seq, time and payload that it had; those whose
// rows are gone because they were erased come back empty. It works in stretches of some batches and holds the rows of one;
// progress is told how many records of how many are written. A *HoleError says which range history lacks. After an error log is
// not usable: throw it away and begin anew.
func RebuildEvents(ctx context.Context, conn driver.Conn, log clickstream.Log, clock *Clock, progress func(done, total uint64)) (Rebuilt, error) {
	x, ok, err := ReadExtent(ctx, conn, eventsLog)
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
	r := Rebuilt{Extent: x}
	for w.next < x.Next {
		stretch, err := readStretch(ctx, conn, &x, w.next)
		if err != nil {
			return r, err
		}
		if err := stretch.write(ctx, conn, w, &r.Erased); err != nil {
			return r, err
		}
		report(progress, w.next, x.Next)
	}
	if err := w.flush(ctx); err != nil {
		return r, err
	}
	r.Records = w.next
	return r, nil
}

// fits says whether the whole of the log can be written again from its first record on, into log.
func (x *Extent) fits(found bool, log clickstream.Log) error {
	switch {
	case !found:
		return fmt.Errorf("history has no batch of the %s log", x.Log)
	case x.From != 0:
		return &HoleError{x.Log, 0, x.From, "history began later"}
	case log.Epoch() != x.Epoch:
		return fmt.Errorf("the new log's epoch is %s, history's is %s", log.Epoch(), x.Epoch)
	case log.Partitions() != len(x.Ends):
		return fmt.Errorf("the new log has %d partitions, history's %d", log.Partitions(), len(x.Ends))
	}
	return nil
}

// stretchRecords is about how many records are read at a time.
const stretchRecords = 128 << 10

// stretchBatches bounds the batches of a stretch.
const stretchBatches = 64

// stretch is some batches that follow one another.
type stretch struct {
	from, next uint64
	batches    []storedBatch
}

type storedBatch struct {
	from, next uint64
	ends       []uint64
	marks      string
}

// readStretch reads the batches from Seq from on.
func readStretch(ctx context.Context, conn driver.Conn, x *Extent, from uint64) (*stretch, error) {
	rows, err := conn.Query(ctx, fmt.Sprintf("SELECT `from`, next, ends, marks FROM batches WHERE log = %s AND epoch = %s AND `from` >= %d AND `from` < %d AND next > `from` ORDER BY `from` LIMIT %d",
		quoteText(x.Log), quoteText(x.Epoch), from, from+stretchRecords, stretchBatches))
	if err != nil {
		return nil, fmt.Errorf("read batches: %w", err)
	}
	defer rows.Close()
	s := &stretch{from: from, next: from}
	for rows.Next() {
		var b storedBatch
		if err := rows.Scan(&b.from, &b.next, &b.ends, &b.marks); err != nil {
			return nil, fmt.Errorf("read batches: %w", err)
		}
		if b.from != s.next {
			return nil, &HoleError{x.Log, s.next, b.from, "its batch has gone meanwhile"}
		}
		s.next = b.next
		s.batches = append(s.batches, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read batches: %w", err)
	}
	if len(s.batches) == 0 {
		return nil, &HoleError{x.Log, from, from + 1, "its batch has gone meanwhile"}
	}
	return s, nil
}
