package experiments

import (
	"math"
	"time"

	"beckon/dashboards/ui"
	"beckon/web/text"
)

// move is the test's price against the one before: "€59.00 → €62.00 (+5%)".
func move(p *text.Printer, t *Test) string {
	change := 0.0
	if t.Before > 0 {
		change = float64(t.Price)/float64(t.Before) - 1
	}
	return p.T("experiments.move", "before", p.Money(t.Before, t.Currency), "price", p.Money(t.Price, t.Currency), "change", p.Signed(change, 0))
}

// seen is what was sold at both prices.
func seen(p *text.Printer, t *Test) (parts []string) {
	for _, a := range []*Asked{t.At, t.Tested} {
		if a == nil || a.Views < 1 {
			continue
		}
		parts = append(parts, p.T("experiments.asked", "price", p.Money(a.Price, t.Currency), "rate", p.Number(100*a.Units/a.Views, 1), "views", p.Short(math.Round(a.Views))))
	}
	if len(parts) == 0 {
		return []string{p.T("experiments.asked.nothing")}
	}
	return parts
}

// learned is what is believed of the item's demand.
func learned(p *text.Printer, t *Test) string {
	if !t.Known {
		return p.T("experiments.learned.nothing")
	}
	return p.T("experiments.learned", "mid", p.Signed(t.Less.Mid, 0), "low", p.Signed(t.Less.Low, 0), "high", p.Signed(t.Less.High, 0))
}

// best is where the engine would go, and how sure it is.
func best(p *text.Printer, t *Test) string {
	switch {
	case !t.Known || t.Best <= 0:
		return "–"
	case t.Best == t.Now:
		return p.T("experiments.best.here")
	}
	return p.T("experiments.best", "price", p.Money(t.Best, t.Currency), "sure", p.Percent(t.Better, 0))
}

// length is for how long a test has run, or ran.
func length(p *text.Printer, t *Test, now int64) string {
	end := t.Until
	if end == 0 {
		end = now
	}
	d := time.Duration(max(0, end-t.Since)) * time.Millisecond
	if d >= 24*time.Hour {
		d = d.Truncate(24 * time.Hour) // hours say nothing beside days
	}
	return p.Duration(d.Truncate(time.Minute))
}

// lessBar is Less on a scale from half as much to half as much again.
func lessBar(p *text.Printer, t *Test) ui.Interval {
	return ui.Interval{
		Low: math.Max(t.Less.Low, -0.5), Mid: math.Max(t.Less.Mid, -0.5), High: math.Min(t.Less.High, 0), Min: -0.5, Max: 0.05, Label: learned(p, t),
	}
}

// watching is what the engine does while no price is tested.
func watching(p *text.Printer, items int) string {
	if items == 0 {
		return p.T("experiments.prices.first")
	}
	return p.N("experiments.prices.empty.text", int64(items))
}
