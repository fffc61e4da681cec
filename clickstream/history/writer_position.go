package history

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"beckon/clickstream"
)

// position is how far a log is written.
type position struct {
	next uint64   // Seq
	ends []uint64 // by partition, the offset behind the last record that is written
	time int64    // log time of that record, 0 if not known
}

// clone is a position that nobody changes.
func (p *position) clone() position {
	return position{p.next, append([]uint64(nil), p.ends...), p.time}
}

// readPosition reads how far a log is written: the newest row of batches, the only place where that stands.
func (w *Writer) readPosition(ctx context.Context, id logID) (p position, skipped uint64, err error) {
	log := w.log(id)
	ctx, cancel := context.WithTimeout(ctx, w.cfg.InsertTimeout)
	defer cancel()
	var other string
	err = w.cfg.DB.QueryRow(ctx, "SELECT epoch FROM batches WHERE log = "+quoteText(id.String())+" AND epoch != "+quoteText(log.Epoch())+" LIMIT 1").Scan(&other)
	if err == nil {
		return p, 0, &RefusedError{id.String(), fmt.Sprintf("the history is of epoch %s, the log is %s: another installation's", other, log.Epoch())}
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return p, 0, fmt.Errorf("read batches: %w", err)
	}
	err = w.cfg.DB.QueryRow(ctx, "SELECT next, ends FROM batches WHERE log = "+quoteText(id.String())+" ORDER BY `from` DESC, next DESC LIMIT 1").Scan(&p.next, &p.ends)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		p = position{ends: make([]uint64, log.Partitions())}
	case err != nil:
		return p, 0, fmt.Errorf("read batches: %w", err)
	default:
		if err := agrees(log, &p); err != nil {
			var differs *differsError
			if errors.As(err, &differs) {
				err = &RefusedError{id.String(), differs.reason}
			}
			return p, 0, err
		}
	}
	skipped, err = skipLost(log, &p)
	return p, skipped, err
}

// differsError says in what a log and a history of the same epoch differ.
type differsError struct{ reason string }

func (e *differsError) Error() string { return e.reason }

// agrees checks that a log has the records that a position speaks of, where it says.
func agrees(log clickstream.Log, p *position) error {
	cut := log.Cut(nil)
	if len(p.ends) != len(cut.Ends) {
		return &differsError{fmt.Sprintf("the history has %d partitions, the log %d", len(p.ends), len(cut.Ends))}
	}
	if p.next > cut.Seq {
		return &differsError{fmt.Sprintf("the history reaches to record %d, the log ends at %d: it was put back from an older copy", p.next, cut.Seq)}
	}
	for part, end := range p.ends {
		bad := end > cut.Ends[part]
		if !bad && end < cut.Ends[part] && end >= log.First(part) {
			at, err := placeAt(log, part, end)
			if err != nil {
				return err
			}
			bad = at.seq < p.next
		}
		if !bad && end > log.First(part) {
			at, err := placeAt(log, part, end-1)
			if err != nil {
				return err
			}
			bad = at.seq >= p.next
			p.time = max(p.time, at.time)
		}
		if bad {
			return &differsError{fmt.Sprintf("the history has other records than the log: before record %d partition %d ends elsewhere than at offset %d", p.next, part, end)}
		}
	}
	return nil
}

// placeAt is where the record at an offset stands.
func placeAt(log clickstream.Log, partition int, offset uint64) (place, error) {
	part := partReader{next: offset}
	defer func() {
		if part.reader != nil {
			_ = part.reader.Close() // nothing was written through it
		}
	}()
	if err := part.read(log, partition); err != nil {
		return place{}, err
	}
	return place{seq: part.batch.Seq, partition: partition, offset: offset, time: part.batch.Time}, nil
}

// skipLost moves a position to the oldest record from which on the log has everything, and returns how many records that leaves out. Logs
// lose whole stretches at their beginning only.
func skipLost(log clickstream.Log, p *position) (skipped uint64, err error) {
	cut := log.Cut(nil)
	oldest, trimmed, any := cut.Seq, false, false
	for part := range p.ends {
		first := log.First(part)
		trimmed = trimmed || first > p.ends[part]
		if first == cut.Ends[part] {
			continue
		}
		at, err := placeAt(log, part, first)
		if err != nil {
			return 0, err
		}
		oldest, any = min(oldest, at.seq), true
	}
	if !trimmed || any && oldest <= p.next {
		return 0, nil
	}
	skipped = oldest - p.next
	p.next = oldest
	for part := range p.ends {
		p.ends[part] = log.First(part)
	}
	return skipped, nil
}
