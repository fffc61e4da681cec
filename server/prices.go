package main

import (
	"context"
	"strings"

	"github.com/gofiber/fiber/v2"

	"beckon/pricing/quote"
)

// maxPriced is how many items one question for prices may name.
const maxPriced = 100

// openPrices makes what signs quotes. It comes before everything that shows a price.
func (n *node) openPrices(_ context.Context, s secret, _ *closers) error {
	key, err := s.key("quotes")
	if err != nil {
		return err
	}
	n.quotes = quote.NewSigner(key)
	return nil
}

// getPrices answers the prices in force of some items, each with a quote. The shopper's token opens it and changes nothing in it.
func (n *node) getPrices(c *fiber.Ctx) error {
	who, err := n.asker(c)
	if err != nil {
		return err
	}
	p := priceFor{site: who.site, market: strings.Clone(c.Query("market")), cart: strings.Clone(c.Query("cart")), now: n.now().UnixMilli()}
	if len(p.market) > 32 {
		return fail(400, "bad_market", "market: longer than any, 32 bytes at most")
	}
	if p.cart != "" && !validVisitor(p.cart) {
		return fail(400, "bad_cart", "cart: 1-64 of A-Z a-z 0-9 _ . : -")
	}
	items := c.Query("items")
	if count := strings.Count(items, ",") + 1; items == "" || count > maxPriced {
		return fail(400, "bad_items", "items: 1 to %d ids with commas between them are needed", maxPriced)
	}
	buf := bodies.Get().(*[]byte)
	defer bodies.Put(buf)
	*buf = n.appendPrices((*buf)[:0], items, who.owner, p) // of at most maxPriced items: never too large for the pool
	return respondJSON(c, 200, *buf)
}

// appendPrices appends the answer for ids with commas between them. The shop itself also sees items that are not published.
func (n *node) appendPrices(dst []byte, items string, owner bool, p priceFor) []byte {
	var room [maxPriced]string
	unknown := room[:0]
	dst = append(dst, `{"prices":[`...)
	for more, first := true, true; more; {
		var id string
		id, items, more = strings.Cut(items, ",")
		if id == "" {
			continue
		}
		it, ok := n.shop.Item(p.site, id)
		if !ok || it.Currency == "" || !it.Published && !owner {
			unknown = append(unknown, id)
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, `{"item_id":`...)
		dst = appendText(dst, it.ID)
		dst = append(dst, ',')
		dst = n.appendPrice(dst, it, p)
		dst = append(dst, '}')
	}
	dst = append(dst, `],"unknown":[`...)
	for i, id := range unknown {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendText(dst, id)
	}
	return append(dst, "]}"...)
}
