package audit

import (
	"fmt"
	"strings"
	"testing"

	"beckon/dashboards/ui"
	"beckon/dashboards/ui/golden"
	"beckon/web/text"
)

const t0 = 1_790_000_000_000

func frame(lang string) ui.Page {
	p := text.For(lang)
	return ui.Page{
		Title: p.T("audit.title"), Lead: p.T("audit.lead"), Nav: "audit", Text: p, Site: "demo", SiteName: "Demo", User: "anna", Role: "admin",
		CSRF: "token", Path: "/admin/audit?site=demo", CSV: "/admin/audit/csv?site=demo",
	}
}

// examples is one of nearly every kind.
func examples() []Entry {
	change := func(offset uint64, do, kind, id, before, after string) Entry {
		e := Entry{Offset: offset, Last: offset, Count: 1, Time: t0 + int64(offset)*60_000, Actor: "user anna", Do: do, Kind: kind, ID: id, Site: "demo", Currency: "EUR", Undo: true}
		if before != "" {
			e.Before, e.HasPrev, e.Prev = []byte(before), true, offset-1
		}
		if after != "" {
			e.After = []byte(after)
		}
		return e
	}
	price := change(90, "price.set", "price", "sku-1", `{"price":1999}`, `{"price":1799,"note":"Spring <sale>"}`)
	price.Name = "Kettle"
	undone := change(80, "price.settings", "settings", "category:kitchen", `{"margin":0.05,"dwell_ms":86400000}`, `{"margin":0.1,"max_step":0.2,"mode":"auto","dwell_ms":86400000}`)
	undone.Undo, undone.NoUndo, undone.UndoneBy = false, "undone", 85
	undo := change(85, "price.settings", "settings", "category:kitchen", `{"margin":0.1}`, `{"margin":0.05}`)
	undo.Undoes = 80
	refused := change(70, "user.remove", "user", "anna", "", "")
	refused.Undo, refused.NoUndo, refused.Refused = false, "refused", `user: "anna" is the last admin`
	imported := Entry{Offset: 10, Last: 345, Count: 336, Time: t0, Actor: "key key_4fz", Do: "item.put", Kind: "item", Site: "demo", NoUndo: "import"}
	login := Entry{Offset: 60, Last: 60, Count: 1, Time: t0, Actor: "user ben", Do: "session.begin", Kind: "login", ID: "ben", After: []byte(`{"browser":"Firefox on Linux"}`), NoUndo: "login"}
	old := Entry{Offset: 2, Last: 2, Count: 1, Time: t0, Actor: "cli", Do: "site.put", Kind: "site", ID: "demo", Site: "demo", After: []byte(`{"gap":1800000}`), Unknown: true, NoUndo: "old"}
	rule := change(65, "rule.put", "rule", "r1", "", `{"id":"r1","title":"Summer first","action":"boost","where":{"categories":["garden","grill"],"price":{"min":1000}},"state":"active"}`)
	rule.Name = "Summer first"
	strange := change(64, "weather.set", "weather", "rain", "", `{"wet":true}`)
	stock := change(63, "stock", "stock", "sku-1", `{"stock":null}`, `{"stock":12}`)
	return []Entry{price, undo, undone, refused, rule, strange, stock, login, imported, old}
}

