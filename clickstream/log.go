package clickstream

import (
	"context"

	"beckon/clickstream/record"
)

// Log is what the collector and the folds need of an event log: partitions of records in one durable order.
// eventlog.Log is the embedded one.
type Log interface {
	// Partitions is the number of partitions, fixed when the log was made.
	Partitions() int
	// Epoch is the log's incarnation: offsets of two epochs cannot be compared. A copy keeps its original's.
	Epoch() string
	// Append makes parts durable, all or none, and fills each First. It returns the Seq of the first record. The parts are
	// borrowed until it returns. Appends of concurrent callers share a sync.
	Append(ctx context.Context, parts []record.Append) (seq uint64, err error)
	// Cut returns one instant of the log; ends is reused when it is large enough.
	Cut(ends []uint64) record.Cut
	// Changed returns a channel that is closed when records beyond seq are durable (at once if they are already).
	Changed(seq uint64) <-chan struct{}
	// Read opens partition at offset from, which may be the end. Reading below the retained range is an error.
	Read(partition int, from uint64) (Reader, error)
	// First is the oldest offset of partition that is still there.
	First(partition int) uint64
}

// Reader walks one partition. It stands in record because the logs return it and may not import this package.
type Reader = record.Reader
