package simulate

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"
)

//go:embed page.html
var pageSource string

//go:embed page.css
var pageStyle string

// page is what page.html is filled with.
type page struct {
	*Report
	Style     template.CSS
	Sections  []section
	Worst     []Loss // losing on the whole
	Sometimes []Loss // losing only in some seeds
}

// section is one scenario of the page.
type section struct {
	Name, About, Terms string
	Rows               []Result
	Gain, Uplift       template.HTML
	Paths              []pathPlot
}

type pathPlot struct {
	Caption string
	Plot    template.HTML
}

// WriteHTML writes the report as one page that needs nothing else: style and plots are inside it, and there is no script.
func WriteHTML(w io.Writer, rep *Report) error {
	t, err := template.New("page").Funcs(template.FuncMap{
		"percent": percent,
		"regret":  func(x float64) string { return strings.TrimPrefix(percent(x), "+") },
		"share":   func(x float64) string { return fmt.Sprintf("%.1f%%", 100*x+0) },
		"money":   func(ticks int64) string { return grouped(ticks) },
		"sign": func(x float64) string {
			switch {
			case x >= 0.0005:
				return "gain"
			case x <= -0.0005:
				return "loss"
			}
			return ""
		},
	}).Parse(pageSource)
	if err != nil {
		return fmt.Errorf("report page: %w", err)
	}
	p := page{Report: rep, Style: template.CSS(pageStyle)}
	for s := range rep.Scenarios {
		p.Sections = append(p.Sections, sectionOf(rep, s))
	}
	for _, l := range rep.Losing {
		if l.Average {
			p.Worst = append(p.Worst, l)
		} else {
			p.Sometimes = append(p.Sometimes, l)
		}
	}
	return t.Execute(w, p)
}

func sectionOf(rep *Report, s int) section {
	sc := &rep.Scenarios[s]
	out := section{Name: sc.Name, About: sc.About, Terms: sc.terms(), Gain: gainChart(rep, s), Uplift: upliftChart(rep, s)}
	for _, r := range rep.Results {
		if r.Name == sc.Name {
			out.Rows = append(out.Rows, r)
		}
	}
	for i := range rep.Plots[s].Examples {
		e := &rep.Plots[s].Examples[i]
		out.Paths = append(out.Paths, pathPlot{
			Caption: fmt.Sprintf("Item %d: cost %s, started at %s", e.Item, grouped(e.Cost), grouped(e.Start)),
			Plot:    pathChart(rep, s, e),
		})
	}
	return out
}

// terms describes the scenario's numbers in a line.
func (sc *Scenario) terms() string {
	d := &sc.Demand
	parts := []string{
		fmt.Sprintf("%d items, %d days", sc.Items, sc.Days), sc.Traffic.String() + " views a day and item", d.Curve + " demand",
	}
	if d.Explicit {
		parts = append(parts, fmt.Sprintf("intercept %g, slope %g", d.Intercept, d.Slope))
	} else {
		parts = append(parts, "elasticity "+d.Elasticity.String(), "conversion "+d.Conversion.String())
	}
	if d.Shift.set() {
		parts = append(parts, "category shift "+d.Shift.String())
	}
	if m := sc.Mispriced; m.Share > 0 && (m.From != 0 || m.To != 0) {
		parts = append(parts, fmt.Sprintf("%d %% of prices off by %d to %d %%", rounded(m.Share), rounded(m.From), rounded(m.To)))
	}
	if sc.Dispersion > 0 {
		parts = append(parts, fmt.Sprintf("dispersion k = %g", sc.Dispersion))
	}
	if n := len(sc.Phases); n > 0 {
		parts = append(parts, fmt.Sprintf("changes from day %d on", sc.Phases[0].Day+1))
	}
	return strings.Join(parts, " · ")
}

// String is the range as a reader wants it.
func (r Range) String() string {
	switch {
	case r.SD > 0:
		return fmt.Sprintf("%g ± %g", r.Mean, r.SD)
	case r.Lo == r.Hi:
		return fmt.Sprintf("%g", r.Lo)
	}
	return fmt.Sprintf("%g to %g", r.Lo, r.Hi)
}

// grouped is a whole number with thin spaces between thousands.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	sign := ""
	if s[0] == '-' {
		sign, s = "−", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u202f" + s[i:]
	}
	return sign + s
}
