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
	ref   float64
	w     [families][points]float64 // sum 1
	level [families][points]float64 // E θ: units per exposure at ref
	units float64                   // Y of the present level
	right float64                   // weight of the belief that ref fits
}

// likelihood adds the logarithms of the weights that the bins give, without a prior, and sets the levels.
func (q *posterior) likelihood(bins []Bin, ref float64) {
	q.ref = ref
	var now, before float64
	for i := range bins {
		if bins[i].Before {
			before += bins[i].Units
		} else {
			now += bins[i].Units
		}
	}
	q.units = now
	var g [points]float64
	for f := range families {
		var xNow, xBefore [points]float64
		slope, sum := 0.0, 0.0
		for i := range bins {
			b := &bins[i]
			u := bend(f, b.Price/ref)
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
				sum -= float64(now * log(xNow[j]))
				level = now / xNow[j]
			}
			if before > 0 {
				sum -= float64(before * log(xBefore[j]))
				if now < enough {
					// Too little seen since the shift: the old level stands in for what is missing.
					share := now / enough
					level = float64(share*level) + float64((1-share)*(before/xBefore[j]))
				}
			}
			q.w[f][j] = sum
			q.level[f][j] = level
		}
	}
}

// enough units since a shift make a level of their own.
const enough = 5.0

// prior multiplies the weights with the prior's and makes them sum to one.
func (q *posterior) prior(pool Pool, p Params, cost float64) {
	if pool.Items == 0 {
		pool = Pool{Mean: p.PriorMean, SD: p.PriorSD, Right: p.Right}
	}
	near, wide := weights(q.ref, cost, pool)
	top := math.Inf(-1)
	for f := range families {
		for j := range grid {
			top = math.Max(top, q.w[f][j])
		}
	}
	sum, sumNear := 0.0, 0.0
	for f := range families {
		for j := range grid {
			l := exp(q.w[f][j] - top)
			n := float64(l * near[j])
			w := float64(l*wide[j]) + n
			sumNear += n
			sum += w
			q.w[f][j] = w
		}
	}
	for f := range families {
		for j := range grid {
			q.w[f][j] /= sum
		}
	}
	q.right = sumNear / sum
}

// weights are the prior's, together one, of two kinds of items: near of those whose reference price fits, with
// elasticity about ref/(ref-cost), and wide of the rest, with N(mean, sd²).
func weights(ref, cost float64, pool Pool) (near, wide [points]float64) {
	fits, kernel := fit(ref, cost, pool.Mean, pool.SD)
	share := 0.0
	if a := float64(pool.Right * fits); a > 0 {
		share = a / (a + 1 - pool.Right)
		kernel.fill(&near, share)
	}
	normal{pool.Mean, pool.SD}.fill(&wide, 1-share)
	return near, wide
}

type normal struct{ mean, sd float64 }

// fill gives the grid's cells their share of a normal distribution cut to the grid.
func (n normal) fill(to *[points]float64, mass float64) {
	sum := 0.0
	for j := range grid {
		z := (grid[j] - n.mean) / n.sd
		to[j] = float64(cell[j] * exp(float64(-0.5*float64(z*z))))
		sum += to[j]
	}
	if !(sum > 0) {
		return
	}
	for j := range to {
		to[j] = float64(to[j] * (mass / sum))
	}
}

// fit compares how well the elasticity that the price implies, ref/(ref-cost), sits in the category if the
// price is right with how well it would sit if it were wrong by about a third; and gives the elasticities
// that count as right: those under which ref costs less than about half a percent of profit.
func fit(ref, cost, mean, sd float64) (ratio float64, near normal) {
	if cost <= 0 || ref <= cost {
		return 0, near
	}
	implied := ref / (ref - cost)
	if implied > highest {
		return 0, near
	}
	wrong := float64(0.3 * float64(mean*math.Max(mean-1, 0.2)))
	both := math.Sqrt(float64(sd*sd) + float64(wrong*wrong))
	z, zb := (implied-mean)/sd, (implied-mean)/both
	ratio = float64(both / sd * exp(float64(-0.5*float64(z*z))+float64(0.5*float64(zb*zb))))
	width := math.Max(float64(0.1*math.Sqrt(float64(implied*(implied-1)))), 0.06)
	return ratio, normal{implied, width}
}
