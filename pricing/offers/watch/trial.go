package watch

import (
	"container/list"
	"math"
	"strings"

	"beckon/clickstream"
	"beckon/pricing/offers/stats"
)

// trial is one site's campaigns and who was exposed to them. It is guarded by its Uplift.
type trial struct {
	name    string
	clock   int64 // Unix ms, event time
	numbers map[string]uint32
	tallies []tally // by number, in the order of their first exposure
	people  map[uint64]*person
	ages    *list.List // *person, the one whose first exposure is the oldest in front
	orders  map[uint64]*order
	queue   []*order // all in orders, in the order of the log
}

// tally is what one campaign's arms came to.
type tally struct {
	campaign string
	currency string // of the money; of the first purchase if the exposure did not say
	mixed    int64  // shoppers seen in both arms
	foreign  int64  // purchases in another currency: they count as conversions without money
	exposed  [arms]int64
	bought   [arms]int64
	refunded [arms]int64 // minor units taken back
	amounts  [arms]stats.Amounts
}

// person is an exposed shopper.
type person struct {
	hash      uint64        // clickstream.VisitorHash
	place     *list.Element // in trial.ages, nil once forgotten
	exposures []exposed
}

// exposed is a shopper's part in one campaign.
type exposed struct {
	campaign uint32
	arm      Arm
	mixed    bool
	at       int64 // Unix ms
	orders   int64 // within the window that were not wholly taken back
	brought  int64 // minor units
}

// order is a purchase of an exposed shopper that may still be taken back.
type order struct {
	key      uint64 // of its transaction
	buyer    *person
	at       int64 // Unix ms
	left     int64 // minor units
	currency string
	gone     bool // taken back wholly
	lines    []orderLine
}

type orderLine struct {
	item  uint64 // hash
	price int64  // of one
	left  int64  // pieces
}

const (
	maxExposures = 32 // campaigns of one shopper; further ones do not count
	maxCampaigns = 4096
)

func newTrial(name string) *trial {
	return &trial{
		name: name, numbers: map[string]uint32{}, people: map[uint64]*person{}, ages: list.New(), orders: map[uint64]*order{},
	}
}

// fact takes what is no exposure.
func (t *trial) fact(u *Uplift, f *clickstream.Fact) {
	if f.Clock > t.clock {
		t.clock = f.Clock
		n := 0
		for n < len(t.queue) && t.queue[n].at+u.keep < t.clock {
			t.close(t.queue[n])
			n++
		}
		clear(t.queue[:n])
		t.queue = t.queue[n:]
	}
	if f.Erase != nil {
		t.forget(u, f.Erase.Visitor)
	}
	e := f.Event
	if e == nil || e.Generated {
		return
	}
	switch e.Kind {
	case clickstream.Purchase:
		if !f.Repeat && !f.Bot {
			t.purchase(u, e)
		}
	case clickstream.Refund:
		t.refund(u, e)
	}
}

// expose counts a shopper's first exposure to a campaign, and takes out who was seen in both arms.
func (t *trial) expose(u *Uplift, e *clickstream.Event, x *Exposure) {
	number, ok := t.numbers[x.Campaign]
	if !ok {
		if len(t.tallies) == maxCampaigns {
			return
		}
		number = uint32(len(t.tallies))
		t.tallies = append(t.tallies, tally{campaign: x.Campaign, currency: x.Currency})
		t.numbers[x.Campaign] = number
	}
	hash := clickstream.VisitorHash(e.Visitor)
	p := t.people[hash]
	if p == nil {
		if len(t.people) >= u.cfg.Exposed {
			t.leave(t.ages.Front().Value.(*person))
		}
		p = &person{hash: hash}
		p.place = t.ages.PushBack(p)
		t.people[hash] = p
	}
	c := &t.tallies[number]
	for i := range p.exposures {
		had := &p.exposures[i]
		if had.campaign != number {
			continue
		}
		if had.arm != x.Arm && !had.mixed {
			c.remove(had)
			had.mixed, had.orders, had.brought = true, 0, 0
			c.mixed++
		}
		return
	}
	if len(p.exposures) < maxExposures {
		p.exposures = append(p.exposures, exposed{campaign: number, arm: x.Arm, at: e.Time})
		c.exposed[x.Arm]++
	}
}

// remove takes an exposure out of the sums.
func (c *tally) remove(x *exposed) {
	c.exposed[x.arm]--
	if x.orders > 0 {
		c.bought[x.arm]--
	}
	c.amounts[x.arm].Remove(x.brought)
}

// leave forgets a shopper; what was counted stays.
func (t *trial) leave(p *person) {
	t.ages.Remove(p.place)
	p.place = nil
	delete(t.people, p.hash)
}

