package demo

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"beckon/web/text"
)

const (
	mostLines     = 50
	mostPieces    = 99
	maxOrderBytes = 32 << 10
	tillTime      = 5 * time.Second // for all of an order's requests
)

// order is what the shop's pages send to its till, and with what is paid what they get back.
type order struct {
	Order    string      `json:"order"` // made by the page; the same order sent twice is one. It also names the reservation
	Lines    []orderLine `json:"lines"`
	Code     string      `json:"code,omitempty"`   // of an offer
	Agreed   int64       `json:"agreed,omitempty"` // minor units: the total, higher than the page's, that the shopper consented to
	Discount int64       `json:"discount"`         // minor units
	Total    int64       `json:"total"`            // minor units, the discount taken off
	Currency string      `json:"currency"`
}

type orderLine struct {
	ID       string `json:"id"`
	Price    int64  `json:"price"` // minor units, of one piece
	Quantity int    `json:"quantity"`
	Quote    string `json:"quote,omitempty"` // that the price was shown with
}

// checkout is the shop's own backend at the end of an order. Each step can be done again, so an order that is sent twice is taken once:
// prices are agreed, the pieces reserved for a little longer, the code spent, and the pieces sold.
func (h *handler) checkout(c *fiber.Ctx) error {
	o, cart, err := h.readOrder(c)
	if err != nil {
		return tell(c, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), tillTime)
	defer cancel()
	rose, err := h.price(ctx, o)
	if err != nil {
		return tell(c, err)
	}
	if rose && o.Agreed != o.Total {
		return c.Status(fiber.StatusConflict).JSON(fiber.Map{"order": o, "error": fiber.Map{
			"code": "price_rose", "message": language(c).T("shop.price_rose"),
		}})
	}
	var status *StatusError
	_, err = h.hold(ctx, o.Order, cart)
	sold := errors.As(err, &status) && status.Code == "reservation_committed" // the answer to the first try was lost
	if err != nil && !sold {
		return tell(c, h.tillError(err))
	}
	if err := h.redeem(ctx, o); err != nil {
		return tell(c, err)
	}
	if !sold {
		if err := h.send(ctx, request{method: "POST", path: "/v1/reservations/" + o.Order + "/commit", secret: true}); err != nil {
			return tell(c, h.tillError(err))
		}
	}
	return c.JSON(o)
}

// readOrder takes an order as the page sends it. The cart has its lines with the shop's items, one an item.
func (h *handler) readOrder(c *fiber.Ctx) (*order, []line, error) {
	o := new(order)
	if n := c.Request().Header.ContentLength(); n < 0 || n > maxOrderBytes {
		return nil, nil, problem(fiber.StatusRequestEntityTooLarge, "too_large", "an order is small and says its length")
	}
	if json.Unmarshal(c.Request().Body(), o) != nil {
		return nil, nil, problem(fiber.StatusBadRequest, "bad_json", "the order cannot be read")
	}
	if !validOrder(o.Order) || len(o.Lines) == 0 || len(o.Lines) > mostLines {
		return nil, nil, problem(fiber.StatusBadRequest, "bad_order", "an order has a number and 1 to 50 lines")
	}
	var cart []line
	for i := range o.Lines {
		l := &o.Lines[i]
		it := h.Catalog.Item(l.ID)
		if it == nil || l.Quantity < 1 || l.Quantity > mostPieces {
			return nil, nil, problem(fiber.StatusBadRequest, "bad_line", "a line has a known item and 1 to 99 pieces")
		}
		cart = append(cart, line{it, l.Quantity})
	}
	return o, cart, nil
}

// redeem spends the order's code, if it has one, and takes what it is worth off the total.
func (h *handler) redeem(ctx context.Context, o *order) error {
	if o.Code == "" {
		return nil
	}
	type cartLine struct {
		ID       string `json:"item_id"`
		Quantity int    `json:"quantity"`
		Price    int64  `json:"price"`
	}
	var lines []cartLine
	for _, l := range o.Lines {
		lines = append(lines, cartLine{l.ID, l.Quantity, l.Price})
	}
	body, err := json.Marshal(map[string]any{
		"code": o.Code, "transaction_id": o.Order, "cart": map[string]any{"value": o.Total, "currency": Currency, "lines": lines},
	})
	if err != nil {
		panic(err) // plain values always encode
	}
	var got struct{ Discount int64 }
	err = h.send(ctx, request{method: "POST", path: "/v1/offers/redeem", secret: true, kind: "application/json", body: body, into: &got})
	var status *StatusError
	if errors.As(err, &status) && status.Status/100 == 4 && status.Status != fiber.StatusTooManyRequests {
		return told(fiber.StatusConflict, "bad_code", func(t *text.Printer) string {
			why := status.Message
			if t.Has("shop.code_" + status.Code) {
				why = t.T("shop.code_" + status.Code)
			}
			return t.T("shop.code_refused", "why", why)
		})
	}
	if err != nil {
		return h.tillError(err)
	}
	o.Discount = min(got.Discount, o.Total)
	o.Total -= o.Discount
	return nil
}

// tillProblem is what the page is told when an order is not taken.
type tillProblem struct {
	status int
	code   string
	say    func(*text.Printer) string
	item   string // that it is about, if any
	free   int64  // pieces of it
}

func (p *tillProblem) Error() string { return p.say(text.For("en")) }

// problem is one of the page's making: it is for who writes pages, and in English.
func problem(status int, code, message string) *tillProblem {
	return told(status, code, func(*text.Printer) string { return message })
}

// told is a problem that shoppers read.
func told(status int, code string, say func(*text.Printer) string) *tillProblem {
	return &tillProblem{status: status, code: code, say: say}
}

func tell(c *fiber.Ctx, err error) error {
	var p *tillProblem
	if !errors.As(err, &p) {
		return err
	}
	body := fiber.Map{"code": p.code, "message": p.say(language(c))}
	if p.item != "" {
		body["item"], body["free"] = p.item, p.free
	}
	return c.Status(p.status).JSON(fiber.Map{"error": body})
}

// tillError says in the shop's words why an order did not go through. What is not said by the API tells the page to try again: the
// order keeps its number.
func (h *handler) tillError(err error) *tillProblem {
	var status *StatusError
	if errors.As(err, &status) {
		switch {
		case status.Code == "sold_out":
			p := told(fiber.StatusConflict, "sold_out", func(t *text.Printer) string {
				return t.T("shop.faster") + " " + h.left(t, status.Item, status.Free)
			})
			p.item, p.free = status.Item, status.Free
			return p
		case status.Status == fiber.StatusNotFound:
			return told(fiber.StatusConflict, "not_sold", func(t *text.Printer) string { return t.T("shop.not_sold") })
		case status.Status == fiber.StatusConflict:
			return told(fiber.StatusConflict, "order_changed", func(t *text.Printer) string { return t.T("shop.order_changed") })
		}
	}
	return told(fiber.StatusServiceUnavailable, "till_closed", func(t *text.Printer) string { return t.T("shop.till_closed") })
}

func (h *handler) left(t *text.Printer, item string, free int64) string {
	title := item
	if it := h.Catalog.Item(item); it != nil {
		title = it.Title
	}
	if free == 0 {
		return t.T("shop.nothing_free", "item", title)
	}
	return t.T("shop.only_free", "item", title, "n", free)
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
