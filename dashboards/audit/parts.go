package audit

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/a-h/templ"

	"beckon/dashboards/ui"
)

func link(p ui.Page, offset uint64) templ.SafeURL {
	return templ.SafeURL(p.URL("/admin/audit/" + strconv.FormatUint(offset, 10)))
}

func rows(p ui.Page, v View) []ui.Row {
	var out []ui.Row
	for _, e := range v.Entries {
		out = append(out, ui.Row{ID: "c" + strconv.FormatUint(e.Offset, 10), Cells: []templ.Component{
			told(p, e), ui.Cell(Who(p.Text, e.Actor)), ui.When(p.Text, e.Time), undo(p, e, true),
		}})
	}
	return out
}

// history is the rows of the same thing's changes; the one that the page is about is marked.
func history(p ui.Page, v One) []ui.Row {
	var out []ui.Row
	for _, e := range v.History {
		row := ui.Row{Cells: []templ.Component{told(p, e), ui.Cell(Who(p.Text, e.Actor)), ui.When(p.Text, e.Time)}}
		if e.Offset == v.Entry.Offset {
			row.Tone = "info"
		}
		out = append(out, row)
	}
	return out
}

func none(p ui.Page, v View) ui.Empty {
	t := p.Text
	if v.Filter.Actor == "" && v.Filter.Kind == "" && v.Filter.ID == "" && v.Filter.From == "" && v.Filter.To == "" && v.Filter.Show == "" {
		return ui.Empty{Title: t.T("audit.empty"), Text: t.T("audit.empty.text")}
	}
	return ui.Empty{Title: t.T("audit.nothing"), Text: t.T("audit.nothing.text"), ActionLabel: t.T("audit.nothing.all"), ActionURL: p.URL("/admin/audit")}
}

func kinds(p ui.Page, f Filter) []ui.Choice {
	out := []ui.Choice{{Value: "", Label: p.Text.T("audit.any")}}
	for _, k := range f.Kinds {
		out = append(out, ui.Choice{Value: k, Label: KindName(p.Text, k), Selected: k == f.Kind})
	}
	return out
}

func shows(p ui.Page) []ui.Choice {
	return []ui.Choice{
		{Value: "", Label: p.Text.T("audit.show.all")},
		{Value: "changes", Label: p.Text.T("audit.show.changes")},
		{Value: "logins", Label: p.Text.T("audit.show.logins")},
	}
}

func kindOfButton(quiet bool) string {
	if quiet {
		return "quiet"
	}
	return "primary"
}

// about is who, what, when, and what is linked to it.
func about(p ui.Page, v One) []ui.KV {
	t, e := p.Text, v.Entry
	out := []ui.KV{
		{Key: t.T("audit.who"), Value: ui.Cell(Who(t, e.Actor))},
		{Key: t.T("audit.when"), Value: ui.Cells(ui.When(t, e.Time), ui.MutedCell(t.Ago(e.Time, v.Now)))},
		{Key: t.T("audit.kind"), Value: ui.Cell(KindName(t, e.Kind))},
	}
	if e.ID != "" {
		out = append(out, ui.KV{Key: t.T("audit.id"), Value: ui.CodeCell(e.ID)})
	}
	if e.Count > 1 {
		out = append(out, ui.KV{Key: t.T("audit.import"), Value: ui.Cell(t.N("audit.import.lines", e.Count))})
	}
	if e.Refused != "" {
		out = append(out, ui.KV{Key: t.T("audit.refused"), Value: ui.Cell(e.Refused)})
	}
	if e.Undoes != 0 {
		out = append(out, ui.KV{Key: t.T("audit.takes_back"), Value: ui.LinkCell(string(link(p, e.Undoes)), t.T("audit.show_change"))})
	}
	if e.UndoneBy != 0 {
		out = append(out, ui.KV{Key: t.T("audit.taken_back"), Value: ui.LinkCell(string(link(p, e.UndoneBy)), t.T("audit.show_change"))})
	}
	if e.HasPrev {
		out = append(out, ui.KV{Key: t.T("audit.prev"), Value: ui.LinkCell(string(link(p, e.Prev)), t.T("audit.show_change"))})
	}
	place := strconv.FormatUint(e.Offset, 10)
	if e.Last != e.Offset {
		place += "–" + strconv.FormatUint(e.Last, 10)
	}
	return append(out, ui.KV{Key: t.T("audit.place"), Value: ui.CodeCell(place + " · " + e.Do)})
}

func fields(p ui.Page, e Entry) []ui.Row {
	list, _ := Changes(p.Text, &e)
	var out []ui.Row
	for _, c := range list {
		out = append(out, ui.Row{Cells: []templ.Component{ui.Cell(c.Label), orDash(c.Before), orDash(c.After)}})
	}
	return out
}

func orDash(s string) templ.Component {
	if s == "" {
		return ui.MutedCell("–")
	}
	return ui.Cell(s)
}

func differenceHelp(p ui.Page, e Entry) string {
	switch _, same := Changes(p.Text, &e); {
	case e.Refused != "":
		return p.Text.T("audit.difference.wanted")
	case e.Unknown:
		return p.Text.T("audit.difference.old")
	case same > 0:
		return p.Text.N("audit.difference.same", int64(same))
	}
	return ""
}

func noDifference(p ui.Page, e Entry) string {
	if e.Count > 1 {
		return p.Text.T("audit.difference.import")
	}
	return p.Text.T("audit.difference.equal")
}

// indented is JSON for reading.
func indented(object []byte) string {
	if object == nil {
		return "–"
	}
	var out bytes.Buffer
	if json.Indent(&out, object, "", "  ") != nil {
		return string(object)
	}
	return out.String()
}
