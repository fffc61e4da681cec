package policy

import (
	"math"
	"math/rand/v2"
	"testing"
)

// days sells a level of demand for some days from a day on, at changing prices, and says on which the first shift is found.
func days(st *State, r *rand.Rand, from, n int64, perDay, elasticity, noise float64) (found int64) {
	was := st.Changes
	for d := from; d < from+n; d++ {
		price := 1000 + 100*((d*d)%3-1)
		mean := perDay * math.Pow(float64(price)/1000, -elasticity)
		if noise > 0 {
			mean *= drawGamma(r, noise)
		}
		Observe(st, Observation{Slot: d * testDay, Price: price, Views: 500, Units: drawPoisson(r, mean), Clean: true}, Params{})
		if st.Changes > was && found == 0 {
			found = d - from + 1
		}
	}
	return found
}

func TestSteadyDemandRaisesFewAlarms(t *testing.T) {
	for _, c := range []struct {
		name        string
		rate, noise float64
		most        int // in 40 × 365 days
	}{{"busy", 20, 0, 4}, {"quiet", 0.5, 0, 8}, {"noisy", 20, 4, 40}} {
		alarms := 0
		for seed := range uint64(40) {
			var st State
			days(&st, rand.New(rand.NewPCG(seed, 1)), 0, 365, c.rate, 2.4, c.noise)
			alarms += st.Changes
		}
		if alarms > c.most {
			t.Errorf("%s: %d alarms in 40 years, want at most %d", c.name, alarms, c.most)
		}
	}
}

func TestShiftsAreFoundSoon(t *testing.T) {
	for _, c := range []struct {
		rate, factor float64
		within       float64 // days, mean
	}{{20, 0.6, 9}, {20, 1.5, 9}, {5, 0.5, 18}, {5, 2, 9}} {
		sum, missed := 0.0, 0
		for seed := range uint64(40) {
			var st State
			r := rand.New(rand.NewPCG(seed, 2))
			days(&st, r, 0, 100, c.rate, 2.4, 0)
			if found := days(&st, r, 100, 60, c.rate*c.factor, 2.4, 0); found > 0 {
				sum += float64(found)
			} else {
				missed++
			}
		}
		if mean := sum / float64(40-missed); missed > 2 || mean > c.within {
			t.Errorf("%g times %g a day: found after %.1f days, missed %d of 40; want %g", c.factor, c.rate, mean, missed, c.within)
		}
	}
}

func TestAShiftForgetsTheLevelAndKeepsTheElasticity(t *testing.T) {
	var st State
	r := rand.New(rand.NewPCG(8, 8))
	days(&st, r, 0, 150, 30, 2.4, 0)
	in := Input{State: &st, Ref: 1000, Current: 1000, Cost: 600, Stock: -1}
	before := Propose(in)
	days(&st, r, 150, 15, 12, 2.4, 0)
	if st.Changes == 0 {
		t.Fatal("a fall by 60 % was not found")
	}
	after := Propose(in)
	if math.Abs(after.Elasticity.Mean-before.Elasticity.Mean) > 0.5 {
		t.Errorf("elasticity %.2f before and %.2f after", before.Elasticity.Mean, after.Elasticity.Mean)
	}
	if math.Abs(after.Rate.Mean-12) > 3 || math.Abs(before.Rate.Mean-30) > 3 {
		t.Errorf("%.1f a day before and %.1f after, want 30 and 12", before.Rate.Mean, after.Rate.Mean)
	}
	if !(after.Elasticity.Hi-after.Elasticity.Lo > before.Elasticity.Hi-before.Elasticity.Lo) {
		t.Error("the interval did not widen")
	}
}

func TestOldObservationsFade(t *testing.T) {
	var st State
	p := Params{HalfLife: 10}
	Observe(&st, Observation{Slot: 1, Price: 100, Views: 1000, Units: 10, Clean: true}, p)
	for d := range int64(10) {
		Observe(&st, Observation{Slot: 2 + d, Price: 200, Views: 1, Units: 0, Clean: true}, p)
	}
	if got := st.Bins[0].Exposure; math.Abs(got-500) > 1e-6 {
		t.Errorf("after a half life 1000 views count %g", got)
	}
}
