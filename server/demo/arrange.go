package demo

import (
	"context"
	"encoding/json"
	"fmt"
)

// The demo's prices live faster than a shop's would: what shops observe for a day it observes for minutes, so that somebody who looks for
// a quarter of an hour sees the engine at work. Limits and law are those of any shop.
const (
	demoSlotMs  = 2 * 60_000
	demoDwellMs = 4 * 60_000
)

// arrange lets the price engine work and starts a campaign that rescues carts.
func arrange(ctx context.Context, account Account) error {
	settings := map[string]any{
		"scope": "site",
		"settings": map[string]any{
			"mode": "auto", "slot_ms": demoSlotMs, "dwell_ms": demoDwellMs, "margin": 0.2, "breaker": 1, "rounding": map[string]int{"step": 100, "ending": 90},
		},
	}
	campaign := map[string]any{
		"title":    "Still thinking? Take 10% off your cart",
		"trigger":  map[string]any{"kind": "cart_at_risk", "idle_s": 12, "min_views": 2},
		"discount": map[string]any{"kind": "percent", "value": 10, "max": 2500},
		"holdout":  0.2, "caps": map[string]any{"per_shopper": 1, "per_day": 2000}, "budget": map[string]any{"amount": 250_000, "currency": Currency},
		"ttl_s": 900,
	}
	for _, put := range []struct {
		path string
		body any
	}{{"/v1/pricing/settings", settings}, {"/v1/campaigns/rescue", campaign}} {
		body, err := json.Marshal(put.body)
		if err != nil {
			return err
		}
		if err := account.send(ctx, request{method: "PUT", path: put.path, secret: true, kind: "application/json", body: body}); err != nil {
			return fmt.Errorf("%s: %w", put.path, err)
		}
	}
	return nil
}
