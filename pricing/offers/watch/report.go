package watch

import (
	"cmp"
	"time"

	"beckon/pricing/offers/stats"
)

// Report is what a campaign brought: the offer's arm against the holdout's.
type Report struct {
	Currency string        `json:"currency,omitempty"` // of all money, in minor units
	Window   time.Duration `json:"-"`                  // after the exposure
	WindowS  int64         `json:"window_s"`
	Exposed  struct {      // shoppers, each by the first exposure
		Offer   int64 `json:"offer"`
		Holdout int64 `json:"holdout"`
		Mixed   int64 `json:"mixed"` // seen in both arms: in neither
	} `json:"exposed"`
	SRM     SampleRatio `json:"sample_ratio"`
	Hidden  string      `json:"hidden,omitempty"` // why there are no results: sample_ratio, mixed, no_holdout, nobody
	Results *Results    `json:"results,omitempty"`
}

// SampleRatio is the test of whether the arms have the sizes that the holdout's share gives.
type SampleRatio struct {
	Share float64 `json:"share"` // of the holdout, as it should be
	Chi2  float64 `json:"chi2"`
	P     float64 `json:"p"`
	Alarm bool    `json:"alarm"` // P is below stats.SRMAlarm
}

// Results are the comparison. Intervals hold with probability 1-Alpha at every look at once. Those that cannot be told yet are nil.
type Results struct {
	Alpha   float64   `json:"alpha"`
	Offer   ArmResult `json:"offer"`
	Holdout ArmResult `json:"holdout"`

	Difference *stats.Interval `json:"difference,omitempty"`      // of the conversion rates
	Relative   *stats.Interval `json:"relative,omitempty"`        // to the holdout's rate
	Rescued    *stats.Interval `json:"rescued,omitempty"`         // carts: what the offer's arm bought beyond the holdout's rate
	Revenue    *stats.Interval `json:"revenue,omitempty"`         // difference of the winsorised revenue per exposed shopper
	Cut        int64           `json:"winsorised_above,omitzero"` // what one shopper brought beyond it does not count
	Foreign    int64           `json:"other_currency,omitzero"`   // purchases that count without their money
}

// ArmResult is one arm.
type ArmResult struct {
	Conversions int64   `json:"conversions"` // shoppers who bought and did not take all of it back
	Rate        float64 `json:"rate"`
	Revenue     int64   `json:"revenue"`
	Refunded    int64   `json:"refunded"`
	PerShopper  float64 `json:"per_shopper"` // winsorised revenue per exposed shopper
}

// maxMixed is the share of shoppers seen in both arms above which nothing can be told.
const maxMixed = 0.01

func (c *tally) report(set Settings, window time.Duration) Report {
	r := Report{Currency: c.currency, Window: window, WindowS: int64(window / time.Second)}
	r.Exposed.Offer, r.Exposed.Holdout, r.Exposed.Mixed = c.exposed[OfferArm], c.exposed[HoldoutArm], c.mixed
	r.SRM = SampleRatio{Share: set.Holdout}
	r.SRM.Chi2, r.SRM.P = stats.SRM(c.exposed[:], []float64{OfferArm: 1 - set.Holdout, HoldoutArm: set.Holdout})
	r.SRM.Alarm = r.SRM.P < stats.SRMAlarm
	r.SRM.Chi2 = min(r.SRM.Chi2, 1e300) // JSON has no infinity
	all := c.exposed[OfferArm] + c.exposed[HoldoutArm] + c.mixed
	switch {
	case all == 0:
		r.Hidden = "nobody"
	case float64(c.mixed) > maxMixed*float64(all):
		r.Hidden = "mixed"
	case set.Holdout <= 0 && c.exposed[HoldoutArm] == 0:
		r.Hidden = "no_holdout"
	case r.SRM.Alarm:
		r.Hidden = "sample_ratio"
	default:
		r.Results = c.results(set)
	}
	return r
}

func (c *tally) results(set Settings) *Results {
	seq := stats.Sequential{Alpha: cmp.Or(set.Alpha, 0.05), Planned: set.Planned}
	cut := stats.Cap(cmp.Or(set.Quantile, 0.99), &c.amounts[OfferArm], &c.amounts[HoldoutArm])
	out := &Results{Alpha: seq.Alpha, Cut: cut, Foreign: c.foreign}
	var rate, money [arms]stats.Sample
	for arm, to := range []*ArmResult{&out.Offer, &out.Holdout} {
		n := c.exposed[arm]
		rate[arm], money[arm] = stats.Proportion(c.bought[arm], n), c.amounts[arm].Winsorised(n, cut)
		_, sum := c.amounts[arm].Count()
		*to = ArmResult{
			Conversions: c.bought[arm], Rate: rate[arm].Mean,
			Revenue: sum, Refunded: c.refunded[arm], PerShopper: money[arm].Mean,
		}
	}
	if i, ok := seq.Difference(rate[HoldoutArm], rate[OfferArm]); ok {
		out.Difference = &i
		rescued := i.Scaled(float64(c.exposed[OfferArm]))
		out.Rescued = &rescued
	}
	if i, ok := seq.Relative(rate[HoldoutArm], rate[OfferArm]); ok {
		out.Relative = &i
	}
	if i, ok := seq.Difference(money[HoldoutArm], money[OfferArm]); ok && cut > 0 {
		out.Revenue = &i
	}
	return out
}
