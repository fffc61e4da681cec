package main

import (
	"fmt"
	"testing"
	"time"

	"beckon/clickstream"
)

func TestAFallOfTakenRecommendationsIsAnAlert(t *testing.T) {
	n := openHere(t, 1)
	var facts []clickstream.Fact
	at := time.Now().Add(-6 * time.Hour).UnixMilli()
	for i := range 30_000 {
		at += 500
		e := clickstream.Event{
			Site: "test", Visitor: fmt.Sprint("v", i), Kind: clickstream.Impression, Time: at, Placement: "home", Items: []clickstream.Item{{ID: "sku-0"}},
		}
		facts = append(facts, clickstream.Fact{Event: &e})
		every := 10
		if i >= 15_000 {
			every = 50
		}
		if i%every == 0 {
			taken := clickstream.Event{Site: "test", Visitor: e.Visitor, Kind: clickstream.ViewItem, Time: at, Items: e.Items}
			facts = append(facts, clickstream.Fact{Event: &taken})
		}
	}
	site, _ := n.shop.Site("test")
	if f := n.findAlerts(&site, n.now()); f.total["recommendations"] != 0 {
		t.Fatalf("an alert before anything was shown: %+v", f.alerts)
	}
	if err := n.drift.ApplyFacts(facts); err != nil { // beside the runner, which has nothing to fold
		t.Fatal(err)
	}
	f := n.findAlerts(&site, n.now())
	if f.total["recommendations"] != 1 {
		t.Fatalf("got %+v, want one alert", f.alerts)
	}
	for _, a := range f.alerts {
		if a.Kind == "recommendations" && (a.Title != "home" || a.Numbers["taken_before"] < 0.08 || a.Numbers["taken"] > 0.03 || a.Since == 0) {
			t.Errorf("got %+v", a)
		}
	}
}
