package policy

import "math"

// extrapolate is how far beyond the prices seen a best price is looked for.
const extrapolate = 1.3

// Propose chooses a price. It is pure: what it learns from is in.State, which it only reads.
func Propose(in Input) Proposal {
	p := in.Params.filled()
	out := Proposal{Price: in.Current, Best: in.Current, Reason: Hold, Cover: -1}
	lo, hi := in.Floor, in.Ceiling
	if hi <= 0 {
		hi = math.MaxInt64 / 4
	}
	lo = max(lo, 1)
	switch {
	case in.Current <= 0 || in.Ref <= 0 || in.State == nil:
		out.Gate = NoPrice
		return out
	case !in.State.sound() || !in.Pool.sound():
		out.Gate = Unsound
		return out
	case lo > hi:
		out.Gate = Infeasible
		return out
	case in.Current < lo || in.Current > hi:
		out.Price, out.Move, out.Reason = min(max(in.Current, lo), hi), true, Bounds
		return out
	}
	c := chooser{in: &in, p: p, lo: float64(lo), hi: float64(hi), q: everything(), cost: float64(in.Cost), current: float64(in.Current)}
	c.choose(&out)
	return out
}

type chooser struct {
	in      *Input
	p       Params
	q       posterior
	t       table
	lo, hi  float64 // bounds
	cost    float64 // what a piece sold gives up
	current float64
	views   float64 // exposure of the coming slot
	slots   float64 // left until stock is to be sold or filled up; 0: no date
}

func (c *chooser) choose(out *Proposal) {
	in, st := c.in, c.in.State
	c.views = in.Views
	if !(c.views > 0) || c.views > mostCount {
		c.views = st.Views
	}
	if in.Season > 0 && in.Season < 1000 {
		c.views = float64(c.views * in.Season)
	}
	c.slots = in.dated(c.p)
	c.q.likelihood(st, float64(in.Ref))
	c.q.prior(in.Pool, c.p, float64(in.costOfRef()))
	if c.slots > 0 && in.SellBy > 0 && in.Salvage < in.Cost {
		c.cost = float64(max(in.Salvage, 0))
	}
	out.Right = c.q.right
	out.Elasticity = c.q.elasticity(c.current)
	out.Market = market(in.Competitors, in.Now, c.p.CompetitorAge)
	target := c.target(out)
	target = c.stocked(out, target)
	target = c.clamped(out, target)
	c.finish(out, target)
}

// target is the price that demand alone asks for.
func (c *chooser) target(out *Proposal) float64 {
	in, st := c.in, c.in.State
	ref := float64(in.Ref)
	switch {
	case c.cost <= 0 && !(c.slots > 0):
		out.Gate = NoCost
		return c.current
	case c.q.units < enough && st.Changes == 0 && (c.slots == 0 || len(st.Bins) == 0):
		out.Gate = Traffic
		return c.current
	}
	low, high := math.Min(ref, c.current), math.Max(ref, c.current)
	for i := range st.Bins {
		low, high = math.Min(low, st.Bins[i].Price), math.Max(high, st.Bins[i].Price)
	}
	low, high = math.Max(low/extrapolate, c.lo), math.Min(float64(high*extrapolate), c.hi)
	low = math.Max(low, float64(c.cost*1.001))
	high = math.Max(high, float64(low*1.01))
	c.q.search(&c.t, low, high, c.cost)
	best := c.t.best
	out.Best, out.Worth = int64(math.Round(best)), c.t.worth

	home := c.home(best, ref)
	atCurrent := c.t.profit(c.current)
	atHome := c.t.profit(home)
	out.PBetter = c.q.better(best, c.current, c.cost)
	if atCurrent > 0 {
		out.Gain = math.Max(c.t.profit(best)/atCurrent-1, 0)
	}
	rest := c.rest(out, home, atHome, atCurrent)
	if test, ok := c.test(out, rest, home); ok {
		out.Explored, out.Gate = true, Open
		if test != c.current {
			out.Reason = Explore
		}
		return test
	}
	return rest
}

