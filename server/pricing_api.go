package main

import (
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"beckon/pricing"
	"beckon/server/shop"
)

// The paths by which a shop steers the price engine and sets prices itself. Each is one record of the control log: it holds, or is
// refused, at its place there.

// getPricingSettings answers with the settings of the site, its categories and items, and with what holds its prices.
func (n *node) getPricingSettings(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	return respond(c, 200, n.folds.book.Site(key.Site, n.now().UnixMilli()))
}

// putPricingSettings replaces the settings of the site, a category or an item.
func (n *node) putPricingSettings(c *fiber.Ctx) error {
	var body pricing.PutSettings
	key, err := n.pricingBody(c, &body)
	if err != nil {
		return err
	}
	if _, _, err := n.price(key, pricing.DoSettings, "", body); err != nil {
		return err
	}
	return respond(c, 200, n.folds.book.Site(key.Site, n.now().UnixMilli()))
}

// postFreeze freezes or thaws an item, a category or the whole site.
func (n *node) postFreeze(c *fiber.Ctx) error {
	var body pricing.Freeze
	key, err := n.pricingBody(c, &body)
	if err != nil {
		return err
	}
	if body.Scope == pricing.ScopeAll {
		return fail(400, "bad_scope", "scope: every site at once is stopped by `beckon prices freeze --all`")
	}
	_, offset, err := n.price(key, pricing.DoFreeze, "", body)
	if err != nil {
		return err
	}
	return respond(c, 200, map[string]any{"scope": body.Scope, "key": body.Key, "on": body.On, "offset": offset})
}

// closeBreaker says that what the catalog's breaker stopped is right.
func (n *node) closeBreaker(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	if _, _, err := n.price(key, pricing.DoBreaker, "", nil); err != nil {
		return err
	}
	return respond(c, 200, n.folds.book.Site(key.Site, n.now().UnixMilli()).Breaker)
}

func (n *node) getSuggestions(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	limit, err := queryLimit(c, 100, maxItemPage)
	if err != nil {
		return err
	}
	return respond(c, 200, map[string]any{"suggestions": n.folds.book.Suggestions(key.Site, n.now().UnixMilli(), limit)})
}

func (n *node) approveSuggestion(c *fiber.Ctx) error { return n.answerSuggestion(c, pricing.DoApprove) }

func (n *node) dismissSuggestion(c *fiber.Ctx) error { return n.answerSuggestion(c, pricing.DoDismiss) }

func (n *node) answerSuggestion(c *fiber.Ctx, do string) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	id := strings.Clone(c.Params("id"))
	answer, _, err := n.price(key, do, "", pricing.OnSuggestion{Suggestion: id})
	if err != nil {
		return err
	}
	if answer == nil {
		answer = map[string]string{"dismissed": id}
	}
	return respond(c, 200, answer)
}

// pricingBody is the caller with a secret key, and the body.
func (n *node) pricingBody(c *fiber.Ctx, into any) (shop.Key, error) {
	key, err := n.owner(c)
	if err != nil {
		return key, err
	}
	return key, decodeStrictly(c, into)
}

// price has the Book decide a record of the key's site.
func (n *node) price(key shop.Key, do, id string, body any) (answer any, offset uint64, err error) {
	answer, offset, err = n.shop.Submit(n.work, "key "+key.ID, shop.Command{Do: do, Site: key.Site, ID: id, Body: body})
	if err != nil {
		return nil, 0, n.pricingError(err)
	}
	return answer, offset, nil
}

// pricingConflicts are refusals that another state of things would not have given.
var pricingConflicts = []string{
	"stale", "frozen", "markdown_running", "needs_force", "breaker_closed", "markdown_exists", "no_reduction", "unchanged",
	"too_many_categories", "too_many_markdowns", "mode_off", "not_observed", "unpublished",
}

// pricingError gives a refusal of the Book its status.
func (n *node) pricingError(err error) error {
	var refusal *pricing.Refusal
	switch {
	case !errors.As(err, &refusal):
		return n.shopError(err)
	case strings.HasPrefix(refusal.Code, "unknown_"):
		return fail(404, refusal.Code, "%s", refusal.Message)
	case strings.HasPrefix(refusal.Code, "outside_") || slices.Contains(pricingConflicts, refusal.Code):
		return fail(409, refusal.Code, "%s", refusal.Message)
	}
	return fail(400, refusal.Code, "%s", refusal.Message)
}
