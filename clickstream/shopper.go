package clickstream

import (
	"slices"
	"strings"
	"unique"
)

// Bounds of what is kept about one shopper. What is beyond is dropped from the oldest.
const (
	maxRecent   = 50
	maxCart     = 100
	maxWishlist = 200
	maxBought   = 50
	maxUnits    = 9999
	idleFor     = 30 * dayMs // event time without an event after which a shopper is forgotten
)

// shopper is what a partition keeps of one visitor of one site. At a million shoppers each byte here is a megabyte: lists that most
// do not have are behind one pointer, and item names are shared by all shoppers of the process.
type shopper struct {
	name         string
	older, newer *shopper
	live         *fragment // sessions that are not closed, in time order
	recent       []mark    // distinct items, the last seen last
	lists        *lists    // nil until there is something
	dueAt        int64     // the valid entry in siteShard.due
	floor        int64     // events before are those of closed sessions, Unix ms
	first, last  int64     // event time of first and newest event, Unix ms
	views        uint32
	carts        uint32
	purchases    uint32
	searches     uint32
	rate         minuteRate
	consent      Consent // of the newest event
	bot          bool
	visit        visitOf
}

// lists are what fewer shoppers have.
type lists struct {
	cart, wishlist, bought []mark // in the order in which they were put in
	cartAt                 int64  // event time of the newest statement about the whole cart, Unix ms
	lastSearch             string
	user                   string // proven
	userAt                 int64  // event time of the proof, Unix ms
	orders                 []counted
	spent                  int64 // worth of counted purchases, less refunds, minor units of the shop's currency
}

// mark is an item with 48 bits of Unix ms and 16 bits that are a kind (recent) or a quantity (cart).
type mark struct {
	item unique.Handle[string]
	bits uint64
}

func newMark(item unique.Handle[string], at int64, n uint16) mark {
	return mark{item, uint64(min(max(at, 0), 1<<48-1))<<16 | uint64(n)}
}

func (m mark) at() int64 { return int64(m.bits >> 16) }
func (m mark) n() uint16 { return uint16(m.bits) }

func (v *shopper) more() *lists {
	if v.lists == nil {
		v.lists = new(lists)
	}
	return v.lists
}

// state takes the event's consent and says whether the event may shape the profile. The newest statement counts, whatever came in
// between; of two at the same time the stricter. A consent event without Personalization clears the profile, also when it is late.
func (v *shopper) state(e *Event, late bool) bool {
	if late && e.Kind != ConsentChange {
		return false
	}
	switch {
	case e.Time > v.last:
		v.consent = e.Consent
	case e.Time == v.last:
		v.consent &= e.Consent
	}
	if e.Kind == ConsentChange && e.Consent&Personalization == 0 && e.Time >= v.last {
		v.forget()
	}
	v.first, v.last = min(v.first, e.Time), max(v.last, e.Time)
	return !late && e.Consent&v.consent&Personalization != 0
}

// forget empties the profile. Sessions stay: they are what the shop counts, and say themselves what they may be used for.
func (v *shopper) forget() {
	v.recent, v.lists, v.visit = nil, nil, visitOf{}
	v.views, v.carts, v.purchases, v.searches = 0, 0, 0, 0
}

// shape puts an event into the profile. items are e's, interned.
func (v *shopper) shape(e *Event, items []unique.Handle[string]) {
	switch e.Kind {
	case ViewItem:
		v.views++
	case AddToCart:
		v.carts++
	case Purchase:
		v.ordered(e)
	case Refund:
		v.refunded(e)
	case Search:
		v.searches++
		if e.SearchTerm != "" {
			v.more().lastSearch = strings.Clone(e.SearchTerm)
		}
	case Login, Identify:
		v.link(e)
	}
	switch e.Kind {
	case ViewItem, SelectItem, AddToWishlist, AddToCart, Purchase:
		for _, h := range items {
			v.recent = remember(v.recent, newMark(h, e.Time, uint16(e.Kind)), maxRecent)
		}
	}
	switch e.Kind {
	case AddToCart, RemoveFromCart, ViewCart:
		if len(items) > 0 {
			v.more().changeCart(e, items)
		}
	case AddToWishlist:
		l := v.more()
		for _, h := range items {
			l.wishlist = remember(l.wishlist, newMark(h, e.Time, 0), maxWishlist)
		}
	case Purchase:
		l := v.more()
		for i, h := range items {
			l.cart, l.wishlist = without(l.cart, h, e.Time), without(l.wishlist, h, e.Time)
			l.bought = remember(l.bought, newMark(h, e.Time, quantity(e.Items[i].Quantity)), maxBought)
		}
	}
}

// changeCart follows add, remove and the whole cart as view_cart states it. A change older than the statement or the purchase that
// overtook it is dropped.
func (l *lists) changeCart(e *Event, items []unique.Handle[string]) {
	if e.Time < l.cartAt {
		return
	}
	if e.Kind == ViewCart {
		l.cartAt = e.Time
		l.cart = l.cart[:0]
	}
	for i, h := range items {
		n := quantity(e.Items[i].Quantity)
		at := slices.IndexFunc(l.cart, func(m mark) bool { return m.item == h })
		switch {
		case e.Kind == RemoveFromCart && at >= 0:
			if left := l.cart[at].n(); left > n {
				l.cart[at] = newMark(h, l.cart[at].at(), left-n)
			} else {
				l.cart = slices.Delete(l.cart, at, at+1)
			}
		case e.Kind == RemoveFromCart || boughtSince(l.bought, h, e.Time):
		case at >= 0:
			l.cart[at] = newMark(h, e.Time, min(l.cart[at].n()+n, maxUnits))
		default:
			l.cart = bounded(append(l.cart, newMark(h, e.Time, n)), maxCart)
		}
	}
}

func boughtSince(bought []mark, h unique.Handle[string], t int64) bool {
	for _, b := range bought {
		if b.item == h && b.at() > t {
			return true
		}
	}
	return false
}

func quantity(n int64) uint16 { return uint16(min(max(n, 1), maxUnits)) }

// remember puts m in its place by time, in the place of what was known of the item. Of two kinds the one that says more stays:
// kinds are numbered as shoppers go through them.
func remember(marks []mark, m mark, bound int) []mark {
	for i := len(marks) - 1; i >= 0; i-- {
		if old := marks[i]; old.item == m.item {
			m = newMark(m.item, max(m.at(), old.at()), max(m.n(), old.n()))
			marks = slices.Delete(marks, i, i+1)
			break
		}
	}
	marks = append(roomFor(marks, 1), m)
	for i := len(marks) - 1; i > 0 && marks[i-1].at() > m.at(); i-- {
		marks[i-1], marks[i] = m, marks[i-1]
	}
	return bounded(marks, bound)
}

func bounded(marks []mark, bound int) []mark {
	if over := len(marks) - bound; over > 0 {
		return slices.Delete(marks, 0, over)
	}
	return marks
}

// without drops the item unless it was put in after t.
func without(marks []mark, h unique.Handle[string], t int64) []mark {
	return slices.DeleteFunc(marks, func(m mark) bool { return m.item == h && m.at() <= t })
}

// link takes a proven user. The newest proof counts: who logs in on a device as another moves the device to the other.
func (v *shopper) link(e *Event) {
	if !e.Linked || e.User == "" {
		return
	}
	if l := v.more(); e.Time >= l.userAt {
		if l.user != e.User {
			l.user = strings.Clone(e.User)
		}
		l.userAt = e.Time
	}
}
