package watch

import (
	"io"
	"math"

	"beckon/clickstream/snapshot"
	"beckon/pricing/offers/stats"
)

const (
	upliftMagic   = 'u'
	upliftVersion = 1
)

// Snapshot writes all sites in the order of their names.
func (u *Uplift) Snapshot(w io.Writer) error {
	return writeSites(w, upliftMagic, upliftVersion, u.mu.RLocker(), u.trials, (*trial).save)
}

// Restore reads what Snapshot wrote.
func (u *Uplift) Restore(r io.Reader) error {
	trials, err := readSites(r, upliftMagic, upliftVersion, loadTrial, func(t *trial) string { return t.name })
	if err != nil {
		return err
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

func (t *trial) save(e *snapshot.Encoder) {
	e.Text(t.name)
	e.Int(t.clock)
	e.Uint(uint64(len(t.tallies)))
	for i := range t.tallies {
		t.tallies[i].save(e)
	}
	e.Uint(uint64(t.ages.Len()))
	for at := t.ages.Front(); at != nil; at = at.Next() {
		p := at.Value.(*person)
		e.Hash(p.hash)
		e.Uint(uint64(len(p.exposures)))
		for i := range p.exposures {
			x := &p.exposures[i]
			e.Uint(uint64(x.campaign))
			e.Flags(x.arm == HoldoutArm, x.mixed)
			e.Int(x.at)
			e.Uint(uint64(x.orders))
			e.Uint(uint64(x.brought))
		}
	}
	open := t.open()
	e.Uint(uint64(len(open)))
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

func loadTrial(d *snapshot.Decoder) *trial {
	t := newTrial(d.Text())
	t.clock = d.Int()
	for i := range d.Each(maxCampaigns) {
		t.tallies = append(t.tallies, loadTally(d))
		name := t.tallies[i].campaign
		if _, twice := t.numbers[name]; twice {
			d.Failf("campaign %q twice", name)
		}
		t.numbers[name] = uint32(i)
	}
	for range d.Each(math.MaxInt32) {
		p := &person{hash: d.Hash()}
		for range d.Each(maxExposures) {
			x := exposed{campaign: uint32(d.Uint())}
			holdout := false
			d.Flags(&holdout, &x.mixed)
			if holdout {
				x.arm = HoldoutArm
			}
			x.at, x.orders, x.brought = d.Int(), int64(d.UpTo(math.MaxInt32)), int64(d.UpTo(stats.MaxAmount))
			if int(x.campaign) >= len(t.tallies) {
				d.Failf("campaign %d of %d", x.campaign, len(t.tallies))
			}
			p.exposures = append(p.exposures, x)
		}
		if d.Err() != nil {
			return t
		}
		if t.people[p.hash] != nil {
			d.Failf("shopper twice")
		}
		p.place = t.ages.PushBack(p)
		t.people[p.hash] = p
	}
	for range d.Each(math.MaxInt32) {
		o := loadOrder(d, t)
		if d.Err() != nil {
			return t
		}
		if t.orders[o.key] != nil {
			d.Failf("order twice")
		}
		t.orders[o.key] = o
		t.queue = append(t.queue, o)
	}
	return t
}

func (c *tally) save(e *snapshot.Encoder) {
	e.Text(c.campaign)
	e.Text(c.currency)
	e.Uint(uint64(c.mixed))
	e.Uint(uint64(c.foreign))
	for arm := range arms {
		e.Uint(uint64(c.exposed[arm]))
		e.Uint(uint64(c.bought[arm]))
		e.Uint(uint64(c.refunded[arm]))
		e.Uint(uint64(c.amounts[arm].Len()))
		c.amounts[arm].Each(func(b stats.Bucket) {
			e.Uint(uint64(b.Index))
			e.Uint(uint64(b.N))
			e.Uint(uint64(b.Sum))
			e.Uint(b.Square[0])
			e.Uint(b.Square[1])
		})
	}
}

func loadTally(d *snapshot.Decoder) (c tally) {
	number := func() int64 { return int64(d.UpTo(math.MaxInt64)) }
	c.campaign, c.currency = d.Text(), d.Text()
	c.mixed, c.foreign = number(), number()
	for arm := range arms {
		c.exposed[arm], c.bought[arm], c.refunded[arm] = number(), number(), number()
		for range d.Each(stats.Buckets) {
			b := stats.Bucket{Index: int(d.UpTo(stats.Buckets)), N: number(), Sum: number(), Square: [2]uint64{d.Uint(), d.Uint()}}
			if !c.amounts[arm].Put(b) {
				d.Failf("bucket %d of %d amounts", b.Index, b.N)
			}
		}
	}
	return c
}

func (o *order) save(e *snapshot.Encoder) {
	e.Hash(o.key)
	e.Hash(o.buyer.hash)
	e.Int(o.at)
	e.Uint(uint64(o.left))
	e.Text(o.currency)
	e.Uint(uint64(len(o.lines)))
	for _, l := range o.lines {
		e.Hash(l.item)
		e.Uint(uint64(l.price))
		e.Uint(uint64(l.left))
	}
}

func loadOrder(d *snapshot.Decoder, t *trial) *order {
	o := &order{key: d.Hash()}
	o.buyer = t.people[d.Hash()]
	o.at, o.left, o.currency = d.Int(), int64(d.UpTo(stats.MaxAmount)), d.Text()
	if o.buyer == nil {
		d.Failf("an order of nobody")
	}
	for range d.Each(math.MaxInt32) {
		o.lines = append(o.lines, orderLine{d.Hash(), int64(d.UpTo(math.MaxInt64)), int64(d.UpTo(math.MaxInt64))})
	}
	return o
}
