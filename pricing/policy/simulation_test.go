package policy

import (
	"math"
	"math/rand/v2"
	"sync"
)

// truth is a world of items whose demand is known: the price that is right for each, how far off the shop's own
// price is, and what shifts in mid-run.
type truth struct {
	name           string
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

type outcome struct {
	ours, fixed, best, first, last float64
	moves, alarms                  float64
}

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
					out.moves++
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
			if d < w.days/2 {
				out.first += gain - base
			} else {
				out.last += gain - base
			}
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
	for i := range states {
		out.alarms += float64(states[i].Changes)
	}
	n := float64(len(goods))
	out.moves /= n
	out.alarms /= n
	return out
}

// uplift is the mean over seeds of profit over the fixed price's, in percent, and of the clairvoyant's.
func (w *truth) uplift(seeds int, p Params) (ours, best, moves, alarms, worst, first, last float64) {
	outs := make([]outcome, seeds)
	var wg sync.WaitGroup
	for half := range 2 {
		wg.Go(func() {
			for s := half; s < seeds; s += 2 {
				outs[s] = w.run(uint64(s+1), p)
			}
		})
	}
	wg.Wait()
	worst = math.Inf(1)
	n := float64(seeds)
	for _, o := range outs {
		u := 100 * (o.ours/o.fixed - 1)
		ours += u / n
		worst = math.Min(worst, u)
		best += 100 * (o.best/o.fixed - 1) / n
		moves += o.moves / n
		alarms += o.alarms / n
		first += 100 * o.first / o.fixed / n
		last += 100 * o.last / o.fixed / n
	}
	return
}

func truths() []truth {
	base := truth{
		name: "isoelastic", curve: "isoelastic", items: 40, days: 120, views: [2]float64{100, 400}, elasticity: [2]float64{1.9, 3.0},
		conversion: [2]float64{0.02, 0.05}, share: 0.5, off: [2]float64{0.15, 0.40},
	}
	with := func(name string, change func(*truth)) truth {
		w := base
		w.name = name
		change(&w)
		return w
	}
	single := func(w *truth) {
		w.items, w.days, w.views, w.conversion, w.alone = 8, 180, [2]float64{400, 400}, [2]float64{0.03, 0.03}, true
	}
	return []truth{
		base,
		with("logit", func(w *truth) { w.curve = "logit" }),
		with("linear", func(w *truth) { w.curve = "linear" }),
		with("shift", func(w *truth) { w.days, w.shiftAt, w.level, w.steeper = 180, 90, 0.7, 1.3 }),
		with("optimal", func(w *truth) { w.share = 0 }),
		with("optimal logit", func(w *truth) { w.share, w.curve = 0, "logit" }),
		with("optimal thin", func(w *truth) { w.share, w.days, w.views = 0, 180, [2]float64{3, 10} }),
		with("optimal noisy", func(w *truth) { w.share, w.noise = 0, 2 }),
		with("thin", func(w *truth) { w.days, w.views = 180, [2]float64{3, 10} }),
		with("40x15%", func(w *truth) { w.share, w.views, w.off = 0.15, [2]float64{100, 100}, [2]float64{0.2, 0.4} }),
		with("1 off up", func(w *truth) { single(w); w.share, w.direction, w.off = 1, 1, [2]float64{0.4, 0.4} }),
		with("1 off down", func(w *truth) { single(w); w.share, w.direction, w.off = 1, -1, [2]float64{0.3, 0.3} }),
		with("1 logit up", func(w *truth) {
			single(w)
			w.share, w.direction, w.off, w.curve = 1, 1, [2]float64{0.4, 0.4}, "logit"
		}),
		with("1 logit down", func(w *truth) {
			single(w)
			w.share, w.direction, w.off, w.curve = 1, -1, [2]float64{0.3, 0.3}, "logit"
		}),
		with("1 optimal", func(w *truth) { single(w); w.share = 0 }),
		with("1 opt 60d", func(w *truth) { single(w); w.share, w.days = 0, 60 }),
		with("1 opt steep", func(w *truth) { single(w); w.share, w.elasticity = 0, [2]float64{4, 7} }),
		with("1 opt flat", func(w *truth) { single(w); w.share, w.elasticity = 0, [2]float64{1.3, 1.7} }),
		with("1 opt 100v", func(w *truth) { single(w); w.share, w.views = 0, [2]float64{100, 100} }),
		with("1 off 100v", func(w *truth) { single(w); w.share, w.views, w.off = 1, [2]float64{100, 100}, [2]float64{0.2, 0.4} }),
		with("1 opt shift", func(w *truth) { single(w); w.share, w.shiftAt, w.level, w.steeper = 0, 90, 0.7, 1 }),
		with("1 opt shift e", func(w *truth) { single(w); w.share, w.shiftAt, w.level, w.steeper = 0, 90, 1, 1.4 }),
		with("1 opt shift e-", func(w *truth) { single(w); w.share, w.shiftAt, w.level, w.steeper = 0, 90, 1, 0.75 }),
	}
}
