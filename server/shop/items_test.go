package shop

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestItemComesBackAsItWasPut(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s")
	line := `{"item_id":"k-1","title":"Kettle","url":"https://shop.example/p/1","image":"/img/1.svg","category":["Home","Kitchen"],` +
		`"brand":"Acme","price":1999,"currency":"EUR","cost":900,"stock":4,"floor":1500,"ceiling":2500,"tags":["new"],"published":true,` +
		`"group":"kettles","low_stock":5,"markets":{"at":{"price":2099,"currency":"EUR"},"de":{"price":1999,"currency":"EUR"}},"attributes":{"b":1,"a":[2]}}`
	if a := r.put("s", line); a.Accepted != 1 || len(a.Rejected) != 0 {
		t.Fatalf("%+v", a)
	}
	for range 2 { // as it is, and after a restart
		got, err := json.Marshal(r.item("s", "k-1"))
		if err != nil {
			t.Fatal(err)
		}
		want := strings.TrimSuffix(line, "}") + fmt.Sprintf(`,"level":"in","public":1999,"version":1,"lowest_30d":1999,"created":%d,"changed":%d}`, t0, t0)
		want = strings.Replace(want, `"level":"in"`, `"level":"low","left":4`, 1)
		if string(got) != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		r.reopen()
	}
}

func TestUpsertReplacesAllButUnstatedStock(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s")
	r.put("s", `{"item_id":"a","title":"A","brand":"B","price":100,"stock":3,"tags":["x"],"published":false}`)
	r.stock("s", `{"item_id":"a","delta":-1}`)
	r.put("s", `{"item_id":"a","title":"A2"}`)
	it := r.item("s", "a")
	if it.Title != "A2" || it.Brand != "" || it.Currency != "" || len(it.Tags) != 0 || !it.Published || shown(it) != "low 2" {
		t.Errorf("%+v", it)
	}
	r.put("s", `{"item_id":"a","stock":null}`)
	if it := r.item("s", "a"); it.Stock != Unset || it.Level != LevelIn {
		t.Errorf("stock %d, level %s; want not tracked, in", it.Stock, it.Level)
	}
}

func TestAvailabilityNeedsACatalogToSayNo(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s")
	f := func(item string, want bool) {
		t.Helper()
		if got := r.Available("s", item); got != want {
			t.Errorf("%s available: %v, want %v", item, got, want)
		}
	}
	f("a", true) // a site that lives from events alone
	if r.Available("none", "a") {
		t.Error("an item of no site is available")
	}
	r.put("s", `{"item_id":"a"}`, `{"item_id":"b","stock":0}`, `{"item_id":"c","published":false}`, `{"item_id":"d","stock":1}`)
	f("a", true)
	f("b", false)
	f("c", false)
	f("d", true)
	f("unlisted", false)
	for _, id := range []string{"a", "b", "c", "d"} {
		if err := r.DeleteItem(t.Context(), "test", "s", id); err != nil {
			t.Fatal(err)
		}
	}
	r.reopen()
	f("a", false) // deleted, and an empty catalog is one
	refused(t, r.DeleteItem(t.Context(), "test", "s", "a"), "unknown_item")
	if _, err := r.UpdateSite(t.Context(), "test", "s", Settings{ShowUnlisted: true}); err != nil {
		t.Fatal(err)
	}
	f("unlisted", true)
}

