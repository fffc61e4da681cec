package policy

import (
	"math"
	"math/rand/v2"
	"testing"
)

// truth is a world of items whose demand is known: the price that is right for each, how far off the shop's own
// price is, and what shifts in mid-run.
type truth struct {
	curve          string // isoelastic, exponential, logit, linear
	items, days    int
	views          [2]float64
	elasticity     [2]float64
	conversion     [2]float64
	share          float64 // of prices that are off
	off            [2]float64
	direction      int
	shiftAt        int
	level, steeper float64
	noise          float64 // negative binomial k; 0 Poisson
	alone          bool    // no pool
}

type good struct {
	ref, cost, right         float64 // the shop's price, the cost, the price that is right at the start
	views, conversion, steep float64
}

// bought is conversion at a price.
func (w *truth) bought(g *good, price float64, day int) float64 {
	e, level := g.steep, g.conversion
	if w.shiftAt > 0 && day >= w.shiftAt {
		e, level = e*w.steeper, level*w.level
	}
	x := price / g.right
	switch w.curve {
	case "exponential":
		return level * math.Exp(-e*(x-1))
	case "logit":
		const most = 0.12
		s := g.conversion / most
		b := e / (1 - s)
		a := math.Log(s/(1-s)) + b
		return level / g.conversion * most / (1 + math.Exp(b*x-a))
	case "linear":
		return math.Max(level*(1+e-e*x), 0)
	}
	return level * math.Pow(x, -e)
}

func (w *truth) draw(r *rand.Rand) []good {
	between := func(x [2]float64) float64 { return x[0] + (x[1]-x[0])*r.Float64() }
	out := make([]good, w.items)
	for i := range out {
		g := &out[i]
		g.right = math.Round(between([2]float64{1500, 9000}))
		g.steep = between(w.elasticity)
		g.conversion = between(w.conversion)
		g.views = between(w.views)
		g.cost = math.Round(g.right * (1 - 1/g.steep))
		g.ref = g.right
		side, isOff, off := r.Float64() < 0.5, r.Float64() < w.share, between(w.off)
		if isOff {
			if w.direction < 0 || w.direction == 0 && side {
				off = -off
			}
			g.ref = math.Round(math.Max(g.right*(1+off), g.cost*1.08))
		}
	}
	return out
}

func drawPoisson(r *rand.Rand, mean float64) float64 {
	if mean > 400 {
		return math.Max(math.Round(mean+math.Sqrt(mean)*r.NormFloat64()), 0)
	}
	limit, p, n := math.Exp(-mean), 1.0, -1.0
	for p >= limit || n < 0 {
		p *= r.Float64()
		n++
	}
	return n
}

func drawGamma(r *rand.Rand, k float64) float64 {
	// Sum of exponentials for whole k is enough here.
	s := 0.0
	for range int(k) {
		s -= math.Log(1 - r.Float64())
	}
	return s / k
}

// outcome is the profit expected at our prices, at the shop's own and at the best ones.
type outcome struct{ ours, fixed, best float64 }

// run prices the world drawn from seed and sums expected profits.
func (w *truth) run(seed uint64, p Params) (out outcome) {
	r := rand.New(rand.NewPCG(seed, 77))
	goods := w.draw(r)
	states := make([]State, len(goods))
	prices := make([]int64, len(goods))
	members := make([]Member, len(goods))
	for i, g := range goods {
		prices[i] = int64(g.ref)
		members[i] = Member{&states[i], int64(g.ref), int64(g.cost)}
	}
	var pool Pool
	const day = 86_400_000
	for d := range w.days {
		for i := range goods {
			g := &goods[i]
			if d > 0 {
				in := Input{
					State: &states[i], Pool: pool, Ref: int64(g.ref), Current: prices[i], Cost: int64(g.cost), Floor: int64(g.cost),
					Ceiling: int64(2 * g.right), Stock: -1, Now: int64(d) * day, Seed: seed<<8 + uint64(i), Explore: true, Params: p,
				}
				o := Propose(in)
				if o.Move {
					prices[i] = o.Price
				}
			}
			price := float64(prices[i])
			views := drawPoisson(r, g.views)
			mean := views * w.bought(g, price, d)
			luck := 1.0
			if w.noise > 0 {
				luck = drawGamma(r, w.noise)
			}
			units := drawPoisson(r, mean*luck)
			gain := mean * (price - g.cost)
			base := views * w.bought(g, g.ref, d) * (g.ref - g.cost)
			out.ours += gain
			out.fixed += base
			top := 0.0
			for x := 0.4; x < 2; x += 0.02 {
				q := math.Max(x*g.right, g.cost)
				top = math.Max(top, w.bought(g, q, d)*(q-g.cost))
			}
			out.best += views * top
			Observe(&states[i], Observation{Slot: int64(d) * day, Price: prices[i], Views: views, Units: units, Clean: true}, p)
		}
		if !w.alone {
			pool = Estimate(members, p)
		}
	}
	return out
}

// uplift is the mean over seeds of expected profit over the fixed price's, and the clairvoyant's.
func (w *truth) uplift(seeds uint64) (ours, best float64) {
	for s := range seeds {
		o := w.run(s+1, Params{})
		ours += (o.ours/o.fixed - 1) / float64(seeds)
		best += (o.best/o.fixed - 1) / float64(seeds)
	}
	return ours, best
}

func TestWrongPricesEarnMoreAndRightOnesLoseAtMostHalfAPercent(t *testing.T) {
	base := truth{
		curve: "isoelastic", items: 20, days: 120, views: [2]float64{100, 400}, elasticity: [2]float64{1.9, 3.0},
		conversion: [2]float64{0.02, 0.05}, share: 0.5, off: [2]float64{0.15, 0.40},
	}
	for _, c := range []struct {
		name   string
		change func(*truth)
		seeds  uint64
		share  float64 // of the clairvoyant's uplift that is earned at least; below 0 the most that may be lost
	}{
		{"isoelastic", func(*truth) {}, 3, 0.6},
		{"logit", func(w *truth) { w.curve = "logit" }, 3, 0.5},
		{"linear", func(w *truth) { w.curve = "linear" }, 3, 0.4},
		{"shift", func(w *truth) { w.days, w.shiftAt, w.level, w.steeper = 180, 90, 0.7, 1.3 }, 3, 0.3},
		{"thin", func(w *truth) { w.views = [2]float64{3, 10} }, 3, 0.2},
		{"one item, too cheap", func(w *truth) { w.items, w.alone, w.direction, w.share = 1, true, -1, 1 }, 12, 0.5},
		{"right", func(w *truth) { w.share = 0 }, 3, -0.005},
		{"right, logit", func(w *truth) { w.share, w.curve = 0, "logit" }, 3, -0.005},
		{"right, thin", func(w *truth) { w.share, w.views = 0, [2]float64{3, 10} }, 3, -0.005},
		{"right, noisy", func(w *truth) { w.share, w.noise = 0, 2 }, 3, -0.005},
		{"right, one item", func(w *truth) { w.items, w.alone, w.share, w.days = 1, true, 0, 180 }, 24, -0.005},
	} {
		w := base
		c.change(&w)
		ours, best := w.uplift(c.seeds)
		least := c.share
		if c.share > 0 {
			least = c.share * best
		}
		if ours < least {
			t.Errorf("%s: %+.2f %%, want at least %+.2f %%; the clairvoyant earns %+.2f %%", c.name, 100*ours, 100*least, 100*best)
		}
		t.Logf("%s: %+.2f %% of %+.2f %%", c.name, 100*ours, 100*best)
	}
}
