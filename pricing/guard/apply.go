package guard

import (
	"cmp"
	"math/bits"
)

// rules is how many steps a trace has at most.
const rules = 10

// Apply is the price that may be published for a proposal, and how each rule changed it. It is pure.
func Apply(in Input) Verdict { return ApplyTo(in, make([]Step, 0, rules)) }

// ApplyTo is Apply with the memory for the trace, which becomes the verdict's.
func ApplyTo(in Input, trace []Step) Verdict {
	v := Verdict{Price: in.Current, Trace: trace[:0]}
	if in.Check() != nil {
		v.Alert, v.Infeasible = AlertBadInput, true
		v.step(RuleInput, cmp.Or(in.Proposed, in.Current), in.Current, 0)
		return v
	}
	b := boundsOf(&in.Limits)
	if in.Limits.Kill || in.Limits.Frozen {
		rule := RuleFreeze
		if in.Limits.Kill {
			rule = RuleKill
		}
		v.step(rule, cmp.Or(in.Proposed, in.Current), in.Current, 0)
		if b.alert(in.Current) != "" {
			v.Alert = AlertFrozenOutside
		}
		return v
	}
	if b.lo > b.hi {
		v.Alert, v.Infeasible = AlertInfeasible, true
		v.step(RuleInput, cmp.Or(in.Proposed, in.Current), in.Current, 0)
		return v
	}
	p := cmp.Or(in.Proposed, in.Current)
	if p == 0 {
		return v // neither a price nor a proposal
	}
	p = v.step(RuleMAP, p, max(p, in.Limits.MAP), in.Limits.MAP)
	p = v.step(RuleFloor, p, max(p, b.floor), b.floor)
	p = v.step(RuleCeiling, p, min(p, b.hi), in.Limits.Ceiling)
	reach := b.window // where rounding may look
	if in.Current > 0 {
		p, reach = v.soft(&in, &b, p)
	}
	p = v.round(&in, &b, p, reach)
	v.Price = v.step(RuleHard, p, min(max(p, b.lo), b.hi), b.lo)
	v.Moved = v.Price != in.Current
	return v
}

// soft applies what an algorithm is held to beyond the hard limits, and moves a price that this would keep outside them to their edge.
func (v *Verdict) soft(in *Input, b *bounds, p int64) (price int64, reach window) {
	l, current := &in.Limits, in.Current
	outside := b.alert(current)
	reach = window{1, MaxAmount}
	if l.MaxStep > 0 {
		most := fraction(current, l.MaxStep)
		reach = window{max(1, current-most), current + most}
	}
	stepLimit := int64(0)
	if p != reach.clamp(p) {
		stepLimit = reach.clamp(p)
	}
	p = v.step(RuleStep, p, reach.clamp(p), stepLimit)

	until := int64(0)
	if l.Dwell > 0 && in.LastChange > 0 {
		until = in.LastChange + l.Dwell
	}
	next := p
	if in.Now < until {
		next = current
	}
	p = v.step(RuleDwell, p, next, until)

	least := fractionUp(current, l.Deadband)
	next = p
	if distance(p, current) < least {
		next = current
	}
	p = v.step(RuleDeadband, p, next, least)

	edge := b.clamp(p)
	if outside != "" {
		v.Alert = outside
		v.Edge = edge != p
		if v.Edge {
			// Not further beyond the edge than one largest step, and the edge itself where there is no such price.
			reach = window{1, MaxAmount}
			if l.MaxStep > 0 {
				most := fraction(edge, l.MaxStep)
				reach = window{max(1, edge-most), edge + most}
			}
		}
		p = v.step(RuleEdge, p, edge, edge)
	}
	if !v.Edge {
		if p > current {
			reach.lo = max(reach.lo, current+max(1, least))
		} else {
			reach.hi = min(reach.hi, current-max(1, least))
		}
	}
	return p, reach.within(b.window)
}

// round gives the price its ending, where one is in reach and not further off than the price in force.
func (v *Verdict) round(in *Input, b *bounds, p int64, reach window) int64 {
	r := in.Limits.Rounding
	if r.Step <= 1 || p == in.Current {
		return p
	}
	mayStay := in.Current > 0 && b.alert(in.Current) == ""
	next, ok := r.nearest(p, reach.lo, reach.hi)
	switch {
	case mayStay && (!ok || distance(p, in.Current) <= distance(p, next)):
		next = in.Current
	case !ok:
		next = p
	}
	return v.step(RuleRounding, p, next, 0)
}

func (v *Verdict) step(rule string, before, after, limit int64) int64 {
	v.Trace = append(v.Trace, Step{rule, before, after, limit})
	return after
}

// window is the prices from lo to hi.
type window struct{ lo, hi int64 }

func (w window) clamp(p int64) int64 { return min(max(p, w.lo), w.hi) }

func (w window) within(o window) window { return window{max(w.lo, o.lo), min(w.hi, o.hi)} }

// bounds are the hard limits of an item.
type bounds struct {
	window
	minimum int64 // advertised or legal
	floor   int64 // of cost, margin and the shop's minimum
}

func boundsOf(l *Limits) bounds {
	b := bounds{minimum: l.MAP, floor: max(l.Floor, costAndMargin(l.Cost, l.Margin))}
	b.lo, b.hi = max(1, b.minimum, b.floor), cmp.Or(l.Ceiling, MaxAmount)
	return b
}

// alert says which hard limit a price in force is outside of, the first in the order of the rules.
func (b *bounds) alert(price int64) string {
	switch {
	case price == 0: // none in force yet
		return ""
	case price < b.minimum:
		return AlertBelowMAP
	case price < b.floor:
		return AlertBelowFloor
	case price > b.hi:
		return AlertAboveCeiling
	}
	return ""
}

// costAndMargin is cost·(1+margin), rounded up. At most 10^12·(10^8+10^6) before the division, which 128 bits hold.
func costAndMargin(cost int64, margin float64) int64 {
	hi, lo := bits.Mul64(uint64(cost), 1e6+millionths(margin))
	q, r := bits.Div64(hi, lo, 1e6)
	if r > 0 {
		q++
	}
	return int64(q)
}

// fraction is f of amount, rounded down.
func fraction(amount int64, f float64) int64 {
	hi, lo := bits.Mul64(uint64(amount), millionths(f))
	q, _ := bits.Div64(hi, lo, 1e6)
	return int64(q)
}

// fractionUp is f of amount, rounded up.
func fractionUp(amount int64, f float64) int64 {
	hi, lo := bits.Mul64(uint64(amount), millionths(f))
	q, r := bits.Div64(hi, lo, 1e6)
	if r > 0 {
		q++
	}
	return int64(q)
}

func distance(a, b int64) int64 { return max(a-b, b-a) }
