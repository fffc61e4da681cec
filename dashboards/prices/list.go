package prices

import (
	"strconv"

	"beckon/dashboards/ui"

	"github.com/a-h/templ"
)

// Shows are the table's filters, in order.
var Shows = [...]string{"waiting", "alert", "marked", "auto", "suggest", "off", "known", "rivals"}

var shows = map[string]string{
	"waiting": "prices.show.waiting", "alert": "prices.show.alert", "marked": "prices.show.marked", "auto": "prices.show.auto",
	"suggest": "prices.show.suggest", "off": "prices.show.off", "known": "prices.show.known", "rivals": "prices.show.rivals",
}

// columns of the table: the sort key ("" cannot be sorted by), and whether a first click sorts downwards.
var columns = [...]struct {
	key, title, help string
	number, down     bool
}{
	{"title", "prices.col.item", "", false, false},
	{"price", "prices.col.price", "", true, true},
	{"lowest", "prices.col.lowest", "prices.col.lowest.help", true, true},
	{"margin", "prices.col.margin", "prices.col.margin.help", true, false},
	{"elasticity", "prices.col.elasticity", "prices.col.elasticity.help", false, true},
	{"mode", "prices.col.mode", "prices.col.mode.help", false, false},
	{"changed", "prices.col.changed", "", false, true},
	{"rivals", "prices.col.rivals", "", true, true},
}

func listTable(p ui.Page, l List) ui.Table {
	t := p.Text
	out := ui.Table{ID: "price-items", Caption: t.T("prices.list.title"), Empty: listEmpty(p, l)}
	for _, c := range columns {
		col := ui.Column{Title: t.T(c.title), Number: c.number}
		if c.help != "" {
			col.Help = t.T(c.help)
		}
		col.Sort, col.SortURL = p.Sorted(c.key, l.Sort, c.down)
		out.Head = append(out.Head, col)
	}
	for _, r := range l.Rows {
		out.Rows = append(out.Rows, ui.Row{Cells: []templ.Component{
			ui.ItemCell(r.Item), priceCell(p, r), ui.NumCell(money(t, r.Lowest, r.Currency)), ui.NumCell(rate(t, r.Margin)),
			elasticityCell(p, r), modeCell(p, r), changedCell(p, r), rivalCell(p, r),
		}})
	}
	return out
}

func priceCell(p ui.Page, r Row) templ.Component {
	t := p.Text
	if r.Price == r.List {
		return ui.NumCell(t.Money(r.Price, r.Currency))
	}
	return ui.Cells(ui.NumCell(t.Money(r.Price, r.Currency)), ui.MutedCell(t.T("prices.list.listed", "price", t.Money(r.List, r.Currency))))
}

// elasticityCell draws the interval on one scale for all rows: 0 to 8 holds nearly all items that sell.
func elasticityCell(p ui.Page, r Row) templ.Component {
	t := p.Text
	if !r.Known || r.Elasticity.Mean <= 0 {
		if r.Known {
			return ui.MutedCell(t.T("prices.list.learning"))
		}
		return ui.MutedCell("–")
	}
	e := r.Elasticity
	return ui.Interval{
		Low: e.Lo, Mid: e.Mean, High: min(e.Hi, 8), Max: 8,
		Label: t.T("prices.list.elasticity", "mid", t.Number(e.Mean, 1), "low", t.Number(e.Lo, 1), "high", t.Number(e.Hi, 1)),
	}
}

func changedCell(p ui.Page, r Row) templ.Component {
	t := p.Text
	all := []templ.Component{ui.Cell(kind(t, r.Kind)), ui.When(t, r.At)}
	if why := shortWhy(t, Line{Kind: r.Kind, Reason: r.Reason}); why != "" && r.Kind != "markdown" && r.Kind != "markdown_end" {
		all = append(all, ui.MutedCell(why))
	}
	return ui.Cells(all...)
}

func rivalCell(p ui.Page, r Row) templ.Component {
	t := p.Text
	if r.Rivals == 0 {
		return ui.MutedCell("–")
	}
	return ui.Cells(ui.NumCell(t.Money(r.Rival, r.Currency)), ui.MutedCell(t.N("prices.list.rivals", int64(r.Rivals))))
}

func modeCell(p ui.Page, r Row) templ.Component {
	t := p.Text
	word, tone := mode(t, r.Mode)
	all := []templ.Component{ui.Badge(word, tone)}
	if r.Frozen {
		all = append(all, ui.Badge(t.T("prices.badge.frozen"), "info"))
	}
	if r.Suggested > 0 {
		all = append(all, ui.Badge(t.T("prices.badge.waiting", "price", t.Money(r.Suggested, r.Currency)), "warn"))
	}
	if r.Marked {
		all = append(all, ui.Badge(t.T("prices.badge.marked"), "info"))
	}
	if r.Alert != "" {
		all = append(all, ui.Badge(t.T("prices.badge.alert"), "bad"))
	}
	return ui.Cells(all...)
}

func listEmpty(p ui.Page, l List) ui.Empty {
	t := p.Text
	if l.Total == 0 {
		return ui.Empty{Title: t.T("prices.list.no_catalog"), Text: t.T("prices.list.no_catalog.text")}
	}
	return ui.Empty{Title: t.T("prices.list.none"), Text: t.T("prices.list.none.text"), ActionLabel: t.T("prices.list.all"), ActionURL: p.URL("/admin/prices") + "#items"}
}

// pager goes through rows of which the page shows some, by the parameter name.
func pager(p ui.Page, name, anchor string, from, size, shown, all int) ui.Pager {
	t := p.Text
	at := func(from int) string {
		if from <= 0 {
			return p.With(name, "") + anchor
		}
		return p.With(name, strconv.Itoa(from)) + anchor
	}
	out := ui.Pager{Label: t.T("prices.list.range", "from", t.Int(int64(from+1)), "to", t.Int(int64(from+shown)), "all", t.Int(int64(all)))}
	if from > 0 {
		out.Prev = at(from - size)
	}
	if from+shown < all {
		out.Next = at(from + size)
	}
	return out
}

func showChoices(p ui.Page, chosen string) []ui.Choice {
	out := []ui.Choice{{Value: "", Label: p.Text.T("prices.show.all"), Selected: chosen == ""}}
	for _, s := range Shows {
		out = append(out, ui.Choice{Value: s, Label: known(p.Text, shows, s), Selected: s == chosen})
	}
	return out
}

func categoryChoices(p ui.Page, l List) []ui.Choice {
	return append([]ui.Choice{{Value: "", Label: p.Text.T("prices.category.all"), Selected: l.Category == ""}}, l.Categories...)
}
