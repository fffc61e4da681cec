package simulate

import (
	"math"

	"beckon/pricing/guard"
)

// dayMs is a day in ms, and epoch the Monday on which every world begins, Unix ms.
const (
	dayMs = 86_400_000
	epoch = 1_767_571_200_000 // 5 January 2026, 00:00 UTC
)

// world is one draw of a scenario. It is not changed once made, and all policies are run on the same one.
type world struct {
	scenario *Scenario
	seed     uint64
	draws    source
	items    []item
}

// item is what is true of one item.
type item struct {
	reference, start int64 // ticks; the shop starts at start
	cost             int64 // at the start
	stock            int64 // pieces, -1: never out
	salvage          int64 // what a piece is worth after the last day, ticks
	limits           guard.Limits
	days             []truth
}

// truth is what is true of an item on one day, and the day's luck, which is the same for all policies.
type truth struct {
	curve  curve
	cost   int64
	best   int64 // the price within floor and ceiling that earns most, stock aside
	views  int
	season float64 // factor on conversion
	luck   float64 // the quantile of the day's sales
	factor float64 // over-dispersion, mean 1
}

// expected is the expected sales of a day at a price, before over-dispersion.
func (t *truth) expected(price int64) float64 {
	return float64(t.views) * t.season * t.curve.conversion(float64(price))
}

// sold is the pieces that would be sold in a day at a price, stock aside. It never falls when the price falls.
func (t *truth) sold(price int64) int {
	return poissonQuantile(t.luck, t.expected(price)*t.factor)
}

// newWorld draws the world of a scenario and a seed.
func newWorld(sc *Scenario, seed uint64) *world {
	w := &world{scenario: sc, seed: seed, draws: newSource(sc.Name, seed), items: make([]item, sc.Items)}
	for i := range w.items {
		w.draw(i)
	}
	return w
}

// Draws of an item.
const (
	drawTraffic = iota
	drawElasticity
	drawConversion
	drawPrice
	drawCost
	drawIsOff
	drawOff
	drawSide
	drawStock
)

func (w *world) draw(i int) {
	sc, it := w.scenario, &w.items[i]
	value := func(r Range, n int) float64 { return r.at(w.draws.uniform(streamItem, i, n)) }
	traffic := value(sc.Traffic, drawTraffic)
	elasticity := value(sc.Demand.Elasticity, drawElasticity) + sc.Demand.Shift.at(w.draws.uniform(streamCategory, 0, 0))
	conversion := value(sc.Demand.Conversion, drawConversion)
	cost := 0.0
	switch {
	case sc.Cost.set():
		cost = value(sc.Cost, drawCost)
	case sc.CostShare.set():
		cost = value(sc.CostShare, drawCost) // of a price not drawn yet
	}
	reference := 0.0
	if sc.Price.set() {
		reference = math.Round(value(sc.Price, drawPrice))
	} else {
		reference = math.Round(cost * elasticity / (elasticity - 1)) // only where this is possible: see Scenario.check
	}
	switch {
	case sc.Cost.set():
	case sc.CostShare.set():
		cost *= reference
	default:
		cost = reference * (1 - 1/elasticity)
	}
	it.reference = max(1, int64(reference))
	it.cost = max(1, int64(math.Round(cost)))
	it.start = w.start(i, it)
	if sc.Start.set() {
		it.start = max(1, int64(math.Round(value(sc.Start, drawOff))))
	}
	it.limits = sc.Rails.limits(it)
	it.stock, it.salvage = -1, it.cost
	if sc.Perishes {
		it.salvage = int64(math.Round(sc.Salvage * float64(it.cost)))
	}
	w.days(i, traffic, elasticity, conversion)
	lo, hi := it.limits.Window()
	it.start = min(max(it.start, lo), max(lo, hi)) // a shop's own price obeys its own limits
	switch {
	case sc.Stock.set():
		it.stock = int64(math.Round(value(sc.Stock, drawStock)))
	case sc.StockOf.set():
		all := 0.0
		for d := range it.days {
			all += it.days[d].expected(it.reference)
		}
		it.stock = max(1, int64(math.Round(all*value(sc.StockOf, drawStock))))
	}
}

// start is the price the shop begins with. A price that is too low never falls under the cost plus a twelfth.
func (w *world) start(i int, it *item) int64 {
	m := w.scenario.Mispriced
	if w.draws.uniform(streamItem, i, drawIsOff) >= m.Share {
		return it.reference
	}
	off := m.From + (m.To-m.From)*w.draws.uniform(streamItem, i, drawOff)
	if m.Direction < 0 || m.Direction == 0 && w.draws.uniform(streamItem, i, drawSide) < 0.5 {
		off = -off
	}
	least := min(it.reference, it.cost+it.cost/12)
	return max(least, int64(math.Round(float64(it.reference)*(1+off))))
}

// days draws what happens on each day of item i.
func (w *world) days(i int, traffic, elasticity, conversion float64) {
	sc, it := w.scenario, &w.items[i]
	it.days = make([]truth, sc.Days)
	var last state
	for d := range it.days {
		now := sc.stateAt(d, elasticity, conversion)
		t := &it.days[d]
		t.cost = it.costAt(now.cost)
		if d > 0 && now == last {
			t.curve, t.best = it.days[d-1].curve, it.days[d-1].best
		} else {
			t.curve = sc.Demand.curve(it.reference, now)
			l := it.limitsAt(t.cost)
			lo, hi := l.Window()
			t.best = t.curve.best(float64(t.cost), lo, hi)
		}
		last = now
		weekday := d % 7
		t.season = factorOf(sc.Season, weekday)
		t.views = poissonQuantile(w.draws.uniform(streamViews, i, d), traffic*now.traffic*factorOf(sc.Visits, weekday))
		t.luck = w.draws.uniform(streamUnits, i, d)
		t.factor = 1
		if sc.Dispersion > 0 {
			t.factor = w.draws.weather(i, d, sc.Dispersion)
		}
	}
}

func factorOf(week [7]float64, weekday int) float64 {
	if week == ([7]float64{}) {
		return 1
	}
	return week[weekday]
}

// costAt is the item's cost times a factor, at least a tick.
func (it *item) costAt(factor float64) int64 {
	return max(1, int64(math.Round(float64(it.cost)*factor)))
}

// limitsAt are the item's limits on a day with that cost.
func (it *item) limitsAt(cost int64) guard.Limits {
	l := it.limits
	l.Cost = cost
	return l
}

// limits are an item's guardrails at the start.
func (r *Rails) limits(it *item) guard.Limits {
	l := guard.Limits{
		Cost: it.cost, Margin: r.Margin, Floor: r.Floor, Ceiling: r.Ceiling,
		MaxStep: r.MaxStep, Dwell: int64(r.DwellHours * 3_600_000), Deadband: r.Deadband, Rounding: r.Rounding,
	}
	if l.Ceiling == 0 {
		l.Ceiling = max(1, int64(math.Round(float64(it.reference)*r.CeilingOf)))
	}
	return l
}

// at is the range's value at a quantile.
func (r Range) at(u float64) float64 {
	if r.SD > 0 {
		return min(max(r.Mean+r.SD*normalQuantile(u), r.Lo), r.Hi)
	}
	return r.Lo + (r.Hi-r.Lo)*u
}
