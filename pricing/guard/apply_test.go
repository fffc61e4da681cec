package guard

import (
	"math"
	"testing"
)

const hour = 3600_000

// now is any time of the log, three days after the price changed.
const now = 1_790_000_000_000

func input(current, proposed int64, l Limits) Input {
	return Input{Current: current, Proposed: proposed, Now: now, LastChange: now - 72*hour, Limits: l}
}

var usual = Limits{MaxStep: 0.10, Dwell: 24 * hour, Deadband: 0.02}

func (l Limits) with(change func(*Limits)) Limits {
	change(&l)
	return l
}

func TestEachRuleAndEachConflict(t *testing.T) {
	charm := func(l *Limits) { l.Rounding = Rounding{100, 99} }
	recent := func(in Input) Input { in.LastChange = now - hour; return in }
	for _, c := range []struct {
		name   string
		in     Input
		price  int64
		edge   bool
		alert  string
		frozen bool // infeasible
	}{
		{"nothing limits", input(1000, 5000, Limits{}), 5000, false, "", false},
		{"no proposal", input(1000, 0, usual), 1000, false, "", false},
		{"no price and no proposal", input(0, 0, usual), 0, false, "", false},
		{"the first price is only held to hard limits", input(0, 5000, usual.with(func(l *Limits) { l.Ceiling = 4000 })), 4000, false, "", false},
		{"kill", input(1000, 1050, Limits{Kill: true}), 1000, false, "", false},
		{"freeze", input(1000, 1050, Limits{Frozen: true}), 1000, false, "", false},
		{"minimum advertised price", input(1000, 950, usual.with(func(l *Limits) { l.MAP = 970 })), 970, false, "", false},
		{"floor of cost and margin, rounded up", input(1000, 900, Limits{Cost: 901, Margin: 0.05}), 947, false, "", false},
		{"floor of the shop", input(1000, 900, Limits{Cost: 901, Margin: 0.05, Floor: 960}), 960, false, "", false},
		{"ceiling", input(1000, 1090, usual.with(func(l *Limits) { l.Ceiling = 1040 })), 1040, false, "", false},
		{"step up", input(1000, 1500, usual), 1100, false, "", false},
		{"step down", input(1000, 500, usual), 900, false, "", false},
		{"dwell", recent(input(1000, 1090, usual)), 1000, false, "", false},
		{"dwell over to the millisecond", Input{Current: 1000, Proposed: 1090, Now: now, LastChange: now - 24*hour, Limits: usual}, 1090, false, "", false},
		{"a price that never changed has no dwell", Input{Current: 1000, Proposed: 1090, Now: 1, Limits: usual}, 1090, false, "", false},
		{"a change of the future dwells", Input{Current: 1000, Proposed: 1090, Now: now, LastChange: now + hour, Limits: usual}, 1000, false, "", false},
		{"deadband", input(1000, 1019, usual), 1000, false, "", false},
		{"deadband reached", input(1000, 1020, usual), 1020, false, "", false},
		{"deadband below", input(1000, 981, usual), 1000, false, "", false},
		{"ending up", input(10000, 10760, usual.with(charm)), 10799, false, "", false},
		{"ending down", input(10000, 10740, usual.with(charm)), 10699, false, "", false},
		{"as near up as down is down", input(10000, 10749, usual.with(charm)), 10699, false, "", false},
		{"ending already there", input(10000, 10499, usual.with(charm)), 10499, false, "", false},

		// Pairs of hard limits.
		{"kill beats freeze and says so", input(800, 1050, Limits{Kill: true, Frozen: true, Floor: 900}), 800, false, AlertFrozenOutside, false},
		{"freeze beats the minimum advertised price", input(800, 1050, Limits{Frozen: true, MAP: 900}), 800, false, AlertFrozenOutside, false},
		{"freeze beats the floor", input(800, 1050, Limits{Frozen: true, Floor: 900}), 800, false, AlertFrozenOutside, false},
		{"freeze beats the ceiling", input(800, 700, Limits{Frozen: true, Ceiling: 790}), 800, false, AlertFrozenOutside, false},
		{"freeze beats infeasible", input(800, 700, Limits{Frozen: true, Floor: 900, Ceiling: 790}), 800, false, AlertFrozenOutside, false},
		{"the higher of the two lower limits: advertised", input(1000, 500, Limits{MAP: 700, Floor: 600}), 700, false, "", false},
		{"the higher of the two lower limits: floor", input(1000, 500, Limits{MAP: 600, Floor: 700}), 700, false, "", false},
		{"minimum advertised price over ceiling", input(1000, 990, Limits{MAP: 1200, Ceiling: 1100}), 1000, false, AlertInfeasible, true},
		{"floor over ceiling", input(1000, 990, Limits{Cost: 1100, Ceiling: 1100, Margin: 0.01}), 1000, false, AlertInfeasible, true},
		{"floor at the ceiling", input(1000, 990, Limits{Cost: 1100, Ceiling: 1100}), 1100, false, AlertBelowFloor, false},
		{"cost beyond every price", input(1000, 990, Limits{Cost: MaxAmount, Margin: 1}), 1000, false, AlertInfeasible, true},

		// Hard against soft.
		{"advertised beats step", input(800, 800, usual.with(func(l *Limits) { l.MAP = 1000 })), 1000, true, AlertBelowMAP, false},
		{"floor beats step", input(800, 500, usual.with(func(l *Limits) { l.Floor = 1000 })), 1000, true, AlertBelowFloor, false},
		{"ceiling beats step", input(1500, 1500, usual.with(func(l *Limits) { l.Ceiling = 1000 })), 1000, true, AlertAboveCeiling, false},
		{"floor beats dwell", recent(input(990, 1040, usual.with(func(l *Limits) { l.Floor = 1000 }))), 1000, true, AlertBelowFloor, false},
		{"ceiling beats dwell", recent(input(1010, 940, usual.with(func(l *Limits) { l.Ceiling = 1000 }))), 1000, true, AlertAboveCeiling, false},
		{"advertised beats dwell", recent(input(990, 990, usual.with(func(l *Limits) { l.MAP = 1000 }))), 1000, true, AlertBelowMAP, false},
		{"floor beats deadband", input(999, 999, usual.with(func(l *Limits) { l.Floor = 1000 })), 1000, true, AlertBelowFloor, false},
		{"ceiling beats deadband", input(1001, 1001, usual.with(func(l *Limits) { l.Ceiling = 1000 })), 1000, true, AlertAboveCeiling, false},
		{"advertised beats deadband", input(999, 999, usual.with(func(l *Limits) { l.MAP = 1000 })), 1000, true, AlertBelowMAP, false},
		{"the edge is not passed when soft rules hold the proposal", input(800, 1500, usual.with(func(l *Limits) { l.Floor = 1000 })), 1000, true, AlertBelowFloor, false},
		{"outside, and the proposal is allowed", input(990, 1040, usual.with(func(l *Limits) { l.Floor = 1000 })), 1040, false, AlertBelowFloor, false},
		{"outside, a person's price", input(800, 1500, usual.with(func(l *Limits) { l.Floor = 1000 }).Hard()), 1500, false, AlertBelowFloor, false},

		// Soft against soft.
		{"step below the deadband", input(1000, 1500, Limits{MaxStep: 0.01, Deadband: 0.02}), 1000, false, "", false},
		{"step below a minor unit", input(5, 50, Limits{MaxStep: 0.10}), 5, false, "", false},
		{"dwell before deadband", recent(input(1000, 1001, usual)), 1000, false, "", false},
		{"step before dwell", recent(input(1000, 9000, usual)), 1000, false, "", false},

		// Rounding against each.
		{"ending within the step", input(10000, 11000, usual.with(charm)), 10999, false, "", false},
		{"ending beyond the step is not taken", input(1000, 1100, usual.with(charm)), 1099, false, "", false},
		{"no ending in reach of a cheap item", input(199, 215, usual.with(charm)), 199, false, "", false},
		{"ending inside the deadband is not taken", input(10000, 10215, usual.with(charm)), 10299, false, "", false},
		{"ending that would be the other way is not taken", input(10000, 10060, Limits{Rounding: Rounding{100, 99}}), 10099, false, "", false},
		{"ending that is further off than the price in force is not taken", input(10000, 10040, Limits{Rounding: Rounding{100, 99}}), 10000, false, "", false},
		{"rounded down under the floor goes up", input(10000, 9510, usual.with(charm).with(func(l *Limits) { l.Floor = 9505 })), 9599, false, "", false},
		{"rounded up over the ceiling goes down", input(10000, 10590, usual.with(charm).with(func(l *Limits) { l.Ceiling = 10595 })), 10499, false, "", false},
		{"rounded below the advertised price goes up", input(10000, 9510, usual.with(charm).with(func(l *Limits) { l.MAP = 9505 })), 9599, false, "", false},
		{"no ending between floor and ceiling", input(10000, 9000, Limits{Floor: 9910, Ceiling: 10010, Rounding: Rounding{1000, 990}}), 9990, false, "", false},
		{"no ending between floor and ceiling at all", input(10000, 9000, Limits{Floor: 9910, Ceiling: 10010, Rounding: Rounding{1000, 500}}), 10000, false, "", false},
		{"an edge goes to the ending inside", input(800, 800, usual.with(charm).with(func(l *Limits) { l.Floor = 1034 })), 1099, true, AlertBelowFloor, false},
		{"an edge stays where the ending is further than a step", input(300, 300, usual.with(charm).with(func(l *Limits) { l.Floor = 510 })), 510, true, AlertBelowFloor, false},
		{"an edge stays where the ending is over the ceiling", input(800, 800, Limits{Floor: 1034, Ceiling: 1090, MaxStep: 0.1, Rounding: Rounding{100, 99}}), 1034, true, AlertBelowFloor, false},
		{"an edge from above goes down to the ending", input(1500, 1500, usual.with(charm).with(func(l *Limits) { l.Ceiling = 1034 })), 999, true, AlertAboveCeiling, false},
		{"from outside, an allowed proposal without an ending in reach", input(490, 515, usual.with(charm).with(func(l *Limits) { l.Floor = 510 })), 515, false, AlertBelowFloor, false},
		{"the first price gets its ending", input(0, 1034, usual.with(charm)), 999, false, "", false},
		{"the first price without one in reach", input(0, 1034, Limits{Floor: 1030, Ceiling: 1040, Rounding: Rounding{100, 99}}), 1034, false, "", false},
		{"a price that stays keeps its ending", recent(input(1034, 1099, usual.with(charm))), 1034, false, "", false},
		{"never rounded to nothing", input(0, 3, Limits{Rounding: Rounding{10, 0}}), 10, false, "", false},

		// Yen, cents, fils.
		{"yen", input(12000, 12540, usual.with(func(l *Limits) { l.Rounding = Rounding{100, 80} })), 12580, false, "", false},
		{"fils", input(12990, 13700, usual.with(func(l *Limits) { l.Rounding = Rounding{1000, 990} })), 13990, false, "", false},
		{"cash of 0.05", input(1000, 1043, usual.with(func(l *Limits) { l.Rounding = Rounding{5, 0} })), 1045, false, "", false},

		// What is no input.
		{"negative limit", input(1000, 1050, Limits{Floor: -1}), 1000, false, AlertBadInput, true},
		{"not a number", input(1000, 1050, Limits{Margin: math.NaN()}), 1000, false, AlertBadInput, true},
		{"infinite", input(1000, 1050, Limits{MaxStep: math.Inf(1)}), 1000, false, AlertBadInput, true},
		{"beyond every price", input(1000, MaxAmount+1, Limits{}), 1000, false, AlertBadInput, true},
		{"an ending outside its step", input(1000, 1050, Limits{Rounding: Rounding{100, 100}}), 1000, false, AlertBadInput, true},
	} {
		v := Apply(c.in)
		if v.Price != c.price || v.Edge != c.edge || v.Alert != c.alert || v.Infeasible != c.frozen || v.Moved != (c.price != c.in.Current) {
			t.Errorf("%s: %+v, want price %d, edge %v, alert %q, infeasible %v", c.name, v, c.price, c.edge, c.alert, c.frozen)
		}
		if rule := Violation(c.in, v.Price); rule != "" && c.alert != AlertFrozenOutside {
			t.Errorf("%s: Violation(%d) is %q", c.name, v.Price, rule)
		}
		checkTrace(t, c.name, &c.in, &v)
	}
}

