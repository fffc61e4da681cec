package main

import (
	"beckon/dashboards/prices"
	"beckon/pricing"
	"beckon/pricing/guard"
	"beckon/pricing/policy"
)

// How the values of pricing become those of its pages.

func span(i policy.Interval) prices.Span { return prices.Span{Mean: i.Mean, Lo: i.Lo, Hi: i.Hi} }

func daily(d pricing.Daily) prices.Daily {
	return prices.Daily{Units: span(d.Units), Revenue: span(d.Revenue), Profit: span(d.Profit)}
}

func priceTrace(of []guard.Step) []prices.Step {
	out := make([]prices.Step, len(of))
	for i, s := range of {
		out[i] = prices.Step{Rule: s.Rule, Before: s.Before, After: s.After, Limit: s.Limit}
	}
	return out
}

// perDay is an interval a slot as one a day.
func perDay(i policy.Interval, slot int64) prices.Span {
	by := 1.0
	if slot > 0 {
		by = float64(dayMs) / float64(slot)
	}
	return prices.Span{Mean: i.Mean * by, Lo: i.Lo * by, Hi: i.Hi * by}
}

// priceDecision is a decision as its page shows it; slot is the length of an observation, ms.
func priceDecision(d *pricing.Decision, slot int64) prices.Decision {
	p := &d.Proposal
	return prices.Decision{
		At: d.At, Current: d.Current, Proposed: p.Price, Price: d.Price, Best: p.Best, Publish: d.Publish, Reason: d.Reason, Gate: string(p.Gate),
		Better: p.PBetter, Gain: p.Gain, Elasticity: span(p.Elasticity), Units: perDay(p.Rate, slot), Explored: p.Explored, Market: p.Market,
		Trace: priceTrace(d.Guard), Input: d.Input.String(),
	}
}

func priceMarked(r *pricing.Run) *prices.Marked {
	if r == nil {
		return nil
	}
	return &prices.Marked{ID: r.ID, Reference: r.Reference, Before: r.Before, Until: r.Until}
}

// priceTried is a simulation as its page shows it.
func priceTried(s *pricing.Simulation, t *pricing.Trial, market string) *prices.Trial {
	out := &prices.Trial{
		Currency: t.Price.Currency, Market: market, Current: t.Price.Public, Amount: s.Amount, Known: s.Known, CostKnown: t.Limits.Cost > 0,
		Before: daily(s.Now), After: daily(s.Then), Change: daily(s.Change), Share: span(s.Share), Better: s.Better, Beyond: s.Beyond,
		Engine: s.Engine.Price, Moved: s.Engine.Moved, Trace: priceTrace(s.Engine.Trace), Over: s.Over, Instead: s.Instead,
		Reference: s.Reference, Reduced: s.Reduced,
		Rivals: prices.Rivals{Known: s.Rivals.Known, Lowest: s.Rivals.Lowest, Median: s.Rivals.Median, Highest: s.Rivals.Highest, Below: s.Rivals.Below},
	}
	if s.Refused != nil {
		out.Refused = s.Refused.Code
	}
	return out
}

func priceLineOf(e *pricing.Entry) prices.Line {
	l := prices.Line{
		At: e.At, Version: e.Offset, Kind: string(e.Kind), By: e.Actor, Market: e.Market, Before: e.Before, After: e.After, Reason: e.Reason, Over: e.Over, Moved: e.Moved(),
	}
	if e.Markdown != nil {
		l.Markdown = e.Markdown.ID
	}
	return l
}

// priceExplained is an explanation as its page tells it.
func priceExplained(x *pricing.Explanation, currency string, slot int64) prices.Explanation {
	out := prices.Explanation{
		Currency: currency, Asked: x.At, Amount: x.Amount, Version: x.Version, From: x.From, Until: x.Until, Kind: string(x.Kind), By: x.Actor, Later: len(x.Later), Partly: !x.Complete,
	}
	if e := x.Entry; e != nil {
		out.Before, out.Reason, out.Markdown, out.Over, out.Trace = e.Before, e.Reason, priceMarked(e.Markdown), e.Over, priceTrace(e.Guard)
	}
	if x.Decision != nil {
		d := priceDecision(x.Decision, slot)
		out.Decision = &d
	}
	if len(x.Later) > 0 {
		last := &x.Later[len(x.Later)-1]
		out.LaterAt, out.LaterWhy = last.At, last.Reason
	}
	return out
}
