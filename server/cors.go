package main

import (
	"strings"

	"github.com/gofiber/fiber/v2"
)

// crossOrigin lets browsers of any origin ask; whether an origin may use a key is decided where the key is read. It runs before
// every route of the contract and answers preflights itself.
func crossOrigin(c *fiber.Ctx) error {
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		return c.Next()
	}
	c.Vary(fiber.HeaderOrigin)
	if c.Method() != fiber.MethodOptions {
		err := c.Next()
		if err != nil {
			err = respondError(c, err)
		}
		if c.Response().StatusCode() != fiber.StatusForbidden {
			c.Set(fiber.HeaderAccessControlAllowOrigin, origin)
			c.Set(fiber.HeaderAccessControlExposeHeaders, "Retry-After")
		}
		return err
	}
	c.Set(fiber.HeaderAccessControlAllowOrigin, origin)
	c.Set(fiber.HeaderAccessControlAllowMethods, "GET, POST, PUT, DELETE")
	c.Set(fiber.HeaderAccessControlAllowHeaders, "Content-Type, Content-Encoding, X-Beckon-Key, X-Beckon-Token, Authorization")
	c.Set(fiber.HeaderAccessControlMaxAge, "7200")
	return c.SendStatus(fiber.StatusNoContent)
}

// sameOrigin says whether origin is the server's own, as the browser reached it.
func sameOrigin(origin, host string) bool {
	_, rest, ok := strings.Cut(origin, "://")
	return ok && host != "" && strings.EqualFold(rest, host)
}
