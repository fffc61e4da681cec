package demo

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"
)

// holdTime is how long the pieces of a cart are kept for a shopper at the till.
const holdTime = 10 * time.Minute

// holdCart reserves what is in the cart when the checkout begins, and again when the cart has changed there.
func (h *handler) holdCart(c *fiber.Ctx) error {
	o, cart, err := h.readOrder(c)
	if err != nil {
		return tell(c, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), tillTime)
	defer cancel()
	expires, err := h.hold(ctx, o.Order, cart)
	if err != nil {
		return tell(c, h.tillError(err))
	}
	// Browsers' clocks differ: they are told how long, not until when.
	return c.JSON(fiber.Map{"order": o.Order, "for_ms": max(0, expires-time.Now().UnixMilli())})
}

// hold reserves a cart's pieces under the order's number, for holdTime from now. A reservation of the order with other lines gives way.
func (h *handler) hold(ctx context.Context, order string, cart []line) (expires int64, err error) {
	expires, err = h.reserve(ctx, order, cart, holdTime)
	var status *StatusError
	if !errors.As(err, &status) || status.Code != "reservation_differs" {
		return expires, err
	}
	if err := h.send(ctx, request{method: "DELETE", path: "/v1/reservations/" + order, secret: true}); err != nil {
		return 0, err
	}
	return h.reserve(ctx, order, cart, holdTime)
}

// reserve asks for a reservation; its number makes it one whatever is retried. expires is in Unix ms.
func (a *Account) reserve(ctx context.Context, id string, cart []line, length time.Duration) (expires int64, err error) {
	var got struct{ Expires int64 }
	err = a.send(ctx, request{
		method: "POST", path: "/v1/reservations", secret: true, kind: "application/json", body: reservationOf(id, cart, length), into: &got,
	})
	return got.Expires, err
}

func reservationOf(id string, cart []line, length time.Duration) []byte {
	type reservedLine struct {
		ID       string `json:"item_id"`
		Quantity int    `json:"quantity"`
	}
	var lines []reservedLine
	for _, l := range cart {
		lines = append(lines, reservedLine{l.item.ID, l.quantity})
	}
	body, err := json.Marshal(map[string]any{"id": id, "lines": lines, "ttl_s": int(length.Seconds())})
	if err != nil {
		panic(err) // plain values always encode
	}
	return body
}
