package main

import (
	"strings"
	"testing"
)

func TestASegmentIsMadeChangedAndTakenBackOnItsPage(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.want(202, "POST", "/v1/events", in.public, batch("v_1", event("a", "view_item", itemOf("sku-1"))), nil)
	anna := in.reads("anna", "merchandiser")
	anna.wants("/admin/segments", "High value", "Make a segment")
	anna.wants("/admin/segments/new")
	phones := []string{"title", "Phones & tablets", "any", "any", "feature", "device", "op", "is", "value", "mobile, tablet", "feature", "", "op", "at_least", "value", ""}
	status, page := anna.post("/admin/segments/new", phones...)
	if status != 200 || !strings.Contains(page, "Phones &amp; tablets") || !strings.Contains(page, "Undo") {
		t.Fatalf("made: %d %s", status, page)
	}
	d, ok := in.segment(t, "phones-tablets")
	if !ok || !d.Any || len(d.Conditions) != 1 || len(d.Conditions[0].Values) != 2 {
		t.Fatalf("%+v", d)
	}
	status, page = anna.post("/admin/segments/phones-tablets", "title", "Phones", "any", "all", "feature", "spent", "op", "at_least", "value", "much")
	if status != 422 || !strings.Contains(page, "A number is needed here.") || !strings.Contains(page, `value="much"`) {
		t.Errorf("refused: %d %s", status, page)
	}
	anna.post("/admin/segments/phones-tablets", "title", "Phones", "any", "all", "feature", "visits", "op", "at_least", "value", "3")
	if d, _ := in.segment(t, "phones-tablets"); d.Title != "Phones" || d.Conditions[0].Value != 3 {
		t.Errorf("%+v", d)
	}
	status, page = anna.get("/admin/segments/preview?title=x&any=all&feature=visits&op=at_least&value=1")
	if status != 200 || !strings.Contains(page, "v_1") || strings.Contains(page, "<html") {
		t.Errorf("preview: %d %s", status, page)
	}
	anna.wants("/admin/segments?format=csv", "phones-tablets,Phones,")
	anna.post("/admin/segments/phones-tablets/remove")
	if _, ok := in.segment(t, "phones-tablets"); ok {
		t.Error("it is there still")
	}
	if status, _ := anna.get("/admin/segments/phones-tablets"); status != 404 {
		t.Errorf("a removed segment's page: %d", status)
	}
	viewer := in.reads("vera", "viewer")
	if status, _ := viewer.get("/admin/segments/new"); status != 403 {
		t.Errorf("a viewer's new segment: %d", status)
	}
}

// segment is one of the site's segments as the API tells it.
func (in *installation) segment(t *testing.T, id string) (found segmentAnswer, ok bool) {
	t.Helper()
	var list struct{ Segments []segmentAnswer }
	in.want(200, "GET", "/v1/segments", in.secret, "", &list)
	for _, s := range list.Segments {
		if s.ID == id {
			return s, true
		}
	}
	return found, false
}
