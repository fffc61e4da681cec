package prices

import (
	"math"
	"slices"
	"strconv"

	"beckon/dashboards/ui"
	"beckon/web/text"

	"github.com/a-h/templ"
)

// beliefWords says what is believed of the item's demand to somebody who never heard of elasticity.
func beliefWords(t *text.Printer, b Belief, price int64, currency string) []string {
	if !b.Known {
		return []string{t.T("prices.belief.none")}
	}
	said := []string{
		dearerWords(t, b),
		t.T("prices.belief.cheaper", "low", t.Percent(math.Max(b.Cheaper.Lo, 0), 0), "high", t.Percent(math.Max(b.Cheaper.Hi, 0), 0)),
		t.T("prices.belief.units", "mid", units(t, b.Units.Mean), "low", units(t, b.Units.Lo), "high", units(t, b.Units.Hi)),
		t.T("prices.belief.evidence", "time", evidence(t, b.Days)),
	}
	switch {
	case b.CostKnown && b.Best > 0 && b.Best == price:
		said = append(said, t.T("prices.decision.best.now"))
	case b.CostKnown && b.Best > 0:
		said = append(said, t.T("prices.belief.best", "best", t.Money(b.Best, currency), "chance", t.Percent(b.Better, 0), "gain", t.Percent(b.Gain, 1)))
	}
	if !b.CostKnown {
		said = append(said, t.T("prices.belief.no_cost"))
	}
	if b.Shifts > 0 {
		said = append(said, t.N("prices.belief.shifts", int64(b.Shifts), "time", t.Date(b.Shifted)))
	}
	return said
}

// dearerWords is "a 10 % higher price loses about 14-22 % of sales".
func dearerWords(t *text.Printer, b Belief) string {
	return t.T("prices.belief.dearer", "low", t.Percent(math.Max(-b.Dearer.Hi, 0), 0), "high", t.Percent(math.Max(-b.Dearer.Lo, 0), 0))
}

// marksShown is how many changes have their reason on the chart; all have it in the table.
const marksShown = 8

// historyChart is the price over time with what made it, and the lowest of the 30 days before each moment.
func historyChart(p ui.Page, v ItemView) ui.Chart {
	t := p.Text
	c := ui.Chart{
		ID: "history-chart", Title: t.T("prices.chart.history"), Help: t.T("prices.chart.history.help"), Unit: "money", Currency: v.Currency,
		Empty: ui.Empty{Title: t.T("prices.chart.none"), Text: t.T("prices.chart.none.text")},
	}
	var moves []Line
	for _, l := range slices.Backward(v.History) { // oldest first
		if l.Market == "" && l.Moved {
			moves = append(moves, l)
		}
	}
	steps := steps(moves, v)
	price := ui.Series{Name: t.T("prices.chart.price"), Kind: "step", Tone: "accent"}
	lowest := ui.Series{Name: t.T("prices.chart.lowest"), Kind: "step", Tone: "quiet"}
	for _, s := range steps {
		c.X = append(c.X, s.at)
		price.Y, lowest.Y = append(price.Y, float64(s.price)), append(lowest.Y, float64(s.lowest))
	}
	c.Series = []ui.Series{price, lowest}
	for _, l := range moves[max(0, len(moves)-marksShown):] {
		c.Marks = append(c.Marks, ui.Mark{X: float64(l.At), Label: kind(t, l.Kind)})
	}
	return c
}

// step is a moment, the price from then on, and the lowest in force in the 30 days up to then.
type step struct{ at, price, lowest int64 }

const monthMs = 30 * 24 * 3600_000

