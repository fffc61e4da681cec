package guard

import "math/bits"

// Violation is the rule that publishing a price would break, "" for none. It is the judge of Apply and shares no step with it: it knows
// no order and no clamping, only what must hold of a price that is published. A price that stays breaks nothing soft; one that
// changes may break the step, dwell or deadband only by going to the edge of the hard limit that the price in force was outside of.
func Violation(in Input, published int64) string {
	l, current := &in.Limits, in.Current
	stays := published == current
	switch {
	case in.Check() != nil:
		return unless(stays, RuleInput)
	case l.Kill:
		return unless(stays, RuleKill)
	case l.Frozen:
		return unless(stays, RuleFreeze)
	case leavesNone(l):
		return unless(stays, RuleInput)
	case stays && current == 0:
		return ""
	case published <= 0:
		return RuleHard
	}
	if rule := breaksHard(l, published); rule != "" || stays || current == 0 {
		return rule
	}
	soft := breaksSoft(&in, published)
	outside := breaksHard(l, current) != ""
	switch {
	case soft == "" && !outside && !ends(l.Rounding, published):
		return RuleRounding
	case soft == "" || outside && atEdge(&in, published):
		return ""
	}
	return soft
}

// leavesNone says that no price obeys the hard limits.
func leavesNone(l *Limits) bool {
	highest := int64(MaxAmount)
	if l.Ceiling > 0 {
		highest = l.Ceiling
	}
	return breaksHard(l, highest) != ""
}

func breaksHard(l *Limits, price int64) string {
	switch {
	case price < l.MAP:
		return RuleMAP
	case price < l.Floor || less(price, 1e6, l.Cost, 1e6+millionths(l.Margin)):
		return RuleFloor
	case price > MaxAmount || l.Ceiling > 0 && price > l.Ceiling:
		return RuleCeiling
	}
	return ""
}

// breaksSoft is the rule by which the price in force may not become published.
func breaksSoft(in *Input, published int64) string {
	l, change := &in.Limits, published-in.Current
	if change < 0 {
		change = -change
	}
	switch {
	case l.MaxStep > 0 && less(in.Current, millionths(l.MaxStep), change, 1e6):
		return RuleStep
	case l.Dwell > 0 && in.LastChange > 0 && in.Now-in.LastChange < l.Dwell:
		return RuleDwell
	case less(change, 1e6, in.Current, millionths(l.Deadband)):
		return RuleDeadband
	}
	return ""
}

// atEdge says that published is the allowed price nearest to the one in force, or has the wanted ending and is at most one largest step
// beyond it.
func atEdge(in *Input, published int64) bool {
	l := &in.Limits
	toward := int64(-1) // from published to the price in force, which is outside
	if in.Current > published {
		toward = 1
	}
	if breaksHard(l, published+toward) != "" || published+toward == 0 {
		return true
	}
	if l.Rounding.Step <= 1 || !ends(l.Rounding, published) {
		return false
	}
	edge := l.Ceiling
	if toward < 0 {
		edge = max(l.MAP, l.Floor)
		hi, lo := bits.Mul64(uint64(l.Cost), 1e6+millionths(l.Margin))
		lo, carry := bits.Add64(lo, 999_999, 0)
		whole, _ := bits.Div64(hi+carry, lo, 1e6)
		edge = max(edge, int64(whole))
	}
	beyond := (edge - published) * toward
	return beyond < l.Rounding.Step && (l.MaxStep == 0 || !less(edge, millionths(l.MaxStep), beyond, 1e6))
}

func ends(r Rounding, price int64) bool { return r.Step <= 1 || (price-r.Ending)%r.Step == 0 }

// less is a·x < b·y without overflow. a and b are not negative.
func less(a int64, x uint64, b int64, y uint64) bool {
	ah, al := bits.Mul64(uint64(a), x)
	bh, bl := bits.Mul64(uint64(b), y)
	return ah < bh || ah == bh && al < bl
}

// unless is "" where a condition holds and else the rule that wants it.
func unless(holds bool, rule string) string {
	if holds {
		return ""
	}
	return rule
}
