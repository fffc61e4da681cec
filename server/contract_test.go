package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestEventsAreTakenOnceAndCounted(t *testing.T) {
	in := newInstallation(t)
	in.start()
	body := batch("v1", event("e1", "view_item", itemOf("sku-1")), event("e2", "add_to_cart", itemOf("sku-1")), `{"name":"view_item","ts":1}`)
	var a importAnswer
	in.want(202, "POST", "/v1/events", in.public, body, &a)
	if a.Accepted != 2 || a.Duplicates != 0 || len(a.Rejected) != 1 || a.Rejected[0].Code != "missing_id" {
		t.Fatalf("first answer %+v", a)
	}
	in.want(202, "POST", "/v1/events", in.public, body, &a)
	if a.Accepted != 0 || a.Duplicates != 2 || len(a.Rejected) != 1 {
		t.Fatalf("second answer %+v", a)
	}
	var l ledgerAnswer
	in.want(200, "GET", "/v1/ledger", in.secret, "", &l)
	if l.Received != 6 || l.Stored != 2 || l.Duplicates != 2 || l.Rejected != 2 {
		t.Fatalf("ledger %+v", l)
	}

	if err := in.stop(); err != nil {
		t.Fatal(err)
	}
	in.start()
	in.want(202, "POST", "/v1/events", in.public, body, &a)
	if a.Duplicates != 2 {
		t.Fatalf("after a restart: %+v, want 2 duplicates", a)
	}
}

func TestErrorsAreNamed(t *testing.T) {
	in := newInstallation(t)
	in.start()
	ok := batch("v1", event("e1", "view_item", itemOf("sku-1")))
	var bomb bytes.Buffer
	zw := gzip.NewWriter(&bomb)
	zw.Write(bytes.Repeat([]byte(" "), 8<<20))
	zw.Close()
	for _, c := range []struct {
		name, method, path, key, body string
		header                        []string
		status                        int
		code                          string
	}{
		{"no key", "POST", "/v1/events", "", ok, nil, 401, "missing_key"},
		{"unknown key", "POST", "/v1/events", "pk_nothing", ok, nil, 401, "unknown_key"},
		{"secret key in the address", "POST", "/v1/events?k=" + in.secret, "", ok, nil, 401, "secret_key"},
		{"foreign origin", "POST", "/v1/events", in.public, ok, []string{"Origin", "https://evil.example"}, 403, "foreign_origin"},
		{"known origin", "POST", "/v1/events", in.public, ok, []string{"Origin", "https://shop.example"}, 202, ""},
		{"not JSON", "POST", "/v1/events", in.public, "{", nil, 400, "bad_json"},
		{"no object", "POST", "/v1/events", in.public, "[]", nil, 400, ""},
		{"media type", "POST", "/v1/events", in.public, ok, []string{"Content-Type", "image/png"}, 415, "unsupported_type"},
		{"text/plain", "POST", "/v1/events", in.public, ok, []string{"Content-Type", "text/plain;charset=UTF-8"}, 202, ""},
		{"too large", "POST", "/v1/events", in.public, strings.Repeat(" ", 1<<20+1), nil, 413, "too_large"},
		{"bomb", "POST", "/v1/events", in.public, bomb.String(), []string{"Content-Encoding", "gzip"}, 413, "too_large"},
		{"not gzip", "POST", "/v1/events", in.public, ok, []string{"Content-Encoding", "gzip"}, 400, "bad_gzip"},
		{"unknown encoding", "POST", "/v1/events", in.public, ok, []string{"Content-Encoding", "br"}, 415, "unsupported_encoding"},
		{"import with a public key", "POST", "/v1/import", in.public, ok, nil, 401, "secret_key_needed"},
		{"ledger with a public key", "GET", "/v1/ledger", in.public, "", nil, 401, "secret_key_needed"},
		{"recommendations without token", "GET", "/v1/recommendations", in.public, "", nil, 401, "missing_token"},
		{"forged token", "GET", "/v1/recommendations", in.public, "", []string{"X-Beckon-Token", "v1.forged.token"}, 401, "bad_token"},
		{"unknown placement", "GET", "/v1/recommendations?placement=moon&visitor=v1", in.secret, "", nil, 400, "bad_placement"},
		{"rank for an unknown placement", "POST", "/v1/rank", in.secret, `{"items":["sku-1"],"placement":"moon"}`, nil, 400, "bad_placement"},
		{"bad window", "GET", "/v1/trending?window=yes", in.public, "", nil, 400, "bad_window"},
		{"bad limit", "GET", "/v1/trending?limit=-1", in.public, "", nil, 400, "bad_limit"},
		{"unknown item", "GET", "/v1/items/none", in.secret, "", nil, 404, "unknown_item"},
		{"unknown path", "GET", "/v1/nothing", in.secret, "", nil, 404, "not_found"},
		{"prices without token", "GET", "/v1/prices?items=a", in.public, "", nil, 401, "missing_token"},
		{"prices of nothing", "GET", "/v1/prices", in.secret, "", nil, 400, "bad_items"},
		{"quote with a public key", "POST", "/v1/quotes/verify", in.public, `{"quote":"q_"}`, nil, 401, "secret_key_needed"},
		{"no quote", "POST", "/v1/quotes/verify", in.secret, `{}`, nil, 400, "missing_quote"},
	} {
		status, text := in.do(c.method, c.path, c.key, c.body, c.header...)
		var e struct {
			Error struct{ Code, Message string }
		}
		if status >= 400 {
			if err := json.Unmarshal([]byte(text), &e); err != nil || e.Error.Message == "" {
				t.Errorf("%s: body %q is not the documented error form", c.name, text)
			}
		}
		if status != c.status || c.code != "" && e.Error.Code != c.code {
			t.Errorf("%s: %d %s, want %d %s", c.name, status, text, c.status, c.code)
		}
	}
}