func TestPages(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		p := frame(lang)
		actors := []ui.Choice{{Value: "anna", Label: "anna"}}
		golden.Check(t, "list_"+lang, Page(p, View{
			Filter: Filter{Actors: actors, Kinds: []string{"price", "rule", "login"}}, Entries: examples(), Next: "/admin/audit?before=2", Now: t0 + 9_000_000, Logins: true,
		}))
		golden.Check(t, "list_empty_"+lang, Page(p, View{Filter: Filter{Kinds: []string{"price"}}, Now: t0}))
		golden.Check(t, "list_nothing_"+lang, Page(p, View{Filter: Filter{Kind: "price", From: "x", Error: p.Text.T("audit.bad_date"), Kinds: []string{"price"}}, Now: t0, First: "/admin/audit", Next: "/admin/audit?before=1", Partial: true}))
		golden.Check(t, "list_trouble_"+lang, Page(p, View{Trouble: p.Text.T("audit.trouble.text"), Now: t0}))
		all := examples()
		golden.Check(t, "one_"+lang, OnePage(p, One{Entry: all[0], History: all[:2], All: "/admin/audit?kind=price&id=sku-1", Now: t0 + 9_000_000}))
		golden.Check(t, "one_refused_"+lang, OnePage(p, One{Entry: all[2], Trouble: p.Text.T("audit.undo.changed_since"), Now: t0 + 9_000_000}))
		golden.Check(t, "one_import_"+lang, OnePage(p, One{Entry: all[8], Now: t0 + 9_000_000}))
	}
}

func TestFieldsAreToldInWords(t *testing.T) {
	p := text.For("en")
	for _, c := range []struct{ before, after, want string }{
		{`{"price":1999}`, `{"price":1799}`, "Price: €19.99 → €17.99"},
		{`{"margin":0.05,"a":1}`, `{"margin":0.075,"a":1}`, "Least margin: 5.0% → 7.5%"},
		{`{"dwell_ms":86400000}`, ``, "Least time between changes: 1 day → "},
		{``, `{"budget":{"amount":250000,"currency":"EUR"}}`, "Budget › Amount:  → €2,500.00; Budget › Currency:  → EUR"},
		{`{"stock":null}`, `{"stock":3}`, "Stock: not counted → 3"},
		{`{"tags":["a"]}`, `{"tags":["a","b"]}`, "Tags: a → a, b"},
		{`{"on":false}`, `{"on":true}`, "Frozen: no → yes"},
		{`{"x_y":{"z":1.5}}`, `{"x_y":{"z":2}}`, "x y › z: 1.5 → 2"},
		{`{"id":"a","created":1}`, `{"id":"b","created":2}`, ""},
		{`not json`, `{"mode":"auto"}`, "Mode:  → automatic"},
	} {
		e := Entry{Before: []byte(c.before), After: []byte(c.after), Currency: "EUR"}
		list, _ := Changes(p, &e)
		var got []string
		for _, ch := range list {
			got = append(got, ch.Label+": "+ch.Before+" → "+ch.After)
		}
		if s := strings.ReplaceAll(strings.Join(got, "; "), "\u00a0", " "); s != c.want {
			t.Errorf("%s to %s: got %q, want %q", c.before, c.after, s, c.want)
		}
	}
}

func TestEveryActionHasWords(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		p := text.For(lang)
		for _, do := range []string{
			"site.put", "site.retire", "key.put", "key.revoke", "user.put", "user.remove", "user.totp", "item.put", "item.delete", "stock", "session.begin",
			"session.end", "login.failed", "price.set", "price.undo", "price.approve", "price.dismiss", "price.reopen", "price.settings", "price.freeze",
			"price.breaker", "price.markdown", "price.markdown.end", "price.competitor", "offer.campaign", "offer.state", "offer.cancel", "rule.put",
			"rule.remove", "rule.state", "segment.put", "segment.remove",
		} {
			if _, ok := known(p, "audit.do."+do); !ok {
				t.Errorf("%s: no words for %s", lang, do)
			}
		}
	}
}

func FuzzChangesTakeWhateverTheLogHas(f *testing.F) {
	f.Add([]byte(`{"a":{"b":{"c":[1,{"d":null}]}}}`), []byte(`{"a":1e400}`), "EUR")
	f.Add([]byte(`[]`), []byte(`{"price":-5}`), "")
	f.Fuzz(func(t *testing.T, before, after []byte, currency string) {
		p := text.For("de")
		e := Entry{Before: before, After: after, Currency: currency, Do: "rule.put", Kind: "rule", Count: 1}
		Changes(p, &e)
		if What(p, &e) == "" {
			t.Error("no words")
		}
		_ = fmt.Sprint(summary(p, &e), indented(before))
	})
}
