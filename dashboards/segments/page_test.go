package segments

import (
	"testing"

	"beckon/dashboards/ui"
	"beckon/dashboards/ui/golden"
	"beckon/web/text"
)

func page(lang string) ui.Page {
	return ui.Page{
		Title: "Segments", Nav: "segments", Text: text.For(lang), Site: "demo", SiteName: "Demo shop", User: "anna", Role: "merchandiser",
		CSRF: "token", Path: "/admin/segments?site=demo", Topics: []string{"segments"}, CSV: "/admin/segments?format=csv&site=demo",
	}
}

func view() View {
	return View{
		Total: 1200, Counted: 1_790_000_000_000, May: true,
		Rows: []Row{
			{ID: "new", Title: "New", Words: []string{"Number of visits: at most 1", "Number of orders: at most 0"}, Shoppers: 700, Here: 12, Spent: "€0.00"},
			{
				ID: "phones", Title: "Phones <or> tablets", Own: true, Any: true, Words: []string{"Device: is one of mobile", "Device: is one of tablet"},
				Shoppers: 300, Here: 3, Orders: 40, Spent: "€1,234.50", Used: []ui.Link{{Label: "Ten percent", Href: "/admin/offers/ten?site=demo"}},
			},
		},
	}
}

func editor() Editor {
	return Editor{
		ID: "phones", Title: "Phones", May: true, Own: true, PreviewURL: "/admin/segments/preview?site=demo", History: "/admin/audit?id=phones&kind=segment&site=demo",
		Features:    []Group{{Label: "Who and from where", Choices: []ui.Choice{{Value: "device", Label: "Device"}}}},
		Ops:         []ui.Choice{{Value: "is", Label: "is one of"}},
		Conditions:  []Condition{{Feature: "device", Op: "is", Value: "mobile"}, {}},
		Suggestions: []string{"desktop", "mobile"},
		Preview: Preview{Found: 300, Total: 1200, Here: 3, Buyers: 20, Spent: "€61.70 each on average", Samples: []Sample{
			{Visitor: "v_1", Href: "/admin/live/visitors/v_1?site=demo", Items: []ui.Item{{ID: "sku-1", Title: "Kettle", Image: "https://shop.example/1.jpg"}}},
			{Visitor: "v_2", Href: "/admin/live/visitors/v_2?site=demo", Note: "no products yet"},
		}},
	}
}

func TestPagesAreAsTheyWere(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		golden.Check(t, "list-"+lang, Page(page(lang), view()))
		golden.Check(t, "edit-"+lang, Edit(page(lang), editor()))
	}
	golden.Check(t, "list-before-the-first-count", Page(page("en"), View{}))
	wrong := editor()
	wrong.New, wrong.TitleError, wrong.IDError, wrong.Problem = true, "A name is needed.", "There is one already.", "There can be 100 segments."
	wrong.Conditions[0].Error = "A number is needed here."
	golden.Check(t, "edit-refused", Edit(page("en"), wrong))
	golden.Check(t, "preview-nobody", ui.In(text.For("en"), Counted(text.For("en"), Preview{})))
	reader := editor()
	reader.May = false
	golden.Check(t, "edit-viewer", Edit(page("en"), reader))
}
