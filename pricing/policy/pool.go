package policy

import "math"

// Pool is what a category's items say about one another: the prior of each. The zero Pool stands for
// Params.PriorMean, PriorSD and Right.
type Pool struct {
	Mean  float64 `json:"mean,omitempty"`  // elasticity
	SD    float64 `json:"sd,omitempty"`    // spread of elasticities between items, at least 0.25
	Right float64 `json:"right,omitempty"` // share of items whose price fits their elasticity
	Items int     `json:"items,omitempty"` // items it was estimated from
	Shape Shape   `json:"shape,omitzero"`  // of its demand curves
}

// Shape says how likely each family of demand curves is, together 1. The zero Shape says nothing.
type Shape struct {
	Isoelastic  float64 `json:"isoelastic,omitempty"`
	Exponential float64 `json:"exponential,omitempty"`
	Straight    float64 `json:"straight,omitempty"` // bent like a straight line
}

// sound says whether the pool can serve as a prior.
func (p *Pool) sound() bool {
	for _, s := range p.shape() {
		if !(s >= 0) || s > 1 {
			return false
		}
	}
	return p.Items == 0 || p.Mean >= lowest && p.Mean <= highest && p.SD >= leastSD && p.SD <= highest && p.Right >= 0 && p.Right <= 1
}

// Member is one item of a category. State is only read.
type Member struct {
	State *State
	Ref   int64 // the shop's own price, minor units
	Cost  int64 // unit cost when Ref was set, minor units; 0 unknown
}

// mostMembers bounds the work of Estimate; of larger categories an even sample is taken.
const mostMembers = 2000

const leastSD = 0.25

// Estimate re-estimates a category's prior from its items' likelihoods, in their order: the mean and spread of
// elasticities and the share of right prices that make what was seen most probable, by expectation
// maximisation from a prior worth a few items.
func Estimate(members []Member, p Params) Pool {
	p = p.filled()
	stride := 1 + (len(members)-1)/mostMembers
	var items []pooled
	for i := 0; i < len(members); i += stride {
		m := &members[i]
		if m.State == nil || m.Ref <= 0 || len(m.State.Bins) == 0 || !m.State.sound() {
			continue
		}
		items = append(items, pooledItem(m))
	}
	out := Pool{Mean: p.PriorMean, SD: p.PriorSD, Right: p.Right, Items: len(items)}
	few := float64(len(items))
	wide := float64(p.PriorSD / p.PriorMean)
	alone := float64(wide*wide) * 2 / math.Max(float64(few*(few+1)), 1) // the only item of a category is not to be judged by itself
	common, doubt := together(items)
	trust := 1 / (1 + float64(doubt*borneOut))
	for range 12 {
		// What is assumed beforehand counts as one item at the usual elasticity, two of moderate spread, and ten prices.
		n, sum, deviation := 1.0, log(p.PriorMean), 0.0
		middle := log(out.Mean)
		right := float64(10 * p.Right)
		shape := [families]float64{shapes, shapes, shapes}
		for i := range items {
			u := items[i].under(&out)
			n++
			sum += u.mean
			deviation += u.square - float64(2*float64(u.mean*middle)) + float64(middle*middle)
			right += u.right
			for f := range shape {
				shape[f] += u.shape[f]
			}
		}
		was := out
		// The shop's own prices may share one mistake, a markup for everything: what they say of the mean is worth one
		// opinion, however many they are, beside what was sold at different prices.
		spread := (math.Max(deviation, 0) + float64(2*usualSpread*usualSpread)) / (n + 1)
		said, sold := 1/float64(opinion*opinion), 1/(doubt+spread/math.Max(few, 1))
		out.Mean = clamp(exp((float64(said*(sum/n))+float64(sold*common))/(said+sold)), lowest, highest)
		out.SD = clamp(float64(out.Mean*math.Sqrt(spread+math.Max(1/(said+sold), alone))), leastSD, highest)
		out.Right = clamp(right/(n+9), 0.02, 0.98)
		all := float64(len(items)) + families*shapes
		out.Shape = Shape{shape[0] / all, shape[1] / all, shape[2] / all}
		if math.Abs(out.Mean-was.Mean) < 1e-4 && math.Abs(out.SD-was.SD) < 1e-4 && math.Abs(out.Right-was.Right) < 1e-4 {
			break
		}
	}
	out.Right = float64(trust*out.Right) + float64((1-trust)*p.Right)
	return out
}

