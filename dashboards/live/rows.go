package live

import (
	"github.com/a-h/templ"

	"beckon/dashboards/ui"
	"beckon/web/text"
)

func visitRows(p ui.Page, v View) []ui.Row {
	out := make([]ui.Row, 0, len(v.List))
	for _, w := range v.List {
		row := ui.Row{ID: "visit-" + w.Visitor, Cells: []templ.Component{
			visitorCell(w.Visitor, w.Href, w.Machine, p.Text.T("live.robot")), stage(p.Text, w.Stage), item(w.Item), ui.NumCell(w.Cart),
			ui.NumCell(since(p.Text, w.Start, v.Now)), ui.NumCell(ago(p.Text, w.Last, v.Now)),
			fromCell(p, w), ui.NumCell(p.Text.Int(int64(w.Events))),
		}}
		if w.Machine {
			row.Tone = "quiet"
		}
		out = append(out, row)
	}
	return out
}

// stageTones are how the stages look.
var stageTones = [...]string{"quiet", "quiet", "info", "warn", "good"}

func stage(t *text.Printer, s int) templ.Component {
	keys := [...]string{"live.stage.came", "live.stage.looked", "live.stage.carted", "live.stage.checkout", "live.stage.bought"}
	s = min(max(s, 0), len(keys)-1)
	return ui.Badge(t.T(keys[s]), stageTones[s])
}

// item is an item's cell, empty where there is none.
func item(it ui.Item) templ.Component {
	if it.ID == "" {
		return ui.Cell("")
	}
	return ui.ItemCell(it)
}

func eventRows(p ui.Page, now int64, all []Event) []ui.Row {
	out := make([]ui.Row, 0, len(all))
	for _, e := range all {
		row := ui.Row{ID: "event-" + number(e.Seq), Cells: []templ.Component{
			ui.MutedCell(ago(p.Text, e.At, now)), whatCell(p, e), aboutCell(p, e), ui.NumCell(e.Value),
			visitorCell(e.Visitor, e.Href, e.Machine, p.Text.T("live.robot")),
		}}
		if e.Machine {
			row.Tone = "quiet"
		}
		out = append(out, row)
	}
	return out
}

func timelineRows(p ui.Page, all []Event) []ui.Row {
	out := make([]ui.Row, 0, len(all))
	for _, e := range all {
		out = append(out, ui.Row{ID: "past-" + number(e.Seq), Cells: []templ.Component{
			ui.When(p.Text, e.At), whatCell(p, e), aboutCell(p, e), ui.NumCell(e.Value),
		}})
	}
	return out
}

func stepRows(p ui.Page, now int64, all []Step) []ui.Row {
	out := make([]ui.Row, 0, len(all))
	for _, s := range all {
		out = append(out, ui.Row{Cells: []templ.Component{ui.MutedCell(ago(p.Text, s.At, now)), ui.Cell(kind(p.Text, s.Name)), ui.ItemCell(s.Item)}})
	}
	return out
}

func lineRows(p ui.Page, all []Line) []ui.Row {
	out := make([]ui.Row, 0, len(all))
	for _, l := range all {
		out = append(out, ui.Row{ID: "line-" + l.Item.ID, Cells: []templ.Component{ui.ItemCell(l.Item), ui.NumCell(p.Text.Int(int64(l.Quantity))), ui.NumCell(l.Price)}})
	}
	return out
}

func boughtRows(p ui.Page, all []Line) []ui.Row {
	out := make([]ui.Row, 0, len(all))
	for _, l := range all {
		out = append(out, ui.Row{ID: "bought-" + l.Item.ID, Cells: []templ.Component{ui.ItemCell(l.Item), ui.NumCell(p.Text.Int(int64(l.Quantity))), ui.When(p.Text, l.At)}})
	}
	return out
}
