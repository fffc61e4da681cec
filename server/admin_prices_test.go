package main

import (
	"encoding/csv"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"beckon/pricing"
	"beckon/pricing/guard"
	"beckon/server/shop"
)

// priceDesk is a dashboard over three kettles of 19.99 that cost 10.00, may be sold from 12.00 to 40.00, and whose engine asks first.
func priceDesk(t *testing.T) *desk {
	t.Helper()
	n := openHere(t, 0)
	var lines strings.Builder
	for i := range 3 {
		fmt.Fprintf(&lines, `{"item_id":"sku-%d","title":"Kettle %d","category":["kitchen","kettles"],"price":1999,"currency":"EUR","cost":1000,"floor":1200,"ceiling":4000,"stock":50,`+
			`"markets":{"ch":{"price":2199,"currency":"CHF"}}}`+"\n", i, i)
	}
	if a, err := n.shop.PutItems(t.Context(), "test", "test", strings.NewReader(lines.String()), ""); err != nil || a.Accepted != 3 {
		t.Fatalf("%+v, %v", a, err)
	}
	setEngine(t, n, `{"mode":"suggest","dwell_ms":0}`)
	startTablesHere(t, n)
	return serveDesk(t, n)
}

func startTablesHere(tb testing.TB, n *node) {
	tb.Helper()
	var opened closers
	n.startTables(&opened)
	tb.Cleanup(func() {
		if err := opened.closeAll(time.Minute); err != nil {
			tb.Error(err)
		}
	})
}

// engine appends a record of the price engine's.
func engineDoes(tb testing.TB, n *node, do string, body any) any {
	tb.Helper()
	answer, _, err := n.shop.Submit(tb.Context(), pricing.Engine, shop.Command{Do: do, Site: "test", Body: body})
	if err != nil {
		tb.Fatal(err)
	}
	return answer
}

// observed tells the engine of days on which an item sold with an elasticity of 1.2, so that a higher price earns more.
func observed(tb testing.TB, n *node, days int, ids ...string) {
	tb.Helper()
	begin := n.now().UnixMilli()/dayMs*dayMs - int64(days)*dayMs
	for d := range int64(days) {
		b := pricing.ObservationBatch{Slot: begin + d*dayMs, Ms: dayMs}
		for _, id := range ids {
			price := int64(1999 + 100*(d%3))
			b.Lines = append(b.Lines, pricing.Observation{Item: id, Price: price, Views: 300, Units: math.Round(20 * math.Pow(float64(price)/1999, -1.2)), Season: 1, Clean: true})
		}
		engineDoes(tb, n, pricing.DoObserve, b)
	}
}

// suggests has the engine suggest a price for an item.
func suggests(tb testing.TB, n *node, id string, price int64) (suggestion string) {
	tb.Helper()
	it, _ := n.shop.Item("test", id)
	at := n.now().UnixMilli()
	in, err := n.folds.book.Input("test", id, *pricingItem(it, at), at)
	if err != nil {
		tb.Fatal(err)
	}
	d := pricing.Decide(in)
	d.Price, d.Publish, d.Reason = price, true, "better"
	d.Guard = guard.Apply(guard.Input{Current: in.Current, Proposed: price, Now: at, LastChange: in.LastChange, Limits: in.Limits}).Trace
	return engineDoes(tb, n, pricing.DoDecide, d).(pricing.Outcome).Suggestion
}

func (d *desk) price(id string) int64 {
	d.t.Helper()
	it, ok := d.n.shop.Item("test", id)
	if !ok {
		d.t.Fatalf("no item %s", id)
	}
	return it.Public
}

func (d *desk) wantPrice(id string, want int64) {
	d.t.Helper()
	if got := d.price(id); got != want {
		d.t.Fatalf("%s costs %d, want %d", id, got, want)
	}
}

// see opens a page of the site "test".
func (p *person) see(path string) answered {
	p.d.t.Helper()
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	return p.get(path + sep + "site=test")
}

// follow goes where a change led to.
func (p *person) follow(a answered, says ...string) answered {
	p.d.t.Helper()
	if a.StatusCode != 303 {
		p.d.t.Fatalf("%d, want to be led on\n%s", a.StatusCode, a.body)
	}
	to := p.get(a.to())
	p.says(to, 200, says...)
	return to
}

func (p *person) says(a answered, status int, texts ...string) {
	p.d.t.Helper()
	if a.StatusCode != status {
		p.d.t.Fatalf("%d, want %d\n%s", a.StatusCode, status, a.body)
	}
	for _, s := range texts {
		if !strings.Contains(a.body, s) {
			p.d.t.Fatalf("%q is not said in\n%s", s, a.body)
		}
	}
}

