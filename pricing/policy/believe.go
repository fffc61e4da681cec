package policy

import "math"

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
	for f := q.from; f < q.to; f++ {
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
	for f := q.from; f < q.to; f++ {
		scale[f] = exp(float64(curvature[f] * log(ratio)))
	}
	// The cumulated weight by elasticity at the price: a histogram is exact enough for an interval's ends.
	var mass [96]float64
	for f := q.from; f < q.to; f++ {
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
	for f := q.from; f < q.to; f++ {
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
