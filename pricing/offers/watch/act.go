package watch

import (
	"slices"
	"strings"

	"beckon/clickstream"
)

// act is one thing a shopper did, or was given, as far as an episode cares. Acts of a shopper are kept in the order of their time.
type act struct {
	at   int64 // Unix ms, event time
	kind actKind
	said *said // of add, remove and state; nil of others
}

// said is what an act says of the cart.
type said struct {
	currency [3]byte
	lines    []Line
}

type actKind uint8

const (
	plain    actKind = iota // anything that shows that the shopper is there
	search                  //
	view                    // of an item
	add                     // to the cart
	remove                  // from the cart
	state                   // the whole cart as view_cart states it
	checkout                // begun, or one of its steps
	purchase                //
	answered                // the server gave an offer or held out: no act of the shopper's
	actKinds
)

// Line is a line of a cart.
type Line struct {
	Item     string
	Quantity int64
	Price    int64 // minor units a piece as the page told it; clickstream.NoPrice if it did not
}

// Bounds of what is kept of one shopper. What is beyond goes into the episode as it is, the oldest first, and can then no longer
// be put in order with what comes late.
const (
	maxActs     = 64
	maxLines    = 50 // of a cart and of an act, the first put in dropped first
	maxKept     = 200
	maxQuantity = 9999
)

// acts says whether an event of the kind shows a shopper at work.
func acts(k clickstream.Kind) bool {
	switch k {
	case clickstream.Refund, clickstream.Impression, clickstream.Identify, clickstream.ConsentChange, clickstream.Leave, clickstream.Heartbeat:
		return false
	}
	return true
}

// kindOf is the kind of act that such an event is.
func kindOf(k clickstream.Kind) actKind {
	switch k {
	case clickstream.Search:
		return search
	case clickstream.ViewItem:
		return view
	case clickstream.AddToCart:
		return add
	case clickstream.RemoveFromCart:
		return remove
	case clickstream.ViewCart:
		return state
	case clickstream.BeginCheckout, clickstream.AddPaymentInfo, clickstream.AddShippingInfo:
		return checkout
	case clickstream.Purchase:
		return purchase
	}
	return plain
}

// actOf is the event as an act that owns its strings.
func actOf(kind actKind, e *clickstream.Event) act {
	a := act{at: e.Time, kind: kind}
	switch kind {
	case add, remove, state:
	default:
		return a
	}
	items := e.Items
	if over := len(items) - maxLines; over > 0 {
		items = items[over:]
	}
	if len(items) == 0 {
		a.kind = plain // says nothing of the cart
		return a
	}
	a.said = &said{lines: make([]Line, len(items))}
	copy(a.said.currency[:], e.Currency)
	for i := range items {
		it := &items[i]
		a.said.lines[i] = Line{strings.Clone(it.ID), min(max(it.Quantity, 1), maxQuantity), max(it.Price, clickstream.NoPrice)}
	}
	return a
}

// lines is how many lines the act says.
func (a *act) lines() int {
	if a.said == nil {
		return 0
	}
	return len(a.said.lines)
}

// insert puts a where its time belongs, behind acts of the same time; acts of the same time and different kinds stand in the order of
// their kinds, so that their arrival does not matter.
func insert(acts []act, a act) []act {
	i := len(acts)
	for i > 0 && (acts[i-1].at > a.at || acts[i-1].at == a.at && acts[i-1].kind > a.kind) {
		i--
	}
	return slices.Insert(acts, i, a)
}
