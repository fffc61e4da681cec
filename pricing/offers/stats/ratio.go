package stats

import "math"

// SRMAlarm is the p-value below which arms have not the sizes they were meant to have: something keeps shoppers of one arm from being
// counted, and no comparison of the arms can be trusted (Fabijan et al., KDD 2019).
const SRMAlarm = 0.001

// SRM tests for a sample ratio mismatch: χ² = Σ(O−E)²/E of the observed counts against shares, which need not sum to 1, and the
// probability p of a χ² at least as large when the shares are true. Where there is nothing to test (fewer than two arms with a share,
// or one that expects fewer than 5) p is 1; a count in an arm without a share has p = 0.
func SRM(observed []int64, shares []float64) (chi2, p float64) {
	var n, sum float64
	arms := 0
	for i, o := range observed {
		if shares[i] <= 0 {
			if o > 0 {
				return math.Inf(1), 0
			}
			continue
		}
		arms++
		n += float64(o)
		sum += shares[i]
	}
	if arms < 2 {
		return 0, 1
	}
	for i, o := range observed {
		if shares[i] <= 0 {
			continue
		}
		e := n * shares[i] / sum
		if e < 5 {
			return 0, 1
		}
		d := float64(o) - e
		chi2 += d * d / e
	}
	return chi2, chiSquareAbove(chi2, arms-1)
}

// chiSquareAbove is P(X ≥ x) for a χ² variable X with df degrees of freedom, in closed form: from 1 or 2 degrees, each two more add
// the term (x/2)^(k/2-1)·e^(-x/2)/Γ(k/2) (Abramowitz and Stegun 26.4.4 and 26.4.5).
func chiSquareAbove(x float64, df int) float64 {
	if x <= 0 {
		return 1
	}
	half := x / 2
	var p, term float64 // term is the one that the next two degrees add
	k := 2 - df%2
	if k == 1 {
		p = math.Erfc(math.Sqrt(half))
		term = 2 * math.Sqrt(half/math.Pi) * math.Exp(-half)
	} else {
		p = math.Exp(-half)
		term = half * math.Exp(-half)
	}
	for ; k < df; k += 2 {
		p += term
		term *= half / (float64(k)/2 + 1)
	}
	return min(p, 1)
}
