package main

import (
	"strconv"
	"time"

	"beckon/pricing"
	"beckon/pricing/quote"
	"beckon/server/shop"
)

// quoteLife is how long a price that was shown is kept to, when nothing else is said.
const quoteLife = 30 * time.Minute

// priceFor is what the price of an item is appended for. It names no shopper: a cart's name only binds the quote to it.
type priceFor struct {
	site, market, cart string
	now                int64 // Unix ms
}

// appendPrice appends the fields of a price as they stand wherever one is shown: amount, currency, list, lowest_30d, reason, quote and
// expires. It is on the path of every answer and push, and allocates nothing but what dst grows.
func (n *node) appendPrice(dst []byte, it *shop.Item, p priceFor) []byte {
	o, currency := it.In(p.market)
	dst = append(dst, `"amount":`...)
	dst = strconv.AppendInt(dst, o.Public, 10)
	dst = append(dst, `,"currency":`...)
	dst = appendText(dst, currency)
	dst = append(dst, `,"list":`...)
	dst = strconv.AppendInt(dst, shownList(&o), 10)
	dst = append(dst, `,"lowest_30d":`...)
	dst = strconv.AppendInt(dst, o.Lowest30d, 10)
	dst = append(dst, `,"reason":`...)
	dst = appendText(dst, n.priceReason(it, &p, &o))
	expires := p.now + n.cfg.quoteLife.Milliseconds()
	dst = append(dst, `,"quote":"`...)
	dst = n.quotes.Append(dst, &quote.Quote{
		Site: p.site, Item: it.ID, Market: marketOf(it, p.market), Version: o.Version, Amount: o.Public, Currency: currency, Cart: p.cart, Expires: expires,
	})
	dst = append(dst, `","expires":`...)
	return strconv.AppendInt(dst, expires, 10)
}

// shownList is the price beside which the amount may be shown as reduced: what an announced reduction is measured from, or the amount
// itself. A price that an algorithm lowered is no announced reduction (Directive 98/6/EC, Article 6a).
func shownList(o *shop.Offered) int64 { return max(o.Markdown, o.Public) }

// priceReason is why the price is what it is: list, dynamic, manual or markdown. What shows a reduction is a markdown, and nothing else
// is. (A browser that keeps to a lower price that it was shown calls it locked.)
func (n *node) priceReason(it *shop.Item, p *priceFor, o *shop.Offered) string {
	if shownList(o) > o.Public {
		return pricing.ShownMarkdown
	}
	list := it.Price
	market := marketOf(it, p.market)
	if market != "" {
		list = it.Markets[market].Price
	}
	reason := n.folds.book.Shown(p.site, it.ID, market, o.Public, list).Reason
	if reason == pricing.ShownMarkdown {
		return pricing.ShownManual
	}
	return reason
}

// marketOf is the market whose price an item has when it is asked for in market: that one, or the base market.
func marketOf(it *shop.Item, market string) string {
	if _, ok := it.Elsewhere[market]; ok {
		return market
	}
	return ""
}
