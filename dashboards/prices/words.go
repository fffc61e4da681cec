package prices

import (
	"math"
	"strings"
	"time"

	"beckon/web/text"
)

// mode is what the engine may do, with the tone of its badge.
func mode(t *text.Printer, m string) (word, tone string) {
	switch m {
	case "auto":
		return t.T("prices.mode.auto"), "good"
	case "suggest":
		return t.T("prices.mode.suggest"), "info"
	}
	return t.T("prices.mode.off"), "quiet"
}

// kinds are how a price came about.
var kinds = map[string]string{
	"list": "prices.kind.list", "engine": "prices.kind.engine", "stay": "prices.kind.stay", "suggested": "prices.kind.suggested",
	"approved": "prices.kind.approved", "dismissed": "prices.kind.dismissed", "reopened": "prices.kind.reopened", "manual": "prices.kind.manual",
	"undo": "prices.kind.undo", "markdown": "prices.kind.markdown", "markdown_end": "prices.kind.markdown_end", "edge": "prices.kind.edge",
	"restore": "prices.kind.restore", "breaker": "prices.kind.breaker",
}

func kind(t *text.Printer, k string) string { return known(t, kinds, k) }

// rules are the guardrails.
var rules = map[string]string{
	"kill": "prices.rule.kill", "freeze": "prices.rule.freeze", "map": "prices.rule.map", "floor": "prices.rule.floor",
	"ceiling": "prices.rule.ceiling", "step": "prices.rule.step", "dwell": "prices.rule.dwell", "deadband": "prices.rule.deadband",
	"edge": "prices.rule.edge", "rounding": "prices.rule.rounding", "hard": "prices.rule.hard", "input": "prices.rule.input",
}

func rule(t *text.Printer, r string) string { return known(t, rules, r) }

// known is a word's sentence; a word of a later version is printed as it is.
func known(t *text.Printer, of map[string]string, word string) string {
	if key, ok := of[word]; ok {
		return t.T(key)
	}
	return word
}

// reasons say why the engine proposes, in one sentence; gates why it does not.
var (
	reasons = map[string]string{
		"better": "prices.why.better", "explore": "prices.why.explore", "return": "prices.why.return", "scarce": "prices.why.scarce",
		"clearance": "prices.why.clearance", "competitor": "prices.why.competitor", "bounds": "prices.why.bounds", "edge": "prices.why.edge",
		"hold": "prices.why.hold",
	}
	gates = map[string]string{
		"no_cost": "prices.gate.no_cost", "no_price": "prices.gate.no_price", "state": "prices.gate.state", "infeasible": "prices.gate.infeasible",
		"traffic": "prices.gate.traffic", "budget": "prices.gate.budget", "worth": "prices.gate.worth", "explore_off": "prices.gate.explore_off",
		"p_better": "prices.gate.p_better", "gain": "prices.gate.gain", "deadband": "prices.gate.deadband",
	}
)

// why is the reason of a decision in one sentence.
func why(t *text.Printer, d Decision) string {
	switch {
	case d.Reason == "better":
		return t.T("prices.why.better.numbers", "chance", t.Percent(d.Better, 0), "gain", t.Percent(d.Gain, 1))
	case d.Reason == "hold" && d.Gate != "":
		return known(t, gates, d.Gate)
	}
	if _, ok := reasons[d.Reason]; ok {
		return known(t, reasons, d.Reason)
	}
	if _, ok := rules[d.Reason]; ok {
		return t.T("prices.why.stopped", "rule", rule(t, d.Reason))
	}
	return d.Reason
}

// shortWhy is a reason of a line of the history.
func shortWhy(t *text.Printer, l Line) string {
	switch l.Kind {
	case "manual":
		return l.Reason
	case "markdown", "markdown_end":
		return t.T("prices.why.announced", "id", l.Reason)
	case "edge":
		return alert(t, l.Reason)
	}
	if l.Reason == "" {
		return ""
	}
	if _, ok := reasons[l.Reason]; ok {
		return known(t, reasons, l.Reason)
	}
	if _, ok := rules[l.Reason]; ok {
		return t.T("prices.why.stopped", "rule", rule(t, l.Reason))
	}
	return l.Reason
}

