package main

import (
	"regexp"
	"strings"
	"testing"
)

// changeLink is the newest change of the list whose words hold text.
func changeLink(t *testing.T, page, text string) string {
	t.Helper()
	for _, m := range regexp.MustCompile(`<a href="(/admin/audit/\d+)[^"]*">([^<]*)</a>`).FindAllStringSubmatch(page, -1) {
		if strings.Contains(m[2], text) {
			return m[1]
		}
	}
	t.Fatalf("no change %q in %s", text, page)
	return ""
}

func TestAPriceIsTakenBackFromThePageOfChanges(t *testing.T) {
	in := priced(t)
	in.want(200, "POST", "/v1/prices", in.secret, `{"item_id":"a","amount":900,"force":true}`, nil)
	anna := in.reads("anna", "merchandiser")
	list := anna.wants("/admin/audit", "Kettle", "€10.00 → €9.00", "2 items imported")
	at := changeLink(t, list, "Price of Kettle set by hand")
	anna.wants(at, "€10.00", "€9.00", "As it stands in the log")
	if status, page := anna.post(at+"/undo", "back", "/admin/audit?kind=price"); status != 200 || !strings.Contains(page, "Taken back: ") {
		t.Fatalf("undo answered %d: %s", status, page)
	}
	if got := in.amount("a"); got != 1000 {
		t.Errorf("the price is %d, want 1000", got)
	}
	anna.wants("/admin/audit?kind=price", "Undone", "put back", "anna")
	if status, page := anna.post(at + "/undo"); status != 422 || !strings.Contains(page, "This could not be undone") {
		t.Errorf("a second undo answered %d: %s", status, page)
	}
	if got := in.amount("a"); got != 1000 {
		t.Errorf("the price is %d after a refused undo", got)
	}
	anna.wants(at, "History of the same setting", "Taken back by")
}

func TestChangesAreSeenAndUndoneByWhoMay(t *testing.T) {
	in := priced(t)
	_, otherSecret := in.makeSite("other")
	in.want(202, "PUT", "/v1/items", otherSecret, `{"item_id":"z","title":"Secret thing"}`, nil)
	admin := in.reads("adam", "admin")
	list := admin.wants("/admin/audit?site=test", "adam logged in", "API key")
	key := changeLink(t, list, "API key")
	viewer := in.reads("vera", "viewer", "test")
	page := viewer.wants("/admin/audit?site=test", "2 items imported")
	for _, hidden := range []string{"logged in", "Person ", "Secret thing", ">Undo</button>"} {
		if strings.Contains(page, hidden) {
			t.Errorf("a viewer of one shop sees %q", hidden)
		}
	}
	viewer.wants("/admin/account") // its forms have the session's token
	if status, page := viewer.post(key + "/undo?site=test"); status != 403 || strings.Contains(page, "the form was too old") {
		t.Errorf("a viewer's undo answered %d, want 403", status)
	}
	merchandiser := in.reads("mara", "merchandiser", "test")
	merchandiser.wants("/admin/account")
	if status, page := merchandiser.post(key + "/undo?site=test"); status != 403 || strings.Contains(page, "the form was too old") {
		t.Errorf("a merchandiser's undo of a key answered %d, want 403", status)
	}
	user := changeLink(t, admin.wants("/admin/audit?kind=user"), "Person mara added")
	if status, _ := merchandiser.get(user + "?site=test"); status != 404 {
		t.Errorf("a merchandiser reads of another person: %d, want 404", status)
	}
	item := changeLink(t, admin.wants("/admin/audit?site=other&kind=item"), "Secret thing")
	if status, _ := merchandiser.get(item + "?site=test"); status != 404 {
		t.Errorf("a change of another shop is read: %d, want 404", status)
	}
	if status, _ := merchandiser.post(item + "/undo?site=test"); status != 404 {
		t.Errorf("a change of another shop is taken back: %d, want 404", status)
	}
}

func TestChangesAreFilteredAndDownloaded(t *testing.T) {
	in := priced(t)
	in.want(200, "POST", "/v1/prices", in.secret, `{"item_id":"a","amount":900,"force":true,"note":"=cmd"}`, nil)
	in.want(200, "POST", "/v1/pricing/freeze", in.secret, `{"scope":"site","on":true}`, nil)
	admin := in.reads("adam", "admin")
	for query, want := range map[string]string{
		"kind=freeze": "Prices for the whole shop frozen", "id=a&kind=price": "Price of Kettle", "show=logins": "adam logged in", "actor=operator": "Shop test added",
		"from=2020-01-01&to=2020-01-02": "Nothing matches these filters", "from=x": "This is not a day", "kind=campaign": "Nothing matches these filters",
	} {
		page := admin.wants("/admin/audit?"+query, want)
		if rows := strings.Count(page, `<tr id="c`); want == "Nothing matches these filters" && rows > 0 {
			t.Errorf("%s: %d rows", query, rows)
		}
	}
	if page := admin.wants("/admin/audit?show=changes"); strings.Contains(page, "logged in") {
		t.Error("logins among changes only")
	}
	csv := admin.wants("/admin/audit/csv?kind=price", "Price of Kettle set by hand", `""price"":900`, "price.set")
	if lines := strings.Count(strings.TrimSpace(csv), "\n"); lines != 1 {
		t.Errorf("%d lines of one change: %s", lines, csv)
	}
	german := admin.wants("/admin/audit?lang=de", "Preis von Kettle von Hand gesetzt", "Änderungen")
	if strings.Contains(german, "audit.") && regexp.MustCompile(`>audit\.[a-z.]+<`).MatchString(german) {
		t.Error("a text has no German words")
	}
}

func TestHealthSaysThatAllIsWellAndReplaysLetters(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.want(202, "POST", "/v1/events", in.secret, batch("v1", event("good-1", "view_item", itemOf("a")), event("bad-1", "view_item", `"items":[{"item_id":""}]`)), nil)
	in.settle()
	anna := in.reads("anna", "merchandiser")
	page := anna.wants("/admin/health", "2 received = 1 stored + 0 repeats + 1 refused", "The newest refused events", "bad-1", "Try again")
	path := regexp.MustCompile(`/admin/health/letters/[^"?]+/replay`).FindString(page)
	if status, page := anna.post(path + "?site=test"); status != 422 || !strings.Contains(page, "This event was refused again") {
		t.Errorf("a letter that is still wrong answered %d: %s", status, page)
	}
	if status, _ := anna.post("/admin/health/letters/0-99/replay?site=test"); status != 422 {
		t.Errorf("a letter that is not there answered %d", status)
	}
	anna.wants("/admin/health/csv", "Nothing lost", "All readers", "Free space")
	viewer := in.reads("vera", "viewer")
	if page := viewer.wants("/admin/health"); strings.Contains(page, "/replay") {
		t.Error("a viewer may try letters again")
	}
	if status, _ := viewer.post(path + "?site=test"); status != 403 {
		t.Errorf("a viewer's replay answered %d", status)
	}
}
