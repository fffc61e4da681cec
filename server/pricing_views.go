package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"beckon/pricing"
)

// pricedItem is GET /v1/pricing/items/:id: the price in force with what is known about it.
type pricedItem struct {
	Item  string      `json:"item_id"`
	Price pricedPrice `json:"price"`
	pricing.ItemView
}

type pricedPrice struct {
	Amount    int64  `json:"amount"`
	Currency  string `json:"currency"`
	List      int64  `json:"list"` // the shop's own
	Version   uint64 `json:"version"`
	Since     int64  `json:"since"`      // Unix ms
	Lowest30d int64  `json:"lowest_30d"` // of the 30 days before this price began
	Prior     int64  `json:"prior"`      // of the 30 days up to now: what a markdown that began now would name
	Reason    string `json:"reason"`
}

// getPricedItem answers with everything that is known of one item's price: what was learned, the curve, limits, history.
func (n *node) getPricedItem(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	it, ok := n.shop.Item(key.Site, c.Params("id"))
	if !ok || it.Currency == "" {
		return fail(404, "unknown_item", "item_id: the catalog has no item %q with a price", c.Params("id"))
	}
	now := n.now().UnixMilli()
	p := pricingItem(it, now)
	return respond(c, 200, pricedItem{
		Item: it.ID,
		Price: pricedPrice{
			Amount: it.Public, Currency: it.Currency, List: it.Price, Version: it.Version, Since: it.PriceAt, Lowest30d: it.Lowest30d, Prior: p.Prior,
			Reason: n.folds.book.Shown(key.Site, it.ID, "", it.Public, it.Price).Reason,
		},
		ItemView: n.folds.book.Item(key.Site, it.ID, *p, now),
	})
}

// explainPrice answers which price an item had at a time, and why. What is older than memory is folded from the log again.
func (n *node) explainPrice(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	item, market := strings.Clone(c.Query("item")), strings.Clone(c.Query("market"))
	it, ok := n.shop.Item(key.Site, item)
	if !ok {
		return fail(404, "unknown_item", "item: the catalog has no item %q", item)
	}
	at := n.now().UnixMilli()
	if text := c.Query("at"); text != "" {
		if at, err = strconv.ParseInt(text, 10, 64); err != nil || at <= 0 {
			return fail(400, "bad_at", "at: %q is no time in Unix milliseconds", text)
		}
	}
	x, err := n.folds.book.Explain(key.Site, item, market, *pricingItem(it, at), at)
	if err != nil {
		return n.pricingError(err)
	}
	if !x.Complete {
		if x, err = n.explainFromLog(key.Site, item, market, at, x); err != nil {
			return err
		}
	}
	return respond(c, 200, x)
}

// explainFromLog folds the control log up to the time again. One does that at a time: others get what memory has.
func (n *node) explainFromLog(site, item, market string, at int64, known *pricing.Explanation) (*pricing.Explanation, error) {
	if !n.refolding.TryLock() {
		return known, nil
	}
	defer n.refolding.Unlock()
	s, err := n.dir.openSecret(n.cfg.secret)
	if err != nil {
		return nil, err
	}
	past, err := foldUntil(n.work, n.control, s, at, pricing.Config{})
	if err != nil {
		return nil, err
	}
	defer past.close()
	x, err := past.explain(site, item, market, at)
	if errors.Is(err, errNotThere) {
		return nil, fail(404, "unknown_item", "at: the catalog did not have %q then", item)
	}
	return x, err
}
