package demo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/gofiber/fiber/v2"
)

const (
	mostLines     = 50
	mostPieces    = 99
	maxOrderBytes = 16 << 10
	tillTime      = 5 * time.Second // for all of an order's requests
)

// order is what the shop's pages send to its till, and with prices what they get back.
type order struct {
	Order    string      `json:"order"` // made by the page; the same order sent twice is one
	Lines    []orderLine `json:"lines"`
	Total    int64       `json:"total"` // minor units
	Currency string      `json:"currency"`
}

type orderLine struct {
	ID       string `json:"id"`
	Price    int64  `json:"price"` // minor units, of one piece
	Quantity int    `json:"quantity"`
}

// checkout is the shop's own backend: it takes the order at current prices and tells Beckon what left the shelf.
func (h *handler) checkout(c *fiber.Ctx) error {
	var o order
	if n := c.Request().Header.ContentLength(); n < 0 || n > maxOrderBytes {
		return refuse(c, fiber.StatusRequestEntityTooLarge, "too_large", "an order is small and says its length")
	}
	if json.Unmarshal(c.Request().Body(), &o) != nil {
		return refuse(c, fiber.StatusBadRequest, "bad_json", "the order cannot be read")
	}
	if !validOrder(o.Order) || len(o.Lines) == 0 || len(o.Lines) > mostLines {
		return refuse(c, fiber.StatusBadRequest, "bad_order", "an order has a number and 1 to 50 lines")
	}
	ctx, cancel := context.WithTimeout(context.Background(), tillTime)
	defer cancel()
	var cart []line
	o.Total, o.Currency = 0, Currency
	for i := range o.Lines {
		l := &o.Lines[i]
		it := h.Catalog.Item(l.ID)
		if it == nil || l.Quantity < 1 || l.Quantity > mostPieces {
			return refuse(c, fiber.StatusBadRequest, "bad_line", "a line has a known item and 1 to 99 pieces")
		}
		price, stock, err := h.current(ctx, it)
		if err != nil {
			return tillError(c, err)
		}
		if stock < int64(l.Quantity) {
			return refuse(c, fiber.StatusConflict, "sold_out", soldOut(it, stock))
		}
		l.Price = price
		o.Total += price * int64(l.Quantity)
		cart = append(cart, line{it, l.Quantity})
	}
	err := h.send(ctx, request{method: "POST", path: "/v1/stock", secret: true, kind: "application/x-ndjson", body: stockLines(o.Order, cart)})
	if err != nil {
		return tillError(c, err)
	}
	return c.JSON(&o)
}

// current asks for an item's price and stock. An item whose stock is not counted has plenty.
func (h *handler) current(ctx context.Context, it *Item) (price, stock int64, err error) {
	var got struct {
		Price int64  `json:"price"`
		Stock *int64 `json:"stock"`
	}
	if err := h.send(ctx, request{method: "GET", path: "/v1/items/" + it.ID, secret: true, into: &got}); err != nil {
		return 0, 0, err
	}
	if got.Stock == nil {
		return got.Price, mostPieces, nil
	}
	return got.Price, *got.Stock, nil
}

func soldOut(it *Item, left int64) string {
	if left == 0 {
		return it.Title + " has just been sold out."
	}
	return fmt.Sprintf("Only %d of %s are left.", left, it.Title)
}

// tillError tells the page to try again: the order keeps its number.
func tillError(c *fiber.Ctx, err error) error {
	var status *StatusError
	if errors.As(err, &status) && status.Status == fiber.StatusNotFound {
		return refuse(c, fiber.StatusConflict, "not_sold", "One of these things is not sold any more.")
	}
	return refuse(c, fiber.StatusServiceUnavailable, "till_closed", "The till is closed for a moment. Try again.")
}

func refuse(c *fiber.Ctx, status int, code, message string) error {
	return c.Status(status).JSON(fiber.Map{"error": fiber.Map{"code": code, "message": message}})
}

func validOrder(id string) bool {
	if len(id) < 6 || len(id) > 64 {
		return false
	}
	for _, b := range []byte(id) {
		if !(b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '-') {
			return false
		}
	}
	return true
}
