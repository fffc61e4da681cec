package policy

import "math"

// profit is expected profit per exposure at a price.
func (q *posterior) profit(price, cost float64) float64 {
	return float64(q.demand(price) * (price - cost))
}

// demand is expected units per exposure at a price.
func (q *posterior) demand(price float64) float64 {
	var g [points]float64
	sum := 0.0
	for f := range families {
		powers(&g, bend(f, price/q.ref))
		for j := range g {
			sum += float64(float64(q.w[f][j]*q.level[f][j]) * g[j])
		}
	}
	return sum
}

// better is the probability that price a earns more than price b.
func (q *posterior) better(a, b, cost float64) float64 {
	if a == b {
		return 0
	}
	if b <= cost {
		if a > b {
			return 1
		}
		return 0
	}
	if a <= cost {
		return 0
	}
	// (a-c)·e^(-ε·u(a)) > (b-c)·e^(-ε·u(b)): true on one side of one elasticity.
	edge := log((a - cost) / (b - cost))
	sum := 0.0
	for f := range families {
		d := bend(f, a/q.ref) - bend(f, b/q.ref)
		for j := range grid {
			if float64(grid[j]*d) < edge {
				sum += q.w[f][j]
			}
		}
	}
	return math.Min(sum, 1)
}

// elasticity is that at a price: its mean and 80 % interval.
func (q *posterior) elasticity(price float64) (of Interval) {
	ratio := price / q.ref
	var scale [families]float64
	for f := range families {
		scale[f] = exp(float64(curvature[f] * log(ratio)))
	}
	// The cumulated weight by elasticity at the price: a histogram is exact enough for an interval's ends.
	var mass [96]float64
	for f := range families {
		for j := range grid {
			e := float64(grid[j] * scale[f])
			w := q.w[f][j]
			of.Mean += float64(w * e)
			mass[min(int(float64(e*8)), len(mass)-1)] += w
		}
	}
	of.Lo, of.Hi = quantile(&mass, 0.1)/8, quantile(&mass, 0.9)/8
	return of
}

// quantile is the place in the histogram below which share of the mass lies, linear within a cell.
func quantile(mass *[96]float64, share float64) float64 {
	sum := 0.0
	for i, m := range mass {
		if sum+m >= share && m > 0 {
			return float64(i) + (share-sum)/m
		}
		sum += m
	}
	return float64(len(mass))
}

// rates are units per exposure at a price with their 80 % interval, level and curve unknown.
func (q *posterior) rates(price float64) Interval {
	var g [points]float64
	mean, square := 0.0, 0.0
	for f := range families {
		powers(&g, bend(f, price/q.ref))
		for j := range g {
			m := float64(q.level[f][j] * g[j])
			mean += float64(q.w[f][j] * m)
			square += float64(q.w[f][j] * float64(m*m))
		}
	}
	if !(mean > 0) {
		return Interval{}
	}
	// Lognormal around the mean with the relative variance of curve and level together.
	relative := math.Max(square/float64(mean*mean)-1, 0) + 1/math.Max(q.units, 1)
	s := math.Sqrt(log(1 + relative))
	half := exp(float64(1.2815515655446004 * s))
	return Interval{Mean: mean, Lo: mean / half, Hi: float64(mean * half)}
}

// candidates is how many prices a search looks at; the best three give the peak of a parabola.
const candidates = 17

// search finds the price of highest expected profit between lo and hi, and the worth of perfect knowledge:
// the mean over beliefs of each belief's own best price's profit, as a share of the expected profit at the
// best price, less one.
func (q *posterior) search(lo, hi, cost float64) (best, worth float64) {
	if !(hi > lo) {
		return lo, 0
	}
	step := log(hi/lo) / (candidates - 1)
	var price, value [candidates]float64
	var most [families][points]float64
	var g [points]float64
	ratio := exp(step)
	p := lo
	for c := range candidates {
		price[c] = p
		margin := p - cost
		for f := range families {
			powers(&g, bend(f, p/q.ref))
			for j := range g {
				v := float64(float64(q.w[f][j]*q.level[f][j]) * float64(g[j]*margin))
				value[c] += v
				if v > most[f][j] {
					most[f][j] = v
				}
			}
		}
		p = float64(p * ratio)
	}
	top := 0
	for c := range value {
		if value[c] > value[top] {
			top = c
		}
	}
	if !(value[top] > 0) {
		return lo, 0
	}
	sum := 0.0
	for f := range families {
		for j := range grid {
			sum += most[f][j]
		}
	}
	worth = math.Max(sum/value[top]-1, 0)
	best = price[top]
	if top > 0 && top < candidates-1 {
		a, b, c := value[top-1], value[top], value[top+1]
		if d := (a - b) + (c - b); d < 0 {
			best = float64(best * exp(float64(step*clamp((a-c)/(2*d), -0.5, 0.5))))
		}
	}
	return clamp(best, lo, hi), worth
}
