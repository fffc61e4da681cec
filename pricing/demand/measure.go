package demand

import "math"

// Counts is what was done with an item in some stretch of time. Revenue is in minor units of the currency that the site sells most in;
// it is 0 for stretches that only minutes can tell.
type Counts struct {
	Views   int64 // view_item events
	Carts   int64 // add_to_cart events
	Units   int64 // pieces bought, less those refunded
	Revenue int64
}

// Add adds b.
func (a *Counts) Add(b Counts) {
	a.Views += b.Views
	a.Carts += b.Carts
	a.Units += b.Units
	a.Revenue += b.Revenue
}

// Score compares a count with what was expected of it: ratio is (y+κ)/(μ+κ), κ = 20, which stays near 1 where both are small, and
// z is (y−μ)/√(μ+μ²/k), k = 10, the distance in standard deviations of a negative binomial count. μ below a half is taken as a half
// in z: an item that was never seen before is no surprise by one view.
func Score(count, expected float64) (ratio, z float64) {
	const kappa, k = 20, 10
	mu := max(expected, 0)
	ratio = (count + kappa) / (mu + kappa)
	mu = max(mu, 0.5)
	return ratio, (count - mu) / math.Sqrt(mu+mu*mu/k)
}

// SellThrough is the share of the pieces offered in a period that were sold in it: units/(units+stock). 0 when there were none.
func SellThrough(units, stock int64) float64 {
	if units <= 0 || stock < 0 {
		return 0
	}
	return float64(units) / float64(units+stock)
}

// Cover is for how many days stock lasts at a rate of units a day: +Inf when nothing is sold.
func Cover(stock int64, perDay float64) float64 {
	if stock <= 0 {
		return 0
	}
	if !(perDay > 0) {
		return math.Inf(1)
	}
	return float64(stock) / perDay
}
