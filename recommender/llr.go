package recommender

import "math"

// LLR is Dunning's log-likelihood ratio (Computational Linguistics 19, 1993) of two items of which both appear in k11 baskets, only
// the one in k12, only the other in k21, and neither in k22: how surprising it is that they appear together, or apart, that often.
func LLR(k11, k12, k21, k22 float64) float64 {
	n := k11 + k12 + k21 + k22
	cells := xLogX(k11) + xLogX(k12) + xLogX(k21) + xLogX(k22)
	rows := xLogX(k11+k12) + xLogX(k21+k22)
	columns := xLogX(k11+k21) + xLogX(k12+k22)
	return max(0, 2*(cells-rows-columns+xLogX(n)))
}

func xLogX(x float64) float64 {
	if x <= 0 {
		return 0
	}
	return x * math.Log(x)
}

// association is LLR where two items appear together more often than by chance, and 0 otherwise. a and b are the baskets with each,
// k those with both, n all.
func association(k, a, b, n float64) float64 {
	if k*n <= a*b {
		return 0
	}
	return LLR(k, a-k, b-k, n-a-b+k)
}
