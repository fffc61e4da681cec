package policy

// Params are the settings of learning and choice. A zero field means its default (see Defaults).
type Params struct {
	Slot     int64   `json:"slot,omitempty"`     // length of an observation's slot in ms; default one day
	MaxStep  float64 `json:"max_step,omitempty"` // largest move of one decision, a fraction of Current; default 0.10
	Deadband float64 `json:"deadband,omitempty"` // smaller moves are not worth making; default 0.02
	PBetter  float64 `json:"p_better,omitempty"` // least probability that a new price earns more; default 0.7
	Gain     float64 `json:"gain,omitempty"`     // least expected gain in profit of a new price; default 0.005

	PriorMean float64 `json:"prior_mean,omitempty"` // elasticity expected of an unknown category; default 2.5
	PriorSD   float64 `json:"prior_sd,omitempty"`   // its spread; default 1.1
	Right     float64 `json:"right,omitempty"`      // share of prices expected to be right already, 0-1; default 0.6

	Budget   float64 `json:"budget,omitempty"`    // tests may cost this share of profit; default 0.002
	Credit   float64 `json:"credit,omitempty"`    // slots of profit the budget is advanced on; default 50
	Horizon  float64 `json:"horizon,omitempty"`   // slots over which knowledge pays, up to three times as many where little sells; default 140
	Probe    float64 `json:"probe,omitempty"`     // distance of a test price from the best one; default 0.15
	MinUnits float64 `json:"min_units,omitempty"` // expected units a slot below which nothing is tested; default 0.08

	HalfLife float64 `json:"half_life,omitempty"` // slots after which an observation counts half; default 240
	Alarm    float64 `json:"alarm,omitempty"`     // CUSUM threshold in standard deviations; default 8
	Slack    float64 `json:"slack,omitempty"`     // CUSUM allowance in standard deviations; default 0.5

	CompetitorAge   int64   `json:"competitor_age,omitempty"`   // ms after which a competitor's price is stale; default two days
	CompetitorAbove float64 `json:"competitor_above,omitempty"` // how far above their median we may ask; default 0.15
}

// Defaults are the parameters used where a field is zero.
func Defaults() Params {
	return Params{
		Slot: 86_400_000, MaxStep: 0.10, Deadband: 0.02, PBetter: 0.7, Gain: 0.005,
		PriorMean: 2.5, PriorSD: 1.1, Right: 0.6,
		Budget: 0.002, Credit: 50, Horizon: 140, Probe: 0.15, MinUnits: 0.08,
		HalfLife: 240, Alarm: 8, Slack: 0.5,
		CompetitorAge: 2 * 86_400_000, CompetitorAbove: 0.15,
	}
}

// filled puts defaults in place of zeros and of what is no number.
func (p Params) filled() Params {
	d := Defaults()
	set := func(v *float64, to float64) {
		if !(*v > 0) {
			*v = to
		}
	}
	if p.Slot <= 0 {
		p.Slot = d.Slot
	}
	if p.CompetitorAge <= 0 {
		p.CompetitorAge = d.CompetitorAge
	}
	set(&p.MaxStep, d.MaxStep)
	set(&p.Deadband, d.Deadband)
	set(&p.PBetter, d.PBetter)
	set(&p.Gain, d.Gain)
	set(&p.PriorMean, d.PriorMean)
	set(&p.PriorSD, d.PriorSD)
	set(&p.Right, d.Right)
	set(&p.Budget, d.Budget)
	set(&p.Credit, d.Credit)
	set(&p.Horizon, d.Horizon)
	set(&p.Probe, d.Probe)
	set(&p.MinUnits, d.MinUnits)
	set(&p.HalfLife, d.HalfLife)
	set(&p.Alarm, d.Alarm)
	set(&p.Slack, d.Slack)
	set(&p.CompetitorAbove, d.CompetitorAbove)
	p.MaxStep = min(p.MaxStep, 0.9)
	p.Right = min(p.Right, 1)
	p.PriorMean = clamp(p.PriorMean, lowest, highest)
	p.PriorSD = clamp(p.PriorSD, leastSD, highest)
	return p
}
