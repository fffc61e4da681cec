package main

import (
	"github.com/gofiber/fiber/v2"

	"beckon/pricing/quote"
)

// quoteAnswer is what a quote is worth. Of one that is not good it has what may be known of it: nothing of a forged one, or of another
// site's or cart's.
type quoteAnswer struct {
	Valid        bool    `json:"valid"`
	Code         string  `json:"code,omitempty"` // forged, other_site, other_cart, expired
	Message      string  `json:"message,omitempty"`
	Item         string  `json:"item_id,omitempty"`
	Market       *string `json:"market,omitempty"`
	Amount       *int64  `json:"amount,omitempty"`  // to be paid now
	Locked       *int64  `json:"locked,omitempty"`  // what was promised
	Current      *int64  `json:"current,omitempty"` // what anyone pays now; absent when the item has no price in the quote's currency any more
	Currency     string  `json:"currency,omitempty"`
	Expires      int64   `json:"expires,omitempty"`
	Version      *uint64 `json:"version,omitempty"`
	NeedsConsent *bool   `json:"needs_consent,omitempty"` // of an expired one: the shopper has to agree before more than locked is taken
}

var quoteMessages = map[quote.Reason]string{
	quote.Forged:    "quote: it was not given out here, or it was changed",
	quote.OtherSite: "quote: it is of another site",
	quote.OtherCart: "quote: it is for another cart; name the cart it was asked for",
	quote.Expired:   "quote: it has expired; the current price holds, and a higher one needs the shopper's consent",
}

// postQuoteVerify tells the shop's server what a quote is worth: the lower of the promised and the current price until it expires.
func (n *node) postQuoteVerify(c *fiber.Ctx) error {
	key, err := n.owner(c)
	if err != nil {
		return err
	}
	var in struct{ Quote, Cart string }
	if err := decodeSmall(c, &in); err != nil {
		return err
	}
	if in.Quote == "" {
		return fail(400, "missing_quote", "quote: the text of /v1/prices is needed")
	}
	if in.Cart != "" && !validVisitor(in.Cart) {
		return fail(400, "bad_cart", "cart: 1-64 of A-Z a-z 0-9 _ . : -")
	}
	return respond(c, 200, n.worthOf(in.Quote, key.Site, in.Cart, n.now().UnixMilli()))
}

// worthOf verifies a quote and honours it against the price in force.
func (n *node) worthOf(text, site, cart string, now int64) quoteAnswer {
	q, why := n.quotes.Verify(text, site, cart, now)
	a := quoteAnswer{Valid: why == "", Code: string(why), Message: quoteMessages[why]}
	if why != "" && why != quote.Expired {
		return a
	}
	a.Item, a.Market, a.Locked, a.Currency, a.Expires, a.Version = q.Item, &q.Market, &q.Amount, q.Currency, q.Expires, &q.Version
	terms := quote.Terms{Amount: q.Amount, NeedsConsent: true} // without a current price the promise is kept all the same, and then any is new
	if current, known := n.currentPrice(&q); known {
		terms = quote.Honour(&q, current, now)
		a.Current = &terms.Current
	}
	if a.Valid {
		a.Amount = &terms.Amount
	} else {
		a.NeedsConsent = &terms.NeedsConsent
	}
	return a
}

// currentPrice is what the item of a quote costs now where it was quoted, if it still has a price in the quote's currency there.
func (n *node) currentPrice(q *quote.Quote) (amount int64, ok bool) {
	it, ok := n.shop.Item(q.Site, q.Item)
	if !ok || marketOf(it, q.Market) != q.Market {
		return 0, false
	}
	o, currency := it.In(q.Market)
	return o.Public, currency == q.Currency
}
