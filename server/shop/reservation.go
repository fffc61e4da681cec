package shop

import (
	"container/heap"
	"slices"
	"sync"
)

// A reservation holds pieces for a cart at checkout, so that two shoppers cannot both be told that the last one is theirs. It is a
// record of the control log like any command: the fold decides in the log's order, all lines or none, against what is free then.
//
//	put ──▶ open ──commit───────────▶ committed   the pieces have left the stock
//	         │ ├──stock lines that name it──▶ sold   the shop said that they left
//	         │ ├──release──────────────▶ released    the pieces are free
//	         │ └──its time is over─────▶ expired     the pieces are free
//	         └──put with the same id and lines: a later end, nothing else
//
// It ends by the log's clock: before any record whose time is at or after its end, which Tick makes come when nothing else does.
// A reservation names no shopper.

// How a reservation stands.
const (
	ReservationOpen      = "open"
	ReservationCommitted = "committed"
	ReservationSold      = "sold"
	ReservationReleased  = "released"
	ReservationExpired   = "expired"
)

// Bounds of reservations. A put beyond maxReservations is refused as too_many_reservations; nothing that is open goes early.
const (
	MinReservationTTL     = 30_000       // ms
	MaxReservationTTL     = 2 * 3600_000 // ms
	DefaultReservationTTL = 15 * 60_000  // ms
	MaxReservationLines   = 100
	maxReservedPieces     = 1_000_000 // of one line: with maxReservations no sum overflows
	maxReservations       = 200_000   // open ones of a site
)

// ReservedLine is pieces of one item.
type ReservedLine struct {
	Item     string `json:"item_id"`
	Quantity int64  `json:"quantity"`
}

// Reservation is one version of an open reservation. Values are shared: nobody changes one.
type Reservation struct {
	ID      string         `json:"id"`
	Created int64          `json:"created"` // Unix ms
	Expires int64          `json:"expires"` // Unix ms
	Lines   []ReservedLine `json:"lines"`   // in order of item, one line an item
}

// hold is an open reservation in the fold.
type hold struct {
	site  *siteState
	now   *Reservation // its current version
	index int          // in the dueHeap
}

// dueHeap is the open reservations of all sites, the next to expire first. Ties are broken by site and id, so that two folds of one
// log agree on the order of what they tell.
type dueHeap []*hold

func (h dueHeap) Len() int { return len(h) }

func (h dueHeap) Less(i, j int) bool {
	a, b := h[i], h[j]
	switch {
	case a.now.Expires != b.now.Expires:
		return a.now.Expires < b.now.Expires
	case a.site != b.site:
		return a.site.site.ID < b.site.site.ID
	}
	return a.now.ID < b.now.ID
}

func (h dueHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *dueHeap) Push(x any) {
	r := x.(*hold)
	r.index = len(*h)
	*h = append(*h, r)
}

func (h *dueHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return last
}

// holds is the reservations of one site. The fold's goroutine writes and needs no lock to read; readers take the lock for one look.
type holds struct {
	pieces map[string]int64 // reserved, by item, also of items that the catalog does not have now; of the fold only

	mu    sync.RWMutex
	open  map[string]*hold
	ended endings
}

func newHolds() *holds { return &holds{pieces: map[string]int64{}, open: map[string]*hold{}} }

// put opens r or replaces the version that is open, and keeps the order of due right.
func (hs *holds) put(due *dueHeap, s *siteState, r *Reservation) {
	h := hs.open[r.ID]
	hs.mu.Lock()
	if h == nil {
		h = &hold{site: s, now: r}
		hs.open[r.ID] = h
		hs.ended.forget(r.ID)
		hs.mu.Unlock()
		heap.Push(due, h)
		return
	}
	h.now = r
	hs.mu.Unlock()
	heap.Fix(due, h.index)
}

// end closes h at now.
func (hs *holds) end(due *dueHeap, h *hold, e ending, now int64) {
	heap.Remove(due, h.index)
	hs.mu.Lock()
	delete(hs.open, h.now.ID)
	hs.ended.add(h.now.ID, e, now)
	hs.mu.Unlock()
}

// add changes how many pieces of an item are reserved.
func (hs *holds) add(item string, pieces int64) {
	if left := hs.pieces[item] + pieces; left != 0 {
		hs.pieces[item] = left
	} else {
		delete(hs.pieces, item)
	}
}

// all is every open reservation, in no order.
func (hs *holds) all() []*Reservation {
	out := make([]*Reservation, 0, len(hs.open))
	for _, h := range hs.open {
		out = append(out, h.now)
	}
	return out
}

// sameLines says whether two reservations are of the same pieces.
func sameLines(a, b []ReservedLine) bool { return slices.Equal(a, b) }
