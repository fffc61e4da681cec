package prices

import (
	"beckon/dashboards/ui"
	"beckon/web/text"

	"github.com/a-h/templ"
)

// limit is what a rule compared with, in words.
func limit(t *text.Printer, s Step, currency string) string {
	switch {
	case s.Limit == 0:
		return "–"
	case s.Rule == "dwell":
		return t.T("prices.limit.until", "time", t.DateTime(s.Limit))
	case s.Rule == "deadband":
		return t.T("prices.limit.least", "money", t.Money(s.Limit, currency))
	}
	return t.Money(s.Limit, currency)
}

// stepWords is what a rule did to a price, in one sentence.
func stepWords(t *text.Printer, s Step, currency string) string {
	if s.Before == s.After {
		return t.T("prices.step.kept")
	}
	to := t.Money(s.After, currency)
	switch s.Rule {
	case "kill":
		return t.T("prices.step.kill", "to", to)
	case "freeze":
		return t.T("prices.step.freeze", "to", to)
	case "map":
		return t.T("prices.step.map", "to", to)
	case "floor":
		return t.T("prices.step.floor", "to", to)
	case "ceiling":
		return t.T("prices.step.ceiling", "to", to)
	case "step":
		return t.T("prices.step.step", "to", to)
	case "dwell":
		return t.T("prices.step.dwell", "to", to, "time", t.DateTime(s.Limit))
	case "deadband":
		return t.T("prices.step.deadband", "to", to)
	case "edge":
		return t.T("prices.step.edge", "to", to)
	case "rounding":
		return t.T("prices.step.rounding", "to", to)
	case "hard":
		return t.T("prices.step.hard", "to", to)
	case "input":
		return t.T("prices.step.input", "to", to)
	}
	return rule(t, s.Rule) + " → " + to
}

// traceTable is the guardrails line by line.
func traceTable(t *text.Printer, trace []Step, currency string) ui.Table {
	out := ui.Table{
		Caption: t.T("prices.trace.title"),
		Head: []ui.Column{
			{Title: t.T("prices.trace.rule"), Help: t.T("prices.trace.rule.help")},
			{Title: t.T("prices.trace.limit")},
			{Title: t.T("prices.trace.before"), Number: true},
			{Title: t.T("prices.trace.after"), Number: true},
			{Title: t.T("prices.trace.what")},
		},
		Empty: ui.Empty{Title: t.T("prices.trace.none"), Text: t.T("prices.trace.none.text")},
	}
	for _, s := range trace {
		tone := ""
		if s.Before != s.After {
			tone = "warn"
		}
		out.Rows = append(out.Rows, ui.Row{Tone: tone, Cells: []templ.Component{
			ui.Cell(rule(t, s.Rule)), ui.Cell(limit(t, s, currency)), ui.NumCell(t.Money(s.Before, currency)), ui.NumCell(t.Money(s.After, currency)), ui.Cell(stepWords(t, s, currency)),
		}})
	}
	return out
}

// traceWords is the rules that changed a price, a sentence each, or that none did.
func traceWords(t *text.Printer, trace []Step, currency string) []string {
	var said []string
	for _, s := range trace {
		if s.Before != s.After {
			said = append(said, stepWords(t, s, currency))
		}
	}
	if len(said) == 0 {
		return []string{t.T("prices.step.all_kept")}
	}
	return said
}

// decisionWords tells what the engine weighed, a sentence each.
func decisionWords(t *text.Printer, d Decision, currency string) []string {
	said := []string{
		t.T("prices.decision.at", "time", t.DateTime(d.At), "price", t.Money(d.Current, currency)),
		why(t, d),
		bestWords(t, d, currency),
		t.T("prices.decision.elasticity", "mid", t.Number(d.Elasticity.Mean, 1), "low", t.Number(d.Elasticity.Lo, 1), "high", t.Number(d.Elasticity.Hi, 1)),
		t.T("prices.decision.units", "mid", units(t, d.Units.Mean), "low", units(t, d.Units.Lo), "high", units(t, d.Units.Hi)),
	}
	if d.Explored {
		said = append(said, t.T("prices.decision.test"))
	}
	if d.Market > 0 {
		said = append(said, t.T("prices.decision.market", "price", t.Money(d.Market, currency)))
	}
	if d.Publish {
		return append(said, t.T("prices.decision.publish", "price", t.Money(d.Price, currency)))
	}
	return append(said, t.T("prices.decision.stay", "price", t.Money(d.Current, currency)))
}

// bestWords is what is believed of the best price.
func bestWords(t *text.Printer, d Decision, currency string) string {
	if d.Best == d.Current {
		return t.T("prices.decision.best.now")
	}
	return t.T("prices.decision.best", "best", t.Money(d.Best, currency), "chance", t.Percent(d.Better, 0), "gain", t.Percent(d.Gain, 1))
}

// explained tells an explanation, a sentence each.
func explained(t *text.Printer, x Explanation) []string {
	c := x.Currency
	first := t.T("prices.explain.was", "time", t.DateTime(x.Asked), "price", t.Money(x.Amount, c))
	if x.From > 0 {
		first = t.T("prices.explain.since", "time", t.DateTime(x.Asked), "price", t.Money(x.Amount, c), "since", t.DateTime(x.From))
	}
	said := append([]string{first}, explainKind(t, x)...)
	for _, r := range x.Over {
		said = append(said, t.T("prices.explain.over", "rule", rule(t, r)))
	}
	if x.Later > 0 {
		said = append(said, t.N("prices.explain.later", int64(x.Later), "time", t.DateTime(x.LaterAt)))
	}
	if x.Until > 0 {
		said = append(said, t.T("prices.explain.until", "time", t.DateTime(x.Until)))
	}
	if x.Partly {
		said = append(said, t.T("prices.explain.partly"))
	}
	return said
}

// explainKind tells how the price came about.
func explainKind(t *text.Printer, x Explanation) []string {
	from := t.Money(x.Before, x.Currency)
	by := who(t, x.By)
	switch x.Kind {
	case "list":
		if x.Before > 0 {
			return []string{t.T("prices.explain.list.from", "from", from)}
		}
		return []string{t.T("prices.explain.list")}
	case "engine":
		return []string{t.T("prices.explain.engine", "from", from)}
	case "approved":
		return []string{t.T("prices.explain.approved", "from", from, "who", by)}
	case "manual":
		said := []string{t.T("prices.explain.manual", "from", from, "who", by)}
		if x.Reason != "" {
			said = append(said, t.T("prices.explain.note", "note", x.Reason))
		}
		return said
	case "undo":
		return []string{t.T("prices.explain.undo", "from", from, "who", by)}
	case "markdown":
		if x.Markdown != nil {
			return []string{t.T("prices.explain.markdown", "from", from, "reference", t.Money(x.Markdown.Reference, x.Currency), "until", t.DateTime(x.Markdown.Until))}
		}
		return []string{t.T("prices.kind.markdown")}
	case "markdown_end":
		return []string{t.T("prices.explain.markdown_end", "from", from)}
	case "edge":
		return []string{t.T("prices.explain.edge", "from", from), alert(t, x.Reason)}
	case "restore":
		return []string{t.T("prices.explain.restore", "from", from)}
	}
	return []string{kind(t, x.Kind)}
}
