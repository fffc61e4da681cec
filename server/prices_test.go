package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/pricing"
	"beckon/server/shop"
)

type pricesAnswer struct {
	Prices  []priceShown
	Unknown []string
}

type priceShown struct {
	Item     string `json:"item_id"`
	Amount   int64
	Currency string
	List     int64
	Lowest   int64 `json:"lowest_30d"`
	Reason   string
	Quote    string
	Expires  int64
}

// kettleAt puts the kettle into the catalog at a price.
func (in *installation) kettleAt(price int64) {
	in.t.Helper()
	in.want(202, "PUT", "/v1/items", in.secret, fmt.Sprintf(`{"item_id":"sku-1","title":"Kettle","price":%d,"currency":"EUR","stock":9,"markets":{"jp":{"price":%d,"currency":"JPY"}}}`, price, price*2), nil)
}

func (in *installation) price(query string) priceShown {
	in.t.Helper()
	var a pricesAnswer
	in.want(200, "GET", "/v1/prices?"+query, in.secret, "", &a)
	if len(a.Prices) != 1 {
		in.t.Fatalf("%s: %+v, want one price", query, a)
	}
	return a.Prices[0]
}

func (in *installation) verify(text, cart string) (a quoteAnswer) {
	in.t.Helper()
	in.want(200, "POST", "/v1/quotes/verify", in.secret, fmt.Sprintf(`{"quote":%q,"cart":%q}`, text, cart), &a)
	return a
}

func TestPricesCarryQuotes(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.kettleAt(1999)
	in.want(202, "PUT", "/v1/items", in.secret, `{"item_id":"sku-2","title":"Cup","price":500,"currency":"EUR"}
{"item_id":"free","title":"Leaflet"}
{"item_id":"draft","price":1,"currency":"EUR","published":false}`, nil)
	var a pricesAnswer
	before := time.Now().UnixMilli()
	in.want(200, "GET", "/v1/prices?items=sku-2,nothing,sku-1,free,draft", in.secret, "", &a)
	if len(a.Prices) != 3 || a.Prices[0].Item != "sku-2" || a.Prices[1].Item != "sku-1" || a.Prices[2].Item != "draft" {
		t.Fatalf("prices %+v", a.Prices)
	}
	if strings.Join(a.Unknown, " ") != "nothing free" {
		t.Errorf("unknown %q", a.Unknown)
	}
	p := a.Prices[1]
	if p.Amount != 1999 || p.Currency != "EUR" || p.List != 1999 || p.Lowest != 1999 || p.Reason != "list" {
		t.Errorf("price %+v", p)
	}
	if life := p.Expires - before; life < 30*60_000 || life > 31*60_000 {
		t.Errorf("a quote lives %d ms", life)
	}
	if v := in.verify(p.Quote, ""); !v.Valid || v.Item != "sku-1" || *v.Amount != 1999 || *v.Locked != 1999 || *v.Current != 1999 || v.Currency != "EUR" || v.Expires != p.Expires || *v.Market != "" || *v.Version == 0 {
		t.Errorf("verified %+v", v)
	}

	var session struct{ Token string }
	in.want(200, "POST", "/v1/session", in.public, "{}", &session)
	_, text := in.do("GET", "/v1/prices?items=sku-1,draft", in.public, "", "X-Beckon-Token", session.Token)
	var own pricesAnswer
	if err := json.Unmarshal([]byte(text), &own); err != nil || len(own.Prices) != 1 || own.Prices[0].Amount != 1999 || len(own.Unknown) != 1 {
		t.Errorf("to a shopper: %s, want sku-1 and nothing of what is not published", text)
	}
}

func TestPricesOfAMarket(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.kettleAt(1999)
	p := in.price("items=sku-1&market=jp")
	if p.Amount != 3998 || p.Currency != "JPY" {
		t.Errorf("in its market: %+v", p)
	}
	if v := in.verify(p.Quote, ""); !v.Valid || *v.Market != "jp" || *v.Amount != 3998 || v.Currency != "JPY" {
		t.Errorf("verified %+v", v)
	}
	p = in.price("items=sku-1&market=mars")
	if v := in.verify(p.Quote, ""); p.Amount != 1999 || *v.Market != "" {
		t.Errorf("in a market that the item does not have: %+v, %+v; want the base price", p, v)
	}
}

