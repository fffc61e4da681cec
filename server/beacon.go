package main

import (
	"github.com/gofiber/fiber/v2"

	"beckon/web"
)

func (n *node) getBeacon(c *fiber.Ctx) error     { return sendScript(c, web.Beacon()) }
func (n *node) getBeaconCore(c *fiber.Ctx) error { return sendScript(c, web.BeaconCore()) }

// sendScript answers with a build of the beacon; browsers ask again after an hour and are told when nothing changed.
func sendScript(c *fiber.Ctx, a *web.Asset) error {
	c.Set(fiber.HeaderETag, a.ETag)
	c.Set(fiber.HeaderCacheControl, "public, max-age=3600")
	c.Set(fiber.HeaderAccessControlAllowOrigin, "*") // a script with an integrity hash is fetched with CORS
	c.Vary(fiber.HeaderAcceptEncoding)
	if c.Get(fiber.HeaderIfNoneMatch) == a.ETag {
		return c.SendStatus(fiber.StatusNotModified)
	}
	c.Set(fiber.HeaderContentType, a.Type)
	if c.AcceptsEncodings("gzip") != "" {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(a.Gzip)
	}
	return c.Send(a.Body)
}
