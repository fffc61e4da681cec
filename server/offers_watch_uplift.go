package main

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"beckon/pricing/offers/watch"
)

// getUplift is what a campaign brought against its holdout.
func (n *node) getUplift(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	campaign, ok := n.folds.offers.Campaign(key.Site, c.Params("id"))
	if !ok {
		return unknownCampaign(c.Params("id"))
	}
	set := watch.Settings{Holdout: campaign.Campaign.Holdout}
	for _, q := range []struct {
		name        string
		to          *float64
		least, most float64
	}{{"alpha", &set.Alpha, 0.001, 0.5}, {"planned", &set.Planned, 100, 1e9}} {
		text := c.Query(q.name)
		if text == "" {
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !(v >= q.least && v <= q.most) {
			return fail(400, "bad_"+q.name, "%s: %q is not a number from %g to %g", q.name, text, q.least, q.most)
		}
		*q.to = v
	}
	return respond(c, 200, upliftAnswer{campaign.Campaign.ID, n.uplift.Report(key.Site, campaign.Campaign.ID, set)})
}

type upliftAnswer struct {
	Campaign string `json:"campaign"`
	watch.Report
}
