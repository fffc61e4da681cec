package eventlog

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

const (
	maxPartitions  = 1 << 14
	maxAppendBytes = 64 << 20 // of one Append as it is encoded; block lengths are 32 bits

	defaultSegmentBytes = 64 << 20
	defaultQueueBytes   = 4 << 20
	defaultTailBytes    = 32 << 20
	defaultCacheBytes   = 32 << 20
	defaultCheckBytes   = 512 << 20

	firstSegmentBytes = 1 << 20 // a new log's first segment; small logs stay small
	minSegmentBytes   = 4 << 10
	indexCacheBytes   = 16 << 20 // of sealed segments' indexes; one of a 64 MiB segment with 65 partitions takes 138 KB
)

// Config says where a log is and how much memory it may use. Zero values take the default.
type Config struct {
	Dir        string // made if missing
	Partitions int    // of a new log, 1 to 16384; of an existing one the stored number or 0
	Epoch      string // of a new log that repeats another record by record, letters and digits; default: a new one. Of an existing one its own or ""

	SegmentBytes int64 // length at which a segment is full, default 64 MiB. One append longer than that gets a segment of its length
	QueueBytes   int   // encoded appends that wait while the disk is busy, default 4 MiB; an append larger than that waits alone
	TailBytes    int64 // newest records kept in memory for readers, default 32 MiB
	CacheBytes   int64 // older ones, read back from disk and shared by readers, default 32 MiB

	// CheckBytes of the newest sealed segments are read and checked in full at Open, default 512 MiB, negative for none. Older
	// ones are checked for their place in the chain at Open, and in full by readers and Verify.
	CheckBytes int64

	Now func() time.Time // default time.Now; the Time of batches
	FS  FS               // default the operating system
}

func (c *Config) settle() error {
	var bad error
	if c.Dir == "" {
		bad = errors.Join(bad, errors.New("eventlog: Dir is empty"))
	}
	if c.Partitions < 0 || c.Partitions > maxPartitions {
		bad = errors.Join(bad, fmt.Errorf("eventlog: Partitions %d is not within 1 and %d", c.Partitions, maxPartitions))
	}
	if strings.ContainsFunc(c.Epoch, func(r rune) bool { return !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z') }) {
		bad = errors.Join(bad, fmt.Errorf("eventlog: Epoch %q is not made of letters and digits", c.Epoch))
	}
	if c.SegmentBytes < 0 || c.QueueBytes < 0 || c.TailBytes < 0 || c.CacheBytes < 0 {
		bad = errors.Join(bad, errors.New("eventlog: a size is negative"))
	}
	c.SegmentBytes = max(orDefault(c.SegmentBytes, defaultSegmentBytes), minSegmentBytes)
	c.QueueBytes = orDefault(c.QueueBytes, defaultQueueBytes)
	c.TailBytes = orDefault(c.TailBytes, defaultTailBytes)
	c.CacheBytes = orDefault(c.CacheBytes, defaultCacheBytes)
	c.CheckBytes = orDefault(c.CheckBytes, defaultCheckBytes)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.FS == nil {
		c.FS = osFS{}
	}
	return bad
}

func orDefault[N int | int64](n, def N) N {
	if n == 0 {
		return def
	}
	return n
}
