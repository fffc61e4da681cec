package policy

import (
	"math/rand/v2"
	"testing"
)

const testDay = 86_400_000

// sold is an item sold for days at prices around ref with an elasticity of 2.5 there.
func sold(ref int64, days int64, views, rate float64) *State {
	st := &State{}
	for d := range days {
		price := ref + ref/10*(d%3-1)
		w := truth{curve: "isoelastic"}
		g := good{right: float64(ref), conversion: rate, steep: 2.5}
		Observe(st, Observation{Slot: d * testDay, Price: price, Views: views, Units: views * w.bought(&g, float64(price), 0), Clean: true}, Params{})
	}
	return st
}

func TestGatesSayWhatStoppedTheProposal(t *testing.T) {
	known := Input{State: sold(1000, 60, 4000, 0.03), Ref: 1000, Current: 1000, Cost: 600, Floor: 620, Ceiling: 2000, Stock: -1, Now: 60 * testDay}
	with := func(change func(*Input)) Input {
		in := known
		change(&in)
		return in
	}
	for _, c := range []struct {
		name   string
		in     Input
		reason Reason
		gate   Gate
		move   bool
	}{
		{"no state", with(func(in *Input) { in.State = nil }), Hold, NoPrice, false},
		{"no price", with(func(in *Input) { in.Current = 0 }), Hold, NoPrice, false},
		{"no cost", with(func(in *Input) { in.Cost = 0 }), Hold, NoCost, false},
		{"floor over ceiling", with(func(in *Input) { in.Floor = 2100 }), Hold, Infeasible, false},
		{"a state from nowhere", with(func(in *Input) { in.State = &State{Bins: []Bin{{Price: -1}}} }), Hold, Unsound, false},
		{"below the floor", with(func(in *Input) { in.Floor = 1200 }), Bounds, Open, true},
		{"above the ceiling", with(func(in *Input) { in.Ceiling = 500; in.Floor = 400 }), Bounds, Open, true},
		{"nothing sold yet", with(func(in *Input) { in.State = &State{} }), Hold, Traffic, false},
		{"right price, no tests", known, Hold, ExploreOff, false},
		{"right price, many tests made", with(func(in *Input) { in.Explore = true }), Hold, BudgetSpent, false},
		{"right price, known well", with(func(in *Input) { in.Explore = true; in.Params.Budget = 1 }), Hold, Worth, false},
		{"too dear", with(func(in *Input) { in.Cost = 350; in.Floor = 350 }), Better, Open, true},
		{"too cheap", with(func(in *Input) { in.Cost = 800; in.Floor = 800 }), Better, Open, true},
		{"few purchases", with(func(in *Input) { in.State = sold(1000, 60, 2, 0.03); in.Explore = true }), Hold, Traffic, false},
	} {
		o := Propose(c.in)
		if o.Reason != c.reason || o.Gate != c.gate || o.Move != c.move {
			t.Errorf("%s: reason %q gate %q move %v price %d, want %q %q %v (p %.2f, gain %.3f, worth %.4f)",
				c.name, o.Reason, o.Gate, o.Move, o.Price, c.reason, c.gate, c.move, o.PBetter, o.Gain, o.Worth)
		}
	}
}

func TestASpentBudgetStopsTestsThatCost(t *testing.T) {
	// Many dear tests far from a price that is right.
	st := &State{}
	r := rand.New(rand.NewPCG(1, 2))
	w, g := truth{curve: "isoelastic"}, good{right: 1000, conversion: 0.03, steep: 2.5}
	for d := range int64(40) {
		price := 1000 + 300*(d%2)
		Observe(st, Observation{Slot: d * testDay, Price: price, Views: 60, Units: drawPoisson(r, 60*w.bought(&g, float64(price), 0)), Clean: true}, Params{})
	}
	in := Input{State: st, Ref: 1000, Current: 1000, Cost: 600, Stock: -1, Now: 60 * testDay, Explore: true, Params: Params{Horizon: 1e6}}
	if o := Propose(in); o.Gate != BudgetSpent && !(o.Explored && o.Gain > 0) {
		t.Errorf("%+v", o)
	}
	in.Params.Budget = 1
	if o := Propose(in); !o.Explored {
		t.Errorf("a large budget tests nothing: %+v", o)
	}
}

func TestProposalsKeepBoundsAndStep(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 4000 {
		st := &State{}
		ref := 10 + r.Int64N(100_000)
		for d := range 1 + r.Int64N(40) {
			Observe(st, Observation{
				Slot: d * testDay, Price: 1 + ref/2 + r.Int64N(ref), Views: float64(r.IntN(900)), Units: float64(r.IntN(40)), Clean: true,
			}, Params{})
		}
		in := Input{
			State: st, Ref: ref, Current: 1 + ref/2 + r.Int64N(ref), Cost: r.Int64N(ref + 1), Floor: r.Int64N(ref + 1), Stock: r.Int64N(200) - 1,
			Now: 50 * testDay, Explore: r.IntN(2) == 0, Params: Params{MaxStep: 0.01 + 0.2*r.Float64()},
		}
		if r.IntN(2) == 0 {
			in.Ceiling = in.Floor + r.Int64N(ref)
		}
		if r.IntN(2) == 0 {
			in.SellBy, in.Salvage = in.Now+r.Int64N(60*testDay), r.Int64N(in.Cost+1)
		}
		if r.IntN(3) == 0 {
			in.Competitors = []Competitor{{1 + r.Int64N(ref), in.Now}, {1 + r.Int64N(ref), in.Now}}
		}
		o := Propose(in)
		if o.Gate == Infeasible {
			continue
		}
		if o.Price < in.Floor || in.Ceiling > 0 && o.Price > in.Ceiling || o.Price < 1 {
			t.Fatalf("%+v outside [%d, %d]", o, in.Floor, in.Ceiling)
		}
		far := o.Price - in.Current
		if o.Reason != Bounds && float64(max(far, -far)) > float64(in.Current)*in.Params.MaxStep {
			t.Fatalf("%+v more than %g from %d", o, in.Params.MaxStep, in.Current)
		}
		if o.Move != (o.Price != in.Current) {
			t.Fatalf("%+v from %d", o, in.Current)
		}
	}
}

func TestACostThatRoseMovesThePrice(t *testing.T) {
	in := Input{State: sold(1000, 60, 4000, 0.03), Ref: 1000, Current: 1000, Cost: 720, RefCost: 600, Stock: -1, Now: 60 * testDay}
	if o := Propose(in); o.Reason != Better || o.Best < 1120 || o.Best > 1290 {
		t.Errorf("%+v, want a best price near 1200", o)
	}
}