// undoes presses the button that the page's announcement has.
func (p *person) undoes(a answered) answered {
	p.d.t.Helper()
	_, flash, ok := strings.Cut(a.body, `class="flash`)
	_, action, has := strings.Cut(flash, `action="`)
	address, _, _ := strings.Cut(action, `"`)
	if !ok || !has {
		p.d.t.Fatalf("nothing can be taken back on\n%s", a.body)
	}
	return p.post(strings.ReplaceAll(address, "&amp;", "&"))
}

func TestSuggestionsAreAnsweredAndTakenBack(t *testing.T) {
	d := priceDesk(t)
	observed(t, d.n, 20, "sku-0", "sku-1", "sku-2")
	first := suggests(t, d.n, "sku-0", 2099)
	mia := d.as("mia")
	page := mia.see("/admin/prices")
	mia.says(page, 200, "Kettle 0", "€19.99 → €20.99", "margin 50.0% → 52.4%", first, "How it came about")

	saved := mia.follow(mia.post("/admin/pricing/suggestions?site=test", "approve", first, "shown", first))
	d.wantPrice("sku-0", 2099)
	if e := d.n.folds.book.Item("test", "sku-0", *pricingItem(mustItem(t, d.n, "sku-0"), d.n.now().UnixMilli()), d.n.now().UnixMilli()).History; e[len(e)-1].Actor != "user mia" {
		t.Fatalf("approved by %q", e[len(e)-1].Actor)
	}
	mia.undoes(saved)
	d.wantPrice("sku-0", 1999)

	second, third := suggests(t, d.n, "sku-1", 2149), suggests(t, d.n, "sku-2", 2099)
	mia.see("/admin/prices")
	gone := mia.follow(mia.post("/admin/pricing/suggestions?site=test", "dismiss", second))
	if open := d.n.folds.book.Suggestions("test", d.n.now().UnixMilli(), 10); len(open) != 1 {
		t.Fatalf("after one was dismissed %d wait, want 1", len(open))
	}
	mia.undoes(gone)
	if open := d.n.folds.book.Suggestions("test", d.n.now().UnixMilli(), 10); len(open) != 2 {
		t.Fatalf("after that was taken back %d wait, want 2", len(open))
	}

	mia.see("/admin/prices")
	mia.follow(mia.post("/admin/pricing/suggestions?site=test", "do", "approve", "shown", second, "shown", third), "Nothing was chosen")
	both := mia.follow(mia.post("/admin/pricing/suggestions?site=test", "do", "approve", "shown", second, "shown", third, "pick_"+second, "on", "pick_"+third, "on"), "2 prices were published")
	d.wantPrice("sku-1", 2149)
	d.wantPrice("sku-2", 2099)
	mia.follow(mia.undoes(both), "2 answers were taken back")
	d.wantPrice("sku-1", 1999)
	d.wantPrice("sku-2", 1999)

	mia.follow(mia.post("/admin/pricing/suggestions?site=test", "approve", second), "no longer open")
	vera := d.as("vera")
	if page := vera.see("/admin/prices"); strings.Contains(page.body, "Freeze all") {
		t.Error("who only looks is offered to freeze")
	}
	if got := vera.post("/admin/pricing/suggestions?site=test", "approve", second); got.StatusCode != 403 {
		t.Errorf("who only looks approved: %d", got.StatusCode)
	}
}

func mustItem(t *testing.T, n *node, id string) *shop.Item {
	t.Helper()
	it, ok := n.shop.Item("test", id)
	if !ok {
		t.Fatalf("no item %s", id)
	}
	return it
}

