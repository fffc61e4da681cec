package prices

import (
	"strings"
	"testing"

	"beckon/dashboards/ui"
	"beckon/dashboards/ui/golden"
	"beckon/web/text"
)

const (
	now = int64(1_795_000_000_000)
	day = int64(24 * 3600_000)
)

func frame(lang string) ui.Page {
	return ui.Page{
		Title: text.For(lang).T("prices.title"), Nav: "prices", Text: text.For(lang), Site: "demo", SiteName: "Demo shop", User: "anna", Role: "merchandiser",
		CSRF: "token", Path: "/admin/prices?site=demo&sort=-changed", Topics: []string{"prices"}, CSV: "/admin/prices?format=csv&site=demo",
	}
}

func kettle() ui.Item {
	return ui.Item{ID: "kettle", Title: "Kettle <1 l>", Image: "https://shop.example/kettle.jpg", Href: "/admin/prices/kettle?site=demo"}
}

func decision() Decision {
	return Decision{
		At: now - 3600_000, Current: 1999, Proposed: 2240, Price: 2199, Best: 2290, Publish: true, Reason: "better", Better: 0.81, Gain: 0.034,
		Elasticity: Span{1.8, 1.4, 2.3}, Units: Span{8.1, 7, 9.3}, Market: 2150, Input: "00ff",
		Trace: []Step{
			{"map", 2240, 2240, 0},
			{"floor", 2240, 2240, 1260},
			{"ceiling", 2240, 2240, 3000},
			{"step", 2240, 2198, 2198},
			{"dwell", 2198, 2198, now - day},
			{"deadband", 2198, 2198, 40},
			{"rounding", 2198, 2199, 0},
			{"hard", 2199, 2199, 1260},
		},
	}
}

func suggestion() Suggestion {
	return Suggestion{
		ID: "s17", Item: kettle(), Currency: "EUR", Current: 1999, Proposed: 2199, Made: now - 3600_000, Expires: now + 6*day, Gain: Span{412, -80, 905}, Known: true,
		Margin: Rate{0.4, true}, MarginTo: Rate{0.454, true}, Decision: decision(),
	}
}

func view() View {
	lamp := ui.Item{ID: "lamp", Title: "Lamp", Href: "/admin/prices/lamp?site=demo"}
	second := suggestion()
	second.ID, second.Item, second.Known, second.Margin, second.Decision.Reason, second.Decision.Trace = "s18", lamp, false, Rate{}, "explore", nil
	return View{
		Now: now, CanChange: true, Waiting: []Suggestion{suggestion(), second}, All: 42, From: 20, Size: 20, MovesURL: "/admin/pricing/moves?site=demo",
		Engine: Engine{
			Mode: "suggest", Off: 10, Suggest: 300, Auto: 26, Counted: true, Learned: 200, Items: 336, FrozenCategories: []string{"garden", "tea"}, FrozenItems: 2,
			Breaker: Breaker{Moved: 0.031, Limit: 0.1}, Waiting: 42, Running: 3, Scheduled: 1,
		},
		Attention: []Attention{{Item: lamp, What: "infeasible", Since: now - day, Price: 999, Currency: "EUR"}},
		List: List{
			Ready: true, At: now - 30_000, Total: 336, Matching: 4, Size: 50, Sort: "-changed", Show: "waiting", Category: "kitchen",
			Categories: []ui.Choice{{Value: "kitchen", Label: "kitchen", Selected: true}},
			Rows: []Row{
				{
					Item: kettle(), Currency: "EUR", Price: 1999, List: 1999, Lowest: 1899, Margin: Rate{0.4, true}, Elasticity: Span{1.8, 1.4, 2.3}, Known: true, Days: 21,
					At: now - day, Kind: "list", Mode: "suggest", Suggested: 2199, Rivals: 2, Rival: 2150,
				},
				{Item: lamp, Currency: "EUR", Price: 899, List: 999, Lowest: 999, Known: true, At: now - 2*day, Kind: "engine", By: "engine", Reason: "better", Mode: "auto", Frozen: true},
				{Item: lamp, Currency: "JPY", Price: 900, List: 1000, Lowest: 1000, At: now, Kind: "markdown", Reason: "m_1", Mode: "off", Marked: true, Alert: "below_floor"},
				{Item: lamp, Currency: "EUR", Price: 950, List: 999, Lowest: 899, At: now, Kind: "manual", By: "user anna", Reason: "spring", Mode: "off"},
			},
		},
	}
}

