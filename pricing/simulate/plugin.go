package simulate

import "math"

// plugIn are the policies that use the textbook posterior: greedy (each item alone, or pooled) takes the price of highest expected
// profit, thompson the best price of a drawn elasticity, held for a week.
type plugIn struct {
	w       *world
	name    string
	rails   []rail
	known   []*posterior
	of      prior
	targets []int64 // of thompson
}

// weekly is how long thompson holds a draw.
const weekly = 7

func newPlugIn(w *world, name string) *plugIn {
	p := &plugIn{w: w, name: name, of: prior{mean: 2.2, sd: 1}}
	for i := range w.items {
		p.rails = append(p.rails, rail{current: w.items[i].start})
		p.known = append(p.known, newPosterior(w.items[i].start))
	}
	p.targets = make([]int64, len(w.items))
	return p
}

func (p *plugIn) price(i, day int, _ shelf) (price int64, violations int) {
	it, r := &p.w.items[i], &p.rails[i]
	l := it.limitsAt(it.days[day].cost)
	floor, ceiling := l.Window()
	proposed := r.current
	if p.name == Thompson {
		if day%weekly == 0 {
			p.targets[i] = p.drawn(i, day, l.Cost, floor, ceiling)
		}
		proposed = p.targets[i]
	} else {
		w := p.known[i].weights(p.of)
		most := int64(float64(r.current) * l.MaxStep)
		if l.MaxStep == 0 {
			most = r.current
		}
		lo, hi := max(floor, r.current-most), min(ceiling, r.current+most)
		if lo <= hi {
			proposed = p.known[i].plugIn(&w, l.Cost, lo, hi)
		}
	}
	return r.publish(proposed, instant(day), l)
}

// drawn is the best price of an elasticity drawn from the posterior.
func (p *plugIn) drawn(i, day int, cost, floor, ceiling int64) int64 {
	w := p.known[i].weights(p.of)
	u := p.w.draws.uniform(streamPolicy, i, day)
	j := 0
	for j < gridSize-1 && u > w[j] {
		u -= w[j]
		j++
	}
	e := gridFrom + gridStep*(float64(j)+p.w.draws.uniform(streamPolicy, i, day+1<<20)-0.5)
	if e <= 1.01 {
		return ceiling
	}
	return min(max(int64(math.Round(float64(cost)*e/(e-1))), floor), ceiling)
}

func (p *plugIn) learn(i int, s sales) {
	if s.clean {
		p.known[i].observe(s.price, float64(s.views)*s.season, float64(s.units))
	}
}

func (p *plugIn) endDay(int) {
	if p.name != Greedy {
		p.of = pooled(p.known, p.of)
	}
}
