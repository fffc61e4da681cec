package steer

import (
	"testing"

	"beckon/dashboards/ui"
	"beckon/dashboards/ui/golden"
	"beckon/web/text"
)

func page(lang string) ui.Page {
	return ui.Page{
		Title: "Rules", Nav: "rules", Text: text.For(lang), Site: "demo", SiteName: "Demo shop", User: "anna", Role: "merchandiser",
		CSRF: "token", Path: "/admin/rules?site=demo", CSV: "/admin/rules?format=csv&site=demo",
	}
}

var kettle = ui.Item{ID: "sku-1", Title: "Kettle <1>", Image: "https://shop.example/1.jpg"}

func list() View {
	return View{
		Total: 2, May: true,
		Conflicts: []Conflict{{Title: "“First” wants to show Kettle, “None” hides it", Text: "“Never show” wins. Pause one of the two.", Tone: "bad", Rules: []ui.Link{{Label: "First", Href: "/admin/rules/first?site=demo"}}}},
		Rows: []Row{
			{
				ID: "first", Title: "First <b>", Action: "pin", Does: "from place 1", What: "Kettle", Items: 1, Sample: []ui.Item{kettle}, Where: "Home page", When: "Always", State: "active",
				Known: true, Shown: 1200, Clicks: 40, Conflicts: []string{"“None” hides it"},
			},
			{ID: "less", Title: "Less", Action: "bury", Does: "score divided by 2", What: "Brand Acme", Items: 30, Where: "Everywhere", When: "From 1 Dec 2026, 09:00", State: "paused"},
		},
	}
}

func edit() Form {
	return Form{
		ID: "first", May: true, Title: "First", Action: "pin", Position: "1", Priority: "0", Chosen: []ui.Item{kettle}, Find: "cup", Searched: true, Found: []ui.Item{{ID: "sku-2", Title: "Cup"}},
		Strengths:  []ui.Choice{{Value: "2", Label: "Clearly", Selected: true}},
		Lists:      []Picker{{Name: "where.brands", Label: "Brands", Chosen: 1, Choices: []ui.Choice{{Value: "Acme", Label: "Acme (30)", Selected: true}}, Other: ui.Field{Name: "where.brands.other", Label: "Others"}}, {Name: "where.tags", Label: "Tags"}},
		Numbers:    []Span{{Legend: "Price", Help: "In force", Min: ui.Field{Name: "where.price.min", Kind: "money", Label: "At least", Value: "10.50", Unit: "EUR"}, Max: ui.Field{Name: "where.price.max", Kind: "money", Label: "At most", Unit: "EUR"}}},
		Placements: []ui.Choice{{Value: "home", Label: "Home page", Selected: true}, {Value: "cart", Label: "Cart"}},
		PageLists:  []ui.Field{{Name: "when.categories", Label: "Pages of these categories"}},
		Segments:   []ui.Choice{{Value: "new", Label: "New"}},
		Zone:       "UTC", Zones: []ui.Choice{{Value: "UTC", Label: "UTC", Selected: true}}, Starts: "2026-12-01T09:00",
		Weekly: []Hours{{Days: []ui.Choice{{Value: "mon", Label: "Mon", Selected: true}}, From: ui.Field{Name: "from.1", Label: "From", Value: "09:00"}, To: ui.Field{Name: "to.1", Label: "To", Value: "17:00"}}},
		Preview: &Preview{
			Summary: "Changes 34 % of the lists that shoppers see", Notes: []string{"Tried on 100 shoppers, with 400 lists."}, Tone: "info",
			Cases: []Case{
				{
					Who: "Shopper v_1", Where: "Home page", Href: "/admin/live/visitors/v_1?site=demo", Before: []Place{{Item: kettle}, {Item: ui.Item{ID: "x", Title: "Cup"}, Note: "gone", Tone: "bad"}},
					After: []Place{{Item: kettle, Note: "fixed", Tone: "info", Rule: true}},
				},
				{Who: "Somebody new", Where: "Cart"},
			},
		},
		History: "/admin/audit?id=first&kind=rule&site=demo", Effect: "So far: shown 1,200 times", State: "active", StateText: "In force",
	}
}

func TestPagesAreAsTheyWere(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		golden.Check(t, "list-"+lang, Page(page(lang), list()))
		golden.Check(t, "empty-"+lang, Page(page(lang), View{May: true}))
		golden.Check(t, "edit-"+lang, Edit(page(lang), edit()))
	}
	golden.Check(t, "empty-viewer", Page(page("en"), View{}))
	golden.Check(t, "nothing-found", Page(page("en"), View{Total: 12, Query: "moon", May: true}))
	wrong := edit()
	wrong.New, wrong.ID, wrong.Problem, wrong.Preview = true, "", "What is wrong stands below.", &Preview{Problem: "Choose the products."}
	wrong.Errors = map[string]string{"title": "Give the rule a name.", "where": "Choose products.", "position": "1 to 100.", "where.items": "Ten at most."}
	golden.Check(t, "edit-refused", Edit(page("en"), wrong))
	reader := edit()
	reader.May, reader.Preview = false, nil
	golden.Check(t, "edit-viewer", Edit(page("en"), reader))
}
