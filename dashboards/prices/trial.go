package prices

import (
	"strconv"

	"beckon/dashboards/ui"
	"beckon/web/text"

	"github.com/a-h/templ"
)

func versionOf(l Line) string { return strconv.FormatUint(l.Version, 10) }

// trialTable is what a price brings in a day against the one in force.
func trialTable(p ui.Page, x Trial) ui.Table {
	t := p.Text
	out := ui.Table{
		Caption: t.T("prices.trial.title"),
		Head: []ui.Column{
			{Title: t.T("prices.trial.a_day")},
			{Title: t.T("prices.trial.now", "price", t.Money(x.Current, x.Currency)), Number: true},
			{Title: t.T("prices.trial.then", "price", t.Money(x.Amount, x.Currency)), Number: true},
			{Title: t.T("prices.trial.change"), Help: t.T("prices.trial.change.help")},
		},
	}
	money := func(v float64) string { return amount(t, v, x.Currency) }
	signedMoney := func(v float64) string { return signed(t, v, x.Currency) }
	pieces := func(v float64) string { return units(t, v) }
	signedPieces := func(v float64) string { return signedUnits(t, v) }
	row := func(title string, now, then, change Span, plain, sign func(float64) string) ui.Row {
		return ui.Row{Cells: []templ.Component{
			ui.Cell(title), ui.NumCell(span(t, now, plain)), ui.NumCell(span(t, then, plain)),
			ui.Interval{Low: change.Lo, Mid: change.Mean, High: change.Hi, Zero: true, Label: t.T("prices.span", "mid", sign(change.Mean), "low", sign(change.Lo), "high", sign(change.Hi))},
		}}
	}
	out.Rows = []ui.Row{
		row(t.T("prices.trial.units"), x.Before.Units, x.After.Units, x.Change.Units, pieces, signedPieces),
		row(t.T("prices.trial.revenue"), x.Before.Revenue, x.After.Revenue, x.Change.Revenue, money, signedMoney),
	}
	if x.CostKnown {
		out.Rows = append(out.Rows, row(t.T("prices.trial.profit"), x.Before.Profit, x.After.Profit, x.Change.Profit, money, signedMoney))
	}
	return out
}

// span is "8.2 (7.1 to 9.4)".
func span(t *text.Printer, s Span, write func(float64) string) string {
	return t.T("prices.span", "mid", write(s.Mean), "low", write(s.Lo), "high", write(s.Hi))
}

// verdict is what comes of a price that is tried, with the tone of its badge.
func verdict(t *text.Printer, x Trial) (word, tone string) {
	switch {
	case x.Refused == "unchanged":
		return t.T("prices.verdict.same"), "quiet"
	case x.Refused != "":
		return t.T("prices.verdict.refused"), "bad"
	case len(x.Over) > 0:
		return t.T("prices.verdict.force"), "warn"
	}
	return t.T("prices.verdict.free"), "good"
}

// verdictWords says it, and what the engine's own guardrails would publish.
func verdictWords(t *text.Printer, x Trial) []string {
	var said []string
	switch {
	case x.Refused != "":
		said = append(said, Refusal(t, x.Refused, x.Refused))
	case len(x.Over) > 0:
		names := make([]string, len(x.Over))
		for i, r := range x.Over {
			names[i] = rule(t, r)
		}
		said = append(said, t.T("prices.verdict.over", "rules", joined(names), "instead", t.Money(x.Instead, x.Currency)))
	default:
		said = append(said, t.T("prices.verdict.free.text"))
	}
	if x.Refused == "unchanged" {
		return said
	}
	if x.Engine == x.Amount {
		return append(said, t.T("prices.verdict.engine.same"))
	}
	if !x.Moved {
		return append(said, t.T("prices.verdict.engine.none", "price", t.Money(x.Current, x.Currency)))
	}
	return append(said, t.T("prices.verdict.engine.other", "price", t.Money(x.Engine, x.Currency)))
}

// expectWords says what is to be expected in words.
func expectWords(t *text.Printer, x Trial) []string {
	if !x.Known {
		return []string{t.T("prices.trial.unknown")}
	}
	said := []string{}
	if x.Amount != x.Current {
		said = append(said, t.T("prices.trial.share", "mid", t.Signed(x.Share.Mean, 0), "low", t.Signed(x.Share.Lo, 0), "high", t.Signed(x.Share.Hi, 0)))
		if x.CostKnown {
			said = append(said, t.T("prices.trial.better", "chance", t.Percent(x.Better, 0)))
		}
	}
	if x.Beyond {
		said = append(said, t.T("prices.trial.beyond"))
	}
	return said
}

// lawWords says what the price means for the reference of announced reductions.
func lawWords(t *text.Printer, x Trial) []string {
	said := []string{t.T("prices.law.reference", "price", t.Money(x.Reference, x.Currency))}
	switch {
	case x.Reduced:
		said = append(said, t.T("prices.law.reduced", "price", t.Money(x.Amount, x.Currency)))
	case x.Amount < x.Current:
		said = append(said, t.T("prices.law.drop"))
	}
	return said
}

// rivalWords says where the price would stand among competitors.
func rivalWords(t *text.Printer, x Trial) string {
	r := x.Rivals
	if r.Known == 0 {
		return t.T("prices.rivals.none")
	}
	return t.N("prices.rivals.stand", int64(r.Known), "below", t.Int(int64(r.Below)), "low", t.Money(r.Lowest, x.Currency), "mid", t.Money(r.Median, x.Currency), "high", t.Money(r.Highest, x.Currency))
}
