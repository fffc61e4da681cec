package demo

import (
	"context"
	"encoding/json"
)

// price gives each line what is to be paid for it, and the order its total. A price that was quoted is kept to while the quote holds,
// unless the current one is lower; any other is the current one. rose says that some line costs more than the page showed.
func (h *handler) price(ctx context.Context, o *order) (rose bool, err error) {
	o.Total, o.Discount, o.Currency = 0, 0, Currency
	for i := range o.Lines {
		l := &o.Lines[i]
		price, err := h.toPay(ctx, l)
		if err != nil {
			return false, h.tillError(err)
		}
		rose = rose || price > l.Price
		l.Price = price
		o.Total += price * int64(l.Quantity)
	}
	return rose, nil
}

func (h *handler) toPay(ctx context.Context, l *orderLine) (int64, error) {
	if l.Quote != "" {
		var got struct {
			Valid  bool
			Item   string `json:"item_id"`
			Amount int64
		}
		body, err := json.Marshal(map[string]string{"quote": l.Quote})
		if err != nil {
			panic(err) // plain values always encode
		}
		err = h.send(ctx, request{method: "POST", path: "/v1/quotes/verify", secret: true, kind: "application/json", body: body, into: &got})
		if err != nil {
			return 0, err
		}
		if got.Valid && got.Item == l.ID {
			return got.Amount, nil
		}
	}
	var got struct {
		Price  int64  // of the list
		Public *int64 // in force
	}
	if err := h.send(ctx, request{method: "GET", path: "/v1/items/" + l.ID, secret: true, into: &got}); err != nil {
		return 0, err
	}
	if got.Public != nil {
		return *got.Public, nil
	}
	return got.Price, nil
}
