package demand

import (
	"io"
	"maps"
	"math"
	"slices"
)

// Bounds of what a snapshot may say.
const (
	maxEntries  = 1 << 28
	maxHour     = maxTime / hourMs
	maxPacked   = 1 << 15 // bytes of a series: 60 days, or 11 days of hours, at 27 bytes
	maxInMinute = 1 << 24
)

// Snapshot writes all sites. It is called by the goroutine that applies facts, so nothing changes meanwhile.
func (f *Fold) Snapshot(w io.Writer) error {
	e := newEncoder(w)
	for _, name := range slices.Sorted(maps.Keys(f.sites)) {
		e.uint(1)
		e.string(name)
		f.sites[name].save(e)
	}
	e.uint(0)
	return e.w.Flush()
}

// Restore reads what Snapshot wrote.
func (f *Fold) Restore(r io.Reader) error {
	d := newDecoder(r)
	sites := map[string]*site{}
	for d.count(1) == 1 && d.err == nil {
		name := d.string()
		if _, twice := sites[name]; twice {
			d.fail("site %q twice", name)
		}
		s := newSite(&f.cfg)
		s.load(d)
		sites[name] = s
	}
	if err := d.end(); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sites = sites
	return nil
}

func (s *site) save(e *encoder) {
	e.int(s.clock)
	e.uint(uint64(s.since))
	e.string(s.currency.name)
	e.uint(uint64(s.currency.lead))
	s.season.save(e)
	e.uint(uint64(len(s.shelves)))
	for i := range s.shelves {
		e.string(s.shelves[i].name)
		s.shelves[i].season.save(e)
	}
	e.uint(uint64(len(s.items)))
	for i := range s.items {
		s.items[i].save(e)
	}
	s.minutes.save(e)
	s.exposed.save(e)
	s.orders.save(e)
}

func (s *site) load(d *decoder) {
	s.clock, s.since = d.within(math.MaxInt64), int64(d.upTo(maxTime))
	s.currency = vote{d.string(), int64(d.upTo(1 << 40))}
	s.season.load(d)
	for n := d.count(maxCategories); n > 0 && d.err == nil; n-- {
		sh := shelf{d.string(), new(season)}
		sh.season.load(d)
		if _, twice := s.kinds[sh.name]; twice {
			d.fail("category %q twice", sh.name)
		}
		s.kinds[sh.name] = uint32(len(s.shelves))
		s.shelves = append(s.shelves, sh)
	}
	for n := d.count(maxEntries); n > 0 && d.err == nil; n-- {
		var it item
		it.load(d, len(s.shelves))
		if _, twice := s.ids[it.name]; twice {
			d.fail("item %q twice", it.name)
		}
		s.ids[it.name] = uint32(len(s.items))
		s.items = append(s.items, it)
	}
	s.minutes.load(d, len(s.items))
	s.exposed.load(d)
	s.orders.load(d, len(s.items))
	if d.err == nil {
		s.respot()
	}
}

func (it *item) save(e *encoder) {
	e.string(it.name)
	e.uint(uint64(it.open.at))
	e.uint(uint64(it.open.views))
	e.uint(uint64(it.open.carts))
	e.uint(uint64(it.open.units))
	e.uint(uint64(it.open.revenue))
	for _, s := range []*series{&it.hours, &it.days} {
		e.uint(uint64(s.first))
		e.uint(uint64(s.last))
		e.bytes(s.packed)
	}
	e.uint(uint64(it.first))
	e.uint(uint64(it.lastSold))
	e.uint(uint64(it.category))
	e.uint(uint64(it.votes))
}

func (it *item) load(d *decoder, shelves int) {
	it.name = d.string()
	it.open = cell{
		int32(d.upTo(maxHour)), uint32(d.upTo(math.MaxUint32)), uint32(d.upTo(math.MaxUint32)), uint32(d.upTo(math.MaxUint32)),
		int64(d.upTo(maxRevenue)),
	}
	for _, s := range []*series{&it.hours, &it.days} {
		*s = series{first: int32(d.upTo(maxHour)), last: int32(d.upTo(maxHour)), packed: d.take(d.count(maxPacked))}
		if d.err == nil && !s.check() {
			d.fail("counts of %q", it.name)
		}
	}
	before := it.open.at
	if len(it.hours.packed) > 0 {
		if it.hours.last >= before {
			d.fail("hours of %q", it.name)
		}
		before = it.hours.first
	}
	if len(it.days.packed) > 0 && it.days.last >= before/24 {
		d.fail("days of %q", it.name)
	}
	it.first, it.lastSold = int32(d.upTo(maxHour)), int32(d.upTo(maxHour))
	it.category, it.votes = uint16(d.count(shelves)), uint8(d.upTo(maxVotes))
}

