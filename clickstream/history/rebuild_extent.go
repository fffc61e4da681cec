package history

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Extent is the stretch of a log that batches cover.
type Extent struct {
	Log     string // "events" or "control"
	Epoch   string
	From    uint64   // Seq of the first record that history has
	Next    uint64   // Seq after the last
	Ends    []uint64 // offset after the last record, by partition
	Batches int
	Rows    uint64 // that the batches say they wrote
}

// HoleError says that history lacks records of a log.
type HoleError struct {
	Log      string
	From, To uint64 // Seq: records from From to before To
	Reason   string
}

func (e *HoleError) Error() string {
	return fmt.Sprintf("history has no whole copy of the %s log: records %d to %d: %s", e.Log, e.From, e.To, e.Reason)
}

// ReadExtent reads which stretch of a log history covers, and checks that its batches follow one another and are of one epoch. ok is
// false when there is no batch.
func ReadExtent(ctx context.Context, conn driver.Conn, log string) (x Extent, ok bool, err error) {
	rows, err := conn.Query(ctx, "SELECT epoch, `from`, next, rows FROM batches WHERE log = "+quoteText(log)+" ORDER BY `from`, next")
	if err != nil {
		return x, false, fmt.Errorf("read batches: %w", err)
	}
	defer rows.Close()
	x.Log = log
	for rows.Next() {
		var epoch string
		var from, next uint64
		var n uint32
		if err := rows.Scan(&epoch, &from, &next, &n); err != nil {
			return x, false, fmt.Errorf("read batches: %w", err)
		}
		switch {
		case x.Batches == 0:
			x.Epoch, x.From, x.Next = epoch, from, from
		case epoch != x.Epoch:
			return x, false, &HoleError{log, from, next, fmt.Sprintf("its batch is of the log's epoch %s, those before are of %s", epoch, x.Epoch)}
		case from < x.Next:
			return x, false, &HoleError{log, from, min(next, x.Next), "two batches cover them"}
		case from > x.Next:
			return x, false, &HoleError{log, x.Next, from, "no batch covers them"}
		}
		if next < from {
			return x, false, &HoleError{log, next, from, "a batch ends before it begins"}
		}
		x.Next = next
		x.Rows += uint64(n)
		x.Batches++
	}
	if err := rows.Err(); err != nil {
		return x, false, fmt.Errorf("read batches: %w", err)
	}
	if x.Batches == 0 {
		return x, false, nil
	}
	if err := conn.QueryRow(ctx, "SELECT ends FROM batches WHERE log = "+quoteText(log)+" ORDER BY next DESC LIMIT 1").Scan(&x.Ends); err != nil {
		return x, false, fmt.Errorf("read batches: %w", err)
	}
	return x, true, nil
}