func TestAPriceIsTriedAndThenApplied(t *testing.T) {
	d := priceDesk(t)
	observed(t, d.n, 30, "sku-0")
	mia := d.as("mia")
	mia.says(mia.see("/admin/prices/sku-0"), 200, "A 10 % higher price loses about", "It may cost from €12.00 to €40.00", "curve-money")
	mia.says(mia.see("/admin/prices/sku-0/trial?amount=21,50"), 200, "Allowed", "€21.50", "Profit", "The lowest price of the last 30 days is €19.99")
	mia.says(mia.see("/admin/prices/sku-0/trial?amount=30"), 200, "Allowed if you insist", "€21.98")
	mia.says(mia.see("/admin/prices/sku-0/trial?amount=11.99"), 200, "Not allowed", "Nobody may go below that")
	mia.says(mia.see("/admin/prices/sku-0/trial?amount=much"), 200, "Type a price like 19.99")
	mia.says(mia.see("/admin/prices/sku-0/trial?market=ch&amount=23.00"), 200, "Allowed", "is not known")
	d.wantPrice("sku-0", 1999)

	const set = "/admin/prices/sku-0?site=test"
	mia.says(mia.post(set, "amount", "21.50"), 422, `value="21.50"`, "Say why, in a few words")
	mia.says(mia.post(set, "amount", "x", "note", "spring sale"), 422, `value="x"`, `value="spring sale"`, "Type a price like")
	mia.says(mia.post(set, "amount", "30.00", "note", "spring"), 422, `value="30.00"`, "Tick the box")
	mia.says(mia.post(set, "amount", "11.99", "note", "spring", "force", "on"), 422, "Nobody may go below that")
	mia.says(mia.post(set, "amount", "19.99", "note", "spring"), 422, "That is the price already")
	d.wantPrice("sku-0", 1999)
	mia.follow(mia.post(set, "amount", "30.00", "note", "spring", "force", "on"), "overridden: Largest step")
	d.wantPrice("sku-0", 3000)
	x, err := d.n.folds.book.Explain("test", "sku-0", "", *pricingItem(mustItem(t, d.n, "sku-0"), d.n.now().UnixMilli()), d.n.now().UnixMilli())
	if err != nil || x.Actor != "user mia" || x.Entry.Reason != "spring" {
		t.Fatalf("the log has %+v, %v", x, err)
	}
	mia.says(mia.see(fmt.Sprintf("/admin/prices/sku-0/explain?when=%d", d.n.now().UnixMilli())), 200, "mia had set it by hand; before it was €19.99", "The reason given: spring")
	mia.says(mia.see(fmt.Sprintf("/admin/prices/sku-0/explain?when=%d", d.n.now().Add(time.Hour).UnixMilli())), 200, "still to come")
	undone := mia.post("/admin/prices/sku-0/undo?site=test", "version", fmt.Sprint(x.Version))
	mia.follow(undone, "Taken back")
	d.wantPrice("sku-0", 1999)
	mia.says(mia.post("/admin/prices/sku-0/undo?site=test", "version", "3"), 422, "not remembered")
	mia.follow(mia.post(set, "amount", "23.00", "note", "francs", "market", "ch"))
	if it := mustItem(t, d.n, "sku-0"); it.Elsewhere["ch"].Public != 2300 || it.Public != 1999 {
		t.Fatalf("ch costs %d, the base %d", it.Elsewhere["ch"].Public, it.Public)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(mia.see("/admin/prices/sku-0?format=csv").body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 4 || rows[1][1] != "ch" || rows[3][4] != "30.00" {
		t.Fatalf("%v, %v", rows, err)
	}
}

func TestFreezingHoldsEverything(t *testing.T) {
	d := priceDesk(t)
	mia := d.as("mia")
	mia.see("/admin/prices")
	frozen := mia.follow(mia.post("/admin/pricing/freeze?site=test", "scope", "site", "on", "yes"), "All prices are frozen", "Thaw all prices")
	mia.says(mia.post("/admin/prices/sku-0?site=test", "amount", "20.50", "note", "no"), 422, "The price is frozen")
	d.wantPrice("sku-0", 1999)
	mia.undoes(frozen)
	mia.follow(mia.post("/admin/prices/sku-0?site=test", "amount", "20.50", "note", "yes"))
	mia.follow(mia.post("/admin/pricing/freeze?site=test", "scope", "site", "on", "yes", "restore", "on"))
	d.wantPrice("sku-0", 1999)
	mia.follow(mia.post("/admin/pricing/freeze?site=test", "scope", "site", "on", "no"))
	mia.follow(mia.post("/admin/pricing/freeze?site=test", "scope", "item", "key", "sku-0", "on", "yes"), "Thaw it")
	mia.follow(mia.post("/admin/pricing/freeze?site=test", "scope", "category", "key", "kettles", "on", "yes"), "Thaw the category")
	if got := mia.post("/admin/pricing/freeze?site=test", "scope", "all", "on", "yes"); got.StatusCode != 422 {
		t.Errorf("every site was frozen from a page: %d", got.StatusCode)
	}
}

func TestMarkdownsAreAnnouncedWithTheirReference(t *testing.T) {
	d := priceDesk(t)
	mia := d.as("mia")
	const path = "/admin/pricing/markdowns"
	mia.says(mia.see(path), 200, "No markdown is announced", "Directive 98/6/EC")
	mia.says(mia.see(path+"/preview?items=sku-0,none&percent=20"), 200, "It can begin for one of 1 items", "−20.0% against €19.99", "€15.99")
	mia.says(mia.see(path+"/preview?category=kettles&percent=50"), 200, "It can begin for 0 of 3 items", "Nobody may go below that")
	until := d.n.now().Add(48 * time.Hour).UTC().Format(datetimeField)
	mia.says(mia.post(path+"?site=test", "items", "sku-0", "percent", "200", "until", until), 422, `value="200"`, `value="sku-0"`, "from 1 to 95")
	mia.says(mia.post(path+"?site=test", "items", "sku-0", "percent", "20"), 422, "Say until when")
	mia.says(mia.post(path+"?site=test", "percent", "20", "until", until), 422, "Name at least one item")
	mia.says(mia.post(path+"?site=test", "category", "kettles", "amount", "15.00", "until", until), 422, "A price is for one item")
	mia.says(mia.post(path+"?site=test", "items", "sku-0", "percent", "50", "until", until), 422, "Nobody may go below that")
	page := mia.follow(mia.post(path+"?site=test", "items", "sku-0 sku-1", "percent", "20", "until", until), "Running", "End now")
	d.wantPrice("sku-0", 1599)
	mia.says(mia.see("/admin/prices/sku-1"), 200, "shown against €19.99")
	mia.says(mia.see(path+"?format=csv"), 200, "sku-0 sku-1")
	_, rest, _ := strings.Cut(page.body, path+"/m_")
	id, _, _ := strings.Cut(rest, "/end")
	mia.follow(mia.post(path+"/m_"+id+"/end?site=test"), "No markdown is announced")
	d.wantPrice("sku-0", 1999)
	mia.follow(mia.post(path+"?site=test", "items", "sku-0", "amount", "14.00", "until", until))
	d.wantPrice("sku-0", 1400)
}

func TestTheEngineIsAskedWhatItWouldDo(t *testing.T) {
	d := priceDesk(t)
	vera := d.as("vera")
	vera.says(vera.see("/admin/pricing/moves"), 200, "0 items were asked about")
	setEngine(t, d.n, `{"mode":"suggest","dwell_ms":0,"min_gain":0,"p_better":0.5,"deadband":0.001}`)
	observed(t, d.n, 50, "sku-0", "sku-1")
	d.n.tables.mu.Lock()
	d.n.tables.sites = map[string]*siteTable{} // what was learned since is not in the table of before
	d.n.tables.mu.Unlock()
	got := vera.see("/admin/pricing/moves")
	vera.says(got, 200)
	decided := 0
	for _, id := range []string{"sku-0", "sku-1"} {
		at := d.n.now().UnixMilli()
		in, err := d.n.folds.book.Input("test", id, *pricingItem(mustItem(t, d.n, id), at), at)
		if err != nil {
			t.Fatal(err)
		}
		if x := pricing.Decide(in); x.Publish {
			decided++
			vera.says(got, 200, fmt.Sprintf("€%d.%02d", x.Price/100, x.Price%100))
		}
	}
	if decided == 0 {
		t.Fatal("the engine would do nothing, and nothing is tested")
	}
	vera.says(got, 200, fmt.Sprintf("%d of 2 items would get another price", decided))
	d.wantPrice("sku-0", 1999)
}

func TestPricesOfShopsAreApart(t *testing.T) {
	d := priceDesk(t)
	observed(t, d.n, 5, "sku-0")
	open := suggests(t, d.n, "sku-0", 2099)
	bo := d.as("bo")
	for _, path := range []string{"/admin/prices/sku-0", "/admin/prices/sku-0/trial?amount=20", "/admin/stock/sku-0"} {
		if got := bo.get(path); got.StatusCode != 404 {
			t.Errorf("%s of another shop: %d", path, got.StatusCode)
		}
	}
	for _, path := range []string{"/admin/prices?site=test", "/admin/prices?format=csv&site=test", "/admin/pricing/settings?site=test"} {
		if got := bo.get(path); got.StatusCode == 200 {
			t.Errorf("%s was shown to who may not see that shop", path)
		}
	}
	page := bo.get("/admin/prices?site=b")
	if strings.Contains(page.body, "sku-0") || strings.Contains(page.body, open) {
		t.Error("another shop's prices are shown")
	}
	bo.post("/admin/pricing/suggestions?site=b", "approve", open)
	bo.post("/admin/pricing/suggestions?site=test", "approve", open)
	bo.post("/admin/prices/sku-0?site=test", "amount", "20.50", "note", "mine")
	d.wantPrice("sku-0", 1999)
}

func TestTheFileOfPricesHasEveryRow(t *testing.T) {
	d := priceDesk(t)
	mia := d.as("mia")
	mia.follow(mia.post("/admin/prices/sku-1?site=test", "amount", "20.50", "note", "a note"))
	page := mia.see("/admin/prices?q=kettle&sort=-price")
	mia.says(page, 200, "format=csv")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(mia.see("/admin/prices?format=csv&sort=title").body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 4 {
		t.Fatalf("%v, %v", rows, err)
	}
	if got := rows[2]; got[0] != "sku-1" || got[4] != "20.50" || got[5] != "19.99" || got[8] != "0.51" || got[14] != "manual" || got[15] != "user mia" {
		t.Errorf("%q", got)
	}
	rows, err = csv.NewReader(strings.NewReader(strings.TrimPrefix(mia.see("/admin/prices?format=csv&q=kettle+2").body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][0] != "sku-2" {
		t.Errorf("%v, %v", rows, err)
	}
}
