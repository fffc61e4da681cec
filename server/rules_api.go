package main

import (
	"context"
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/gofiber/fiber/v2"

	"beckon/recommender/rules"
	"beckon/server/shop"
)

// ruleAnswer is a rule with what it is about now.
type ruleAnswer struct {
	rules.Rule
	Items  int         `json:"items"` // of the catalog
	Effect *ruleEffect `json:"effect,omitempty"`
}

// listRules lists a site's rules in the order of their ids.
func (n *node) listRules(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	all := []ruleAnswer{}
	list := n.folds.rules.list(key.Site)
	counts := n.countRuleItems(key.Site, list)
	for i, r := range list {
		all = append(all, ruleAnswer{r, counts[i], n.ruleEffects.of(key.Site, r.ID)})
	}
	return respond(c, 200, map[string]any{"rules": all})
}

func (n *node) getRule(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	return n.respondRule(c, 200, key.Site, c.Params("id"))
}

func (n *node) respondRule(c *fiber.Ctx, status int, site, id string) error {
	r, ok := n.folds.rules.rule(site, id)
	if !ok {
		return n.ruleError(unknownRule(id))
	}
	return respond(c, status, ruleAnswer{r, n.countRuleItems(site, []rules.Rule{r})[0], n.ruleEffects.of(site, id)})
}

// ruleBody is what PUT takes. What GET adds to a rule is passed over, so that its answer can be put back.
type ruleBody struct {
	rules.Rule
	Items  jsontext.Value `json:"items"`
	Effect jsontext.Value `json:"effect"`
}

// read makes a valid rule of it, called id.
func (b *ruleBody) read(id string) (*rules.Rule, error) {
	r := &b.Rule
	if r.ID != "" && r.ID != id {
		return nil, fail(400, "bad_id", "id: %q is not the path's %q", r.ID, id)
	}
	r.ID = id
	r.Normalize()
	if err := r.Validate(); err != nil {
		return nil, err
	}
	return r, nil
}

// putRule makes a rule or replaces it.
func (n *node) putRule(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	id := strings.Clone(c.Params("id"))
	var body ruleBody
	if err := decodeStrictly(c, &body); err != nil {
		return err
	}
	rule, err := body.read(id)
	if err != nil {
		return n.ruleError(err)
	}
	_, existed := n.folds.rules.rule(key.Site, id)
	if _, err := n.saveRule(n.work, "key "+key.ID, key.Site, rule); err != nil {
		return err
	}
	status := fiber.StatusOK
	if !existed {
		status = fiber.StatusCreated
	}
	return n.respondRule(c, status, key.Site, id)
}

func (n *node) deleteRule(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	id := strings.Clone(c.Params("id"))
	if _, err := n.removeRule(n.work, "key "+key.ID, key.Site, id); err != nil {
		return err
	}
	return respond(c, 200, map[string]string{"removed": id})
}

// postRuleState pauses a rule or takes it in use again.
func (n *node) postRuleState(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	id := strings.Clone(c.Params("id"))
	var body struct {
		State rules.State `json:"state"`
	}
	if err := decodeStrictly(c, &body); err != nil {
		return err
	}
	if _, err := n.setRuleState(n.work, "key "+key.ID, key.Site, id, body.State); err != nil {
		return err
	}
	return n.respondRule(c, 200, key.Site, id)
}

// saveRule has the fold take a rule; offset is its record's.
func (n *node) saveRule(ctx context.Context, actor, site string, r *rules.Rule) (offset uint64, err error) {
	put := *r
	put.Created, put.Changed = 0, 0 // the fold's to say
	return n.submitRule(ctx, actor, shop.Command{Do: doRulePut, Site: site, ID: r.ID, Body: put})
}

func (n *node) removeRule(ctx context.Context, actor, site, id string) (offset uint64, err error) {
	return n.submitRule(ctx, actor, shop.Command{Do: doRuleRemove, Site: site, ID: id})
}

func (n *node) setRuleState(ctx context.Context, actor, site, id string, state rules.State) (offset uint64, err error) {
	return n.submitRule(ctx, actor, shop.Command{Do: doRuleState, Site: site, ID: id, Body: map[string]rules.State{"state": state}})
}

func (n *node) submitRule(ctx context.Context, actor string, cmd shop.Command) (offset uint64, err error) {
	if site, ok := n.shop.Site(cmd.Site); !ok || site.Retired != 0 {
		return 0, fail(404, "unknown_site", "site: there is no %q", cmd.Site)
	}
	_, offset, err = n.shop.Submit(ctx, actor, cmd)
	if err != nil {
		return offset, n.ruleError(err)
	}
	return offset, nil
}

// ruleError gives a refusal its status.
func (n *node) ruleError(err error) error {
	var refusal *rules.Refusal
	switch {
	case !errors.As(err, &refusal):
		return n.shopError(err)
	case strings.HasPrefix(refusal.Code, "unknown_"):
		return fail(404, refusal.Code, "%s", refusal.Message)
	case refusal.Code == "too_many_rules":
		return fail(409, refusal.Code, "%s", refusal.Message)
	}
	return fail(400, refusal.Code, "%s", refusal.Message)
}

// getRuleConflicts reports what of the site's rules may not be meant.
func (n *node) getRuleConflicts(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	found := n.ruleConflicts(key.Site)
	if found == nil {
		found = []rules.Conflict{}
	}
	return respond(c, 200, map[string]any{"conflicts": found})
}
