package forecast

import "math"

// spread is the uncertainty of a forecast, as variances relative to the square of the mean: that of one day beyond counting noise,
// which is independent from day to day, and that of level and slope, which all days share.
type spread struct {
	day         float64
	level       float64
	slope, both float64 // of the slope a day; its covariance with the level
}

// shared is the relative variance that days up to h ahead have in common.
func (s spread) shared(h float64) float64 {
	r := run(int(h))
	return max(s.level+2*r*s.both+r*r*s.slope, s.level/2)
}

// counts is a negative binomial with mean and size: variance mean + mean²/size (a Poisson count of a Gamma distributed rate).
type counts struct{ mean, size float64 }

// maxSize is so large that the count is Poisson's.
const maxSize = 1e5

func newCounts(mean, variance float64) counts {
	if over := variance - mean; over > 0 && mean > 0 {
		return counts{mean, min(mean*mean/over, maxSize)}
	}
	return counts{mean, maxSize}
}

// upTo is the probability of at most n: a regularized incomplete beta function.
func (c counts) upTo(n float64) float64 {
	switch {
	case n < 0:
		return 0
	case c.mean <= 0:
		return 1
	}
	return incompleteBeta(c.size, math.Floor(n)+1, c.size/(c.size+c.mean))
}

// quantile is the least n that has at least probability p at or below it.
func (c counts) quantile(p float64) float64 {
	low, high := -1.0, c.mean+1
	for c.upTo(math.Floor(high)) < p && high < 1e15 {
		low, high = math.Floor(high), 2*high+10
	}
	high = math.Floor(high)
	for high-low > 1 {
		mid := math.Floor((low + high) / 2)
		if c.upTo(mid) >= p {
			high = mid
		} else {
			low = mid
		}
	}
	return high
}

// incompleteBeta is I_x(a, b) by its continued fraction, evaluated by Lentz's method (Numerical Recipes, 6.4). It converges within
// some √max(a, b) steps.
func incompleteBeta(a, b, x float64) float64 {
	if x <= 0 {
		return 0
	}
	if x >= 1 {
		return 1
	}
	la, _ := math.Lgamma(a)
	lb, _ := math.Lgamma(b)
	lab, _ := math.Lgamma(a + b)
	front := math.Exp(lab - la - lb + a*math.Log(x) + b*math.Log1p(-x))
	if x < (a+1)/(a+b+2) {
		return front * betaFraction(a, b, x) / a
	}
	return 1 - front*betaFraction(b, a, 1-x)/b
}

func betaFraction(a, b, x float64) float64 {
	const tiny, enough = 1e-300, 1e-12
	safe := func(v float64) float64 {
		if abs(v) < tiny {
			return tiny
		}
		return v
	}
	c, d := 1.0, 1/safe(1-(a+b)*x/(a+1))
	f := d
	for m := 1.0; m < 20_000; m++ {
		even := m * (b - m) * x / ((a + 2*m - 1) * (a + 2*m))
		d, c = 1/safe(1+even*d), safe(1+even/c)
		f *= d * c
		odd := -(a + m) * (a + b + m) * x / ((a + 2*m) * (a + 2*m + 1))
		d, c = 1/safe(1+odd*d), safe(1+odd/c)
		f *= d * c
		if abs(d*c-1) < enough {
			break
		}
	}
	return f
}

// drift is by how much of the level's variance that of a slope grows: beyond the week that was measured errors go on growing.
const drift = 0.02

// measured is the spread that a method showed on the item's own past: errors of single days say day+level together, errors of weeks
// say them apart, since what days share does not average out.
func measured(y []float64, m method) spread {
	var days, squares, weeks, totals, n float64
	for t := max(shortest, len(y)-6*period); t < len(y); t++ {
		ahead := m.forecast(y[:t], min(period, len(y)-t))
		var off, total float64
		for h, mu := range ahead {
			mu = max(mu, 0.02)
			e := y[t+h] - mu
			days += e*e - mu
			squares += mu * mu
			off, total = off+e, total+mu
		}
		if len(ahead) == period {
			weeks += off*off - total
			totals += total * total
			n++
		}
	}
	if squares == 0 {
		return spread{day: usualDispersion, level: usualDispersion}
	}
	both := min(max(days/squares, 0), 2*maxDispersion)
	if n < period {
		return spread{day: both / 2, level: both / 2}
	}
	level := min(max((weeks/totals-both/period)*period/(period-1), 0), both)
	return spread{day: both - level, level: max(level, 0.01), slope: drift * level}
}
