package now

import (
	"cmp"
	"encoding/binary"
	"io"
	"maps"
	"math"
	"slices"

	"beckon/clickstream"
	"beckon/clickstream/snapshot"
)

const (
	magic   = 'w'
	version = 1
)

// Snapshot writes all sites in the order of their names.
func (f *Fold) Snapshot(w io.Writer) error {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return snapshot.SaveSites(w, magic, version, f.sites, func(e *snapshot.Encoder, s *site) { s.save(e) })
}

// Restore reads what Snapshot wrote.
func (f *Fold) Restore(r io.Reader) error {
	sites, err := snapshot.LoadSites(r, magic, version, f.load)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sites = sites
	return nil
}

func (s *site) save(e *snapshot.Encoder) {
	e.Int(s.since)
	e.Uint(uint64(s.presence.newestSecond))
	s.minutes.save(e)
	e.Uint(uint64(len(s.purses)))
	for _, p := range s.purses {
		p.save(e)
	}
	for i := range s.seconds {
		e.Uint(uint64(s.seconds[i].people))
		e.Uint(uint64(s.seconds[i].machines))
	}
	for _, source := range s.presence.sources[1:otherSource] {
		e.Text(source)
	}
	s.visits.save(e)
	s.saveCarts(e)
	for _, one := range []*stream{&s.people, &s.machines} {
		one.events.save(e)
		one.visits.save(e)
	}
	s.searches.save(e)
	s.orders.save(e)
}

func (f *Fold) load(d *snapshot.Decoder) *site {
	s := newSite(&f.cfg, &f.agents)
	s.since = d.Within(maxTime)
	second := uint32(d.UpTo(math.MaxUint32))
	s.presence.newestSecond, s.presence.newestMinute = second, second/60
	s.minutes.load(d)
	for range d.Each(maxCurrencies) {
		p := loadPurse(d, s.minutes.newest)
		if s.knownPurse(p.currency) != nil {
			d.Failf("currency %q twice", p.currency)
		}
		s.purses = append(s.purses, p)
	}
	for i := range s.seconds {
		s.seconds[i] = second32(d)
	}
	for i := 1; i < otherSource; i++ {
		s.presence.sources[i] = d.Text()
	}
	s.loadVisits(d)
	s.loadCarts(d)
	for _, one := range []*stream{&s.people, &s.machines} {
		one.events.load(d)
		one.visits.load(d)
	}
	s.searches.load(d)
	s.orders.load(d)
	return s
}

func second32(d *snapshot.Decoder) second {
	return second{uint32(d.UpTo(math.MaxUint32)), uint32(d.UpTo(math.MaxUint32))}
}

// save writes the hours that there are, and of each the minutes in which something happened.
func (m *minutes) save(e *snapshot.Encoder) {
	e.Uint(uint64(m.newest))
	for number := m.newest - keepHours + 1; number <= m.newest; number++ {
		h := m.find(number)
		if h == nil {
			e.Uint(0)
			continue
		}
		some := uint64(0)
		for i := range h.cells {
			if h.cells[i] != (cell{}) {
				some |= 1 << i
			}
		}
		e.Uint(some)
		for i := range h.cells {
			if some&(1<<i) != 0 {
				for _, n := range h.cells[i].fields() {
					e.Uint(uint64(*n))
				}
			}
		}
	}
}

func (m *minutes) load(d *snapshot.Decoder) {
	m.newest = int32(d.UpTo(uint64(maxTime / hourMs)))
	for number := m.newest - keepHours + 1; number <= m.newest && d.Err() == nil; number++ {
		some := d.UpTo(1<<60 - 1)
		if some == 0 {
			continue
		}
		h := &hour{number: number}
		m.ring[number&(hoursRing-1)] = h
		for i := range h.cells {
			if some&(1<<i) != 0 {
				for _, n := range h.cells[i].fields() {
					*n = uint32(d.UpTo(math.MaxUint32))
				}
			}
		}
	}
}

