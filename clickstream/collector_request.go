package clickstream

import (
	"strings"
	"sync/atomic"
	"unsafe"

	"beckon/clickstream/record"
)

// request is what one caller wants stored, encoded and complete: nothing in it is borrowed from the caller but the site's name. Whoever
// filled it reads the outcome after done.
type request struct {
	site      string
	records   record.Packed // events, or what goes to every partition
	parts     []uint16      // of each event
	ids       []uint64      // of each event
	letters   record.Packed // records of the dead letter
	received  int           // events that the decoder found, taken or not
	rejected  int
	clock     int64
	generated bool
	broadcast bool
	marks     bool     // records that are no events, each for the partition in parts
	change    *account // goes to the ledger with marks; nil: nothing
	placed    []placed // where the marks stand, set by the sequencer
	replays   bool     // it is the dead letter at offset letter
	letter    uint64

	weight int64         // bytes of the budget that it holds until it is answered
	budget *atomic.Int64 // nil: none

	done               chan error // one element: the outcome
	stored, duplicates int        // set by the sequencer
}

func newRequest() *request { return &request{done: make(chan error, 1)} }

// reset makes r ready for another caller.
func (r *request) reset() {
	*r = request{
		records: record.Packed{Data: r.records.Data[:0], Ends: r.records.Ends[:0]},
		letters: record.Packed{Data: r.letters.Data[:0], Ends: r.letters.Ends[:0]},
		parts:   r.parts[:0], ids: r.ids[:0], done: r.done,
	}
}

// answer is called once for each submission.
func (r *request) answer(err error) {
	if r.budget != nil {
		r.budget.Add(-r.weight)
	}
	r.done <- err
}

// event adds e.
func (r *request) event(seed uint64, partitions int, e *Event) {
	r.records.Data = AppendEvent(r.records.Data, e)
	r.records.Close()
	r.parts = append(r.parts, uint16(PartitionOf(e.Site, e.Visitor, partitions)))
	r.ids = append(r.ids, Fingerprint(seed, e.Site, e.Visitor, e.ID))
	r.clock = max(r.clock, e.Time)
}

// decoded adds what a body or a line held, the rejected with their letters: all but those without consent are kept whole.
func (r *request) decoded(seed uint64, partitions int, src *Source, out *Decoded) {
	for i := range out.Events {
		r.event(seed, partitions, &out.Events[i])
	}
	r.received += len(out.Events) + len(out.Rejected)
	r.rejected += len(out.Rejected)
	if len(out.Rejected) == 0 || r.replays {
		return
	}
	network := string(TruncateIP(nil, src.IP))
	for i := range out.Rejected {
		rej := &out.Rejected[i]
		if rej.Code == NoConsent {
			continue
		}
		l := letterOf(src, rej, network)
		r.letters.Data = appendLetter(r.letters.Data, &l)
		r.letters.Close()
	}
}

// listed is what Result says of a rejection: safe to keep, without the event.
func listed(r *Rejection) Rejection {
	return Rejection{Index: r.Index, ID: strings.Clone(r.ID), Code: r.Code, Message: strings.Clone(r.Message), Withdraws: strings.Clone(r.Withdraws)}
}

// borrowed is b as a string, without a copy: it lives as long as b is unchanged. BenchmarkBorrowed has the difference.
func borrowed(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
