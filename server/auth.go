package main

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"beckon/server/shop"
)

// maxKey bounds what is looked up as a key.
const maxKey = 128

// caller reads the request's key: Bearer, X-Beckon-Key or ?k=. A public key is held to its origins.
func (n *node) caller(c *fiber.Ctx) (shop.Key, error) {
	scheme, text, bearer := strings.Cut(c.Get(fiber.HeaderAuthorization), " ")
	if bearer = bearer && strings.EqualFold(scheme, "Bearer"); bearer { // RFC 9110, 11.1: in any case
		text = strings.TrimSpace(text)
	} else {
		text = c.Get("X-Beckon-Key")
	}
	if text == "" {
		text = c.Query("k")
	}
	if text == "" {
		return shop.Key{}, fail(401, "missing_key", "a key is needed: Authorization: Bearer sk_…, X-Beckon-Key or ?k=")
	}
	if len(text) > maxKey {
		return shop.Key{}, fail(401, "unknown_key", "key: longer than any key")
	}
	key, ok := n.shop.Key(text)
	if !ok {
		return shop.Key{}, fail(401, "unknown_key", "key: unknown, expired or revoked")
	}
	if key.Secret() && !bearer {
		return shop.Key{}, fail(401, "secret_key", "key: a secret key is taken as Authorization: Bearer only")
	}
	if origin := c.Get(fiber.HeaderOrigin); !key.Secret() && origin != "" && !n.originAllowed(key, origin, c) {
		return shop.Key{}, fail(403, "foreign_origin", "origin: %s is not among the origins of this key", origin)
	}
	return key, nil
}

// originAllowed says whether a page of origin may use a public key. "self" among a key's origins is this server's own address.
func (n *node) originAllowed(key shop.Key, origin string, c *fiber.Ctx) bool {
	return key.Allows(origin) || key.Allows("self") && sameOrigin(origin, string(c.Context().Host()))
}

// owner is the caller with a secret key.
func (n *node) owner(c *fiber.Ctx) (shop.Key, error) {
	key, err := n.caller(c)
	if err != nil {
		return key, err
	}
	if !key.Secret() {
		return key, fail(401, "secret_key_needed", "key: this needs Authorization: Bearer sk_…")
	}
	return key, nil
}

// shopper is who an answer is for. Visitor is empty when a secret key asks for nobody in particular.
type shopperID struct {
	site, visitor string
	owner         bool // asked by the shop itself
}

// asker reads who is asked for: a public key with the shopper's token, or a secret key with ?visitor=.
func (n *node) asker(c *fiber.Ctx) (shopperID, error) {
	key, err := n.caller(c)
	if err != nil {
		return shopperID{}, err
	}
	if key.Secret() {
		visitor := c.Query("visitor")
		if visitor != "" && !validVisitor(visitor) {
			return shopperID{}, fail(400, "bad_visitor", "visitor: 1-64 of A-Z a-z 0-9 _ . : -")
		}
		return shopperID{key.Site, strings.Clone(visitor), true}, nil
	}
	token := c.Get("X-Beckon-Token")
	if token == "" {
		return shopperID{}, fail(401, "missing_token", "X-Beckon-Token: the shopper's token of POST /v1/session is needed")
	}
	visitor, err := n.tokens.Verify(token, key.Site, n.now())
	if err != nil {
		return shopperID{}, tokenError(err)
	}
	return shopperID{key.Site, strings.Clone(visitor), false}, nil // out of the request's memory
}

func validVisitor(v string) bool {
	if len(v) == 0 || len(v) > 64 {
		return false
	}
	for i := range len(v) {
		b := v[i]
		if !(b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_' || b == '.' || b == ':' || b == '-') {
			return false
		}
	}
	return true
}
