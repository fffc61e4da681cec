package clickstream

import (
	"sync"

	"github.com/zeebo/xxh3"
)

// Orders counts purchases and takes back refunds. It stands between the shards and the fact folds: it marks a purchase whose
// (site, transaction) was counted before as Fact.Repeat, whoever sent it, so that no fold counts it twice, and says in Fact.Money what it counted.
//
// A refund without items or value takes back all that is left of its order, one with items those (never more than were bought, at the
// order's price unless it names its own), one with a value alone that amount. Nothing falls below zero. A refund of an unknown
// transaction is counted as such and changes nothing. Late and machines' purchases count: money is what the shop says it is.
//
// It remembers a bounded number of transactions, the first counted forgotten first; a repeat after that counts again. Totals stay.
//
// Of the orders of an erased visitor only the hash of the transaction is kept: a repeat still does not count, a refund takes nothing back.
type Orders struct {
	limit int

	mu      sync.RWMutex
	orders  map[xxh3.Uint128]*order // by xxh3-128 of site, 0, transaction
	oldest  *order
	newest  *order
	sites   map[siteName]*OrderTotals // site, currency
	items   map[itemMoney]*OrderTotals
	unknown int64 // refunds of unknown transactions
}

type itemMoney struct{ site, item, currency string }

// OrderTotals is what is left after refunds, in minor units of Currency.
type OrderTotals struct {
	Currency string
	Revenue  int64
	Orders   int64 // not yet wholly refunded; of an item: orders with the item
	Units    int64
	Refunded int64 // money taken back
}

// order is what a refund needs.
type order struct {
	key            xxh3.Uint128
	site, currency string
	left           int64 // of its value
	lines          []orderLine
	visitor        uint64 // VisitorHash, 0 when it is not known any more
	newer          *order
}

type orderLine struct {
	item  string
	price int64 // of one
	left  int64 // units
}

// NewOrders makes the fold, which remembers at most limit transactions.
func NewOrders(limit int) *Orders {
	return &Orders{
		limit: limit, orders: make(map[xxh3.Uint128]*order),
		sites: make(map[siteName]*OrderTotals), items: make(map[itemMoney]*OrderTotals),
	}
}

// apply counts the purchases and refunds among facts and sets Repeat.
func (o *Orders) apply(facts []Fact) {
	for i := range facts {
		e := facts[i].Event
		if er := facts[i].Erase; er != nil {
			o.forget(er)
		}
		if e == nil || e.Kind != Purchase && e.Kind != Refund || e.Generated {
			continue
		}
		o.mu.Lock()
		if e.Kind == Purchase {
			facts[i].Money, facts[i].Currency, facts[i].Repeat = o.purchaseLocked(e)
		} else {
			facts[i].Money, facts[i].Currency = o.refundLocked(e)
		}
		o.mu.Unlock()
	}
}

// Totals appends what site sold, a currency each, in order of currency.
func (o *Orders) Totals(dst []OrderTotals, site string) []OrderTotals {
	o.mu.RLock()
	defer o.mu.RUnlock()
	from := len(dst)
	for k, t := range o.sites {
		if k.site == site {
			dst = append(dst, *t)
		}
	}
	sortTotals(dst[from:])
	return dst
}

// Item is what site sold of an item in currency.
func (o *Orders) Item(site, item, currency string) OrderTotals {
	o.mu.RLock()
	defer o.mu.RUnlock()
	if t := o.items[itemMoney{site, item, currency}]; t != nil {
		return *t
	}
	return OrderTotals{Currency: currency}
}

// UnknownRefunds is the number of refunds whose transaction was not known.
func (o *Orders) UnknownRefunds() int64 {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.unknown
}

func orderKey(e *Event) xxh3.Uint128 {
	var room [256]byte
	b := append(append(append(room[:0], e.Site...), 0), e.Transaction...)
	return xxh3.Hash128(b)
}

