package simulate

// marks is how many points of time the report keeps of a run.
const marks = 60

// outcome is what one policy did in one world. Money is in ticks.
type outcome struct {
	profit, revenue int64
	changes         int
	violations      int
	cumulated       []int64   // profit so far, at the end of each mark
	paths           [][]int64 // prices by day of the first items, where they were asked for
}

// play lets a policy price a world from its first day to its last. The first paths items' prices are kept.
func play(w *world, p pricer, paths int) outcome {
	days := w.scenario.Days
	out := outcome{cumulated: make([]int64, 0, markCount(days)), paths: make([][]int64, min(paths, len(w.items)))}
	stock := make([]int64, len(w.items))
	last := make([]int64, len(w.items))
	for i := range w.items {
		stock[i], last[i] = w.items[i].stock, w.items[i].start
	}
	var season week
	for day := range days {
		factor := season.factor(day % 7)
		for i := range w.items {
			t := &w.items[i].days[day]
			price, broken := p.price(i, day, shelf{stock: stock[i], season: factor})
			out.violations += broken
			if price != last[i] {
				out.changes++
				last[i] = price
			}
			if i < len(out.paths) {
				out.paths[i] = append(out.paths[i], price)
			}
			units, clean := t.sold(price), true
			if stock[i] >= 0 {
				clean = int64(units) < stock[i]
				units = min(units, int(stock[i]))
				stock[i] -= int64(units)
			}
			out.revenue += price * int64(units)
			out.profit += (price - t.cost) * int64(units)
			if clean {
				season.add(day%7, float64(t.views), float64(units))
			}
			p.learn(i, sales{day: day, price: price, views: t.views, units: units, season: factor, clean: clean})
		}
		p.endDay(day)
		if isMark(day, days) {
			out.cumulated = append(out.cumulated, out.profit)
		}
	}
	for i, left := range stock {
		if left > 0 { // what is not sold and spoils is a loss of the last day
			out.profit -= left * (w.items[i].cost - w.items[i].salvage)
		}
	}
	if n := len(out.cumulated); n > 0 {
		out.cumulated[n-1] = out.profit
	}
	return out
}

// isMark says whether the report keeps the end of this day; the last day is always kept.
func isMark(day, days int) bool {
	return days <= marks || (day+1)*marks/days != day*marks/days
}

func markCount(days int) int { return min(days, marks) }
