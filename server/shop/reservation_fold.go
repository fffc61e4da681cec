package shop

import "fmt"

// soldOut is what a refused put tells besides its code: the first line, in order of item, for which too few pieces are free.
type soldOut struct {
	item string
	free int64
}

// closed is how a commit or release went.
type closed struct {
	ending
	repeat  bool        // it had ended so before
	notices []Rejection // of a commit that found too few pieces
}

// reservationPut opens a reservation, or gives an open one of the same id and lines a later end. All lines or none: what is free is
// what the log's order has left. Items that are not tracked are always granted.
func (f *fold) reservationPut(s *siteState, c *control, offset uint64, changes []Change) (outcome, []Change, error) {
	if bad := checkReservation(c.ID, c.Lines, c.TTL); bad != nil {
		return outcome{refused: refuse(bad.code, "%s", bad.message)}, changes, nil
	}
	r := &Reservation{ID: c.ID, Created: f.now, Expires: f.now + c.TTL, Lines: c.Lines}
	if h := s.holds.open[c.ID]; h != nil {
		if !sameLines(h.now.Lines, c.Lines) {
			return outcome{refused: refuse("reservation_differs", "id: %q is open with other lines", c.ID)}, changes, nil
		}
		r.Created, r.Expires = h.now.Created, max(h.now.Expires, r.Expires)
		s.holds.put(&f.held, s, r)
		return outcome{answer: r, duplicate: true}, changes, nil
	}
	if e, ok := s.holds.ended.of(c.ID); ok && (e.how == endedCommitted || e.how == endedSold) {
		return outcome{refused: refuse("reservation_"+e.state(), "id: %q is %s; another cart needs another id", c.ID, e.state())}, changes, nil
	}
	if len(s.holds.open) >= maxReservations {
		return outcome{refused: refuse("too_many_reservations", "reservations: %d are open, and no more are taken", len(s.holds.open))}, changes, nil
	}
	for _, l := range r.Lines {
		it := s.catalog.get(l.Item)
		if it == nil {
			return outcome{refused: refuse("unknown_item", "item_id: the catalog has no %q", l.Item)}, changes, nil
		}
		if free := it.FreeStock(); free != Unset && free < l.Quantity {
			refused := refuse("sold_out", "item_id: %d of %q are asked for, %d are free", l.Quantity, l.Item, free)
			return outcome{refused: refused, answer: soldOut{l.Item, free}}, changes, nil
		}
	}
	s.holds.put(&f.held, s, r)
	for _, l := range r.Lines {
		s.holds.add(l.Item, l.Quantity)
		changes = f.shelve(s, l.Item, offset, changes, 0)
	}
	return outcome{answer: r}, changes, nil
}

// reservationRelease ends a reservation and frees its pieces. One that is released or over already answers the same again.
func (f *fold) reservationRelease(s *siteState, c *control, offset uint64, changes []Change) (outcome, []Change, error) {
	h := s.holds.open[c.ID]
	if h == nil {
		e, refused := s.ended(c.ID, endedReleased, endedExpired)
		return outcome{refused: refused, answer: closed{ending: e, repeat: true}}, changes, nil
	}
	e := ending{how: endedReleased, at: f.now}
	return outcome{answer: closed{ending: e}}, f.free(h, e, offset, changes), nil
}

// reservationCommit ends a reservation by a sale: its pieces leave the stock. Where the shop has set the stock lower in the meantime,
// what is missing is told and the count stays at 0.
func (f *fold) reservationCommit(s *siteState, c *control, offset uint64, changes []Change) (outcome, []Change, error) {
	h := s.holds.open[c.ID]
	if h == nil {
		e, refused := s.ended(c.ID, endedCommitted)
		return outcome{refused: refused, answer: closed{ending: e, repeat: true}}, changes, nil
	}
	got := closed{ending: ending{how: endedCommitted, at: f.now}}
	for i, l := range h.now.Lines {
		it := s.catalog.get(l.Item)
		short := int64(0)
		switch {
		case it == nil:
			got.notices = append(got.notices, Rejection{i, l.Item, "unknown_item", "item_id: the catalog does not have it any more"})
		case it.Stock != Unset && it.Stock < l.Quantity:
			short = l.Quantity - it.Stock
			got.notices = append(got.notices, Rejection{i, l.Item, "clamped", fmt.Sprintf("quantity: %d were reserved and %d are there; stock kept at 0", l.Quantity, it.Stock)})
		}
		got.missing += short
		s.holds.add(l.Item, -l.Quantity)
		changes = f.shelve(s, l.Item, offset, changes, l.Quantity)
	}
	s.holds.end(&f.held, h, got.ending, f.now)
	return outcome{answer: got}, changes, nil
}

