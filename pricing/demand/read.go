package demand

import (
	"slices"
	"strings"
)

// ItemCounts is an item with its counts.
type ItemCounts struct {
	Item string
	Counts
}

// Clock is the newest watermark of a site's facts, Unix ms; 0 for a site that is not known. Events up to it, less the lateness that
// the site allows, are counted.
func (f *Fold) Clock(site string) int64 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if s := f.sites[site]; s != nil {
		return s.clock
	}
	return 0
}

// Since is the time of a site's first counted event, Unix ms; 0 if there was none.
func (f *Fold) Since(site string) int64 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if s := f.sites[site]; s != nil {
		return s.since
	}
	return 0
}

// span is a stretch of time as the site can tell it: by the minute while its first minute is in the ring, rounded outward to whole
// hours otherwise, and to whole UTC days where an item has those only. Whole hours are always told by hours, which know revenue.
type span struct {
	from, to int64 // minutes or hours since 1970, to is not in it
	minutes  bool
}

func (s *site) span(from, to int64) span {
	from, to = within(from), within(to)
	whole := from%hourMs == 0 && to%hourMs == 0
	if first := from / minuteMs; !whole && s.minutes.holds(first) {
		return span{first, (to + minuteMs - 1) / minuteMs, true}
	}
	return span{from / hourMs, (to + hourMs - 1) / hourMs, false}
}

// find is an item, nil if it is not known.
func (s *site) find(name string) *item {
	if id, known := s.ids[name]; known {
		return &s.items[id]
	}
	return nil
}

// sum is what an item has in the hours [from, to).
func (it *item) sum(from, to int32) (out Counts) {
	if it.open.at >= from && it.open.at < to {
		out = it.open.counts()
	}
	out.Add(it.hours.sum(from, to))
	out.Add(it.days.sum(from/24, (to+23)/24))
	return out
}

// Sum is what was done with an item in [from, to), Unix ms. Bounds are rounded outward to what is kept: minutes for the last two hours,
// hours for ten days, UTC days for sixty.
func (f *Fold) Sum(site, item string, from, to int64) (out Counts) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	s := f.sites[site]
	if s == nil {
		return out
	}
	id, ok := s.ids[item]
	if !ok {
		return out
	}
	at := s.span(from, to)
	if !at.minutes {
		return s.items[id].sum(int32(at.from), int32(at.to))
	}
	s.minutes.each(at.from, at.to, func(_ int64, e *entry) {
		if e.id == id {
			out.Views, out.Carts, out.Units = out.Views+int64(e.views), out.Carts+int64(e.carts), out.Units+int64(e.units)
		}
	})
	return out
}

// itemsPerLock bounds how long walking through all items keeps the writer waiting: some tens of microseconds.
const itemsPerLock = 128

// Slot appends what was done in [from, to) with every item that was looked at, put into a cart or bought in it, in order of item.
// It rounds like Sum. Items that are forgotten while it walks may be missing.
func (f *Fold) Slot(dst []ItemCounts, site string, from, to int64) []ItemCounts {
	f.mu.RLock()
	s := f.sites[site]
	var at span
	if s != nil {
		if at = s.span(from, to); at.minutes {
			dst = f.slotOfMinutes(dst, s, at)
		}
	}
	f.mu.RUnlock()
	if s != nil && !at.minutes {
		dst = f.slotOfHours(dst, site, int32(at.from), int32(at.to))
	}
	slices.SortFunc(dst, func(a, b ItemCounts) int { return strings.Compare(a.Item, b.Item) })
	return dst
}

func (f *Fold) slotOfMinutes(dst []ItemCounts, s *site, at span) []ItemCounts {
	m := f.marks.Get().(*marks)
	defer f.marks.Put(m)
	m.begin(len(s.items))
	defer m.end()
	base := len(dst)
	s.minutes.each(at.from, at.to, func(_ int64, e *entry) {
		i, known := m.place(e.id)
		if !known {
			m.mark(e.id)
			dst = append(dst, ItemCounts{Item: s.items[e.id].name})
		}
		dst[base+i].Add(Counts{int64(e.views), int64(e.carts), int64(e.units), 0})
	})
	return dst
}