func TestARiseWaitsAndADropIsPassedOn(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.kettleAt(1999)
	p := in.price("items=sku-1")
	in.kettleAt(2499)
	if v := in.verify(p.Quote, ""); !v.Valid || *v.Amount != 1999 || *v.Locked != 1999 || *v.Current != 2499 || v.NeedsConsent != nil {
		t.Errorf("after a rise %+v", v)
	}
	in.kettleAt(1499)
	if v := in.verify(p.Quote, ""); !v.Valid || *v.Amount != 1499 || *v.Locked != 1999 || *v.Current != 1499 {
		t.Errorf("after a drop %+v", v)
	}
	if p := in.price("items=sku-1"); p.List != 1499 || p.Lowest != 1999 || p.Amount != 1499 {
		t.Errorf("a drop that nobody announced shows a reduction: %+v", p)
	}
	in.want(200, "DELETE", "/v1/items/sku-1", in.secret, "", nil)
	if v := in.verify(p.Quote, ""); !v.Valid || *v.Amount != 1999 || v.Current != nil {
		t.Errorf("of an item that is gone %+v, want the promise kept", v)
	}
}

func TestQuotesAreRefusedWithTheirReason(t *testing.T) {
	in := newInstallation(t)
	_, otherSecret := in.makeSite("other")
	in.start()
	in.kettleAt(1999)
	p := in.price("items=sku-1&cart=cart-1")
	if v := in.verify(p.Quote, "cart-1"); !v.Valid {
		t.Errorf("in its cart %+v", v)
	}
	for _, c := range []struct{ name, text, cart, code string }{
		{"no quote", "q_nothing", "", "forged"},
		{"changed", p.Quote[:20] + "A" + p.Quote[21:], "cart-1", "forged"},
		{"another item", strings.Replace(p.Quote, "sku-1", "sku-2", 1), "cart-1", "forged"},
		{"another cart", p.Quote, "cart-2", "other_cart"},
		{"no cart", p.Quote, "", "other_cart"},
	} {
		v := in.verify(c.text, c.cart)
		if v.Valid || v.Code != c.code || v.Message == "" || v.Amount != nil || v.Item != "" {
			t.Errorf("%s: %+v, want %s and nothing else", c.name, v, c.code)
		}
	}
	var v quoteAnswer
	in.want(200, "POST", "/v1/quotes/verify", otherSecret, fmt.Sprintf(`{"quote":%q,"cart":"cart-1"}`, p.Quote), &v)
	if v.Valid || v.Code != "other_site" || v.Item != "" {
		t.Errorf("another site's server: %+v", v)
	}
}

// openHere opens a data folder with the site "test" and n kettles in this process, without its HTTP address.
func openHere(tb testing.TB, kettles int) *node {
	tb.Helper()
	dir := tb.TempDir()
	if err := run(tb.Context(), []string{"sites", "create", "test", "--data", dir}, func(string) string { return "" }, io.Discard, io.Discard); err != nil {
		tb.Fatal(err)
	}
	e := env{getenv: func(string) string { return "" }, stdout: io.Discard, stderr: io.Discard}
	cfg, err := serveConfig(e, []string{"--data", dir, "--history", "off"})
	if err != nil {
		tb.Fatal(err)
	}
	n, stop, err := openNode(tb.Context(), e, cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := stop(); err != nil {
			tb.Error(err)
		}
	})
	kettlesAt(tb, n, kettles, 1999)
	return n
}

func kettlesAt(tb testing.TB, n *node, kettles int, price int64) {
	tb.Helper()
	var lines strings.Builder
	for i := range kettles {
		fmt.Fprintf(&lines, `{"item_id":"sku-%d","title":"Kettle","price":%d,"currency":"EUR"}`+"\n", i, price)
	}
	if a, err := n.shop.PutItems(tb.Context(), "test", "test", strings.NewReader(lines.String()), ""); err != nil || a.Accepted != kettles {
		tb.Fatalf("%+v, %v", a, err)
	}
}