// ended is how a reservation that is not open ended, if it was in one of the ways that answer the question.
func (s *siteState) ended(id string, ways ...byte) (ending, *Refusal) {
	e, ok := s.holds.ended.of(id)
	if !ok {
		return e, refuse("unknown_reservation", "id: there is no reservation %q", id)
	}
	for _, way := range ways {
		if e.how == way {
			return e, nil
		}
	}
	return e, refuse("reservation_"+e.state(), "id: %q is %s", id, e.state())
}

// free ends h without a sale.
func (f *fold) free(h *hold, e ending, offset uint64, changes []Change) []Change {
	for _, l := range h.now.Lines {
		h.site.holds.add(l.Item, -l.Quantity)
		changes = f.shelve(h.site, l.Item, offset, changes, 0)
	}
	h.site.holds.end(&f.held, h, e, f.now)
	return changes
}

// expireReservations ends what is over at the log's clock, in order of its end.
func (f *fold) expireReservations(offset uint64, changes []Change) []Change {
	for len(f.held) > 0 && f.held[0].now.Expires <= f.now {
		h := f.held[0]
		changes = f.free(h, ending{how: endedExpired, at: h.now.Expires}, offset, changes)
	}
	return changes
}

// nextReservation is when the next reservation is over, Unix ms, 0 for none.
func (f *fold) nextReservation() int64 {
	if len(f.held) == 0 {
		return 0
	}
	return f.held[0].now.Expires
}

// shelve makes the version of an item that has what is reserved of it now, and less stock by the pieces that were sold, if any.
func (f *fold) shelve(s *siteState, item string, offset uint64, changes []Change, sold int64) []Change {
	was := s.catalog.get(item)
	if was == nil {
		return changes
	}
	it := new(Item)
	*it = *was
	it.Reserved = s.holds.pieces[item]
	if sold > 0 && it.Stock != Unset {
		var notice string
		it.Stock, notice = clampStock(was.Stock-sold, "quantity")
		it.inexact = was.inexact || notice != ""
		it.Changed = f.now
	}
	s.setLevel(was, it, sold > 0)
	return f.replace(s, was, it, sold > 0, offset, changes)
}

// sell takes pieces that a stock line says were sold out of the reservation it names. When nothing is left of it, it has ended. The
// item's own version is the caller's to make. notice says that there was nothing to take them from.
func (f *fold) sell(s *siteState, id, item string, pieces int64) (notice string) {
	h := s.holds.open[id]
	if h == nil {
		if e, ok := s.holds.ended.of(id); ok {
			return fmt.Sprintf("reservation: %q is %s; the line counts as it stands", id, e.state())
		}
		return fmt.Sprintf("reservation: there is no %q; the line counts as it stands", id)
	}
	next := *h.now
	next.Lines = nil
	found := false
	for _, l := range h.now.Lines {
		if l.Item == item {
			found = true
			gone := min(pieces, l.Quantity)
			s.holds.add(item, -gone)
			if l.Quantity -= gone; l.Quantity == 0 {
				continue
			}
		}
		next.Lines = append(next.Lines, l)
	}
	switch {
	case !found:
		return fmt.Sprintf("reservation: %q has no %q; the line counts as it stands", id, item)
	case len(next.Lines) == 0:
		s.holds.end(&f.held, h, ending{how: endedSold, at: f.now}, f.now)
	default:
		s.holds.put(&f.held, s, &next)
	}
	return ""
}
