package watch

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"beckon/clickstream"
)

const (
	cartsMagic   = 'c'
	cartsVersion = 1
)

// Snapshot writes all sites in the order of their names, and of each the shoppers and histories in the order in which they are to be
// forgotten.
func (c *Carts) Snapshot(w io.Writer) error {
	e := newEncoder(cartsMagic, cartsVersion)
	c.mu.Lock()
	e.uint(uint64(len(c.sites)))
	for _, name := range slices.Sorted(maps.Keys(c.sites)) {
		c.sites[name].save(e)
	}
	c.mu.Unlock()
	if _, err := w.Write(e.b); err != nil {
		return fmt.Errorf("snapshot of carts: %w", err)
	}
	return nil
}

// Restore reads what Snapshot wrote.
func (c *Carts) Restore(r io.Reader) error {
	d := newDecoder(r, cartsMagic, cartsVersion)
	sites := map[string]*site{}
	before := ""
	for i := range d.count(math.MaxInt32) {
		st := d.site()
		if i > 0 && st.name <= before {
			d.fail("site %q after %q", st.name, before)
		}
		before = st.name
		sites[st.name] = st
	}
	if err := d.end(); err != nil {
		return fmt.Errorf("restore carts: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sites, c.newest, c.waiting = sites, nil, nil
	for name, st := range sites {
		for len(st.shoppers) > c.cfg.Shoppers {
			st.leave(st.ages.oldest())
		}
		for len(st.histories) > c.cfg.Remembered {
			st.unlearn(st.historic.Front().Value.(*history))
		}
		st.watch(c.watched[name])
	}
	return nil
}

func (st *site) save(e *encoder) {
	e.text(st.name)
	e.int(st.clock)
	e.uint(uint64(len(st.shoppers)))
	for _, p := range st.ages.places[st.ages.head:] {
		if !p.s.gone {
			e.int(p.at)
			p.s.save(e)
		}
	}
	e.uint(uint64(st.historic.Len()))
	for at := st.historic.Front(); at != nil; at = at.Next() {
		at.Value.(*history).save(e)
	}
}

func (d *decoder) site() *site {
	st := newSite(d.text())
	st.clock = d.int()
	for range d.count(math.MaxInt32) {
		at := d.int()
		s := d.shopper()
		if d.err != nil {
			break
		}
		if st.shoppers[s.hash] != nil {
			d.fail("visitor %q twice", s.name)
		}
		st.ages.places = append(st.ages.places, place{s, at})
		st.shoppers[s.hash] = s
	}
	for range d.count(math.MaxInt32) {
		h := d.history()
		if d.err != nil {
			break
		}
		if st.histories[h.hash] != nil {
			d.fail("history of %q twice", h.name)
		}
		h.place = st.historic.PushBack(h)
		st.histories[h.hash] = h
	}
	return st
}

func (s *shopper) save(e *encoder) {
	e.text(s.name)
	e.int(s.floor)
	e.int(s.last)
	if s.base == nil {
		(&episode{}).save(e)
	} else {
		s.base.save(e)
	}
	e.uint(uint64(len(s.acts)))
	for i := range s.acts {
		a := &s.acts[i]
		e.int(a.at)
		e.uint(uint64(a.kind))
		switch a.kind {
		case add, remove, state:
			e.lines(a.said.currency, a.said.lines)
		}
	}
}

func (d *decoder) shopper() *shopper {
	s := &shopper{name: d.text(), floor: d.int(), last: d.int()}
	if base := d.episode(); base.begun() {
		s.base = &base
	}
	s.hash = clickstream.VisitorHash(s.name)
	n := d.count(maxActs)
	if n > 0 {
		s.acts = make([]act, n)
	}
	for i := range s.acts {
		a := &s.acts[i]
		a.at, a.kind = d.int(), actKind(d.most(uint64(actKinds-1)))
		switch a.kind {
		case add, remove, state:
			a.said = new(said)
			if a.said.currency, a.said.lines = d.lines(); a.lines() == 0 {
				d.fail("an act of the cart without lines")
			}
		}
		if i > 0 && a.at < s.acts[i-1].at {
			d.fail("acts out of order")
		}
		s.kept += int32(a.lines())
	}
	if n > 0 {
		s.first, s.top = s.acts[0].at, s.acts[n-1].at
	}
	if s.kept > maxKept {
		d.fail("%d lines", s.kept)
	}
	return s
}

func (p *episode) save(e *encoder) {
	e.int(p.start)
	if !p.begun() {
		return
	}
	e.int(p.last)
	e.uint(uint64(p.views))
	e.uint(uint64(p.afterSearch))
	e.uint(uint64(p.addViews))
	e.uint(uint64(p.addAfterSearch))
	e.flags(p.searched, p.added, p.addSearched, p.checkout, p.answered)
	e.lines(p.currency, p.lines)
}

func (d *decoder) episode() (p episode) {
	if p.start = d.int(); !p.begun() {
		return p
	}
	p.last = d.int()
	for _, n := range []*int{&p.views, &p.afterSearch, &p.addViews, &p.addAfterSearch} {
		*n = int(d.most(math.MaxInt32))
	}
	d.flags(&p.searched, &p.added, &p.addSearched, &p.checkout, &p.answered)
	p.currency, p.lines = d.lines()
	return p
}

// lines are a list; of one that is not empty the currency follows.
func (e *encoder) lines(currency [3]byte, lines []Line) {
	e.uint(uint64(len(lines)))
	if len(lines) == 0 {
		return
	}
	e.b = append(e.b, currency[:]...)
	for _, l := range lines {
		e.text(l.Item)
		e.uint(uint64(l.Quantity))
		e.int(l.Price)
	}
}

func (d *decoder) lines() (currency [3]byte, lines []Line) {
	n := d.count(maxLines)
	if n == 0 || len(d.b) < len(currency) {
		if n > 0 {
			d.fail("currency")
		}
		return currency, nil
	}
	d.b = d.b[copy(currency[:], d.b):]
	lines = make([]Line, n)
	for i := range lines {
		l := &lines[i]
		l.Item, l.Quantity, l.Price = d.text(), int64(d.most(maxQuantity)), d.int()
		if l.Quantity == 0 || l.Price < clickstream.NoPrice {
			d.fail("a line of %d at %d", l.Quantity, l.Price)
		}
	}
	return currency, lines
}

func (h *history) save(e *encoder) {
	e.text(h.name)
	e.int(h.last)
	e.int(h.full)
	e.uint(uint64(len(h.abandoned)))
	for _, at := range h.abandoned {
		e.int(at)
	}
	e.uint(uint64(len(h.offers)))
	for i := range h.offers {
		o := &h.offers[i]
		e.text(o.id)
		e.int(o.at)
		e.int(o.until)
		e.flags(o.used, o.seen)
	}
}

func (d *decoder) history() *history {
	h := &history{name: d.text(), last: d.int(), full: d.int()}
	h.hash = clickstream.VisitorHash(h.name)
	for range d.count(maxAbandoned) {
		h.abandoned = append(h.abandoned, d.int())
	}
	if !slices.IsSorted(h.abandoned) {
		d.fail("abandoned carts out of order")
	}
	for range d.count(maxGiven) {
		o := given{id: d.text(), at: d.int(), until: d.int()}
		d.flags(&o.used, &o.seen)
		h.offers = append(h.offers, o)
	}
	return h
}
