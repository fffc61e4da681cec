package main

import "beckon/web/text"

// reasonKey names the sentences of a kind of reason: with the title of the item it is because of, and the one for an item without.
type reasonKey struct{ item, plain string }

// reasonKeys holds them by kind, spelled out so that an answer builds no key.
var reasonKeys = map[string]reasonKey{
	"bought_together":  {"shopper.bought_together", "shopper.often_bought_together"},
	"viewed_together":  {"shopper.viewed_together", "shopper.often_viewed_together"},
	"session":          {"shopper.session", "shopper.this_visit"},
	"similar_shoppers": {"", "shopper.similar_shoppers"},
	"trending":         {"", "shopper.trending"},
	"recent":           {"", "shopper.recent"},
	"bestseller":       {"", "shopper.bestseller"},
	"pinned":           {"", "shopper.pinned"},
}

// reasonText is the sentence shown to the shopper; because is the title of the item that it is because of, "" for none. A kind that has no
// sentence says nothing.
func reasonText(kind string, p *text.Printer, because string) string {
	key, ok := reasonKeys[kind]
	switch {
	case !ok:
		return ""
	case key.item == "" || because == "":
		return p.T(key.plain)
	}
	return p.T(key.item, "item", because)
}
