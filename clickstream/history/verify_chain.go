package history

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// maxChainErrors bounds how many batches of one log are named.
const maxChainErrors = 10

// chain checks each batch's name: the hash is of the offsets at which the batch before it ended and it ends itself, and these hold as many
// records as its Seqs do. What comes before a history that began later is not known, so its first batch is not checked.
func (v *Verified) chain(ctx context.Context, conn driver.Conn, x *Extent) error {
	id := eventsID
	if x.Log == controlLog {
		id = controlID
	}
	rows, err := conn.Query(ctx, "SELECT `from`, next, ends, hash FROM batches WHERE log = "+quoteText(x.Log)+" AND epoch = "+quoteText(x.Epoch)+" ORDER BY `from`, next")
	if err != nil {
		return fmt.Errorf("read batches: %w", err)
	}
	defer rows.Close()
	var starts []uint64
	if x.From == 0 {
		starts = make([]uint64, len(x.Ends))
	}
	bad := 0
	for rows.Next() && bad < maxChainErrors {
		var from, next, hash uint64
		var ends []uint64
		if err := rows.Scan(&from, &next, &ends, &hash); err != nil {
			return fmt.Errorf("read batches: %w", err)
		}
		if starts != nil {
			if reason := chained(id, x.Epoch, from, next, hash, starts, ends); reason != "" {
				bad++
				v.Bad = append(v.Bad, fmt.Errorf("batch %d to %d of the %s log: %s", from, next, x.Log, reason))
			}
		}
		starts = ends
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read batches: %w", err)
	}
	return nil
}

// chained says what is wrong with a batch that follows offsets starts, "" if nothing is.
func chained(log logID, epoch string, from, next, hash uint64, starts, ends []uint64) (reason string) {
	if len(starts) != len(ends) {
		return fmt.Sprintf("it has %d partitions, the one before %d", len(ends), len(starts))
	}
	var records uint64
	for p, end := range ends {
		if end < starts[p] {
			return fmt.Sprintf("it ends at offset %d of partition %d, before the one before it", end, p)
		}
		records += end - starts[p]
	}
	if records != next-from {
		return fmt.Sprintf("its offsets hold %d records", records)
	}
	if name := nameOf(log, epoch, from, next, starts, ends); name.hash != hash {
		return fmt.Sprintf("its hash is %016x, that of its offsets is %016x", hash, name.hash)
	}
	return ""
}
