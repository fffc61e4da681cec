package demand

import (
	"io"
	"maps"
	"math"
	"slices"

	"beckon/clickstream/snapshot"
)

const (
	snapshotMagic   = 'd'
	snapshotVersion = 1
)

// Bounds of what a snapshot may say.
const (
	maxHour     = maxTime / hourMs
	maxPacked   = 1 << 15 // bytes of a series: 60 days, or 11 days of hours, at 27 bytes
	maxInMinute = 1 << 24
)

// Snapshot writes all sites. It is called by the goroutine that applies facts, so nothing changes meanwhile.
func (f *Fold) Snapshot(w io.Writer) error {
	return snapshot.SaveSites(w, snapshotMagic, snapshotVersion, f.sites, func(e *snapshot.Encoder, s *site) { s.save(e) })
}

// Restore reads what Snapshot wrote.
func (f *Fold) Restore(r io.Reader) error {
	sites, err := snapshot.LoadSites(r, snapshotMagic, snapshotVersion, func(d *snapshot.Decoder) *site {
		s := newSite(&f.cfg)
		s.load(d)
		return s
	})
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sites = sites
	return nil
}

func (s *site) save(e *snapshot.Encoder) {
	e.Int(s.clock)
	e.Uint(uint64(s.since))
	e.Text(s.currency.name)
	e.Uint(uint64(s.currency.lead))
	s.season.save(e)
	e.Uint(uint64(len(s.shelves)))
	for i := range s.shelves {
		e.Text(s.shelves[i].name)
		s.shelves[i].season.save(e)
	}
	e.Uint(uint64(len(s.items)))
	for i := range s.items {
		s.items[i].save(e)
	}
	s.minutes.save(e)
	s.exposed.save(e)
	s.orders.save(e)
}

func (s *site) load(d *snapshot.Decoder) {
	s.clock, s.since = d.Within(math.MaxInt64), int64(d.UpTo(maxTime))
	s.currency = vote{d.Text(), int64(d.UpTo(1 << 40))}
	s.season.load(d)
	for range d.Each(maxCategories) {
		sh := shelf{d.Text(), new(season)}
		sh.season.load(d)
		if _, twice := s.kinds[sh.name]; twice {
			d.Failf("category %q twice", sh.name)
		}
		s.kinds[sh.name] = uint32(len(s.shelves))
		s.shelves = append(s.shelves, sh)
	}
	for range d.Each(snapshot.MaxList) {
		var it item
		it.load(d, len(s.shelves))
		if _, twice := s.ids[it.name]; twice {
			d.Failf("item %q twice", it.name)
		}
		s.ids[it.name] = uint32(len(s.items))
		s.items = append(s.items, it)
	}
	s.minutes.load(d, len(s.items))
	s.exposed.load(d)
	s.orders.load(d, len(s.items))
	if d.Err() == nil {
		s.respot()
	}
}

func (it *item) save(e *snapshot.Encoder) {
	e.Text(it.name)
	e.Uint(uint64(it.open.at))
	e.Uint(uint64(it.open.views))
	e.Uint(uint64(it.open.carts))
	e.Uint(uint64(it.open.units))
	e.Uint(uint64(it.open.revenue))
	for _, s := range []*series{&it.hours, &it.days} {
		e.Uint(uint64(s.first))
		e.Uint(uint64(s.last))
		e.Bytes(s.packed)
	}
	e.Uint(uint64(it.first))
	e.Uint(uint64(it.lastSold))
	e.Uint(uint64(it.category))
	e.Uint(uint64(it.votes))
}

func (it *item) load(d *snapshot.Decoder, shelves int) {
	it.name = d.Text()
	it.open = cell{
		int32(d.UpTo(maxHour)), uint32(d.UpTo(math.MaxUint32)), uint32(d.UpTo(math.MaxUint32)), uint32(d.UpTo(math.MaxUint32)),
		int64(d.UpTo(maxRevenue)),
	}
	for _, s := range []*series{&it.hours, &it.days} {
		*s = series{first: int32(d.UpTo(maxHour)), last: int32(d.UpTo(maxHour)), packed: d.Bytes(maxPacked)}
		if d.Err() == nil && !s.check() {
			d.Failf("counts of %q", it.name)
		}
	}
	before := it.open.at
	if len(it.hours.packed) > 0 {
		if it.hours.last >= before {
			d.Failf("hours of %q", it.name)
		}
		before = it.hours.first
	}
	if len(it.days.packed) > 0 && it.days.last >= before/24 {
		d.Failf("days of %q", it.name)
	}
	it.first, it.lastSold = int32(d.UpTo(maxHour)), int32(d.UpTo(maxHour))
	it.category, it.votes = uint16(d.Count(shelves)), uint8(d.UpTo(maxVotes))
}

