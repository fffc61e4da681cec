package demand

import (
	"cmp"
	"slices"
	"strings"

	"beckon/clickstream"
	"beckon/clickstream/snapshot"
)

// site is one shop's demand.
type site struct {
	cfg   *Config
	clock int64 // Unix ms: the highest watermark that a fact brought
	since int64 // Unix ms of the first counted event, 0 before it

	ids   map[string]uint32
	items []item // by item number

	minutes  minutes
	season   season
	kinds    map[string]uint32 // number of a category in shelves
	shelves  []shelf
	exposed  exposed
	orders   orders
	currency vote // that revenue is counted in
}

// item is what is kept of one. Hours wait in open while they are the newest and are packed then: an item that is looked at each hour
// for sixty days takes about a kilobyte, one that is looked at each day a quarter of that.
type item struct {
	name     string
	open     cell   // its newest hour
	hours    series // before it, of KeepDays whole days and the present one
	days     series // before those
	spot     spot
	first    int32 // hour of its first view, cart or purchase
	lastSold int32 // hour of its newest purchase, 0 never
	category uint16
	votes    uint8
}

// shelf is a category of the site.
type shelf struct {
	name   string
	season *season // apart, so that names lie together
}

const (
	keepDays      = 60 // days that are counted
	maxCategories = 512
	maxVotes      = 16
)

func newSite(cfg *Config) *site {
	return &site{cfg: cfg, ids: map[string]uint32{}, kinds: map[string]uint32{}, exposed: exposed{limit: cfg.Exposed}}
}

func (s *site) viewed(e *clickstream.Event) {
	for i := range e.Items {
		s.count(s.intern(&e.Items[i]), e.Time, Counts{Views: 1})
	}
}

func (s *site) carted(e *clickstream.Event) {
	for i := range e.Items {
		s.count(s.intern(&e.Items[i]), e.Time, Counts{Carts: 1})
	}
}

func (s *site) bought(e *clickstream.Event) {
	s.currency.cast(e.Currency)
	ours := s.currency.name == e.Currency
	var lines []line
	for i := range e.Items {
		l := line{units: max(e.Items[i].Quantity, 1)}
		if ours {
			l.price = max(e.Items[i].Price, 0)
		}
		l.id = s.intern(&e.Items[i])
		s.count(l.id, e.Time, Counts{Units: l.units, Revenue: l.units * l.price})
		s.items[l.id].lastSold = max(s.items[l.id].lastSold, int32(e.Time/hourMs))
		if e.Transaction != "" {
			lines = append(lines, l)
		}
	}
	if e.Transaction != "" {
		s.orders.remember(e, lines, s.cfg.Orders)
	}
}

// refund takes back what a remembered transaction has left of the named items, or of all.
func (s *site) refund(e *clickstream.Event) {
	o := s.orders.find(e.Transaction)
	if o == nil {
		return
	}
	if len(e.Items) == 0 {
		if e.Value > 0 && e.Value < o.value() {
			return // money back for things that stay sold
		}
		for i := range o.lines {
			s.takeBack(o, &o.lines[i], o.lines[i].units)
		}
		return
	}
	for i := range e.Items {
		id, known := s.ids[e.Items[i].ID]
		left := max(e.Items[i].Quantity, 1)
		for j := range o.lines {
			if l := &o.lines[j]; known && l.id == id {
				n := min(left, l.units)
				s.takeBack(o, l, n)
				left -= n
			}
		}
	}
}

func (s *site) takeBack(o *order, l *line, units int64) {
	if units > 0 && l.id != gone {
		l.units -= units
		s.count(l.id, o.at, Counts{Units: -units, Revenue: -units * l.price})
	}
}

// count adds d to an item at a time, which may lie before what was counted already.
func (s *site) count(id uint32, at int64, d Counts) {
	it := &s.items[id]
	hour := int32(at / hourMs)
	if hour == it.open.at {
		it.open.add(d)
	} else if !it.away(hour, d, s.cfg.KeepDays) {
		return
	}
	if s.since == 0 || at < s.since {
		s.since = at
	}
	s.minutes.add(id, at/minuteMs, d, &it.spot)
	s.season.add(hour, d)
	if it.category != 0 {
		s.shelves[it.category-1].season.add(hour, d)
	}
}

