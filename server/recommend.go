package main

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"beckon/clickstream"
	"beckon/recommender"
	"beckon/web/text"
)

var placements = []string{"home", "item", "cart", "category", "search", "post_purchase", "email"}

const (
	defaultLimit = 10
	maxLimit     = 100
	// maxWait bounds how long an answer waits for the shopper's own acknowledged events to be applied.
	maxWait = 25 * time.Millisecond
)

// getRecommendations answers what to show this shopper here.
func (n *node) getRecommendations(c *fiber.Ctx) error {
	who, err := n.asker(c)
	if err != nil {
		return err
	}
	limit, err := queryLimit(c, defaultLimit, maxLimit)
	if err != nil {
		return err
	}
	a := ask{
		who: who, placement: strings.Clone(c.Query("placement", "home")),
		item: strings.Clone(c.Query("item")), category: strings.Clone(c.Query("category")),
		limit: limit, lang: text.MatchShopper(c.Query("lang"), c.Get(fiber.HeaderAcceptLanguage)),
		explain: c.Query("explain") == "1" && who.owner, wait: true,
	}
	if !slices.Contains(placements, a.placement) {
		return fail(400, "bad_placement", "placement: %q is not one of %s", a.placement, strings.Join(placements, ", "))
	}
	if a.explain {
		if a.why, err = whyQuery(c.Query("why")); err != nil {
			return err
		}
	}
	buf := bodies.Get().(*[]byte)
	defer bodies.Put(buf)
	*buf, _ = n.recommendChanged(n.work, (*buf)[:0], &a, 0) // of at most maxLimit items: never too large for the pool
	return respondJSON(c, 200, *buf)
}

// recommendChanged waits for the shopper's own events, asks the models, and returns the fingerprint of what they chose. When that
// is known already it appends nothing and logs nothing as shown; otherwise it logs the impression and appends the answer.
func (n *node) recommendChanged(ctx context.Context, dst []byte, a *ask, known uint64) (body []byte, fingerprint uint64) {
	s := n.scratch.Get().(*scratch)
	defer n.scratch.Put(s)
	n.fillQuery(ctx, s, a)
	n.engine.Recommend(&s.answer, &s.query)
	if fingerprint = n.fingerprint(&s.answer); fingerprint == known {
		return dst, fingerprint
	}
	recID := n.impressions.newRecID()
	if s.analytics {
		n.impressions.log(a, recID, &s.answer)
		if s.query.Rules != nil {
			n.ruleEffects.showed(a.who.site, a.who.visitor, &s.answer)
		}
	}
	return n.appendAnswer(dst, recID, a, &s.answer), fingerprint
}

// scratch is the reused memory of one answer.
type scratch struct {
	view      clickstream.ShopperView
	query     recommender.Query
	answer    recommender.Answer
	analytics bool // the shopper allows that what was shown is stored
	segments  []string
}

// fillQuery gathers what is known of the shopper, and what the shop decided. Without consent to personalization nothing of the shopper is
// used.
func (n *node) fillQuery(ctx context.Context, s *scratch, a *ask) {
	known := n.fillShopper(ctx, s, a)
	n.steerQuery(s, a, known)
}

// fillShopper says whether anything is known that may be used.
func (n *node) fillShopper(ctx context.Context, s *scratch, a *ask) (known bool) {
	q := &s.query
	now := n.now()
	a.now = now.UnixMilli()
	*q = recommender.Query{
		Site: a.who.site, Visitor: a.who.visitor, Placement: a.placement, Item: a.item, Category: a.category, Limit: a.limit,
		Session: q.Session[:0], History: q.History[:0], Cart: q.Cart[:0], Bought: q.Bought[:0],
		Now: n.clock(a.who.site, now), Explain: a.explain, Why: a.why,
		Eligible: func(item string) bool { return n.shop.Available(a.who.site, item) },
		Group:    func(item string) string { return n.groupOf(a.who.site, item) },
	}
	s.analytics = true
	if a.who.visitor == "" {
		return false
	}
	if a.wait {
		n.waitApplied(ctx, a.who.site, a.who.visitor)
	}
	if !n.runner.View(a.who.site, a.who.visitor, &s.view) {
		q.Personal = n.shop.DefaultConsent(a.who.site)&clickstream.Personalization != 0
		return false
	}
	v := &s.view
	s.analytics = v.Consent&clickstream.Analytics != 0
	q.Personal = v.Consent&clickstream.Personalization != 0
	if !q.Personal {
		return false
	}
	q.Session = recommender.SessionItems(q.Session, v.Session)
	for _, r := range v.Recent {
		q.History = append(q.History, r.Item)
	}
	for _, line := range v.Cart {
		q.Cart = append(q.Cart, line.Item)
	}
	for _, b := range v.Bought {
		q.Bought = append(q.Bought, b.Item)
	}
	return true
}

// groupOf is the product that an item is a variant of.
func (n *node) groupOf(site, item string) string {
	if it, ok := n.shop.Item(site, item); ok {
		return it.Group
	}
	return ""
}