func TestAfterItExpiredARiseNeedsConsent(t *testing.T) {
	n := openHere(t, 1)
	now := time.Now().UnixMilli()
	var a pricesAnswer
	if err := json.Unmarshal(n.appendPrices(nil, "sku-0", true, priceFor{site: "test", now: now}), &a); err != nil || len(a.Prices) != 1 {
		t.Fatalf("%+v, %v", a, err)
	}
	text, over := a.Prices[0].Quote, a.Prices[0].Expires
	if v := n.worthOf(text, "test", "", over-1); !v.Valid {
		t.Errorf("before %+v", v)
	}
	if v := n.worthOf(text, "test", "", over); v.Valid || v.Code != "expired" || *v.NeedsConsent || *v.Current != 1999 || v.Amount != nil {
		t.Errorf("unchanged %+v", v)
	}
	kettlesAt(t, n, 1, 2499)
	if v := n.worthOf(text, "test", "", over); v.Valid || !*v.NeedsConsent || *v.Current != 2499 || *v.Locked != 1999 {
		t.Errorf("risen %+v", v)
	}
	kettlesAt(t, n, 1, 1499)
	if v := n.worthOf(text, "test", "", over); v.Valid || *v.NeedsConsent || *v.Current != 1499 {
		t.Errorf("fallen %+v", v)
	}
	if err := n.shop.DeleteItem(t.Context(), "test", "test", "sku-0"); err != nil {
		t.Fatal(err)
	}
	if v := n.worthOf(text, "test", "", over); v.Valid || !*v.NeedsConsent || v.Current != nil {
		t.Errorf("gone %+v", v)
	}
}

// What an announced reduction shows is measured from its reference, and nothing else shows one.
func TestListIsTheReferenceOfAMarkdown(t *testing.T) {
	n := openHere(t, 0)
	for _, c := range []struct {
		name   string
		o      shop.Offered
		list   int64
		reason string
	}{
		{"the shop's own", shop.Offered{Public: 1999, Lowest30d: 1999}, 1999, "list"},
		{"lowered without an announcement", shop.Offered{Public: 1899, Lowest30d: 1999}, 1899, ""},
		{"raised", shop.Offered{Public: 2099, Lowest30d: 1999}, 2099, ""},
		{"announced", shop.Offered{Public: 1499, Lowest30d: 1899, Markdown: 1899}, 1899, "markdown"},
		{"announced, and now above its reference", shop.Offered{Public: 1949, Lowest30d: 1899, Markdown: 1899}, 1949, ""},
		{"announced, and now at its reference", shop.Offered{Public: 1899, Lowest30d: 1899, Markdown: 1899}, 1899, ""},
	} {
		it := &shop.Item{ID: "sku-1", Price: 1999, Currency: "EUR", Offered: c.o}
		reason := n.priceReason(it, &priceFor{site: "test"}, &it.Offered)
		if list := shownList(&it.Offered); list != c.list || c.reason != "" && reason != c.reason || c.reason == "" && reason == "markdown" {
			t.Errorf("%s: list %d, reason %s; want %d, %s", c.name, list, reason, c.list, c.reason)
		}
	}
}

// shown is the price as it stands in a frame.
func (n *node) shown(t *testing.T, item string) (p priceShown) {
	t.Helper()
	text := pushBackend{n}.AppendItem(nil, "test", item, "price")
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return p
}

// submit appends a record after the millisecond in which the price of sku-0 began: one that is replaced in it was never in force.
func (n *node) submit(t *testing.T, do, id string, body any) {
	t.Helper()
	it, _ := n.shop.Item("test", "sku-0")
	for time.Now().UnixMilli() == it.PriceAt {
		runtime.Gosched()
	}
	if _, _, err := n.shop.Submit(t.Context(), "user anna", shop.Command{Do: do, Site: "test", ID: id, Body: body}); err != nil {
		t.Fatalf("%s: %v", do, err)
	}
}

