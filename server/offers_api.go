package main

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"beckon/pricing/offers"
	"beckon/server/shop"
	"beckon/web/text"
)

// offerAnswer is an offer as its shopper sees it, in answers and in frames.
type offerAnswer struct {
	ID         string        `json:"id"`
	Title      string        `json:"title"`
	Item       string        `json:"item_id,omitempty"` // absent when it is for the whole cart
	Discount   offerDiscount `json:"discount"`
	Code       string        `json:"code"`
	Expires    int64         `json:"expires"` // Unix ms
	Disclosure string        `json:"disclosure"`
	Campaign   string        `json:"campaign"`
}

type offerDiscount struct {
	Kind     string `json:"kind"`   // percent or amount
	Value    int64  `json:"value"`  // whole percent or minor units
	Amount   int64  `json:"amount"` // minor units it comes to at most
	Currency string `json:"currency"`
}

// shownOffer is o with its code. What the shop wrote is shown as it is; the disclosure of a campaign that has none of its own is in the
// shopper's language.
func (n *node) shownOffer(site string, o *offers.Offer, p *text.Printer) offerAnswer {
	disclosure := o.Disclosure
	if disclosure == offers.DefaultDisclosure {
		disclosure = p.T("shopper.offer_disclosure")
	}
	return offerAnswer{
		ID: o.ID, Title: o.Title, Item: o.Item, Discount: offerDiscount{o.Kind, o.Value, o.Amount, o.Currency},
		Code: n.codes.Code(site, o.Number), Expires: o.Expires, Disclosure: disclosure, Campaign: o.Campaign,
	}
}

// getOffers is what offers a shopper has.
func (n *node) getOffers(c *fiber.Ctx) error {
	who, err := n.asker(c)
	if err != nil {
		return err
	}
	if who.visitor == "" {
		return fail(400, "missing_visitor", "visitor: whose offers are asked for")
	}
	live := []offerAnswer{}
	if o, ok := n.folds.offers.Live(who.site, n.who(who.site, who.visitor)); ok && o.Expires > n.now().UnixMilli() {
		live = append(live, n.shownOffer(who.site, &o, text.MatchShopper(c.Query("lang"), c.Get(fiber.HeaderAcceptLanguage))))
	}
	return respond(c, 200, map[string]any{"offers": live})
}

// deleteOffer takes an offer back, or declines it for its shopper.
func (n *node) deleteOffer(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	id := strings.Clone(c.Params("id"))
	if !offers.ValidOfferID(id) {
		return fail(404, "unknown_offer", "id: there is no offer %q", id)
	}
	if err := n.submitOffer(key, offers.DoCancel, id, offers.Cancel{}); err != nil {
		return err
	}
	return respond(c, 200, map[string]string{"cancelled": id})
}

// redeemBody is what POST /v1/offers/redeem takes.
type redeemBody struct {
	Code        string       `json:"code"`
	Transaction string       `json:"transaction_id"`
	Visitor     string       `json:"visitor"` // if given the offer has to be this shopper's
	Cart        *offers.Cart `json:"cart"`
}

// redeemAnswer says what to take off.
type redeemAnswer struct {
	Valid    bool   `json:"valid"`
	Offer    string `json:"offer"`
	Campaign string `json:"campaign"`
	Discount int64  `json:"discount"` // minor units
	Currency string `json:"currency"`
}

// postRedeem spends an offer, once. A code that was not made here is found out before anything is stored.
func (n *node) postRedeem(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	if wait := n.limits.key.take("codes "+key.ID, 1, n.now()); wait > 0 {
		return tooMany(wait, "key")
	}
	var body redeemBody
	if err := decodeSmall(c, &body); err != nil {
		return err
	}
	number, err := n.codes.Number(key.Site, body.Code)
	switch {
	case body.Code == "":
		return fail(400, "missing_code", "code: missing")
	case errors.Is(err, offers.ErrCode):
		return fail(404, "unknown_code", "code: it is not one of this site's")
	}
	redeem := offers.Redeem{Number: number, Transaction: body.Transaction, Cart: body.Cart}
	if err := redeem.Check(); err != nil {
		return n.offerError(err)
	}
	if body.Visitor != "" {
		if !validVisitor(body.Visitor) {
			return fail(400, "bad_visitor", "visitor: 1-64 of A-Z a-z 0-9 _ . : -")
		}
		redeem.Who = n.who(key.Site, body.Visitor)
	}
	answer, _, err := n.shop.Submit(n.work, "key "+key.ID, shop.Command{Do: offers.DoRedeem, Site: key.Site, Body: redeem})
	if err != nil {
		return n.offerError(err)
	}
	got := answer.(*offers.Redemption)
	return respond(c, 200, redeemAnswer{true, got.Offer, got.Campaign, got.Discount, got.Currency})
}
