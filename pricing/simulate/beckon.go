package simulate

import (
	"beckon/pricing/guard"
	"beckon/pricing/policy"
)

// beckon runs the product's own code: policy learns and proposes, guard allows. The items of a world are one category, whose prior is
// estimated anew every day; prices are reviewed once a day.
type beckon struct {
	w       *world
	rails   []rail
	known   []policy.State
	members []policy.Member
	pool    policy.Pool
	params  policy.Params
}

func newBeckon(w *world) *beckon {
	b := &beckon{w: w, known: make([]policy.State, len(w.items)), params: policy.Defaults()}
	b.params.MaxStep, b.params.Deadband = w.scenario.Rails.MaxStep, w.scenario.Rails.Deadband
	for i := range w.items {
		it := &w.items[i]
		b.rails = append(b.rails, rail{current: it.start})
		b.members = append(b.members, policy.Member{State: &b.known[i], Ref: it.start, Cost: it.cost})
	}
	return b
}

func (b *beckon) price(i, day int, at shelf) (price int64, violations int) {
	it, r := &b.w.items[i], &b.rails[i]
	l := it.limitsAt(it.days[day].cost)
	b.members[i].Cost = l.Cost
	in := policy.Input{
		State: &b.known[i], Pool: b.pool,
		Ref: it.start, Current: r.current, Cost: l.Cost, Floor: floorOf(l), Ceiling: l.Ceiling,
		Stock: at.stock, Now: instant(day), Seed: b.w.draws.bits(streamPolicy, uint64(i), 0),
		Season: at.season, Explore: true, Params: b.params,
	}
	switch end := instant(len(it.days)); {
	case it.stock < 0:
	case b.w.scenario.Perishes:
		in.SellBy, in.Salvage = end, it.salvage
	default:
		in.Supplied = end
	}
	return b.decide(r, in, l)
}

// decide is one decision as the product takes it.
func (b *beckon) decide(r *rail, in policy.Input, l guard.Limits) (price int64, violations int) {
	return r.publish(policy.Propose(in).Price, in.Now, l)
}

func (b *beckon) learn(i int, s sales) {
	policy.Observe(&b.known[i], policy.Observation{
		Slot: instant(s.day), Price: s.price, Views: float64(s.views), Units: float64(s.units), Season: s.season, Clean: s.clean,
	}, b.params)
}

func (b *beckon) endDay(int) {
	b.pool = policy.Estimate(b.members, b.params)
}
