package main

import (
	"math"

	"beckon/dashboards/offers"
	ledger "beckon/pricing/offers"
	"beckon/pricing/offers/stats"
	"beckon/pricing/offers/watch"
)

// worthTelling is the relative change of orders that "how long until it can be told" is about: smaller ones seldom pay for a discount.
const worthTelling = 0.1

// campaignEffect is what a campaign brought, as its page tells it.
func (n *node) campaignEffect(site string, c *ledger.Campaign, now int64) offers.Effect {
	r := n.uplift.Report(site, c.ID, watch.Settings{Holdout: c.Holdout})
	e := offers.Effect{
		Why: r.Hidden, Mixed: r.Exposed.Mixed, Share: r.SRM.Share, P: r.SRM.P, Alarm: r.SRM.Alarm, Window: r.WindowS, Currency: r.Currency,
		Offer: offers.Arm{Shoppers: r.Exposed.Offer}, Holdout: offers.Arm{Shoppers: r.Exposed.Holdout},
	}
	if e.Currency == "" {
		e.Currency = c.Budget.Currency
	}
	if r.Results == nil {
		return e
	}
	x := r.Results
	e.Sure = 1 - x.Alpha
	fillArm(&e.Offer, &x.Offer)
	fillArm(&e.Holdout, &x.Holdout)
	e.Relative, e.Rescued = interval(x.Relative, 1), interval(x.Rescued, 1)
	e.Extra = interval(x.Revenue, float64(r.Exposed.Offer))
	if campaignState(c, now) == "active" && c.Holdout > 0 {
		e.Goal, e.Needs, e.Days = patience(&e, now-c.Created)
	}
	return e
}

func fillArm(to *offers.Arm, from *watch.ArmResult) {
	to.Orders, to.Rate, to.Revenue, to.PerShopper = from.Conversions, from.Rate, from.Revenue, from.PerShopper
}

func interval(i *stats.Interval, times float64) *offers.Interval {
	if i == nil {
		return nil
	}
	s := i.Scaled(times)
	return &offers.Interval{Low: s.Low, Mid: s.Estimate, High: s.High}
}

// patience is how many shoppers it takes, and how many more days at the pace since the campaign was made (ms ago), until a relative change
// of goal could be told. goal is 0 while nobody bought: nothing can be said then.
func patience(e *offers.Effect, since int64) (goal, needs, days float64) {
	offer, holdout := stats.Proportion(e.Offer.Orders, e.Offer.Shoppers), stats.Proportion(e.Holdout.Orders, e.Holdout.Shoppers)
	rate := holdout.Mean
	if rate == 0 {
		rate = offer.Mean
	}
	if rate == 0 || holdout.N == 0 || offer.N == 0 {
		return 0, 0, 0
	}
	needs = stats.Sequential{}.Needed(holdout, offer, worthTelling*rate)
	here := float64(e.Offer.Shoppers + e.Holdout.Shoppers)
	const day = 24 * 3600_000
	pace := here / math.Max(float64(since)/day, 1./24) // shoppers a day; an hour at least, so that the first minutes promise nothing
	return worthTelling, needs, math.Max(0, needs-here) / pace
}
