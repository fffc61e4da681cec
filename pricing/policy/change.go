package policy

import "math"

// watch compares the slot with what was expected of it and sums the standardised residuals both ways
// (CUSUM, Page 1954). When a sum passes the alarm the level of demand is taken to have shifted: it is learned
// anew, while what is known of the elasticity stays, with less weight.
func (st *State) watch(o Observation, x float64, p Params) {
	mean, variance := st.expect(float64(o.Price), x, p)
	if !(mean > 0) {
		return
	}
	noise := math.Max(st.Spread, 1)
	z := (o.Units - mean) / math.Sqrt(float64(mean*noise)+variance)
	plain := float64(z*z) * noise
	if st.Spread == 0 {
		st.Spread = 1
	}
	st.Spread += float64(math.Max(0.04, 1/st.Slots) * (math.Min(plain, float64(9*noise)) - st.Spread))
	z = clamp(z, -4, 4)
	st.Up = math.Max(0, st.Up+z-p.Slack)
	st.Down = math.Max(0, st.Down-z-p.Slack)
	if st.Up > p.Alarm || st.Down > p.Alarm {
		st.shift(o.Slot)
	}
}

// shift sets everything learned so far apart.
func (st *State) shift(at int64) {
	kept := st.Bins[:0]
	for _, b := range st.Bins {
		if b.Before {
			continue
		}
		kept = append(kept, Bin{
			Price: b.Price, Before: true,
			Exposure: float64(b.Exposure * fadeBefore), Units: float64(b.Units * fadeBefore),
		})
	}
	st.Bins = kept
	st.squeeze(true, mostBefore)
	st.Up, st.Down = 0, 0
	st.Spread = math.Max((1+st.Spread)/2, 1) // half of what it rose by may have been the shift
	st.Changes++
	st.Changed = at
}

// expect is the mean of the units of a slot with exposure x at a price, and the variance of that mean from
// what is not known of level and elasticity.
func (st *State) expect(price, x float64, p Params) (mean, variance float64) {
	q := roughly()
	q.likelihood(st, price)
	if q.units < enough {
		return 0, 0
	}
	q.prior(Pool{}, p, 0)
	square := 0.0
	for f := q.from; f < q.to; f++ {
		for j := range grid {
			m := float64(q.level[f][j] * x)
			mean += float64(q.w[f][j] * m)
			square += float64(q.w[f][j] * float64(m*m))
		}
	}
	variance = math.Max(square-float64(mean*mean), 0) + float64(mean*mean)/q.units
	return mean, variance
}
