// Package record holds the types that every log carries and every fold reads.
//
// A log has a fixed number of partitions. A record is an opaque payload with two names: its Position (partition, offset),
// which is the durable one, and its Seq, its place in the one order in which this log made records durable. Offsets have no
// gaps; an erased record keeps its offset and has an empty payload.
//
// The package imports nothing and does nothing.
package record

// Position names one record of a log: the Offset-th record (from 0) of Partition.
type Position struct {
	Partition int
	Offset    uint64
}

// Packed is payloads laid end to end: payload i is Data[Ends[i-1]:Ends[i]], with Ends[-1] read as 0.
type Packed struct {
	Data []byte
	Ends []uint32
}

// Len is the number of payloads.
func (p *Packed) Len() int { return len(p.Ends) }

// Close ends the payload that was appended to Data since the last Close.
func (p *Packed) Close() { p.Ends = append(p.Ends, uint32(len(p.Data))) }

// Reset empties p and keeps its memory.
func (p *Packed) Reset() { p.Data, p.Ends = p.Data[:0], p.Ends[:0] }

// At is payload i, borrowed from p.
func (p *Packed) At(i int) []byte {
	if i == 0 {
		return p.Data[:p.Ends[0]]
	}
	return p.Data[p.Ends[i-1]:p.Ends[i]]
}

// Append is one partition's share of an append. The log fills First.
type Append struct {
	Partition int
	Records   Packed
	First     uint64 // offset of the first record, set by the log before it returns
}

// Batch is a run of records of one partition that became durable together.
//
// Data is immutable: strings cut from it stay valid for ever, and each keeps all of Data alive, so clone what outlives the batch.
type Batch struct {
	Partition int
	First     uint64 // offset of record 0; record i has First+i
	Seq       uint64 // place of record 0 in the log's one order; record i has Seq+i
	Time      int64  // Unix ms at which the log took the batch; never decreases along Seq
	Data      string
	Ends      []uint32
}

// Len is the number of records.
func (b *Batch) Len() int { return len(b.Ends) }

// At is the payload of record i, "" when it was erased.
func (b *Batch) At(i int) string {
	if i == 0 {
		return b.Data[:b.Ends[0]]
	}
	return b.Data[b.Ends[i-1]:b.Ends[i]]
}

// Cut is one instant of a log: every record with Seq below it is durable, and no other. Ends[p] is the offset that follows
// partition p's last record at that instant.
type Cut struct {
	Seq  uint64
	Ends []uint64
}

// Reader walks one partition of a log. It is not safe for concurrent use.
type Reader interface {
	// Next returns the next durable batch, at most maxBytes of payload unless one record is larger, or ok=false when the
	// reader stands at the end. It never waits for new records.
	Next(maxBytes int) (b Batch, ok bool, err error)
	Close() error
}
