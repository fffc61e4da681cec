package forecast

import "math"

var inf = math.Inf(1)

func abs(x float64) float64 { return math.Abs(x) }

// weekday is a level, a factor for each day of the week and a trend where there is one.
type weekday struct{}

const (
	weekdayHalfLife = 28 // days, of what the factors are made of
	levelHalfLife   = 14 // days, of what level and trend are made of
	weekdayWeight   = 10 // units that a day of the week must outweigh to differ from the others
	trendDamping    = 0.97
)

// fit is what weekday found. Day i of the history and what follows it has factor factors[i%7].
type fit struct {
	factors    [period]float64
	level      float64 // at the day after the history
	slope      float64 // a day, shrunk toward 0 by how little it stands out
	dispersion float64 // φ of a variance of μ+φμ²
	levelVar   float64 // of level
	slopeVar   float64 // of slope
	covariance float64 // of both
}

func (weekday) name() string { return "weekday" }

func (weekday) forecast(y []float64, horizon int) []float64 {
	f := fitWeekday(y)
	out := make([]float64, horizon)
	for h := range out {
		out[h] = f.at(len(y), h)
	}
	return out
}

// at is the mean of the day h days after the first that is forecast.
func (f *fit) at(days, h int) float64 {
	level := f.level + f.slope*run(h)
	level = min(max(level, f.level/4), 4*f.level) // a line says nothing about times far away
	return max(level, 0) * f.factors[(days+h)%period]
}

// run is how many days of trend have come h days ahead: the trend is damped.
func run(h int) float64 {
	return (1 - math.Pow(trendDamping, float64(h))) / (1 - trendDamping)
}

func fitWeekday(y []float64) (f fit) {
	f.factors = weekdays(y)
	n := len(y)
	z := make([]float64, n) // without the season
	for i := range y {
		z[i] = y[i] / f.factors[i%period]
	}
	// Weighted least squares of z on 1 and t, t = i−n, so that the intercept is the level at the time of evaluation.
	var s0, s1, s2, r0, r1 float64
	for i := range z {
		w, t := math.Exp2(float64(i-n)/levelHalfLife), float64(i-n)
		s0, s1, s2 = s0+w, s1+w*t, s2+w*t*t
		r0, r1 = r0+w*z[i], r1+w*t*z[i]
	}
	det := s0*s2 - s1*s1
	flat := r0 / s0
	level, slope := (s2*r0-s1*r1)/det, (s0*r1-s1*r0)/det

	f.dispersion = dispersion(y, func(i int) float64 { return flat * f.factors[i%period] }, 1+period/2)
	if f.dispersion > 0 && slope != 0 { // what looks like dispersion may be the trend
		trended := dispersion(y, func(i int) float64 { return max(level+slope*float64(i-n), 0) * f.factors[i%period] }, 2+period/2)
		f.dispersion = min(f.dispersion, trended)
	}
	// The variance of both, for day's variances of (μ+φμ²)/factor².
	var v00, v01, v11, vFlat float64
	for i := range z {
		w, t := math.Exp2(float64(i-n)/levelHalfLife), float64(i-n)
		factor := f.factors[i%period]
		mu := max(flat, 0.02) * factor
		v := w * w * (mu + f.dispersion*mu*mu) / (factor * factor)
		a, b := (s2-s1*t)/det, (s0*t-s1)/det
		v00, v01, v11 = v00+v*a*a, v01+v*a*b, v11+v*b*b
		vFlat += v / (s0 * s0)
	}
	keep := 0.0
	if v11 > 0 {
		keep = max(0, 1-2*v11/(slope*slope)) // positive-part shrinkage: a slope of less than 1.4 standard errors is none
	}
	f.level = max(flat+keep*(level-flat), 0)
	f.slope = keep * slope
	f.levelVar = vFlat + keep*max(v00-vFlat, 0)
	f.slopeVar, f.covariance = keep*v11, keep*v01 // a posterior's, not an estimate's: what was shrunk away is not known to be 0
	return f
}

// weekdays is the factor of each day of the week, 1 in the mean: the mean of a Gamma-Poisson posterior around 1.
func weekdays(y []float64) (out [period]float64) {
	n := len(y)
	var got, weights [period]float64
	var all, total float64
	for i, v := range y {
		w := math.Exp2(float64(i-n) / weekdayHalfLife)
		got[i%period] += w * v
		weights[i%period] += w
		all, total = all+w*v, total+w
	}
	var sum float64
	for d := range out {
		want := weights[d] * all / total
		out[d] = (weekdayWeight + got[d]) / (weekdayWeight + want)
		sum += out[d]
	}
	for d := range out {
		out[d] *= period / sum
	}
	return out
}

// dispersion is φ by moments, from the last eight weeks: what squares of residuals have beyond μ, over μ². parameters is how many
// were fitted.
func dispersion(y []float64, mu func(i int) float64, parameters int) float64 {
	first := max(len(y)-8*period, 0)
	var over, squares float64
	free := float64(len(y)-first) / float64(len(y)-first-parameters)
	for i := first; i < len(y); i++ {
		m := mu(i)
		over += free*(y[i]-m)*(y[i]-m) - m
		squares += m * m
	}
	if squares == 0 {
		return usualDispersion
	}
	return min(max(over/squares, 0), maxDispersion)
}

const maxDispersion = 4

func (weekday) spread(y, mean []float64) spread {
	f := fitWeekday(y)
	out := spread{day: f.dispersion}
	if f.level > 0 {
		l2 := f.level * f.level
		out.level, out.slope, out.both = f.levelVar/l2, f.slopeVar/l2, f.covariance/l2
		// A day of the week is known from some weeks of itself.
		seen := float64(min(len(y), 8*period)) / period
		out.day += (1/f.level + f.dispersion) / (seen + weekdayWeight/f.level)
	}
	return out
}
