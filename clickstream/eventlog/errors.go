package eventlog

import (
	"errors"
	"fmt"
	"io"
	"syscall"
)

var (
	// ErrClosed is returned by appends and maintenance after Close.
	ErrClosed = errors.New("log is closed")
	// ErrLocked is returned by Open while another process, or another Log of this one, has the folder open.
	ErrLocked = errors.New("log is open elsewhere")
	// ErrTooLarge is returned by an Append that would take more than 64 MiB in the log.
	ErrTooLarge = errors.New("append is too large")
)

// CorruptionError says that bytes which were durable are not what was written.
type CorruptionError struct {
	Segment string // file name in the log's folder
	Offset  int64  // byte in the file at which the damaged part begins
	Reason  string
}

func (e *CorruptionError) Error() string {
	return fmt.Sprintf("log is damaged: segment %s, byte %d: %s", e.Segment, e.Offset, e.Reason)
}

// FullError says that an append was not taken because there was no room for it. Nothing of it is in the log, and a later append may
// succeed: the log is as it was before.
type FullError struct {
	Err error
}

func (e *FullError) Error() string { return "log has no room: " + e.Err.Error() }
func (e *FullError) Unwrap() error { return e.Err }

// FailedError says that a write or sync failed in a way that cannot be taken back. It is final: every later append gets it until
// the log is opened again. Readers still read what was durable. Whether the appends that waited are in the log shows when it is opened.
type FailedError struct {
	Err error
}

func (e *FailedError) Error() string { return "log has failed: " + e.Err.Error() }
func (e *FailedError) Unwrap() error { return e.Err }

// RangeError says that an offset is not between a partition's First and its end.
type RangeError struct {
	Partition  int
	Offset     uint64
	First, End uint64 // the offsets that could have been asked for
}

func (e *RangeError) Error() string {
	return fmt.Sprintf("partition %d has offsets %d to %d: %d is not among them", e.Partition, e.First, e.End, e.Offset)
}

// noRoom says whether err means that the disk, the quota or the file is full. A write that is short without saying why counts too.
func noRoom(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) ||
		errors.Is(err, io.ErrShortWrite)
}
