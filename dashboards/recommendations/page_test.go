package recommendations

import (
	"slices"
	"testing"

	"github.com/a-h/templ"

	"beckon/dashboards/ui"
	"beckon/dashboards/ui/golden"
	"beckon/web/text"
)

const day = int64(86_400_000)

var start = int64(1_773_100_800_000) / day * day

func pageOf(lang, path string) ui.Page {
	t := text.For(lang)
	return ui.Page{
		Title: t.T("recommendations.title"), Lead: t.T("recommendations.lead"), Nav: "recommendations", Text: t, Site: "shop", SiteName: "Shop", User: "anna",
		Role: "viewer", Path: path, Topics: []string{"recommendations"},
	}
}

func view() View {
	return View{
		From: "2026-03-04", To: "2026-03-10", Presets: []ui.Tab{{Label: "Last 7 days", Href: "?from=2026-03-04&to=2026-03-10", Active: true}},
		Period: "/admin/recommendations/period?site=shop", Items: "/admin/recommendations/items?site=shop", Preview: "/admin/recommendations/preview?site=shop",
		Live: Live{[]LiveRow{{"home", "trending", 812.4, 60, 0.31, 0.3}, {"item", "session", 1200, 144, 1.1, 1}, {"own <place>", "own kind", 3, 0, 0.2, 0.2}}},
	}
}

func period(oneIn int64) Period {
	row := func(place, kind string, shown, clicks int64, earlier *Row) Row {
		return Row{
			Placement: place, Kind: kind, Shown: shown, Clicks: clicks, Carts: clicks / 3, Purchases: clicks / 10,
			Revenue: []Money{{"EUR", clicks * 1234}, {"USD", 500}}, Earlier: earlier,
		}
	}
	before := row("home", "trending", 9000, 300, nil)
	v := Period{
		Days: 7, OneIn: oneIn, Total: row("", "", 22_000, 900, nil), Before: row("", "", 20_000, 1000, nil), Open: true,
		By:   []Row{row("home", "", 12_000, 500, &before), row("item", "", 10_000, 400, nil)},
		Rows: []Row{row("home", "trending", 12_000, 500, &before), row("item", "bought_together", 10_000, 400, nil)},
	}
	for i := range int64(7) {
		v.ByDay = append(v.ByDay, Day{start + i*day, 3000 + i, 100 + 5*i})
		v.DayBefore = append(v.DayBefore, Day{start + (i-7)*day, 2800, 140})
	}
	v.ByDay[2].Shown, v.ByDay[2].Clicks = 0, 0
	return v
}

func items() Items {
	return Items{
		Catalog: 340, Shown: 120, Before: 100, Half: 7, Impressions: 22_000, CSV: "/admin/recommendations/items.csv?site=shop",
		Rows: []ItemRow{{Item: ui.Item{ID: "mug", Title: "Mug <blue>", Image: "/i/mug.svg"}, Shown: 900, Views: 80, Carts: 9, Purchases: 3, Revenue: []Money{{"EUR", 4470}}, Why: "/admin/recommendations/preview?why=mug"}},
	}
}