// forget drops an erased shopper. What is in windows that are still open is taken out; sums over closed ones stay.
func (t *trial) forget(u *Uplift, hash uint64) {
	p := t.people[hash]
	if p == nil {
		return
	}
	for i := range p.exposures {
		if x := &p.exposures[i]; !x.mixed && x.at+u.window >= t.clock {
			t.tallies[x.campaign].remove(x)
		}
	}
	t.leave(p)
	for _, o := range t.queue {
		if o.buyer == p {
			o.buyer, o.lines = nil, nil
		}
	}
}

// close forgets an order that can no longer be taken back within a window.
func (t *trial) close(o *order) {
	if t.orders[o.key] == o {
		delete(t.orders, o.key)
	}
}

func (t *trial) purchase(u *Uplift, e *clickstream.Event) {
	p := t.people[clickstream.VisitorHash(e.Visitor)]
	if p == nil || !p.counts(u, e.Time) {
		return
	}
	o := orderOf(e)
	for i := range p.exposures {
		if x := &p.exposures[i]; x.counts(u, e.Time) {
			t.tallies[x.campaign].order(x, o)
		}
	}
	if e.Transaction == "" || e.Time+u.keep < t.clock {
		return
	}
	o.key, o.buyer = clickstream.VisitorHash(e.Transaction), p
	t.orders[o.key] = o
	t.queue = append(t.queue, o)
}

func (p *person) counts(u *Uplift, at int64) bool {
	for i := range p.exposures {
		if p.exposures[i].counts(u, at) {
			return true
		}
	}
	return false
}

// counts says whether something at this time follows the exposure within the window.
func (x *exposed) counts(u *Uplift, at int64) bool {
	return !x.mixed && at > x.at && at <= x.at+u.window
}

// order counts an order for an exposure.
func (c *tally) order(x *exposed, o *order) {
	if c.currency == "" {
		c.currency = o.currency
	}
	if x.orders++; x.orders == 1 {
		c.bought[x.arm]++
	}
	if c.currency != o.currency {
		c.foreign++
		return
	}
	c.change(x, o.left)
}

// change moves what an exposure brought.
func (c *tally) change(x *exposed, by int64) {
	a := &c.amounts[x.arm]
	a.Remove(x.brought)
	x.brought = max(0, min(x.brought+by, stats.MaxAmount))
	a.Add(x.brought)
}

// refund takes back what was bought: as Orders does, but within the windows only.
func (t *trial) refund(u *Uplift, e *clickstream.Event) {
	o := t.orders[clickstream.VisitorHash(e.Transaction)]
	if o == nil || o.gone || o.buyer == nil || o.buyer.place == nil || e.Transaction == "" {
		return
	}
	back := o.takeBack(e)
	for i := range o.buyer.exposures {
		x := &o.buyer.exposures[i]
		if !x.counts(u, o.at) || !x.counts(u, e.Time) {
			continue
		}
		c := &t.tallies[x.campaign]
		if o.gone {
			if x.orders--; x.orders == 0 {
				c.bought[x.arm]--
			}
		}
		if c.currency == o.currency {
			c.refunded[x.arm] += back
			c.change(x, -back)
		}
	}
}

// orderOf is a purchase as an order. Its value is what the event says, or else what its lines come to.
func orderOf(e *clickstream.Event) *order {
	o := &order{at: e.Time, left: min(e.Value, stats.MaxAmount), currency: strings.Clone(e.Currency)}
	sum := int64(0)
	for i := range e.Items {
		it := &e.Items[i]
		n, price := max(it.Quantity, 1), max(it.Price, 0)
		o.lines = append(o.lines, orderLine{clickstream.VisitorHash(it.ID), price, n})
		sum = min(sum+times(n, price), stats.MaxAmount)
	}
	if o.left <= 0 {
		o.left = sum
	}
	return o
}

// times is a·b of what is not negative, at most stats.MaxAmount.
func times(a, b int64) int64 {
	if b != 0 && a > math.MaxInt64/b {
		return stats.MaxAmount
	}
	return min(a*b, stats.MaxAmount)
}

// takeBack takes back the lines that a refund names, the amount if it names one, or else everything, and returns the money.
func (o *order) takeBack(e *clickstream.Event) int64 {
	before := o.left
	switch {
	case len(e.Items) > 0:
		for i := range e.Items {
			o.left -= o.takeItem(&e.Items[i])
		}
	case e.Value > 0 && e.Value < o.left:
		o.left -= e.Value
	default:
		o.left = 0
	}
	o.left = max(o.left, 0)
	o.gone = o.left == 0
	return before - o.left
}

func (o *order) takeItem(it *clickstream.Item) (money int64) {
	hash, n := clickstream.VisitorHash(it.ID), max(it.Quantity, 1)
	for i := range o.lines {
		l := &o.lines[i]
		if l.item != hash || n == 0 {
			continue
		}
		pieces := min(n, l.left)
		n -= pieces
		l.left -= pieces
		price := it.Price
		if price < 0 {
			price = l.price
		}
		money = min(money+times(pieces, price), stats.MaxAmount)
	}
	return money
}
