package clickstream

import (
	"fmt"
	"io"
	"unique"

	"beckon/clickstream/record"
)

// SessionKey names a session: the same events give the same key in whatever order they came.
type SessionKey struct {
	Visitor string
	Start   int64 // Unix ms of its first event
}

// Session is one version of a shopper's visit. Receivers may keep it and must not change it: a later version is another
// value, whose Steps may share memory with this one's.
type Session struct {
	Key     SessionKey
	End     int64 // Unix ms of its last event
	Events  int
	Steps   []Step // what was done to items, in event-time order, the oldest MaxSteps dropped from the front
	Bot     bool
	Consent Consent // the weakest of its events
	Closed  bool    // the watermark has passed: no later version will come
}

// Step is one item event of a session, in sixteen bytes: at a million visits steps are most of what is kept. Make one with NewStep.
type Step struct {
	item unique.Handle[string]
	bits int64 // its time in Unix ms times 256, and its kind
}

// NewStep is a step. Times are within 2^53 ms of 1970.
func NewStep(item string, kind Kind, at int64) Step { return newStep(unique.Make(item), kind, at) }

func newStep(item unique.Handle[string], kind Kind, at int64) Step {
	return Step{item, at<<8 | int64(kind)}
}

// Item is safe to keep.
func (s Step) Item() string { return s.item.Value() }

// Kind is ViewItem, SelectItem, AddToWishlist, AddToCart, RemoveFromCart or Purchase.
func (s Step) Kind() Kind { return Kind(s.bits & 0xff) }

// Time is Unix ms.
func (s Step) Time() int64 { return s.bits >> 8 }

// String is the step in words, for messages.
func (s Step) String() string { return fmt.Sprintf("%s %s %d", s.Kind(), s.Item(), s.Time()) }

// SessionChange is what one record did to a visitor's sessions: first every Retracted version goes, then Session comes.
// In the common case nothing is retracted and Session is the same key's next version with steps appended at the end.
// A version whose steps changed otherwise is always retracted first, also when it keeps its key.
type SessionChange struct {
	Retracted []SessionKey
	Session   *Session // nil if the change only retracts
	Added     int      // steps at the end of Session.Steps that came with this change; all of them for a new or retracted key
}

// Fact is what the owner of a partition derived from one record. Facts reach fact folds in Seq order over all partitions.
type Fact struct {
	Seq     uint64
	Cause   record.Position
	Event   *Event          // nil for a clock tick and for an erasure
	Site    string          // the event's, or the one the tick or the erasure is for
	Clock   int64           // Unix ms: the site's event-time clock (watermark of its partition) after this record
	Changes []SessionChange // empty for late events; the clock may also close sessions of other visitors of the site
	Late    bool            // stored in history, out of live state
	Bot     bool            // the event or its session is a machine's: out of models; for closed sessions in Changes ask Session.Bot
	Erase   *Erase          // a visitor was erased: drop what is held under it. Changes retract its live sessions, of which nothing may be kept either
	Repeat  bool            // a purchase whose transaction was counted before: it must not count again

	// Money is what Orders counted, minor units of Currency: what a purchase brought, below 0 what a refund took back, else 0.
	Money    int64
	Currency string
}

// FactFold is state across visitors: a model, live numbers. ApplyFacts gets facts in Seq order, from one goroutine; other folds read the
// same facts at the same time, so nothing in them may be changed. Facts, their Event and Changes are borrowed until it returns; a
// Session may be kept. It must be deterministic: no clock, no global random, no map order, no I/O. Snapshot is called by the same
// goroutine, between batches; a snapshot starts with its own version and is readable by the next version. Restore replaces the whole
// state, or fails and leaves it as it was.
type FactFold interface {
	ApplyFacts(facts []Fact) error
	Snapshot(w io.Writer) error
	Restore(r io.Reader) error
}
