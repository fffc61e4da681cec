package simulate

import "math"

// Streams keep the draws of a world apart: a draw is named by (seed, stream, item, day) and by nothing else, so that the order in
// which things happen, and which policy asks, cannot change it.
const (
	streamItem uint64 = iota + 1 // the item itself: what a Range draws
	streamCategory
	streamViews
	streamUnits
	streamWeather // over-dispersion: good and bad days
	streamPolicy  // what a policy may use to explore
)

// source gives the draws of one world.
type source uint64

// newSource names a world by scenario and seed. Scenarios differ in their draws even at the same seed.
func newSource(scenario string, seed uint64) source {
	h := uint64(14695981039346656037) // FNV-1a, 64 bits
	for i := range len(scenario) {
		h = (h ^ uint64(scenario[i])) * 1099511628211
	}
	return source(mix(h ^ mix(seed)))
}

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	return x ^ (x >> 31)
}

func (s source) bits(stream, item, n uint64) uint64 {
	return mix(uint64(s) ^ mix(stream<<48^item<<24^n))
}

// uniform is in (0,1), never 0 or 1.
func (s source) uniform(stream uint64, item, n int) float64 {
	return (float64(s.bits(stream, uint64(item), uint64(n))>>12) + 0.5) / (1 << 52)
}

// normal is a standard normal quantile of one uniform draw.
func (s source) normal(stream uint64, item, n int) float64 {
	return normalQuantile(s.uniform(stream, item, n))
}

func normalQuantile(u float64) float64 { return math.Sqrt2 * math.Erfinv(2*u-1) }

// weather is a Gamma(k, 1/k) factor: mean 1, variance 1/k. Poisson counts times it are negative binomial, var = μ+μ²/k.
// Marsaglia and Tsang, A simple method for generating gamma variables, 2000; k < 1 by the boost of their section 6.
func (s source) weather(item, day int, k float64) float64 {
	shape, boost := k, 1.0
	n := day << 6 // 64 draws a day are far more than the method ever takes
	if shape < 1 {
		boost = math.Pow(s.uniform(streamWeather, item, n+63), 1/shape)
		shape++
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for try := range 31 {
		x := s.normal(streamWeather, item, n+2*try)
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		u := s.uniform(streamWeather, item, n+2*try+1)
		if math.Log(u) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return boost * d * v / k
		}
	}
	return 1 // 31 rejections at 5 % each: never
}

// poissonFrom is where exact summation ends: e^-mean must not underflow, and the normal expansion's error is far below one piece.
const poissonFrom = 500

// poissonQuantile is the smallest n with P(Y ≤ n) ≥ u for Y ~ Poisson(mean). It rises with mean at a given u: fewer pieces are never
// sold because a price is lower. Above a mean of 500 it is the Cornish-Fisher expansion to second order.
func poissonQuantile(u, mean float64) int {
	if !(mean > 0) {
		return 0
	}
	if mean > poissonFrom {
		z := normalQuantile(u)
		return max(0, int(math.Floor(mean+math.Sqrt(mean)*z+(z*z-1)/6+0.5)))
	}
	p := math.Exp(-mean)
	sum, n := p, 0
	last := int(mean + 40*math.Sqrt(mean) + 40) // beyond it p is far below the rounding of sum
	for sum < u && n < last {
		n++
		p *= mean / float64(n)
		sum += p
	}
	return n
}
