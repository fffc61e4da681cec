package stock

import (
	"strconv"

	"beckon/dashboards/ui"

	"github.com/a-h/templ"
)

// Levels are the table's filters by level, in order.
var Levels = [...]string{"out", "low", "held", "back", "in", "untracked"}

// columns of the table that it can be sorted by, in order: the sort key, and whether a first click sorts downwards.
var columns = [...]struct {
	key, title, help string
	number, down     bool
}{
	{"title", "stock.col.item", "", false, false},
	{"level", "stock.col.state", "", false, false},
	{"free", "stock.col.free", "stock.col.free.help", true, true},
	{"rate", "stock.col.per_day", "stock.col.per_day.help", true, true},
	{"cover", "stock.col.cover", "stock.col.cover.help", true, false},
	{"cover", "stock.col.runout", "stock.col.runout.help", false, false},
	{"rate", "stock.col.week", "stock.col.week.help", true, true},
	{"stock", "stock.col.stock", "stock.col.stock.help", true, true},
	{"reserved", "stock.col.reserved", "stock.col.reserved.help", true, true},
}

func listTable(p ui.Page, l List, now int64) ui.Table {
	t := p.Text
	out := ui.Table{ID: "stock-items", Caption: t.T("stock.list.title"), Empty: listEmpty(p, l)}
	seen := map[string]bool{}
	for _, c := range columns {
		col := ui.Column{Title: t.T(c.title), Number: c.number}
		if c.help != "" {
			col.Help = t.T(c.help)
		}
		if !seen[c.key] {
			col.Sort, col.SortURL = p.Sorted(c.key, l.Sort, c.down)
		}
		seen[c.key] = true
		out.Head = append(out.Head, col)
	}
	for _, r := range l.Rows {
		word, tone := levelWord(t, r.Level)
		out.Rows = append(out.Rows, ui.Row{Cells: []templ.Component{
			ui.ItemCell(r.Item), ui.Badge(word, tone), ui.NumCell(pieces(t, r.Free)), ui.NumCell(rate(t, r.PerDay)), ui.NumCell(days(t, r.Cover)),
			ui.Cell(runout(t, now, r.P10, r.P90)), ui.NumCell(rate(t, 7*r.PerDay)), ui.NumCell(pieces(t, r.Stock)), ui.NumCell(held(t.Int(r.Reserved), r)),
		}})
	}
	return out
}

// held leaves out what says nothing.
func held(n string, r Row) string {
	if r.Reserved == 0 {
		return "–"
	}
	return n
}

func listEmpty(p ui.Page, l List) ui.Empty {
	t := p.Text
	if l.Total == 0 {
		return ui.Empty{Title: t.T("stock.list.no_catalog"), Text: t.T("stock.list.no_catalog.text")}
	}
	return ui.Empty{Title: t.T("stock.list.none"), Text: t.T("stock.list.none.text"), ActionLabel: t.T("stock.list.all"), ActionURL: p.URL("/admin/stock") + "#items"}
}

func listPager(p ui.Page, l List) ui.Pager {
	t := p.Text
	at := func(from int) string {
		if from <= 0 {
			return p.With("from", "") + "#items"
		}
		return p.With("from", strconv.Itoa(from)) + "#items"
	}
	out := ui.Pager{Label: t.T("stock.list.range", "from", t.Int(int64(l.From+1)), "to", t.Int(int64(l.From+len(l.Rows))), "all", t.Int(int64(l.Matching)))}
	if l.From > 0 {
		out.Prev = at(l.From - l.Size)
	}
	if l.From+len(l.Rows) < l.Matching {
		out.Next = at(l.From + l.Size)
	}
	return out
}

func levelChoices(p ui.Page, chosen string) []ui.Choice {
	out := []ui.Choice{{Value: "", Label: p.Text.T("stock.level.all"), Selected: chosen == ""}}
	for _, l := range Levels {
		word, _ := levelWord(p.Text, l)
		out = append(out, ui.Choice{Value: l, Label: word, Selected: l == chosen})
	}
	return out
}

func categoryChoices(p ui.Page, l List) []ui.Choice {
	return append([]ui.Choice{{Value: "", Label: p.Text.T("stock.category.all"), Selected: l.Category == ""}}, l.Categories...)
}
