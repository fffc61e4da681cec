package simulate

import (
	"math"

	"beckon/pricing"
	"beckon/pricing/guard"
)

// Scenario is one known truth: what items there are and how their demand answers to the price. Amounts are in ticks, the smallest
// difference between two prices (a cent). Ranges are drawn anew for every item and seed.
type Scenario struct {
	Name  string
	About string // one sentence for the report

	Items, Days int
	Traffic     Range // views a day and item, before seasons and phases; each day's views are Poisson around it

	Demand Demand
	// Price is the reference price, at which Conversion and Elasticity hold. The shop starts at it, off by Mispriced, or at Start.
	Price Range
	Start Range
	// Cost is absolute or a share of the reference price. Without either the cost is the one that makes the reference price the best one:
	// p·(1-1/elasticity).
	Cost      Range
	CostShare Range
	Mispriced Mispriced

	Phases     []Phase    // in order of Day
	Season     [7]float64 // of conversion, Monday first; all 0: none
	Visits     [7]float64 // of traffic
	Dispersion float64    // k of negative binomial sales, var = μ+μ²/k; 0: Poisson

	Stock    Range   // pieces at the start, 0: never out
	StockOf  Range   // or: as a share of what the reference price would sell in all days
	Perishes bool    // what is left after the last day is worth Salvage instead of its cost
	Salvage  float64 // share of the cost

	Rails Rails
}

// Demand is the curve of the items at their reference price.
type Demand struct {
	Curve      string
	Elasticity Range // local, -dlnD/dlnp at the reference price, above 0
	Shift      Range // added to it, one draw for all items of a world: what the category is like
	Conversion Range // pieces per view at the reference price
	Most       float64

	// Explicit curves have their own parameters in ticks instead: logit and linear Intercept and Slope, exponential Intercept (the scale)
	// and Slope (the rate).
	Explicit         bool
	Intercept, Slope float64
}

// Mispriced says how far the shop's start price is off the reference price: for a Share of the items by From to To of it, above or
// below as Direction says, else not at all.
type Mispriced struct {
	Share     float64
	From, To  float64
	Direction int // 1 too dear, -1 too cheap, 0 either
}

// Phase changes the truth from Day (0 is the first) on, over Ramp days. Fields that are 0 leave what was there.
type Phase struct {
	Day, Ramp        int
	Level            float64 // factor on conversion, of the start's
	Traffic          float64 // factor on views, of the start's
	Elasticity       float64 // new elasticity around the reference price, for all items
	ElasticityFactor float64 // or a factor on each item's own
	CostFactor       float64 // on the start's cost, at once
}

// Rails are the guardrails of every item; see guard.Limits.
type Rails struct {
	Margin     float64 // fraction of the cost
	Floor      int64   // ticks
	Ceiling    int64   // ticks; 0: CeilingOf
	CeilingOf  float64 // the ceiling as a multiple of the reference price
	MaxStep    float64
	DwellHours float64
	Deadband   float64
	Rounding   guard.Rounding
}

// defaultRails are the product's own settings, and a ceiling far enough away for a price that is much too low.
func defaultRails() Rails {
	set := pricing.Defaults()
	return Rails{
		CeilingOf: 2, Margin: set.Margin, MaxStep: set.MaxStep, DwellHours: float64(set.Dwell) / 3_600_000,
		Deadband: set.Deadband, Rounding: set.Rounding,
	}
}

// Range is a value drawn per item: fixed when Lo equals Hi, else uniform, or normal with Mean and SD cut to [Lo, Hi].
type Range struct {
	Lo, Hi   float64
	Mean, SD float64 // SD 0: uniform
}

// Exactly is a range of one value.
func Exactly(x float64) Range { return Range{Lo: x, Hi: x} }

// Between is a uniform range.
func Between(lo, hi float64) Range { return Range{Lo: lo, Hi: hi} }

// Around is a normal range, cut to [lo, hi].
func Around(mean, sd, lo, hi float64) Range { return Range{Lo: lo, Hi: hi, Mean: mean, SD: sd} }

func (r Range) set() bool { return r != Range{} }

// middle is the value that stands for the range in a check.
func (r Range) middle() float64 {
	if r.SD > 0 {
		return min(max(r.Mean, r.Lo), r.Hi)
	}
	return (r.Lo + r.Hi) / 2
}

// times is the range in other units, to a millionth: 19.99 · 100 is 1999.
func (r Range) times(f float64) Range {
	in := func(x float64) float64 { return math.Round(x*f*1e6) / 1e6 }
	return Range{Lo: in(r.Lo), Hi: in(r.Hi), Mean: in(r.Mean), SD: in(r.SD)}
}
