package policy

import "math"

// The exponential and logarithm of this package: plain sums and rounded products, so that every architecture
// gives the same bits. math.Exp and math.Log are assembly on some of them. Both are good to about 2e-16 relative.

const (
	ln2Hi = 6.93147180369123816490e-01 // the first 33 bits of ln 2
	ln2Lo = 1.90821492927058770002e-10 // the rest
)

// exp is e^x, 0 below -700 and e^700 above 700.
func exp(x float64) float64 {
	if x != x || x < -700 {
		return 0
	}
	if x > 700 {
		x = 700
	}
	k := math.Floor(float64(x*(1/math.Ln2)) + 0.5)
	r := (x - float64(k*ln2Hi)) - float64(k*ln2Lo)
	// Taylor's series to the 13th term: |r| ≤ 0.347 leaves less than 1e-17.
	s := 1.0
	for i := 13; i > 0; i-- {
		s = float64(float64(r*inverse[i])*s) + 1
	}
	return float64(s * math.Float64frombits(uint64(int64(k)+1023)<<52))
}

var inverse = [14]float64{0, 1, 1. / 2, 1. / 3, 1. / 4, 1. / 5, 1. / 6, 1. / 7, 1. / 8, 1. / 9, 1. / 10, 1. / 11, 1. / 12, 1. / 13}

// log is the natural logarithm; -745 for what is not positive.
func log(x float64) float64 {
	if !(x > 0) {
		return -745
	}
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = float64(m*2), e-1
	}
	// ln m = 2·artanh(z), |z| ≤ 0.172: ten terms leave less than 1e-17.
	z := (m - 1) / (m + 1)
	q := float64(z * z)
	s := 0.0
	for i := 10; i >= 0; i-- {
		s = float64(s*q) + odd[i]
	}
	return float64(float64(e)*ln2Hi) + (float64(float64(z*2)*s) + float64(float64(e)*ln2Lo))
}

var odd = [11]float64{1, 1. / 3, 1. / 5, 1. / 7, 1. / 9, 1. / 11, 1. / 13, 1. / 15, 1. / 17, 1. / 19, 1. / 21}

func clamp(x, lo, hi float64) float64 {
	if x < lo {
		return lo
	}
	if x > hi {
		return hi
	}
	return x
}
