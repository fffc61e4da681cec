package policy

import "math"

// RunOut is the price at which stock lasts slots: rate units a slot sell at ref, elasticity holds in between
// (the fluid solution: Gallego and van Ryzin 1994). It is 0 where stock or time is none, or nothing sells.
func RunOut(ref, rate, slots, stock, elasticity float64) float64 {
	if !(ref > 0) || !(rate > 0) || !(slots > 0) || !(stock > 0) || !(elasticity > 0) {
		return 0
	}
	return float64(ref * exp(log(float64(rate*slots)/stock)/elasticity))
}

// Cover is how many slots stock lasts at a rate; -1 where that cannot be said.
func Cover(stock int64, rate float64) float64 {
	if stock < 0 || !(rate > 0) {
		return -1
	}
	return float64(stock) / rate
}

// dated is how many slots are left until the stock in hand is worth its salvage or is filled up; 0: no date.
func (in *Input) dated(p Params) float64 {
	at := in.SellBy
	if at == 0 {
		at = in.Supplied
	}
	if at <= in.Now {
		return 0
	}
	return math.Max(float64(at-in.Now)/float64(p.Slot), 1)
}
