package clickstream

import "github.com/zeebo/xxh3"

// maxOrders bounds the transactions of a shopper that are remembered; of what is beyond, a repeat counts again.
const maxOrders = 32

// counted is a transaction that counted.
type counted struct {
	mark  uint64 // xxh3-64 of the transaction with the lowest bit saying that it was taken back
	worth int64  // minor units, 0 if it was not said
}

// That a page which thanks for an order is loaded again must not make two orders of it.
const orderRefunded = 1

func orderMark(transaction string) uint64 { return xxh3.HashString(transaction) &^ orderRefunded }

// ordered counts a purchase once per transaction; without one each counts.
func (v *shopper) ordered(e *Event) {
	worth := worthOf(e)
	if e.Transaction != "" {
		l, mark := v.more(), orderMark(e.Transaction)
		for _, o := range l.orders {
			if o.mark&^orderRefunded == mark {
				return
			}
		}
		if len(l.orders) == maxOrders {
			l.orders = append(l.orders[:0], l.orders[1:]...)
		}
		l.orders = append(l.orders, counted{mark, worth})
	}
	v.purchases++
	v.spend(worth)
}

// refunded takes a whole order back, once. A part of an order leaves it an order, and takes back what it is worth.
func (v *shopper) refunded(e *Event) {
	if v.lists == nil {
		return
	}
	if len(e.Items) > 0 || e.Value > 0 {
		v.spend(-worthOf(e))
		return
	}
	if e.Transaction == "" {
		return
	}
	mark := orderMark(e.Transaction)
	for i, o := range v.lists.orders {
		if o.mark == mark && v.purchases > 0 {
			v.lists.orders[i].mark |= orderRefunded
			v.purchases--
			v.spend(-o.worth)
		}
	}
}

// maxSpent bounds what a shopper is remembered to have spent. It never falls below nothing: what was refunded may be forgotten.
const maxSpent = 1 << 50

func (v *shopper) spend(worth int64) {
	if worth != 0 {
		l := v.more()
		l.spent = min(max(l.spent+worth, 0), maxSpent)
	}
}

// worthOf is what an event says it is worth, else what its items come to. It is at most maxSpent.
func worthOf(e *Event) int64 {
	worth := e.Value
	if worth == 0 {
		for i := range e.Items {
			if it := &e.Items[i]; it.Price > 0 && it.Price < maxSpent {
				worth = min(worth+it.Price*int64(quantity(it.Quantity)), maxSpent)
			}
		}
	}
	return min(max(worth, 0), maxSpent)
}

// hasWorth says whether anything is known of what was spent.
func (l *lists) hasWorth() bool {
	if l.spent != 0 {
		return true
	}
	for _, o := range l.orders {
		if o.worth != 0 {
			return true
		}
	}
	return false
}
