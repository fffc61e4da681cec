package main

import (
	"slices"

	"beckon/clickstream"
	"beckon/pricing/offers"
	"beckon/pricing/offers/watch"
)

// cartFacts is what an audience is tested on before a claim is made. The ledger tests it again at the claim's place in the log; this only
// spares the log claims that cannot be granted.
type cartFacts struct {
	value      int64 // minor units, at the prices in force or lower ones that the page told
	items      []string
	categories []string
}

const maxPrice = 1 << 40 // minor units that one line counts at most: 50 lines of 9999 pieces fit

func (n *node) weigh(t *watch.Trigger) cartFacts {
	var c cartFacts
	for _, l := range t.Lines {
		price := max(l.Price, 0)
		if it, ok := n.shop.Item(t.Site, l.Item); ok && it.Currency != "" {
			if public := max(it.Public, 0); price == 0 || price > public {
				price = public
			}
			c.categories = append(c.categories, it.Category...)
		}
		c.items = append(c.items, l.Item)
		c.value += min(price, maxPrice) * l.Quantity
	}
	return c
}

// fits says whether the cart and its shopper are what the audience asks for. A new shopper is one in the first session that is known.
func (c *cartFacts) fits(a *offers.Audience, view *clickstream.ShopperView) bool {
	if c.value < a.MinCart || a.MaxCart > 0 && c.value > a.MaxCart {
		return false
	}
	first := view.SessionStart != 0 && view.First >= view.SessionStart
	switch a.Segment {
	case offers.SegmentNew:
		if !first {
			return false
		}
	case offers.SegmentReturning:
		if first {
			return false
		}
	}
	if len(a.Items)+len(a.Categories) == 0 {
		return true
	}
	return slices.ContainsFunc(c.items, func(id string) bool { return slices.Contains(a.Items, id) }) ||
		slices.ContainsFunc(c.categories, func(name string) bool { return slices.Contains(a.Categories, name) })
}

// belongs says whether a shopper is in one of some segments; none ask for nothing. What the shopper is in is found out once, and only when
// a campaign asks. Of a site's shopper of whom nothing may be used it is in none.
func (n *node) belongs(site string, view *clickstream.ShopperView, now int64) func(segments []string) bool {
	var in []string
	found := false
	return func(segments []string) bool {
		if len(segments) == 0 {
			return true
		}
		if !found {
			in, found = n.segmentsOf(site, view, now), true
		}
		return slices.ContainsFunc(segments, func(id string) bool { return slices.Contains(in, id) })
	}
}
