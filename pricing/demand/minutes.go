package demand

// minutes is the counts of the last two hours by the minute, all items of a minute together.
//
// Bounds: a minute holds minuteItems entries; what needs another one is not counted there (it still is in its hour). With
// 16 bytes an entry a site's minutes take at most 64 MB; those of a shop with 1,000 items looked at each minute take 2 MB.
type minutes struct {
	ring   [ringMinutes]minute // minute m at m modulo the length
	newest int64               // minute since 1970
}

// minute is what happened in one; an item may stand in it more than once.
type minute struct {
	number  int64 // since 1970; with entries only
	entries []entry
}

// entry is an item with what was done with it. Units fall below 0 when a refund comes: entries of an item are added up.
type entry struct {
	id                  uint32
	views, carts, units int32
}

// spot is where an item stands in the newest minute.
type spot struct {
	minute int64
	place  uint32 // 1 + its index, 0 none
}

const (
	ringMinutes = 128
	minuteItems = 1 << 15
	minuteMs    = 60_000
	hourMs      = 3600_000
	dayMs       = 24 * hourMs
)

// add counts d for item id. sp is the item's spot.
func (r *minutes) add(id uint32, at int64, d Counts, sp *spot) {
	if at > r.newest {
		r.advance(at)
	}
	if at <= r.newest-ringMinutes {
		return
	}
	m := &r.ring[at&(ringMinutes-1)]
	m.number = at
	if at == r.newest && sp.place > 0 && sp.minute == at {
		e := &m.entries[sp.place-1]
		e.views, e.carts, e.units = movedBy(e.views, d.Views), movedBy(e.carts, d.Carts), movedBy(e.units, d.Units)
		return
	}
	if len(m.entries) == minuteItems {
		return
	}
	m.entries = append(m.entries, entry{id, movedBy(0, d.Views), movedBy(0, d.Carts), movedBy(0, d.Units)})
	if at == r.newest {
		*sp = spot{at, uint32(len(m.entries))}
	}
}

// movedBy keeps counts so far below the bounds of int32 that those of an hour add up.
func movedBy(v int32, by int64) int32 { return int32(min(max(int64(v)+by, -1<<24), 1<<24)) }

// advance empties the minutes that the newest one pushes out.
func (r *minutes) advance(at int64) {
	for m := max(r.newest+1, at-ringMinutes+1); m <= at; m++ {
		b := &r.ring[m&(ringMinutes-1)]
		if cap(b.entries) > 4*len(b.entries)+64 { // a rush long ago needs no room for ever
			b.entries = nil
		}
		b.number, b.entries = 0, b.entries[:0]
	}
	r.newest = at
}

// holds says whether all of the minutes [from, to) can be told.
func (r *minutes) holds(from int64) bool { return from > r.newest-ringMinutes }

// each calls f with the entries of the minutes [from, to).
func (r *minutes) each(from, to int64, f func(at int64, e *entry)) {
	for at := max(from, r.newest-ringMinutes+1); at < min(to, r.newest+1); at++ {
		m := &r.ring[at&(ringMinutes-1)]
		if m.number != at {
			continue
		}
		for i := range m.entries {
			f(at, &m.entries[i])
		}
	}
}

// renumber replaces item numbers, dropping those that map to gone.
func (r *minutes) renumber(renumbered []uint32) {
	for i := range r.ring {
		m := &r.ring[i]
		kept := m.entries[:0]
		for _, e := range m.entries {
			if e.id = renumbered[e.id]; e.id != gone {
				kept = append(kept, e)
			}
		}
		m.entries = kept
	}
}

// gone marks an item that a renumbering drops.
const gone = ^uint32(0)
