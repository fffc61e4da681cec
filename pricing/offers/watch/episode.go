package watch

import (
	"math"
	"slices"
)

// episode is what the acts of a shopper have come to. The zero value is one that has not begun. It is a machine that takes acts in the
// order of their time, and the only place where the rules of a cart at risk stand.
type episode struct {
	start, last int64 // Unix ms of its first and newest act of the shopper; start 0: not begun
	searched    bool
	views       int // of items, since the start
	afterSearch int // of these since the first search

	// As of the newest add_to_cart.
	added                    bool
	addSearched              bool
	addViews, addAfterSearch int

	checkout bool
	answered bool
	currency [3]byte
	lines    []Line // in the order in which they were put in
}

// ends is how episodes of a shopper ended, Unix ms in rising order.
type ends struct {
	abandoned []int64 // idle for longer than the gap with a cart
	bought    []int64
}

func (x *ends) reset() { x.abandoned, x.bought = x.abandoned[:0], x.bought[:0] }

// begun says whether there is an episode.
func (e *episode) begun() bool { return e.start != 0 }

// take applies the next act and notes in x what ended. An act after a gap ends the episode and begins the next; a purchase or an
// emptied cart ends it, and the next act begins the next.
func (e *episode) take(a *act, gap int64, x *ends) {
	if a.kind == answered {
		e.answered = e.answered || e.begun() && a.at-e.last <= gap
		return
	}
	if a.at-e.last > gap {
		e.idle(x)
	}
	switch a.kind {
	case purchase:
		x.bought = append(x.bought, a.at)
		e.reset()
		return
	case remove:
		if e.removed(a) {
			e.reset()
			return
		}
	}
	if !e.begun() {
		if a.kind == plain || a.kind == remove {
			return // begins nothing
		}
		e.start = max(a.at, 1)
	}
	e.last = max(e.last, a.at)
	switch a.kind {
	case search:
		e.searched = true
	case view:
		e.views++
		if e.searched {
			e.afterSearch++
		}
	case add:
		e.currency = a.said.currency
		for _, l := range a.said.lines {
			e.put(l)
		}
		e.added, e.addSearched, e.addViews, e.addAfterSearch = true, e.searched, e.views, e.afterSearch
	case state:
		e.currency = a.said.currency
		e.lines = e.lines[:0]
		for _, l := range a.said.lines {
			e.put(l)
		}
	case checkout:
		e.checkout = true
	}
}

// idle ends the episode because nothing came any more.
func (e *episode) idle(x *ends) {
	if e.begun() && len(e.lines) > 0 {
		x.abandoned = append(x.abandoned, e.last)
	}
	e.reset()
}

// reset makes it one that has not begun; room for lines stays.
func (e *episode) reset() { *e = episode{lines: e.lines[:0]} }

// put adds a line, or to the line of the item.
func (e *episode) put(l Line) {
	i := slices.IndexFunc(e.lines, func(have Line) bool { return have.Item == l.Item })
	if i >= 0 {
		e.lines[i].Quantity = min(e.lines[i].Quantity+l.Quantity, maxQuantity)
		if l.Price >= 0 {
			e.lines[i].Price = l.Price
		}
		return
	}
	if len(e.lines) == maxLines {
		e.lines = slices.Delete(e.lines, 0, 1)
	}
	e.lines = append(e.lines, l)
}

// removed takes lines out and says whether that emptied the cart.
func (e *episode) removed(a *act) bool {
	had := len(e.lines) > 0
	for _, l := range a.said.lines {
		i := slices.IndexFunc(e.lines, func(have Line) bool { return have.Item == l.Item })
		if i < 0 {
			continue
		}
		if e.lines[i].Quantity -= l.Quantity; e.lines[i].Quantity <= 0 {
			e.lines = slices.Delete(e.lines, i, i+1)
		}
	}
	return had && len(e.lines) == 0
}

// atRisk says whether the cart would be one to rescue after enough idle time. What was added to is not empty: emptied carts end episodes.
func (e *episode) atRisk() bool {
	return e.added && !e.checkout && !e.answered
}

// value is what the lines with a price come to in minor units; more than an int64 holds is the most that it holds.
func (e *episode) value() int64 {
	sum := int64(0)
	for _, l := range e.lines {
		if l.Price > 0 && l.Price > (math.MaxInt64-sum)/l.Quantity {
			return math.MaxInt64
		}
		sum += max(l.Price, 0) * l.Quantity
	}
	return sum
}
