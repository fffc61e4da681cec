package stock

import (
	"math"

	"beckon/dashboards/ui"

	"github.com/a-h/templ"
)

func freeNote(p ui.Page, v ItemView) string {
	t := p.Text
	switch {
	case v.Stock < 0:
		return t.T("stock.item.untracked.note")
	case v.Reserved > 0:
		return t.T("stock.item.free.held", "stock", t.Int(v.Stock), "held", t.Int(v.Reserved))
	}
	return t.T("stock.item.free.note", "low", t.Int(v.LowStock))
}

func runoutNote(p ui.Page, v ItemView) string {
	switch {
	case v.P50 < 0:
		return p.Text.T("stock.item.runout.none")
	case v.P50 >= horizon:
		return p.Text.T("stock.item.runout.note")
	}
	return p.Text.T("stock.item.runout.middle", "day", p.Text.Date(v.Now+int64(v.P50*dayMs)))
}

func methodWords(p ui.Page, v ItemView) string {
	t := p.Text
	if v.Error > 0 {
		return t.T("stock.method.error", "method", method(t, v.Method), "error", t.Percent(v.Error, 0))
	}
	return method(t, v.Method)
}

// pastShown is how many days of the past stand before a forecast.
const pastShown = 28

// forecastChart is the last weeks' sales and the days ahead with their band.
func forecastChart(p ui.Page, v ItemView) ui.Chart {
	t := p.Text
	past := v.Past[max(0, len(v.Past)-pastShown):]
	c := ui.Chart{
		ID: "forecast-chart", Title: t.T("stock.chart.forecast"), Help: t.T("stock.chart.forecast.help"), Unit: "number",
		Empty: ui.Empty{Title: t.T("stock.chart.none"), Text: t.T("stock.chart.none.text")},
	}
	sold := ui.Series{Name: t.T("stock.chart.sold"), Kind: "bars"}
	band := ui.Series{Name: t.T("stock.chart.band"), Kind: "band", Tone: "accent"}
	mean := ui.Series{Name: t.T("stock.chart.expected"), Kind: "line", Tone: "accent"}
	nan := math.NaN()
	for _, d := range past {
		c.X = append(c.X, d.At)
		sold.Y = append(sold.Y, float64(d.Units))
		mean.Y, band.Y, band.Low, band.High = append(mean.Y, nan), append(band.Y, nan), append(band.Low, nan), append(band.High, nan)
	}
	for _, a := range v.Ahead {
		c.X = append(c.X, a.At)
		sold.Y = append(sold.Y, nan)
		mean.Y, band.Y, band.Low, band.High = append(mean.Y, a.Mean), append(band.Y, a.Mean), append(band.Low, a.Lo), append(band.High, a.Hi)
	}
	c.Series = []ui.Series{band, sold, mean}
	if v.P50 >= 0 && v.P50 < horizon {
		c.Marks = append(c.Marks, ui.Mark{X: float64(v.Now) + v.P50*dayMs, Label: t.T("stock.chart.runout")})
	}
	return c
}

func demandChart(p ui.Page, v ItemView) ui.Chart {
	t := p.Text
	c := ui.Chart{
		ID: "demand-chart", Title: t.T("stock.chart.demand"), Help: t.T("stock.chart.demand.help"), Unit: "count",
		Empty: ui.Empty{Title: t.T("stock.chart.none"), Text: t.T("stock.chart.none.text")},
	}
	views := ui.Series{Name: t.T("stock.chart.views"), Kind: "line"}
	units := ui.Series{Name: t.T("stock.chart.sold"), Kind: "bars", Axis: 1}
	for _, d := range v.Past {
		c.X = append(c.X, d.At)
		views.Y, units.Y = append(views.Y, float64(d.Views)), append(units.Y, float64(d.Units))
	}
	c.Series = []ui.Series{views, units}
	return c
}

