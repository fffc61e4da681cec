package health

import (
	"github.com/a-h/templ"

	"beckon/dashboards/ui"
	"beckon/web/text"
)

// StatusWord is a status in a word or two.
func StatusWord(p *text.Printer, s Status) string {
	switch s {
	case Bad:
		return p.T("health.bad")
	case Warn:
		return p.T("health.warn")
	case Off:
		return p.T("health.off")
	}
	return p.T("health.good")
}

func statusTone(s Status) string {
	switch s {
	case Bad:
		return "bad"
	case Warn:
		return "warn"
	case Off:
		return "quiet"
	}
	return "good"
}

func overallText(p *text.Printer, v View) string {
	if n := int64(len(v.Troubles)); n > 0 {
		return p.N("health.overall.troubles", n)
	}
	return p.T("health.overall.good")
}

func of(v View, group string) (list []Check) {
	for _, c := range v.Checks {
		if c.Group == group {
			list = append(list, c)
		}
	}
	return list
}

// checkRows is those of a list that are shown at once, or those that are asked for.
func checkRows(p ui.Page, list []Check, detail bool) (rows []ui.Row) {
	for _, c := range list {
		if c.Detail != detail {
			continue
		}
		row := ui.Row{Cells: []templ.Component{
			ui.Cell(c.Name), ui.Badge(StatusWord(p.Text, c.Status), statusTone(c.Status)), ui.Cell(c.Value), orDash(c.Bound),
		}}
		if c.Status > Good {
			row.Tone = statusTone(c.Status)
		}
		rows = append(rows, row)
	}
	return rows
}

func orDash(s string) templ.Component {
	if s == "" {
		return ui.MutedCell("–")
	}
	return ui.Cell(s)
}

// codeWord is why an event was refused, in words; a code that nobody named is shown as it is.
func codeWord(p *text.Printer, code string) string {
	if t := p.T("health.code." + code); t != "health.code."+code {
		return t
	}
	return code
}

func codeRows(p ui.Page, codes []Code) (rows []ui.Row) {
	for _, c := range codes {
		rows = append(rows, ui.Row{Cells: []templ.Component{ui.Cell(codeWord(p.Text, c.Code)), ui.NumCell(p.Text.Int(c.Count))}})
	}
	return rows
}

func letterRows(p ui.Page, v View) (rows []ui.Row) {
	for _, l := range v.Numbers.Letters {
		rows = append(rows, ui.Row{Cells: []templ.Component{letterWhy(p, l), ui.When(p.Text, l.Time), ui.CodeCell(l.EventID), letterAgain(p, v, l)}})
	}
	return rows
}

func limitValues(p ui.Page, l Limits) []ui.KV {
	t := p.Text
	rate := func(n int64) templ.Component {
		if n == 0 {
			return ui.Cell(t.T("health.no_limit"))
		}
		return ui.Cell(t.N("health.per_second", n))
	}
	count := func(n int64) templ.Component {
		if n <= 0 {
			return ui.Cell(t.T("health.no_limit"))
		}
		return ui.Cell(t.Int(n))
	}
	return []ui.KV{
		{Key: t.T("health.limit.key"), Value: rate(l.Key)},
		{Key: t.T("health.limit.visitor"), Value: rate(l.Visitor)},
		{Key: t.T("health.limit.address"), Value: rate(l.Address)},
		{Key: t.T("health.limit.sockets"), Value: count(l.Sockets)},
		{Key: t.T("health.limit.per_address"), Value: count(l.PerAddress)},
		{Key: t.T("health.limit.body"), Value: ui.Cell(Bytes(t, l.Body))},
		{Key: t.T("health.limit.quote"), Value: ui.Cell(t.Duration(l.Quote))},
	}
}
