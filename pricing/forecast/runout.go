package forecast

import "math"

// Quantile is the number of units that coming day i (from 0) stays at or below with probability p.
func (f *Forecast) Quantile(i int, p float64) float64 {
	if i < 0 || i >= len(f.Mean) {
		return 0
	}
	return f.day(i).quantile(p)
}

// Below is the probability that coming day i (from 0) sells at most units.
func (f *Forecast) Below(i int, units float64) float64 {
	if i < 0 || i >= len(f.Mean) {
		return 0
	}
	return f.day(i).upTo(units)
}

func (f *Forecast) day(i int) counts {
	m := f.Mean[i]
	return newCounts(m, m+m*m*(f.spread.day+f.spread.shared(float64(i))))
}

// Total is the number of units that the first n days together stay at or below with probability p.
func (f *Forecast) Total(n int, p float64) float64 {
	return f.until(0, float64(min(n, len(f.Mean)))).quantile(p)
}

// until is the units from one time to another, in days from the beginning of the first.
func (f *Forecast) until(from, to float64) counts {
	var m, squares float64
	for i := int(from); i < len(f.Mean) && float64(i) < to; i++ {
		share := min(to, float64(i+1)) - max(from, float64(i))
		part := share * f.Mean[i]
		m += part
		squares += part * f.Mean[i] // a part of a day varies as that part of the day
	}
	return newCounts(m, m+squares*f.spread.day+m*m*f.spread.shared(max(to-1, 0)/2))
}

// Runout is in how many days from now a stock will have run out: with probability 0.1 by P10, an even chance by P50, 0.9 by P90. Beyond
// the horizon they are +Inf.
type Runout struct{ P10, P50, P90 float64 }

// Runout says when stock will have run out. passed is the share of the first day that is over, from 0 to 1. The times are quantiles of
// the first passage: the stock lasts beyond a time if the units until then are fewer than it.
func (f *Forecast) Runout(stock int64, passed float64) Runout {
	if stock <= 0 {
		return Runout{}
	}
	passed = min(max(passed, 0), 1)
	return Runout{f.lasts(stock, passed, 0.1), f.lasts(stock, passed, 0.5), f.lasts(stock, passed, 0.9)}
}

// lasts is the time by which stock has run out with probability p.
func (f *Forecast) lasts(stock int64, passed, p float64) float64 {
	gone := func(at float64) bool { return 1-f.until(passed, at).upTo(float64(stock-1)) >= p }
	low, high := passed, float64(len(f.Mean))
	if !gone(high) {
		return math.Inf(1)
	}
	for high-low > 1.0/256 { // under six minutes
		if mid := (low + high) / 2; gone(mid) {
			high = mid
		} else {
			low = mid
		}
	}
	return high - passed
}

// PerDay is the mean of the first week that is forecast.
func (f *Forecast) PerDay() float64 { return mean(f.Mean[:min(len(f.Mean), period)]) }