func trial() Trial {
	return Trial{
		Currency: "EUR", Current: 1999, Amount: 1799, Known: true, CostKnown: true, Before: Daily{Span{9, 8, 10}, Span{18_000, 16_000, 20_000}, Span{7000, 6300, 7700}},
		After: Daily{Span{10.8, 9, 12}, Span{19_400, 17_000, 22_000}, Span{6400, 5600, 7300}}, Change: Daily{Span{1.8, 1.2, 2.4}, Span{1400, 200, 2600}, Span{-600, -1100, -90}},
		Share: Span{0.2, 0.13, 0.27}, Better: 0.04, Beyond: true, Engine: 1899, Moved: true, Trace: decision().Trace, Over: []string{"step", "rounding"}, Instead: 1899,
		Reference: 1899, Reduced: true, Rivals: Rivals{Known: 3, Lowest: 1700, Median: 2150, Highest: 2300, Below: 1},
	}
}

func itemView() ItemView {
	d, s, x := decision(), suggestion(), trial()
	return ItemView{
		Now: now, CanChange: true, Item: kettle(), Currency: "EUR", Price: 1999, List: 2099, Cost: 1199, Floor: 1260, Ceiling: 3000, Lowest: 1899, Prior: 1899, At: now - 3*day,
		Shown: "dynamic", Margin: Rate{0.4, true}, Mode: "suggest", MovableAt: now + 3600_000, Slot: day, Suggestion: &s, Alert: "above_ceiling",
		Belief: Belief{
			Known: true, Slots: 22, Days: 22, Elasticity: Span{1.8, 1.4, 2.3}, Dearer: Span{-0.18, -0.22, -0.14}, Cheaper: Span{0.2, 0.15, 0.26}, Units: Span{9, 8, 10},
			Best: 2290, Better: 0.81, Gain: 0.034, Shifts: 1, Shifted: now - 9*day, CostKnown: true,
		},
		Curve: []Point{{1200, Span{20, 12, 31}}, {1999, Span{9, 8, 10}}, {2990, Span{4, 1.5, 8}}},
		History: []Line{
			{At: now - day, Version: 30, Kind: "dismissed", By: "user anna", Before: 1999, After: 2100, Reason: "better"},
			{At: now - 3*day, Version: 20, Kind: "engine", By: "engine", Before: 2099, After: 1999, Reason: "rounding", Moved: true, UndoURL: "/admin/prices/kettle/undo?site=demo"},
			{At: now - 9*day, Version: 12, Kind: "manual", By: "user bo", Before: 1899, After: 2099, Reason: "as agreed", Over: []string{"step"}, Moved: true},
			{At: now - 40*day, Version: 2, Kind: "list", Before: 1899, After: 1899, Market: "ch"},
		},
		Cut: true, Decision: &d,
		Rivals:  []Rival{{Source: "them", Price: 2150, At: now - day, Fresh: true}, {Source: "others", Price: 1700, At: now - 9*day}},
		Markets: []Market{{Name: "ch", Currency: "CHF", Price: 2100, List: 2200, Lowest: 2100, At: now - day}},
		Try: Try{
			Amount: "17.99", Note: "clearance", PreviewURL: "/admin/prices/kettle/trial?site=demo",
			Markets: []ui.Choice{{Value: "", Label: "Base market (EUR)", Selected: true}, {Value: "ch", Label: "ch (CHF)"}},
		},
		Trial: &x, Ask: "2026-11-01T10:00", AskURL: "/admin/prices/kettle/explain?when=1",
	}
}

