package main

import (
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"beckon/clickstream"
	"beckon/server/shop"
)

// tokenError tells a client what to do about its token.
func tokenError(err error) error {
	if errors.Is(err, shop.ErrExpired) {
		return fail(401, "expired_token", "X-Beckon-Token: expired; renew it at POST /v1/session")
	}
	return fail(401, "bad_token", "X-Beckon-Token: not a token of this site")
}

// ownVisitor is the visitor that a path names, of the site that a secret key opens. The id is safe to keep.
func (n *node) ownVisitor(c *fiber.Ctx) (key shop.Key, id string, err error) {
	if key, err = n.owner(c); err != nil {
		return key, "", err
	}
	id = strings.Clone(c.Params("id"))
	if !validVisitor(id) {
		return key, "", fail(400, "bad_visitor", "visitor: 1-64 of A-Z a-z 0-9 _ . : -")
	}
	return key, id, nil
}

// getVisitor shows what is held of a visitor.
func (n *node) getVisitor(c *fiber.Ctx) error {
	key, id, err := n.ownVisitor(c)
	if err != nil {
		return err
	}
	n.waitApplied(n.work, key.Site, id)
	var view clickstream.ShopperView
	if !n.runner.View(key.Site, id, &view) {
		return fail(404, "unknown_visitor", "visitor: nothing is held of %q", id)
	}
	p := profileOf(id, n.runner.Visitors(key.Site, view.User), &view)
	p.Segments = n.appendSegments([]string{}, key.Site, &view, n.clock(key.Site, n.now()))
	return respond(c, 200, p)
}

// getLive hands the connection to the hub. What it may hear follows from the token of its first frame, not from the address.
func (n *node) getLive(c *fiber.Ctx) error {
	key, err := n.caller(c)
	if err != nil {
		return err
	}
	if n.phase.Load() == phaseClosing {
		return overloaded(time.Second, "closing")
	}
	return upgrade(c, n.hub, key.Site, clientAddr(c, n.cfg.trustedProxies).String(), func(origin string) bool {
		return key.Secret() || n.originAllowed(key, origin, c)
	})
}
