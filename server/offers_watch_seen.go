package main

import (
	"beckon/pricing/offers"
	"beckon/pricing/offers/watch"
	"beckon/server/push"
)

// seenOffer is what a page said with a seen frame.
type seenOffer struct{ site, visitor, id string }

// noteSeen takes a seen frame. It never waits: when too many wait to be logged it is dropped, and the offer may be pushed once more.
func (w *offerWatch) noteSeen(who push.Shopper, id string) {
	select {
	case w.seen <- seenOffer{who.Site, who.Visitor, id}:
	default:
		w.count("dropped_seen")
	}
}

// logSeen logs that the shopper's page showed an offer, once for each offer. A page can say so of its shopper's live offer only.
func (w *offerWatch) logSeen(s seenOffer) {
	n := w.n
	if !offers.ValidOfferID(s.id) {
		return
	}
	live, ok := n.folds.offers.Live(s.site, n.who(s.site, s.visitor))
	if !ok || live.ID != s.id || n.eraser.pending.has(s.site, s.visitor) {
		return
	}
	if err := w.log(s.site, s.visitor, "seen."+s.id, watch.SeenName, watch.SeenProps(s.id)); err != nil {
		w.count("failed_seen")
	}
}
