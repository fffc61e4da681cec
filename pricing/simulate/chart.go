package simulate

import (
	"fmt"
	"html"
	"html/template"
	"math"
	"strconv"
	"strings"
)

// chart draws one SVG: a box for the data with room for labels around it. Lines are classes, so that the page's style sheet gives the
// colors for light, dark and print.
type chart struct {
	b                        strings.Builder
	width, height            float64
	left, right, top, bottom float64 // edges of the data's box
	x0, x1, y0, y1           float64 // what the edges mean
}

func newChart(width, height float64, label string) *chart {
	c := &chart{width: width, height: height, left: 58, right: width - 16, top: 10, bottom: height - 26}
	fmt.Fprintf(&c.b, `<svg viewBox="0 0 %g %g" role="img" aria-label="%s">`, width, height, html.EscapeString(label))
	return c
}

func (c *chart) svg() template.HTML {
	c.b.WriteString("</svg>")
	return template.HTML(c.b.String())
}

// scale sets what the edges mean. A range of one value is widened.
func (c *chart) scale(x0, x1, y0, y1 float64) {
	if !(x1 > x0) {
		x0, x1 = x0-1, x0+1
	}
	if !(y1 > y0) {
		y0, y1 = y0-1e-3, y0+1e-3
	}
	c.x0, c.x1, c.y0, c.y1 = x0, x1, y0, y1
}

func (c *chart) x(v float64) float64 { return c.left + (v-c.x0)/(c.x1-c.x0)*(c.right-c.left) }
func (c *chart) y(v float64) float64 { return c.bottom - (v-c.y0)/(c.y1-c.y0)*(c.bottom-c.top) }

// number is a coordinate with a tenth of a pixel.
func number(v float64) string {
	s := strconv.FormatFloat(v, 'f', 1, 64)
	s = strings.TrimSuffix(s, ".0")
	if s == "-0" {
		return "0"
	}
	return s
}

// point is a place in the data's units.
type point struct{ x, y float64 }

func (c *chart) path(class string, points []point) {
	if len(points) == 0 {
		return
	}
	fmt.Fprintf(&c.b, `<path class="%s" d="`, class)
	for i, p := range points {
		op := "L"
		if i == 0 {
			op = "M"
		}
		c.b.WriteString(op + number(c.x(p.x)) + " " + number(c.y(p.y)))
	}
	c.b.WriteString(`"/>`)
}

func (c *chart) line(class string, from, to point) { c.path(class, []point{from, to}) }

func (c *chart) text(class, anchor string, x, y float64, s string) {
	fmt.Fprintf(&c.b, `<text class="%s" text-anchor="%s" x="%s" y="%s">%s</text>`, class, anchor, number(x), number(y), html.EscapeString(s))
}

// yAxis draws lines across at round values, with label's text beside them.
func (c *chart) yAxis(label func(v, step float64) string) {
	for _, v := range ticks(c.y0, c.y1, 5) {
		class := "grid"
		if v.at == 0 {
			class = "grid zero"
		}
		c.line(class, point{c.x0, v.at}, point{c.x1, v.at})
		c.text("tick", "end", c.left-6, c.y(v.at)+4, label(v.at, v.step))
	}
}

func (c *chart) xAxis(label func(v, step float64) string) {
	for _, v := range ticks(c.x0, c.x1, 6) {
		c.text("tick", "middle", c.x(v.at), c.bottom+17, label(v.at, v.step))
	}
}

type tick struct{ at, step float64 }

// ticks are round values within [lo, hi], about n of them: 1, 2 or 5 times a power of ten apart.
func ticks(lo, hi float64, n int) []tick {
	raw := (hi - lo) / float64(n)
	if !(raw > 0) || math.IsInf(raw, 0) {
		return nil
	}
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	step := 10 * power
	for _, f := range [...]float64{1, 2, 5} {
		if f*power >= raw {
			step = f * power
			break
		}
	}
	var out []tick
	for k := math.Ceil(lo/step - 1e-9); k*step <= hi+step*1e-9; k++ {
		out = append(out, tick{at: k*step + 0, step: step}) // + 0: never -0
	}
	return out
}

// inPercent shows a share with as many decimals as its step needs.
func inPercent(v, step float64) string {
	decimals := 0
	for s := step * 100; s < 0.999 && decimals < 3; s *= 10 {
		decimals++
	}
	if v = 100 * v; v == 0 {
		return "0 %"
	}
	return fmt.Sprintf("%+.*f %%", decimals, v)
}

func plain(v, _ float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
