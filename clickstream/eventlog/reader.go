package eventlog

import (
	"errors"
	"fmt"
	"slices"
	"sort"

	"beckon/clickstream/record"
)

const (
	readAhead      = 32        // frames a reader takes from the tail at once
	readAheadBytes = 256 << 10 // and their bytes, after the first
)

// Reader walks one partition from an offset on. It holds no file and no lock between calls, so it may be left at any time.
type Reader struct {
	log       *Log
	partition int
	next      uint64
	ready     []frame // from the one that holds next on
	unchecked bool    // ready is from disk
	room      []frame // for ready from the tail
}

// Read opens partition at offset from, which may be the end. Below First and beyond the end it returns a *RangeError.
func (l *Log) Read(partition int, from uint64) (record.Reader, error) {
	if partition < 0 || partition >= l.meta.partitions {
		return nil, fmt.Errorf("read partition %d of %d", partition, l.meta.partitions)
	}
	l.mu.RLock()
	defer l.mu.RUnlock()
	first, end := l.segments[0].head.at.ends[partition], l.done.ends[partition]
	if from < first || from > end {
		return nil, &RangeError{Partition: partition, Offset: from, First: first, End: end}
	}
	return &Reader{log: l, partition: partition, next: from}, nil
}

// Next returns the next records of one append, at most maxBytes of payload unless one record is larger, or ok=false at the end. Data
// and Ends are shared with other readers and must not be changed. Errors: *CorruptionError, *RangeError when retention has
// overtaken the reader, and what the disk says; the reader stays where it was.
func (r *Reader) Next(maxBytes int) (b record.Batch, ok bool, err error) {
	if len(r.ready) == 0 {
		if err := r.fetch(); err != nil || len(r.ready) == 0 {
			return record.Batch{}, false, err
		}
	}
	f := &r.ready[0]
	skip := int(r.next - f.first)
	if r.unchecked && skip == 0 {
		if err := r.check(f); err != nil {
			return record.Batch{}, false, err
		}
	}
	b = record.Batch{Partition: r.partition, First: r.next, Seq: f.seq + uint64(skip), Time: f.time, Data: f.data(), Ends: f.ends}
	if skip > 0 || len(b.Data) > maxBytes {
		b.Data, b.Ends = part(b.Data, b.Ends, skip, maxBytes)
	}
	r.next += uint64(len(b.Ends))
	if r.next == f.first+uint64(len(f.ends)) {
		r.ready = r.ready[1:]
	}
	return b, true, nil
}

// part is the records from skip on that fit into maxBytes, at least one, with ends of their own.
func part(data string, ends []uint32, skip, maxBytes int) (string, []uint32) {
	var from uint32
	if skip > 0 {
		from = ends[skip-1]
	}
	n := 1
	for skip+n < len(ends) && int64(ends[skip+n]-from) <= int64(maxBytes) {
		n++
	}
	own := slices.Clone(ends[skip : skip+n])
	for i := range own {
		own[i] -= from
	}
	return data[from : from+own[n-1]], own
}

func (r *Reader) check(f *frame) error {
	e := entry{count: uint32(len(f.ends)), size: uint32(len(f.raw) - 4*len(f.ends)), crc: f.crc}
	reason := checkFrame(e, f.raw)
	if reason == "" {
		return nil
	}
	r.ready = nil // it is loaded anew when asked for again
	where := &CorruptionError{Segment: "unknown", Reason: reason}
	if seg, k, err := r.log.find(r.partition, f.first); err == nil {
		r.log.extents.forget(func(key extentKey) bool { return key == k })
		where.Segment, where.Offset = seg.name, k.from
		where.Reason = fmt.Sprintf("%s: partition %d, offset %d, in the extent that begins there", reason, r.partition, f.first)
	}
	return where
}

// fetch fills ready, or leaves it empty at the end.
func (r *Reader) fetch() error {
	l := r.log
	l.mu.RLock()
	if r.next >= l.done.ends[r.partition] {
		l.mu.RUnlock()
		return nil
	}
	if r.room == nil {
		r.room = make([]frame, 0, readAhead)
	}
	clear(r.room[:cap(r.room)]) // a reader that waits holds no memory of the tail
	r.ready = l.tail.read(r.room[:0], r.partition, r.next, readAheadBytes)
	l.mu.RUnlock()
	r.unchecked = len(r.ready) == 0
	for r.unchecked {
		err := r.fetchExtent()
		if !errors.Is(err, errReplaced) {
			return err
		}
	}
	return nil
}

func (r *Reader) fetchExtent() error {
	l := r.log
	seg, key, err := l.find(r.partition, r.next)
	if err != nil {
		return err
	}
	x, err := l.extents.get(key, func() (*extent, int64, error) { return l.loadExtent(key) })
	if errors.Is(err, errReplaced) && l.holds(seg) {
		return fmt.Errorf("segment %s is gone", l.path(seg.name))
	}
	if err != nil {
		return err
	}
	frames := x.of(r.partition)
	i := sort.Search(len(frames), func(i int) bool { return frames[i].first > r.next }) - 1
	if i < 0 || r.next >= frames[i].first+uint64(len(frames[i].ends)) {
		reason := fmt.Sprintf("partition %d, offset %d is not where the index says", r.partition, r.next)
		return &CorruptionError{Segment: seg.name, Offset: key.from, Reason: reason}
	}
	r.ready = frames[i:]
	if r.next > frames[i].first { // Next checks a frame when it begins it
		return r.check(&r.ready[0])
	}
	return nil
}

// find says where on disk a durable offset is.
func (l *Log) find(partition int, offset uint64) (seg *segment, k extentKey, err error) {
	l.mu.RLock()
	i := sort.Search(len(l.segments), func(i int) bool { return l.segments[i].head.at.ends[partition] > offset }) - 1
	if i < 0 {
		err = &RangeError{Partition: partition, Offset: offset, First: l.segments[0].head.at.ends[partition], End: l.done.ends[partition]}
		l.mu.RUnlock()
		return nil, k, err
	}
	seg = l.segments[i]
	x := seg.index
	var from, to int64
	var ok bool
	if x != nil {
		from, to, ok = x.find(partition, offset)
	}
	l.mu.RUnlock()
	if x == nil {
		x, err = l.indexes.get(seg, func() (*index, int64, error) { return l.loadIndex(seg) })
		if errors.Is(err, errReplaced) {
			if !l.holds(seg) {
				return l.find(partition, offset)
			}
			err = fmt.Errorf("segment %s is gone", l.path(seg.name))
		}
		if err != nil {
			return nil, k, err
		}
		from, to, ok = x.find(partition, offset)
	}
	if !ok {
		reason := fmt.Sprintf("partition %d, offset %d is not in the index", partition, offset)
		return nil, k, &CorruptionError{Segment: seg.name, Reason: reason}
	}
	return seg, extentKey{seg, from, to}, nil
}

// holds says whether seg is still a part of the log.
func (l *Log) holds(seg *segment) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return slices.Contains(l.segments, seg)
}

// Close does nothing: a Reader holds nothing that must be given back.
func (r *Reader) Close() error {
	r.ready, r.room = nil, nil
	return nil
}
