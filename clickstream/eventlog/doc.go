// Package eventlog is the embedded durable log: partitions of records in one journal of segment files on a local disk.
//
// Promise: Append returns after its records are synced, all or none of them; offsets of a partition have no gaps and never
// change; readers see durable records only. A torn tail, the rest of a write that a crash cut short, is cut at Open. Damage before
// it stops Open with a *CorruptionError. A failed write that could be taken back (a full disk) fails the appends that waited for
// it with a *FullError and the next may succeed; any other failure of a write or sync is final until the log is opened again
// (*FailedError).
//
// Concurrency: every method of Log may be called from any goroutine; a Reader belongs to one. Appends are encoded by their
// callers into one open group. One goroutine, the committer, writes and syncs groups, so concurrent appends share a sync (a caller
// that is alone writes by itself); a second, the keeper, prepares the next segment and seals the last. What waits is bounded by
// Config.QueueBytes: then Append blocks until there is room or its context ends. One more group, at most as large, is being written.
//
// Lifecycle: Open locks the folder (one process at a time), checks what is there and returns a Log; Close commits what was accepted,
// ends both goroutines and unlocks. Retain removes old segments, Erase empties records and Rewrite replaces their payloads,
// Copy makes a consistent copy while the log runs, Verify checks a folder without opening it.
//
// Never: no payload is interpreted, nothing is logged, no record is dropped silently. It imports record and the system only.
//
// # Files
//
//	lock                       flock of the process that has the log open
//	meta                       partitions, epoch and log id, as text with a checksum
//	00000000000000000000.seg   a segment, named by the Seq of its first record; the newest takes the appends
//	spare*.tmp                 the next segment, filled with zeros ahead of time
//	rewrite.tmp                a sealed segment while Erase or Rewrite writes it anew
//
// Segments are filled with zeros and synced before they are used: to overwrite allocated blocks an fdatasync needs no journal
// commit, which makes it two to seven times faster, and a disk that is full is noticed before any record depends on it. While
// writes are 512 KiB and more that does not pay, and segments grow. New logs begin with a small segment; each is twice as long as the
// one before, up to Config.SegmentBytes.
//
// # Segment
//
// Integers are little endian. Checksums are CRC-32C.
//
//	┌────────┬────────┬───┬────────┬───────────────────────────┐
//	│ header │ block  │ … │ block  │ zeros (newest) or footer  │
//	└────────┴────────┴───┴────────┴───────────────────────────┘
//
//	header   0 "bklogseg"   8 version u32 = 1   12 partitions u32   16 log id [16]byte   32 file id u64   40 seq u64 of the first
//	         record   48 block u64, number of the first block   56 time i64 of the last record before   64 end offset of each
//	         partition before, u64 each   then checksum u32 of all before, 4 zeros
//
// An Append is one block, all or none of it valid. Blocks start at multiples of 8 and are padded with zeros.
//
//	block    0 "BLK1"   4 checksum u32 of the log id and bytes 8 to 47   8 length u32 of the whole block
//	         12 frames u32   16 block u64, its number in the log   24 seq u64 of its first record   32 time i64, Unix ms
//	         40 group u32, how many blocks of the same write precede it   44 checksum u32 of the table
//	table    one entry a frame:   0 partition u32   4 records u32   8 first offset u64   16 data bytes u32
//	         20 checksum u32 of the frame
//	frame    end of each payload in the data, u32 each; then the data
//
// A frame is one partition's share of an append and is checked by itself. A block without frames is a mark: Close writes one, so
// that what precedes it is known to be durable.
//
// A damaged block is a torn tail only if nothing after it was written later: a whole block whose write began with a block beyond
// the damaged one proves that the damaged one was synced. The checksum of a block begins with the log id, which nobody outside
// knows, so that a payload cannot pose as a block.
//
// A segment that is no longer the newest is sealed: cut to its blocks and given a footer.
//
//	footer   extents: 0 position u64   8 seq u64   16 offset of each partition at that position, u64 each
//	         trailer: 0 "bklogend"   8 file id u64   16 position u64 of the end of the blocks   24 seq u64, 32 block u64, 40 time i64
//	         at the end   48 extents u32   52 checksum u32 of the extents   56 zero u32   60 checksum u32 of the trailer
//
// An extent is a run of whole blocks of about 256 KiB, the unit in which readers fetch from disk and share what they fetched. A
// footer that is missing or damaged is made again from the blocks.
package eventlog