func TestItemLinesAreRejectedWithTheirField(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s")
	f := func(line, code, message string) {
		t.Helper()
		a := r.put("s", line)
		if a.Accepted != 0 || len(a.Rejected) != 1 || a.Rejected[0].Code != code || a.Rejected[0].Message != message {
			t.Errorf("%.80s\ngot  %+v\nwant %s: %s", line, a, code, message)
		}
	}
	f(`{"title":"x"}`, "missing_item", "item_id: missing")
	f(`{"item_id":"a b"}`, "bad_item", "item_id: want 1-64 of A-Z a-z 0-9 _ . : -")
	f(`{"item_id":7}`, "bad_item", "item_id: want a string, not a number")
	f(`{"item_id":"a","price":19.99}`, "bad_price", "price: want a whole number of minor units, not 19.99")
	f(`{"item_id":"a","price":"1999"}`, "bad_price", `price: want a whole number of minor units, not a string`)
	f(`{"item_id":"a","price":-1}`, "bad_price", "price: -1, want 0 to 1000000000000 minor units")
	f(`{"item_id":"a","floor":5,"ceiling":4}`, "bad_price", "floor: 5 is above the ceiling 4")
	f(`{"item_id":"a","price":1,"currency":"EURO"}`, "bad_currency", `currency: "EURO" is not of ISO 4217`)
	f(`{"item_id":"a","price":1,"currency":1}`, "bad_currency", "currency: want a string, not a number")
	f(`{"item_id":"a","stock":-1}`, "bad_stock", "stock: -1, want 0 to 1000000000000")
	f(`{"item_id":"a","stock":"3"}`, "bad_stock", "stock: want a whole number, not a string")
	f(`{"item_id":"a","category":"Home"}`, "bad_field", "category: want a list of strings, not a string")
	f(`{"item_id":"a","tags":[1]}`, "bad_field", "tags.0: want a list of strings, not a number")
	f(`{"item_id":"a","published":"yes"}`, "bad_field", "published: want true or false, not a string")
	f(`{"item_id":"a","attributes":[]}`, "bad_field", "attributes: want an object")
	f(`{"item_id":"a","url":"javascript:alert(1)"}`, "bad_url", "url: want http://, https:// or a path from /")
	f(`{"item_id":"a","image":"//evil.example/x"}`, "bad_url", "image: want http://, https:// or a path from /")
	f(`{"item_id":"a","markets":{"de":{"price":-1,"currency":"EUR"}}}`, "bad_price", "markets.de.price: -1, want 0 to 1000000000000 minor units")
	f(`{"item_id":"a","markets":{"de":{"price":1,"currency":"?"}}}`, "bad_currency", `markets.de.currency: "?" is not of ISO 4217`)
	f(`{"item_id":"a","title":"`+strings.Repeat("x", maxTitle+1)+`"}`, "too_large", "title: 1001 bytes, 1000 at most")
	f(`{"item_id":"a","title":"`+strings.Repeat("x", maxLine)+`"}`, "too_large", "line: longer than 65536 bytes")
	f("{\"item_id\":\"a\",\"title\":\"\xff\"}", "bad_utf8", "line: not UTF-8")
	f(`"a"`, "bad_json", "line: not an object")
	f(`{"item_id":"a"`, "bad_json", "line: unexpected EOF after offset 14")
	f(`{"item_id":"a","item_id":"b"}`, "bad_json", `line: duplicate object member name "item_id"`)
	if _, ok := r.Item("s", "a"); ok {
		t.Error("a rejected line changed the catalog")
	}
	a := r.put("s", "\xef\xbb\xbf"+`{"item_id":"a"}`+"\r", "", `{"title":"x"}`, `{"item_id":"b"}`)
	if a.Accepted != 2 || len(a.Rejected) != 1 || a.Rejected[0].Index != 1 {
		t.Errorf("%+v", a)
	}
}

func TestCatalogIsBounded(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s")
	r.cfg.MaxItems = 2
	a := r.put("s", `{"item_id":"a"}`, `{"item_id":"b"}`, `{"item_id":"c"}`, `{"item_id":"a","title":"again"}`)
	if a.Accepted != 3 || len(a.Rejected) != 1 || a.Rejected[0].Code != "too_many_items" || a.Rejected[0].Index != 2 {
		t.Errorf("%+v", a)
	}
}

func TestRejectionsAreBounded(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s")
	a := r.put("s", strings.Repeat("{}\n", 5000))
	if len(a.Rejected) != maxRejections || a.RejectedTotal != 5000 {
		t.Errorf("%d listed of %d", len(a.Rejected), a.RejectedTotal)
	}
}

