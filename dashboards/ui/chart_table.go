package ui

import (
	"context"
	"encoding/json"
	"math"

	"github.com/a-h/templ"
)

// drawing is what the script draws. Names are short: it stands in the page, and in frames.
type drawing struct {
	Time     bool          `json:"t,omitempty"` // x is Unix ms
	X        []float64     `json:"x"`
	XLabel   string        `json:"xl,omitempty"`
	Unit     string        `json:"u,omitempty"`
	Currency string        `json:"c,omitempty"`
	Series   []drawnSeries `json:"s"`
	Marks    []drawnMark   `json:"m,omitempty"`
}

type drawnSeries struct {
	Name string  `json:"n"`
	Kind string  `json:"k,omitempty"`
	Tone string  `json:"tone,omitempty"`
	Axis int     `json:"a,omitempty"`
	Y    numbers `json:"y"`
	Low  numbers `json:"lo,omitempty"`
	High numbers `json:"hi,omitempty"`
}

type drawnMark struct {
	X     float64 `json:"x"`
	Label string  `json:"l"`
}

// numbers are written with null where there is none.
type numbers []float64

func (n numbers) MarshalJSON() ([]byte, error) {
	out := make([]*float64, len(n))
	for i := range n {
		if !math.IsNaN(n[i]) && !math.IsInf(n[i], 0) {
			v := math.Round(n[i]*1e6) / 1e6
			out[i] = &v
		}
	}
	return json.Marshal(out)
}

// xs are the chart's positions, as numbers.
func (c Chart) xs() []float64 {
	if len(c.X) == 0 {
		return c.XF
	}
	out := make([]float64, len(c.X))
	for i, x := range c.X {
		out[i] = float64(x)
	}
	return out
}

// drawn is the chart as JSON for the script.
func (c Chart) drawn() string {
	d := drawing{Time: len(c.X) > 0, X: c.xs(), XLabel: c.XLabel, Unit: c.Unit, Currency: c.Currency}
	for _, s := range c.Series {
		d.Series = append(d.Series, drawnSeries{Name: s.Name, Kind: s.Kind, Tone: s.Tone, Axis: s.Axis, Y: s.Y, Low: s.Low, High: s.High})
	}
	for _, m := range c.Marks {
		d.Marks = append(d.Marks, drawnMark(m))
	}
	out, err := json.Marshal(d)
	if err != nil {
		return "{}" // an infinite X: nothing to draw
	}
	return string(out)
}

// numbers is the same chart as a table.
func (c Chart) numbers(ctx context.Context) templ.Component {
	p := words(ctx)
	head := c.XLabel
	if head == "" {
		head = p.T("ui.chart.time")
	}
	t := Table{Caption: c.Title, Head: []Column{{Title: head}}}
	for _, s := range c.Series {
		t.Head = append(t.Head, Column{Title: s.Name, Number: true})
	}
	for i, x := range c.xs() {
		r := Row{}
		if len(c.X) > 0 {
			r.Cells = append(r.Cells, When(p, c.X[i]))
		} else {
			r.Cells = append(r.Cells, NumCell(p.Number(x, 2)))
		}
		for _, s := range c.Series {
			r.Cells = append(r.Cells, NumCell(c.value(ctx, s, i)))
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

// value is what series s has at position i, in words.
func (c Chart) value(ctx context.Context, s Series, i int) string {
	at := func(all []float64) string {
		if i >= len(all) || math.IsNaN(all[i]) {
			return "–"
		}
		return c.written(ctx, all[i])
	}
	if s.Kind == "band" {
		return at(s.Low) + " – " + at(s.High)
	}
	return at(s.Y)
}

// written is v in the chart's unit.
func (c Chart) written(ctx context.Context, v float64) string {
	p := words(ctx)
	switch c.Unit {
	case "money":
		return p.Money(int64(math.Round(v)), c.Currency)
	case "percent":
		return p.Percent(v, 1)
	case "count":
		return p.Int(int64(math.Round(v)))
	}
	return p.Number(v, 2)
}
