package clickstream

import "github.com/zeebo/xxh3"

// maxOrders bounds the transactions of a shopper that are remembered; of what is beyond, a repeat counts again.
const maxOrders = 32

// A shopper's order is the xxh3-64 of its transaction with the lowest bit saying that it was taken back. That a page which thanks for
// an order is loaded again must not make two orders of it.
const orderRefunded = 1

func orderMark(transaction string) uint64 { return xxh3.HashString(transaction) &^ orderRefunded }

// ordered counts a purchase once per transaction; without one each counts.
func (v *shopper) ordered(transaction string) {
	if transaction == "" {
		v.purchases++
		return
	}
	l, mark := v.more(), orderMark(transaction)
	for _, o := range l.orders {
		if o&^orderRefunded == mark {
			return
		}
	}
	if len(l.orders) == maxOrders {
		l.orders = append(l.orders[:0], l.orders[1:]...)
	}
	l.orders = append(l.orders, mark)
	v.purchases++
}

// refunded takes a whole order back, once. A part of an order leaves it an order.
func (v *shopper) refunded(e *Event) {
	if v.lists == nil || len(e.Items) > 0 || e.Value > 0 || e.Transaction == "" {
		return
	}
	mark := orderMark(e.Transaction)
	for i, o := range v.lists.orders {
		if o == mark && v.purchases > 0 {
			v.lists.orders[i] |= orderRefunded
			v.purchases--
		}
	}
}
