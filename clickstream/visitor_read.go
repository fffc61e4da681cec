package clickstream

import (
	"context"
	"errors"
	"fmt"
	"io"
)

// ViewDevice is View without what other visitors of the same user bring.
func (r *Runner) ViewDevice(site, visitor string, dst *ShopperView) bool {
	return r.shardOf(site, visitor).view(site, visitor, dst)
}

// EachEvent calls each for every event of a visitor that the log holds, generated ones among them, in the order of the log. e is
// borrowed until each returns. It reads the visitor's whole partition.
func EachEvent(ctx context.Context, log Log, v VisitorID, each func(seq uint64, e *Event) error) error {
	p := PartitionOf(v.Site, v.Visitor, log.Partitions()-1)
	var e Event
	return eachRecord(ctx, log, p, log.First(p), log.Cut(nil).Ends[p], func(seq, _ uint64, payload string) error {
		site, visitor, ok := PeekVisitor(payload)
		if !ok || site != v.Site || visitor != v.Visitor {
			return nil
		}
		if err := DecodeEvent(payload, &e); err != nil {
			return err
		}
		return each(seq, &e)
	})
}

// EachLetter calls each for every dead letter that names a visitor, in the order in which they came: first those that the log has trimmed and
// the files still hold, then the log's.
func (c *Collector) EachLetter(ctx context.Context, v VisitorID, each func(l *DeadLetter) error) error {
	intake := c.cfg.Partitions
	first := c.cfg.Log.First(intake)
	for _, offset := range c.letters.offsets(v.Site, first) {
		l, err := c.letters.get(v.Site, offset)
		if errors.Is(err, ErrNoDeadLetter) { // made room for newer ones, or was erased, just now
			continue
		}
		if err == nil && l.names(v) {
			err = each(&l)
		}
		if err != nil {
			return err
		}
	}
	return eachRecord(ctx, c.cfg.Log, intake, first, c.cfg.Log.Cut(nil).Ends[intake], func(_, offset uint64, payload string) error {
		l, ok := LetterOf(payload, v, intake, offset)
		if !ok {
			return nil
		}
		l.Replayed = c.letters.wasReplayed(offset)
		return each(&l)
	})
}

// LetterOf reads the dead letter at an offset of the intake partition, if it is one that names the visitor.
func LetterOf(payload string, v VisitorID, intake int, offset uint64) (l DeadLetter, ok bool) {
	if RecordType(payload) != RecordRejected {
		return l, false
	}
	if _, isMark, err := decodeLetter(payload, &l); err != nil || isMark || !l.names(v) {
		return l, false
	}
	l.ID = letterID(intake, offset)
	return l, true
}

// offsets are those of a site's letters below an offset, rising.
func (f *letterFiles) offsets(site string, below uint64) []uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []uint64
	for i := range f.index {
		if r := &f.index[i]; r.site == site && r.offset < below {
			list = append(list, r.offset)
		}
	}
	return list
}

func (f *letterFiles) wasReplayed(offset uint64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	i, ok := f.findLocked(offset)
	return ok && f.index[i].replayed
}

// eachRecord reads the records of a partition from offset from to offset end.
func eachRecord(ctx context.Context, log Log, partition int, from, end uint64, each func(seq, offset uint64, payload string) error) (err error) {
	if from >= end {
		return nil
	}
	r, err := log.Read(partition, from)
	if err != nil {
		return fmt.Errorf("read partition %d at %d: %w", partition, from, err)
	}
	defer r.Close()
	for offset := from; offset < end; {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, ok, err := r.Next(1 << 20)
		if err == nil && !ok {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return fmt.Errorf("read partition %d at %d: %w", partition, offset, err)
		}
		for i := range b.Len() {
			if offset = b.First + uint64(i); offset >= end {
				break
			}
			if err := each(b.Seq+uint64(i), offset, b.At(i)); err != nil {
				return fmt.Errorf("partition %d offset %d: %w", partition, offset, err)
			}
		}
		offset = b.First + uint64(b.Len())
	}
	return nil
}