// steps are the moments at which the price or the lowest of its 30 days changes, and the present. moves are the changes, oldest first.
func steps(moves []Line, v ItemView) []step {
	type period struct{ from, to, price int64 }
	var periods []period
	for i, l := range moves {
		if i == 0 && l.Before > 0 { // it was in force before what is remembered
			periods = append(periods, period{max(l.At-monthMs, min(v.Begun, l.At-1)), l.At, l.Before})
		}
		to := v.Now
		if i+1 < len(moves) {
			to = moves[i+1].At
		}
		periods = append(periods, period{l.At, to, l.After})
	}
	if len(periods) == 0 {
		periods = []period{{v.At, v.Now, v.Price}}
	}
	var at []int64
	for _, q := range periods {
		at = append(at, q.from)
		if gone := q.to + monthMs; gone <= v.Now {
			at = append(at, gone)
		}
	}
	at = append(at, v.Now)
	slices.Sort(at)
	var out []step
	for _, when := range slices.Compact(at) {
		s := step{at: when}
		for _, q := range periods {
			if q.from <= when {
				s.price = q.price
			}
			if q.from <= when && (q.to > when-monthMs || q.to == v.Now) && (s.lowest == 0 || q.price < s.lowest) {
				s.lowest = q.price
			}
		}
		out = append(out, s)
	}
	return out
}

// unitsChart is what is sold a day against the price; moneyChart what that brings.
func unitsChart(p ui.Page, v ItemView) ui.Chart {
	t := p.Text
	c := curveChart(p, v, "curve-units", t.T("prices.chart.units"), t.T("prices.chart.units.help"))
	c.Unit = "number"
	band := ui.Series{Name: t.T("prices.chart.band"), Kind: "band", Tone: "accent"}
	mid := ui.Series{Name: t.T("prices.chart.sold"), Kind: "line", Tone: "accent"}
	for _, q := range v.Curve {
		band.Y, band.Low, band.High = append(band.Y, q.Units.Mean), append(band.Low, q.Units.Lo), append(band.High, q.Units.Hi)
		mid.Y = append(mid.Y, q.Units.Mean)
	}
	c.Series = []ui.Series{band, mid}
	return c
}

func moneyChart(p ui.Page, v ItemView) ui.Chart {
	t := p.Text
	c := curveChart(p, v, "curve-money", t.T("prices.chart.money"), t.T("prices.chart.money.help"))
	c.Unit, c.Currency = "money", v.Currency
	revenue := ui.Series{Name: t.T("prices.chart.revenue"), Kind: "line"}
	band := ui.Series{Name: t.T("prices.chart.profit_band"), Kind: "band", Tone: "good"}
	profit := ui.Series{Name: t.T("prices.chart.profit"), Kind: "line", Tone: "good"}
	for _, q := range v.Curve {
		revenue.Y = append(revenue.Y, q.Units.Mean*float64(q.Price))
		margin := float64(q.Price - v.Cost)
		profit.Y, band.Y = append(profit.Y, q.Units.Mean*margin), append(band.Y, q.Units.Mean*margin)
		band.Low, band.High = append(band.Low, min(q.Units.Lo*margin, q.Units.Hi*margin)), append(band.High, max(q.Units.Lo*margin, q.Units.Hi*margin))
	}
	c.Series = []ui.Series{revenue}
	if v.Cost > 0 {
		c.Series = []ui.Series{band, profit, revenue}
	}
	return c
}

// curveChart is a chart over prices, with the ones that matter marked.
func curveChart(p ui.Page, v ItemView, id, title, help string) ui.Chart {
	t := p.Text
	c := ui.Chart{
		ID: id, Title: title, Help: help, XLabel: t.T("prices.chart.at", "currency", v.Currency),
		Empty: ui.Empty{Title: t.T("prices.chart.unknown"), Text: t.T("prices.chart.unknown.text")},
	}
	for _, q := range v.Curve {
		c.XF = append(c.XF, major(q.Price, v.Currency))
	}
	if len(c.XF) == 0 {
		return c
	}
	low, high := c.XF[0], c.XF[len(c.XF)-1]
	for _, m := range []struct {
		at    int64
		label string
	}{
		{v.Price, t.T("prices.mark.now")},
		{v.Cost, t.T("prices.mark.cost")},
		{v.Floor, t.T("prices.mark.floor")},
		{v.Ceiling, t.T("prices.mark.ceiling")},
		{v.Belief.Best, t.T("prices.mark.best")},
	} {
		if x := major(m.at, v.Currency); m.at > 1 && x >= low && x <= high && !(m.at == v.Belief.Best && m.at == v.Price && m.label != t.T("prices.mark.now")) {
			c.Marks = append(c.Marks, ui.Mark{X: x, Label: m.label})
		}
	}
	return c
}

