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
	case lo > hi:
		out.Gate = Infeasible
		return out
	case in.Current < lo || in.Current > hi:
		out.Price, out.Move, out.Reason = min(max(in.Current, lo), hi), true, Bounds
		return out
	}
	c := chooser{in: &in, p: p, lo: float64(lo), hi: float64(hi), cost: float64(in.Cost), current: float64(in.Current)}
	c.choose(&out)
	return out
}

type chooser struct {
	in      *Input
	p       Params
	q       posterior
	lo, hi  float64 // bounds
	cost    float64 // what a piece sold gives up
	current float64
	views   float64 // exposure of the coming slot
	slots   float64 // left until stock is to be sold or filled up; 0: no date
}

func (c *chooser) choose(out *Proposal) {
	in, st := c.in, c.in.State
	c.views = in.Views
	if c.views <= 0 {
		c.views = st.Views
	}
	c.slots = in.dated(c.p)
	c.q.likelihood(st.Bins, float64(in.Ref))
	c.q.prior(in.Pool, c.p, c.cost)
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
	case c.q.units < enough && st.Changes == 0:
		out.Gate = Traffic
		return c.current
	}
	low, high := math.Min(ref, c.current), math.Max(ref, c.current)
	for i := range st.Bins {
		low, high = math.Min(low, st.Bins[i].Price), math.Max(high, st.Bins[i].Price)
	}
	low, high = math.Max(low/extrapolate, c.lo), math.Min(float64(high*extrapolate), c.hi)
	low = math.Min(math.Max(low, float64(c.cost*1.001)), high)
	best, worth := c.q.search(low, high, c.cost)
	out.Best, out.Worth = int64(math.Round(best)), worth

	home := c.home(best, ref)
	atCurrent := c.q.profit(c.current, c.cost)
	atHome := c.q.profit(home, c.cost)
	out.PBetter = c.q.better(best, c.current, c.cost)
	if atCurrent > 0 {
		out.Gain = c.q.profit(best, c.cost)/atCurrent - 1
	}
	rest := c.rest(out, home, atHome, atCurrent)
	if test, ok := c.test(out, rest, home, best, worth); ok {
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
	case !(c.q.profit(next, c.cost) > float64(atCurrent*(1+c.p.Gain))):
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
	at := c.q.profit(ref, c.cost)
	if c.q.better(best, ref, c.cost) >= c.p.PBetter && c.q.profit(best, c.cost) > float64(at*(1+c.p.Gain)) {
		return best
	}
	return ref
}

// within is the nearest price to want that one step reaches.
func (c *chooser) within(want float64) float64 {
	return clamp(want, float64(c.current*(1-c.p.MaxStep)), float64(c.current*(1+c.p.MaxStep)))
}

// test is a price to be asked for what it teaches rather than rest, if there is one worth its cost.
func (c *chooser) test(out *Proposal, rest, home, best, worth float64) (price float64, ok bool) {
	st := c.in.State
	out.Spent = c.spent()
	rest = c.within(rest)
	at := c.q.profit(rest, c.cost)
	rate := float64(c.q.demand(rest) * c.views)
	gate := Open
	switch {
	case !c.in.Explore:
		gate = ExploreOff
	case rate < c.p.MinUnits:
		gate = Traffic
	case c.slots > 0 || !(at > 0):
		gate = Worth
	}
	if gate != Open {
		out.because(gate)
		return 0, false
	}
	least := 0.0
	poor := float64(out.Spent*st.Slots) > float64(c.p.Budget*(st.Slots+c.p.Credit))
	if poor {
		// With the budget spent only tests that are expected to earn no less than the shop's own price go on.
		least = c.q.profit(float64(c.in.Ref), c.cost)
	}
	// Fisher's information on the elasticity in a unit sold is the squared distance of its log price from the
	// mean of all. Knowing everything is worth `worth` a slot for the slots to come; a little information dI
	// gives dI·doubt of that, doubt being the variance of the elasticity. As the worth of information falls with
	// what is known while its cost does not, looking no further ahead finds when to begin and when to end.
	mean := c.center()
	value := float64(float64(c.p.Horizon*worth)*rate) * c.q.doubt
	d := log(rest) - mean
	top := 1 + float64(value*float64(d*d)) + 1e-9
	for i := -2; i <= 3; i++ {
		to := c.within(clamp(float64(home*(1+float64(float64(i)/2*c.p.Probe))), c.lo, c.hi))
		if i == 3 {
			to = c.within(best)
		}
		profit := c.q.profit(to, c.cost)
		if profit < least {
			continue
		}
		d := log(to) - mean
		if score := profit/at + float64(value*float64(d*d)); score > top {
			top, price, ok = score, to, true
		}
	}
	switch {
	case ok:
	case poor:
		out.because(BudgetSpent)
	default:
		out.because(Worth)
	}
	return price, ok
}

// because notes what closed the way to a test, unless the price moves anyway.
func (out *Proposal) because(g Gate) {
	if out.Reason == Hold {
		out.Gate = g
	}
}

// center is the mean log price of the units seen since the latest shift.
func (c *chooser) center() float64 {
	sum, n := 0.0, 0.0
	for i := range c.in.State.Bins {
		b := &c.in.State.Bins[i]
		if !b.Before {
			sum += float64(b.Units * log(b.Price))
			n += b.Units
		}
	}
	if n == 0 {
		return log(c.current)
	}
	return sum / n
}

// spent is the share of profit that the prices asked so far have cost against having left the shop's own alone,
// by what is believed today. Below zero they have earned.
func (c *chooser) spent() float64 {
	at := c.q.profit(float64(c.in.Ref), c.cost)
	if !(at > 0) {
		return 0
	}
	sum, all := 0.0, 0.0
	for i := range c.in.State.Bins {
		b := &c.in.State.Bins[i]
		sum += float64(b.Exposure * (1 - c.q.profit(b.Price, c.cost)/at))
		all += b.Exposure
	}
	if all == 0 {
		return 0
	}
	return sum / all
}

// stocked brings the stock in hand to bear: scarce stock is not sold too cheaply, dated stock is sold in time.
func (c *chooser) stocked(out *Proposal, target float64) float64 {
	in := c.in
	if c.slots <= 0 || in.Stock <= 0 || c.q.units <= 0 {
		return target
	}
	want := math.Max(target, c.lo)
	if in.SellBy > 0 && in.Salvage < in.Cost {
		want = float64(out.Best)
	}
	runOut := RunOut(c.current, float64(c.q.demand(c.current)*c.views), c.slots, float64(in.Stock), out.Elasticity.Mean)
	out.RunOut = int64(math.Round(math.Min(runOut, 1e15)))
	reason := Clearance
	if runOut > want {
		want, reason = runOut, Scarce
	}
	if want != target {
		out.Reason, out.Gate, out.Explored = reason, Open, false
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