func (n *node) waitApplied(ctx context.Context, site, visitor string) {
	if n.runner.Applied(site, visitor) {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	_ = n.runner.WaitApplied(ctx, site, visitor) // late is answered with what is known
}

// postRecommendationsBatch answers several questions of a shop's server, for e-mails and pages rendered there.
func (n *node) postRecommendationsBatch(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	var in struct {
		Requests []struct {
			Visitor, Placement, Item, Category, Lang string
			Limit                                    int
		}
	}
	if err := decodeSmall(c, &in); err != nil {
		return err
	}
	if len(in.Requests) == 0 || len(in.Requests) > 100 {
		return fail(400, "bad_requests", "requests: %d, want 1 to 100", len(in.Requests))
	}
	out := []byte(`{"answers":[`)
	for i, r := range in.Requests {
		if r.Placement == "" {
			r.Placement = "home"
		}
		if !slices.Contains(placements, r.Placement) {
			return fail(400, "bad_placement", "requests[%d].placement: %q is not one of %s", i, r.Placement, strings.Join(placements, ", "))
		}
		if r.Visitor != "" && !validVisitor(r.Visitor) {
			return fail(400, "bad_visitor", "requests[%d].visitor: 1-64 of A-Z a-z 0-9 _ . : -", i)
		}
		if r.Limit < 0 {
			return fail(400, "bad_limit", "requests[%d].limit: %d is not a whole number from 1 to %d", i, r.Limit, maxLimit)
		}
		if r.Limit == 0 {
			r.Limit = defaultLimit
		}
		if i > 0 {
			out = append(out, ',')
		}
		out, _ = n.recommendChanged(n.work, out, &ask{
			who: shopperID{key.Site, r.Visitor, true}, placement: r.Placement, item: r.Item, category: r.Category,
			limit: min(r.Limit, maxLimit), lang: text.MatchShopper(r.Lang, ""), wait: true,
		}, 0)
	}
	return respondJSON(c, 200, append(out, "]}"...))
}

// postRank orders the given items for a shopper. Items that cannot be bought keep their place in the answer and say so.
func (n *node) postRank(c *fiber.Ctx) error {
	who, err := n.asker(c)
	if err != nil {
		return err
	}
	var in struct {
		Visitor, Placement, Item string
		Items                    []string
	}
	if err := decodeSmall(c, &in); err != nil {
		return err
	}
	if len(in.Items) == 0 || len(in.Items) > 1000 {
		return fail(400, "bad_items", "items: %d, want 1 to 1000", len(in.Items))
	}
	if who.owner && in.Visitor != "" {
		if !validVisitor(in.Visitor) {
			return fail(400, "bad_visitor", "visitor: 1-64 of A-Z a-z 0-9 _ . : -")
		}
		who.visitor = in.Visitor
	}
	if in.Placement == "" {
		in.Placement = "category"
	}
	if !slices.Contains(placements, in.Placement) {
		return fail(400, "bad_placement", "placement: %q is not one of %s", in.Placement, strings.Join(placements, ", "))
	}
	a := ask{who: who, placement: in.Placement, item: in.Item, limit: len(in.Items), lang: text.MatchShopper(c.Query("lang"), c.Get(fiber.HeaderAcceptLanguage)), wait: true}
	s := n.scratch.Get().(*scratch)
	defer n.scratch.Put(s)
	n.fillQuery(n.work, s, &a)
	n.engine.Rank(&s.answer, &s.query, in.Items)
	recID := n.impressions.newRecID()
	if s.analytics {
		n.impressions.log(&a, recID, &s.answer)
		n.ruleEffects.showed(a.who.site, a.who.visitor, &s.answer)
	}
	return respondJSON(c, 200, n.appendAnswer(nil, recID, &a, &s.answer))
}

// getTrending answers what is viewed most in a sliding window of the site's clock.
func (n *node) getTrending(c *fiber.Ctx) error {
	key, err := n.caller(c)
	if err != nil {
		return err
	}
	window, err := time.ParseDuration(c.Query("window", "10m"))
	if err != nil || window < time.Minute || window > recommender.MaxTrendingWindow {
		return fail(400, "bad_window", "window: %q is not a duration from 1m to %v", c.Query("window"), recommender.MaxTrendingWindow)
	}
	limit, err := queryLimit(c, defaultLimit, maxLimit)
	if err != nil {
		return err
	}
	now := n.clock(key.Site, n.now())
	hidden := n.hiddenFromLists(key.Site, n.now().UnixMilli())
	available := func(item string) bool { return n.shop.Available(key.Site, item) && !hidden(item) }
	out := n.trendAnswers(key.Site, n.engine.Trending(key.Site, now, window, limit, available), window, now)
	return respond(c, 200, map[string]any{"window": window.String(), "items": out})
}

// decodeSmall reads a JSON body of at most 1 MiB.
func decodeSmall(c *fiber.Ctx, v any) error {
	body, err := readBody(c, nil, maxBatchBytes)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, v); err != nil {
		return fail(400, "bad_json", "body: %v", err)
	}
	return nil
}
