package overview

import (
	"math"
	"testing"

	"beckon/dashboards/ui"
	"beckon/dashboards/ui/golden"
	"beckon/web/text"
)

func page(lang string) ui.Page {
	return ui.Page{
		Title: "Overview", Nav: "overview", Text: text.For(lang), Site: "demo", SiteName: "Demo shop", User: "anna", Role: "merchandiser",
		Path: "/admin?site=demo", Topics: []string{"overview"}, CSV: "/admin?format=csv&site=demo",
	}
}

const noon = 1_790_000_000_000

func view() View {
	nan := math.NaN()
	return View{
		Now:        noon,
		Active:     Tile{Value: "42", Now: 60, Before: 50, Note: "60 visits", Spark: []float64{1, 2, 3}},
		Carts:      Tile{Value: "7", Now: 5, Before: 10, Note: "worth €120.00"},
		Orders:     Tile{Value: "12", Now: 12, Before: 0},
		Revenue:    Tile{Value: "€1,200.00", Now: 120_000, Before: nan},
		Conversion: Tile{Value: "3.1%", Now: 0.031, Before: 0.031},
		Average:    Tile{Value: "€100.00", Now: 10_000, Before: 9_000},
		Visits:     Tile{Value: "400", Now: 400, Before: 390},
		Events:     Tile{Value: "4.2", Now: 1200, Before: 1000},
		Rate:       Rate{X: []int64{noon - 10_000, noon - 5_000}, People: []float64{3, 4.2}, Machines: []float64{0, 1}},
		Day:        Day{X: []int64{noon - 1_800_000, noon}, Today: []float64{10, nan}, LastWeek: []float64{8, 9}},
		InProgress: []int64{42, 30, 7, 2, 1}, Today: []int64{400, 300, 60, 20, 12},
		Needs: []Need{
			{Text: "3 products are sold out.", Href: "/admin/stock?site=demo", Link: "See which", Tone: "warn"},
			{Text: "Disk: 97 % full", Href: "/admin/health?site=demo", Link: "What to do", Tone: "bad"},
		},
		Viewed: []Viewed{
			{Item: ui.Item{ID: "sku-1", Title: "Kettle <steel>", Image: "https://shop.example/1.jpg", Href: "/admin/stock/sku-1?site=demo"}, Views: 31, Stock: "3 left", Tone: "warn"},
			{Item: ui.Item{ID: "sku-2", Title: "sku-2"}, Views: 4},
		},
		Searches: []Search{{Term: `<b>"mug"</b>`, Times: 3, Found: "/admin/live?q=mug&site=demo"}},
		Newest:   []Order{{At: noon - 60_000, Value: "€19.99", Item: ui.Item{ID: "sku-1", Title: "Kettle"}, Others: 2}},
		Devices:  []Share{{Label: "Phone", Visits: 30, Of: 42}}, Sources: []Share{{Label: "search.example", Visits: 20, Of: 42}},
	}
}

func TestPagesAreAsTheyWere(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		golden.Check(t, "full-"+lang, Page(page(lang), view()))
		quiet := View{Now: noon, Since: noon - 3_600_000}
		golden.Check(t, "quiet-"+lang, Page(page(lang), quiet))
		golden.Check(t, "fresh-"+lang, Page(page(lang), View{Setup: &Setup{Script: `<script async src="http://shop.example/b.js" data-key="pk_1"></script>`, CatalogN: 12}}))
	}
	golden.Check(t, "fresh-without-a-key", Page(page("en"), View{Setup: &Setup{Keys: "/admin/sites/demo"}}))
}
