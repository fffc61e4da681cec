package policy

import (
	"math"
	"math/rand/v2"
	"testing"
)

// category makes items whose elasticities are around mean and whose prices are right for them but for a share.
func category(mean, spread, wrong float64, n, days int) []Member {
	r := rand.New(rand.NewPCG(5, 9))
	members := make([]Member, n)
	for i := range members {
		e := mean + spread*r.NormFloat64()
		w := truth{curve: "isoelastic"}
		g := good{right: 2000, conversion: 0.03, steep: e}
		g.cost = math.Round(g.right * (1 - 1/e))
		ref := int64(g.right)
		if r.Float64() < wrong {
			ref = int64(g.right * (0.8 + 0.5*float64(i%2)))
		}
		st := &State{}
		for d := range int64(days) {
			price := ref + ref/10*(d%3-1)
			Observe(st, Observation{Slot: d * 86_400_000, Price: price, Views: 300, Units: drawPoisson(r, 300*w.bought(&g, float64(price), 0)), Clean: true}, Params{})
		}
		members[i] = Member{State: st, Ref: ref, Cost: int64(g.cost)}
	}
	return members
}

func TestPoolFindsMeanAndSpreadOfACategory(t *testing.T) {
	for _, c := range []struct{ mean, spread float64 }{{2.4, 0.3}, {3.5, 0.6}, {1.8, 0.1}} {
		pool := Estimate(category(c.mean, c.spread, 0.3, 60, 60), Params{})
		if math.Abs(pool.Mean-c.mean) > 0.1*c.mean {
			t.Errorf("mean %.2f, want %.2f", pool.Mean, c.mean)
		}
		if math.Abs(pool.SD-max(c.spread, leastSD)) > 0.2 || pool.SD < leastSD {
			t.Errorf("spread %.2f, want %.2f and no less than %.2f", pool.SD, c.spread, leastSD)
		}
		if pool.Items != 60 || !pool.sound() {
			t.Errorf("%+v", pool)
		}
	}
}

func TestPoolOfNothingIsTheDefaultPrior(t *testing.T) {
	pool := Estimate([]Member{{}, {State: &State{}, Ref: 100}}, Params{})
	if pool.Items != 0 {
		t.Fatalf("%+v", pool)
	}
	members := category(2.4, 0.3, 0, 1, 20)
	in := Input{State: members[0].State, Ref: members[0].Ref, Current: members[0].Ref, Cost: members[0].Cost, Stock: -1}
	alone := Propose(in)
	in.Pool = pool
	if Propose(in) != alone {
		t.Error("an empty pool changes the proposal")
	}
}

func TestPoolTightensAnItemThatKnowsLittle(t *testing.T) {
	members := category(2.4, 0.2, 0, 40, 40)
	in := Input{State: &State{}, Ref: 2800, Current: 2800, Cost: 1167, Stock: -1}
	for d := range int64(5) {
		Observe(in.State, Observation{Slot: d * 86_400_000, Price: 2800, Views: 100, Units: 2, Clean: true}, Params{})
	}
	alone := Propose(in)
	in.Pool = Estimate(members, Params{})
	with := Propose(in)
	if a, w := alone.Elasticity.Hi-alone.Elasticity.Lo, with.Elasticity.Hi-with.Elasticity.Lo; !(w < a*0.85) {
		t.Errorf("interval of %.2f alone, %.2f pooled", a, w)
	}
	if !(with.Best < 2600) || !(with.Best < alone.Best) {
		t.Errorf("best price %d pooled, %d alone; 2000 is right", with.Best, alone.Best)
	}
}

func TestLargeCategoriesAreSampled(t *testing.T) {
	one := category(2.4, 0.2, 0, 1, 10)[0]
	members := make([]Member, 3*mostMembers+7)
	for i := range members {
		members[i] = one
	}
	if pool := Estimate(members, Params{}); pool.Items > mostMembers || pool.Items < mostMembers/2 {
		t.Errorf("%d items looked at", pool.Items)
	}
}

func TestAMarkupForEverythingIsNotTakenForTheTruth(t *testing.T) {
	// All prices imply an elasticity of 3.5; sales say 2.
	var members []Member
	r := rand.New(rand.NewPCG(5, 10))
	for range 40 {
		w, st := truth{curve: "isoelastic"}, &State{}
		g := good{right: 2000, conversion: 0.03, steep: 2}
		for d := range int64(40) {
			price := 1400 + 140*(d%3-1)
			Observe(st, Observation{Slot: d * testDay, Price: price, Views: 150, Units: drawPoisson(r, 150*w.bought(&g, float64(price), 0)), Clean: true}, Params{})
		}
		members = append(members, Member{State: st, Ref: 1400, Cost: 1000})
	}
	pool := Estimate(members, Params{})
	if math.Abs(pool.Mean-2) > 0.35 || pool.Right > 0.4 {
		t.Errorf("%+v", pool)
	}
	in := Input{State: members[0].State, Pool: pool, Ref: 1400, Current: 1400, Cost: 1000, Stock: -1, Now: 40 * testDay}
	if o := Propose(in); !o.Move || o.Price <= 1400 {
		t.Errorf("%+v", o)
	}
}
