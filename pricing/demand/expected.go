package demand

// Scored is an item with how many looked at it in a stretch of time and how many were to be expected.
type Scored struct {
	Item     string
	Views    int64
	Expected float64 // views
	Ratio    float64 // (views+20)/(expected+20)
	Z        float64 // standard deviations above what was expected; see Score
	Known    float64 // hours, weighted by age and season, that the expectation rests on
}

// The level of an item is what it had in the ten days before, an hour counting half as much as one a day later.
const (
	levelHours    = 240
	levelHalfLife = 24 // hours
	priorHours    = 1  // of the site's mean item: what an item starts with
)

// levelFading is never changed.
var levelFading = fading(levelHalfLife, levelHours)

// Scored appends items with their views in [from, to), Unix ms, and what the site's season and the item's own level before from let
// expect. It rounds like Sum; Expected is for the span as given. Unknown items have no views.
func (f *Fold) Scored(dst []Scored, site string, items []string, from, to int64) []Scored {
	from, to = within(from), within(to)
	p := f.profile(site, int32(to/hourMs))
	base := len(dst)
	for _, name := range items {
		dst = append(dst, Scored{Item: name, Ratio: 1})
	}
	if p == nil {
		return dst
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	s := f.sites[site]
	if s == nil || s.since == 0 {
		return dst
	}
	m := f.marks.Get().(*marks)
	defer f.marks.Put(m)
	m.begin(len(s.items))
	defer m.end()
	for _, name := range items {
		if id, known := s.ids[name]; known && m.at[id] == 0 {
			m.mark(id)
		}
	}
	at := s.span(from, to)
	tallies := s.tally(m, from, at)
	for i, name := range items {
		id, known := s.ids[name]
		it := &item{}
		var t tally
		if known {
			it = &s.items[id]
			place, _ := m.place(id)
			t = tallies[place]
			if !at.minutes {
				t.during = it.sum(int32(at.from), int32(at.to)).Views
			}
		}
		dst[base+i].Views = t.during
		dst[base+i].expect(p, it, s.since, t.before, from, to)
	}
	return dst
}

// tally is an item's views in the hour of from: before it, and in the span.
type tally struct{ before, during int64 }

// tally counts the marked items.
func (s *site) tally(m *marks, from int64, at span) []tally {
	out := make([]tally, len(m.met))
	first, end := from/hourMs*60, from/minuteMs
	if s.minutes.holds(first) {
		s.minutes.each(first, end, func(_ int64, e *entry) {
			if place, known := m.place(e.id); known {
				out[place].before += int64(e.views)
			}
		})
	}
	if at.minutes {
		s.minutes.each(at.from, at.to, func(_ int64, e *entry) {
			if place, known := m.place(e.id); known {
				out[place].during += int64(e.views)
			}
		})
	}
	return out
}

// expect fills in what was expected and the scores, from what happened since the site's first event. before is the item's views in the
// hour of from that lie before it.
func (x *Scored) expect(p *profile, it *item, since, before, from, to int64) {
	shape := p.of(it.category)
	hour := int32(from / hourMs)
	views, known := float64(before), 0.0
	if start := max(since, int64(hour)*hourMs); from > start {
		known, _ = shape.over(start, from)
	}
	weigh := func(c *cell) bool {
		if age := hour - 1 - c.at; age >= 0 && age < levelHours {
			views += levelFading[age] * float64(c.views)
		}
		return c.at < hour
	}
	it.hours.each(weigh)
	weigh(&it.open)
	for age := range int32(levelHours) {
		at := hour - 1 - age
		if end := int64(at+1) * hourMs; end <= since || at < 0 {
			break
		}
		share := 1.0
		if start := int64(at) * hourMs; start < since {
			share = float64(start+hourMs-since) / hourMs
		}
		_, b := bin(at)
		known += share * levelFading[age] * shape.views[b]
	}
	level := (priorHours*p.views + views) / (priorHours + known)
	looks, _ := shape.over(from, to)
	x.Known, x.Expected = known, level*looks
	x.Ratio, x.Z = Score(float64(x.Views), x.Expected)
}