// marks numbers the items of one question in the order in which it meets them: a map would take most of an answer's time.
type marks struct {
	at  []uint32 // by item number: 1 + its place, 0 none
	met []uint32
}

func (m *marks) begin(items int) {
	if items > len(m.at) {
		m.at = make([]uint32, items+items/4)
	}
}

func (m *marks) place(id uint32) (place int, known bool) {
	if at := m.at[id]; at > 0 {
		return int(at) - 1, true
	}
	return len(m.met), false
}

func (m *marks) mark(id uint32) {
	m.met = append(m.met, id)
	m.at[id] = uint32(len(m.met))
}

func (m *marks) end() {
	for _, id := range m.met {
		m.at[id] = 0
	}
	m.met = m.met[:0]
}

func (f *Fold) slotOfHours(dst []ItemCounts, site string, from, to int32) []ItemCounts {
	for next := 0; ; {
		f.mu.RLock()
		s := f.sites[site]
		if s == nil { // another state was restored meanwhile
			f.mu.RUnlock()
			return dst
		}
		end := min(next+itemsPerLock, len(s.items))
		for ; next < end; next++ {
			it := &s.items[next]
			if c := it.sum(from, to); c != (Counts{}) {
				dst = append(dst, ItemCounts{it.name, c})
			}
		}
		done := end >= len(s.items)
		f.mu.RUnlock()
		if done {
			return dst
		}
	}
}

// Days appends an item's counts of the n UTC days before the one that holds until, oldest first. Days before the site's first event
// are left out, so the answer may be shorter; n is at most 59.
func (f *Fold) Days(dst []Counts, site, item string, until int64, n int) []Counts {
	f.mu.RLock()
	defer f.mu.RUnlock()
	s := f.sites[site]
	if s == nil {
		return dst
	}
	last := int32(within(until) / dayMs)
	first := max(last-int32(min(n, keepDays-1)), int32((s.since+dayMs-1)/dayMs))
	it := s.find(item)
	base := len(dst)
	for day := first; day < last; day++ {
		dst = append(dst, Counts{})
	}
	if it == nil || first >= last {
		return dst
	}
	note := func(day int32, c *cell) {
		if day >= first && day < last {
			dst[base+int(day-first)].Add(c.counts())
		}
	}
	it.days.each(func(c *cell) bool { note(c.at, c); return true })
	it.hours.each(func(c *cell) bool { note(c.at/24, c); return true })
	note(it.open.at/24, &it.open)
	return dst
}

// Life is when an item was first and last wanted, Unix ms of the beginning of the hour, 0 for never.
type Life struct{ First, Seen, Sold int64 }

// Life says when an item was first and last wanted.
func (f *Fold) Life(site, item string) Life {
	f.mu.RLock()
	defer f.mu.RUnlock()
	s := f.sites[site]
	if s == nil {
		return Life{}
	}
	it := s.find(item)
	if it == nil {
		return Life{}
	}
	return Life{int64(it.first) * hourMs, int64(it.open.at) * hourMs, int64(it.lastSold) * hourMs}
}

// within keeps a time where hours are counted: 1970 to 9999.
func within(at int64) int64 { return min(max(at, 0), maxTime) }

// Tells says whether the counts of exactly [from, to) are kept: whole minutes of the last two hours, whole hours of the last KeepDays
// UTC days, whole UTC days before.
func (f *Fold) Tells(site string, from, to int64) bool {
	f.mu.RLock()
	defer f.mu.RUnlock()
	s := f.sites[site]
	if s == nil || from < 0 || to <= from || to > maxTime {
		return false
	}
	whole := func(unit int64) bool { return from%unit == 0 && to%unit == 0 }
	today := s.minutes.newest * minuteMs / dayMs
	switch day := from / dayMs; {
	case day <= today-keepDays:
		return false
	case day < today-int64(s.cfg.KeepDays):
		return whole(dayMs)
	}
	return whole(hourMs) || whole(minuteMs) && s.minutes.holds(from/minuteMs)
}
