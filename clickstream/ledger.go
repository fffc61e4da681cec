package clickstream

import (
	"encoding/binary"
	"strings"
	"sync"
)

// Ledger is what became of every event that was sent: Received = Stored + Duplicates + Rejected in every value that is read.
// Each number is counted where it happens and none is computed from the others: Received by the decoder, Stored by what
// the log appended, Duplicates by the dedup window, Rejected by the decoder's refusals.
type Ledger struct {
	Received   int64 `json:"received"`
	Stored     int64 `json:"stored"`
	Duplicates int64 `json:"duplicates"`
	Rejected   int64 `json:"rejected"`

	Generated   int64 `json:"generated"`    // events that the server made itself: in none of the above
	DeadLetters int64 `json:"dead_letters"` // rejected events that were kept whole
	Erased      int64 `json:"erased"`       // of Stored: those that an erasure has taken out of the log
}

func (l *Ledger) add(d *Ledger) {
	l.Received += d.Received
	l.Stored += d.Stored
	l.Duplicates += d.Duplicates
	l.Rejected += d.Rejected
	l.Generated += d.Generated
	l.DeadLetters += d.DeadLetters
	l.Erased += d.Erased
}

// account is one site's share of the ledger and its clock.
type account struct {
	Ledger
	site  string
	clock int64 // Unix ms, the latest corrected time of its events
}

func (a *account) add(d *account) {
	a.Ledger.add(&d.Ledger)
	a.clock = max(a.clock, d.clock)
}

// accounts is the ledger by site. It is not safe for concurrent use.
type accounts map[string]*account

func (s accounts) of(site string) *account {
	a := s[site]
	if a == nil {
		a = &account{site: strings.Clone(site)}
		s[a.site] = a
	}
	return a
}

// clone is a copy in no order, for a file.
func (s accounts) clone() []account {
	list := make([]account, 0, len(s))
	for _, a := range s {
		list = append(list, *a)
	}
	return list
}

// book is the ledger as it is read from outside, beside what the dedup files do not have yet. Every commit changes it once,
// under its lock, so that whatever is read balances.
type book struct {
	mu    sync.Mutex
	sites accounts
	total Ledger
	fresh freshIDs
}

// read is the ledger and the clock of site, or of all.
func (b *book) read(site string) (l Ledger, clock int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if site == "" {
		return b.total, 0
	}
	if a := b.sites[site]; a != nil {
		return a.Ledger, a.clock
	}
	return Ledger{}, 0
}

// commit enters what a batch did, once the log says that it is durable.
func (b *book) commit(t *batch) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(t.ids) > 0 && t.hour > b.fresh.hour {
		b.fresh.roll(t.hour, b.sites)
	}
	for i := range t.changes {
		c := &t.changes[i]
		b.sites.of(c.site).add(c)
		b.total.add(&c.Ledger)
	}
	b.fresh.add(t)
}

// Versions of the records below.
const ledgerVersion = 1

// A ledger record is what one append did to a site's ledger beyond what its events say themselves (each event record counts
// as stored, or as generated):
//
//	type=4 version=1 site received:uvarint duplicates:uvarint rejected:uvarint
func appendLedgerRecord(dst []byte, c *account) []byte {
	dst = append(dst, RecordLedger, ledgerVersion)
	dst = appendString(dst, c.site)
	dst = binary.AppendUvarint(dst, uint64(c.Received))
	dst = binary.AppendUvarint(dst, uint64(c.Duplicates))
	return binary.AppendUvarint(dst, uint64(c.Rejected))
}

// decodeLedgerRecord adds a ledger record to c, whose site becomes a substring of data.
func decodeLedgerRecord(data string, c *account) error {
	d := decoder{s: data}
	d.header(RecordLedger)
	c.site = d.str()
	c.Received += int64(d.uvarint())
	c.Duplicates += int64(d.uvarint())
	c.Rejected += int64(d.uvarint())
	return d.end(RecordLedger)
}
