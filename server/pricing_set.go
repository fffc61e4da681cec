package main

import (
	"crypto/rand"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"beckon/pricing"
)

// setPriceBody is POST /v1/prices: a price that a person sets.
type setPriceBody struct {
	Item   string `json:"item_id"`
	Market string `json:"market"`
	Amount int64  `json:"amount"` // minor units
	Force  bool   `json:"force"`  // over the soft rules: largest step, dwell, deadband, rounding
	Note   string `json:"note"`
}

func (n *node) postPrice(c *fiber.Ctx) error {
	var body setPriceBody
	key, err := n.pricingBody(c, &body)
	if err != nil {
		return err
	}
	answer, _, err := n.price(key, pricing.DoSet, "", pricing.SetPrice(body))
	if err != nil {
		return err
	}
	return respond(c, 200, answer)
}

// undoPrice takes a version of a price back, the one in force if none is named: the price before it is published as a new version.
func (n *node) undoPrice(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	var body struct {
		Market  string `json:"market"`
		Version uint64 `json:"version"`
	}
	if len(c.Request().Body()) > 0 {
		if err := decodeStrictly(c, &body); err != nil {
			return err
		}
	}
	undo := pricing.Undo{Item: strings.Clone(c.Params("item")), Market: body.Market, Version: body.Version}
	answer, _, err := n.price(key, pricing.DoUndo, "", undo)
	if err != nil {
		return err
	}
	return respond(c, 200, answer)
}

// markdownBody is POST /v1/markdowns: an announced reduction of one item, of several, or of a category as the catalog has it now.
type markdownBody struct {
	ID       string   `json:"id"` // made if absent
	Item     string   `json:"item_id"`
	Items    []string `json:"items"`
	Category string   `json:"category"`
	Market   string   `json:"market"`
	Amount   int64    `json:"amount"`  // the reduced price, minor units; of one item
	Percent  float64  `json:"percent"` // or this much off the lowest price of the 30 days before it begins
	From     int64    `json:"from"`    // Unix ms, 0: now
	Until    int64    `json:"until"`   // Unix ms
}

func (n *node) getMarkdowns(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	return respond(c, 200, map[string]any{"markdowns": n.folds.book.Markdowns(key.Site)})
}

func (n *node) postMarkdown(c *fiber.Ctx) error {
	var body markdownBody
	key, err := n.pricingBody(c, &body)
	if err != nil {
		return err
	}
	if body.ID == "" {
		body.ID = "m_" + strings.ToLower(rand.Text())
	}
	if !validVisitor(body.ID) {
		return fail(400, "bad_markdown", "id: 1-64 of A-Z a-z 0-9 _ . : -")
	}
	items := body.Items
	if body.Item != "" {
		items = append(items, body.Item)
	}
	if body.Category != "" {
		items = append(items, n.itemsOf(key.Site, body.Category)...)
		slices.Sort(items)
		items = slices.Compact(items)
	}
	announce := pricing.Announce{Items: items, Market: body.Market, Amount: body.Amount, Percent: body.Percent, From: body.From, Until: body.Until}
	answer, offset, err := n.price(key, pricing.DoMarkdown, body.ID, announce)
	if err != nil {
		return err
	}
	taken, _ := answer.(pricing.Taken)
	if taken.Rejected == nil {
		taken.Rejected = []pricing.Rejection{}
	}
	return respond(c, 201, map[string]any{"id": body.ID, "accepted": taken.Accepted, "rejected": taken.Rejected, "version": offset})
}

// itemsOf lists the items of a category, at most one more than a markdown may have.
func (n *node) itemsOf(site, category string) []string {
	var ids []string
	for after := ""; ; {
		page := n.shop.Items(site, after, maxItemPage)
		for _, it := range page {
			if slices.Contains(it.Category, category) {
				ids = append(ids, it.ID)
			}
		}
		if len(page) < maxItemPage || len(ids) > pricing.MaxMarkdownItems {
			return ids
		}
		after = page[len(page)-1].ID
	}
}

// deleteMarkdown ends a markdown, or with ?item= takes one item out of it: the price before returns.
func (n *node) deleteMarkdown(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	id := strings.Clone(c.Params("id"))
	if _, _, err := n.price(key, pricing.DoMarkdownEnd, id, pricing.EndMarkdown{Item: strings.Clone(c.Query("item"))}); err != nil {
		return err
	}
	return respond(c, 200, map[string]string{"ended": id})
}