func (s *season) save(e *encoder) {
	e.uint(uint64(s.first))
	for i := range s.weeks {
		w := &s.weeks[i]
		if *w == (week{}) {
			e.uint(0)
			continue
		}
		e.uint(1)
		e.uint(uint64(w.number))
		for of := range w.views {
			e.uint(uint64(w.views[of]))
			e.uint(uint64(w.units[of]))
		}
	}
}

func (s *season) load(d *decoder) {
	s.first = int32(d.upTo(maxHour))
	for i := range s.weeks {
		if d.count(1) == 0 {
			continue
		}
		w := &s.weeks[i]
		w.number = int32(d.upTo(maxHour))
		if int(w.number%seasonWeeks) != i {
			d.fail("week %d at %d", w.number, i)
		}
		for of := range w.views {
			w.views[of], w.units[of] = uint32(d.upTo(math.MaxUint32)), uint32(d.upTo(math.MaxUint32))
		}
	}
}

func (r *minutes) save(e *encoder) {
	e.uint(uint64(r.newest))
	for i := range r.ring {
		m := &r.ring[i]
		e.uint(uint64(len(m.entries)))
		if len(m.entries) > 0 {
			e.uint(uint64(m.number))
		}
		for _, n := range m.entries {
			e.uint(uint64(n.id))
			e.int(int64(n.views))
			e.int(int64(n.carts))
			e.int(int64(n.units))
		}
	}
}

func (r *minutes) load(d *decoder, items int) {
	r.newest = int64(d.upTo(maxTime / minuteMs))
	for i := range r.ring {
		m := &r.ring[i]
		n := d.count(minuteItems)
		if n == 0 {
			continue
		}
		m.number = int64(d.upTo(maxTime / minuteMs))
		if int(m.number&(ringMinutes-1)) != i || m.number > r.newest || m.number <= r.newest-ringMinutes {
			d.fail("minute %d at %d", m.number, i)
		}
		for ; n > 0 && d.err == nil; n-- {
			n := entry{
				uint32(d.count(maxEntries)), int32(d.within(maxInMinute)), int32(d.within(maxInMinute)), int32(d.within(maxInMinute)),
			}
			if int(n.id) >= items {
				d.fail("minute of item %d", n.id)
			}
			m.entries = append(m.entries, n)
		}
	}
}

func (x *exposed) save(e *encoder) {
	e.uint(uint64(len(x.visitors)))
	for _, who := range slices.Sorted(maps.Keys(x.visitors)) {
		e.hash(who)
		e.int(x.visitors[who].from)
		e.int(x.visitors[who].until)
	}
	e.uint(uint64(len(x.noted) - x.done))
	for _, n := range x.noted[x.done:] {
		e.hash(n.visitor)
		e.int(n.until)
	}
}

func (x *exposed) load(d *decoder) {
	for n := d.count(maxEntries); n > 0 && d.err == nil; n-- {
		if x.visitors == nil {
			x.visitors = map[uint64]stretch{}
		}
		x.visitors[d.hash()] = stretch{d.within(math.MaxInt64), d.within(math.MaxInt64)}
	}
	for n := d.count(maxEntries); n > 0 && d.err == nil; n-- {
		x.noted = append(x.noted, exposure{d.hash(), d.within(math.MaxInt64)})
	}
}

func (o *orders) save(e *encoder) {
	e.uint(uint64(o.next))
	e.uint(uint64(len(o.ring)))
	for i := range o.ring {
		r := &o.ring[i]
		e.hash(r.key)
		e.hash(r.visitor)
		e.uint(uint64(r.at))
		e.uint(uint64(len(r.lines)))
		for _, l := range r.lines {
			e.uint(uint64(l.id+1) & math.MaxUint32) // 0 for gone
			e.uint(uint64(l.units))
			e.uint(uint64(l.price))
		}
	}
}

func (o *orders) load(d *decoder, items int) {
	o.next = d.count(maxEntries)
	for n := d.count(maxEntries); n > 0 && d.err == nil; n-- {
		r := order{key: d.hash(), visitor: d.hash(), at: int64(d.upTo(maxTime))}
		for n := d.count(maxEntries); n > 0 && d.err == nil; n-- {
			r.lines = append(r.lines, line{uint32(d.count(items)) - 1, int64(d.upTo(1 << 20)), int64(d.upTo(1 << 40))})
		}
		if o.place == nil {
			o.place = map[uint64]uint32{}
		}
		o.place[r.key] = uint32(len(o.ring))
		o.ring = append(o.ring, r)
	}
	if o.next > 0 && o.next >= len(o.ring) {
		d.fail("next order %d of %d", o.next, len(o.ring))
	}
}