// checkTrace holds a trace to being the way from the proposal to the price.
func checkTrace(t *testing.T, name string, in *Input, v *Verdict) {
	at := in.Proposed
	if at == 0 {
		at = in.Current
	}
	for _, s := range v.Trace {
		if s.Before != at {
			t.Errorf("%s: the trace jumps from %d to %d at %s: %+v", name, at, s.Before, s.Rule, v.Trace)
		}
		at = s.After
	}
	if at != v.Price {
		t.Errorf("%s: the trace ends at %d, the price is %d: %+v", name, at, v.Price, v.Trace)
	}
	if len(v.Trace) > rules {
		t.Errorf("%s: %d steps, %d at most: %+v", name, len(v.Trace), rules, v.Trace)
	}
}

func TestTraceNamesTheRulesInTheirOrder(t *testing.T) {
	v := Apply(input(800, 700, Limits{MAP: 600, Cost: 900, Margin: 0.1, Ceiling: 2000, MaxStep: 0.1, Dwell: hour, Deadband: 0.02, Rounding: Rounding{100, 99}}))
	want := []Step{
		{RuleMAP, 700, 700, 600},
		{RuleFloor, 700, 990, 990},
		{RuleCeiling, 990, 990, 2000},
		{RuleStep, 990, 880, 880},
		{RuleDwell, 880, 880, now - 71*hour},
		{RuleDeadband, 880, 880, 16},
		{RuleEdge, 880, 990, 990},
		{RuleRounding, 990, 999, 0},
		{RuleHard, 999, 999, 990},
	}
	if len(v.Trace) != len(want) {
		t.Fatalf("trace %+v, want %+v", v.Trace, want)
	}
	for i := range want {
		if v.Trace[i] != want[i] {
			t.Errorf("step %d: %+v, want %+v", i, v.Trace[i], want[i])
		}
	}
}