func TestAPriceSaysWhyAndShowsNoReductionThatNobodyAnnounced(t *testing.T) {
	n := openHere(t, 1)
	if p := n.shown(t, "sku-0"); p.Reason != "list" || p.Amount != 1999 || p.List != 1999 {
		t.Errorf("the shop's own %+v", p)
	}
	promised := n.shown(t, "sku-0").Quote
	n.submit(t, pricing.DoSet, "", pricing.SetPrice{Item: "sku-0", Amount: 1899, Force: true})
	if p := n.shown(t, "sku-0"); p.Reason != "manual" || p.Amount != 1899 || p.List != 1899 || p.Lowest != 1999 {
		t.Errorf("a person's %+v", p)
	}
	if v := n.worthOf(promised, "test", "", time.Now().UnixMilli()); !v.Valid || *v.Amount != 1899 || *v.Locked != 1999 {
		t.Errorf("a drop is not passed on: %+v", v)
	}
	n.submit(t, pricing.DoMarkdown, "sale", pricing.Announce{Items: []string{"sku-0"}, Amount: 1499, Until: time.Now().Add(time.Hour).UnixMilli()})
	if p := n.shown(t, "sku-0"); p.Reason != "markdown" || p.Amount != 1499 || p.List != 1899 || p.Lowest != 1899 {
		t.Errorf("announced %+v, want a list of 1899: the lowest of the 30 days before", p)
	}
	n.submit(t, pricing.DoMarkdownEnd, "sale", nil)
	if p := n.shown(t, "sku-0"); p.Reason == "markdown" || p.Amount != 1899 || p.List != 1899 {
		t.Errorf("over %+v", p)
	}
}

// A price has the same fields in answers, frames and recommendations, and each quote verifies.
func TestEveryPriceShownCarriesAQuote(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.stock(3)
	check := func(where string, p priceShown, item string) {
		t.Helper()
		v := in.verify(p.Quote, "")
		if !v.Valid || v.Item != item || *v.Locked != p.Amount || p.Currency != "EUR" || p.List != p.Amount || p.Lowest != p.Amount || p.Reason != "list" || p.Expires != v.Expires {
			t.Errorf("%s: %+v verifies as %+v", where, p, v)
		}
	}
	check("answer", in.price("items=sku-1"), "sku-1")

	s := in.shopper()
	s.send(`{"type":"subscribe","items":["sku-1"]}`)
	f := s.await("price", func(f pushed) bool { return f.ItemID == "sku-1" })
	check("frame", priceShown{f.ItemID, f.Amount, f.Currency, f.List, f.Lowest, f.Why, f.Quote, f.Expires}, "sku-1")

	in.want(202, "POST", "/v1/events", in.public, batch("v1", event("e1", "view_item", itemOf("sku-2"))), nil)
	in.settle()
	var rec struct {
		Items []struct {
			Item  string `json:"item_id"`
			Price priceShown
		}
	}
	in.want(200, "GET", "/v1/recommendations?visitor=v2", in.secret, "", &rec)
	if len(rec.Items) == 0 {
		t.Fatal("nothing is recommended")
	}
	for _, it := range rec.Items {
		check("recommendation", it.Price, it.Item)
	}
}

// The answer for one item and for ten, as a request finds it: 99 of 100 within 50 µs.
func BenchmarkPrices(b *testing.B) {
	n := openHere(b, 100)
	for _, count := range []int{1, 10, 100} {
		var ids []string
		for i := range count {
			ids = append(ids, fmt.Sprint("sku-", i))
		}
		items := strings.Join(ids, ",")
		b.Run(fmt.Sprintf("items=%d", count), func(b *testing.B) {
			b.ReportAllocs()
			var buf []byte
			p := priceFor{site: "test", now: time.Now().UnixMilli()}
			took := make([]time.Duration, 0, 1<<20)
			for b.Loop() {
				begin := time.Now()
				buf = n.appendPrices(buf[:0], items, false, p)
				if len(took) < cap(took) {
					took = append(took, time.Since(begin))
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "p99-ns")
		})
	}
}
