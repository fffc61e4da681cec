package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"beckon/pricing"
	"beckon/pricing/offers"
	"beckon/server/shop"
)

// bare is v as JSON.
func bare(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

const kettleCampaign = `{"title":"Take 10%% off","trigger":{"kind":"cart_at_risk"},"discount":{"kind":"percent","value":%d},"budget":{"amount":1000,"currency":"EUR"},"ttl_s":900,"disclosure":"For carts that wait."}`

// undone are changes of prices, offers, rules and segments, each with what makes it visible.
var undone = []struct {
	name    string
	prepare []shop.Command // before the change that is taken back
	do      shop.Command
	state   func(n *node) string
}{
	{"a price that was set", nil, submits(pricing.DoSet, "", `{"item":"sku-0","amount":1799,"force":true}`), publicPrice},
	{"an undone price", []shop.Command{submits(pricing.DoSet, "", `{"item":"sku-0","amount":1799,"force":true}`)}, submits(pricing.DoUndo, "", `{"item":"sku-0"}`), publicPrice},
	{"the first settings", nil, submits(pricing.DoSettings, "", `{"scope":"site","settings":{"mode":"suggest","margin":0.2}}`), allPriceSettings},
	{
		"settings after others",
		[]shop.Command{submits(pricing.DoSettings, "", `{"scope":"category","key":"k","settings":{"margin":0.1}}`)},
		submits(pricing.DoSettings, "", `{"scope":"category","key":"k","settings":{"margin":0.2,"max_step":0.05}}`), allPriceSettings,
	},
	{"a freeze", nil, submits(pricing.DoFreeze, "", `{"scope":"item","key":"sku-0","on":true}`), allPriceSettings},
	{"a thaw", []shop.Command{submits(pricing.DoFreeze, "", `{"scope":"site","on":true}`)}, submits(pricing.DoFreeze, "", `{"scope":"site","on":false}`), allPriceSettings},
	{"a markdown", nil, shop.Command{Do: pricing.DoMarkdown, ID: "m1", Body: pricing.Announce{Items: []string{"sku-0"}, Percent: 20, Until: time.Now().Add(24 * time.Hour).UnixMilli()}}, publicPrice},
	{
		"a markdown to come", nil, shop.Command{Do: pricing.DoMarkdown, ID: "m1", Body: pricing.Announce{
			Items: []string{"sku-0"}, Percent: 20, From: time.Now().Add(time.Hour).UnixMilli(), Until: time.Now().Add(24 * time.Hour).UnixMilli(),
		}}, markdowns,
	},
	{"a campaign", nil, submits(offers.DoCampaign, "c1", fmt.Sprintf(kettleCampaign, 10)), campaign},
	{
		"a campaign's settings",
		[]shop.Command{submits(offers.DoCampaign, "c1", fmt.Sprintf(kettleCampaign, 10))},
		submits(offers.DoCampaign, "c1", fmt.Sprintf(kettleCampaign, 20)), campaign,
	},
	{
		"a campaign that is paused",
		[]shop.Command{submits(offers.DoCampaign, "c1", fmt.Sprintf(kettleCampaign, 10))},
		submits(offers.DoState, "c1", `{"state":"paused"}`), campaign,
	},
	{
		"a campaign that is removed",
		[]shop.Command{submits(offers.DoCampaign, "c1", fmt.Sprintf(kettleCampaign, 10)), submits(offers.DoState, "c1", `{"state":"paused"}`)},
		submits(offers.DoState, "c1", `{"state":"removed"}`), campaign,
	},
	{"a rule", nil, submits("rule.put", "r1", kettleRule("boost")), theRules},
	{"a rule's settings", []shop.Command{submits("rule.put", "r1", kettleRule("boost"))}, submits("rule.put", "r1", kettleRule("bury")), theRules},
	{"a rule that is paused", []shop.Command{submits("rule.put", "r1", kettleRule("boost"))}, submits("rule.state", "r1", `{"state":"paused"}`), theRules},
	{
		"a rule that is removed",
		[]shop.Command{submits("rule.put", "r1", kettleRule("boost")), submits("rule.state", "r1", `{"state":"paused"}`)},
		submits("rule.remove", "r1", ""), theRules,
	},
	{"a segment", nil, submits("segment.put", "s1", kettleSegment("Big", 3)), theSegments},
	{"a segment's settings", []shop.Command{submits("segment.put", "s1", kettleSegment("Big", 3))}, submits("segment.put", "s1", kettleSegment("Huge", 9)), theSegments},
	{"a segment that is removed", []shop.Command{submits("segment.put", "s1", kettleSegment("Big", 3))}, submits("segment.remove", "s1", ""), theSegments},
}

func submits(do, id, body string) shop.Command {
	c := shop.Command{Do: do, ID: id}
	if body != "" {
		c.Body = []byte(body)
	}
	return c
}

func kettleRule(action string) string {
	return fmt.Sprintf(`{"id":"r1","title":"Kettles","action":%q,"where":{"categories":["kettles"]}}`, action)
}

func kettleSegment(title string, visits int) string {
	return fmt.Sprintf(`{"id":"s1","title":%q,"conditions":[{"feature":"visits","op":"at_least","value":%d}]}`, title, visits)
}

func publicPrice(n *node) string {
	it, _ := n.shop.Item("test", "sku-0")
	return fmt.Sprint(it.Public)
}

func allPriceSettings(n *node) string {
	v := n.folds.book.Site("test", n.now().UnixMilli())
	return bare([]any{v.Settings, v.Categories, v.Frozen, v.FrozenItems})
}

func markdowns(n *node) string { return bare(n.folds.book.Markdowns("test")) }

func campaign(n *node) string {
	r, ok := n.folds.offers.Campaign("test", "c1")
	if !ok {
		return "none"
	}
	return fmt.Sprint(r.Campaign.Title, " ", r.Campaign.Discount.Value, " ", r.Campaign.State)
}

func theRules(n *node) string { return stateOf(n.folds.rules.list("test")) }

func theSegments(n *node) string { return stateOf(n.folds.segments.Of("test").Definitions()) }

// stateOf is a list without the times at which its members changed.
func stateOf(list any) string {
	var all []map[string]any
	if err := json.Unmarshal([]byte(bare(list)), &all); err != nil {
		return err.Error()
	}
	for _, one := range all {
		delete(one, "created")
		delete(one, "changed")
	}
	return bare(all)
}

func TestEveryChangeOfPricesOffersRulesAndSegmentsIsTakenBack(t *testing.T) {
	for _, c := range undone {
		t.Run(c.name, func(t *testing.T) {
			n := openHere(t, 2)
			submit := func(k shop.Command) uint64 {
				t.Helper()
				k.Site = "test"
				_, offset, err := n.shop.Submit(t.Context(), "user anna", k)
				if err != nil {
					t.Fatalf("%s: %v", k.Do, err)
				}
				return offset
			}
			for _, k := range c.prepare {
				submit(k)
			}
			before := c.state(n)
			at := submit(c.do)
			after := c.state(n)
			if after == before {
				t.Fatalf("%s changed nothing of %s", c.do.Do, before)
			}
			e, ok, err := n.shop.ChangeAt(at)
			if err != nil || !ok || !e.Undo {
				t.Fatalf("got %+v, %v, %v; want a change that can be undone", e, ok, err)
			}
			if _, err := n.undo(t.Context(), "user ben", "other", at); err == nil {
				t.Error("another shop takes it back")
			}
			undo, err := n.undo(t.Context(), "user ben", "test", at)
			if err != nil {
				t.Fatal(err)
			}
			if got := c.state(n); got != before {
				t.Errorf("undone: got %s, want %s", got, before)
			}
			if now, _, _ := n.shop.ChangeAt(undo); now.Undoes != at || now.Actor != "user ben" {
				t.Errorf("got %+v, want ben's undo of %d", now, at)
			}
			if _, err := n.undo(t.Context(), "user ben", "test", at); err == nil {
				t.Error("it was taken back twice")
			}
			again, err := n.undo(t.Context(), "user anna", "test", undo)
			var refused *shop.Refusal
			switch {
			case errors.As(err, &refused) && c.name == "a markdown": // it would go on from the reduced price: 20 % off 20 % off
			case err != nil:
				t.Fatalf("do it again: %v", err)
			case c.state(n) != after && !strings.HasPrefix(c.state(n), "Take"):
				t.Errorf("done again: got %s, want %s", c.state(n), after)
			}
			if _, ok, err := n.shop.ChangeAt(again); again != 0 && (!ok || err != nil) {
				t.Errorf("record %d is no change: %v", again, err)
			}
		})
	}
}

func TestAnUndoOfAPriceIsRefusedOnceAnotherIsInForce(t *testing.T) {
	n := openHere(t, 1)
	set := func(amount int) uint64 {
		t.Helper()
		_, offset, err := n.shop.Submit(t.Context(), "user anna", shop.Command{
			Do: pricing.DoSet, Site: "test", Body: []byte(fmt.Sprintf(`{"item":"sku-0","amount":%d,"force":true}`, amount)),
		})
		if err != nil {
			t.Fatal(err)
		}
		return offset
	}
	first := set(1799)
	set(1699)
	_, err := n.undo(t.Context(), "user anna", "test", first)
	var r *shop.Refusal
	if !errors.As(err, &r) || r.Code != "changed_since" {
		t.Errorf("got %v, want changed_since", err)
	}
	if got := publicPrice(n); got != "1699" {
		t.Errorf("the price is %s", got)
	}
}
