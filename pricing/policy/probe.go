package policy

import "math"

// test is a price to be asked for what it teaches rather than rest, if there is one worth its cost.
func (c *chooser) test(out *Proposal, rest, home float64) (price float64, ok bool) {
	st := c.in.State
	out.Spent = c.spent()
	rest = c.within(rest)
	at := c.t.profit(rest)
	rate := float64(c.t.rate(rest) * c.views)
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
		least = c.t.profit(float64(c.in.Ref))
	}
	// Fisher's information on the elasticity in a unit sold is the squared distance of its log price from the
	// mean of all. Knowing everything is worth `worth` a slot for the slots to come; a little information dI
	// gives dI·doubt of that, doubt being the variance of the elasticity. As the worth of information falls with
	// what is known while its cost does not, looking no further ahead finds when to begin and when to end.
	mean := c.center()
	// An item of which less than one piece sells a slot is priced less often: what is learned of it pays for longer.
	horizon := float64(c.p.Horizon * clamp(1/rate, 1, 3))
	value := float64(float64(horizon*c.t.worth)*rate) * c.q.doubt
	d := log(rest) - mean
	top := 1 + float64(value*float64(d*d)) + 1e-9
	for i := -2; i <= 3; i++ {
		to := c.within(clamp(float64(home*(1+float64(float64(i)/2*c.p.Probe))), c.lo, c.hi))
		if i == 3 {
			to = c.within(c.t.best)
		}
		if math.Abs(to-c.current) < float64(c.p.Deadband*c.current) {
			to = c.current
		}
		profit := c.t.profit(to)
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
	at := c.t.profit(float64(c.in.Ref))
	if !(at > 0) {
		return 0
	}
	sum, all := 0.0, 0.0
	for i := range c.in.State.Bins {
		b := &c.in.State.Bins[i]
		sum += float64(b.Exposure * (1 - c.t.profit(b.Price)/at))
		all += b.Exposure
	}
	if all == 0 {
		return 0
	}
	return sum / all
}
