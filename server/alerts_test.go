package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"beckon/clickstream"
)

func setStock(tb testing.TB, n *node, lines string) {
	tb.Helper()
	if a, err := n.shop.PostStock(tb.Context(), "test", "test", strings.NewReader(lines)); err != nil || len(a.Rejected) > 0 {
		tb.Fatalf("%+v, %v", a, err)
	}
}

// looks is what a look finds of the site at a time, as "kind item severity".
func looks(n *node, at int64) []string {
	n.now = func() time.Time { return time.UnixMilli(at) }
	n.look(n.work)
	var out []string
	for _, a := range (*n.alerts.found.Load())["test"].List {
		out = append(out, a.Kind+" "+a.Item+" "+a.Severity)
	}
	return out
}

func found(list []string, want string) bool {
	for _, got := range list {
		if strings.HasPrefix(got, want) {
			return true
		}
	}
	return false
}

func TestCoverBelowTwoDaysIsLowUntilItIsAboveThree(t *testing.T) {
	n := openHere(t, 2)
	now := time.Now().UnixMilli()
	wanted(t, n, "sku-0", now-20*dayMs, now, 2000, 200) // ten a day
	setStock(t, n, `{"item_id":"sku-0","stock":100}`+"\n"+`{"item_id":"sku-1","stock":3}`)
	level := func() string {
		it, _ := n.shop.Item("test", "sku-0")
		return it.Level
	}
	for _, step := range []struct {
		stock int
		low   bool
	}{{100, false}, {25, false}, {15, true}, {25, true}, {40, false}, {25, false}, {12, true}} {
		setStock(t, n, fmt.Sprintf(`{"item_id":"sku-0","stock":%d}`, step.stock))
		got := looks(n, now)
		if found(got, "low_cover sku-0") != step.low || (level() == "low") != step.low {
			t.Fatalf("%d pieces at ten a day: level %s, alerts %v, want low %v", step.stock, level(), got, step.low)
		}
		if found(got, "low_cover sku-1") {
			t.Error("an item that never sold has no cover to speak of")
		}
	}
	if it, _ := n.shop.Item("test", "sku-0"); !it.Scarce() {
		t.Error("the shop was not told")
	}
	if got := n.alerts.since[alertKey{"test", "low_cover", "sku-0"}]; got != now {
		t.Errorf("low since %d, want %d", got, now)
	}
	looks(n, now+1000)
	if got := n.alerts.since[alertKey{"test", "low_cover", "sku-0"}]; got != now {
		t.Errorf("a second later it is low since %d, want still %d", got, now)
	}
}

func TestCoverRecordsOfAMinuteAreBounded(t *testing.T) {
	n := openHere(t, 200)
	now := time.Now().UnixMilli()
	var lines strings.Builder
	for i := range 200 {
		wanted(t, n, fmt.Sprint("sku-", i), now-5*dayMs, now, 0, 50)
		fmt.Fprintf(&lines, `{"item_id":"sku-%d","stock":8}`+"\n", i)
	}
	setStock(t, n, lines.String())
	scarce := func() (count int) {
		for _, it := range n.shop.AllItems("test") {
			if it.Scarce() {
				count++
			}
		}
		return count
	}
	for range 3 {
		looks(n, now)
	}
	if got := scarce(); got != coverPerMinute {
		t.Errorf("%d items told in a minute, want %d", got, coverPerMinute)
	}
	looks(n, now+61_000)
	if got := scarce(); got != 200 {
		t.Errorf("%d items told after a minute more, want all 200", got)
	}
}

func TestOutOfStockIsGraveWhereItSells(t *testing.T) {
	n := openHere(t, 3)
	now := time.Now().UnixMilli()
	wanted(t, n, "sku-0", now-10*dayMs, now, 500, 50)
	setStock(t, n, `{"item_id":"sku-0","stock":0}`+"\n"+`{"item_id":"sku-1","stock":0}`)
	got := looks(n, now)
	if !found(got, "out_of_stock sku-0 critical") || !found(got, "out_of_stock sku-1 warning") || found(got, "out_of_stock sku-2") {
		t.Errorf("%v, want sku-0 critical, sku-1 warning, sku-2, which is not tracked, not at all", got)
	}
	if !strings.HasPrefix(got[0], "out_of_stock sku-0") {
		t.Errorf("%v: the gravest is not first", got)
	}
	setStock(t, n, `{"item_id":"sku-0","stock":900}`)
	if got := looks(n, now); found(got, "out_of_stock sku-0") {
		t.Errorf("%v after it came back", got)
	}
}

