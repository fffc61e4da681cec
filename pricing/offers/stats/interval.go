package stats

import "math"

// Interval is an estimate and the bounds that hold it.
type Interval struct {
	Estimate float64 `json:"estimate"`
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
}

// Excludes says whether v lies outside the interval.
func (i Interval) Excludes(v float64) bool { return v < i.Low || v > i.High }

// Scaled is the interval times factor, which must not be negative.
func (i Interval) Scaled(factor float64) Interval {
	return Interval{i.Estimate * factor, i.Low * factor, i.High * factor}
}

// Sample is the mean of a sample and how much one element varies about it.
type Sample struct {
	N        float64
	Mean     float64
	Variance float64 // of one element
}

// se2 is the squared standard error of the mean.
func (s Sample) se2() float64 { return s.Variance / s.N }

// Proportion is the sample of hits among n trials. Its mean is hits/n; its variance is that of one hit and one miss more, so that an arm
// in which nothing happened yet is not taken for one in which nothing can happen.
func Proportion(hits, n int64) Sample {
	if n <= 0 {
		return Sample{}
	}
	p := (float64(hits) + 1) / (float64(n) + 2)
	return Sample{N: float64(n), Mean: float64(hits) / float64(n), Variance: p * (1 - p)}
}

// Sequential makes intervals that hold at every look at once: with probability 1-Alpha the truth is in all of them, however often
// and for whatever reason somebody looks and stops. They are the normal-mixture confidence sequences of Robbins (1970) in the
// asymptotic form of Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (Annals of Statistics, 2024), two-sided.
type Sequential struct {
	Alpha   float64 // 0.05 if 0
	Planned float64 // N*: the sample size at which the interval is tightest; 10,000 if 0
}

func (s Sequential) withDefaults() Sequential {
	if s.Alpha <= 0 || s.Alpha >= 1 {
		s.Alpha = 0.05
	}
	if s.Planned <= 0 {
		s.Planned = 10_000
	}
	return s
}

// HalfWidth is how far the bounds stand from an estimate with standard error se that n elements of all arms together gave:
//
//	ρ² = (-2 ln α + ln(1 - 2 ln α)) / N*,  s² = se²·n,  √(s² · 2(nρ²+1)/(nρ)² · ln(√(nρ²+1)/α))
//
// It is infinite for n < 1.
func (s Sequential) HalfWidth(se, n float64) float64 {
	if n < 1 {
		return math.Inf(1)
	}
	s = s.withDefaults()
	rho2 := (-2*math.Log(s.Alpha) + math.Log(1-2*math.Log(s.Alpha))) / s.Planned
	a := n*rho2 + 1
	return se * math.Sqrt(n*2*a/(n*n*rho2)*math.Log(math.Sqrt(a)/s.Alpha))
}

// Difference is by how much the mean of b exceeds that of a. ok is false while an arm is empty.
func (s Sequential) Difference(a, b Sample) (i Interval, ok bool) {
	if a.N < 1 || b.N < 1 {
		return Interval{}, false
	}
	return s.around(b.Mean-a.Mean, math.Sqrt(a.se2()+b.se2()), a.N+b.N), true
}

// Relative is by which share of a's mean that of b exceeds it, by the delta method. ok is false while an arm is empty or the mean of
// a is not clearly above 0: less than two standard errors.
func (s Sequential) Relative(a, b Sample) (i Interval, ok bool) {
	if a.N < 1 || b.N < 1 || a.Mean <= 2*math.Sqrt(a.se2()) {
		return Interval{}, false
	}
	ratio := b.Mean / a.Mean
	se := math.Sqrt(b.se2()+ratio*ratio*a.se2()) / a.Mean
	return s.around(ratio-1, se, a.N+b.N), true
}

func (s Sequential) around(estimate, se, n float64) Interval {
	half := s.HalfWidth(se, n)
	return Interval{estimate, estimate - half, estimate + half}
}

// Needed is how many elements of all arms together make the bounds of Difference stand no further than effect from the estimate, when
// the arms go on as they are: as large against each other, and varying as much. It is infinite where that takes more than a billion.
func (s Sequential) Needed(a, b Sample, effect float64) float64 {
	n := a.N + b.N
	if a.N < 1 || b.N < 1 || !(effect > 0) {
		return math.Inf(1)
	}
	one := math.Sqrt((a.se2() + b.se2()) * n) // the standard error that one element would leave
	wide := func(n float64) bool { return s.HalfWidth(one/math.Sqrt(n), n) > effect }
	low, high := 1.0, 1e9
	if wide(high) {
		return math.Inf(1)
	}
	for high > low*1.001 {
		if mid := math.Sqrt(low * high); wide(mid) {
			low = mid
		} else {
			high = mid
		}
	}
	return math.Ceil(high)
}
