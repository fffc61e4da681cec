package main

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// TestSegmentsHoldWhoTheirConditionsSay makes a segment, sees who is in it, and removes it.
func TestSegmentsHoldWhoTheirConditionsSay(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.want(202, "PUT", "/v1/items", in.secret, `{"item_id":"sku-1","title":"Kettle","price":2000,"currency":"EUR","stock":99,"category":["kitchen"],"brand":"Hot"}`, nil)
	now := time.Now().UnixMilli()
	act := func(visitor, name, more string, before int64) {
		t.Helper()
		eventCount++
		in.want(202, "POST", "/v1/events", in.public, fmt.Sprintf(`{"sent_at":%d,"visitor":%q,"events":[{"id":"s%d","name":%q,"ts":%d,%s}]}`,
			now, visitor, eventCount, name, now-before, more), nil)
	}
	item := `"currency":"EUR","items":[{"item_id":"sku-1","price":2000,"quantity":1}]`
	const day = 24 * 3600_000
	act("v_fresh", "view_item", item, 1000)
	act("v_buyer", "purchase", item+`,"transaction_id":"t-1","value":2000`, 20*day)
	act("v_buyer", "view_item", item, 900)

	in.want(201, "PUT", "/v1/segments/kitchen", in.secret, `{"title":"Kitchen","conditions":[{"feature":"category","op":"is","values":["kitchen"]},{"feature":"orders","op":"at_least","value":1}]}`, nil)
	var profile struct {
		Visits   int
		Spent    int64
		Segments []string
	}
	in.want(200, "GET", "/v1/visitors/v_fresh", in.secret, "", &profile)
	if !slices.Equal(profile.Segments, []string{"new"}) || profile.Visits != 1 {
		t.Errorf("%+v", profile)
	}
	in.want(200, "GET", "/v1/visitors/v_buyer", in.secret, "", &profile)
	for _, want := range []string{"kitchen", "lapsing", "returning"} {
		if !slices.Contains(profile.Segments, want) {
			t.Errorf("%s is not among %v", want, profile.Segments)
		}
	}
	if profile.Spent != 2000 || profile.Visits != 2 {
		t.Errorf("%+v", profile)
	}

	in.until("a count of everybody", func() bool {
		var list struct{ Segments []segmentAnswer }
		in.want(200, "GET", "/v1/segments", in.secret, "", &list)
		return slices.ContainsFunc(list.Segments, func(s segmentAnswer) bool {
			return s.ID == "kitchen" && s.Own && s.Shoppers == 1 && s.Here == 1
		})
	})
	in.want(400, "PUT", "/v1/segments/kitchen", in.secret, `{"title":"Kitchen","conditions":[{"feature":"mood","op":"is","values":["good"]}]}`, nil)
	in.want(200, "DELETE", "/v1/segments/kitchen", in.secret, "", nil)
	in.want(404, "DELETE", "/v1/segments/kitchen", in.secret, "", nil)
	in.want(404, "DELETE", "/v1/segments/new", in.secret, "", nil)
	in.want(200, "GET", "/v1/visitors/v_buyer", in.secret, "", &profile)
	if slices.Contains(profile.Segments, "kitchen") {
		t.Error("a removed segment still holds somebody")
	}
}