func TestDeadStockIsWhatNobodyWantsForAMonth(t *testing.T) {
	n := openHere(t, 3)
	then := time.Now().UnixMilli()
	setStock(t, n, `{"item_id":"sku-0","stock":4}`+"\n"+`{"item_id":"sku-1","stock":4}`+"\n"+`{"item_id":"sku-2","stock":4}`)
	wanted(t, n, "sku-0", then, then+35*dayMs, 10, 0)
	wanted(t, n, "sku-1", then, then+35*dayMs, 900, 0)
	wanted(t, n, "sku-2", then, then+35*dayMs, 10, 2)
	if got := looks(n, then+20*dayMs); found(got, "dead_stock") {
		t.Errorf("%v of a shop that is twenty days old", got)
	}
	got := looks(n, then+35*dayMs)
	if !found(got, "dead_stock sku-0 info") || found(got, "dead_stock sku-1") || found(got, "dead_stock sku-2") {
		t.Errorf("%v, want sku-0 alone: the others are looked at or sell", got)
	}
}

func TestSurgeStaysOnUntilItIsOver(t *testing.T) {
	n := openHere(t, 2)
	now := time.Now().UnixMilli() / minuteMs * minuteMs
	wanted(t, n, "sku-0", now-3*dayMs, now, 3*24*6, 0) // one in ten minutes
	if got := looks(n, now); found(got, "surge") {
		t.Fatalf("%v in a usual hour", got)
	}
	wanted(t, n, "sku-0", now, now+5*minuteMs, 60, 0)
	if got := looks(n, now+5*minuteMs); !found(got, "surge sku-0 info") {
		t.Fatalf("%v, want a surge", got)
	}
	if got := looks(n, now+9*minuteMs); !found(got, "surge sku-0") {
		t.Errorf("%v four minutes later, want it still on", got)
	}
	if got := looks(n, now+25*minuteMs); found(got, "surge") {
		t.Errorf("%v long after it ended", got)
	}
}

