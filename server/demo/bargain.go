package demo

import (
	"context"
	"encoding/json"
	"math"
	"net/url"
	"time"
)

// priceSense is the elasticity of the demo's shoppers: a price that is 10 % higher is bought a fifth less often.
const priceSense = 2.2

// willing is by how much an item's price at the moment makes it more or less likely to be bought than at the price it was made for.
func (w *walk) willing(ctx context.Context, it *Item) float64 {
	if w.price == nil {
		return 1
	}
	return math.Pow(float64(w.price(ctx, it))/float64(it.Price), -priceSense)
}

// price asks for the price of an item on whose page the shopper is. One that cannot be had is the catalog's.
func (p *place) price(ctx context.Context, it *Item) int64 {
	var got struct {
		Prices []struct{ Amount int64 }
	}
	if p.try(ctx, request{method: "GET", path: "/v1/prices?items=" + url.QueryEscape(it.ID), token: p.token, into: &got}) && len(got.Prices) == 1 {
		p.prices[it.ID] = got.Prices[0].Amount
		return got.Prices[0].Amount
	}
	return it.Price
}

const (
	hesitate = 40 * time.Second // how long somebody who thinks again leaves the page open
	askAgain = 5 * time.Second
	rescued  = 0.5 // of those who are offered something while they think
)

// thinkAgain waits with a full cart, as people do whose telephone rings. Whoever is offered something meanwhile may come back for it.
func (w *walk) thinkAgain(ctx context.Context) {
	if w.offer == nil || w.r.Float64() < 0.5 {
		return
	}
	if code := w.offer(ctx); code != "" && w.r.Float64() < rescued {
		w.pay(ctx, code)
	}
}

// offer looks, for as long as a shopper hesitates, for an offer, and returns its code.
func (p *place) offer(ctx context.Context) string {
	for end := time.Now().Add(hesitate); time.Now().Before(end) && pause(ctx, askAgain); {
		var got struct {
			Offers []struct{ Code string }
		}
		if !p.try(ctx, request{method: "GET", path: "/v1/offers", token: p.token, into: &got}) {
			return ""
		}
		if len(got.Offers) > 0 {
			return got.Offers[0].Code
		}
	}
	return ""
}

// redeem is the shop's backend that takes a code: what it takes off the cart, 0 when it is no good.
func (p *place) redeem(ctx context.Context, order, code string, value int64) int64 {
	if p.account.Secret == "" {
		return 0
	}
	body, err := json.Marshal(map[string]any{
		"code": code, "transaction_id": order, "visitor": p.visitor, "cart": map[string]any{"value": value, "currency": Currency},
	})
	if err != nil {
		panic(err) // plain values always encode
	}
	var got struct{ Discount int64 }
	if p.account.send(ctx, request{method: "POST", path: "/v1/offers/redeem", secret: true, kind: "application/json", body: body, into: &got}) != nil {
		return 0 // it expired meanwhile: they pay what it costs
	}
	return got.Discount
}