// away counts d in another hour than the open one. It says false when that is too long ago to be kept.
func (it *item) away(hour int32, d Counts, whole int) bool {
	if hour > it.open.at {
		it.hours.push(&it.open)
		it.open = cell{at: hour}
		it.open.add(d)
		if it.first == 0 {
			it.first = hour
		}
		it.fold(whole)
		return true
	}
	day, today := hour/24, it.open.at/24
	if day <= today-keepDays {
		return false
	}
	if it.first == 0 || hour < it.first {
		it.first = hour
	}
	if day < today-int32(whole) {
		it.days.change(day, d)
	} else {
		it.hours.change(hour, d)
	}
	return true
}

// fold makes days of the hours that are older than the whole days to be kept, and drops the days that are too old.
func (it *item) fold(whole int) {
	today := it.open.at / 24
	if oldest := (today - int32(whole)) * 24; len(it.hours.packed) > 0 && it.hours.first < oldest {
		var day cell
		it.hours.cut(oldest, func(c *cell) {
			if c.at/24 != day.at {
				it.days.push(&day)
				day = cell{at: c.at / 24}
			}
			day.add(c.counts())
		})
		it.days.push(&day)
	}
	if len(it.days.packed) > 0 && it.days.first <= today-keepDays {
		it.days.cut(today-keepDays+1, func(*cell) {})
	}
}

func (s *site) intern(from *clickstream.Item) uint32 {
	id, ok := s.ids[from.ID]
	if !ok {
		if len(s.items) >= s.cfg.Items {
			s.shrink()
		}
		name := strings.Clone(from.ID)
		id = uint32(len(s.items))
		s.items = append(s.items, item{name: name})
		s.ids[name] = id
	}
	if from.Category != "" {
		s.shelve(&s.items[id], from.Category)
	}
	return id
}

// shelve notes an item's category. Where events disagree the majority of the latest counts (Boyer and Moore's vote, bounded so that
// a new category needs at most maxVotes events). Beyond maxCategories new ones are not noted.
func (s *site) shelve(it *item, category string) {
	if it.category != 0 && s.shelves[it.category-1].name == category {
		it.votes = min(it.votes+1, maxVotes)
		return
	}
	if len(category) > snapshot.MaxText {
		return
	}
	if it.category != 0 && it.votes > 1 {
		it.votes--
		return
	}
	number, ok := s.kinds[category]
	if !ok {
		if len(s.shelves) == maxCategories {
			return
		}
		category = strings.Clone(category)
		number = uint32(len(s.shelves))
		s.kinds[category] = number
		s.shelves = append(s.shelves, shelf{category, new(season)})
	}
	it.category, it.votes = uint16(number+1), maxVotes/2
}

// vote is the value that most of what came had, while one has the majority (Boyer and Moore).
type vote struct {
	name string
	lead int64
}

func (v *vote) cast(name string) {
	switch {
	case v.name == name && v.lead > 0:
		v.lead = min(v.lead+1, 1<<40)
	case v.lead > 1:
		v.lead--
	default:
		v.name, v.lead = strings.Clone(name), 1
	}
}

// shrink forgets the eighth of the items that is wanted least, to make room.
func (s *site) shrink() {
	want := make([]int64, len(s.items))
	order := make([]uint32, len(s.items))
	for id := range s.items {
		it := &s.items[id]
		c := it.open.counts()
		c.Add(it.hours.sum(0, it.open.at))
		c.Add(it.days.sum(0, it.open.at))
		want[id], order[id] = c.Views+20*c.Units, uint32(id)
	}
	slices.SortFunc(order, func(a, b uint32) int { return cmp.Or(cmp.Compare(want[b], want[a]), cmp.Compare(a, b)) })
	keep := len(order) - max(1, len(order)/8)
	renumbered := make([]uint32, len(s.items))
	for _, id := range order[keep:] {
		renumbered[id] = gone
	}
	kept := make([]item, 0, len(s.items))
	s.ids = make(map[string]uint32, keep)
	for id := range s.items {
		if renumbered[id] == gone {
			continue
		}
		renumbered[id] = uint32(len(kept))
		s.ids[s.items[id].name] = renumbered[id]
		it := s.items[id]
		it.spot = spot{}
		kept = append(kept, it)
	}
	s.items = kept
	s.minutes.renumber(renumbered)
	s.orders.renumber(renumbered)
	s.respot()
}

// respot finds where items stand in the newest minute.
func (s *site) respot() {
	m := &s.minutes.ring[s.minutes.newest&(ringMinutes-1)]
	for i := range m.entries {
		s.items[m.entries[i].id].spot = spot{s.minutes.newest, uint32(i + 1)}
	}
}
