package simulate

// week learns what the weekday does to conversion from all items together, as a shop's baseline does. A weekday's deviation from the
// mean is believed as far as the seven of them deviate more than counting noise makes them: positive-part empirical Bayes (Efron and
// Morris, Stein's estimation rule and its competitors, 1973). Without a season the factors stay near 1.
type week struct {
	views, units [7]float64
}

func (w *week) add(weekday int, views, units float64) {
	w.views[weekday] += views
	w.units[weekday] += units
}

// factor is a weekday's conversion against the mean of all, 1 until every weekday has been seen to sell something.
func (w *week) factor(weekday int) float64 {
	views, units := 0.0, 0.0
	for d := range w.views {
		if w.units[d] == 0 {
			return 1
		}
		views += w.views[d]
		units += w.units[d]
	}
	spread, noise := 0.0, 0.0 // sums over the days
	for d := range w.views {
		expected := units * w.views[d] / views
		off := w.units[d]/expected - 1
		spread += off * off
		noise += 1 / expected
	}
	real := max(0, spread-noise) / 7
	expected := units * w.views[weekday] / views
	return 1 + (w.units[weekday]/expected-1)*real/(real+1/expected)
}