// major is an amount in whole units of its currency.
func major(minor int64, currency string) float64 {
	v, err := strconv.ParseFloat(text.Plain(minor, currency), 64)
	if err != nil {
		return 0
	}
	return v
}

func historyTable(p ui.Page, v ItemView) ui.Table {
	t := p.Text
	out := ui.Table{
		Caption: t.T("prices.item.history"),
		Head:    []ui.Column{{Title: t.T("prices.history.at")}, {Title: t.T("prices.history.what")}, {Title: t.T("prices.history.change")}, {Title: t.T("prices.history.why")}, {Title: t.T("prices.history.by")}},
		Empty:   ui.Empty{Title: t.T("prices.history.none"), Text: t.T("prices.history.none.text")},
	}
	if v.CanChange {
		out.Head = append(out.Head, ui.Column{Title: t.T("prices.history.undo")})
	}
	for _, l := range v.History {
		from := t.Money(l.Before, v.Currency)
		if l.Before != l.After {
			from = arrow(t, l.Before, l.After, v.Currency)
		}
		if l.Market != "" {
			from = l.Market + ": " + from
		}
		cells := []templ.Component{ui.When(t, l.At), ui.Cell(historyKind(t, l)), ui.NumCell(from), ui.Cell(historyWhy(t, l)), ui.Cell(who(t, l.By))}
		if v.CanChange {
			cells = append(cells, undoCell(p, l))
		}
		out.Rows = append(out.Rows, ui.Row{Cells: cells})
	}
	return out
}

func historyKind(t *text.Printer, l Line) string {
	if l.Times > 1 {
		return t.T("prices.history.times", "what", kind(t, l.Kind), "n", t.Int(int64(l.Times)))
	}
	return kind(t, l.Kind)
}

func historyWhy(t *text.Printer, l Line) string {
	said := shortWhy(t, l)
	if len(l.Over) > 0 {
		names := make([]string, len(l.Over))
		for i, r := range l.Over {
			names[i] = rule(t, r)
		}
		if said != "" {
			said += " · "
		}
		said += t.T("prices.history.over", "rules", joined(names))
	}
	return said
}

func rivalTable(p ui.Page, v ItemView) ui.Table {
	t := p.Text
	out := ui.Table{
		Caption: t.T("prices.item.rivals"),
		Head:    []ui.Column{{Title: t.T("prices.rival.source")}, {Title: t.T("prices.col.price"), Number: true}, {Title: t.T("prices.rival.against"), Number: true}, {Title: t.T("prices.rival.seen")}, {Title: t.T("prices.rival.state")}},
		Empty:   ui.Empty{Title: t.T("prices.rival.none"), Text: t.T("prices.rival.none.text")},
	}
	for _, r := range v.Rivals {
		state := ui.Badge(t.T("prices.rival.fresh"), "good")
		if !r.Fresh {
			state = ui.Badge(t.T("prices.rival.stale"), "quiet")
		}
		out.Rows = append(out.Rows, ui.Row{Cells: []templ.Component{ui.Cell(r.Source), ui.NumCell(t.Money(r.Price, v.Currency)), ui.NumCell(change(t, v.Price, r.Price)), ui.When(t, r.At), state}})
	}
	return out
}

func marketTable(p ui.Page, v ItemView) ui.Table {
	t := p.Text
	out := ui.Table{
		Caption: t.T("prices.item.markets"),
		Head:    []ui.Column{{Title: t.T("prices.market.name")}, {Title: t.T("prices.col.price"), Number: true}, {Title: t.T("prices.market.list"), Number: true}, {Title: t.T("prices.col.lowest"), Number: true}, {Title: t.T("prices.market.since")}},
	}
	for _, m := range v.Markets {
		out.Rows = append(out.Rows, ui.Row{Cells: []templ.Component{
			ui.Cell(m.Name), ui.NumCell(t.Money(m.Price, m.Currency)), ui.NumCell(t.Money(m.List, m.Currency)), ui.NumCell(t.Money(m.Lowest, m.Currency)), ui.When(t, m.At),
		}})
	}
	return out
}
