package guard

import (
	"math/rand/v2"
	"testing"
)

// dice makes inputs from bytes or numbers: amounts close to each other, so that limits meet, touch and cross.
type dice struct{ next func() uint64 }

func (d dice) upTo(n int64) int64 { return int64(d.next() % uint64(n+1)) }

func (d dice) one(of ...int64) int64 { return of[d.next()%uint64(len(of))] }

// about is an amount near base, sometimes it, sometimes absent.
func (d dice) about(base int64) int64 {
	switch d.next() % 8 {
	case 0, 1, 2:
		return 0
	case 3:
		return base
	case 4:
		return base + d.upTo(4) - 2
	}
	return base/2 + d.upTo(base)
}

func (d dice) input() Input {
	base := d.one(3, 50, 199, 1000, 9999, 123_456, 50_000_000, MaxAmount/4)
	fractions := []float64{0, 0.01, 0.02, 0.05, 0.1, 0.333333, 1, 2.5}
	in := Input{
		Current:  max(0, base+d.one(0, 0, 1, -1, base/10, -base/10, base, -base/2)),
		Proposed: max(0, d.about(base)),
		Now:      now,
		Limits: Limits{
			Kill: d.next()%64 == 0, Frozen: d.next()%64 == 0,
			MAP: max(0, d.about(base*d.one(1, 1, 1, 9)/10)), Cost: max(0, d.about(base*d.one(2, 5, 9)/10)), Margin: fractions[d.next()%8],
			Floor: max(0, d.about(base*d.one(5, 8, 10)/10)), Ceiling: max(0, d.about(base*d.one(10, 12, 20)/10)),
			MaxStep: fractions[d.next()%8], Dwell: d.one(0, hour, 24*hour), Deadband: fractions[d.next()%5],
			Rounding: Rounding{Step: d.one(0, 0, 1, 5, 10, 100, 1000)},
		},
	}
	if d.next()%16 == 0 {
		in.Current = 0
	}
	if d.next()%8 != 0 {
		in.LastChange = now - d.one(0, 1, hour-1, hour, 24*hour-1, 24*hour, 1000*hour, -hour)
	}
	if s := in.Limits.Rounding.Step; s > 0 {
		in.Limits.Rounding.Ending = d.one(0, s-1, s/2, d.upTo(s-1))
	}
	if d.next()%256 == 0 { // now and then what is no input
		in.Limits.Cost = d.one(-1, MaxAmount+1, MaxAmount)
	}
	return in
}

// hold checks what is promised of every verdict. It is no t.Helper, which would cost more than all it checks.
func hold(t *testing.T, in *Input) (moved, edge, stays bool) {
	v := Apply(*in)
	if rule := Violation(*in, v.Price); rule != "" {
		t.Fatalf("Apply publishes what breaks %q: %+v gives %+v", rule, *in, v)
	}
	if v.Infeasible && v.Moved || v.Moved != (v.Price != in.Current) {
		t.Fatalf("%+v gives %+v", *in, v)
	}
	checkTrace(t, "generated", in, &v)
	if v.Infeasible || in.Limits.Kill || in.Limits.Frozen || v.Price == 0 {
		return v.Moved, v.Edge, true
	}
	// The price is where it should be: proposed again at once, it stays and nobody is told.
	again := *in
	again.Current, again.Proposed, again.LastChange = v.Price, v.Price, in.Now
	if w := Apply(again); w.Moved || w.Alert != "" {
		t.Fatalf("%+v gives %+v, and again %+v", *in, v, w)
	}
	return v.Moved, v.Edge, !v.Moved
}

func TestNoInputPublishesAPriceThatBreaksARule(t *testing.T) {
	const inputs = 1_200_000
	d := dice{rand.New(rand.NewPCG(4, 2026)).Uint64}
	moved, edges, stays := 0, 0, 0
	for range inputs {
		in := d.input()
		m, e, s := hold(t, &in)
		for _, c := range []struct {
			is bool
			n  *int
		}{{m, &moved}, {e, &edges}, {s, &stays}} {
			if c.is {
				*c.n++
			}
		}
	}
	t.Logf("%d inputs, 0 violations: %d moved, %d of them to an edge, %d stayed", inputs, moved, edges, stays)
	if moved < inputs/10 || edges < inputs/100 || stays < inputs/10 {
		t.Errorf("the inputs are one-sided: %d moved, %d edges, %d stayed of %d", moved, edges, stays, inputs)
	}
}

// In a world of small prices every price can be tried: what Apply takes is what the rules allow, nearest to what was proposed.
func TestNoAllowedPriceIsNearerToTheProposal(t *testing.T) {
	d := dice{rand.New(rand.NewPCG(7, 2026)).Uint64}
	const inputs = 60_000
	for range inputs {
		in := Input{
			Current: 1 + d.upTo(40), Proposed: 1 + d.upTo(60), Now: now, LastChange: now - d.one(hour, 48*hour),
			Limits: Limits{
				MAP: d.upTo(20), Floor: d.upTo(30), Cost: d.upTo(20), Margin: 0.1, Ceiling: d.one(0, 30+d.upTo(30)),
				MaxStep: float64(d.upTo(5)) / 10, Dwell: d.one(0, 24*hour), Deadband: float64(d.upTo(3)) / 20,
			},
		}
		if d.next()%2 == 0 {
			in.Limits.Rounding = Rounding{10, d.upTo(9)}
		}
		v := Apply(in)
		if v.Infeasible {
			for p := int64(1); p < 80; p++ {
				if !breaksNothing(&in, p) {
					continue
				}
				t.Fatalf("%+v is called infeasible, and %d is within", in, p)
			}
			continue
		}
		if breaksHard(&in.Limits, in.Current) != "" {
			continue // where it goes to the edge instead: TestEachRuleAndEachConflict
		}
		target := in.Proposed
		for breaksHard(&in.Limits, target) != "" { // the nearest price inside lies towards the one in force, which is inside
			if target < in.Current {
				target++
			} else {
				target--
			}
		}
		for p := min(in.Current, target); p <= max(in.Current, target); p++ {
			if Violation(in, p) == "" && distance(p, target) < distance(v.Price, target) {
				t.Fatalf("%+v: %d taken, %d is allowed and nearer to %d", in, v.Price, p, target)
			}
		}
	}
}

func breaksNothing(in *Input, p int64) bool { return breaksHard(&in.Limits, p) == "" }

func FuzzApply(f *testing.F) {
	f.Add(int64(1000), int64(1100), int64(0), int64(700), int64(600), int64(800), int64(1500), 0.05, 0.1, 0.02, int64(24*hour), int64(100), int64(99))
	f.Add(int64(0), int64(0), int64(0), int64(0), int64(0), int64(0), int64(0), 0.0, 0.0, 0.0, int64(0), int64(0), int64(0))
	f.Add(int64(MaxAmount), int64(1), int64(now), int64(MaxAmount), int64(1), int64(1), int64(MaxAmount), 100.0, 100.0, 100.0, int64(MaxTime), int64(MaxAmount), int64(MaxAmount-1))
	f.Fuzz(func(t *testing.T, current, proposed, last, minimum, cost, floor, ceiling int64, margin, step, deadband float64, dwell, ending, of int64) {
		in := Input{current, proposed, now, last, Limits{
			MAP: minimum, Cost: cost, Margin: margin, Floor: floor, Ceiling: ceiling, MaxStep: step, Dwell: dwell, Deadband: deadband, Rounding: Rounding{ending, of},
		}}
		hold(t, &in)
	})
}