// rest is the price to ask without a test.
func (c *chooser) rest(out *Proposal, home, atHome, atCurrent float64) float64 {
	if home == float64(c.in.Ref) {
		// Nothing speaks well enough against the shop's own price: go back to it.
		if atHome > atCurrent && home != c.current {
			out.Reason = Return
			return home
		}
		out.Gate = Unsure
		return c.current
	}
	next := c.within(home)
	switch {
	case c.q.better(next, c.current, c.cost) < c.p.PBetter:
		out.Gate = Unsure
		return c.current
	case !(c.t.profit(next) > float64(atCurrent*(1+c.p.Gain))):
		out.Gate = Small
		return c.current
	}
	out.Reason = Better
	return home
}

// home is the price to be at when nothing is tested: the best one if it is known well enough to be better than
// the shop's own, which it is otherwise.
func (c *chooser) home(best, ref float64) float64 {
	if ref < c.lo || ref > c.hi {
		return best
	}
	at := c.t.profit(ref)
	if c.q.better(best, ref, c.cost) >= c.p.PBetter && c.t.profit(best) > float64(at*(1+c.p.Gain)) {
		return best
	}
	return ref
}

// within is the nearest price to want that one step reaches.
func (c *chooser) within(want float64) float64 {
	return clamp(want, float64(c.current*(1-c.p.MaxStep)), float64(c.current*(1+c.p.MaxStep)))
}

// stocked brings the stock in hand to bear: scarce stock is not sold too cheaply, dated stock is sold in time.
func (c *chooser) stocked(out *Proposal, target float64) float64 {
	in := c.in
	if c.slots <= 0 || in.Stock <= 0 || len(in.State.Bins) == 0 {
		return target
	}
	clearing := in.SellBy > 0 && in.Salvage < in.Cost
	want := math.Max(target, c.lo)
	if clearing {
		want = float64(out.Best)
	}
	runOut := RunOut(c.current, float64(c.q.rates(c.current).Mean*c.views), c.slots, float64(in.Stock), out.Elasticity.Mean)
	out.RunOut = int64(math.Round(math.Min(runOut, mostCount)))
	want = math.Max(want, runOut)
	switch {
	case clearing && want < c.current:
		out.Reason, out.Gate, out.Explored = Clearance, Open, false
	case want != target:
		out.Reason, out.Gate, out.Explored = Scarce, Open, false
	}
	return want
}

// clamped keeps the target from going far above the competitors' median.
func (c *chooser) clamped(out *Proposal, target float64) float64 {
	if out.Market == 0 {
		return target
	}
	most := math.Max(float64(float64(out.Market)*(1+c.p.CompetitorAbove)), c.lo)
	if target <= most {
		return target
	}
	out.Reason, out.Gate, out.Explored = Matched, Open, false
	return most
}

// finish makes the target a price: within bounds and one step, rounded, and not a move smaller than the deadband.
func (c *chooser) finish(out *Proposal, target float64) {
	step := float64(c.current * c.p.MaxStep)
	lo := math.Max(c.lo, math.Ceil(c.current-step))
	hi := math.Min(c.hi, math.Floor(c.current+step))
	price := clamp(math.Round(clamp(target, lo, hi)), lo, hi)
	if math.Abs(price-c.current) < float64(c.p.Deadband*c.current) {
		if out.Reason != Hold {
			out.Reason, out.Gate, out.Explored = Hold, Deadband, false
		}
		price = c.current
	}
	out.Price = int64(price)
	out.Move = out.Price != c.in.Current
	rates := c.q.rates(price)
	out.Rate = Interval{float64(rates.Mean * c.views), float64(rates.Lo * c.views), float64(rates.Hi * c.views)}
	out.Cover = Cover(c.in.Stock, out.Rate.Mean)
}
