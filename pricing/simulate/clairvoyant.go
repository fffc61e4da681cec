package simulate

// clairvoyant knows the truth of every day, its costs and its curve, and how many will come; of luck it knows nothing. It asks the best
// price within floor and ceiling, and is not held to step, dwell and deadband.
//
// With limited stock it asks the higher of that price and the one at which, by today's curve, expected demand just uses up what is
// left: the fluid solution of Gallego and van Ryzin, Optimal dynamic pricing of inventories with stochastic demand over finite horizons,
// 1994, solved anew every day. Where phases change the curve as well it is not exactly the best any more.
type clairvoyant struct{ w *world }

func (c clairvoyant) price(i, day int, at shelf) (price int64, violations int) {
	it := &c.w.items[i]
	t := &it.days[day]
	if it.stock < 0 {
		return t.best, 0
	}
	l := it.limitsAt(t.cost)
	floor, ceiling := l.Window()
	price = t.best
	if c.w.scenario.Perishes {
		price = t.curve.best(float64(it.salvage), floor, ceiling)
	}
	weight := 0.0
	for d := day; d < len(it.days); d++ {
		weight += float64(it.days[d].views) * it.days[d].season
	}
	if weight > 0 && weight*t.curve.conversion(float64(price)) > float64(at.stock) {
		price = t.curve.at(float64(at.stock)/weight, price, ceiling)
	}
	return price, 0
}

func (clairvoyant) learn(int, sales) {}
func (clairvoyant) endDay(int)       {}