func TestPagesAreAsTheyWere(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		golden.Check(t, "page-"+lang, Page(frame(lang), view()))
		golden.Check(t, "page-empty-"+lang, Page(frame(lang), View{Now: now, CanChange: true, Engine: Engine{Mode: "off"}, List: List{Ready: true, At: now}}))
		stopped := View{Now: now, Engine: Engine{Mode: "auto", Frozen: true, Breaker: Breaker{Open: true, Moved: 0.12, Limit: 0.1}}, List: List{URL: "/admin/prices?part=items"}}
		golden.Check(t, "page-stopped-viewer-"+lang, Page(frame(lang), stopped))
		golden.Check(t, "item-"+lang, ItemPage(frame(lang), itemView()))
		golden.Check(t, "item-empty-"+lang, ItemPage(frame(lang), ItemView{Now: now, Item: kettle(), Currency: "EUR", Price: 1999, List: 1999, Cost: -1, Prior: 1999, At: now - day, Shown: "list", Mode: "off"}))
		wrong := itemView()
		wrong.Trial, wrong.Marked = nil, &Marked{ID: "m_1", Reference: 1899, Before: 1999, Until: now + day}
		wrong.Try.AmountError, wrong.Try.NoteError, wrong.Try.ForceError, wrong.Try.Problem, wrong.AskError = "amount", "note", "force", "frozen", "when"
		golden.Check(t, "item-refused-"+lang, ItemPage(frame(lang), wrong))
	}
	stopped := view()
	stopped.Engine.Frozen, stopped.Engine.FrozenAll, stopped.Engine.Breaker.Open = true, true, true
	golden.Check(t, "page-stopped", Page(frame("en"), stopped))
}

func TestFragmentsAreAsTheyWere(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		p := frame(lang)
		golden.Check(t, "trial-"+lang, ui.In(p.Text, TrialFragment(p, trial())))
		golden.Check(t, "trial-refused-"+lang, ui.In(p.Text, TrialFragment(p, Trial{Currency: "EUR", Current: 1999, Amount: 100, Engine: 1799, Moved: true, Refused: "outside_floor", Reference: 1999})))
		golden.Check(t, "moves-"+lang, ui.In(p.Text, MovesFragment(p, Moves{
			Now: now, Currency: "EUR", Looked: 500, Of: 900, Held: 498, More: 1, Sum: Span{500, 100, 900},
			Moves: []Move{
				{Item: kettle(), Currency: "EUR", Current: 1999, Price: 2199, Gain: Span{412, -80, 905}, Known: true, Reason: "better", Mode: "auto"},
				{Item: kettle(), Currency: "EUR", Current: 1999, Price: 1899, Reason: "explore", Mode: "suggest"},
			},
		})))
		d := decision()
		golden.Check(t, "explained-"+lang, ui.In(p.Text, Explained(p, Explanation{
			Currency: "EUR", Asked: now, Amount: 2199, Version: 20, From: now - day, Until: now + day, Kind: "approved", By: "user anna", Before: 1999, Reason: "better",
			Over: []string{"step"}, Decision: &d, Later: 2, LaterAt: now + 3600_000, Partly: true,
		})))
		golden.Check(t, "reduced-"+lang, ui.In(p.Text, ReducedFragment(p, Reduced{
			Items: 3001, Can: 1, Later: true, MaxItems: 3000, Rows: []ReducedRow{
				{Item: kettle(), Currency: "EUR", Price: 1999, Reference: 1899, Amount: 1519}, {Item: kettle(), Currency: "EUR", Price: 1999, Reference: 1500, Refused: "no_reduction"},
			},
		})))
	}
	p := frame("en")
	golden.Check(t, "trial-unknown", ui.In(p.Text, TrialFragment(p, Trial{Currency: "EUR", Current: 1999, Amount: 2050, Engine: 2050, Moved: true, Reference: 1999})))
	golden.Check(t, "trial-error", ui.In(p.Text, TrialFragment(p, Trial{Error: "Type a price."})))
	golden.Check(t, "moves-none", ui.In(p.Text, MovesFragment(p, Moves{Now: now, Looked: 12, Of: 12})))
	golden.Check(t, "explained-error", ui.In(p.Text, Explained(p, Explanation{Error: "That time is still to come."})))
	golden.Check(t, "reduced-error", ui.In(p.Text, ReducedFragment(p, Reduced{Error: "Name at least one item."})))
}

