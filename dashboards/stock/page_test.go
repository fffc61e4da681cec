package stock

import (
	"testing"

	"beckon/dashboards/ui"
	"beckon/dashboards/ui/golden"
	"beckon/web/text"
)

const now = int64(1_795_000_000_000)

func frame(lang string) ui.Page {
	return ui.Page{
		Title: text.For(lang).T("stock.title"), Nav: "stock", Text: text.For(lang), Site: "demo", SiteName: "Demo shop", User: "anna", Role: "merchandiser",
		CSRF: "token", Path: "/admin/stock?site=demo&sort=cover", Topics: []string{"stock"}, CSV: "/admin/stock?format=csv&site=demo",
	}
}

func kettle() ui.Item {
	return ui.Item{ID: "kettle", Title: "Kettle <1 l>", Image: "https://shop.example/kettle.jpg", Href: "/admin/stock/kettle?site=demo"}
}

func view() View {
	lamp := ui.Item{ID: "lamp", Title: "Lamp", Href: "/admin/stock/lamp?site=demo"}
	return View{
		Now: now, CanChange: true, Looked: now - 12_000, Counts: Counts{Out: 3, Low: 1, Surging: 1, Dead: 12, DeadValue: 123_400, Currency: "EUR"}, Holds: 4,
		Act: []Act{
			{Item: kettle(), Kind: "out", Grave: true, Since: now - 3600_000, PerDay: 4.2, Views: 310, Lost: 8396, Currency: "EUR"},
			{Item: lamp, Kind: "low", Free: 2, PerDay: 1.5, Lost: -1, P10: 0.4, P50: 1.2, P90: 3.1},
			{Item: lamp, Kind: "low", Grave: true, Free: 1, PerDay: 3, Lost: -1, P10: 0.1, P50: 0.3, P90: 60},
			{Item: lamp, Kind: "held", Held: 2, Lost: -1},
			{Item: lamp, Kind: "out", Views: 1, Lost: -1},
			{Item: lamp, Kind: "out", Lost: -1},
		},
		Surges: []Surge{
			{Item: lamp, Views: 84, Expected: 12.5, Ratio: 3.2, Free: 40, Cover: 1.4, Spark: []float64{1, 2, 1, 9}},
			{Item: kettle(), Views: 30, Expected: 0.1, Ratio: 2.4, Free: -1, Cover: -1, Spark: []float64{0, 0, 3}},
		},
		Dead: []Dead{
			{Item: lamp, Stock: 300, Value: 299_700, Currency: "EUR", Idle: 45, Views: 3},
			{Item: kettle(), Stock: 3, Value: -1, Currency: "EUR", Idle: -1},
		},
		Back: []Back{{Item: lamp, At: now - 7200_000, Free: 30}},
		List: List{
			Ready: true, At: now - 30_000, Total: 120_000, Capped: 100_000, Matching: 70, From: 50, Size: 50, Sort: "cover", Q: "la", Level: "low", Category: "light",
			Categories: []ui.Choice{{Value: "light", Label: "light", Selected: true}},
			Rows: []Row{
				{Item: lamp, Level: "low", Stock: 3, Reserved: 1, Free: 2, PerDay: 1.5, Week: 9, Cover: 1.33, P10: 0.5, P90: 4},
				{Item: kettle(), Level: "untracked", Stock: -1, Free: -1, PerDay: 0.02, Cover: -1, P10: -1, P90: -1},
				{Item: lamp, Level: "in", Stock: 900, Free: 900, PerDay: 12.4, Week: 80, Cover: 60, P10: 60, P90: 60},
				{Item: lamp, Level: "held", Stock: 1, Reserved: 1, PerDay: 2, Cover: 0.5, P10: 3, P90: 60},
			},
		},
	}
}

func itemView() ItemView {
	return ItemView{
		Now: now, CanChange: true, Item: kettle(), Category: []string{"kitchen"}, Level: "low", Stock: 5, Reserved: 2, Free: 3, LowStock: 5, PerDay: 1.2,
		Cover: 2.5, P10: 1, P50: 2.4, P90: 6, Method: "weekday", Error: 0.8, Hidden: true,
		Windows: []Window{
			{Name: "10m", Views: 3, Revenue: -1, Currency: "EUR"},
			{Name: "1h", Views: 12, Carts: 1, Revenue: -1, Expected: 9.5, Known: true, Currency: "EUR"},
			{Name: "24h", Views: 200, Carts: 9, Units: 2, Revenue: 3998, Expected: 180, Known: true, Currency: "EUR"},
			{Name: "7d", Views: 1400, Carts: 60, Units: 9, Revenue: 17_991, Currency: "EUR"},
		},
		Past:    []Day{{At: now - 2*dayMs, Views: 20, Units: 1}, {At: now - dayMs, Views: 30, Units: 3}},
		Ahead:   []Ahead{{At: now, Mean: 1.2, Lo: 0, Hi: 3}, {At: now + dayMs, Mean: 1.1, Lo: 0, Hi: 3}},
		Changes: []Change{{At: now - 1000, By: "user anna", Before: 9, After: 5, Href: "/admin/audit"}, {At: now - 90_000, By: "key k1", Before: -1, After: 9, Href: "/admin/audit"}},
		Holds:   []Hold{{ID: "r_1", Pieces: 2, Made: now - 60_000, Expires: now + 60_000, MorePart: 1}}, HoldsAll: true, Form: Form{Count: "5"},
	}
}

func TestPagesAreAsTheyWere(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		golden.Check(t, "page-"+lang, Page(frame(lang), view()))
		golden.Check(t, "page-empty-"+lang, Page(frame(lang), View{Now: now, List: List{Ready: true, At: now}}))
		golden.Check(t, "item-"+lang, ItemPage(frame(lang), itemView()))
		golden.Check(t, "item-empty-"+lang, ItemPage(frame(lang), ItemView{
			Now: now, Item: kettle(), Level: "untracked", Stock: -1, Free: -1, Cover: -1, P10: -1, P50: -1, P90: -1, Method: "rate",
		}))
		wrong := itemView()
		wrong.Form = Form{Count: "many", CountError: text.For(lang).T("stock.set.bad_count"), NoteError: text.For(lang).T("stock.set.no_note"), Problem: "item_id: gone"}
		golden.Check(t, "item-refused-"+lang, ItemPage(frame(lang), wrong))
	}
	making := view()
	making.List, making.CanChange = List{URL: "/admin/stock?part=items&site=demo"}, false
	golden.Check(t, "page-making", Page(frame("en"), making))
	golden.Check(t, "items-fragment", ui.In(text.For("de"), Items(frame("de"), view())))
}

func TestHeadingsSortBothWays(t *testing.T) {
	p := frame("en")
	p.Path += "&from=50"
	for _, c := range []struct{ key, by, now, want string }{
		{"cover", "cover", "asc", "sort=-cover"},
		{"cover", "-cover", "desc", "sort=cover"},
		{"free", "cover", "", "sort=-free"},
		{"title", "cover", "", "sort=title"},
	} {
		down := false
		for _, col := range columns {
			if col.key == c.key {
				down = col.down
			}
		}
		now, address := p.Sorted(c.key, c.by, down)
		if want := "/admin/stock?site=demo&" + c.want + "#items"; now != c.now || address != want {
			t.Errorf("%s in the order of %s: %q %q, want %q %q", c.key, c.by, now, address, c.now, want)
		}
	}
}
