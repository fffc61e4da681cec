package recommendations

import (
	"math"

	"github.com/a-h/templ"

	"beckon/dashboards/ui"
	"beckon/web/text"
)

// tiles are the range at a glance, the most important first.
func tiles(p *text.Printer, v *Period) []ui.Tile {
	now, before := &v.Total, &v.Before
	than := p.N("recommendations.than_days", int64(v.Days))
	tile := func(label, value, note string, now, before float64) ui.Tile {
		return ui.Tile{Label: label, Value: value, Note: note, Trend: trend(now, before), TrendLabel: than, Good: true}
	}
	money, earlier := first(now.Revenue, before.Revenue)
	note := ""
	if len(now.Revenue) > 1 {
		note = p.T("recommendations.all_currencies", "all", moneyWords(p, now.Revenue))
	}
	worth := "–"
	if money.Minor > 0 {
		worth = p.Money(money.Minor, money.Currency)
	}
	low, high := Interval(now.Clicks, now.Shown, v.OneIn)
	return []ui.Tile{
		tile(p.T("recommendations.revenue"), worth, note, float64(money.Minor), float64(earlier)),
		tile(p.T("recommendations.click_rate"), p.Percent(rate(now.Clicks, now.Shown), 2),
			p.T("recommendations.click_rate.note", "clicks", now.Clicks, "shown", now.Shown, "low", p.Percent(low, 2), "high", p.Percent(high, 2)), rate(now.Clicks, now.Shown), rate(before.Clicks, before.Shown)),
		tile(p.T("recommendations.orders"), p.Int(now.Purchases), p.T("recommendations.orders.note"), float64(now.Purchases), float64(before.Purchases)),
		tile(p.T("recommendations.carts"), p.Int(now.Carts), p.T("recommendations.carts.note"), float64(now.Carts), float64(before.Carts)),
	}
}

// sampleWords says how exact counts of few visitors are: the standard error of a count n is about √(n × OneIn).
func sampleWords(p *text.Printer, v *Period) string {
	worst := 0.0
	if n := v.Total.Clicks; n > 0 {
		worst = 1.96 * math.Sqrt(float64(n)*float64(v.OneIn)) / float64(n)
	}
	return p.T("recommendations.sample", "n", v.OneIn, "share", p.Percent(worst, 1))
}

func dayChart(p *text.Printer, v *Period) ui.Chart {
	c := ui.Chart{
		ID: "recs-days", Title: p.T("recommendations.chart"), Help: p.T("recommendations.chart.help"), Unit: "percent",
		Empty: ui.Empty{Title: p.T("recommendations.period.empty")},
	}
	now := ui.Series{Name: p.T("recommendations.click_rate"), Kind: "band", Tone: "accent"}
	then := ui.Series{Name: p.N("recommendations.days_before", int64(v.Days)), Kind: "line", Tone: "quiet"}
	some := 0 // days with anything
	for i, d := range v.ByDay {
		c.X = append(c.X, d.Start)
		low, high := Interval(d.Clicks, d.Shown, v.OneIn)
		y := rate(d.Clicks, d.Shown)
		if d.Shown == 0 {
			low, y, high = math.NaN(), math.NaN(), math.NaN()
		} else {
			some++
		}
		now.Y, now.Low, now.High = append(now.Y, y), append(now.Low, low), append(now.High, high)
		y = math.NaN()
		if i < len(v.DayBefore) && v.DayBefore[i].Shown > 0 {
			y = rate(v.DayBefore[i].Clicks, v.DayBefore[i].Shown)
		}
		then.Y = append(then.Y, y)
	}
	if some < 3 { // a line needs neighbours
		now.Kind, now.Low, now.High = "bars", nil, nil
	}
	c.Series = []ui.Series{now, then}
	return c
}

func head(p *text.Printer, kinds bool) []ui.Column {
	list := []ui.Column{{Title: p.T("recommendations.col.place")}}
	if kinds {
		list = append(list, ui.Column{Title: p.T("recommendations.col.kind"), Help: p.T("recommendations.col.kind.help")})
	}
	return append(list,
		ui.Column{Title: p.T("recommendations.col.shown"), Number: true},
		ui.Column{Title: p.T("recommendations.col.clicks"), Number: true},
		ui.Column{Title: p.T("recommendations.click_rate"), Help: p.T("recommendations.click_rate.help")},
		ui.Column{Title: p.T("recommendations.col.change"), Help: p.T("recommendations.col.change.help")},
		ui.Column{Title: p.T("recommendations.col.carts"), Number: true},
		ui.Column{Title: p.T("recommendations.col.orders"), Number: true, Help: p.T("recommendations.col.orders.help")},
		ui.Column{Title: p.T("recommendations.col.revenue"), Number: true},
	)
}

func rows(p *text.Printer, all []Row, oneIn int64, kinds bool) []ui.Row {
	most := 0.0
	for i := range all {
		_, high := Interval(all[i].Clicks, all[i].Shown, oneIn)
		if all[i].Shown*50 >= all[0].Shown { // a place with little would make the scale too wide for all others
			most = max(most, high)
		}
	}
	list := make([]ui.Row, len(all))
	for i := range all {
		r := &all[i]
		words, tone := change(p, r)
		cells := []templ.Component{ui.Cell(PlaceWord(p, r.Placement))}
		if kinds {
			cells = append(cells, ui.Cell(KindWord(p, r.Kind)))
		}
		list[i].Cells = append(cells, ui.NumCell(p.Int(r.Shown)), ui.NumCell(p.Int(r.Clicks)), rateCell(p, r, oneIn, most), ui.Badge(words, tone),
			ui.NumCell(p.Int(r.Carts)), ui.NumCell(p.Int(r.Purchases)), ui.NumCell(moneyWords(p, r.Revenue)))
	}
	return list
}

func liveRows(p *text.Printer, v Live) []ui.Row {
	most := 0.0
	for i := range v.Rows {
		most = max(most, v.Rows[i].Weight)
	}
	list := make([]ui.Row, len(v.Rows))
	for i := range v.Rows {
		r := &v.Rows[i]
		share := 0.0
		if r.Shown > 0 {
			share = r.Taken / r.Shown
		}
		words := p.T("recommendations.weight", "now", p.Number(r.Weight, 2), "start", p.Number(r.Start, 2))
		list[i] = ui.Row{ID: "live-" + r.Placement + "-" + r.Kind, Cells: []templ.Component{
			ui.Cell(PlaceWord(p, r.Placement)), ui.Cell(KindWord(p, r.Kind)), ui.NumCell(p.Int(int64(math.Round(r.Shown)))),
			ui.Bar(share, 0.2, p.Percent(share, 1)), ui.Bar(r.Weight, most, words),
		}}
	}
	return list
}

func itemRows(p *text.Printer, all []ItemRow) []ui.Row {
	list := make([]ui.Row, len(all))
	for i := range all {
		r := &all[i]
		list[i].Cells = []templ.Component{
			ui.ItemCell(r.Item), ui.NumCell(p.Int(r.Shown)), ui.NumCell(p.Int(r.Views)), ui.NumCell(p.Int(r.Carts)), ui.NumCell(p.Int(r.Purchases)),
			ui.NumCell(moneyWords(p, r.Revenue)), ui.LinkCell(r.Why, p.T("recommendations.why")),
		}
	}
	return list
}
