package simulate

import "math"

// The elasticities that the plug-in policies consider.
const (
	gridFrom  = 0.6
	gridStep  = 0.2
	gridSize  = 23 // to 5.0
	baseSales = 1  // prior: one sale …
	baseViews = 33 // … in 33 views
)

// posterior is what greedy and thompson know of an item: y ~ Poisson(θ·x·(p/ref)^-ε), exact on a grid of ε with θ ~ Gamma per point.
// It is the textbook form, kept apart from the product's on purpose.
type posterior struct {
	reference float64
	sales     float64           // a of all points: the prior's and what was sold
	exposure  [gridSize]float64 // b of each point
	likely    [gridSize]float64 // log likelihood of each point
}

func newPosterior(reference int64) *posterior {
	p := &posterior{reference: float64(reference), sales: baseSales}
	for j := range p.exposure {
		p.exposure[j] = baseViews
	}
	return p
}

// powers is (price/ref)^-ε for all grid points.
func (p *posterior) powers(price int64) (out [gridSize]float64) {
	l := math.Log(float64(price) / p.reference)
	x, step := math.Exp(-gridFrom*l), math.Exp(-gridStep*l)
	for j := range out {
		out[j] = x
		x *= step
	}
	return out
}

// observe adds a day. The terms of the marginal likelihood that are the same for all points are left out.
func (p *posterior) observe(price int64, views, units float64) {
	if views <= 0 {
		return
	}
	power := p.powers(price)
	for j := range p.exposure {
		x := views * power[j]
		b := p.exposure[j]
		p.likely[j] += p.sales*math.Log(b/(b+x)) + units*math.Log(x/(b+x))
		p.exposure[j] = b + x
	}
	p.sales += units
}

// prior is a normal prior over the elasticity.
type prior struct{ mean, sd float64 }

// weights are the posterior's probabilities of the grid points.
func (p *posterior) weights(of prior) (w [gridSize]float64) {
	top := math.Inf(-1)
	for j := range w {
		z := (gridFrom + gridStep*float64(j) - of.mean) / of.sd
		w[j] = p.likely[j] - z*z/2
		top = max(top, w[j])
	}
	sum := 0.0
	for j := range w {
		w[j] = math.Exp(w[j] - top)
		sum += w[j]
	}
	for j := range w {
		w[j] /= sum
	}
	return w
}

// moments are mean and variance of the elasticity.
func moments(w *[gridSize]float64) (mean, variance float64) {
	for j, q := range w {
		mean += q * (gridFrom + gridStep*float64(j))
	}
	for j, q := range w {
		d := gridFrom + gridStep*float64(j) - mean
		variance += q * d * d
	}
	return mean, variance
}

// candidates is how many prices plugIn looks at within a step either way.
const candidates = 24

// plugIn is the price of highest expected profit within [lo, hi].
func (p *posterior) plugIn(w *[gridSize]float64, cost, lo, hi int64) int64 {
	best, most := lo, math.Inf(-1)
	last := int64(0)
	for n := range candidates + 1 {
		price := lo + (hi-lo)*int64(n)/candidates
		if price == last {
			continue
		}
		last = price
		power, rate := p.powers(price), 0.0
		for j, q := range w {
			rate += q * p.sales / p.exposure[j] * power[j]
		}
		if profit := rate * float64(price-cost); profit > most {
			best, most = price, profit
		}
	}
	return best
}

// pooled is the prior that the items of a category give one another: the mean of their means, and a spread of at least 0.25.
func pooled(items []*posterior, now prior) prior {
	sum, squares, within := 0.0, 0.0, 0.0
	for _, p := range items {
		w := p.weights(now)
		mean, variance := moments(&w)
		sum += mean
		squares += mean * mean
		within += variance
	}
	n := float64(len(items))
	mean := sum / n
	return prior{mean: mean, sd: math.Sqrt(max(0.25*0.25, squares/n-mean*mean+within/n))}
}