func (p *purse) save(e *snapshot.Encoder) {
	e.Text(p.currency)
	hours := 0
	for _, h := range p.ring {
		if h != nil {
			hours++
		}
	}
	e.Uint(uint64(hours))
	all := slices.DeleteFunc(slices.Clone(p.ring[:]), func(h *takings) bool { return h == nil })
	slices.SortFunc(all, func(a, b *takings) int { return cmp.Compare(a.number, b.number) })
	for _, h := range all {
		e.Uint(uint64(h.number))
		for i := range h.sums {
			e.Int(h.sums[i].revenue)
			e.Int(h.sums[i].refunded)
			e.Uint(uint64(h.sums[i].orders))
		}
	}
}

func loadPurse(d *snapshot.Decoder, newest int32) *purse {
	p := &purse{currency: d.Text()}
	if len(p.currency) > 3 {
		d.Failf("currency %q", p.currency)
	}
	for range d.Each(keepHours) {
		h := &takings{number: int32(d.UpTo(uint64(maxTime / hourMs)))}
		if h.number > newest || h.number <= newest-keepHours || p.find(h.number) != nil {
			d.Failf("takings of the hour %d", h.number)
			break
		}
		for i := range h.sums {
			h.sums[i] = sum{d.Int(), d.Int(), uint32(d.UpTo(math.MaxUint32))}
		}
		p.ring[h.number&(hoursRing-1)] = h
	}
	return p
}

// visitBytes is a visit in a snapshot: its part and what the table holds of it.
const visitBytes = 17

// save writes the visits in the order of their keys.
func (t *table) save(e *snapshot.Encoder) {
	e.Uint(uint64(t.count))
	var b [visitBytes]byte
	for part := range t.parts {
		for i := range t.parts[part].slots {
			v := &t.parts[part].slots[i]
			if !v.taken() {
				continue
			}
			b[0] = byte(part)
			binary.LittleEndian.PutUint32(b[1:], v.hash)
			binary.LittleEndian.PutUint32(b[5:], v.start)
			binary.LittleEndian.PutUint32(b[9:], v.last)
			binary.LittleEndian.PutUint32(b[13:], uint32(v.bits))
			e.Fixed(b[:])
		}
	}
}

// loadVisits reads the visits, and counts those who are there by them.
func (s *site) loadVisits(d *snapshot.Decoder) {
	var b [visitBytes]byte
	before, beforePart := visit{}, 0
	for i := range d.Each(math.MaxInt32) {
		d.Fixed(b[:])
		if d.Err() != nil {
			return
		}
		part := int(b[0])
		v := visit{
			binary.LittleEndian.Uint32(b[1:]), binary.LittleEndian.Uint32(b[5:]), binary.LittleEndian.Uint32(b[9:]),
			bits(binary.LittleEndian.Uint32(b[13:])),
		}
		if i > 0 && cmp.Or(cmp.Compare(beforePart, part), before.compare(&v)) >= 0 {
			d.Failf("visits out of order")
			return
		}
		if v.bits&1023 >= secondMs || int(v.stage()) >= Stages || v.bits&(1<<22) != 0 || !v.taken() || v.last < v.start || v.last > s.presence.newestSecond {
			d.Failf("a visit that cannot be")
			return
		}
		before, beforePart = v, part
		s.visits.insert(&s.visits.parts[part], v)
		s.presence.following[v.source()]++
		if !v.older() {
			s.presence.add(&v, plus)
		}
	}
}

func (s *site) saveCarts(e *snapshot.Encoder) {
	e.Uint(uint64(len(s.presence.carts)))
	for _, c := range s.presence.carts {
		e.Text(c.currency)
	}
	e.Uint(uint64(len(s.carts)))
	for _, hash := range slices.Sorted(maps.Keys(s.carts)) {
		c := s.carts[hash]
		e.Hash(hash)
		e.Uint(uint64(c.minute))
		e.Uint(uint64(c.currency))
		e.Uint(uint64(len(c.lines)))
		for _, l := range c.lines {
			e.Hash(l.item)
			e.Uint(uint64(l.price))
			e.Uint(uint64(l.quantity))
		}
	}
}

