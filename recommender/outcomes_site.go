package recommender

import (
	"math"

	"github.com/zeebo/xxh3"

	"beckon/clickstream"
)

// uptake is what of the shown was taken on one site: per placement and source, how many items were shown and how many of them the
// same shopper then opened or put into the cart. It is prequential, and free: the log has what was shown and what was done.
//
// A source that is taken more often than the placement's average gets more weight, one that is passed over gets less.
type uptake struct {
	shown, taken [len(placements)][sources]float64 // fading

	newest map[uint64]uint32 // visitor → 1 + index of their newest impression in the ring
	ring   []impression
	next   uint32 // the index that the next impression takes
}

// impression is an answer that was shown. Items are told by 32 bits of their hash.
type impression struct {
	visitor   uint64
	at        int64  // Unix ms
	older     uint32 // 1 + index of the visitor's impression before
	olderAt   int64  // its time: the place may have been given to another since
	placement uint8
	n         uint8
	source    [impressionItems]uint8
	item      [impressionItems]uint32 // 0: taken
}

const (
	impressionItems = 10             // the first of an answer; shoppers hardly reach further
	impressionRing  = 1 << 16        // of a site, the oldest forgotten first: 7 MiB
	impressionLives = 30 * minuteMs  // what is taken later is not counted
	impressionReach = 4              // the newest impressions of a visitor that an item is looked for in
	uptakeFading    = 1 - 1.0/20_000 // per item shown: the last 20,000 items of a placement count
	uptakePrior     = 200.0          // items shown that a source is given at the placement's average
	uptakeLeast     = 0.4            // bounds of what outcomes make of a weight
	uptakeMost      = 2.5
)

func newUptake() *uptake { return &uptake{newest: map[uint64]uint32{}} }

// show notes an impression.
func (u *uptake) show(e *clickstream.Event) {
	at := placementOf(e.Placement)
	im := impression{visitor: xxh3.HashString(e.Visitor), at: e.Time, placement: uint8(at)}
	for i := range e.Items {
		source, ok := sourceOf(e.Items[i].Reason)
		if !ok || im.n == impressionItems {
			continue
		}
		im.item[im.n], im.source[im.n] = itemHash(e.Items[i].ID), uint8(source)
		im.n++
		for s := range u.shown[at] {
			u.shown[at][s] *= uptakeFading
			u.taken[at][s] *= uptakeFading
		}
		u.shown[at][source]++
	}
	if im.n > 0 {
		u.keep(im)
	}
}

func (u *uptake) keep(im impression) {
	if before := u.newest[im.visitor]; before != 0 {
		im.older, im.olderAt = before, u.ring[before-1].at
	}
	if len(u.ring) < impressionRing {
		u.ring = append(u.ring, im)
	} else {
		if gone := &u.ring[u.next]; u.newest[gone.visitor] == u.next+1 {
			delete(u.newest, gone.visitor)
			if gone.visitor == im.visitor {
				im.older = 0
			}
		}
		u.ring[u.next] = im
	}
	u.newest[im.visitor] = u.next + 1
	u.next = (u.next + 1) % impressionRing
}

// forget empties the impressions of an erased visitor. Their places stay, of nobody and with nothing in them, and so do the counters.
func (u *uptake) forget(visitor uint64) {
	if u.newest[visitor] == 0 {
		return
	}
	delete(u.newest, visitor)
	for i := range u.ring {
		if u.ring[i].visitor == visitor {
			u.ring[i] = impression{}
		}
	}
}

// take notes that a visitor opened an item or put it into the cart.
func (u *uptake) take(visitor, item string, at int64) {
	hash := xxh3.HashString(visitor)
	wanted := itemHash(item)
	index := u.newest[hash]
	var when int64
	for reach := 0; index != 0 && reach < impressionReach; reach++ {
		im := &u.ring[index-1]
		if im.visitor != hash || reach > 0 && im.at != when || at-im.at > impressionLives {
			return
		}
		for i := range im.item[:im.n] {
			if im.item[i] == wanted && at >= im.at {
				im.item[i] = 0
				u.taken[im.placement][im.source[i]]++
				return
			}
		}
		index, when = im.older, im.olderAt
	}
}

func itemHash(item string) uint32 { return max(1, uint32(xxh3.HashString(item))) }

// weights are a placement's, moved by what was taken.
func (u *uptake) weights(at int) [sources]float32 {
	w := placements[at].weights
	shown, taken := 0.0, 0.0
	for s := range sources {
		shown += u.shown[at][s]
		taken += u.taken[at][s]
	}
	if taken < 1 {
		return w
	}
	average := taken / shown
	for s := range w {
		rate := (u.taken[at][s] + uptakePrior*average) / (u.shown[at][s] + uptakePrior)
		w[s] *= float32(min(max(math.Sqrt(rate/average), uptakeLeast), uptakeMost))
	}
	return w
}