func preview() PreviewView {
	mug := ui.Item{ID: "mug", Title: "Mug", Image: "/i/mug.svg"}
	return PreviewView{
		Form: PreviewForm{
			Visitor: "v1", Newest: []ui.Choice{{Value: "v1", Label: "2 min ago · Mug"}}, Places: []ui.Choice{{Value: "home", Label: "Home page", Selected: true}},
			Items: []ui.Choice{{Value: "mug", Label: "Mug"}}, Segments: []ui.Choice{{Label: "the shopper’s own"}}, Languages: []ui.Choice{{Value: "en", Label: "English", Selected: true}},
			Why: "lamp", AnswerURL: "/admin/recommendations/preview/answer?site=shop",
		},
		Answer: Answer{
			Link: "/admin/recommendations/preview?site=shop&visitor=v1", Place: "home",
			Shopper: Shopper{Known: true, Personal: true, Visits: 3, Views: 12, Recent: 7, Cart: 1, Bought: 2, Segments: []string{"Returning"}},
			Cards: []Card{
				{
					Item: mug, Price: "€14.90", Was: "€19.90", Stock: Stock{"low", 3}, Reason: "Because you looked at Lamp", Kind: "session", Because: []string{"Lamp"},
					Parts: []Part{{"session", 0.6}, {"bestseller", 0.2}}, Chance: 1, Score: 0.8,
					Touches: []Touch{{Rule{"Spring", "/admin/rules/r1"}, "boost", 0.4, 0.8}, {Rule{"Old stock", "/admin/rules/r2"}, "bury", 0.8, 0.5}},
				},
				{Item: ui.Item{ID: "pot"}, Stock: Stock{"in", -1}, Kind: "pinned", Pin: &Rule{"Always the pot", "/admin/rules/r3"}, Chance: 1},
				{Item: ui.Item{ID: "new", Title: "New"}, Stock: Stock{"out", 0}, Kind: "bought_together", Drawn: true, Chance: 0.12, Parts: []Part{{"bought_together", 0.1}}},
			},
			Why: []WhyNot{
				{Item: ui.Item{ID: "lamp", Title: "Lamp"}, Code: "below_cut", Place: 31, Score: 0.1, Least: 0.42},
				{Item: mug, Code: "excluded_by_rule", Rule: &Rule{"Hide <mugs>", "/admin/rules/r4"}},
				{Item: mug, Code: "same_product", Variant: ui.Item{ID: "mug-red", Title: "Red mug"}},
			},
		},
	}
}

func TestPagesAreGolden(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		p := pageOf(lang, "/admin/recommendations?site=shop")
		wrong := view()
		wrong.Range, wrong.Period, wrong.Items, wrong.Live = p.Text.T("history.range.order"), "", "", Live{}
		nobody := preview()
		nobody.Answer = Answer{Link: "/admin/recommendations/preview?site=shop"}
		nobody.Form.VisitorError = p.Text.T("recommendations.form.visitor.wrong")
		for name, c := range map[string]templ.Component{
			"page": Page(p, view()), "page_wrong": Page(p, wrong),
			"period": ui.In(p.Text, PeriodPart(p, period(1))), "period_sampled": ui.In(p.Text, PeriodPart(p, period(32))),
			"period_empty": ui.In(p.Text, PeriodPart(p, Period{Days: 7, OneIn: 1})),
			"items":        ui.In(p.Text, ItemsPart(p, items())), "items_empty": ui.In(p.Text, ItemsPart(p, Items{Catalog: 5})),
			"preview": PreviewPage(p, preview()), "preview_empty": PreviewPage(p, nobody),
		} {
			golden.Check(t, name+"_"+lang, c)
		}
	}
}

// TestIntervalsHoldTheRate compares with published values of Wilson's interval.
func TestIntervalsHoldTheRate(t *testing.T) {
	for _, c := range []struct {
		part, whole, oneIn int64
		low, high          float64
	}{{0, 0, 1, 0, 0}, {0, 10, 1, 0, 0.2775}, {5, 10, 1, 0.2366, 0.7634}, {10, 10, 1, 0.7225, 1}, {320, 640, 64, 0.2366, 0.7634}} {
		low, high := Interval(c.part, c.whole, c.oneIn)
		if d := max(low-c.low, c.low-low, high-c.high, c.high-high); d > 0.0001 {
			t.Errorf("%d of %d, one in %d: %.4f-%.4f, want %.4f-%.4f", c.part, c.whole, c.oneIn, low, high, c.low, c.high)
		}
	}
}

func TestFilesHaveARowAPlaceAndAColumnACurrency(t *testing.T) {
	v := period(32)
	head, rows := PeriodCSV(text.For("en"), &v)
	list := slices.Collect(rows)
	if len(list) != 2 || head[len(head)-2] != "Revenue EUR" || head[len(head)-1] != "Revenue USD" {
		t.Fatalf("%d rows under %q", len(list), head)
	}
	if got := list[0]; len(got) != len(head) || got[0] != "Home page" || got[2] != "12000" || got[len(got)-2] != "6170.00" || got[len(got)-3] != "300" {
		t.Errorf("got %q", got)
	}
	shown := items()
	head, rows = ItemsCSV(text.For("de"), &shown)
	if got := slices.Collect(rows); len(got) != 1 || len(got[0]) != len(head) || got[0][0] != "mug" || got[0][6] != "44.70" {
		t.Errorf("got %q under %q", got, head)
	}
}
