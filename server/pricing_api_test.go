package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"beckon/pricing"
)

// priced is a running server with two kettles of 1000 that cost the shop 600 and may be sold from 700 to 2000.
func priced(t *testing.T) *installation {
	in := newInstallation(t)
	in.start()
	var lines strings.Builder
	for _, id := range []string{"a", "b"} {
		fmt.Fprintf(&lines, `{"item_id":%q,"title":"Kettle","category":["kitchen","kettles"],"price":1000,"currency":"EUR","cost":600,"floor":700,"ceiling":2000}`+"\n", id)
	}
	in.want(202, "PUT", "/v1/items", in.secret, lines.String(), nil)
	return in
}

func (in *installation) amount(id string) int64 {
	in.t.Helper()
	var a struct{ Prices []struct{ Amount int64 } }
	in.want(200, "GET", "/v1/prices?items="+id, in.secret, "", &a)
	if len(a.Prices) != 1 {
		in.t.Fatalf("prices of %s: %+v", id, a)
	}
	return a.Prices[0].Amount
}

func TestPeopleSetPricesWithinHardLimits(t *testing.T) {
	in := priced(t)
	for _, c := range []struct {
		status int
		code   string
		body   string
	}{
		{409, "outside_floor", `{"item_id":"a","amount":699,"force":true}`},
		{409, "outside_ceiling", `{"item_id":"a","amount":2001,"force":true}`},
		{409, "needs_force", `{"item_id":"a","amount":1500}`},
		{409, "unchanged", `{"item_id":"a","amount":1000}`},
		{404, "unknown_item", `{"item_id":"none","amount":1000}`},
		{404, "unknown_market", `{"item_id":"a","market":"de","amount":1000}`},
		{400, "bad_amount", `{"item_id":"a","amount":0}`},
		{400, "bad_field", `{"item_id":"a","amount":1500,"visitor":"v1"}`},
		{200, "", `{"item_id":"a","amount":1500,"force":true,"note":"spring"}`},
	} {
		status, text := in.do("POST", "/v1/prices", in.secret, c.body)
		if status != c.status || !strings.Contains(text, c.code) {
			t.Errorf("%s: %d %s, want %d %s", c.body, status, text, c.status, c.code)
		}
	}
	if got := in.amount("a"); got != 1500 {
		t.Fatalf("a costs %d, want 1500", got)
	}
	if status, _ := in.do("POST", "/v1/prices", in.public, `{"item_id":"a","amount":1600}`); status != 401 {
		t.Fatalf("with a public key: %d, want 401", status)
	}
	in.want(200, "POST", "/v1/prices/a/undo", in.secret, "", nil)
	if got := in.amount("a"); got != 1000 {
		t.Fatalf("after the undo a costs %d, want 1000", got)
	}
	in.want(404, "POST", "/v1/prices/a/undo", in.secret, `{"version":3}`, nil)

	var x pricing.Explanation
	in.want(200, "GET", "/v1/pricing/explain?item=a", in.secret, "", &x)
	if x.Kind != pricing.KindUndo || x.Amount != 1000 || !x.Complete || len(x.Words) == 0 {
		t.Fatalf("explained as %+v", x)
	}
	in.want(400, "GET", "/v1/pricing/explain?item=a&at=yesterday", in.secret, "", nil)
	in.want(404, "GET", "/v1/pricing/explain?item=none", in.secret, "", nil)
}

func TestAFreezeHoldsFromTheNextRecordOn(t *testing.T) {
	in := priced(t)
	in.want(200, "POST", "/v1/pricing/freeze", in.secret, `{"scope":"category","key":"kettles","on":true}`, nil)
	in.want(409, "POST", "/v1/prices", in.secret, `{"item_id":"a","amount":1500,"force":true}`, nil)
	in.want(200, "POST", "/v1/pricing/freeze", in.secret, `{"scope":"category","key":"kettles","on":false}`, nil)
	in.want(200, "POST", "/v1/prices", in.secret, `{"item_id":"a","amount":1500,"force":true}`, nil)
	in.want(200, "POST", "/v1/pricing/freeze", in.secret, `{"scope":"site","on":true,"restore":true}`, nil)
	if got := in.amount("a"); got != 1000 {
		t.Fatalf("after the kill switch a costs %d, want its list price", got)
	}
	in.want(400, "POST", "/v1/pricing/freeze", in.secret, `{"scope":"all","on":true}`, nil)
	in.command("prices", "freeze", "--site", in.site, "--off", "--data", in.dir)
	in.want(200, "POST", "/v1/prices", in.secret, `{"item_id":"a","amount":1500,"force":true}`, nil)
	in.command("prices", "freeze", "--all", "--data", in.dir)
	in.want(409, "POST", "/v1/prices", in.secret, `{"item_id":"a","amount":1600,"force":true}`, nil)
	var v pricing.SiteView
	in.want(200, "GET", "/v1/pricing/settings", in.secret, "", &v)
	if !v.FrozenAll {
		t.Fatalf("settings say %+v", v)
	}
}

