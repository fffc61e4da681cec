package overview

import (
	"math"

	"github.com/a-h/templ"

	"beckon/dashboards/ui"
)

// tile is a number against the same time last week, with words that say which time.
func tile(p ui.Page, t Tile, label, trend, href string) templ.Component {
	out := ui.Tile{Label: p.Text.T(label), Value: t.Value, Note: t.Note, Href: href, Good: true, Spark: t.Spark}
	if !math.IsNaN(t.Before) && t.Before > 0 && !math.IsNaN(t.Now) {
		change := t.Now/t.Before - 1
		out.Trend, out.TrendLabel = &change, p.Text.T(trend)
	}
	return out
}

func rateChart(p ui.Page, v View) templ.Component {
	c := ui.Chart{
		ID: "rate-chart", Title: p.Text.T("overview.rate"), Help: p.Text.T("overview.rate_help"), X: v.Rate.X, XLabel: p.Text.T("overview.time"), Unit: "number",
		Series: []ui.Series{{Name: p.Text.T("overview.people"), Y: v.Rate.People, Tone: "accent"}},
		Empty:  ui.Empty{Title: p.Text.T("overview.rate_none")},
	}
	for _, n := range v.Rate.Machines {
		if n > 0 { // most shops have none most of the time
			c.Series = append(c.Series, ui.Series{Name: p.Text.T("overview.machines"), Y: v.Rate.Machines, Tone: "quiet"})
			break
		}
	}
	return c
}

func dayChart(p ui.Page, v View) templ.Component {
	return ui.Chart{
		ID: "day-chart", Title: p.Text.T("overview.day"), Help: p.Text.T("overview.day_help"), X: v.Day.X, XLabel: p.Text.T("overview.time"), Unit: "count",
		Series: []ui.Series{
			{Name: p.Text.T("overview.today"), Y: v.Day.Today, Tone: "accent"},
			{Name: p.Text.T("overview.last_week"), Y: v.Day.LastWeek, Tone: "quiet"},
		},
		Empty: ui.Empty{Title: p.Text.T("overview.rate_none")},
	}
}

// stepLabels are the steps of a visit.
var stepLabels = [...]string{"overview.step.came", "overview.step.looked", "overview.step.carted", "overview.step.checkout", "overview.step.bought"}

func steps(p ui.Page, counts []int64, label string) templ.Component {
	s := ui.Steps{Label: label, Empty: ui.Empty{Title: p.Text.T("overview.funnel_none")}}
	if len(counts) == len(stepLabels) && counts[0] > 0 {
		for i, n := range counts {
			s.Steps = append(s.Steps, ui.Step{Label: p.Text.T(stepLabels[i]), Count: float64(n)})
		}
	}
	return s
}

func shares(p ui.Page, all []Share) []ui.KV {
	out := make([]ui.KV, 0, len(all))
	for _, s := range all {
		out = append(out, ui.KV{Key: s.Label, Value: ui.Bar(float64(s.Visits), float64(s.Of), p.Text.N("overview.visits_n", s.Visits))})
	}
	return out
}

func viewedRows(p ui.Page, all []Viewed) []ui.Row {
	out := make([]ui.Row, 0, len(all))
	for _, v := range all {
		out = append(out, ui.Row{ID: "viewed-" + v.Item.ID, Cells: []templ.Component{ui.ItemCell(v.Item), ui.NumCell(p.Text.Int(int64(v.Views))), stockCell(v)}})
	}
	return out
}

func orderRows(p ui.Page, all []Order) []ui.Row {
	out := make([]ui.Row, 0, len(all))
	for _, o := range all {
		out = append(out, ui.Row{Cells: []templ.Component{ui.When(p.Text, o.At), orderItem(p, o), ui.NumCell(o.Value)}})
	}
	return out
}

// keysKind makes the way to the keys the main thing to do where there is none yet.
func keysKind(s *Setup) string {
	if s.Script == "" {
		return "primary"
	}
	return "quiet"
}