// alerts are what somebody has to look at, with what to do.
var alerts = map[string]string{
	"below_map": "prices.alert.below_map", "below_floor": "prices.alert.below_floor", "above_ceiling": "prices.alert.above_ceiling",
	"frozen_outside": "prices.alert.frozen_outside", "infeasible": "prices.alert.infeasible", "bad_input": "prices.alert.bad_input",
	"breaker": "prices.alert.breaker",
}

func alert(t *text.Printer, a string) string { return known(t, alerts, a) }

// refusals say why a person may not set a price, or a markdown not begin.
var refusals = map[string]string{
	"unknown_market": "prices.refused.unknown_market", "bad_amount": "prices.refused.bad_amount", "unchanged": "prices.refused.unchanged",
	"frozen": "prices.refused.frozen", "markdown_running": "prices.refused.markdown_running", "outside_map": "prices.refused.outside_map",
	"outside_floor": "prices.refused.outside_floor", "outside_ceiling": "prices.refused.outside_ceiling", "outside_input": "prices.refused.outside_input",
	"outside_hard": "prices.refused.outside_input", "no_reduction": "prices.refused.no_reduction", "unknown_item": "prices.refused.unknown_item",
	"unknown_suggestion": "prices.refused.unknown_suggestion", "needs_force": "prices.refused.needs_force", "stale": "prices.refused.stale",
	"too_many_markdowns": "prices.refused.too_many_markdowns", "breaker_closed": "prices.refused.breaker_closed",
	"unknown_version": "prices.refused.unknown_version", "changed_since": "prices.refused.stale", "unknown_markdown": "prices.refused.unknown_markdown",
}

// Refusal is a code of the price records in words; what has none is told as it came.
func Refusal(t *text.Printer, code, message string) string {
	if key, ok := refusals[code]; ok {
		return t.T(key)
	}
	return message
}

// who is an actor of the control log in words.
func who(t *text.Printer, by string) string {
	first, name, _ := strings.Cut(by, " ")
	switch {
	case by == "" || by == "clock":
		return "–"
	case by == "engine":
		return t.T("prices.by.engine")
	case first == "user":
		return name
	case first == "key":
		return t.T("prices.by.shop")
	}
	return by
}

// change is from one amount to another in percent, with its sign.
func change(t *text.Printer, from, to int64) string {
	if from <= 0 {
		return ""
	}
	return t.Signed(float64(to-from)/float64(from), 1)
}

// arrow is "€10.00 → €10.50".
func arrow(t *text.Printer, from, to int64, currency string) string {
	return t.Money(from, currency) + " → " + t.Money(to, currency)
}

// amount is a mean of minor units.
func amount(t *text.Printer, v float64, currency string) string {
	return t.Money(int64(math.Round(v)), currency)
}

// signed is amount with its plus.
func signed(t *text.Printer, v float64, currency string) string {
	s := amount(t, v, currency)
	if math.Round(v) > 0 {
		return "+" + s
	}
	return s
}

// units is pieces a day, finer where there are few.
func units(t *text.Printer, v float64) string {
	switch a := math.Abs(v); {
	case a == 0:
		return "0"
	case a < 0.1:
		return t.Number(v, 3)
	case a < 10:
		return t.Number(v, 1)
	}
	return t.Number(v, 0)
}

func signedUnits(t *text.Printer, v float64) string {
	if v > 0 {
		return "+" + units(t, v)
	}
	return units(t, v)
}

// rate is a fraction in percent, or what stands for none.
func rate(t *text.Printer, r Rate) string {
	if !r.Known {
		return "–"
	}
	return t.Percent(r.V, 1)
}

// money is an amount, or what stands for none.
func money(t *text.Printer, v int64, currency string) string {
	if v <= 0 {
		return "–"
	}
	return t.Money(v, currency)
}

// evidence is how long was observed.
func evidence(t *text.Printer, days float64) string {
	d := time.Duration(days * 24 * float64(time.Hour))
	switch {
	case d >= 21*24*time.Hour:
		return t.N("prices.weeks", int64(math.Round(days/7)))
	case d >= 48*time.Hour:
		return t.N("prices.days", int64(math.Round(days)))
	}
	return t.Duration(d.Truncate(time.Minute))
}

func joined(all []string) string { return strings.Join(all, ", ") }
