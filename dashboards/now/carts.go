package now

import (
	"slices"

	"beckon/clickstream"
)

// cart is what a visitor put in during the visits that are not over.
type cart struct {
	lines    []line
	value    int64  // of all lines
	minute   uint32 // where it is counted: of its visitor's newest event
	currency uint8  // place in presence.carts
}

type line struct {
	item     uint64 // clickstream.VisitorHash of its id
	price    int64  // of one, minor units; 0 if nobody said
	quantity int64
}

// Bounds of a cart. Prices are bounded so that a worth of all carts fits an int64.
const (
	maxLines    = 100
	maxQuantity = 9999
	maxPrice    = 1_000_000_000_000
	maxValue    = 10_000_000_000_000
)

// changeCart follows what an event says of the cart of the visitor whose newest visit is v, in the order of the log.
func (s *site) changeCart(hash uint64, v *visit, e *clickstream.Event) {
	switch e.Kind {
	case clickstream.AddToCart, clickstream.RemoveFromCart, clickstream.ViewCart:
		if len(e.Items) == 0 {
			return
		}
	case clickstream.Purchase:
	default:
		return
	}
	c := s.carts[hash]
	if c == nil {
		if !fills(e.Kind) || len(s.carts) >= s.cfg.Carts {
			return
		}
		c = &cart{}
		if !s.cartCurrency(c, e) {
			return
		}
		s.carts[hash] = c
	} else {
		s.presence.addCart(c, minus)
		if fills(e.Kind) && e.Currency != "" && e.Currency != s.presence.carts[c.currency].currency {
			c.lines = nil // prices of two currencies do not add up
			if !s.cartCurrency(c, e) {
				e = &clickstream.Event{Kind: clickstream.Purchase}
			}
		}
	}
	c.change(e)
	if len(c.lines) == 0 {
		delete(s.carts, hash)
		v.set(cartBit, false)
		return
	}
	c.minute = v.last / 60
	s.presence.addCart(c, plus)
	v.set(cartBit, true)
}

// fills says that after an event of this kind there may be a cart where there was none.
func fills(k clickstream.Kind) bool { return k == clickstream.AddToCart || k == clickstream.ViewCart }

func (s *site) cartCurrency(c *cart, e *clickstream.Event) (ok bool) {
	c.currency, ok = s.presence.crowdOf(e.Currency)
	return ok
}

func (c *cart) change(e *clickstream.Event) {
	switch {
	case e.Kind == clickstream.ViewCart || e.Kind == clickstream.Purchase && len(e.Items) == 0:
		c.lines = c.lines[:0]
	}
	for i := range e.Items {
		it := &e.Items[i]
		item := clickstream.VisitorHash(it.ID)
		at := slices.IndexFunc(c.lines, func(l line) bool { return l.item == item })
		n := min(max(it.Quantity, 1), maxQuantity)
		switch {
		case e.Kind == clickstream.Purchase:
			n = maxQuantity
			fallthrough
		case e.Kind == clickstream.RemoveFromCart:
			if at >= 0 && c.lines[at].quantity > n {
				c.lines[at].quantity -= n
			} else if at >= 0 {
				c.lines = slices.Delete(c.lines, at, at+1)
			}
		case at >= 0:
			c.lines[at].quantity = min(c.lines[at].quantity+n, maxQuantity)
			if it.Price != clickstream.NoPrice {
				c.lines[at].price = min(max(it.Price, 0), maxPrice)
			}
		case len(c.lines) < maxLines:
			c.lines = append(c.lines, line{item, min(max(it.Price, 0), maxPrice), n})
		}
	}
	c.value = 0
	for _, l := range c.lines {
		c.value += l.quantity * l.price
	}
	c.value = min(c.value, maxValue)
}

// followCart moves the open cart of a visitor on to the minute of its newest event.
func (s *site) followCart(hash uint64, v *visit) {
	if c := s.carts[hash]; c != nil {
		s.presence.addCart(c, minus)
		c.minute = v.last / 60
		s.presence.addCart(c, plus)
	}
}

// dropCart forgets a visitor's cart.
func (s *site) dropCart(hash uint64) {
	if c := s.carts[hash]; c != nil {
		s.presence.addCart(c, minus)
		delete(s.carts, hash)
	}
}
