package demand

import (
	"github.com/zeebo/xxh3"

	"beckon/clickstream"
)

// orders is the newest transactions, so that a refund finds the slot to take from. Of an erased visitor's nothing is left to take.
//
// Bound: Config.Orders, the oldest forgotten first; about 120 bytes each with two lines.
type orders struct {
	ring  []order
	next  int               // where the next one goes when the ring is full
	place map[uint64]uint32 // by xxh3 of the transaction: a collision among 65,536 has odds of one in 10¹⁰
}

type order struct {
	key     uint64
	visitor uint64 // clickstream.VisitorHash
	at      int64  // Unix ms
	lines   []line
}

// line is what is left of one after refunds.
type line struct {
	id    uint32
	units int64
	price int64 // minor units of a piece; 0 in another currency than the site's
}

func (o *orders) remember(e *clickstream.Event, lines []line, limit int) {
	if o.place == nil {
		o.place = map[uint64]uint32{}
	}
	fresh := order{xxh3.HashString(e.Transaction), clickstream.VisitorHash(e.Visitor), e.Time, lines}
	if at, known := o.place[fresh.key]; known {
		o.ring[at] = fresh
		return
	}
	if len(o.ring) < limit {
		o.place[fresh.key] = uint32(len(o.ring))
		o.ring = append(o.ring, fresh)
		return
	}
	delete(o.place, o.ring[o.next].key)
	o.ring[o.next], o.place[fresh.key] = fresh, uint32(o.next)
	o.next = (o.next + 1) % len(o.ring)
}

// find is the remembered transaction, nil if there is none.
func (o *orders) find(transaction string) *order {
	if transaction == "" || len(o.ring) == 0 {
		return nil
	}
	at, known := o.place[xxh3.HashString(transaction)]
	if !known {
		return nil
	}
	return &o.ring[at]
}

// value is the money that is left.
func (o *order) value() (sum int64) {
	for i := range o.lines {
		sum += o.lines[i].units * o.lines[i].price
	}
	return sum
}

func (o *orders) renumber(renumbered []uint32) {
	for i := range o.ring {
		for j := range o.ring[i].lines {
			if l := &o.ring[i].lines[j]; l.id != gone {
				l.id = renumbered[l.id]
			}
		}
	}
}

// forget drops what is kept of a visitor: the stretch of its offer and the lines of its orders. Counts stay; they are nobody's.
func (s *site) forget(visitor uint64) {
	s.exposed.forget(visitor)
	for i := range s.orders.ring {
		if o := &s.orders.ring[i]; o.visitor == visitor {
			o.visitor, o.lines = 0, nil
		}
	}
}
