package clickstream

import (
	"context"
	"fmt"
	"strings"

	"beckon/clickstream/record"
)

// Erasing is where an erase record stands: what stands before it is erased, what comes after it is a new life.
type Erasing struct {
	Partition int    `json:"partition"`
	Offset    uint64 `json:"offset"`
	Seq       uint64 `json:"seq"`
	Intake    uint64 `json:"intake"` // offset of the intake partition: dead letters before it are erased
}

// VisitorID names a visitor of a site.
type VisitorID struct{ Site, Visitor string }

// placed is a record of a request that marks: its partition and, until the log has it, its index in the batch's part.
type placed struct {
	partition int
	index     int
	offset    uint64
	seq       uint64
}

// mark puts r's records where they belong.
func (t *batch) mark(r *request) {
	from := uint32(0)
	for i, p := range r.parts {
		r.placed = append(r.placed, placed{partition: int(p), index: t.parts[p].Records.Len()})
		t.put(int(p), r.records.Data[from:r.records.Ends[i]])
		from = r.records.Ends[i]
	}
	if c := r.change; c != nil {
		at, ok := t.bySite[c.site]
		if !ok {
			at = len(t.changes)
			t.changes = append(t.changes, account{site: c.site})
			t.bySite[c.site] = at
		}
		t.changes[at].add(c)
	}
}

// place tells the requests that mark where their records stand, now that the log has taken t at seq.
func (t *batch) place(seq uint64) {
	for _, r := range t.requests {
		for i := range r.placed {
			at, next := &r.placed[i], seq
			for k := range t.appends {
				a := &t.appends[k]
				if a.Partition == at.partition {
					at.offset, at.seq = a.First+uint64(at.index), next+uint64(at.index)
				}
				next += uint64(a.Records.Len())
			}
		}
	}
}

// Erase writes the erase records of visitors and returns where they stand, once they are durable. Pressure does not hold them up.
// From then on the folds forget the visitors; emptying the log is its own step, for which CountErased and ErasesFromLog are.
func (c *Collector) Erase(ctx context.Context, visitors []VisitorID) ([]Erasing, error) {
	if len(visitors) == 0 {
		return nil, nil
	}
	w := c.workers.Get().(*worker)
	r := w.request
	r.marks = true
	for i := range visitors {
		v := &visitors[i]
		r.records.Data = AppendErase(r.records.Data, &Erase{v.Site, VisitorHash(v.Visitor)})
		r.records.Close()
		r.parts = append(r.parts, uint16(PartitionOf(v.Site, v.Visitor, c.cfg.Partitions)))
	}
	placed, err := c.place(ctx, w)
	if err != nil {
		return nil, fmt.Errorf("erase: %w", err)
	}
	// Letters of requests that were answered before are in the log, so its end bounds them.
	intake := c.cfg.Log.Cut(nil).Ends[c.cfg.Partitions]
	out := make([]Erasing, len(placed))
	for i, p := range placed {
		out[i] = Erasing{Partition: p.partition, Offset: p.offset, Seq: p.seq, Intake: intake}
	}
	return out, nil
}

// Erased enters into the ledger and into the log what an erasure took out of the log, and returns when that is durable. It is called once
// for an erasure, when the log has lost all of it; HasErased says after a crash whether it was.
func (c *Collector) Erased(ctx context.Context, e *Erased) error {
	w := c.workers.Get().(*worker)
	r := w.request
	r.marks = true
	r.records.Data = AppendErased(r.records.Data, e)
	r.records.Close()
	r.parts = append(r.parts, uint16(c.cfg.Partitions))
	r.change = &account{site: strings.Clone(e.Site), Ledger: Ledger{Erased: e.Events}}
	if _, err := c.place(ctx, w); err != nil {
		return fmt.Errorf("note what was erased: %w", err)
	}
	return nil
}

// place settles w's marks and says where they stand. Unlike store it does not give w to others before it has read that.
func (c *Collector) place(ctx context.Context, w *worker) ([]placed, error) {
	r := w.request
	if c.closed.Load() {
		return nil, ErrClosed
	}
	if err := c.sequencer.submit(r); err != nil {
		return nil, err
	}
	select {
	case err := <-r.done:
		placed := r.placed
		c.recycle(w)
		return placed, err
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the log: %w", context.Cause(ctx))
	}
}

// HasErased says whether the intake partition, from offset from on, holds the record of what the erasure at at took.
func HasErased(ctx context.Context, log Log, from uint64, at Erasing) (bool, error) {
	intake := log.Partitions() - 1
	found := false
	err := eachRecord(ctx, log, intake, max(from, log.First(intake)), log.Cut(nil).Ends[intake], func(_, _ uint64, payload string) error {
		if RecordType(payload) != RecordErased {
			return nil
		}
		var e Erased
		if err := DecodeErased(payload, &e); err != nil {
			return err
		}
		found = found || e.Partition == at.Partition && e.Offset == at.Offset
		return nil
	})
	return found, err
}

// CountErased counts what ErasesFromLog will take out of the log for one erasure. It must come before: what is gone cannot be counted.
func CountErased(ctx context.Context, log Log, v VisitorID, at Erasing) (Erased, error) {
	out := Erased{Erase: Erase{v.Site, VisitorHash(v.Visitor)}, Partition: at.Partition, Offset: at.Offset}
	err := eachRecord(ctx, log, at.Partition, log.First(at.Partition), at.Offset, func(_, _ uint64, payload string) error {
		site, visitor, ok := PeekVisitor(payload)
		if !ok || site != v.Site || visitor != v.Visitor {
			return nil
		}
		e, err := peekEvent(payload)
		if err != nil {
			return err
		}
		if e.Generated {
			out.Generated++
		} else {
			out.Events++
		}
		return nil
	})
	if err != nil {
		return out, fmt.Errorf("count what is erased: %w", err)
	}
	intake := log.Partitions() - 1
	err = eachRecord(ctx, log, intake, log.First(intake), at.Intake, func(_, _ uint64, payload string) error {
		if LetterNames(payload, v) {
			out.Letters++
		}
		return nil
	})
	if err != nil {
		return out, fmt.Errorf("count dead letters to erase: %w", err)
	}
	return out, nil
}

// ErasesFromLog is the match that takes the records of visitors out of the events log: their events before their erase records, and the
// dead letters that name them. It is what eventlog's Rewrite asks.
func ErasesFromLog(partitions int, visitors map[VisitorID]Erasing) func(at record.Position, seq uint64, payload string) string {
	intake := partitions - 1
	return func(at record.Position, _ uint64, payload string) string {
		if at.Partition == intake {
			for v, e := range visitors {
				if at.Offset < e.Intake && LetterNames(payload, v) {
					return ""
				}
			}
			return payload
		}
		site, visitor, ok := PeekVisitor(payload)
		if !ok {
			return payload
		}
		if e, hit := visitors[VisitorID{site, visitor}]; hit && at.Partition == e.Partition && at.Offset < e.Offset {
			return ""
		}
		return payload
	}
}
