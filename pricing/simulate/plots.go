package simulate

import (
	"fmt"
	"html/template"
	"math"
	"slices"
)

// gainChart draws, for each policy, the profit so far against fixed's, mean and the band from p5 to p95.
func gainChart(rep *Report, s int) template.HTML {
	p := &rep.Plots[s]
	c := newChart(640, 300, "Profit so far against fixed, "+rep.Scenarios[s].Name)
	lo, hi := 0.0, 0.0
	for _, of := range p.Gain {
		for _, g := range of {
			lo, hi = min(lo, g.P5), max(hi, g.P95)
		}
	}
	c.scale(0, float64(rep.Scenarios[s].Days), lo-(hi-lo)/20, hi+(hi-lo)/20)
	c.yAxis(inPercent)
	c.xAxis(plain)
	for n, of := range p.Gain {
		if rep.Policies[n] == Fixed {
			continue
		}
		band := []point{{0, 0}}
		for m, g := range of {
			band = append(band, point{float64(p.Days[m]), g.P95})
		}
		for m := len(of) - 1; m >= 0; m-- {
			band = append(band, point{float64(p.Days[m]), of[m].P5})
		}
		c.path("band "+rep.Policies[n], band)
	}
	for n, of := range p.Gain {
		mean := []point{{0, 0}}
		for m, g := range of {
			mean = append(mean, point{float64(p.Days[m]), g.Mean})
		}
		c.path("mean "+rep.Policies[n], mean)
	}
	return c.svg()
}

// mostDots is how many seeds are drawn as dots of their own.
const mostDots = 300

// upliftChart draws each policy's profit uplift: a dot a seed, a box from p25 to p75 with the mean, a line from p5 to p95.
func upliftChart(rep *Report, s int) template.HTML {
	p := &rep.Plots[s]
	const row = 46.0
	c := newChart(640, row*float64(len(rep.Policies)-1)+44, "Profit uplift of the seeds, "+rep.Scenarios[s].Name)
	c.left = 104
	lo, hi := 0.0, 0.0
	for _, ups := range p.Uplifts {
		lo, hi = min(lo, ups[0]), max(hi, ups[len(ups)-1])
	}
	c.scale(lo-(hi-lo)/30, hi+(hi-lo)/30, 0, 1)
	for _, v := range ticks(c.x0, c.x1, 6) {
		class := "grid"
		if v.at == 0 {
			class = "grid zero"
		}
		c.line(class, point{v.at, 0}, point{v.at, 1})
	}
	c.xAxis(inPercent)
	at := c.top + row/2
	for n, ups := range p.Uplifts {
		policy := rep.Policies[n]
		if policy == Fixed {
			continue
		}
		c.text("name", "end", c.left-8, at+4, policy)
		c.box(policy, ups, at)
		at += row
	}
	return c.svg()
}

func (c *chart) box(policy string, ups []float64, at float64) {
	every := max(1, (len(ups)+mostDots-1)/mostDots)
	for i := 0; i < len(ups); i += every {
		jitter := float64(i*7%15) - 7 // spread over the row, the same in every run
		fmt.Fprintf(&c.b, `<circle class="dot %s" cx="%s" cy="%s" r="2"/>`, policy, number(c.x(ups[i])), number(at+jitter))
	}
	q := func(f float64) float64 { return c.x(quantile(ups, f)) }
	mean := c.x(spread(slices.Clone(ups)).Mean)
	fmt.Fprintf(&c.b, `<path class="whisker %s" d="M%s %sH%s"/>`, policy, number(q(0.05)), number(at), number(q(0.95)))
	fmt.Fprintf(&c.b, `<rect class="box %s" x="%s" y="%s" width="%s" height="18" rx="3"/>`, policy, number(q(0.25)), number(at-9), number(max(1, q(0.75)-q(0.25))))
	fmt.Fprintf(&c.b, `<path class="whisker %s" d="M%s %sV%s"/>`, policy, number(mean), number(at-12), number(at+12))
}

// pathChart draws what each policy asked for one item, day by day.
func pathChart(rep *Report, s int, e *Example) template.HTML {
	c := newChart(320, 190, fmt.Sprintf("Prices of item %d, %s", e.Item, rep.Scenarios[s].Name))
	lo, hi := e.Start, e.Start
	for _, path := range e.Paths {
		lo, hi = min(lo, slices.Min(path)), max(hi, slices.Max(path))
	}
	margin := max(float64(hi-lo)/12, float64(hi)/50)
	c.scale(0, float64(rep.Scenarios[s].Days), float64(lo)-margin, float64(hi)+margin)
	c.yAxis(plain)
	c.xAxis(plain)
	for n, path := range e.Paths {
		c.path("mean "+rep.Policies[n], steps(path))
	}
	return c.svg()
}

// steps turns a price a day into the corners of a staircase.
func steps(path []int64) []point {
	var out []point
	for day, price := range path {
		if day > 0 && path[day-1] == price {
			continue
		}
		if day > 0 {
			out = append(out, point{float64(day), float64(path[day-1])})
		}
		out = append(out, point{float64(day), float64(price)})
	}
	return append(out, point{float64(len(path)), float64(path[len(path)-1])})
}

// rounded is a whole number of percent for a sentence.
func rounded(share float64) int { return int(math.Round(100 * share)) }
