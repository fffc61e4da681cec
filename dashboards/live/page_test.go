package live

import (
	"testing"

	"beckon/dashboards/ui"
	"beckon/dashboards/ui/golden"
	"beckon/web/text"
)

func page(lang string) ui.Page {
	return ui.Page{
		Title: "Live", Nav: "live", Text: text.For(lang), Site: "demo", SiteName: "Demo shop", User: "anna", Role: "admin", CSRF: "token",
		Path: "/admin/live?site=demo", Topics: []string{"live"}, CSV: "/admin/live?format=csv&site=demo",
	}
}

const noon = 1_790_000_000_000

var kettle = ui.Item{ID: "sku-1", Title: "Kettle <steel>", Image: "https://shop.example/1.jpg", Href: "/admin/stock/sku-1?site=demo"}

func visit() Visit {
	return Visit{
		Visitor: "v_01JABCDEFGHIJKLMNOP", Href: "/admin/live/visitors/v_01JABCDEFGHIJKLMNOP?site=demo", Start: noon - 95_000, Last: noon - 4_000,
		Device: "Phone", Source: "search.example", Stage: 2, Item: kettle, Page: "/p/<1>", Cart: "€19.99", Events: 12,
	}
}

func view() View {
	robot := visit()
	robot.Visitor, robot.Machine, robot.Stage, robot.Cart, robot.Item = "eve", true, 0, "", ui.Item{}
	return View{
		Now: noon, Active: 12, Visits: 31, Machines: 1,
		Filter: Filter{Query: `"mug"`, Name: "search", Machines: true, Names: []ui.Choice{{Label: "Everything"}, {Value: "search", Label: "Searched", Selected: true}}},
		List:   []Visit{visit(), robot},
		Events: []Event{
			{Seq: 9, At: noon - 1_000, Name: "search", Visitor: "ann", Href: "/admin/live/visitors/ann?site=demo", About: "<b>mug</b>"},
			{Seq: 8, At: noon - 61_000, Name: "purchase", Visitor: "ben", Href: "/admin/live/visitors/ben?site=demo", Item: kettle, Others: 2, Value: "€59.97", Late: true},
			{Seq: 7, At: noon - 3_600_000, Name: "wave", Visitor: "eve", Href: "/admin/live/visitors/eve?site=demo", About: "/", Machine: true},
		},
	}
}

func visitor() Visitor {
	one := visit()
	return Visitor{
		ID: "v_01JABCDEFGHIJKLMNOP", Known: true, Now: noon, Visit: &one, Timeline: "/t", Advice: "/a", Export: "/x", Erase: "/e",
		Profile: Profile{
			User: "c-42", Devices: []ui.Link{{Label: "v_2", Href: "/v_2"}}, Analytics: true, Personal: true, First: noon - 9_000_000, Last: noon - 4_000, Visits: 3,
			Device: "Phone", Source: "search.example", Views: 20, Carts: 2, Purchases: 1, Searches: 4, Search: "mug", Spent: "€19.99",
			Segments: []ui.Link{{Label: "New", Href: "/s/new"}, {Label: "Phones", Href: "/s/phones"}},
		},
		Steps:  []Step{{At: noon - 4_000, Name: "add_to_cart", Item: kettle}},
		Cart:   []Line{{Item: kettle, Quantity: 2, Price: "€19.99"}},
		Recent: []Step{{At: noon - 4_000, Name: "add_to_cart", Item: kettle}},
		Bought: []Line{{Item: kettle, Quantity: 1, At: noon - 8_000_000}},
	}
}

func TestPagesAreAsTheyWere(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		p := page(lang)
		golden.Check(t, "live-"+lang, Page(p, view()))
		golden.Check(t, "live-empty-"+lang, Page(p, View{Now: noon}))
		golden.Check(t, "visitor-"+lang, VisitorPage(p, visitor()))
		golden.Check(t, "timeline-"+lang, ui.In(p.Text, TimelinePart(p, Timeline{Events: view().Events, Next: "/older"})))
	}
	p := page("en")
	golden.Check(t, "visitor-unknown", VisitorPage(p, Visitor{ID: "nobody", Timeline: "/t"}))
	counted := visitor()
	counted.Profile.Personal, counted.Profile.Machine, counted.Visit, counted.Erasing, counted.Export, counted.Erase = false, true, nil, true, "", "/e"
	golden.Check(t, "visitor-without-consent", VisitorPage(p, counted))
	golden.Check(t, "timeline-empty", ui.In(p.Text, TimelinePart(p, Timeline{})))
}