func historyChart(p ui.Page, v ItemView) ui.Chart {
	t := p.Text
	c := ui.Chart{
		ID: "stock-chart", Title: t.T("stock.chart.stock"), Help: t.T("stock.chart.stock.help"), Unit: "count",
	}
	s := ui.Series{Name: t.T("stock.col.stock"), Kind: "step"}
	add := func(at, n int64) {
		y := float64(n)
		if n < 0 {
			y = math.NaN()
		}
		c.X, s.Y = append(c.X, at), append(s.Y, y)
	}
	for i := len(v.Changes) - 1; i >= 0; i-- { // the newest comes first
		add(v.Changes[i].At, v.Changes[i].After)
	}
	if len(v.Changes) > 0 {
		add(v.Now, v.Stock)
		c.Series = []ui.Series{s}
	}
	return c
}

func windowTable(p ui.Page, v ItemView) ui.Table {
	t := p.Text
	out := ui.Table{
		Caption: t.T("stock.item.demand"),
		Head: []ui.Column{
			{Title: t.T("stock.window")},
			{Title: t.T("stock.window.views"), Number: true},
			{Title: t.T("stock.surge.expected"), Number: true, Help: t.T("stock.surge.expected.help")},
			{Title: t.T("stock.window.carts"), Number: true},
			{Title: t.T("stock.window.units"), Number: true},
			{Title: t.T("stock.window.revenue"), Number: true},
		},
	}
	for _, w := range v.Windows {
		expected, revenue := "–", "–"
		if w.Known {
			expected = t.Number(w.Expected, 1)
		}
		if w.Revenue >= 0 {
			revenue = t.Money(w.Revenue, w.Currency)
		}
		out.Rows = append(out.Rows, ui.Row{Cells: []templ.Component{
			ui.Cell(window(t, w.Name)), ui.NumCell(t.Int(w.Views)), ui.NumCell(expected), ui.NumCell(t.Int(w.Carts)), ui.NumCell(t.Int(w.Units)), ui.NumCell(revenue),
		}})
	}
	return out
}

func changeTable(p ui.Page, v ItemView) ui.Table {
	t := p.Text
	out := ui.Table{
		Caption: t.T("stock.item.history"), Empty: ui.Empty{Title: t.T("stock.change.none"), Text: t.T("stock.change.none.text")},
		Head: []ui.Column{
			{Title: t.T("stock.change.at")}, {Title: t.T("stock.change.by")}, {Title: t.T("stock.change.before"), Number: true}, {Title: t.T("stock.change.after"), Number: true},
		},
	}
	for _, c := range v.Changes {
		out.Rows = append(out.Rows, ui.Row{Cells: []templ.Component{ui.When(t, c.At), ui.LinkCell(c.Href, who(t, c.By)), ui.NumCell(pieces(t, c.Before)), ui.NumCell(pieces(t, c.After))}})
	}
	return out
}

func holdTable(p ui.Page, v ItemView) ui.Table {
	t := p.Text
	empty := ui.Empty{Title: t.T("stock.hold.none"), Text: t.T("stock.hold.none.text")}
	if !v.HoldsAll {
		empty = ui.Empty{Title: t.T("stock.hold.many"), Text: t.T("stock.hold.many.text")}
	}
	out := ui.Table{
		Caption: t.T("stock.item.holds"), Empty: empty,
		Head: []ui.Column{{Title: t.T("stock.hold.id")}, {Title: t.T("stock.hold.pieces"), Number: true}, {Title: t.T("stock.hold.made")}, {Title: t.T("stock.hold.ends")}, {Title: t.T("stock.hold.others"), Number: true}},
	}
	for _, h := range v.Holds {
		out.Rows = append(out.Rows, ui.Row{Cells: []templ.Component{
			ui.CodeCell(h.ID), ui.NumCell(t.Int(h.Pieces)), ui.When(t, h.Made), ui.When(t, h.Expires), ui.NumCell(t.Int(int64(h.MorePart))),
		}})
	}
	return out
}
