package main

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"beckon/server/shop"
)

// openHistoryDesk is a desk whose node keeps history in an engine of its own.
func openHistoryDesk(t *testing.T) *desk {
	t.Helper()
	dir := t.TempDir()
	none := func(string) string { return "" }
	if err := run(t.Context(), []string{"sites", "create", "test", "--data", dir}, none, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	e := env{getenv: none, stdout: io.Discard, stderr: io.Discard}
	cfg, err := serveConfig(e, []string{"--data", dir, "--history", "auto"})
	if err != nil {
		t.Fatal(err)
	}
	n, stop, err := openNode(t.Context(), e, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	kettlesAt(t, n, 5, 1999)
	return serveDesk(t, n)
}

// happen posts events of a visitor to the site "test", and waits until the folds have them.
func (d *desk) happen(visitor string, events ...string) {
	d.t.Helper()
	key, err := d.n.shop.CreateKey(d.t.Context(), "test", "test", shop.KeySpec{Kind: shop.SecretKey})
	if err != nil {
		d.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(d.t.Context(), "POST", d.url+"/v1/events", strings.NewReader(batch(visitor, events...)))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key.Text)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, _ := io.ReadAll(resp.Body); resp.StatusCode != 202 || !strings.Contains(string(text), fmt.Sprintf(`"accepted":%d`, len(events))) {
		d.t.Fatalf("events: %d %s", resp.StatusCode, text)
	}
	if err := d.n.settle(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

// visit lets a visitor be shown sku-1 and sku-2, click sku-1, and go on as far as it goes.
func (d *desk) visit(visitor string, far int) {
	d.t.Helper()
	rec := fmt.Sprintf(`"rec_id":"r-%s","placement":"home"`, visitor)
	now := time.Now().UnixMilli()
	begin := max(now-60_000, now-now%dayMs) // today
	for i, e := range []struct{ name, more string }{
		{"view_item", itemOf("sku-0")},
		{"impression", rec + `,"items":[{"item_id":"sku-1","reason":"trending"},{"item_id":"sku-2","reason":"session"}]`},
		{"impression", rec + `,"items":[{"item_id":"sku-1"}]`}, // came into view
		{"select_item", rec + "," + itemOf("sku-1")},
		{"view_item", itemOf("sku-1")},
		{"add_to_cart", itemOf("sku-1")},
		{"begin_checkout", itemOf("sku-1")},
		{"purchase", fmt.Sprintf(`"transaction_id":"t-%s","currency":"EUR","value":1999,"items":[{"item_id":"sku-1","price":1999,"quantity":1}]`, visitor)},
	}[:far] {
		d.happen(visitor, fmt.Sprintf(`{"id":"%s-%d","name":%q,"ts":%d,%s}`, visitor, i, e.name, begin+int64(i)*1000, e.more))
	}
}

var tag = regexp.MustCompile(`<[^>]*>`)

// wordsOf is a page's text, its tags replaced by spaces.
func wordsOf(html string) string {
	return strings.Join(strings.Fields(tag.ReplaceAllString(html, " ")), " ")
}

func (p *person) wantWords(path string, want ...string) string {
	p.d.t.Helper()
	got := p.get(path)
	if got.StatusCode != 200 {
		p.d.t.Errorf("%s: %d\n%s", path, got.StatusCode, got.body)
	}
	text := wordsOf(got.body)
	for _, w := range want {
		if !strings.Contains(text, w) {
			p.d.t.Errorf("%s: there is no %q in %s", path, w, text)
		}
	}
	return got.body
}

func (p *person) wantCSV(path string, rows ...string) {
	p.d.t.Helper()
	got := p.get(path)
	if got.StatusCode != 200 || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/csv") {
		p.d.t.Errorf("%s: %d %s\n%s", path, got.StatusCode, got.Header.Get("Content-Type"), got.body)
	}
	for _, row := range rows {
		if !strings.Contains(got.body, row) {
			p.d.t.Errorf("%s: there is no row %q in\n%s", path, row, got.body)
		}
	}
}

// TestPagesTellWhatTheHistoryHas has four visitors, of whom two buy what was recommended, and looks at all pages that ask about them.
func TestPagesTellWhatTheHistoryHas(t *testing.T) {
	d := openHistoryDesk(t)
	for visitor, far := range map[string]int{"a": 8, "b": 8, "c": 6, "d": 3} {
		d.visit(visitor, far)
	}
	if err := d.n.settleHistory(t.Context()); err != nil {
		t.Fatal(err)
	}
	vera := d.as("vera")
	today := time.Now().UTC().Format(time.DateOnly)
	days := "site=test&from=" + today + "&to=" + today

	page := vera.wantWords("/admin/recommendations?"+days, "What recommendations led to", "Right now", "Trending")
	if !strings.Contains(page, `data-src="/admin/recommendations/period?from=`+today) {
		t.Errorf("the page does not ask for its parts:\n%s", page)
	}
	// Eight items were shown with a reason, and one of two was clicked by three visitors.
	vera.wantWords("/admin/recommendations/period?"+days, "3 clicked of 8 items shown", "37.50%", "€39.98", "Trending 4 3 75.00%", "Fits this visit 4 0 0.00%")
	vera.wantCSV("/admin/recommendations/period.csv?"+days, "Home page,Trending,4,3,0.750000,", ",3,2,1,0,0,39.98")
	vera.wantWords("/admin/recommendations/items?"+days, "40%", "2 different items; 5 can be bought now", "Kettle sku-1 4 3 3 2 €39.98", "sku-2 4 0")
	vera.wantCSV("/admin/recommendations/items.csv?"+days, "sku-1,Kettle,4,3,3,2,39.98")
	vera.wantWords("/admin/recommendations/period?site=test&from=2020-01-01&to=2020-01-07", "Nothing was recommended on these days")

	// What is counted in memory and what the history says is the same.
	steps := "&step1=view_item&step2=add_to_cart&step3=purchase"
	for _, when := range []string{"&range=30m", "&range=today", "&range=days"} {
		vera.wantWords("/admin/funnels/part?"+days+when+steps, "Looked at an item 4 100.0%", "Put into the cart 3 75.0%", "Bought 2 50.0%", "1 visitor was lost here.")
		vera.wantWords("/admin/funnels/part?"+days+when+steps+"&by=device", "Other 4 3 (75%) 2 (67%)")
		vera.wantWords("/admin/funnels/part?"+days+when+steps+"&by=source", "directly 4 3 (75%) 2 (67%)")
		vera.wantWords("/admin/funnels/part?"+days+when+steps+"&device=desktop", "Nobody took the first step")
		vera.wantCSV("/admin/funnels.csv?"+days+when+steps, ",Put into the cart,add_to_cart,3,1,0.750000,0.750000,")
		body := vera.wantWords("/admin/paths/part?"+days+when+"&back=1h&length=3", "Orders 2", "Kettle 2 orders 100%")
		if strings.Count(wordsOf(body), "Kettle → Kettle 2 100.0%") != 1 {
			t.Errorf("%s: no path from sku-0 over sku-1 in %s", when, wordsOf(body))
		}
		vera.wantWords("/admin/paths/part?"+days+when+"&back=1h&item=sku-3", "Nobody bought anything")
		vera.wantCSV("/admin/paths.csv?"+days+when+"&back=1h", "Kettle → Kettle,sku-0 sku-1,2,1.000000,1")
	}
	// Two of the four bought nothing.
	vera.wantWords("/admin/funnels/part?"+days+"&range=days&segment=new"+steps, "Looked at an item 2 100.0%", "Bought 0 0.0%")
	vera.wantWords("/admin/paths/part?"+days+"&range=days&back=1h&segment=new", "Nobody bought anything")
	for _, segment := range []string{"new", "high_value"} {
		got := vera.get("/admin/funnels/part?site=test&range=today&segment=" + segment + steps)
		if got.StatusCode != 200 {
			t.Errorf("segment %s: %d %s", segment, got.StatusCode, got.body)
		}
	}
	vera.wantWords("/admin/funnels?site=test&range=days", "who was in it on past days is not kept")
	for _, path := range []string{"/admin/recommendations/period", "/admin/funnels/part", "/admin/paths.csv"} {
		if got := d.as("bo").get(path + "?site=test"); got.StatusCode == 200 && strings.Contains(got.body, "sku-1") {
			t.Errorf("%s: another shop's person sees %s", path, wordsOf(got.body))
		}
	}
}

func TestPreviewShowsWhyAndIsNoImpression(t *testing.T) {
	d := openDesk(t)
	d.visit("a", 8)
	d.visit("b", 8)
	vera := d.as("vera")
	before := d.n.position()
	body := vera.wantWords("/admin/recommendations/preview?site=test&visitor=a&placement=home&why=sku-1,sku-9", "Why not this one?",
		"The catalog has no item of this id.", "What would be shown", "Known of this visitor: visits: 1")
	if !strings.Contains(body, `data-preview="/admin/recommendations/preview/answer?site=test"`) {
		t.Error("the form has no preview")
	}
	vera.wantWords("/admin/recommendations/preview/answer?site=test&placement=item&item=sku-0&language=de", "A new visitor", "19,99")
	vera.wantWords("/admin/recommendations/preview/answer?site=test&segment=new", "For this preview in segment: New")
	if err := d.n.impressions.flushed(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := d.n.position(); after != before {
		t.Errorf("the log grew by %d records", after-before)
	}
	for _, wrong := range []string{"visitor=%20%3Cx%3E", "item=nothing-such"} {
		if got := vera.get("/admin/recommendations/preview?site=test&" + wrong); got.StatusCode != 422 || !strings.Contains(got.body, "field-error") {
			t.Errorf("%s: %d", wrong, got.StatusCode)
		}
	}
}

func TestWithoutHistoryPagesSayWhatToDoAndLiveOnesWork(t *testing.T) {
	d := openDesk(t)
	d.visit("a", 8)
	vera := d.as("vera")
	for _, path := range []string{"/admin/recommendations/period", "/admin/recommendations/items", "/admin/funnels/part?range=days", "/admin/paths/part?range=days"} {
		at, more, _ := strings.Cut(path, "?")
		body := vera.wantWords(at+"?site=test&"+more, "No history is kept", "Try again")
		if page := at[:strings.LastIndexByte(at, '/')] + "?"; !strings.Contains(body, `href="`+page) {
			t.Errorf("%s: no way back to %s in %s", path, page, body)
		}
	}
	for _, path := range []string{"/admin/recommendations/period.csv", "/admin/funnels.csv?range=days", "/admin/paths.csv?range=days"} {
		at, more, _ := strings.Cut(path, "?")
		if got := vera.get(at + "?site=test&" + more); got.StatusCode != 503 {
			t.Errorf("%s: %d", path, got.StatusCode)
		}
	}
	vera.wantWords("/admin/funnels/part?site=test&range=30m&step1=view_item&step2=purchase", "Looked at an item 1 100.0%", "Bought 1 100.0%")
	vera.wantWords("/admin/paths/part?site=test&range=today&back=1h", "Orders 1")
}

func TestWhatCannotBeAskedIsSaidAtThePage(t *testing.T) {
	d := openDesk(t)
	vera := d.as("vera")
	for path, want := range map[string]string{
		"/admin/funnels?step1=view_item":                                        "Choose 2 to 8 different steps.",
		"/admin/funnels?step1=view_item&step2=view_item":                        "Choose 2 to 8 different steps.",
		"/admin/funnels?step1=view_item&step2=own_event":                        "Choose from the lists.",
		"/admin/funnels?within=5s":                                              "Choose from the lists.",
		"/admin/funnels?by=moon":                                                "Choose from the lists.",
		"/admin/funnels?range=week":                                             "Choose from the lists.",
		"/admin/funnels?segment=nobody":                                         "Choose from the lists.",
		"/admin/funnels?step1=impression&step2=purchase&by=device":              "not known by device",
		"/admin/funnels?range=days&from=2026-03-10&to=2026-03-01":               "before the first one",
		"/admin/paths?range=days&from=2026-03-10":                               "Write days as",
		"/admin/paths?range=days&from=2020-01-01&to=2026-01-01":                 "At most 366 days",
		"/admin/paths?length=99":                                                "Choose from the lists.",
		"/admin/paths?range=today&back=720h":                                    "Choose from the lists.",
		"/admin/paths?device=fridge&lang=en&source=" + strings.Repeat("x", 100): "Choose from the lists.",
	} {
		got := vera.get(strings.Replace(path, "?", "?site=test&", 1))
		if got.StatusCode != 422 || !strings.Contains(wordsOf(got.body), want) || strings.Contains(got.body, "data-src") {
			t.Errorf("%s: %d, no %q in %s", path, got.StatusCode, want, wordsOf(got.body))
		}
		at, query, _ := strings.Cut(path, "?")
		if got := vera.get(at + "/part?site=test&" + query); got.StatusCode != 400 {
			t.Errorf("%s: its part is answered with %d", path, got.StatusCode)
		}
	}
	if got := vera.get("/admin/recommendations?site=test&from=x&to=y"); !strings.Contains(wordsOf(got.body), "Write days as") {
		t.Errorf("recommendations: %d", got.StatusCode)
	}
}