const (
	// opinion is how far off the elasticity is that all prices of a category together imply, in logarithms.
	opinion = 0.25
	// borneOut is the information on the logarithm of a category's elasticity at which half of what its prices say
	// of their being right is believed.
	borneOut = 10.0
	// caution is what sales count for while the noise of a category is not known: days may be good or bad for all.
	caution = 0.35
)

// together is what sales alone say of the logarithm of an elasticity common to all items, and its variance.
func together(items []pooled) (mean, variance float64) {
	var l [points]float64
	for i := range items {
		for j := range grid {
			sum := 1e-12 // no single item rules anything out
			for f := range families {
				sum += items[i].likely[f][j]
			}
			l[j] += float64(caution * log(sum))
		}
	}
	top, sum, square := math.Inf(-1), 0.0, 0.0
	for j := range grid {
		top = max(top, l[j])
	}
	for j := range grid {
		w := float64(cell[j] / grid[j] * exp(l[j]-top))
		sum += w
		mean += float64(w * gridLog[j])
		square += float64(w * float64(gridLog[j]*gridLog[j]))
	}
	mean /= sum
	return mean, math.Max(square/sum-float64(mean*mean), 1e-4)
}

// presumed is the share of prices taken to be right when one of them is judged. In a large category it is less
// than the share that is, down to its fourth power: testing a price that is right costs little, leaving one that
// is wrong costs much, and what one test teaches tells of the others too. Where nearly all are right it makes
// little difference.
func (p *Pool) presumed() float64 {
	n := float64(p.Items)
	return exp(float64(log(p.Right) * (1 + float64(3*(n/(n+10))))))
}

// usualSpread is of the logarithm of elasticities within a category.
const usualSpread = 0.25

// shapes is how many items of each family of curves are assumed beforehand. A category usually has one shape.
const shapes = 0.5

// pooled is one item's likelihood of each curve, and its price and cost.
type pooled struct {
	likely    [families][points]float64
	ref, cost float64
}

func pooledItem(m *Member) (it pooled) {
	it.ref, it.cost = float64(m.Ref), float64(m.Cost)
	q := everything()
	q.likelihood(m.State, it.ref)
	top := math.Inf(-1)
	for f := range families {
		for j := range grid {
			top = max(top, q.w[f][j])
		}
	}
	for f := range families {
		for j := range grid {
			if less := q.w[f][j] - top; less > negligible {
				it.likely[f][j] = exp(less)
			}
		}
	}
	return it
}

// share is what one item says under a pool: the posterior moments of the elasticity's logarithm, the probability
// that its price is right, and those of the families.
type share struct {
	mean, square, right float64
	shape               [families]float64
}

func (it *pooled) under(pool *Pool) (u share) {
	near, wide := weights(it.ref, it.cost, *pool)
	shape := pool.shape()
	sum := 0.0
	for f := range families {
		part := 0.0
		for j := range grid {
			l := float64(it.likely[f][j] * shape[f])
			n := float64(near[j] * l)
			w := float64(wide[j]*l) + n
			u.right += n
			part += w
			u.mean += float64(w * gridLog[j])
			u.square += float64(w * float64(gridLog[j]*gridLog[j]))
		}
		u.shape[f] = part
		sum += part
	}
	if !(sum > 0) {
		middle, spread := log(pool.Mean), pool.SD/pool.Mean
		return share{middle, float64(middle*middle) + float64(spread*spread), pool.Right, shape}
	}
	u.mean, u.square, u.right = u.mean/sum, u.square/sum, u.right/sum
	for f := range u.shape {
		u.shape[f] /= sum
	}
	return u
}

// shape is Shape in the order of the families, even where none was estimated.
func (p *Pool) shape() [families]float64 {
	if p.Shape == (Shape{}) {
		return [families]float64{1. / families, 1. / families, 1. / families}
	}
	return [families]float64{p.Shape.Isoelastic, p.Shape.Exponential, p.Shape.Straight}
}
