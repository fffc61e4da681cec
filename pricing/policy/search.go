package policy

import "math"

// candidates is how many prices a search looks at. Between them expected demand is a parabola through three.
const candidates = 17

// table is expected demand at prices from lo to hi in equal ratios, and what follows from it.
type table struct {
	cost       float64
	from, step float64             // logarithms of the lowest price and of the ratio
	demand     [candidates]float64 // units per exposure
	best       float64             // price of highest expected profit
	// worth is what perfect knowledge would add: the mean over beliefs of the profit at each belief's own best
	// price, as a share of the expected profit at best, less one.
	worth float64
}

// search fills the table. hi is above lo.
func (q *posterior) search(t *table, lo, hi, cost float64) {
	t.cost, t.from = cost, log(lo)
	t.step = (log(hi) - t.from) / (candidates - 1)
	var value, price [candidates]float64
	var units, most [families][points]float64
	var g [points]float64
	for f := q.from; f < q.to; f++ {
		for j := range grid {
			units[f][j] = float64(q.w[f][j] * q.level[f][j])
		}
	}
	ratio, p := exp(t.step), lo
	for c := range candidates {
		price[c] = p
		margin := p - cost
		sum := 0.0
		for f := q.from; f < q.to; f++ {
			powers(&g, bend(f, p/q.ref))
			of, top := &units[f], &most[f]
			left, right := 0.0, 0.0
			for j := 0; j+1 < points; j += 2 {
				a, b := float64(of[j]*g[j]), float64(of[j+1]*g[j+1])
				left += a
				right += b
				top[j] = max(top[j], float64(a*margin))
				top[j+1] = max(top[j+1], float64(b*margin))
			}
			sum += left + right
		}
		t.demand[c] = sum
		value[c] = float64(sum * margin)
		p = float64(p * ratio)
	}
	top := 0
	for c := range value {
		if value[c] > value[top] {
			top = c
		}
	}
	t.best = price[top]
	if !(value[top] > 0) {
		return
	}
	if top > 0 && top < candidates-1 {
		a, b, c := value[top-1], value[top], value[top+1]
		if d := (a - b) + (c - b); d < 0 {
			t.best = float64(t.best * exp(float64(t.step*clamp((a-c)/(2*d), -0.5, 0.5))))
		}
	}
	t.best = clamp(t.best, lo, hi)
	all := 0.0
	for f := q.from; f < q.to; f++ {
		for j := range grid {
			all += most[f][j]
		}
	}
	t.worth = math.Max(all/value[top]-1, 0)
}

// rate is expected units per exposure at a price.
func (t *table) rate(price float64) float64 {
	if !(t.step > 0) {
		return t.demand[0]
	}
	x := (log(price) - t.from) / t.step
	i := int(clamp(math.Floor(x+0.5), 1, candidates-2))
	d := x - float64(i)
	a, b, c := t.demand[i-1], t.demand[i], t.demand[i+1]
	return math.Max(b+float64(d*((c-a)/2))+float64(float64(d*d)*((a-b)+(c-b))/2), 0)
}

// profit is expected profit per exposure at a price.
func (t *table) profit(price float64) float64 {
	return float64(t.rate(price) * (price - t.cost))
}
