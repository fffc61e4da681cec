package policy

import (
	"math"
	"slices"
)

// Compared is what is believed of asking another price instead of the one in force: changes a slot with their 80 % intervals, money
// in minor units. What both prices share, above all how much the item is wanted, does not blur the difference.
type Compared struct {
	Units   Interval `json:"units"`
	Revenue Interval `json:"revenue"`
	Profit  Interval `json:"profit"`
	Share   Interval `json:"share"`  // of the units: 0.1 is 10 % more
	Better  float64  `json:"better"` // probability that the other price earns more
	// Beyond says that the other price is further from every price that was asked than Propose would look.
	Beyond bool `json:"beyond"`
}

// levels are the nodes of the level of demand around its mean, in standard deviations of its logarithm, and their weights: Gauss and
// Hermite's three, exact for polynomials to the fifth degree.
var levels = [...]struct{ at, weight float64 }{{-1.7320508075688772, 1. / 6}, {0, 2. / 3}, {1.7320508075688772, 1. / 6}}

// weighed is what would change under one belief, and how much that belief weighs.
type weighed struct{ value, weight float64 }

// Compare compares price with in.Current under everything that is believed possible. It is false where nothing can be said.
func Compare(in Input, price int64) (Compared, bool) {
	if price <= 0 || in.Current <= 0 || in.State == nil || in.Ref <= 0 || !in.State.sound() || !in.Pool.sound() {
		return Compared{}, false
	}
	p := in.Params.filled()
	views := in.Views
	if views <= 0 {
		views = in.State.Views
	}
	q := everything()
	q.likelihood(in.State, float64(in.Ref))
	q.prior(in.Pool, p, float64(in.costOfRef()))
	now, then, cost := float64(in.Current), float64(price), float64(in.Cost)
	spread := math.Sqrt(log(1 + 1/math.Max(q.units, 1)))
	var factor [len(levels)]float64
	for i, l := range levels {
		factor[i] = exp(float64(l.at*spread) - float64(spread*spread)/2)
	}
	room := make([]weighed, 0, 4*families*points*len(levels))
	units, room := take(room)
	revenue, room := take(room)
	profit, room := take(room)
	share, _ := take(room)
	var g, h [points]float64
	for f := q.from; f < q.to; f++ {
		powers(&g, bend(f, now/q.ref))
		powers(&h, bend(f, then/q.ref))
		for j := range g {
			w := q.w[f][j]
			if !(w > 0) {
				continue
			}
			if g[j] > 0 {
				share = append(share, weighed{h[j]/g[j] - 1, w})
			}
			for i, l := range levels {
				level := float64(float64(q.level[f][j]*views) * factor[i])
				a, b := float64(level*g[j]), float64(level*h[j])
				weight := float64(w * l.weight)
				units = append(units, weighed{b - a, weight})
				revenue = append(revenue, weighed{float64(b*then) - float64(a*now), weight})
				profit = append(profit, weighed{float64(b*(then-cost)) - float64(a*(now-cost)), weight})
			}
		}
	}
	return Compared{
		Units: interval(units), Revenue: interval(revenue), Profit: interval(profit), Share: interval(share),
		Better: q.better(then, now, cost), Beyond: in.beyond(then),
	}, true
}

// take cuts one list's room off.
func take(room []weighed) (list, rest []weighed) {
	n := families * points * len(levels)
	return room[0:0:n], room[n:n:cap(room)]
}

// interval is the mean and the tenth and ninetieth hundredth of weighted outcomes, which it sorts.
func interval(of []weighed) (out Interval) {
	total := 0.0
	for _, o := range of {
		out.Mean += float64(o.weight * o.value)
		total += o.weight
	}
	if !(total > 0) {
		return Interval{}
	}
	out.Mean /= total
	slices.SortFunc(of, func(a, b weighed) int {
		switch {
		case a.value < b.value:
			return -1
		case a.value > b.value:
			return 1
		}
		return 0
	})
	at := func(share float64) float64 {
		sum := 0.0
		for _, o := range of {
			if sum += o.weight; sum >= float64(share*total) {
				return o.value
			}
		}
		return of[len(of)-1].value
	}
	out.Lo, out.Hi = math.Min(at(0.1), out.Mean), math.Max(at(0.9), out.Mean)
	return out
}

// beyond says that a price is further from those that were asked than a best price is looked for.
func (in *Input) beyond(price float64) bool {
	low, high := math.Min(float64(in.Ref), float64(in.Current)), math.Max(float64(in.Ref), float64(in.Current))
	for i := range in.State.Bins {
		low, high = math.Min(low, in.State.Bins[i].Price), math.Max(high, in.State.Bins[i].Price)
	}
	return price < low/extrapolate || price > float64(high*extrapolate)
}
