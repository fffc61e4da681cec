package ui

import (
	"context"
	"io"
)

// Chart is numbers over time (X) or over another number (XF), drawn in the browser, with the same numbers in a table behind it.
type Chart struct {
	ID, Title string
	Help      string // one sentence: how to read it
	X         []int64
	XF        []float64
	XLabel    string
	Unit      string // count money percent number; money is in minor units, percent a fraction
	Currency  string
	Series    []Series
	Marks     []Mark
	Empty     Empty
}

// Series is one line of a chart. NaN is a gap.
type Series struct {
	Name      string
	Y         []float64
	Kind      string    // line bars band step; "" line. A band is drawn between Low and High, with Y in its middle
	Low, High []float64 // of a band
	Tone      string    // accent quiet good warn bad info, or "" the next colour
	Axis      int       // 1 is the scale on the right
}

// Mark is a vertical line with a name: when something was changed, or where a price stands.
type Mark struct {
	X     float64 // Unix ms of a chart over time
	Label string
}

func (c Chart) Render(ctx context.Context, w io.Writer) error { return chart(c).Render(ctx, w) }

// empty says that there is nothing to draw.
func (c Chart) empty() bool { return len(c.X) == 0 && len(c.XF) == 0 || len(c.Series) == 0 }
