package main

import (
	"context"
	"errors"
	"hash/maphash"
	"slices"

	"beckon/clickstream"
	"beckon/recommender"
	"beckon/server/push"
	"beckon/server/shop"
	"beckon/web/text"
)

// pushBackend answers the hub from the node's memory.
type pushBackend struct{ n *node }

func (b pushBackend) Authenticate(token, site string) (push.Shopper, error) {
	now := b.n.now()
	visitor, expires, err := b.n.tokens.VerifyUntil(token, site, now)
	switch {
	case errors.Is(err, shop.ErrExpired):
		return push.Shopper{}, push.ErrExpired
	case err != nil:
		return push.Shopper{}, push.ErrBadToken
	}
	return push.Shopper{Site: site, Visitor: visitor, Expires: expires}, nil
}

func (b pushBackend) Position() uint64 { return b.n.position() }

func (b pushBackend) AppendItem(dst []byte, site, item, kind string) []byte {
	it, ok := b.n.shop.Item(site, item)
	if !ok {
		return dst
	}
	return b.n.appendItemState(dst, site, it, kind)
}

// appendItemState appends the body of a stock or price frame; nothing for an item that has no such state.
func (n *node) appendItemState(dst []byte, site string, it *shop.Item, kind string) []byte {
	if kind == "price" && it.Currency == "" {
		return dst
	}
	dst = append(dst, `{"item_id":`...)
	dst = appendText(dst, it.ID)
	dst = append(dst, ',')
	if kind == "price" {
		dst = n.appendPrice(dst, it, priceFor{site: site, now: n.now().UnixMilli()})
	} else {
		dst = appendStock(dst, it)
	}
	return append(dst, '}')
}

// appendStockChange appends the stock state that ch led to. That the last piece has just been sold is news and no state: whoever
// asks later is told that the item is out.
func (n *node) appendStockChange(dst []byte, ch *shop.Change) []byte {
	dst = n.appendItemState(dst, ch.Site, ch.Now, "stock")
	if ch.Sold {
		dst = append(dst[:len(dst)-1], `,"sold":true}`...)
	}
	return dst
}

// appendGone appends the stock state of an item that is no longer sold.
func appendGone(dst []byte, item string) []byte {
	dst = appendText(append(dst, `{"item_id":`...), item)
	return append(dst, `,"level":"out"}`...)
}

func (b pushBackend) AppendRecommendations(dst []byte, who push.Shopper, q push.Ask) ([]byte, uint64) {
	if !slices.Contains(placements, q.Placement) {
		return dst, 0
	}
	a := ask{who: shopperID{site: who.Site, visitor: who.Visitor}, placement: q.Placement, item: q.Item, limit: defaultLimit, lang: text.MatchShopper("", who.Languages)}
	return b.n.recommendChanged(context.Background(), dst, &a, q.Known)
}

func (b pushBackend) Interests(dst []string, who push.Shopper) []string {
	var view clickstream.ShopperView
	if !b.n.runner.View(who.Site, who.Visitor, &view) {
		return dst
	}
	for _, line := range view.Cart {
		dst = append(dst, line.Item)
	}
	for _, line := range view.Wishlist {
		dst = append(dst, line.Item)
	}
	return dst
}

// fingerprint names an answer by its items in their order; never 0.
func (n *node) fingerprint(answer *recommender.Answer) uint64 {
	var h maphash.Hash
	h.SetSeed(n.hashSeed)
	for i := range answer.Items {
		h.WriteString(answer.Items[i].Item)
		h.WriteByte(0)
	}
	return h.Sum64() | 1
}

// onFacts runs on the goroutine that applied a shopper's events: it tells the hub about own acts, and the shop about items that
// its catalog may not have. It must not wait.
func (n *node) onFacts(_ int, facts []clickstream.Fact) {
	for i := range facts {
		f := &facts[i]
		e := f.Event
		if e == nil || f.Late || e.Generated {
			continue
		}
		n.noteSeen(f)
		n.ruleEffects.acted(e)
		if !n.hub.Connected(e.Site, e.Visitor) {
			continue
		}
		switch e.Kind {
		case clickstream.ViewItem, clickstream.AddToCart, clickstream.RemoveFromCart, clickstream.Purchase, clickstream.AddToWishlist:
			item := ""
			if len(e.Items) > 0 {
				item = e.Items[0].ID
			}
			n.hub.Acted(e.Site, e.Visitor, f.Seq, e.Kind.String(), item)
		}
	}
}

// noteSeen tells the shop of items that shoppers look at, so that it can list those that its catalog lacks.
func (n *node) noteSeen(f *clickstream.Fact) {
	e := f.Event
	if e == nil || f.Late || f.Bot || e.Generated || e.Kind != clickstream.ViewItem {
		return
	}
	for i := range e.Items {
		n.shop.NoteSeen(e.Site, e.Items[i].ID, e.URL, e.Title, e.Time)
	}
}

// onShopChanges runs on the goroutine that applied the control log: it tells the hub about stock and prices.
func (n *node) onShopChanges(changes []shop.Change) {
	at := n.position()
	for _, ch := range changes {
		if ch.Now == nil { // deleted: whoever looks at it must learn that it cannot be bought
			n.hub.PublishItem(ch.Site, ch.Item, "stock", appendGone(nil, ch.Item), at)
			continue
		}
		if ch.Stock || ch.Listed {
			n.hub.PublishItem(ch.Site, ch.Item, "stock", n.appendStockChange(nil, &ch), at)
		}
		if ch.Price && ch.Now.Currency != "" {
			n.hub.PublishItem(ch.Site, ch.Item, "price", n.appendItemState(nil, ch.Site, ch.Now, "price"), at)
		}
	}
}