func TestViolationNamesTheBrokenRule(t *testing.T) {
	limits := usual.with(func(l *Limits) {
		l.MAP, l.Cost, l.Margin, l.Ceiling, l.Rounding = 700, 800, 0.1, 1300, Rounding{100, 99}
	})
	in := input(1099, 1199, limits)
	for _, c := range []struct {
		in        Input
		published int64
		want      string
	}{
		{in, 1199, ""},
		{in, 1099, ""},
		{in, 699, RuleMAP},
		{in, 879, RuleFloor},
		{in, 1399, RuleCeiling},
		{in, 1299, RuleStep},
		{in, 1190, RuleRounding},
		{in, 1100, RuleDeadband},
		{in, 0, RuleHard},
		{in, -5, RuleHard},
		{Input{1099, 1199, now, now - hour, limits}, 1199, RuleDwell},
		{input(1099, 0, Limits{Kill: true}), 1100, RuleKill},
		{input(1099, 0, Limits{Frozen: true}), 1100, RuleFreeze},
		{input(1099, 0, Limits{Floor: 2, Ceiling: 1}), 1100, RuleInput},
		{input(1099, 0, Limits{Floor: 2, Ceiling: 1}), 1099, ""},
		{input(800, 0, limits), 800, RuleFloor}, // it has to move
		{input(800, 0, limits), 880, ""},
		{input(500, 0, limits), 880, ""},
		{input(500, 0, limits), 899, ""},
		{input(500, 0, limits), 881, RuleStep},
		{input(500, 0, limits), 999, RuleStep},
		{input(2000, 0, limits), 1300, ""},
		{input(2000, 0, limits), 1299, ""},
		{input(2000, 0, limits), 1199, RuleStep},
		{input(0, 0, limits), 0, ""},
		{input(0, 0, limits), 901, ""},
	} {
		if got := Violation(c.in, c.published); got != c.want {
			t.Errorf("%+v published at %d: %q, want %q", c.in, c.published, got, c.want)
		}
	}
}

func BenchmarkApply(b *testing.B) {
	in := input(800, 700, Limits{MAP: 600, Cost: 900, Margin: 0.1, Ceiling: 2000, MaxStep: 0.1, Dwell: hour, Deadband: 0.02, Rounding: Rounding{100, 99}})
	b.Run("Apply", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Apply(in)
		}
	})
	b.Run("ApplyTo", func(b *testing.B) {
		b.ReportAllocs()
		var room [rules]Step
		for b.Loop() {
			ApplyTo(in, room[:0])
		}
	})
	b.Run("Violation", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			Violation(in, 999)
		}
	})
}
