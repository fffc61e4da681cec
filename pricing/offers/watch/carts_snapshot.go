package watch

import (
	"io"
	"math"
	"slices"

	"beckon/clickstream"
	"beckon/clickstream/snapshot"
)

const (
	cartsMagic   = 'c'
	cartsVersion = 1
)

// Snapshot writes all sites in the order of their names, and of each the shoppers and histories in the order in which they are to be
// forgotten.
func (c *Carts) Snapshot(w io.Writer) error {
	return writeSites(w, cartsMagic, cartsVersion, &c.mu, c.sites, (*site).save)
}

// Restore reads what Snapshot wrote.
func (c *Carts) Restore(r io.Reader) error {
	sites, err := readSites(r, cartsMagic, cartsVersion, loadSite, func(st *site) string { return st.name })
	if err != nil {
		return err
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

func (st *site) save(e *snapshot.Encoder) {
	e.Text(st.name)
	e.Int(st.clock)
	e.Uint(uint64(len(st.shoppers)))
	for _, p := range st.ages.places[st.ages.head:] {
		if !p.s.gone {
			e.Int(p.at)
			p.s.save(e)
		}
	}
	e.Uint(uint64(st.historic.Len()))
	for at := st.historic.Front(); at != nil; at = at.Next() {
		at.Value.(*history).save(e)
	}
}

func loadSite(d *snapshot.Decoder) *site {
	st := newSite(d.Text())
	st.clock = d.Int()
	for range d.Each(math.MaxInt32) {
		at := d.Int()
		s := loadShopper(d)
		if d.Err() != nil {
			break
		}
		if st.shoppers[s.hash] != nil {
			d.Failf("visitor %q twice", s.name)
		}
		st.ages.places = append(st.ages.places, place{s, at})
		st.shoppers[s.hash] = s
	}
	for range d.Each(math.MaxInt32) {
		h := loadHistory(d)
		if d.Err() != nil {
			break
		}
		if st.histories[h.hash] != nil {
			d.Failf("history of %q twice", h.name)
		}
		h.place = st.historic.PushBack(h)
		st.histories[h.hash] = h
	}
	return st
}

func (s *shopper) save(e *snapshot.Encoder) {
	e.Text(s.name)
	e.Int(s.floor)
	e.Int(s.last)
	if s.base == nil {
		(&episode{}).save(e)
	} else {
		s.base.save(e)
	}
	e.Uint(uint64(len(s.acts)))
	for i := range s.acts {
		a := &s.acts[i]
		e.Int(a.at)
		e.Uint(uint64(a.kind))
		switch a.kind {
		case add, remove, state:
			saveLines(e, a.said.currency, a.said.lines)
		}
	}
}

func loadShopper(d *snapshot.Decoder) *shopper {
	s := &shopper{name: d.Text(), floor: d.Int(), last: d.Int()}
	if base := loadEpisode(d); base.begun() {
		s.base = &base
	}
	s.hash = clickstream.VisitorHash(s.name)
	n := d.Count(maxActs)
	if n > 0 {
		s.acts = make([]act, n)
	}
	for i := range s.acts {
		a := &s.acts[i]
		a.at, a.kind = d.Int(), actKind(d.UpTo(uint64(actKinds-1)))
		switch a.kind {
		case add, remove, state:
			a.said = new(said)
			if a.said.currency, a.said.lines = loadLines(d); a.lines() == 0 {
				d.Failf("an act of the cart without lines")
			}
		}
		if i > 0 && a.at < s.acts[i-1].at {
			d.Failf("acts out of order")
		}
		s.kept += int32(a.lines())
	}
	if n > 0 {
		s.first, s.top = s.acts[0].at, s.acts[n-1].at
	}
	if s.kept > maxKept {
		d.Failf("%d lines", s.kept)
	}
	return s
}

func (p *episode) save(e *snapshot.Encoder) {
	e.Int(p.start)
	if !p.begun() {
		return
	}
	e.Int(p.last)
	e.Uint(uint64(p.views))
	e.Uint(uint64(p.afterSearch))
	e.Uint(uint64(p.addViews))
	e.Uint(uint64(p.addAfterSearch))
	e.Flags(p.searched, p.added, p.addSearched, p.checkout, p.answered)
	saveLines(e, p.currency, p.lines)
}

func loadEpisode(d *snapshot.Decoder) (p episode) {
	if p.start = d.Int(); !p.begun() {
		return p
	}
	p.last = d.Int()
	for _, n := range []*int{&p.views, &p.afterSearch, &p.addViews, &p.addAfterSearch} {
		*n = int(d.UpTo(math.MaxInt32))
	}
	d.Flags(&p.searched, &p.added, &p.addSearched, &p.checkout, &p.answered)
	p.currency, p.lines = loadLines(d)
	return p
}

// saveLines writes a list; of one that is not empty the currency follows.
func saveLines(e *snapshot.Encoder, currency [3]byte, lines []Line) {
	e.Uint(uint64(len(lines)))
	if len(lines) == 0 {
		return
	}
	e.Fixed(currency[:])
	for _, l := range lines {
		e.Text(l.Item)
		e.Uint(uint64(l.Quantity))
		e.Int(l.Price)
	}
}

func loadLines(d *snapshot.Decoder) (currency [3]byte, lines []Line) {
	n := d.Count(maxLines)
	if n == 0 {
		return currency, nil
	}
	d.Fixed(currency[:])
	lines = make([]Line, n)
	for i := range lines {
		l := &lines[i]
		l.Item, l.Quantity, l.Price = d.Text(), int64(d.UpTo(maxQuantity)), d.Int()
		if l.Quantity == 0 || l.Price < clickstream.NoPrice {
			d.Failf("a line of %d at %d", l.Quantity, l.Price)
		}
	}
	return currency, lines
}

func (h *history) save(e *snapshot.Encoder) {
	e.Text(h.name)
	e.Int(h.last)
	e.Int(h.full)
	e.Uint(uint64(len(h.abandoned)))
	for _, at := range h.abandoned {
		e.Int(at)
	}
	e.Uint(uint64(len(h.offers)))
	for i := range h.offers {
		o := &h.offers[i]
		e.Text(o.id)
		e.Int(o.at)
		e.Int(o.until)
		e.Flags(o.used, o.seen)
	}
}

func loadHistory(d *snapshot.Decoder) *history {
	h := &history{name: d.Text(), last: d.Int(), full: d.Int()}
	h.hash = clickstream.VisitorHash(h.name)
	for range d.Each(maxAbandoned) {
		h.abandoned = append(h.abandoned, d.Int())
	}
	if !slices.IsSorted(h.abandoned) {
		d.Failf("abandoned carts out of order")
	}
	for range d.Each(maxGiven) {
		o := given{id: d.Text(), at: d.Int(), until: d.Int()}
		d.Flags(&o.used, &o.seen)
		h.offers = append(h.offers, o)
	}
	return h
}