func (s *site) loadCarts(d *snapshot.Decoder) {
	for range d.Each(maxCurrencies) {
		s.presence.carts = append(s.presence.carts, &cartCrowd{currency: d.Text()})
	}
	for range d.Each(math.MaxInt32) {
		hash := d.Hash()
		c := &cart{minute: uint32(d.UpTo(uint64(s.presence.newestMinute)))}
		c.currency = uint8(d.UpTo(maxCurrencies - 1))
		for range d.Each(maxLines) {
			l := line{d.Hash(), int64(d.UpTo(maxPrice)), int64(d.UpTo(maxQuantity))}
			c.lines = append(c.lines, l)
			c.value += l.price * l.quantity
		}
		c.value = min(c.value, maxValue)
		if int(c.currency) >= len(s.presence.carts) || len(c.lines) == 0 || s.carts[hash] != nil {
			d.Failf("a cart that cannot be")
			return
		}
		s.carts[hash] = c
		s.presence.addCart(c, plus)
	}
}

func (n *notes) save(e *snapshot.Encoder) {
	e.Uint(uint64(len(n.list)))
	for i := range n.list { // the oldest first
		one := &n.list[(n.next+i)%len(n.list)]
		e.Uint(one.seq)
		e.Hash(one.hash)
		e.Uint(uint64(one.at))
		e.Int(one.value)
		e.Uint(uint64(one.kind))
		e.Flags(one.late, one.machine)
		e.Uint(uint64(one.items))
		for i := range noteTexts {
			e.Text(one.part(i))
		}
	}
}

func (n *notes) load(d *snapshot.Decoder) {
	for range d.Each(n.bound) {
		one := note{seq: d.Uint(), hash: d.Hash(), at: int64(d.UpTo(uint64(maxTime))), value: d.Int(), kind: clickstream.Kind(d.UpTo(uint64(clickstream.SupportMessage)))}
		d.Flags(&one.late, &one.machine)
		one.items = uint16(d.UpTo(math.MaxUint16))
		for i := range noteTexts {
			one.text = append(one.text, cut(d.Text())...)
			one.ends[i] = uint16(len(one.text))
		}
		n.list = append(n.list, one)
	}
}

// save writes the visits, the one that had something longest ago first.
func (g *guests) save(e *snapshot.Encoder) {
	e.Uint(uint64(len(g.list)))
	for at := g.back; at > 0; at = g.list[at-1].nearer {
		v := &g.list[at-1]
		e.Hash(v.hash)
		e.Uint(uint64(v.start))
		e.Uint(uint64(v.last))
		e.Uint(uint64(v.events))
		for _, t := range [][]byte{v.visitor, v.item, v.page} {
			e.Bytes(t)
		}
	}
}

func (g *guests) load(d *snapshot.Decoder) {
	for range d.Each(g.bound) {
		v := guest{hash: d.Hash(), start: int64(d.UpTo(uint64(maxTime))), last: int64(d.UpTo(uint64(maxTime))), events: uint32(d.UpTo(math.MaxUint32))}
		for _, t := range []*[]byte{&v.visitor, &v.item, &v.page} {
			*t = d.Bytes(maxNoteText)
		}
		if d.Err() == nil && g.find(v.hash) > 0 {
			d.Failf("a visitor twice among the newest")
		}
		if d.Err() != nil {
			return
		}
		g.list = append(g.list, v)
		at := uint8(len(g.list))
		g.enter(v.hash, at)
		g.list[at-1].hash = v.hash
		g.link(at)
	}
}

func (s *searches) save(e *snapshot.Encoder) {
	e.Uint(uint64(len(s.list)))
	for i := range s.list {
		one := &s.list[(s.next+i)%len(s.list)]
		e.Hash(one.hash)
		e.Uint(uint64(one.at))
		e.Bytes(one.term)
	}
}

func (s *searches) load(d *snapshot.Decoder) {
	for range d.Each(keepSearches) {
		s.list = append(s.list, search{d.Hash(), int64(d.UpTo(uint64(maxTime))), d.Bytes(4 * maxTerm)})
	}
}