func TestSessionKeepsAVisitorOnlyWithItsToken(t *testing.T) {
	in := newInstallation(t)
	in.start()
	type session struct {
		Visitor, Token, WS string
		Expires            int64
		ServerTime         int64 `json:"server_time"`
	}
	var a, b, c, d session
	in.want(200, "POST", "/v1/session", in.public, "{}", &a)
	in.want(200, "POST", "/v1/session", in.public, fmt.Sprintf(`{"visitor":%q,"token":%q}`, a.Visitor, a.Token), &b)
	in.want(200, "POST", "/v1/session", in.public, fmt.Sprintf(`{"visitor":%q}`, a.Visitor), &c)
	in.want(200, "POST", "/v1/session", in.secret, `{"visitor":"mine"}`, &d)
	if b.Visitor != a.Visitor {
		t.Errorf("with its token the visitor became %s, want %s", b.Visitor, a.Visitor)
	}
	if c.Visitor == a.Visitor {
		t.Error("a visitor was taken over without its token")
	}
	if d.Visitor != "mine" {
		t.Errorf("the shop's server named %q, want mine", d.Visitor)
	}
	if !strings.HasPrefix(a.WS, "ws://") || a.Expires < time.Now().Add(23*time.Hour).UnixMilli() {
		t.Errorf("session %+v", a)
	}
}

func TestSitesShareNothing(t *testing.T) {
	in := newInstallation(t)
	otherPublic, otherSecret := in.makeSite("other")
	in.start()
	in.want(202, "PUT", "/v1/items", in.secret, `{"item_id":"sku-1","title":"Kettle","price":1999,"currency":"EUR","stock":9}`, nil)
	in.want(202, "POST", "/v1/events", in.public, batch("v1", event("e1", "view_item", itemOf("sku-1"))), nil)
	if status, text := in.do("GET", "/v1/items/sku-1", otherSecret, ""); status != 404 {
		t.Errorf("the other site sees the item: %d %s", status, text)
	}
	var l ledgerAnswer
	in.want(200, "GET", "/v1/ledger", otherSecret, "", &l)
	if l != (ledgerAnswer{}) {
		t.Errorf("the other site's ledger counts: %+v", l)
	}
	if status, text := in.do("GET", "/v1/visitors/v1", otherSecret, ""); status != 404 {
		t.Errorf("the other site sees the visitor: %d %s", status, text)
	}
	var a importAnswer
	in.want(202, "POST", "/v1/events", otherPublic, batch("v1", event("e1", "view_item", itemOf("sku-1"))), &a)
	if a.Accepted != 1 {
		t.Errorf("an id of one site is a duplicate in another: %+v", a)
	}
	var session struct{ Token string }
	in.want(200, "POST", "/v1/session", in.public, "", &session)
	if status, _ := in.do("GET", "/v1/recommendations", otherPublic, "", "X-Beckon-Token", session.Token); status != 401 {
		t.Errorf("a token opens another site: %d", status)
	}
	var trending struct{ Items []any }
	in.want(200, "GET", "/v1/trending", otherPublic, "", &trending)
	if len(trending.Items) > 1 {
		t.Errorf("trending of the other site: %v", trending.Items)
	}
}

