package main

import (
	"errors"
	"slices"
	"strings"

	v2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gofiber/fiber/v2"

	"beckon/clickstream"
	"beckon/pricing/offers"
	"beckon/server/shop"
)

// campaignAnswer is a campaign with its account at one instant.
type campaignAnswer struct {
	*offers.Campaign
	Totals offers.Totals `json:"totals"`
}

// campaignBody is what PUT takes: settings and state. What GET adds to them is passed over, so that its answer can be put back.
type campaignBody struct {
	offers.Put
	ID      string         `json:"id"`
	Salt    jsontext.Value `json:"salt"`
	Created jsontext.Value `json:"created"`
	Changed jsontext.Value `json:"changed"`
	Totals  jsontext.Value `json:"totals"`
}

// maxCampaignBytes bounds the body of a campaign: its two lists of 200 words take half of it.
const maxCampaignBytes = 128 << 10

// listCampaigns lists a site's campaigns in the order of their ids.
func (n *node) listCampaigns(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	all := []campaignAnswer{}
	for _, r := range n.folds.offers.Campaigns(key.Site) {
		all = append(all, campaignAnswer{r.Campaign, r.Totals})
	}
	return respond(c, 200, map[string]any{"campaigns": all})
}

func (n *node) getCampaign(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	return n.respondCampaign(c, 200, key.Site, c.Params("id"))
}

func (n *node) respondCampaign(c *fiber.Ctx, status int, site, id string) error {
	r, ok := n.folds.offers.Campaign(site, id)
	if !ok {
		return unknownCampaign(id)
	}
	return respond(c, status, campaignAnswer{r.Campaign, r.Totals})
}

func unknownCampaign(id string) error {
	return fail(404, "unknown_campaign", "id: there is no campaign %q", id)
}

// putCampaign makes a campaign or replaces its settings.
func (n *node) putCampaign(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	id := strings.Clone(c.Params("id"))
	var body campaignBody
	if err := decodeStrictly(c, &body); err != nil {
		return err
	}
	if body.ID != "" && body.ID != id {
		return fail(400, "bad_id", "id: %q is not the path's %q", body.ID, id)
	}
	put := body.Put
	if put.Budget.Currency == "" {
		if site, ok := n.shop.Site(key.Site); ok {
			put.Budget.Currency = site.Currency
		}
	}
	if _, ok := clickstream.MinorDigits(put.Budget.Currency); !ok {
		return fail(400, "bad_campaign", "budget.currency: %q is not of ISO 4217", put.Budget.Currency)
	}
	_, existed := n.folds.offers.Campaign(key.Site, id)
	if err := n.submitOffer(key, offers.DoCampaign, id, put); err != nil {
		return err
	}
	status := fiber.StatusOK
	if !existed {
		status = fiber.StatusCreated
	}
	return n.respondCampaign(c, status, key.Site, id)
}

// postCampaignState starts, pauses or ends a campaign.
func (n *node) postCampaignState(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	id := strings.Clone(c.Params("id"))
	if _, ok := n.folds.offers.Campaign(key.Site, id); !ok {
		return unknownCampaign(id)
	}
	var set offers.SetState
	if err := decodeStrictly(c, &set); err != nil {
		return err
	}
	if set.State == offers.Removed {
		return fail(400, "bad_state", "state: want active, paused or ended; DELETE removes a campaign")
	}
	if err := n.submitOffer(key, offers.DoState, id, set); err != nil {
		return err
	}
	return n.respondCampaign(c, 200, key.Site, id)
}

// deleteCampaign removes a campaign: its live offers are cancelled, and what it spent stays in the log.
func (n *node) deleteCampaign(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	id := strings.Clone(c.Params("id"))
	if _, ok := n.folds.offers.Campaign(key.Site, id); !ok {
		return unknownCampaign(id)
	}
	if err := n.submitOffer(key, offers.DoState, id, offers.SetState{State: offers.Removed}); err != nil {
		return err
	}
	return respond(c, 200, map[string]string{"removed": id})
}

// submitOffer has the ledger decide a record of the key's site whose answer nobody needs.
func (n *node) submitOffer(key shop.Key, do, id string, body any) error {
	_, _, err := n.shop.Submit(n.work, "key "+key.ID, shop.Command{Do: do, Site: key.Site, ID: id, Body: body})
	if err != nil {
		return n.offerError(err)
	}
	return nil
}

// offerConflicts are refusals that another state of things would not have given.
var offerConflicts = []string{
	"campaign_exists", "campaign_ended", "budget_below_spent", "currency_fixed", "too_many_campaigns",
	"offer_ended", "expired", "used", "cancelled", "other_shopper", "currency", "no_discount",
}

// offerError gives a refusal of the ledger its status.
func (n *node) offerError(err error) error {
	var refusal *offers.Refusal
	switch {
	case !errors.As(err, &refusal):
		return n.shopError(err)
	case strings.HasPrefix(refusal.Code, "unknown_"):
		return fail(404, refusal.Code, "%s", refusal.Message)
	case slices.Contains(offerConflicts, refusal.Code):
		return fail(409, refusal.Code, "%s", refusal.Message)
	}
	return fail(400, refusal.Code, "%s", refusal.Message)
}

// decodeStrictly reads a body in which a field that nobody knows is an error: a cap under a wrong name would be no cap.
func decodeStrictly(c *fiber.Ctx, v any) error {
	if err := wantType(c, fiber.MIMEApplicationJSON, fiber.MIMETextPlain); err != nil {
		return err
	}
	body, err := readBody(c, nil, maxCampaignBytes)
	if err != nil {
		return err
	}
	err = v2.Unmarshal(body, v, v2.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	var semantic *v2.SemanticError
	if !errors.As(err, &semantic) {
		return fail(400, "bad_json", "body: %s", strings.TrimPrefix(err.Error(), "jsontext: "))
	}
	field := strings.ReplaceAll(strings.TrimPrefix(string(semantic.JSONPointer), "/"), "/", ".")
	switch {
	case errors.Is(err, v2.ErrUnknownName):
		return fail(400, "bad_field", "%s: there is no such field", field)
	case field == "":
		return fail(400, "bad_json", "body: want an object")
	}
	return fail(400, "bad_field", "%s: not of the kind that is wanted", field)
}
