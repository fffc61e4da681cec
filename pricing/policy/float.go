package policy

import "math"

// The exponential and logarithm of this package: plain sums and rounded products, so that every architecture
// gives the same bits. math.Exp and math.Log are assembly on some of them. Both are good to about 5e-16, exp
// relative and log absolute, and take a table of 32 values each and a short series around its nearest entry.

const (
	ln2Hi = 6.93147180369123816490e-01 // the first 33 bits of ln 2
	ln2Lo = 1.90821492927058770002e-10 // the rest
)

// exp is e^x, 0 below -700 and e^700 above 700.
func exp(x float64) float64 {
	if !(x >= -700) {
		return 0
	}
	if x > 700 {
		x = 700
	}
	k := int64(float64(x*(32/math.Ln2)) + 1<<20 + 0.5)
	k -= 1 << 20 // rounded to the nearest, also below 0
	n := float64(k)
	r := (x - float64(n*(ln2Hi/32))) - float64(n*(ln2Lo/32))
	// |r| ≤ 0.0109: the seventh power's term is below 4e-18.
	s := float64(r*(1./720)) + 1./120
	s = float64(r*s) + 1./24
	s = float64(r*s) + 1./6
	s = float64(r*s) + 1./2
	s = float64(r*s) + 1
	s = float64(r*s) + 1
	return float64(float64(s*roots[k&31]) * math.Float64frombits(uint64(k>>5+1023)<<52))
}

// log is the natural logarithm of a normal number; -745 for what is smaller or not positive, 710 for infinity.
func log(x float64) float64 {
	switch {
	case !(x >= 0x1p-1022):
		return -745
	case x > math.MaxFloat64:
		return 710
	case x == 1:
		return 0
	}
	bits := math.Float64bits(x)
	e := float64(int64(bits>>52) - 1023)
	i := bits >> 47 & 31
	m := math.Float64frombits(bits&(1<<52-1) | 1023<<52)
	c := center(i)
	// ln(m/c) = 2·artanh(t), |t| ≤ 0.0079: the ninth power's term is below 2e-20.
	t := (m - c) / (m + c)
	q := float64(t * t)
	s := float64(q*(2./7)) + 2./5
	s = float64(q*s) + 2./3
	s = float64(q*s) + 2
	return float64(e*ln2Hi) + (logs[i] + (float64(t*s) + float64(e*ln2Lo)))
}

// center is the middle of the part of [1, 2) that entry i of logs stands for.
func center(i uint64) float64 { return 1 + (float64(i)+0.5)/32 }

// roots are 2^(i/32), logs the logarithms of the centers. They are never changed.
var (
	roots = makeRoots()
	logs  = makeLogs()
)

func makeRoots() (out [32]float64) {
	for i := range out {
		r, s := float64(float64(i)*(math.Ln2/32)), 1.0
		for n := 20; n > 0; n-- {
			s = float64(s*(r/float64(n))) + 1
		}
		out[i] = s
	}
	return out
}

func makeLogs() (out [32]float64) {
	for i := range out {
		c := center(uint64(i))
		t, s := (c-1)/(c+1), 0.0
		for n := 41; n > 0; n -= 2 {
			s = float64(s*float64(t*t)) + 1/float64(n)
		}
		out[i] = float64(float64(2*t) * s)
	}
	return out
}

func clamp(x, lo, hi float64) float64 {
	if x < lo {
		return lo
	}
	if x > hi {
		return hi
	}
	return x
}