func TestSettingsAreCheckedAndShown(t *testing.T) {
	in := priced(t)
	in.want(400, "PUT", "/v1/pricing/settings", in.secret, `{"scope":"site","settings":{"margin":-1}}`, nil)
	in.want(400, "PUT", "/v1/pricing/settings", in.secret, `{"scope":"site","settings":{"marign":1}}`, nil)
	in.want(404, "PUT", "/v1/pricing/settings", in.secret, `{"scope":"item","key":"none","settings":{"mode":"auto"}}`, nil)
	var v pricing.SiteView
	in.want(200, "PUT", "/v1/pricing/settings", in.secret, `{"scope":"site","settings":{"mode":"suggest","rounding":{"step":100,"ending":99}}}`, &v)
	if v.Settings == nil || *v.Settings.Mode != pricing.ModeSuggest {
		t.Fatalf("settings %+v", v)
	}
	in.want(200, "PUT", "/v1/pricing/settings", in.secret, `{"scope":"item","key":"a","settings":{"mode":"off","map":900}}`, nil)
	var p pricedItem
	in.want(200, "GET", "/v1/pricing/items/a", in.secret, "", &p)
	if p.ItemView.Settings.Mode != pricing.ModeOff || p.ItemView.Settings.Rounding.Step != 100 || p.Lowest != 900 || p.Price.Amount != 1000 || p.Price.Prior != 1000 {
		t.Fatalf("item %+v", p)
	}
	in.want(404, "GET", "/v1/pricing/items/none", in.secret, "", nil)
	// Limits that leave the price outside move it along, with the record that says so.
	in.want(200, "PUT", "/v1/pricing/settings", in.secret, `{"scope":"item","key":"b","settings":{"map":1200}}`, nil)
	if got := in.amount("b"); got != 1299 { // the ending of the site, less than one step beyond the edge
		t.Fatalf("b costs %d, and its minimum advertised price is 1200", got)
	}
}

func TestAMarkdownIsShownWithItsReferenceUntilItEnds(t *testing.T) {
	in := priced(t)
	until := time.Now().Add(time.Hour).UnixMilli()
	var m struct {
		ID       string
		Accepted int
	}
	in.want(201, "POST", "/v1/markdowns", in.secret, fmt.Sprintf(`{"category":"kettles","percent":20,"until":%d}`, until), &m)
	if m.Accepted != 2 || !strings.HasPrefix(m.ID, "m_") {
		t.Fatalf("%+v", m)
	}
	var a struct {
		Prices []struct {
			Amount, List int64
			Reason       string
		}
	}
	in.want(200, "GET", "/v1/prices?items=a", in.secret, "", &a)
	if p := a.Prices[0]; p.Amount != 800 || p.List != 1000 || p.Reason != "markdown" {
		t.Fatalf("%+v, want 800 from 1000", p)
	}
	in.want(409, "POST", "/v1/prices", in.secret, `{"item_id":"a","amount":900,"force":true}`, nil)
	in.want(409, "POST", "/v1/markdowns", in.secret, fmt.Sprintf(`{"item_id":"a","amount":850,"until":%d}`, until), nil)
	in.want(400, "POST", "/v1/markdowns", in.secret, `{"item_id":"a","amount":700,"until":5}`, nil)
	in.want(200, "DELETE", "/v1/markdowns/"+m.ID+"?item=a", in.secret, "", nil)
	if a, b := in.amount("a"), in.amount("b"); a != 1000 || b != 800 {
		t.Fatalf("a %d, b %d, want 1000 and 800", a, b)
	}
	var list struct{ Markdowns []pricing.Markdown }
	in.want(200, "GET", "/v1/markdowns", in.secret, "", &list)
	if len(list.Markdowns) != 1 || len(list.Markdowns[0].Items) != 1 {
		t.Fatalf("%+v", list)
	}
	in.want(200, "DELETE", "/v1/markdowns/"+m.ID, in.secret, "", nil)
	in.want(404, "DELETE", "/v1/markdowns/"+m.ID, in.secret, "", nil)
	if b := in.amount("b"); b != 1000 {
		t.Fatalf("b costs %d, want 1000", b)
	}
}