// purchaseLocked counts a purchase unless its transaction was counted before. Without a transaction each counts.
func (o *Orders) purchaseLocked(e *Event) (revenue int64, currency string, repeat bool) {
	key := orderKey(e)
	if e.Transaction != "" && o.orders[key] != nil {
		return 0, "", true
	}
	total := o.siteLocked(e.Site, e.Currency)
	ord := &order{key: key, site: e.Site, currency: total.Currency, left: e.Value, visitor: VisitorHash(e.Visitor)}
	var sum int64
	for i := range e.Items {
		it := &e.Items[i]
		n, price := max(it.Quantity, 1), max(it.Price, 0)
		sum += n * price
		t := o.itemLocked(e.Site, it.ID, e.Currency)
		t.Revenue += n * price
		t.Units += n
		t.Orders++
		total.Units += n
		ord.lines = append(ord.lines, orderLine{it.ID, price, n})
	}
	if ord.left <= 0 {
		ord.left = sum
	}
	total.Revenue += ord.left
	total.Orders++
	revenue = ord.left
	if e.Transaction != "" {
		o.rememberLocked(ord.owned())
	}
	return revenue, total.Currency, false
}

// refundLocked returns what it took back, below 0.
func (o *Orders) refundLocked(e *Event) (money int64, currency string) {
	ord := o.orders[orderKey(e)]
	if e.Transaction == "" || ord == nil {
		o.unknown++
		return 0, ""
	}
	total := o.siteLocked(ord.site, ord.currency)
	before := ord.left
	switch {
	case len(e.Items) > 0:
		for i := range e.Items {
			it := &e.Items[i]
			ord.left -= o.takeBackLocked(ord, total, it.ID, max(it.Quantity, 1), it.Price)
		}
	case e.Value > 0 && e.Value < ord.left:
		ord.left -= e.Value
	default:
		for _, line := range ord.lines {
			o.takeBackLocked(ord, total, line.item, line.left, NoPrice)
		}
		ord.left = 0
	}
	ord.left = max(ord.left, 0)
	total.Revenue -= before - ord.left
	total.Refunded += before - ord.left
	if before > 0 && ord.left == 0 {
		total.Orders--
	}
	return ord.left - before, total.Currency
}

// takeBackLocked takes n units of an item back and returns the money: price times units, the order's price when NoPrice.
func (o *Orders) takeBackLocked(ord *order, total *OrderTotals, item string, n, price int64) (money int64) {
	t := o.itemLocked(ord.site, item, ord.currency)
	for i := range ord.lines {
		line := &ord.lines[i]
		if line.item != item || line.left == 0 || n == 0 {
			continue
		}
		units := min(n, line.left)
		n -= units
		line.left -= units
		total.Units -= units
		t.Units -= units
		t.Revenue -= units * line.price
		t.Refunded += units * line.price
		if line.left == 0 {
			t.Orders--
		}
		each := price
		if each == NoPrice {
			each = line.price
		}
		money += units * each
	}
	return money
}

// forget empties the orders of a visitor. It looks at all that are remembered: erasures are few.
func (o *Orders) forget(er *Erase) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for ord := o.oldest; ord != nil; ord = ord.newer {
		if ord.visitor == er.Visitor && ord.site == er.Site {
			ord.visitor, ord.left, ord.lines = 0, 0, nil
		}
	}
}

func (o *Orders) siteLocked(site, currency string) *OrderTotals {
	k := siteName{site, currency}
	t := o.sites[k]
	if t == nil {
		k = siteName{owned(site), owned(currency)}
		t = &OrderTotals{Currency: k.name}
		o.sites[k] = t
	}
	return t
}

func (o *Orders) itemLocked(site, item, currency string) *OrderTotals {
	k := itemMoney{site, item, currency}
	t := o.items[k]
	if t == nil {
		k = itemMoney{owned(site), owned(item), owned(currency)}
		t = &OrderTotals{Currency: k.currency}
		o.items[k] = t
	}
	return t
}

func (o *Orders) rememberLocked(ord *order) {
	o.orders[ord.key] = ord
	if o.newest != nil {
		o.newest.newer = ord
	} else {
		o.oldest = ord
	}
	o.newest = ord
	for len(o.orders) > o.limit {
		delete(o.orders, o.oldest.key)
		o.oldest = o.oldest.newer
	}
}