func (s *season) save(e *snapshot.Encoder) {
	e.Uint(uint64(s.first))
	for i := range s.weeks {
		w := &s.weeks[i]
		if *w == (week{}) {
			e.Uint(0)
			continue
		}
		e.Uint(1)
		e.Uint(uint64(w.number))
		for of := range w.views {
			e.Uint(uint64(w.views[of]))
			e.Uint(uint64(w.units[of]))
		}
	}
}

func (s *season) load(d *snapshot.Decoder) {
	s.first = int32(d.UpTo(maxHour))
	for i := range s.weeks {
		if d.Count(1) == 0 {
			continue
		}
		w := &s.weeks[i]
		w.number = int32(d.UpTo(maxHour))
		if int(w.number%seasonWeeks) != i {
			d.Failf("week %d at %d", w.number, i)
		}
		for of := range w.views {
			w.views[of], w.units[of] = uint32(d.UpTo(math.MaxUint32)), uint32(d.UpTo(math.MaxUint32))
		}
	}
}

func (r *minutes) save(e *snapshot.Encoder) {
	e.Uint(uint64(r.newest))
	for i := range r.ring {
		m := &r.ring[i]
		e.Uint(uint64(len(m.entries)))
		if len(m.entries) > 0 {
			e.Uint(uint64(m.number))
		}
		for _, n := range m.entries {
			e.Uint(uint64(n.id))
			e.Int(int64(n.views))
			e.Int(int64(n.carts))
			e.Int(int64(n.units))
		}
	}
}

func (r *minutes) load(d *snapshot.Decoder, items int) {
	r.newest = int64(d.UpTo(maxTime / minuteMs))
	for i := range r.ring {
		m := &r.ring[i]
		n := d.Count(minuteItems)
		if n == 0 {
			continue
		}
		m.number = int64(d.UpTo(maxTime / minuteMs))
		if int(m.number&(ringMinutes-1)) != i || m.number > r.newest || m.number <= r.newest-ringMinutes {
			d.Failf("minute %d at %d", m.number, i)
		}
		for ; n > 0 && d.Err() == nil; n-- {
			n := entry{
				uint32(d.Count(snapshot.MaxList)), int32(d.Within(maxInMinute)), int32(d.Within(maxInMinute)), int32(d.Within(maxInMinute)),
			}
			if int(n.id) >= items {
				d.Failf("minute of item %d", n.id)
			}
			m.entries = append(m.entries, n)
		}
	}
}

func (x *exposed) save(e *snapshot.Encoder) {
	e.Uint(uint64(len(x.visitors)))
	for _, who := range slices.Sorted(maps.Keys(x.visitors)) {
		e.Hash(who)
		e.Int(x.visitors[who].from)
		e.Int(x.visitors[who].until)
	}
	e.Uint(uint64(len(x.noted) - x.done))
	for _, n := range x.noted[x.done:] {
		e.Hash(n.visitor)
		e.Int(n.until)
	}
}

func (x *exposed) load(d *snapshot.Decoder) {
	for range d.Each(snapshot.MaxList) {
		if x.visitors == nil {
			x.visitors = map[uint64]stretch{}
		}
		x.visitors[d.Hash()] = stretch{d.Within(math.MaxInt64), d.Within(math.MaxInt64)}
	}
	for range d.Each(snapshot.MaxList) {
		x.noted = append(x.noted, exposure{d.Hash(), d.Within(math.MaxInt64)})
	}
}

func (o *orders) save(e *snapshot.Encoder) {
	e.Uint(uint64(o.next))
	e.Uint(uint64(len(o.ring)))
	for i := range o.ring {
		r := &o.ring[i]
		e.Hash(r.key)
		e.Hash(r.visitor)
		e.Uint(uint64(r.at))
		e.Uint(uint64(len(r.lines)))
		for _, l := range r.lines {
			e.Uint(uint64(l.id+1) & math.MaxUint32) // 0 for gone
			e.Uint(uint64(l.units))
			e.Uint(uint64(l.price))
		}
	}
}

func (o *orders) load(d *snapshot.Decoder, items int) {
	o.next = d.Count(snapshot.MaxList)
	for range d.Each(snapshot.MaxList) {
		r := order{key: d.Hash(), visitor: d.Hash(), at: int64(d.UpTo(maxTime))}
		for range d.Each(snapshot.MaxList) {
			r.lines = append(r.lines, line{uint32(d.Count(items)) - 1, int64(d.UpTo(1 << 20)), int64(d.UpTo(1 << 40))})
		}
		if o.place == nil {
			o.place = map[uint64]uint32{}
		}
		o.place[r.key] = uint32(len(o.ring))
		o.ring = append(o.ring, r)
	}
	if o.next > 0 && o.next >= len(o.ring) {
		d.Failf("next order %d of %d", o.next, len(o.ring))
	}
}
