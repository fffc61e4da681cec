package stock

import (
	"beckon/dashboards/ui"

	"github.com/a-h/templ"
)

// actTable is what needs somebody first.
func actTable(p ui.Page, v View) ui.Table {
	t := p.Text
	out := ui.Table{
		Caption: t.T("stock.act.title"),
		Head: []ui.Column{
			{Title: t.T("stock.col.item")},
			{Title: t.T("stock.act.what"), Help: t.T("stock.act.what.help")},
			{Title: t.T("stock.col.left"), Number: true, Help: t.T("stock.col.free.help")},
			{Title: t.T("stock.col.per_day"), Number: true, Help: t.T("stock.col.per_day.help")},
		},
		Empty: ui.Empty{Title: t.T("stock.act.none"), Text: t.T("stock.act.none.text")},
	}
	for _, a := range v.Act {
		word, tone := levelWord(t, a.Kind)
		if a.Kind == "low" && a.Grave {
			word, tone = t.T("stock.level.nearly"), "bad"
		}
		r := ui.Row{Cells: []templ.Component{
			ui.ItemCell(a.Item), ui.Cells(ui.Badge(word, tone), ui.Cell(actWords(p, v.Now, a))), ui.NumCell(pieces(t, a.Free)), ui.NumCell(rate(t, a.PerDay)),
		}}
		out.Rows = append(out.Rows, r)
	}
	return out
}

// actWords says what that means and what to do.
func actWords(p ui.Page, now int64, a Act) string {
	t := p.Text
	switch {
	case a.Kind == "held":
		return t.N("stock.act.held", a.Held)
	case a.Kind == "out" && a.Lost >= 0:
		return t.T("stock.act.out.lost", "money", t.Money(a.Lost, a.Currency))
	case a.Kind == "out" && a.Views > 0:
		return t.N("stock.act.out.looked", a.Views)
	case a.Kind == "out":
		return t.T("stock.act.out.quiet")
	case a.P90 >= horizon:
		return t.T("stock.act.low.from", "days", days(t, a.P50), "from", t.Date(now+int64(a.P10*dayMs)))
	}
	return t.T("stock.act.low", "days", days(t, a.P50), "between", runout(t, now, a.P10, a.P90))
}

func surgeTable(p ui.Page, v View) ui.Table {
	t := p.Text
	out := ui.Table{
		Caption: t.T("stock.surge.title"),
		Head: []ui.Column{
			{Title: t.T("stock.col.item")},
			{Title: t.T("stock.surge.views"), Number: true},
			{Title: t.T("stock.surge.expected"), Number: true, Help: t.T("stock.surge.expected.help")},
			{Title: t.T("stock.surge.against")},
			{Title: t.T("stock.surge.hour")},
			{Title: t.T("stock.col.left"), Number: true},
			{Title: t.T("stock.surge.cover"), Help: t.T("stock.surge.cover.help")},
		},
		Empty: ui.Empty{Title: t.T("stock.surge.none"), Text: t.T("stock.surge.none.text")},
	}
	for _, s := range v.Surges {
		tone := "info"
		if s.Cover >= 0 && s.Cover < 2 {
			tone = "warn"
		}
		out.Rows = append(out.Rows, ui.Row{Cells: []templ.Component{
			ui.ItemCell(s.Item), ui.NumCell(t.Int(s.Views)), ui.NumCell(t.Number(s.Expected, 1)), ui.Badge(times(t, s), tone),
			ui.Spark(s.Spark), ui.NumCell(pieces(t, s.Free)), ui.Cell(days(t, s.Cover)),
		}})
	}
	return out
}

func deadTable(p ui.Page, v View) ui.Table {
	t := p.Text
	out := ui.Table{
		Caption: t.T("stock.dead.title"),
		Head: []ui.Column{
			{Title: t.T("stock.col.item")},
			{Title: t.T("stock.col.stock"), Number: true},
			{Title: t.T("stock.dead.value"), Number: true, Help: t.T("stock.dead.value.help")},
			{Title: t.T("stock.dead.idle")},
			{Title: t.T("stock.dead.views"), Number: true},
			{Title: t.T("stock.dead.do")},
		},
		Empty: ui.Empty{Title: t.T("stock.dead.none"), Text: t.T("stock.dead.none.text")},
	}
	for _, d := range v.Dead {
		value, idle := "–", t.T("stock.dead.never")
		if d.Value >= 0 {
			value = t.Money(d.Value, d.Currency)
		}
		if d.Idle >= 0 {
			idle = t.N("stock.days.whole", d.Idle)
		}
		do := ui.MutedCell("–")
		if v.CanChange {
			do = ui.Cells(
				ui.LinkCell(p.URL("/admin/pricing/markdowns", "items", d.Item.ID), t.T("stock.dead.markdown")),
				ui.LinkCell(p.URL("/admin/rules/new", "action", "boost", "item", d.Item.ID), t.T("stock.dead.boost")),
			)
		}
		out.Rows = append(out.Rows, ui.Row{Cells: []templ.Component{
			ui.ItemCell(d.Item), ui.NumCell(t.Int(d.Stock)), ui.NumCell(value), ui.Cell(idle), ui.NumCell(t.Int(d.Views)), do,
		}})
	}
	return out
}

func backTable(p ui.Page, v View) ui.Table {
	t := p.Text
	out := ui.Table{
		Caption: t.T("stock.back.title"),
		Head: []ui.Column{
			{Title: t.T("stock.col.item")}, {Title: t.T("stock.back.since")}, {Title: t.T("stock.col.left"), Number: true},
		},
		Empty: ui.Empty{Title: t.T("stock.back.none"), Text: t.T("stock.back.none.text")},
	}
	for _, b := range v.Back {
		out.Rows = append(out.Rows, ui.Row{Cells: []templ.Component{ui.ItemCell(b.Item), ui.When(t, b.At), ui.NumCell(pieces(t, b.Free))}})
	}
	return out
}
