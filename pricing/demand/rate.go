package demand

// Rate is what is known of how many units a day an item sells in an average week: Gamma distributed with shape Alpha and rate Beta, in
// days. Its mean is Alpha/Beta.
type Rate struct {
	Alpha, Beta float64
	Units       int64 // that it rests on
}

// PerDay is the mean.
func (r Rate) PerDay() float64 {
	if r.Beta <= 0 {
		return 0
	}
	return r.Alpha / r.Beta
}

// The rate of an item is that of the last sixty days, an hour counting half as much as one a week later. A new item is taken for the
// site's mean one, with the weight of half a unit or of a month, whichever is less.
const (
	rateHours    = 240 // by the hour, what is older by the day
	rateHalfLife = 7 * 24
	rateDays     = keepDays
	ratePrior    = 0.5
	longestPrior = 30 * 24 // hours
)

// Never changed.
var (
	rateFading    = fading(rateHalfLife, rateHours)
	rateDayFading = fading(rateHalfLife/24, rateDays)
)

// Rate is an item's rate of sale, from what happened in [since, now), Unix ms: since is when it could last not be bought, 0 if it
// always could. The season of the week is taken out.
func (f *Fold) Rate(site, name string, since, now int64) Rate {
	since, now = within(since), within(now)
	hour := int32(now / hourMs)
	p := f.profile(site, hour)
	if p == nil {
		return Rate{}
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	s := f.sites[site]
	if s == nil || s.since == 0 {
		return Rate{}
	}
	it := s.find(name)
	if it == nil {
		it = &item{}
	}
	shape := p.of(it.category)
	since = max(since, s.since)
	first := int32((since + hourMs - 1) / hourMs) // in whole hours, but for one that is younger than that
	if first >= hour {
		first = int32(since / hourMs)
	}
	var out Rate
	sold := it.soldHours(first, hour, &out.Units)
	known := shape.known(first, hour, since, now)
	oldest := hour - rateHours + 1
	if days, from := oldest/24, (first+23)/24; from < days {
		more, hours := it.soldDays(from, days, oldest, hour, &out.Units)
		sold, known = sold+more, known+hours
	}
	prior := min(ratePrior/max(p.units, 1e-9), longestPrior)
	out.Alpha = max(prior*p.units, 0.05) + sold
	out.Beta = (prior + known) / 24
	return out
}

// soldHours is the units of the last rateHours hours from first on, weighted.
func (it *item) soldHours(first, hour int32, units *int64) (sold float64) {
	first = max(first, hour-rateHours+1)
	weigh := func(c *cell) bool {
		if c.at >= first && c.at <= hour {
			sold += rateFading[hour-c.at] * float64(c.units)
			*units += int64(c.units)
		}
		return true
	}
	it.hours.each(weigh)
	weigh(&it.open)
	return sold
}

// known is the hours from first on, weighted by age and season; of the present one and of since's what has passed.
func (s *shape) known(first, hour int32, since, now int64) (sum float64) {
	for at := max(first, hour-rateHours+1); at <= hour; at++ {
		share := float64(min(now, int64(at+1)*hourMs)-max(since, int64(at)*hourMs)) / hourMs
		if share <= 0 {
			continue
		}
		_, b := bin(at)
		sum += share * rateFading[hour-at] * s.views[b] * s.buys[b]
	}
	return sum
}

// soldDays is the units of the days [from, to), weighted, and their hours: a day has an average season.
func (it *item) soldDays(from, to, oldest, hour int32, units *int64) (sold, known float64) {
	today := hour / 24
	from = max(from, today-rateDays+1)
	weight := func(day int32) float64 { return rateDayFading[min(max(today-day, 0), rateDays-1)] }
	for day := from; day < to; day++ {
		known += 24 * weight(day)
	}
	it.days.each(func(c *cell) bool {
		if c.at >= from && c.at < to {
			sold += weight(c.at) * float64(c.units)
			*units += int64(c.units)
		}
		return true
	})
	it.hours.each(func(c *cell) bool { // hours that lie before those that were weighed by the hour
		if c.at < oldest && c.at/24 >= from && c.at/24 < to {
			sold += weight(c.at/24) * float64(c.units)
			*units += int64(c.units)
		}
		return true
	})
	return sold, known
}