func TestOpenAPIDescribesEveryRoute(t *testing.T) {
	in := newInstallation(t)
	in.start()
	var doc struct {
		Paths map[string]map[string]struct {
			Responses map[string]any
		}
	}
	in.want(200, "GET", "/openapi.json", "", "", &doc)
	described := 0
	for path, ops := range doc.Paths {
		for method, op := range ops {
			described++
			url := in.url + strings.ReplaceAll(path, "{id}", "none")
			req, err := http.NewRequest(strings.ToUpper(method), url, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if op.Responses[fmt.Sprint(resp.StatusCode)] == nil {
				t.Errorf("%s %s answers %d, which is not described", method, path, resp.StatusCode)
			}
			if resp.StatusCode == 405 || resp.StatusCode == 404 {
				t.Errorf("%s %s is described and not served", method, path)
			}
		}
	}
	if described < 20 {
		t.Errorf("only %d operations described", described)
	}
}

func TestConsentTakenBackEndsWhatWasDoneWithIt(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.want(202, "PUT", "/v1/items", in.secret, `{"item_id":"sku-1","title":"Kettle","price":1999,"currency":"EUR","stock":9}`, nil)
	in.want(202, "POST", "/v1/events", in.public, batch("v1", event("e1", "view_item", itemOf("sku-1"))), nil)
	refused := strings.Replace(batch("v1", event("e2", "consent", "")), `"events"`, `"consent":{"analytics":false,"personalization":false},"events"`, 1)
	var a importAnswer
	in.want(202, "POST", "/v1/events", in.public, refused, &a)
	if a.Accepted != 0 || len(a.Rejected) != 1 || a.Rejected[0].Code != "no_consent" {
		t.Fatalf("answer %+v", a)
	}
	check := func(when string) {
		var p profile
		in.want(200, "GET", "/v1/visitors/v1", in.secret, "", &p)
		if p.Consent.Analytics || p.Consent.Personalization || len(p.Recent) > 0 || p.Counts.Views > 0 {
			t.Errorf("%s the profile is %+v", when, p)
		}
		var before, after ledgerAnswer
		in.want(200, "GET", "/v1/ledger", in.secret, "", &before)
		text := in.want(200, "GET", "/v1/recommendations?visitor=v1", in.secret, "", nil)
		if strings.Contains(text, `"recent"`) {
			t.Errorf("%s answers are personal: %s", when, text)
		}
		time.Sleep(3 * impressionDelay)
		if in.want(200, "GET", "/v1/ledger", in.secret, "", &after); after.Generated != before.Generated {
			t.Errorf("%s what is shown is stored: generated %d, then %d", when, before.Generated, after.Generated)
		}
	}
	check("at once")
	if err := in.stop(); err != nil {
		t.Fatal(err)
	}
	in.start()
	check("after a restart")
	again := strings.Replace(batch("v1", event("e3", "consent", "")), `"events"`, `"consent":{"analytics":true,"personalization":true},"events"`, 1)
	in.want(202, "POST", "/v1/events", in.public, again, nil)
	var p profile
	if in.want(200, "GET", "/v1/visitors/v1", in.secret, "", &p); !p.Consent.Analytics || !p.Consent.Personalization {
		t.Errorf("given again, the consent is %+v", p.Consent)
	}
	in.want(202, "POST", "/v1/events", in.public, strings.ReplaceAll(refused, `"v1"`, `"v2"`), nil)
	if status, text := in.do("GET", "/v1/visitors/v2", in.secret, ""); status != 404 {
		t.Errorf("a refusal made a profile: %d %s", status, text)
	}
}
