package simulate

import (
	"cmp"
	"strconv"

	"beckon/pricing"
	"beckon/pricing/guard"
	"beckon/pricing/policy"
)

// beckon runs the product's own code, with its default settings but for the scenario's guardrails: policy learns, pricing.Decide decides.
// The items of a world are one category, whose prior is estimated anew every day; prices are reviewed once a day.
type beckon struct {
	w       *world
	rails   []rail
	known   []policy.State
	members []policy.Member
	pool    policy.Pool
	params  policy.Params
}

func newBeckon(w *world) *beckon {
	b := &beckon{w: w, known: make([]policy.State, len(w.items)), params: settings(&w.scenario.Rails)}
	for i := range w.items {
		it := &w.items[i]
		b.rails = append(b.rails, rail{current: it.start})
		b.members = append(b.members, policy.Member{State: &b.known[i], Ref: it.start, Cost: it.cost})
	}
	return b
}

// settings are the product's defaults with a scenario's step and deadband. 0 would mean the default there.
func settings(r *Rails) policy.Params {
	const tiny = 1e-12
	set := pricing.Defaults()
	return policy.Params{
		Slot: dayMs, MaxStep: r.MaxStep, Deadband: cmp.Or(r.Deadband, tiny), PBetter: set.PBetter, Gain: set.MinGain,
		Budget: set.Explore, CompetitorAge: set.Fresh, CompetitorAbove: set.Above,
	}
}

func (b *beckon) price(i, day int, at shelf) (price int64, violations int) {
	it, r := &b.w.items[i], &b.rails[i]
	l := it.limitsAt(it.days[day].cost)
	b.members[i].Cost = l.Cost
	in := pricing.Input{
		At: instant(day), Site: "simulation", Item: strconv.Itoa(i), Seed: b.w.draws.bits(streamPolicy, uint64(i), 0),
		Ref: it.start, Current: r.current, LastChange: r.changed, Limits: l,
		State: &b.known[i], Pool: b.pool, Stock: at.stock, Explore: true, Params: b.params,
	}
	if it.stock >= 0 { // the last day is known to the shop; what is left then has kept its cost or is worth less
		in.SellBy, in.Salvage = instant(len(it.days)), it.salvage
	}
	d := pricing.Decide(in)
	return d.Price, r.put(guard.Input{Current: r.current, Proposed: d.Price, Now: in.At, LastChange: r.changed, Limits: l}, d.Price)
}

func (b *beckon) learn(i int, s sales) {
	policy.Observe(&b.known[i], policy.Observation{
		Slot: instant(s.day), Price: s.price, Views: float64(s.views), Units: float64(s.units), Season: s.season, Clean: s.clean,
	}, b.params)
}

func (b *beckon) endDay(int) {
	b.pool = policy.Estimate(b.members, b.params)
}
