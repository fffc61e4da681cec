package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"beckon/server/shop"
)

// putItems upserts the catalog from NDJSON or a Google Merchant feed.
func (n *node) putItems(c *fiber.Ctx) error {
	format := c.Query("format", "ndjson")
	if format != "ndjson" && format != "google" {
		return fail(400, "bad_format", "format: %q, want google or none", format)
	}
	return n.takeLines(c, func(actor, site string, in *limitedReader) (shop.Answer, error) {
		return n.shop.PutItems(n.work, actor, site, in, format)
	})
}

// postStock sets or changes stock from NDJSON.
func (n *node) postStock(c *fiber.Ctx) error {
	return n.takeLines(c, func(actor, site string, in *limitedReader) (shop.Answer, error) {
		return n.shop.PostStock(n.work, actor, site, in)
	})
}

func (n *node) takeLines(c *fiber.Ctx, take func(actor, site string, in *limitedReader) (shop.Answer, error)) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	in, done, err := importBody(c)
	if err != nil {
		return err
	}
	defer done()
	answer, err := take("key "+key.ID, key.Site, in)
	if err != nil {
		return n.shopError(err)
	}
	if answer.Rejected == nil {
		answer.Rejected = []shop.Rejection{}
	}
	return respond(c, fiber.StatusAccepted, answer)
}

func (n *node) getItem(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	it, ok := n.shop.Item(key.Site, c.Params("id"))
	if !ok {
		return fail(404, "unknown_item", "item_id: the catalog has no item %q", c.Params("id"))
	}
	return respond(c, 200, it)
}

func (n *node) deleteItem(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	id := strings.Clone(c.Params("id"))
	if _, ok := n.shop.Item(key.Site, id); !ok {
		return fail(404, "unknown_item", "item_id: the catalog has no item %q", id)
	}
	if err := n.shop.DeleteItem(n.work, "key "+key.ID, key.Site, id); err != nil {
		return n.shopError(err)
	}
	return respond(c, 200, map[string]any{"deleted": id})
}

const maxItemPage = 1000

// listItems pages through the catalog or, with ?unlisted=1, lists items of events that the catalog does not have.
func (n *node) listItems(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	limit, err := queryLimit(c, 100, maxItemPage)
	if err != nil {
		return err
	}
	if c.Query("unlisted") == "1" {
		seen := n.shop.SeenItems(key.Site, limit)
		if seen == nil {
			seen = []shop.SeenItem{}
		}
		return respond(c, 200, map[string]any{"items": seen})
	}
	items := n.shop.Items(key.Site, c.Query("after"), limit)
	next := ""
	if len(items) == limit {
		next = items[len(items)-1].ID
	}
	return respond(c, 200, map[string]any{"items": items, "next": next})
}

// queryLimit reads ?limit= from 1 to most.
func queryLimit(c *fiber.Ctx, def, most int) (int, error) {
	text := c.Query("limit")
	if text == "" {
		return def, nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 {
		return 0, fail(400, "bad_limit", "limit: %q is not a whole number from 1 to %d", text, most)
	}
	return min(limit, most), nil
}

// shopError gives a shop's error its status.
func (n *node) shopError(err error) error {
	var refusal *shop.Refusal
	var known *apiError
	switch {
	case errors.As(err, &known):
		return known
	case errors.As(err, &refusal) && strings.HasPrefix(refusal.Code, "unknown_"):
		return fail(404, refusal.Code, "%s", refusal.Message)
	case errors.As(err, &refusal):
		return fail(400, refusal.Code, "%s", refusal.Message)
	default:
		return n.cannotStore(err)
	}
}
