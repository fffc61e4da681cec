package policy

import (
	"math"
	"testing"
)

// integrated is the posterior mean of the elasticity by brute force: for each point of the grid the likelihood
// of all bins is integrated over the level of demand in 40,000 steps, each side of a shift with its own.
func integrated(bins []Bin, ref float64, family int, near, wide [points]float64) (mean float64) {
	total := 0.0
	for j, e := range grid {
		l := near[j] + wide[j]
		for _, before := range []bool{false, true} {
			units, exposure, fixed := 0.0, 0.0, 0.0
			for _, b := range bins {
				if b.Before == before {
					h := -e * bend(family, b.Price/ref)
					units += b.Units
					exposure += b.Exposure * math.Exp(h)
					fixed += b.Units * h
				}
			}
			if units == 0 {
				continue
			}
			// θ^(Y-1)·e^(-θX), with θ on a logarithmic scale so that 1/θ is its step.
			top, sum := units*math.Log(units)-units, 0.0
			const steps = 40_000
			for i := range steps {
				theta := math.Exp(-14 + 14*float64(i)/steps)
				sum += math.Exp(units*math.Log(theta*1000)-theta*exposure-top) / steps
			}
			l *= sum * math.Exp(fixed)
		}
		total += l
		mean += l * e
	}
	return mean / total
}

func TestPosteriorIsWhatIntegrationGives(t *testing.T) {
	bins := []Bin{
		{Price: 900, Exposure: 800, Units: 31},
		{Price: 1000, Exposure: 1500, Units: 44},
		{Price: 1090, Exposure: 700, Units: 15},
		{Price: 800, Exposure: 600, Units: 50, Before: true},
		{Price: 1100, Exposure: 600, Units: 26, Before: true},
	}
	pool := Pool{Mean: 2.3, SD: 0.6, Right: 0.3, Items: 12}
	presumed := pool
	presumed.Right = pool.presumed()
	near, wide := weights(1000, 550, presumed)
	for family := range families {
		for _, seen := range [][]Bin{bins, bins[:3], bins[3:]} {
			q := posterior{from: family, to: family + 1}
			q.likelihood(&State{Bins: seen}, 1000)
			q.prior(pool, Params{}, 550)
			got := 0.0
			for j := range grid {
				got += q.w[family][j] * grid[j]
			}
			if want := integrated(seen, 1000, family, near, wide); math.Abs(got-want) > 1e-3 {
				t.Errorf("family %d, %d bins: elasticity %.5f, by integration %.5f", family, len(seen), got, want)
			}
		}
	}
}

func TestPriorWeightsAreOneAndLeanToTheImpliedElasticity(t *testing.T) {
	for _, pool := range []Pool{{Mean: 2.4, SD: 0.4, Right: 0.1}, {Mean: 5, SD: 0.25, Right: 0.9}, {Mean: 0.5, SD: 3, Right: 0.02}} {
		for _, cost := range []float64{0, 1, 300, 600, 900, 999, 1000, 1200} {
			near, wide := weights(1000, cost, pool)
			sum := 0.0
			for j := range grid {
				if !(near[j] >= 0) || !(wide[j] >= 0) {
					t.Fatalf("cost %g: weights %g and %g", cost, near[j], wide[j])
				}
				sum += near[j] + wide[j]
			}
			if math.Abs(sum-1) > 1e-9 {
				t.Errorf("%+v, cost %g: sum %g", pool, cost, sum)
			}
		}
	}
	mean := func(cost float64) (m float64) {
		near, wide := weights(1000, cost, Pool{Mean: 2.5, SD: 1.5, Right: 0.4})
		for j := range grid {
			m += grid[j] * (near[j] + wide[j])
		}
		return m
	}
	if low, high := mean(400), mean(800); !(low < 2.2) || !(high > 3) {
		t.Errorf("a price at 2.5 times its cost gives %.2f, one at 1.25 times %.2f", low, high)
	}
}

func TestPosteriorFindsTheElasticityOfEveryCurve(t *testing.T) {
	for _, curve := range []string{"isoelastic", "exponential", "linear"} {
		w := truth{curve: curve}
		g := good{right: 1000, conversion: 0.03, steep: 2.6}
		var st State
		for d := range int64(60) {
			price := 900 + 40*(d%6)
			x := 20_000.0
			Observe(&st, Observation{Slot: d * 86_400_000, Price: price, Views: x, Units: x * w.bought(&g, float64(price), 0), Clean: true}, Params{})
		}
		o := Propose(Input{State: &st, Ref: 1000, Current: 1000, Cost: 700, Stock: -1})
		if math.Abs(o.Elasticity.Mean-2.6) > 0.15 || o.Elasticity.Lo > 2.6 || o.Elasticity.Hi < 2.6 {
			t.Errorf("%s: %+v, want 2.6", curve, o.Elasticity)
		}
	}
}

func TestCurveFallsWithinItsBand(t *testing.T) {
	_, in := learned(t)
	c := Curve(in, 4000, 7000, 31)
	if len(c) != 31 || c[0].Price != 4000 || c[30].Price != 7000 {
		t.Fatalf("%d points, %+v", len(c), c)
	}
	for i, p := range c {
		if !(p.Lo < p.Rate) || !(p.Rate < p.Hi) || !(p.Lo > 0) {
			t.Errorf("point %+v", p)
		}
		if i > 0 && !(p.Rate < c[i-1].Rate) {
			t.Errorf("demand rises from %+v to %+v", c[i-1], p)
		}
	}
	if Curve(in, 0, 10, 3) != nil || Curve(in, 10, 5, 3) != nil || Curve(Input{}, 1, 2, 3) != nil {
		t.Error("a curve of nothing")
	}
}