func TestCompetitorPricesAreTakenLineByLine(t *testing.T) {
	in := priced(t)
	var a competitorAnswer
	in.want(202, "POST", "/v1/competitor-prices", in.secret, `{"prices":[
		{"item_id":"a","price":950,"currency":"EUR","source":"them","seen_at":0},
		{"item_id":"none","price":950,"currency":"EUR","source":"them"},
		{"item_id":"a","price":960,"currency":"EUR","source":"others"},
		{"item_id":"a","price":960,"currency":"USD","source":"others"},
		{"item_id":"a","price":"much","currency":"EUR","source":"others"},
		{"item_id":"a","price":960,"currency":"EUR","source":""}]}`, &a)
	codes := map[int]string{}
	for _, r := range a.Rejected {
		codes[r.Index] = r.Code
	}
	if a.Accepted != 2 || len(codes) != 4 || codes[1] != "unknown_item" || codes[3] != "bad_currency" || codes[4] != "bad_json" || codes[5] != "bad_source" {
		t.Fatalf("%+v", a)
	}
	line := `{"item_id":"b","price":940,"currency":"EUR","source":"them"}`
	status, text := in.do("POST", "/v1/competitor-prices", in.secret, line+"\n"+line, "Content-Type", "application/x-ndjson")
	if status != 202 || !strings.Contains(text, `"accepted":2`) {
		t.Fatalf("NDJSON: %d %s", status, text)
	}
	in.want(400, "POST", "/v1/competitor-prices", in.secret, `{"prices":[`, nil)
	in.want(401, "POST", "/v1/competitor-prices", in.public, line, nil)
	var p pricedItem
	in.want(200, "GET", "/v1/pricing/items/a", in.secret, "", &p)
	if len(p.Competitors) != 2 || p.Competitors[0].Source != "others" || p.Competitors[1].Price != 950 {
		t.Fatalf("kept %+v", p.Competitors)
	}
}

func TestPricesSurviveARestart(t *testing.T) {
	in := priced(t)
	in.want(200, "POST", "/v1/prices", in.secret, `{"item_id":"a","amount":1090,"force":true}`, nil)
	in.want(200, "PUT", "/v1/pricing/settings", in.secret, `{"scope":"site","settings":{"mode":"auto"}}`, nil)
	before := in.want(200, "GET", "/v1/pricing/settings", in.secret, "", nil)
	if err := in.stop(); err != nil {
		t.Fatal(err)
	}
	in.start()
	if got := in.amount("a"); got != 1090 {
		t.Fatalf("a costs %d, want 1090", got)
	}
	if after := in.want(200, "GET", "/v1/pricing/settings", in.secret, "", nil); after != before {
		t.Fatalf("settings were %s and are %s", before, after)
	}
	in.want(200, "POST", "/v1/prices/a/undo", in.secret, "", nil)
}

// Any body is either an error of the whole, or each of its lines is taken or named.
func FuzzCompetitorLines(f *testing.F) {
	line := `{"item_id":"a","price":950,"currency":"EUR","source":"them","seen_at":0}`
	f.Add([]byte(line + "\n" + line))
	f.Add([]byte(`{"prices":[` + line + `,5,{"price":"x"}]}`))
	f.Add([]byte(`{"prices":{}} [] null`))
	f.Add([]byte(``))
	f.Fuzz(func(t *testing.T, body []byte) {
		var answer competitorAnswer
		lines, err := readCompetitors(body, &answer)
		if err != nil {
			return
		}
		seen := map[int]bool{}
		for _, l := range lines {
			seen[l.index] = true
		}
		for _, r := range answer.Rejected {
			if seen[r.Index] {
				t.Fatalf("line %d is both taken and rejected", r.Index)
			}
			seen[r.Index] = true
		}
		for i := range len(seen) {
			if !seen[i] {
				t.Fatalf("line %d of %d is neither taken nor rejected", i, len(seen))
			}
		}
	})
}
