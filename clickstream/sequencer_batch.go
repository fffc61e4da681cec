package clickstream

import "beckon/clickstream/record"

// batch is what one append carries: records by partition, and what they change. It is reused.
type batch struct {
	parts    []record.Append // by partition; the last is intake
	appends  []record.Append // those with records, as the log gets them
	bytes    int
	requests []*request
	ids      []uint64 // put into the dedup table for this batch
	hour     int64    // of the ids
	changes  []account
	bySite   map[string]int // into changes
	letters  []int          // records of the intake partition that the dead letter keeps
	err      error
}

func newBatch(partitions int) *batch {
	t := &batch{parts: make([]record.Append, partitions), bySite: map[string]int{}}
	for p := range t.parts {
		t.parts[p].Partition = p
	}
	return t
}

func (t *batch) put(partition int, data []byte) {
	r := &t.parts[partition].Records
	r.Data = append(r.Data, data...)
	r.Close()
	t.bytes += len(data)
}

func (t *batch) intake() int { return len(t.parts) - 1 }

// broadcast puts each record of r into every data partition.
func (t *batch) broadcast(r *request) {
	for p := range t.intake() {
		for i := range r.records.Len() {
			t.put(p, r.records.At(i))
		}
	}
}

// enter notes what r, whose events were judged, does to its site's ledger.
func (t *batch) enter(r *request) {
	i, ok := t.bySite[r.site]
	if !ok {
		i = len(t.changes)
		t.changes = append(t.changes, account{site: r.site})
		t.bySite[r.site] = i
	}
	c := &t.changes[i]
	if r.generated {
		c.Generated += int64(r.stored)
		return
	}
	c.Received += int64(r.received)
	c.Stored += int64(r.stored)
	c.Duplicates += int64(r.duplicates)
	c.Rejected += int64(r.rejected)
	if r.stored > 0 {
		c.clock = max(c.clock, r.clock)
	}
	intake := t.intake()
	for k := range r.letters.Len() {
		t.letters = append(t.letters, t.parts[intake].Records.Len())
		t.put(intake, r.letters.At(k))
	}
	c.DeadLetters += int64(r.letters.Len())
	if r.replays && r.stored+r.duplicates > 0 {
		t.letters = append(t.letters, t.parts[intake].Records.Len())
		t.put(intake, appendLetterMark(nil, r.letter))
	}
}

// seal adds the ledger's records and gathers the parts that have any, intake last.
func (t *batch) seal() {
	intake := &t.parts[t.intake()].Records
	for i := range t.changes {
		if c := &t.changes[i]; c.Received > 0 {
			intake.Data = appendLedgerRecord(intake.Data, c)
			intake.Close()
		}
	}
	t.appends = t.appends[:0]
	for p := range t.parts {
		if t.parts[p].Records.Len() > 0 {
			t.appends = append(t.appends, t.parts[p])
		}
	}
}

// Memory that a batch keeps for the next one, of a partition and of everything else.
const (
	keptPart  = 256 << 10
	keptBatch = 1 << 16
)

func (t *batch) reset() {
	for p := range t.parts {
		if r := &t.parts[p].Records; cap(r.Data) > keptPart {
			*r = record.Packed{}
		} else {
			r.Reset()
		}
	}
	clear(t.appends)
	clear(t.requests)
	clear(t.changes)
	clear(t.bySite)
	t.appends, t.requests, t.changes = t.appends[:0], t.requests[:0], t.changes[:0]
	t.ids, t.letters = t.ids[:0], t.letters[:0]
	if cap(t.ids) > keptBatch {
		t.ids = nil
	}
	t.bytes, t.err = 0, nil
}
