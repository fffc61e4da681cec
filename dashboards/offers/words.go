package offers

import (
	"math"
	"strings"
	"time"

	"beckon/dashboards/ui"
	"beckon/web/text"
)

// Verdict says how an effect stands: good (sure to bring more), bad (sure to bring less), unsure, early (too few shoppers) or hidden.
func (e *Effect) Verdict() string {
	switch {
	case e.Why == "nobody" || e.Why == "early":
		return "early"
	case e.Why != "":
		return "hidden"
	case e.Relative == nil:
		return "early"
	case e.Relative.Low > 0:
		return "good"
	case e.Relative.High < 0:
		return "bad"
	}
	return "unsure"
}

// told says that there is an effect to tell.
func (e *Effect) told() bool { return e.Why == "" && e.Relative != nil }

// Tone is the colour of a verdict.
func Tone(verdict string) string {
	switch verdict {
	case "good":
		return "good"
	case "bad":
		return "bad"
	case "hidden":
		return "warn"
	}
	return "quiet"
}

// Words is the effect in a sentence: "between +2% and +9% more orders: sure enough to keep".
func Words(p *text.Printer, e *Effect) string {
	switch {
	case e.Why == "sample_ratio":
		return p.T("offers.effect.sample_ratio")
	case e.Why == "mixed":
		return p.T("offers.effect.mixed")
	case e.Why == "no_holdout":
		return p.T("offers.effect.no_holdout")
	case e.Why == "nobody":
		return p.T("offers.effect.nobody")
	case e.Relative == nil:
		return p.T("offers.effect.early")
	}
	low, high := p.Signed(e.Relative.Low, 0), p.Signed(e.Relative.High, 0)
	switch e.Verdict() {
	case "good":
		return p.T("offers.effect.good", "low", low, "high", high)
	case "bad":
		return p.T("offers.effect.bad", "low", low, "high", high)
	}
	return p.T("offers.effect.unsure", "low", low, "high", high)
}

// Label is the verdict in two or three words, for a badge.
func Label(p *text.Printer, verdict string) string {
	switch verdict {
	case "good":
		return p.T("offers.verdict.good")
	case "bad":
		return p.T("offers.verdict.bad")
	case "unsure":
		return p.T("offers.verdict.unsure")
	case "hidden":
		return p.T("offers.verdict.hidden")
	}
	return p.T("offers.verdict.early")
}

// Bar is the effect's interval on a scale that is the same for all campaigns, or as wide as it must be.
func (e *Effect) Bar(p *text.Printer) ui.Interval {
	widest := 0.3
	for _, v := range []float64{e.Relative.Low, e.Relative.High} {
		widest = math.Max(widest, math.Abs(v))
	}
	widest = math.Min(widest, 1)
	return ui.Interval{
		Low: math.Max(e.Relative.Low, -widest), Mid: e.Relative.Mid, High: math.Min(e.Relative.High, widest), Min: -widest, Max: widest, Zero: true,
		Label: p.T("offers.interval", "low", p.Signed(e.Relative.Low, 0), "mid", p.Signed(e.Relative.Mid, 0), "high", p.Signed(e.Relative.High, 0)),
	}
}

// Wait says how long until a change worth having could be told, at the pace of now.
func Wait(p *text.Printer, e *Effect) string {
	goal := p.Percent(e.Goal, 0)
	switch {
	case e.Goal == 0:
		return ""
	case math.IsInf(e.Needs, 1) || e.Days > 2*365:
		return p.T("offers.wait.never", "goal", goal)
	case e.Days <= 0:
		return p.T("offers.wait.done", "goal", goal)
	case e.Days < 1:
		return p.T("offers.wait.today", "goal", goal, "shoppers", p.Short(e.Needs))
	}
	return p.N("offers.wait.days", int64(math.Ceil(e.Days)), "goal", goal, "shoppers", p.Short(e.Needs))
}

// State is a campaign's state in a word, and its colour.
func State(p *text.Printer, state string) (label, tone string) {
	switch state {
	case "active":
		return p.T("offers.state.active"), "good"
	case "paused":
		return p.T("offers.state.paused"), "warn"
	case "waits":
		return p.T("offers.state.waits"), "info"
	case "over":
		return p.T("offers.state.over"), "quiet"
	}
	return p.T("offers.state.ended"), "quiet"
}

// discount is what an offer takes off, in words.
func discount(p *text.Printer, s *Settings, currency string) string {
	switch {
	case s.Percent && s.Max > 0:
		return p.T("offers.discount.percent_most", "value", p.Percent(float64(s.Value)/100, 0), "most", p.Money(s.Max, currency))
	case s.Percent:
		return p.T("offers.discount.percent", "value", p.Percent(float64(s.Value)/100, 0))
	}
	return p.T("offers.discount.amount", "value", p.Money(s.Value, currency))
}

// trigger is when a shopper is considered, in words.
func trigger(p *text.Printer, s *Settings) string {
	words := []string{p.T("offers.trigger.idle", "time", p.Duration(time.Duration(s.Idle)*time.Second))}
	if s.MinViews > 0 {
		words = append(words, p.N("offers.trigger.views", s.MinViews))
	}
	if s.NeedSearch {
		words = append(words, p.T("offers.trigger.search"))
	}
	return strings.Join(words, ", ")
}

// audience is who is considered, in words; items and segments are links and stand beside.
func audience(p *text.Printer, s *Settings, currency string) string {
	var words []string
	switch s.Visit {
	case "new":
		words = append(words, p.T("offers.audience.new"))
	case "returning":
		words = append(words, p.T("offers.audience.returning"))
	default:
		words = append(words, p.T("offers.audience.any"))
	}
	switch {
	case s.MinCart > 0 && s.MaxCart > 0:
		words = append(words, p.T("offers.audience.between", "low", p.Money(s.MinCart, currency), "high", p.Money(s.MaxCart, currency)))
	case s.MinCart > 0:
		words = append(words, p.T("offers.audience.from", "low", p.Money(s.MinCart, currency)))
	case s.MaxCart > 0:
		words = append(words, p.T("offers.audience.to", "high", p.Money(s.MaxCart, currency)))
	}
	if len(s.Categories) > 0 {
		words = append(words, p.T("offers.audience.categories", "names", strings.Join(s.Categories, ", ")))
	}
	return strings.Join(words, ", ")
}

// caps are the bounds on how many are granted, in words.
func caps(p *text.Printer, s *Settings) string {
	words := []string{p.N("offers.caps.shopper", s.PerShopper)}
	if s.PerDay > 0 {
		words = append(words, p.N("offers.caps.day", s.PerDay))
	}
	if s.InTotal > 0 {
		words = append(words, p.N("offers.caps.total", s.InTotal))
	}
	return strings.Join(words, ", ")
}

// refusal is why a cart got no offer, in words.
func refusal(p *text.Printer, code string) string {
	if key := "offers.refused." + code; p.Has(key) {
		return p.T(key)
	}
	return code
}