func TestChangesTellWhatShoppersCanSee(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s")
	f := func(line, want string) {
		t.Helper()
		r.put("s", line)
		got := ""
		for _, c := range r.took() {
			got += fmt.Sprintf("%s stock=%v price=%v listed=%v", c.Item, c.Stock, c.Price, c.Listed)
			if c.Now != r.item("s", c.Item) || c.Offset+1 != r.Offset() {
				t.Errorf("%s: change %+v is not of the last record", line, c)
			}
		}
		if got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
	f(`{"item_id":"a","price":100,"stock":9}`, "a stock=true price=true listed=true")
	f(`{"item_id":"a","price":100,"stock":8,"title":"x"}`, "")
	f(`{"item_id":"a","price":90,"stock":8}`, "a stock=false price=true listed=false")
	f(`{"item_id":"a","price":90,"stock":3}`, "a stock=true price=false listed=false")
	f(`{"item_id":"a","price":90,"low_stock":1}`, "a stock=true price=false listed=false")
	f(`{"item_id":"a","price":90,"published":false,"low_stock":1}`, "a stock=false price=false listed=true")
	f(`{"item_id":"b"}`, "b stock=true price=false listed=true")
	if err := r.DeleteItem(t.Context(), "test", "s", "a"); err != nil {
		t.Fatal(err)
	}
	if got := r.took(); len(got) != 1 || got[0].Now != nil || !got[0].Listed {
		t.Errorf("a delete says %+v", got)
	}
}

func TestItemsAreListedInOrder(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s")
	for i := range 250 {
		r.put("s", fmt.Sprintf(`{"item_id":"i%03d","title":"Item %d","brand":"%s","category":["All","%s"]}`, i, i, []string{"Acme", "Zeta"}[i%2], []string{"Odd", "Even"}[i%2]))
	}
	after, n := "", 0
	for {
		page := r.Items("s", after, 100)
		for _, it := range page {
			if it.ID <= after {
				t.Fatalf("%s after %s", it.ID, after)
			}
			after = it.ID
			n++
		}
		if len(page) < 100 {
			break
		}
	}
	if n != 250 || r.CountItems("s") != 250 {
		t.Errorf("%d items listed, %d counted, want 250", n, r.CountItems("s"))
	}
	got := r.FindItems("s", ItemQuery{Category: "Odd", Text: "ACME item 1", Limit: 2, After: "i010"})
	if len(got) != 2 || got[0].ID != "i012" || got[1].ID != "i014" {
		t.Errorf("found %+v", got)
	}
}

func TestUnlistedItemsAreNotedAndBounded(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s")
	r.put("s", `{"item_id":"known"}`)
	r.NoteSeen("s", "known", "", "", t0)
	r.NoteSeen("none", "x", "", "", t0)
	r.NoteSeen("s", "x", "https://shop.example/x", "X", t0+1)
	r.NoteSeen("s", "x", "", "", t0)
	r.NoteSeen("s", "y", "", "", t0)
	r.reopen()
	got := r.SeenItems("s", 10)
	want := SeenItem{ID: "x", URL: "https://shop.example/x", Title: "X", First: t0, Last: t0 + 1, Times: 2}
	if len(got) != 2 || got[0] != want || got[1].ID != "y" {
		t.Errorf("seen %+v", got)
	}
	r.put("s", `{"item_id":"x"}`)
	if got := r.SeenItems("s", 10); len(got) != 1 {
		t.Errorf("seen %+v, want only y", got)
	}
	for i := range 5 * seenHalf {
		r.NoteSeen("s", fmt.Sprint("n", i), "", "", t0)
	}
	if got := len(r.SeenItems("s", 1e6)); got < seenHalf || got > 2*seenHalf {
		t.Errorf("%d unlisted items kept, want %d to %d", got, seenHalf, 2*seenHalf)
	}
}