func TestFormsAreAsTheyWere(t *testing.T) {
	settings := SettingsView{
		CanChange: true, Scope: "item", Key: "kettle", Title: "Kettle", Frozen: true, OwnMore: 3,
		Own: []Target{{Scope: "category", Key: "kitchen", Mode: "auto", Frozen: true}, {Scope: "item", Key: "lamp", Title: "Lamp"}},
		Groups: []Group{
			{"mode", []Setting{{Name: "mode", Kind: "mode", Value: "auto", Inherited: "Off"}}},
			{"limits", []Setting{
				{Name: "margin", Kind: "percent", Value: "20", Inherited: "5%", Grey: "5", From: "site"},
				{Name: "map", Kind: "money", Unit: "EUR", Inherited: "none", Error: "Type an amount."},
				{Name: "dwell_ms", Kind: "text", Unit: "hours", Inherited: "1 day", Grey: "24", From: "category", FromKey: "kitchen"},
			}},
			{"rivals", []Setting{{Name: "competitors", Kind: "yes", Value: "no", Inherited: "Yes"}}},
			{"clearance", []Setting{{Name: "sell_by", Kind: "date", Inherited: "none"}}},
		},
	}
	markdowns := MarkdownsView{
		Now: now, CanChange: true,
		List: []Announced{
			{ID: "m_1", First: kettle(), Items: 3, Skipped: 1, Percent: 20, Currency: "EUR", From: now - day, Until: now + day, Running: true, EndURL: "/admin/pricing/markdowns/m_1/end?site=demo"},
			{ID: "m_2", First: kettle(), Items: 1, Amount: 1500, Currency: "EUR", From: now + day, Until: now + 2*day, EndURL: "/admin/pricing/markdowns/m_2/end?site=demo"},
			{ID: "m_3", First: kettle(), Items: 1, Percent: 5, From: now - day, Until: now - 1, Running: true, Overdue: true, EndURL: "/e"},
		},
		Form:    MarkdownForm{Items: "kettle", Percent: "2000", PercentError: "Type a number from 1 to 95.", All: "Too many.", PreviewURL: "/admin/pricing/markdowns/preview?site=demo", Categories: []ui.Choice{{Value: "kitchen", Label: "kitchen"}}},
		Reduced: &Reduced{Error: "Type a number from 1 to 95."},
	}
	for _, lang := range []string{"en", "de"} {
		golden.Check(t, "settings-"+lang, SettingsPage(frame(lang), settings))
		golden.Check(t, "settings-empty-"+lang, SettingsPage(frame(lang), SettingsView{Scope: "site", Groups: settings.Groups[:1]}))
		golden.Check(t, "markdowns-"+lang, MarkdownsPage(frame(lang), markdowns))
		golden.Check(t, "markdowns-empty-"+lang, MarkdownsPage(frame(lang), MarkdownsView{Now: now}))
	}
	settings.KeyError, settings.Scope, settings.Problem = "The catalog has no such item.", "category", "no"
	golden.Check(t, "settings-unknown", SettingsPage(frame("en"), settings))
	settings.KeyError = ""
	golden.Check(t, "settings-refused-category", SettingsPage(frame("en"), settings))
}

// Every word that the price records have is put into a sentence of the reader's language.
func TestEveryWordOfTheRecordsIsTold(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		p := text.For(lang)
		for _, of := range []map[string]string{kinds, rules, reasons, gates, alerts, refusals, shows, groups} {
			for word, key := range of {
				if said := p.T(key); said == key || said == "" {
					t.Errorf("%s: %s is told as %q", lang, word, said)
				}
			}
		}
		for _, r := range []string{"kill", "freeze", "map", "floor", "ceiling", "step", "dwell", "deadband", "edge", "rounding", "hard", "input"} {
			if said := stepWords(p, Step{r, 1000, 1100, now}, "EUR"); !strings.Contains(said, p.Money(1100, "EUR")) || strings.Contains(said, "→") {
				t.Errorf("%s: rule %s is told as %q", lang, r, said)
			}
		}
		for k := range kinds {
			x := Explanation{Currency: "EUR", Asked: now, Amount: 1000, Kind: k, By: "user anna", Before: 900, Reason: "below_floor", Markdown: &Marked{Reference: 950, Until: now}}
			for _, said := range explained(p, x) {
				if said == "" || strings.Contains(said, "prices.") {
					t.Errorf("%s: kind %s is told as %q", lang, k, said)
				}
			}
		}
	}
}
