package shop

import (
	"context"
	"errors"
)

// SoldOutError is a reservation that was refused because too few pieces of an item are free.
type SoldOutError struct {
	Refusal
	Item string
	Free int64 // pieces
}

func (e *SoldOutError) Error() string { return e.Message }
func (e *SoldOutError) Unwrap() error { return &e.Refusal }

// Reserve holds pieces for a cart, all lines or none, until the request's TTL is over. repeat says that the reservation was open
// already with these lines; its end is now the later one of the two.
//
// Errors: a *SoldOutError; a *Refusal of the request, or unknown_item, reservation_differs (open with other lines),
// reservation_committed and reservation_sold (the id is used up), too_many_reservations (the site has maxReservations open: try
// again when some have ended).
func (s *Store) Reserve(ctx context.Context, actor, site string, req ReservationRequest) (r *Reservation, repeat bool, err error) {
	if _, err := s.liveSite(site); err != nil {
		return nil, false, err
	}
	if err := req.tidy(); err != nil {
		return nil, false, err
	}
	if req.ID == "" {
		req.ID = "r_" + randomKey()
	}
	out, err := s.do(ctx, actor, control{Do: doReservationPut, Site: site, ID: req.ID, Lines: req.Lines, TTL: req.TTL})
	var refused *Refusal
	if short, ok := out.answer.(soldOut); ok && errors.As(err, &refused) {
		return nil, false, &SoldOutError{*refused, short.item, short.free}
	}
	if err != nil {
		return nil, false, err
	}
	return out.answer.(*Reservation), out.duplicate, nil
}

// Closed is how a reservation ended.
type Closed struct {
	ID      string      `json:"id"`
	State   string      `json:"state"`             // committed, released, expired
	At      int64       `json:"at"`                // Unix ms
	Missing int64       `json:"missing,omitempty"` // pieces that a commit found no stock for
	Notices []Rejection `json:"notices,omitempty"` // which; only of the first answer
}

// Release frees a reservation's pieces. One that is released or expired already is no error; one that was sold is reservation_committed
// or reservation_sold, and one that ended more than a day ago may be unknown_reservation.
func (s *Store) Release(ctx context.Context, actor, site, id string) (Closed, error) {
	return s.close(ctx, actor, site, doReservationRelease, id)
}

// Commit takes a reservation's pieces off the stock: they are sold. A second commit answers as the first did. One that is over is
// reservation_expired or reservation_released: its pieces were free, and Reserve tells whether they still are.
func (s *Store) Commit(ctx context.Context, actor, site, id string) (Closed, error) {
	return s.close(ctx, actor, site, doReservationCommit, id)
}

func (s *Store) close(ctx context.Context, actor, site, do, id string) (Closed, error) {
	if _, err := s.liveSite(site); err != nil {
		return Closed{}, err
	}
	if !validItemID(id) {
		return Closed{}, refuse("unknown_reservation", "id: want 1-64 of A-Z a-z 0-9 _ . : -")
	}
	out, err := s.do(ctx, actor, control{Do: do, Site: site, ID: id})
	if err != nil {
		return Closed{}, err
	}
	got := out.answer.(closed)
	return Closed{ID: id, State: got.state(), At: got.at, Missing: got.missing, Notices: got.notices}, nil
}

// Reserved is a reservation as its holder sees it.
type Reserved struct {
	ID      string       `json:"id"`
	State   string       `json:"state"`
	Created int64        `json:"created,omitempty"` // Unix ms
	Expires int64        `json:"expires,omitempty"` // Unix ms
	At      int64        `json:"at,omitempty"`      // Unix ms at which it ended
	Lines   []HolderLine `json:"lines,omitempty"`   // of an open one
}

// HolderLine is a line of an open reservation. Available are the pieces that its holder can have: its own and those that nobody holds;
// absent for an item that is not tracked.
type HolderLine struct {
	ReservedLine
	Available *int64 `json:"available,omitempty"`
}

// Reservation is a reservation that is open, or ended in the last day at least.
func (s *Store) Reservation(site, id string) (Reserved, bool) {
	sv := s.site(site)
	if sv == nil {
		return Reserved{}, false
	}
	hs := sv.holds
	hs.mu.RLock()
	h := hs.open[id]
	var r *Reservation
	if h != nil {
		r = h.now
	}
	e, ended := hs.ended.of(id)
	hs.mu.RUnlock()
	switch {
	case r != nil:
		out := Reserved{ID: r.ID, State: ReservationOpen, Created: r.Created, Expires: r.Expires}
		for _, l := range r.Lines {
			out.Lines = append(out.Lines, HolderLine{l, sv.catalog.availableTo(l)})
		}
		return out, true
	case ended:
		return Reserved{ID: id, State: e.state(), At: e.at}, true
	}
	return Reserved{}, false
}

// OpenReservations is how many reservations of a site are open.
func (s *Store) OpenReservations(site string) int {
	sv := s.site(site)
	if sv == nil {
		return 0
	}
	sv.holds.mu.RLock()
	defer sv.holds.mu.RUnlock()
	return len(sv.holds.open)
}

// availableTo is how many pieces the holder of l can have, nil for any number.
func (c *catalog) availableTo(l ReservedLine) *int64 {
	it := c.get(l.Item)
	if it == nil {
		return new(int64)
	}
	if it.Stock == Unset {
		return nil
	}
	n := min(it.Stock, it.FreeStock()+l.Quantity)
	return &n
}
