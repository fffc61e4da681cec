package policy

import "math"

// posterior is what is believed of one item: a weight for each family and elasticity, and there the level of
// demand at the reference price. With y ~ Poisson(θ·x·h(p)), x exposure, h(p) = exp(-ε·bend(p/ref)), and θ
// unknown with density 1/θ, integrating θ out leaves the logarithm of the weight
//
//	ln w = ln prior + Σ y·ln h - Y·ln X,   Y = Σ y,   X = Σ x·h,
//
// and θ ~ Gamma(Y, X). Slots before a shift have a level of their own: their Y and X are summed apart.
type posterior struct {
	from, to int // families looked at

	ref   float64
	w     [families][points]float64 // sum 1
	level [families][points]float64 // E θ: units per exposure at ref
	units float64                   // Y of the present level, weighted
	right float64                   // weight of the belief that ref fits
	doubt float64                   // variance of the elasticity at ref if it does not
}

// everything looks at all families of curves, roughly at the middle one alone: near the prices seen it differs
// little from the others.
func everything() posterior { return posterior{from: 0, to: families} }
func roughly() posterior    { return posterior{from: 1, to: 2} }

// likelihood sets the logarithms of the weights that the state's bins give, without a prior, and the levels.
func (q *posterior) likelihood(st *State, ref float64) {
	bins, weight := st.Bins, st.weight()
	q.ref = ref
	var now, before float64
	for i := range bins {
		if bins[i].Before {
			before += bins[i].Units
		} else {
			now += bins[i].Units
		}
	}
	q.units = float64(now * weight)
	var g [points]float64
	for f := q.from; f < q.to; f++ {
		var xNow, xBefore [points]float64
		slope, sum := 0.0, 0.0
		for i := range bins {
			b := &bins[i]
			u := bend(f, clamp(b.Price/ref, 1/farthest, farthest))
			powers(&g, u)
			slope += float64(b.Units * u)
			x := &xNow
			if b.Before {
				x = &xBefore
			}
			for j := range g {
				x[j] += float64(b.Exposure * g[j])
			}
		}
		for j := range grid {
			sum = float64(-grid[j] * slope)
			level := 0.0
			if now > 0 {
				x := max(xNow[j], leastExposure)
				sum -= float64(now * log(x))
				level = now / x
			}
			if before > 0 {
				x := max(xBefore[j], leastExposure)
				sum -= float64(before * log(x))
				if now < enough {
					// Too little seen since the shift: the old level stands in for what is missing.
					share := now / enough
					level = float64(share*level) + float64((1-share)*(before/x))
				}
			} else if now == 0 {
				level = 0.5 / max(xNow[j], leastExposure) // nothing sold: some rate below what would have shown
			}
			q.w[f][j] = float64(sum * weight)
			q.level[f][j] = level
		}
	}
}

// farthest is how many times the reference price, or what part of it, a price is taken to be at most.
const farthest = 20

const (
	enough        = 5.0    // units since a shift make a level of their own
	negligible    = -40.0  // logarithm of a weight beside the greatest that is as good as none
	leastExposure = 1e-100 // keeps levels finite whatever the state says
)

// prior multiplies the weights with the prior's and makes them sum to one.
func (q *posterior) prior(pool Pool, p Params, cost float64) {
	if pool.Items == 0 {
		pool = Pool{Mean: p.PriorMean, SD: p.PriorSD, Right: p.Right}
	} else {
		pool.Right = pool.presumed()
	}
	near, wide := weights(q.ref, cost, pool)
	shape := pool.shape()
	top := math.Inf(-1)
	for f := q.from; f < q.to; f++ {
		for j := range grid {
			top = max(top, q.w[f][j])
		}
	}
	sum, sumNear, mean, square := 0.0, 0.0, 0.0, 0.0
	for f := q.from; f < q.to; f++ {
		for j := range grid {
			less := q.w[f][j] - top
			if less < negligible {
				q.w[f][j] = 0
				continue
			}
			l := float64(exp(less) * shape[f])
			n := float64(l * near[j])
			w := float64(l * wide[j])
			mean += float64(w * grid[j])
			square += float64(w * float64(grid[j]*grid[j]))
			w += n
			sumNear += n
			sum += w
			q.w[f][j] = w
		}
	}
	if !(sum > 0) {
		// What was seen is impossible wherever the prior has weight: the prior stands.
		for f := q.from; f < q.to; f++ {
			for j := range grid {
				q.w[f][j] = (near[j] + wide[j]) / float64(q.to-q.from)
			}
		}
		return
	}
	for f := q.from; f < q.to; f++ {
		for j := range grid {
			q.w[f][j] /= sum
		}
	}
	q.right = sumNear / sum
	if wrong := sum - sumNear; wrong > 0 {
		mean /= wrong
		q.doubt = math.Max(square/wrong-float64(mean*mean), 0)
	}
}

// weights are the prior's, together one: what the category says of the elasticity, lognormal with median mean
// and spread sd, times what the shop's own price says of it. A price is either right, and then the elasticity is
// near the one it implies, ref/(ref-cost), or it is wrong by some factor of its markup, small ones more likely
// than large ones. near holds the first part, wide the second.
func weights(ref, cost float64, pool Pool) (near, wide [points]float64) {
	right := pool.Right
	priced := cost > 0 && cost < ref
	implied, tolerance := 0.0, 1.0
	if priced {
		of := ref / (ref - cost)
		implied = log(of)
		tolerance = math.Max(exactness, 0.1/of)
	}
	middle, spread := log(pool.Mean), pool.SD/pool.Mean
	sum := 0.0
	for j := range grid {
		z := (gridLog[j] - middle) / spread
		category := float64(cell[j] / grid[j] * exp(float64(-0.5*float64(z*z))))
		if !priced {
			wide[j] = category
			sum += category
			continue
		}
		// The best markup on an exponential curve is ref/ε: the elasticity is off as the markup is.
		off := gridLog[j] - implied
		n, w := off/tolerance, off/wrongness
		near[j] = float64(category * float64(right/tolerance*exp(float64(-0.5*float64(n*n)))))
		// Student's t with three degrees of freedom, in the units of the normal density beside it.
		t := 1 / (1 + float64(w*w)/3)
		wide[j] = float64(category * float64((1-right)/wrongness*float64(0.9213*float64(t*t))))
		sum += near[j] + wide[j]
	}
	for j := range grid {
		near[j] /= sum
		wide[j] /= sum
	}
	return near, wide
}

const (
	// exactness is how near the elasticity of a right price is to the one it implies, in logarithms: at that
	// distance half a percent of profit is lost.
	exactness = 0.1
	// wrongness is the scale of a wrong markup's distance from the best one, in logarithms.
	wrongness = 0.45
)
