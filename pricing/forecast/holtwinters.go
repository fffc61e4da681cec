package forecast

// holtWinters is additive Holt-Winters with a damped trend: three smoothing constants, found on the item's own past.
type holtWinters struct{ level, trend, season float64 }

const hwDamping = 0.95

// smoothings are the constants that are tried. The small ones first: of equals the calmer is taken.
var smoothings = [...]holtWinters{
	{0.05, 0, 0.05},
	{0.1, 0, 0.05},
	{0.1, 0, 0.15},
	{0.2, 0, 0.05},
	{0.2, 0, 0.15},
	{0.4, 0, 0.1},
	{0.1, 0.02, 0.05},
	{0.2, 0.02, 0.1},
	{0.2, 0.05, 0.1},
	{0.4, 0.1, 0.1},
}

// tuned is the constants with the least rolling error, and that error.
func tuned(y []float64) (best holtWinters, least float64) {
	least = inf
	for _, h := range smoothings {
		if r := h.rolling(y); r < least {
			best, least = h, r
		}
	}
	return best, least
}

func (holtWinters) name() string { return "holt_winters" }

// smoothed is the state after some days.
type smoothed struct {
	level, trend float64
	season       [period]float64
}

// begin is the state after the first two weeks.
func begin(y []float64) (s smoothed) {
	s.level = mean(y[:2*period])
	for d := range s.season {
		s.season[d] = (y[d]+y[d+period])/2 - s.level
	}
	return s
}

// step takes in day i.
func (h holtWinters) step(s *smoothed, i int, y float64) {
	d := i % period
	was := s.level
	s.level = h.level*(y-s.season[d]) + (1-h.level)*(s.level+hwDamping*s.trend)
	s.trend = h.trend*(s.level-was) + (1-h.trend)*hwDamping*s.trend
	s.season[d] = h.season*(y-s.level) + (1-h.season)*s.season[d]
}

// ahead is the mean of the day h days after day i, which comes next.
func (s *smoothed) ahead(i, h int) float64 {
	trend, by := 0.0, s.trend
	for range h + 1 {
		by *= hwDamping
		trend += by
	}
	return max(s.level+trend+s.season[(i+h)%period], 0)
}

// rolling is what rolling(y, h) is, in one pass.
func (h holtWinters) rolling(y []float64) float64 {
	s := begin(y)
	from := max(shortest, len(y)-4*period)
	var off, n float64
	for t := 2 * period; t < len(y); t++ {
		if t >= from {
			for k := range min(period, len(y)-t) {
				off += abs(y[t+k] - s.ahead(t, k))
				n++
			}
		}
		h.step(&s, t, y[t])
	}
	if n == 0 {
		return inf
	}
	return off / n
}

func (h holtWinters) forecast(y []float64, horizon int) []float64 {
	s := begin(y)
	for t := 2 * period; t < len(y); t++ {
		h.step(&s, t, y[t])
	}
	out := make([]float64, horizon)
	for k := range out {
		out[k] = s.ahead(len(y), k)
	}
	return out
}

func (h holtWinters) spread(y, mean []float64) spread { return measured(y, h) }
