package history

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"beckon/clickstream"
	"beckon/clickstream/record"
)

// Clock is the clock of a log that is written again: it shows the time at which the first log took the records. Set and Now may be called
// from any goroutine.
type Clock struct{ ms atomic.Int64 }

// Now is what eventlog.Config.Now of the new log must be.
func (c *Clock) Now() time.Time { return time.UnixMilli(c.ms.Load()) }

// How much one append of a log that is written again carries at most, in payload bytes and in changes of partition.
const (
	rewriteBytes = 4 << 20
	rewriteParts = 4 << 10
	keptPart     = 64 << 10 // memory that a part keeps for the next append
)

// rewriter appends records in the order of their Seq. Records of the same time share an append: where the first log's appends ended
// changes no position, Seq or time.
type rewriter struct {
	log   clickstream.Log
	clock *Clock
	next  uint64   // Seq of the next record
	ends  []uint64 // offset of the next record by partition

	time  int64
	parts []record.Append // parts[:used] wait; a partition may come more than once
	used  int
	bytes int
}

func newRewriter(log clickstream.Log, clock *Clock) (*rewriter, error) {
	cut := log.Cut(nil)
	if cut.Seq != 0 {
		return nil, fmt.Errorf("the log to be written again holds %d records already", cut.Seq)
	}
	return &rewriter{log: log, clock: clock, ends: make([]uint64, log.Partitions())}, nil
}

// add takes one record; payload is copied.
func (w *rewriter) add(ctx context.Context, partition int, at int64, payload []byte) error {
	if partition < 0 || partition >= len(w.ends) {
		return fmt.Errorf("record %d is of partition %d, and the log has %d", w.next, partition, len(w.ends))
	}
	if w.used > 0 && (at != w.time || w.bytes+len(payload) > rewriteBytes || w.used == rewriteParts) {
		if err := w.flush(ctx); err != nil {
			return err
		}
	}
	if at < w.time {
		return fmt.Errorf("record %d is older than the one before it: %d after %d", w.next, at, w.time)
	}
	w.time = at
	if w.used == 0 || w.parts[w.used-1].Partition != partition {
		if w.used == len(w.parts) {
			w.parts = append(w.parts, record.Append{})
		}
		next := &w.parts[w.used]
		next.Partition = partition
		if cap(next.Records.Data) > keptPart {
			next.Records = record.Packed{}
		}
		next.Records.Reset()
		w.used++
	}
	p := &w.parts[w.used-1].Records
	p.Data = append(p.Data, payload...)
	p.Close()
	w.bytes += len(payload)
	w.next++
	w.ends[partition]++
	return nil
}

// flush appends what waits.
func (w *rewriter) flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil || w.used == 0 {
		return err
	}
	w.clock.ms.Store(w.time)
	n := 0
	for i := range w.parts[:w.used] {
		n += w.parts[i].Records.Len()
	}
	// No deadline: the caller is alone, and an append that cannot end is made by the caller itself.
	seq, err := w.log.Append(context.Background(), w.parts[:w.used])
	if err != nil {
		return fmt.Errorf("append: %w", err)
	}
	if want := w.next - uint64(n); seq != want {
		return fmt.Errorf("the log put record %d at %d", want, seq)
	}
	w.used, w.bytes = 0, 0
	return nil
}
