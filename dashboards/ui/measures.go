package ui

import (
	"context"
	"math"
	"strings"
	"unicode"
)

// share is value's part of max, from 0 to 1.
func share(value, max float64) float64 {
	if max <= 0 || math.IsNaN(value) {
		return 0
	}
	return min(1, math.Max(0, value/max))
}

// at is where v stands on the interval's scale, from 0 to 1.
func (i Interval) at(v float64) float64 {
	low, high := i.Min, i.Max
	if low == 0 && high == 0 {
		low, high = i.Low, i.High
		if i.Zero {
			low, high = min(low, 0), max(high, 0)
		}
	}
	if high <= low {
		return 0.5
	}
	return share(v-low, high-low)
}

// tone says whether the whole band is on one side of no effect.
func (i Interval) tone() string {
	switch {
	case !i.Zero:
		return ""
	case i.Low > 0:
		return "tone-good"
	case i.High < 0:
		return "tone-bad"
	}
	return "tone-quiet"
}

// inWords says whether a tile's value is a text more than a number: it is written smaller.
func inWords(value string) bool {
	letters := 0
	for _, r := range value {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters > 6
}

// trendTone says whether the movement is a good one. Less than half a percent is none.
func trendTone(t Tile) string {
	switch v := *t.Trend; {
	case math.Abs(v) < 0.005 || math.IsNaN(v):
		return "tone-quiet"
	case (v > 0) == t.Good:
		return "tone-good"
	}
	return "tone-bad"
}

func trendIcon(v float64) string {
	switch {
	case math.Abs(v) < 0.005 || math.IsNaN(v):
		return "M5 12h14"
	case v > 0:
		return "M12 19V5m-6 6 6-6 6 6"
	}
	return "M12 5v14m-6-6 6 6 6-6"
}

func trendText(ctx context.Context, v float64) string {
	sign := ""
	if v > 0.005 {
		sign = "+"
	}
	return sign + words(ctx).Percent(v, 0)
}

// sparkPoints scales values into 100 × 24, two units inside the edges so that the line is not cut.
func sparkPoints(values []float64) string {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !math.IsNaN(v) {
			low, high = min(low, v), max(high, v)
		}
	}
	var b strings.Builder
	for i, v := range values {
		if math.IsNaN(v) {
			continue
		}
		y := 12.0
		if high > low {
			y = 22 - 20*(v-low)/(high-low)
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(part(100*float64(i)/float64(max(1, len(values)-1))) + "," + part(y))
	}
	return b.String()
}

func (s Steps) value(ctx context.Context, i int) string {
	if s.Steps[i].Value != "" {
		return s.Steps[i].Value
	}
	return words(ctx).Int(int64(s.Steps[i].Count))
}

// share is the part of the first step's that got to step i.
func (s Steps) share(ctx context.Context, i int) string {
	return words(ctx).Percent(share(s.Steps[i].Count, s.Steps[0].Count), 1)
}

func (s Steps) drop(ctx context.Context, i int) string {
	p := words(ctx)
	return p.T("ui.steps.drop", "share", p.Percent(1-share(s.Steps[i].Count, s.Steps[i-1].Count), 0), "step", s.Steps[i-1].Label)
}
