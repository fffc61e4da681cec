package forecast

// Forecast is the units of the coming days. Values are not changed after they were made. The zero Forecast expects nothing.
type Forecast struct {
	Method string    // weekday, holt_winters, seasonal_naive, rate
	Mean   []float64 // expected units of each coming day; the day after the history is the first
	// MASE is the mean absolute error of the method on the item's own past, one to seven days ahead, as a share of the mean change from
	// one week to the next; 0 when the past is too short to say.
	MASE float64

	spread spread
}

// What a forecast is made of.
const (
	period     = 7
	shortest   = 14  // days: with fewer the mean of all is used
	fewest     = 7   // units: the same
	maxHistory = 120 // days; older ones are not looked at
	maxHorizon = 400 // days
)

// Days forecasts horizon days from whole days of units, oldest first. It repeats the last week (seasonal-naive) unless another method
// had a smaller MASE over the last four weeks, each day of which is forecast from what came before it:
//
//	weekday       a level with days of the week, all faded, and a trend by least squares whose intercept is at the time of evaluation
//	holt_winters  additive Holt-Winters with a damped trend (Gardner, 1985)
func Days(history []float64, horizon int) Forecast {
	y := history[max(len(history)-maxHistory, 0):]
	horizon = min(max(horizon, 0), maxHorizon)
	if len(y) < shortest || sum(y) < fewest {
		return FromRate(0.5+sum(y), float64(max(len(y), 1)), horizon)
	}
	best := method(naive{})
	scale := weekly(y)
	least := rolling(y, best)
	if r := rolling(y, weekday{}); r < least {
		best, least = weekday{}, r
	}
	if w, r := tuned(y); r < least {
		best, least = w, r
	}
	out := Forecast{Method: best.name(), Mean: best.forecast(y, horizon)}
	if scale > 0 {
		out.MASE = least / scale
	}
	out.spread = best.spread(y, out.Mean)
	return out
}

// FromRate forecasts a rate of units a day that is Gamma distributed with shape alpha and rate beta (in days).
func FromRate(alpha, beta float64, horizon int) Forecast {
	out := Forecast{Method: "rate", Mean: make([]float64, min(max(horizon, 0), maxHorizon))}
	if !(alpha > 0) || !(beta > 0) {
		return out
	}
	for i := range out.Mean {
		out.Mean[i] = alpha / beta
	}
	out.spread = spread{day: usualDispersion, level: 1 / alpha}
	return out
}

// usualDispersion is what days vary beyond counting noise where an item's own past does not say: a variance of μ+0.1·μ².
const usualDispersion = 0.1

// method makes a forecast from a history of at least shortest days.
type method interface {
	name() string
	forecast(y []float64, horizon int) []float64
	spread(y, mean []float64) spread
}

// rolling is the mean absolute error one to seven days ahead, over the last four weeks as far as two weeks come before them.
func rolling(y []float64, m method) float64 {
	var off, n float64
	for t := max(shortest, len(y)-4*period); t < len(y); t++ {
		ahead := min(period, len(y)-t)
		for h, mean := range m.forecast(y[:t], ahead) {
			off += abs(y[t+h] - mean)
			n++
		}
	}
	if n == 0 {
		return inf
	}
	return off / n
}

// weekly is the mean absolute change from a day to the same day of the next week: the scale of MASE.
func weekly(y []float64) float64 {
	var off float64
	for t := period; t < len(y); t++ {
		off += abs(y[t] - y[t-period])
	}
	return off / float64(len(y)-period)
}

// naive repeats the last week.
type naive struct{}

func (naive) name() string { return "seasonal_naive" }

func (naive) forecast(y []float64, horizon int) []float64 {
	out := make([]float64, horizon)
	for h := range out {
		out[h] = y[len(y)-period+h%period]
	}
	return out
}

func (m naive) spread(y, mean []float64) spread { return measured(y, m) }

func sum(y []float64) (s float64) {
	for _, v := range y {
		s += v
	}
	return s
}

func mean(y []float64) float64 {
	if len(y) == 0 {
		return 0
	}
	return sum(y) / float64(len(y))
}
