package demo

import "github.com/gofiber/fiber/v2"

// Shop is what Register needs.
type Shop struct {
	Account
	Catalog *Catalog
}

// Register adds the demo shop's routes below /shop.
func Register(app *fiber.App, shop Shop) {}
