package policy

import (
	"math"
	"slices"
)

// market is the median of the competitors' fresh prices, 0 where fewer than two are left after the outliers:
// those further from the median than three times the scaled median absolute deviation (at least 5 %).
func market(all []Competitor, now, age int64) int64 {
	prices := make([]float64, 0, 32)
	for _, c := range all {
		if c.Price > 0 && c.At <= now && now-c.At <= age && len(prices) < cap(prices) {
			prices = append(prices, float64(c.Price))
		}
	}
	if len(prices) < 2 {
		return 0
	}
	middle := median(prices)
	far := make([]float64, len(prices))
	for i, p := range prices {
		far[i] = math.Abs(p - middle)
	}
	most := math.Max(float64(3*float64(1.4826*median(far))), float64(0.05*middle))
	kept := prices[:0]
	for _, p := range prices {
		if math.Abs(p-middle) <= most {
			kept = append(kept, p)
		}
	}
	if len(kept) < 2 {
		return 0
	}
	return int64(math.Floor(median(kept)))
}

// median sorts its argument.
func median(x []float64) float64 {
	slices.Sort(x)
	n := len(x)
	if n%2 == 1 {
		return x[n/2]
	}
	return (x[n/2-1] + x[n/2]) / 2
}