func TestDemandSurgesAndAlertsOverHTTP(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.want(202, "PUT", "/v1/items", in.secret, `{"item_id":"kettle","title":"Kettle","price":1999,"currency":"EUR","stock":3}`+"\n"+
		`{"item_id":"lamp","title":"Lamp","price":999,"currency":"EUR","stock":0}`, nil)
	now := time.Now().UnixMilli()
	var lines strings.Builder
	add := func(id, name, item string, ago int64) {
		fmt.Fprintf(&lines, `{"id":%q,"visitor":"v_%s","name":%q,"ts":%d,"transaction_id":%q,"currency":"EUR","items":[{"item_id":%q,"price":1999,"quantity":1}]}`+"\n",
			id, id, name, now-ago, id, item)
	}
	for i := range int64(200) { // five days of one view every 36 minutes, every tenth bought
		add(fmt.Sprint("e", i), "view_item", "kettle", (200-i)*36*minuteMs)
		if i%10 == 0 {
			add(fmt.Sprint("b", i), "purchase", "kettle", (200-i)*36*minuteMs-1)
		}
	}
	for i := range int64(40) {
		add(fmt.Sprint("s", i), "view_item", "lamp", (40-i)*2000)
	}
	in.want(202, "POST", "/v1/import", in.secret, lines.String(), nil)
	in.settle()

	var d struct{ Items []demandAnswer }
	in.want(200, "GET", "/v1/demand?items=kettle,nothing", in.secret, "", &d)
	kettle := d.Items[0]
	if len(d.Items) != 2 || kettle.Title != "Kettle" || kettle.Windows["7d"].Views != 200 || kettle.Windows["7d"].Units != 20 || *kettle.Windows["7d"].Revenue != 20*1999 {
		t.Errorf("kettle %+v", kettle)
	}
	if kettle.Stock == nil || *kettle.Stock != 3 || kettle.Cover == nil || *kettle.Cover > 3 || kettle.Runout == nil || kettle.Runout.P50 == nil ||
		!(*kettle.Runout.P10 <= *kettle.Runout.P50) || len(kettle.Forecast.Mean) != forecastShown {
		t.Errorf("kettle's outlook %+v", kettle)
	}
	if w := d.Items[1].Windows["10m"]; w.Views != 0 || d.Items[1].Stock != nil {
		t.Errorf("an unknown item: %+v", d.Items[1])
	}
	in.want(200, "GET", "/v1/demand?sort=views&window=10m&limit=1", in.secret, "", &d)
	if len(d.Items) != 1 || d.Items[0].Item != "lamp" || d.Items[0].Windows["10m"].Views != 40 {
		t.Errorf("most viewed %+v", d.Items)
	}
	for _, sort := range []string{"carts", "purchases", "revenue", "ratio", "sell_through", "cover"} {
		in.want(200, "GET", "/v1/demand?sort="+sort, in.secret, "", &d)
		if sort == "purchases" && d.Items[0].Item != "kettle" {
			t.Errorf("by purchases %+v", d.Items)
		}
	}
	in.want(400, "GET", "/v1/demand?sort=luck", in.secret, "", nil)
	in.want(400, "GET", "/v1/demand?window=2h", in.secret, "", nil)
	in.want(401, "GET", "/v1/demand?items=kettle", in.public, "", nil)

	var s struct{ Items []trendAnswer }
	in.want(200, "GET", "/v1/surges", in.public, "", &s)
	if len(s.Items) != 0 {
		t.Errorf("surges %+v: the lamp is out of stock and must not be shown to shoppers", s.Items)
	}
	in.want(202, "POST", "/v1/stock", in.secret, `{"item_id":"lamp","stock":50}`, nil)
	in.want(200, "GET", "/v1/surges", in.public, "", &s)
	if len(s.Items) != 1 || s.Items[0].Item != "lamp" || s.Items[0].Views != 40 || s.Items[0].Ratio == nil || *s.Items[0].Ratio < 2 {
		t.Errorf("surges %+v, want the lamp", s.Items)
	}
	in.want(200, "GET", "/v1/trending?window=10m", in.public, "", &s)
	if len(s.Items) == 0 || s.Items[0].Item != "lamp" || s.Items[0].Views != 40 || s.Items[0].Expected == nil {
		t.Errorf("trending %+v", s.Items)
	}

	var a struct {
		AsOf   int64 `json:"as_of"`
		Alerts []alert
		Counts map[string]int
	}
	in.want(200, "GET", "/v1/alerts", in.secret, "", &a)
	kinds := map[string]alert{}
	for _, x := range a.Alerts {
		kinds[x.Kind+" "+x.Item] = x
	}
	low := kinds["low_cover kettle"]
	if low.Do == "" || low.Since == 0 || low.Numbers["cover_days"] <= 0 || a.AsOf < now || a.Counts["low_cover"] != 1 {
		t.Errorf("alerts %+v", a)
	}
	if kinds["surge lamp"].Numbers["ratio"] < 2 {
		t.Errorf("alerts %+v, want the lamp's surge", a.Alerts)
	}
	var item struct{ Level string }
	in.want(200, "GET", "/v1/items/kettle", in.secret, "", &item)
	if item.Level != "low" {
		t.Errorf("the kettle's level is %s, want low", item.Level)
	}
	in.want(401, "GET", "/v1/alerts", in.public, "", nil)
}

func BenchmarkLook(b *testing.B) {
	n := openHere(b, 20_000)
	now := time.Now().UnixMilli()
	var lines strings.Builder
	var facts []clickstream.Fact
	for i := range 20_000 {
		id := fmt.Sprint("sku-", i)
		fmt.Fprintf(&lines, `{"item_id":%q,"stock":%d}`+"\n", id, 5+i%50)
		for j := range int64(20) {
			facts = append(facts, clickstream.Fact{Site: "test", Clock: now, Event: &clickstream.Event{
				Site: "test", Visitor: "v", Kind: []clickstream.Kind{clickstream.ViewItem, clickstream.Purchase}[j%2], Time: now - (20-j)*10*hourMs, Currency: "EUR",
				Items: []clickstream.Item{{ID: id, Quantity: 1, Price: 999}},
			}})
		}
	}
	setStock(b, n, lines.String())
	if err := n.demand.ApplyFacts(facts); err != nil {
		b.Fatal(err)
	}
	s, _ := n.shop.Site("test")
	b.ResetTimer()
	for b.Loop() {
		n.findAlerts(&s, n.now())
	}
}
