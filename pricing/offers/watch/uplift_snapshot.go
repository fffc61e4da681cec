package watch

import (
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"beckon/pricing/offers/stats"
)

const (
	upliftMagic   = 'u'
	upliftVersion = 1
)

// Snapshot writes all sites in the order of their names.
func (u *Uplift) Snapshot(w io.Writer) error {
	e := newEncoder(upliftMagic, upliftVersion)
	u.mu.RLock()
	e.uint(uint64(len(u.trials)))
	for _, name := range slices.Sorted(maps.Keys(u.trials)) {
		u.trials[name].save(e)
	}
	u.mu.RUnlock()
	if _, err := w.Write(e.b); err != nil {
		return fmt.Errorf("snapshot of uplift: %w", err)
	}
	return nil
}

// Restore reads what Snapshot wrote.
func (u *Uplift) Restore(r io.Reader) error {
	d := newDecoder(r, upliftMagic, upliftVersion)
	trials := map[string]*trial{}
	before := ""
	for i := range d.count(math.MaxInt32) {
		t := d.trial()
		if i > 0 && t.name <= before {
			d.fail("site %q after %q", t.name, before)
		}
		before = t.name
		trials[t.name] = t
	}
	if err := d.end(); err != nil {
		return fmt.Errorf("restore uplift: %w", err)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.trials, u.newest = trials, nil
	for _, t := range trials {
		for len(t.people) > u.cfg.Exposed {
			t.leave(t.ages.Front().Value.(*person))
		}
	}
	return nil
}

func (t *trial) save(e *encoder) {
	e.text(t.name)
	e.int(t.clock)
	e.uint(uint64(len(t.tallies)))
	for i := range t.tallies {
		t.tallies[i].save(e)
	}
	e.uint(uint64(t.ages.Len()))
	for at := t.ages.Front(); at != nil; at = at.Next() {
		p := at.Value.(*person)
		e.hash(p.hash)
		e.uint(uint64(len(p.exposures)))
		for i := range p.exposures {
			x := &p.exposures[i]
			e.uint(uint64(x.campaign))
			e.flags(x.arm == HoldoutArm, x.mixed)
			e.int(x.at)
			e.uint(uint64(x.orders))
			e.uint(uint64(x.brought))
		}
	}
	open := t.open()
	e.uint(uint64(len(open)))
	for _, o := range open {
		o.save(e)
	}
}

// open are the orders that a refund can still find and whose buyer is known.
func (t *trial) open() []*order {
	var open []*order
	for _, o := range t.queue {
		if t.orders[o.key] == o && o.buyer != nil && o.buyer.place != nil && !o.gone {
			open = append(open, o)
		}
	}
	return open
}

func (d *decoder) trial() *trial {
	t := newTrial(d.text())
	t.clock = d.int()
	for i := range d.count(maxCampaigns) {
		t.tallies = append(t.tallies, d.tally())
		name := t.tallies[i].campaign
		if _, twice := t.numbers[name]; twice {
			d.fail("campaign %q twice", name)
		}
		t.numbers[name] = uint32(i)
	}
	for range d.count(math.MaxInt32) {
		p := &person{hash: d.hash()}
		for range d.count(maxExposures) {
			x := exposed{campaign: uint32(d.uint())}
			holdout := false
			d.flags(&holdout, &x.mixed)
			if holdout {
				x.arm = HoldoutArm
			}
			x.at, x.orders, x.brought = d.int(), int64(d.most(math.MaxInt32)), int64(d.most(stats.MaxAmount))
			if int(x.campaign) >= len(t.tallies) {
				d.fail("campaign %d of %d", x.campaign, len(t.tallies))
			}
			p.exposures = append(p.exposures, x)
		}
		if d.err != nil {
			return t
		}
		if t.people[p.hash] != nil {
			d.fail("shopper twice")
		}
		p.place = t.ages.PushBack(p)
		t.people[p.hash] = p
	}
	for range d.count(math.MaxInt32) {
		o := d.order(t)
		if d.err != nil {
			return t
		}
		if t.orders[o.key] != nil {
			d.fail("order twice")
		}
		t.orders[o.key] = o
		t.queue = append(t.queue, o)
	}
	return t
}

func (c *tally) save(e *encoder) {
	e.text(c.campaign)
	e.text(c.currency)
	e.uint(uint64(c.mixed))
	e.uint(uint64(c.foreign))
	for arm := range arms {
		e.uint(uint64(c.exposed[arm]))
		e.uint(uint64(c.bought[arm]))
		e.uint(uint64(c.refunded[arm]))
		e.uint(uint64(c.amounts[arm].Len()))
		c.amounts[arm].Each(func(b stats.Bucket) {
			e.uint(uint64(b.Index))
			e.uint(uint64(b.N))
			e.uint(uint64(b.Sum))
			e.uint(b.Square[0])
			e.uint(b.Square[1])
		})
	}
}

func (d *decoder) tally() (c tally) {
	number := func() int64 { return int64(d.most(math.MaxInt64)) }
	c.campaign, c.currency = d.text(), d.text()
	c.mixed, c.foreign = number(), number()
	for arm := range arms {
		c.exposed[arm], c.bought[arm], c.refunded[arm] = number(), number(), number()
		for range d.count(stats.Buckets) {
			b := stats.Bucket{Index: int(d.most(stats.Buckets)), N: number(), Sum: number(), Square: [2]uint64{d.uint(), d.uint()}}
			if !c.amounts[arm].Put(b) {
				d.fail("bucket %d of %d amounts", b.Index, b.N)
			}
		}
	}
	return c
}

func (o *order) save(e *encoder) {
	e.hash(o.key)
	e.hash(o.buyer.hash)
	e.int(o.at)
	e.uint(uint64(o.left))
	e.text(o.currency)
	e.uint(uint64(len(o.lines)))
	for _, l := range o.lines {
		e.hash(l.item)
		e.uint(uint64(l.price))
		e.uint(uint64(l.left))
	}
}

func (d *decoder) order(t *trial) *order {
	o := &order{key: d.hash()}
	o.buyer = t.people[d.hash()]
	o.at, o.left, o.currency = d.int(), int64(d.most(stats.MaxAmount)), d.text()
	if o.buyer == nil {
		d.fail("an order of nobody")
	}
	for range d.count(math.MaxInt32) {
		o.lines = append(o.lines, orderLine{d.hash(), int64(d.most(math.MaxInt64)), int64(d.most(math.MaxInt64))})
	}
	return o
}

// hash is 8 bytes, little endian.
func (e *encoder) hash(v uint64) { e.b = binary.LittleEndian.AppendUint64(e.b, v) }

func (d *decoder) hash() uint64 {
	if len(d.b) < 8 {
		d.fail("a hash of %d bytes", len(d.b))
		return 0
	}
	v := binary.LittleEndian.Uint64(d.b)
	d.b = d.b[8:]
	return v
}
