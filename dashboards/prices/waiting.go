package prices

import (
	"beckon/dashboards/ui"

	"github.com/a-h/templ"
)

// Pick is the name of the box that chooses a suggestion.
func Pick(id string) string { return "pick_" + id }

// gainScale is one scale for all rows, so that bars can be compared.
func gainScale(all []Suggestion) (low, high float64) {
	for _, s := range all {
		if s.Known {
			low, high = min(low, s.Gain.Lo), max(high, s.Gain.Hi)
		}
	}
	return low, high
}

func gainCell(p ui.Page, s Suggestion, low, high float64) templ.Component {
	t := p.Text
	if !s.Known {
		return ui.MutedCell(t.T("prices.waiting.gain.unknown"))
	}
	return ui.Interval{
		Low: s.Gain.Lo, Mid: s.Gain.Mean, High: s.Gain.Hi, Min: low, Max: high, Zero: true,
		Label: t.T("prices.waiting.gain.label", "mid", signed(t, s.Gain.Mean, s.Currency), "low", signed(t, s.Gain.Lo, s.Currency), "high", signed(t, s.Gain.Hi, s.Currency)),
	}
}

// movesTable is what the engine would do now.
func movesTable(p ui.Page, m Moves) ui.Table {
	t := p.Text
	out := ui.Table{
		Caption: t.T("prices.moves.title"),
		Head: []ui.Column{
			{Title: t.T("prices.col.item")},
			{Title: t.T("prices.waiting.change")},
			{Title: t.T("prices.waiting.gain"), Help: t.T("prices.waiting.gain.help")},
			{Title: t.T("prices.waiting.why")},
			{Title: t.T("prices.moves.then")},
		},
		Empty: ui.Empty{Title: t.T("prices.moves.none"), Text: t.T("prices.moves.none.text")},
	}
	low, high := 0.0, 0.0
	for _, x := range m.Moves {
		if x.Known {
			low, high = min(low, x.Gain.Lo), max(high, x.Gain.Hi)
		}
	}
	for _, x := range m.Moves {
		s := Suggestion{Item: x.Item, Currency: x.Currency, Current: x.Current, Proposed: x.Price, Gain: x.Gain, Known: x.Known}
		then := t.T("prices.moves.publish")
		if x.Mode == "suggest" {
			then = t.T("prices.moves.suggest")
		}
		out.Rows = append(out.Rows, ui.Row{Cells: []templ.Component{
			ui.ItemCell(x.Item), changeCell(p, s), gainCell(p, s, low, high), ui.Cell(known(t, reasons, x.Reason)), ui.Cell(then),
		}})
	}
	return out
}

func attentionTable(p ui.Page, v View) ui.Table {
	t := p.Text
	out := ui.Table{
		Caption: t.T("prices.attention.title"),
		Head:    []ui.Column{{Title: t.T("prices.col.item")}, {Title: t.T("prices.col.price"), Number: true}, {Title: t.T("prices.attention.what")}, {Title: t.T("prices.attention.since")}},
	}
	for _, a := range v.Attention {
		out.Rows = append(out.Rows, ui.Row{Tone: "bad", Cells: []templ.Component{ui.ItemCell(a.Item), ui.NumCell(t.Money(a.Price, a.Currency)), ui.Cell(alert(t, a.What)), ui.When(t, a.Since)}})
	}
	return out
}
