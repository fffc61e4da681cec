package history

import (
	"fmt"

	"beckon/clickstream"
	"beckon/clickstream/record"
)

// place is a record and where it stands in its log.
type place struct {
	seq       uint64
	partition int
	offset    uint64
	time      int64 // Unix ms at which the log took it
	payload   string
}

// readWindow is how many records are put in order at a time. Bounds of a batch are looked at between two.
const readWindow = 512

// readBytes bounds what is held of a partition beyond the records at work.
const readBytes = 64 << 10

// logReader reads a log in the order of Seq: every record has its own slot in a window, so that reading the slots is the merge.
type logReader struct {
	log   clickstream.Log
	parts []partReader
	slots []place
}

// partReader is a partition from offset next on.
type partReader struct {
	next   uint64
	reader clickstream.Reader
	batch  batchAt
}

// batchAt is a batch and the next of its records.
type batchAt struct {
	record.Batch
	at int
}

// openLog begins at starts, the offsets of each partition's first record with at least some Seq. starts is copied.
func openLog(log clickstream.Log, starts []uint64) *logReader {
	r := &logReader{log: log, parts: make([]partReader, len(starts)), slots: make([]place, 0, readWindow)}
	for p, start := range starts {
		r.parts[p].next = start
	}
	return r
}

func (r *logReader) close() {
	for i := range r.parts {
		if rd := r.parts[i].reader; rd != nil {
			_ = rd.Close() // nothing was written through it
		}
	}
}

// ends appends to dst[:0] the offset at which each partition goes on.
func (r *logReader) ends(dst []uint64) []uint64 {
	dst = dst[:0]
	for i := range r.parts {
		dst = append(dst, r.parts[i].next)
	}
	return dst
}

// window reads the records [from, to), all of which are durable, at most readWindow. They are borrowed until the next call; payloads stay.
func (r *logReader) window(from, to uint64, durable []uint64) ([]place, error) {
	slots := r.slots[:to-from]
	clear(slots)
	for p := range r.parts {
		if err := r.fill(p, slots, from, durable[p]); err != nil {
			return nil, err
		}
	}
	for i := range slots {
		if slots[i].partition == 0 {
			return nil, fmt.Errorf("record %d is in no partition", from+uint64(i))
		}
		slots[i].partition--
	}
	return slots, nil
}

// fill puts a partition's records into their slots. A slot that is filled has its partition plus one.
func (r *logReader) fill(p int, slots []place, from, durable uint64) error {
	part := &r.parts[p]
	to := from + uint64(len(slots))
	for part.next < durable {
		b := &part.batch
		if b.at == b.Len() {
			if err := part.read(r.log, p); err != nil {
				return err
			}
		}
		for b.at < b.Len() {
			seq := b.Seq + uint64(b.at)
			if seq >= to {
				return nil
			}
			if seq < from {
				return fmt.Errorf("partition %d offset %d has seq %d, below %d", p, part.next, seq, from)
			}
			slots[seq-from] = place{seq, p + 1, part.next, b.Time, b.At(b.at)}
			b.at++
			part.next++
		}
	}
	return nil
}

func (part *partReader) read(log clickstream.Log, p int) (err error) {
	if part.reader == nil {
		if part.reader, err = log.Read(p, part.next); err != nil {
			return fmt.Errorf("read partition %d from offset %d: %w", p, part.next, err)
		}
	}
	b, ok, err := part.reader.Next(readBytes)
	if err != nil {
		return fmt.Errorf("read partition %d at offset %d: %w", p, part.next, err)
	}
	if !ok || b.First != part.next || b.Len() == 0 {
		return fmt.Errorf("partition %d has no record at offset %d, which its log's cut includes", p, part.next)
	}
	part.batch = batchAt{b, 0}
	return nil
}
