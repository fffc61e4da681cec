package clickstream

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"beckon/clickstream/record"
)

// collectorState is what a collector knows of the past.
type collectorState struct {
	table    *dedupTable
	files    *dedupFiles
	letters  *letterFiles
	book     *book
	base     []uint64 // offsets up to which files have it all
	recovery Recovery
}

// recoverState reads the files, then the records of the log that came after them.
func recoverState(ctx context.Context, cfg *CollectorConfig) (*collectorState, error) {
	ends := cfg.Log.Cut(nil).Ends
	intake := cfg.Partitions
	s := &collectorState{table: newDedupTable(cfg.DedupWindow.Milliseconds()), book: &book{sites: accounts{}}}
	s.table.advance(cfg.Now())
	files, found, err := openDedupFiles(cfg.Dir, cfg.Seed, s.table, ends)
	if err != nil {
		return nil, err
	}
	s.table.advance(found.hour * hourMillis) // a clock that went back must not bring back an hour that ended
	s.files, s.base = files, found.upto
	s.recovery = Recovery{IDs: found.ids, Damaged: found.damaged, Offset: found.offset}
	if s.base == nil {
		s.base = make([]uint64, len(ends))
	}
	for p := range ends {
		if first := cfg.Log.First(p); first > s.base[p] {
			return nil, &DedupError{File: found.damaged, Offset: found.offset, Partition: p, From: s.base[p], First: first}
		}
	}
	if s.letters, err = openLetterFiles(cfg.Dir, intake, cfg.LetterBytes, ends[intake]); err != nil {
		return nil, err
	}
	for i := range found.sites {
		s.book.sites.of(found.sites[i].site).add(&found.sites[i])
	}
	ids, err := s.scan(ctx, cfg, ends)
	if err != nil {
		return nil, err
	}
	for _, a := range s.book.sites {
		s.book.total.add(&a.Ledger)
	}
	s.book.fresh = freshIDs{hour: s.table.hour, ids: ids, upto: slices.Clone(ends), changed: s.recovery.Scanned > 0}
	return s, nil
}

// scanners is how many partitions are read at a time.
const scanners = 2

// scan reads the records from base to ends and returns the ids of their events. They count as seen now: that keeps them for
// longer than they need, never for less.
func (s *collectorState) scan(ctx context.Context, cfg *CollectorConfig, ends []uint64) ([]uint64, error) {
	tails := make([]tail, scanners)
	known := s.letters.next()
	var wg sync.WaitGroup
	for k := range tails {
		t := &tails[k]
		*t = tail{cfg: cfg, sites: accounts{}, letters: s.letters, known: known}
		wg.Go(func() {
			for p := k; p < len(ends) && t.err == nil; p += scanners {
				t.err = t.read(ctx, p, s.base[p], ends[p])
			}
		})
	}
	wg.Wait()
	var ids []uint64
	var gaps gaps
	for k := range tails {
		t := &tails[k]
		if t.err != nil {
			return nil, t.err
		}
		s.recovery.Scanned += t.records
		for _, a := range t.sites {
			s.book.sites.of(a.site).add(a)
		}
		gaps.join(&t.gaps)
		for _, id := range t.ids {
			if s.table.insert(id) {
				ids = append(ids, id)
			}
		}
	}
	gaps.count(s.book.sites)
	return ids, nil
}

// tail is what one goroutine finds in the log.
type tail struct {
	cfg     *CollectorConfig
	letters *letterFiles
	known   uint64 // letters below this offset are in their files
	sites   accounts
	ids     []uint64
	gaps    gaps
	records int
	err     error
}

func (t *tail) read(ctx context.Context, partition int, from, end uint64) error {
	if from >= end {
		return nil
	}
	r, err := t.cfg.Log.Read(partition, from)
	if err != nil {
		return fmt.Errorf("read partition %d at %d: %w", partition, from, err)
	}
	defer r.Close()
	for offset := from; offset < end; {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, ok, err := r.Next(1 << 20)
		if err != nil {
			return fmt.Errorf("read partition %d at %d: %w", partition, offset, err)
		}
		if !ok {
			return fmt.Errorf("read partition %d: it ends at %d, not at %d", partition, offset, end)
		}
		for i := range b.Len() {
			if offset = b.First + uint64(i); offset >= end {
				break
			}
			if err := t.record(b.At(i), record.Position{Partition: partition, Offset: offset}, b.Time >= t.cfg.Forget); err != nil {
				return fmt.Errorf("partition %d offset %d: %w", partition, offset, err)
			}
			t.records++
		}
		offset = b.First + uint64(b.Len())
	}
	return nil
}

// record counts one record as it was counted when it was made.
func (t *tail) record(data string, at record.Position, remember bool) error {
	switch RecordType(data) {
	case 0:
		t.gaps.empty(at)
	case RecordErase:
		return t.gaps.erase(data, at)
	case RecordErased:
		return t.gaps.erased(data, at)
	case RecordEvent:
		e, err := peekEvent(data)
		if err != nil {
			return err
		}
		a := t.sites.of(e.Site)
		if e.Generated {
			a.Generated++
		} else {
			a.Stored++
			a.clock = max(a.clock, e.Time)
		}
		if remember {
			t.ids = append(t.ids, Fingerprint(t.cfg.Seed, e.Site, e.Visitor, e.ID))
		}
	case RecordLedger:
		var change account
		if err := decodeLedgerRecord(data, &change); err != nil {
			return err
		}
		t.sites.of(change.site).Ledger.add(&change.Ledger)
	case RecordRejected:
		var l DeadLetter
		_, isMark, err := decodeLetter(data, &l)
		if err != nil {
			return err
		}
		if !isMark {
			t.sites.of(l.Site).DeadLetters++
		}
		if at.Offset >= t.known {
			return t.letters.add(at.Offset, strings.Clone(data))
		}
	}
	return nil
}

// peekEvent reads of an event record what recovery needs: Site, Visitor, ID, Time and Generated.
func peekEvent(data string) (e Event, err error) {
	d := decoder{s: data}
	d.header(RecordEvent)
	e.Site, e.Visitor = d.str(), d.str()
	flags := d.take(5)
	e.Generated = flags != "" && flags[0]&hasGenerated != 0
	e.ID, e.Time = d.str(), d.varint()
	if d.reason != "" {
		return e, d.end(RecordEvent)
	}
	return e, nil
}
