package demand

import (
	"math"
	"sync/atomic"
)

// profile is the season of a site and its categories as answers use it: made from whole hours, at most once an hour, never changed.
type profile struct {
	hour  int32 // made of the hours before
	site  shape
	shelf []shape // by category number
	all   float64 // views of all items in an average hour
	views float64 // of an item: the mean over the site's items
	units float64
}

// shape is a week in 168 hours, Monday 0:00 UTC first.
type shape struct {
	views [weekHours]float64 // against the average hour
	buys  [weekHours]float64 // units a view against the average view
}

// What a bin's own counts must outweigh, in events.
const (
	viewsWeight = 20
	unitsWeight = 50
	weekFading  = 0.85 // of a week against the next
)

// profiles keeps the newest profile of each site.
type profiles struct {
	bySite atomic.Pointer[map[string]*profile]
}

// profile is the site's as of an hour, nil for a site that is not known. Two readers that come first both make it.
func (f *Fold) profile(name string, hour int32) *profile {
	known := f.profiles.bySite.Load()
	if known != nil {
		if p := (*known)[name]; p != nil && p.hour >= hour {
			return p
		}
	}
	p := f.makeProfile(name, hour)
	if p == nil {
		return nil
	}
	fresh := map[string]*profile{name: p}
	if known != nil {
		for other, of := range *known {
			if other != name {
				fresh[other] = of
			}
		}
	}
	f.profiles.bySite.CompareAndSwap(known, &fresh) // another's that came between is as good
	return p
}

func (f *Fold) makeProfile(name string, hour int32) *profile {
	f.mu.RLock()
	s := f.sites[name]
	if s == nil {
		f.mu.RUnlock()
		return nil
	}
	season, items := s.season, len(s.items)
	p := &profile{hour: hour, shelf: make([]shape, len(s.shelves))}
	f.mu.RUnlock()
	var flat shape
	for b := range flat.views {
		flat.views[b], flat.buys[b] = 1, 1
	}
	views, units := season.shape(hour, &flat, &p.site)
	p.all, p.views, p.units = views, views/float64(max(items, 1)), units/float64(max(items, 1))
	for i := range p.shelf {
		f.mu.RLock()
		if i < len(s.shelves) {
			season = *s.shelves[i].season
		}
		f.mu.RUnlock()
		season.shape(hour, &p.site, &p.shelf[i])
	}
	return p
}

// bins is counts with the hours in which they were made.
type bins struct {
	views, units, hours [weekHours]float64
}

// gather weighs the weeks before an hour, the newest at 1.
func (s *season) gather(hour int32, out *bins) {
	last, _ := bin(hour)
	weight := 1.0
	for number := last; number > last-seasonWeeks && number >= 0; number-- {
		w := &s.weeks[number%seasonWeeks]
		for b := range weekHours {
			at := number*weekHours + int32(b) - mondayHours
			if at < s.first || at >= hour {
				continue
			}
			out.hours[b] += weight
			if w.number == number {
				out.views[b] += weight * float64(w.views[b])
				out.units[b] += weight * float64(w.units[b])
			}
		}
		weight *= weekFading
	}
}

// shape makes the profile of the weeks before an hour from a prior: for views the prior times what hours of the day, days of the week
// and single hours did against it, each shrunk to 1 by viewsWeight events (the mean of a Gamma-Poisson posterior); for units the same
// against what views foretell. It returns the views and units of an average hour.
func (s *season) shape(hour int32, prior, out *shape) (views, units float64) {
	var in bins
	s.gather(hour, &in)
	*out = *prior
	var hours, foretold float64
	for b := range weekHours {
		views, units, hours = views+in.views[b], units+in.units[b], hours+in.hours[b]
		foretold += in.hours[b] * prior.views[b]
	}
	if views == 0 || foretold == 0 {
		return 0, units / max(hours, 1)
	}
	var expected [weekHours]float64
	for b := range expected {
		expected[b] = views / foretold * in.hours[b] * prior.views[b]
	}
	refine(&in.views, &expected, &out.views, viewsWeight)
	if units > 0 {
		var each float64
		for b := range expected {
			each += in.views[b] * prior.buys[b]
		}
		for b := range expected {
			expected[b] = units / each * in.views[b] * prior.buys[b]
		}
		refine(&in.units, &expected, &out.buys, unitsWeight)
	}
	out.normalize()
	return views / hours, units / hours
}

// refine multiplies factors by what counts did against expected: by hours of the day, then days of the week, then hours of the week
// that share with their neighbours.
func refine(counts, expected, factors *[weekHours]float64, weight float64) {
	scale := func(of func(b int) int) {
		var got, want [weekHours]float64
		for b := range counts {
			got[of(b)] += counts[b]
			want[of(b)] += expected[b]
		}
		for b := range counts {
			by := (weight + got[of(b)]) / (weight + want[of(b)])
			factors[b] *= by
			expected[b] *= by
		}
	}
	scale(func(b int) int { return b % 24 })
	scale(func(b int) int { return b / 24 })
	var by [weekHours]float64
	for b := range counts {
		got, want := 0.0, 0.0
		for off := -1; off <= 1; off++ {
			n := (b + off + weekHours) % weekHours
			share := 0.25
			if off == 0 {
				share = 0.5
			}
			got, want = got+share*counts[n], want+share*expected[n]
		}
		by[b] = (weight + got) / (weight + want)
	}
	for b := range factors {
		factors[b] *= by[b]
	}
}

// normalize makes the average hour 1, and the average view.
func (s *shape) normalize() {
	var sum, bought float64
	for b := range s.views {
		sum += s.views[b]
		bought += s.views[b] * s.buys[b]
	}
	for b := range s.views {
		s.views[b] *= weekHours / sum
		s.buys[b] *= sum / bought
	}
}

// of is the shape of an item's category, or of the site.
func (p *profile) of(category uint16) *shape {
	if category != 0 && int(category) <= len(p.shelf) {
		return &p.shelf[category-1]
	}
	return &p.site
}

// over is the sum of what hours weigh in [from, to), Unix ms, an average hour 1: by looks, and by purchases.
func (s *shape) over(from, to int64) (looks, buys float64) {
	for hour := from / hourMs; hour*hourMs < to; hour++ {
		share := float64(min(to, (hour+1)*hourMs)-max(from, hour*hourMs)) / hourMs
		_, b := bin(int32(hour))
		looks += share * s.views[b]
		buys += share * s.views[b] * s.buys[b]
	}
	return looks, buys
}

// fading is 2^(−age/half-life) for ages in hours, as a table.
func fading(halfLife float64, hours int) []float64 {
	out := make([]float64, hours)
	for i := range out {
		out[i] = math.Exp2(-(float64(i) + 0.5) / halfLife)
	}
	return out
}

// Season is how readily the lookers of [from, to) buy, against the average look of a week: the units that the season lets expect of a
// view there, 1 being average. The season of the looks themselves is in the views already.
func (f *Fold) Season(site, name string, from, to int64) float64 {
	from, to = within(from), within(to)
	p := f.profile(site, int32(to/hourMs))
	if p == nil || to <= from {
		return 1
	}
	f.mu.RLock()
	category := uint16(0)
	if s := f.sites[site]; s != nil {
		if it := s.find(name); it != nil {
			category = it.category
		}
	}
	f.mu.RUnlock()
	looks, buys := p.of(category).over(from, to)
	return buys / looks
}
