package pricing

import (
	"slices"

	"beckon/pricing/guard"
	"beckon/pricing/policy"
)

// Trial is a price that somebody thinks of, with all that its simulation depends on. Amounts are minor units, times Unix ms.
type Trial struct {
	Amount      int64
	Now         int64
	Price       Price        // in force in the market, with the lowest of the 30 days up to Now
	Limits      guard.Limits // of the market
	Marked      bool         // an announced markdown runs there
	Learned     *Input       // what a decision would be made from; nil where nothing is known of demand
	Competitors []Competitor // fresh prices of the base market, in any order
}

// Simulation is what is to be expected of a price before it is applied.
type Simulation struct {
	Amount int64 `json:"amount"`
	// Known says that demand was learned: Now, Then and Change mean something.
	Known  bool    `json:"known"`
	Now    Daily   `json:"now"`
	Then   Daily   `json:"then"`
	Change Daily   `json:"change"` // Then less Now; what both share does not blur it
	Share  Share   `json:"share"`
	Better float64 `json:"better"` // probability that it earns more than the price in force
	Beyond bool    `json:"beyond"` // further from every price that was asked than the engine itself would look

	Engine  guard.Verdict `json:"engine"`            // what the engine's guardrails would publish of it, and why
	Refused *Refusal      `json:"refused,omitempty"` // why a person may not publish it; no force helps
	Over    []string      `json:"over,omitempty"`    // soft rules that a person has to override
	Instead int64         `json:"instead"`           // the price that would keep them

	Reference int64 `json:"reference"` // lowest price of the last 30 days: stands beside the new price, and a markdown would name it
	Reduced   bool  `json:"reduced"`   // it is below Reference: every markdown announced in the 30 days after has to name it, or less

	Rivals Rivals `json:"rivals"`
}

// Daily is what a price brings in a day, with 80 % intervals.
type Daily struct {
	Units   policy.Interval `json:"units"`
	Revenue policy.Interval `json:"revenue"`
	Profit  policy.Interval `json:"profit"` // of items whose cost is known
}

// Share is a change of units as a part of those sold now: -0.1 is a tenth less.
type Share = policy.Interval

// Rivals is where a price stands among fresh prices of competitors.
type Rivals struct {
	Known   int   `json:"known"`
	Lowest  int64 `json:"lowest"`
	Median  int64 `json:"median"` // the lower of the two middle ones of an even number
	Highest int64 `json:"highest"`
	Below   int   `json:"below"` // how many ask less
}

// WhatIf simulates a price. It is pure: the same trial gives the same bytes. What a person may publish is decided by what decides it
// when the price is applied.
func WhatIf(t Trial) Simulation {
	s := Simulation{Amount: t.Amount, Reference: t.Price.Prior}
	s.Rivals = rivals(t.Amount, t.Competitors)
	_, s.Refused = mayPublish(&t.Price, t.Limits, t.Marked, t.Amount, t.Now)
	if t.Amount <= 0 || t.Amount > guard.MaxAmount {
		return s
	}
	in := guard.Input{Current: t.Price.Public, Proposed: t.Amount, Now: t.Now, LastChange: t.Price.PriceAt, Limits: t.Limits}
	s.Engine = guard.Apply(in)
	s.Instead = s.Engine.Price
	s.Reduced = t.Amount < t.Price.Prior
	if s.Refused == nil {
		s.Over = softBroken(in, t.Amount)
	}
	if t.Learned != nil {
		s.expect(t.Learned, t.Amount)
	}
	return s
}

// expect fills in what demand tells.
func (s *Simulation) expect(in *Input, amount int64) {
	p := in.policy()
	compared, ok := policy.Compare(p, amount)
	now, then := policy.Curve(p, in.Current, in.Current, 1), policy.Curve(p, amount, amount, 1)
	if !ok || len(now) == 0 || len(then) == 0 {
		return
	}
	slots := perDay(in)
	s.Known, s.Better, s.Beyond, s.Share = true, compared.Better, compared.Beyond, compared.Share
	s.Now, s.Then = daily(now[0], in.Limits.Cost, slots), daily(then[0], in.Limits.Cost, slots)
	s.Change = Daily{Units: times(compared.Units, slots), Revenue: times(compared.Revenue, slots)}
	if in.Limits.Cost > 0 {
		s.Change.Profit = times(compared.Profit, slots)
	}
}

// perDay is how many slots a day has.
func perDay(in *Input) float64 {
	if in.Params.Slot <= 0 {
		return 1
	}
	return float64(day) / float64(in.Params.Slot)
}

func daily(p policy.Point, cost int64, slots float64) Daily {
	units := times(policy.Interval{Mean: p.Rate, Lo: p.Lo, Hi: p.Hi}, slots)
	d := Daily{Units: units, Revenue: times(units, float64(p.Price))}
	if cost > 0 {
		d.Profit = times(units, float64(p.Price-cost))
	}
	return d
}

// times is the interval of a multiple; of a negative one its ends change places.
func times(i policy.Interval, by float64) policy.Interval {
	out := policy.Interval{Mean: i.Mean * by, Lo: i.Lo * by, Hi: i.Hi * by}
	if out.Lo > out.Hi {
		out.Lo, out.Hi = out.Hi, out.Lo
	}
	return out
}

func rivals(amount int64, of []Competitor) (r Rivals) {
	prices := make([]int64, 0, len(of))
	for _, c := range of {
		prices = append(prices, c.Price)
		if c.Price < amount {
			r.Below++
		}
	}
	if r.Known = len(prices); r.Known == 0 {
		return r
	}
	slices.Sort(prices)
	r.Lowest, r.Median, r.Highest = prices[0], prices[(len(prices)-1)/2], prices[len(prices)-1]
	return r
}

// Trial gathers what the simulation of an item's price in a market depends on. it is the item as the catalog has it now. The error is a
// *Refusal for a market without a price.
func (b *Book) Trial(site, id, market string, it Item, amount, now int64) (Trial, error) {
	p := it.in(market)
	if p.Currency == "" {
		return Trial{}, refuse("unknown_market", "market: the item has no price in %q", market)
	}
	s := b.site(site)
	if s == nil {
		s = newSiteState()
	}
	c := b.situationOf(s, id, it)
	t := Trial{Amount: amount, Now: now, Price: *p, Limits: c.limits(market)}
	if c.item == nil {
		return t, nil
	}
	t.Marked = c.item.running(market) != nil
	if market != "" {
		return t, nil
	}
	for _, p := range c.item.Competitors {
		if now-p.SeenAt <= c.set.Fresh {
			t.Competitors = append(t.Competitors, p)
		}
	}
	if c.item.Learned != nil && it.Public > 0 {
		in := c.input(site, id, now)
		t.Learned = &in
	}
	return t, nil
}
