package watch

import (
	"container/list"
	"slices"
)

// history is what is remembered of a shopper who abandoned a cart or got an offer: what makes an abuser.
type history struct {
	name      string
	hash      uint64
	place     *list.Element // in site.historic
	last      int64         // Unix ms of the newest note
	abandoned []int64       // Unix ms, rising, the newest maxAbandoned
	full      int64         // Unix ms of the newest purchase at full price
	offers    []given       // the newest maxGiven
}

// given is an offer that the shopper got.
type given struct {
	id         string
	at, until  int64 // Unix ms
	used, seen bool  // something was bought while it lived; the page showed it
}

const (
	maxAbandoned = 16
	maxGiven     = 8
)

// note adds what ended. A purchase while an offer lives uses the offer; any other is one at full price.
func (h *history) note(x *ends) {
	for _, at := range x.abandoned {
		h.last = max(h.last, at)
		i, _ := slices.BinarySearch(h.abandoned, at)
		h.abandoned = slices.Insert(h.abandoned, i, at)
		if len(h.abandoned) > maxAbandoned {
			h.abandoned = slices.Delete(h.abandoned, 0, 1)
		}
	}
	for _, at := range x.bought {
		h.last = max(h.last, at)
		cheap := false
		for i := range h.offers {
			if o := &h.offers[i]; at > o.at && at <= o.until {
				o.used, cheap = true, true
			}
		}
		if !cheap {
			h.full = max(h.full, at)
		}
	}
}

// give adds an offer; one that is there already changes nothing.
func (h *history) give(o given) {
	if slices.ContainsFunc(h.offers, func(have given) bool { return have.id == o.id }) {
		return
	}
	h.last = max(h.last, o.at)
	if len(h.offers) == maxGiven {
		h.offers = slices.Delete(h.offers, 0, 1)
	}
	h.offers = append(h.offers, o)
}

// abuser says whether the shopper abandoned too many carts since the last purchase at full price, or left every offer, both since
// from, Unix ms.
func (h *history) abuser(from, now int64, cfg *CartsConfig) bool {
	carts := 0
	for _, at := range h.abandoned {
		if at > from && at > h.full {
			carts++
		}
	}
	left, used := 0, 0
	for i := range h.offers {
		switch o := &h.offers[i]; {
		case o.at <= from:
		case o.used:
			used++
		case o.until < now:
			left++
		}
	}
	return carts >= cfg.Abandoned || left >= cfg.LeftOffers && used == 0
}

// clone is a copy that may be changed.
func (h *history) clone() *history {
	c := *h
	c.abandoned, c.offers = slices.Clone(h.abandoned), slices.Clone(h.offers)
	return &c
}
