package pricing

import (
	"testing"
)

// steady is a demand of 100 views and 10 units at any price.
func steady(string, int64) (views, units float64) { return 100, 10 }

func learned(t *testing.T, mode Mode, more func(*Settings)) *world {
	w := newWorld(t)
	w.item("kettle", nil)
	w.item("pan", nil)
	w.mode(mode, more)
	w.slot(steady, "kettle", "pan")
	w.slot(steady, "kettle", "pan")
	return w
}

func TestADecisionIsPublishedOnlyInAuto(t *testing.T) {
	w := learned(t, ModeAuto, nil)
	answer, err := w.do(Engine, DoDecide, "", w.moved("kettle", 1050))
	if err != nil || !answer.(Outcome).Published {
		t.Fatalf("auto: %+v, %v", answer, err)
	}
	w.wantPublic("kettle", 1050)
	if s := w.book.Shown(site, "kettle", "", 1050, 1000); s.Reason != ShownDynamic || s.Reference != 0 {
		t.Fatalf("shown as %+v, want dynamic without a reference", s)
	}

	w = learned(t, ModeSuggest, nil)
	answer, err = w.do(Engine, DoDecide, "", w.moved("kettle", 1050))
	if err != nil || answer.(Outcome).Published || answer.(Outcome).Suggestion == "" {
		t.Fatalf("suggest: %+v, %v", answer, err)
	}
	w.wantPublic("kettle", 1000)
	w.must(DoApprove, "", OnSuggestion{answer.(Outcome).Suggestion})
	w.wantPublic("kettle", 1050)
	w.refused("unknown_suggestion", DoApprove, "", OnSuggestion{answer.(Outcome).Suggestion})

	w = learned(t, ModeAuto, nil)
	d := w.moved("kettle", 1050)
	w.mode(ModeOff, nil)
	_, err = w.do(Engine, DoDecide, "", d)
	wantCode(t, err, "mode_off")
	w.wantPublic("kettle", 1000)
}

func TestADecisionIsAcceptedOnlyWhereItsInputHolds(t *testing.T) {
	for _, c := range []struct {
		name, code string
		between    func(w *world)
	}{
		{"nothing happened", "", func(*world) {}},
		{"stock fell", "stale", func(w *world) { w.item("kettle", func(it *Item) { it.Stock = 3 }) }},
		{"the price changed", "stale", func(w *world) { w.must(DoSet, "", SetPrice{Item: "kettle", Amount: 1040}) }},
		{"settings changed", "stale", func(w *world) { w.mode(ModeAuto, func(s *Settings) { s.Margin = ptr(0.2) }) }},
		{"another slot was observed", "stale", func(w *world) { w.slot(steady, "kettle"); w.now -= day - minute }},
		{"a competitor's price came", "stale", func(w *world) {
			w.must(DoCompetitor, "", CompetitorBatch{"them", []CompetitorPrice{{"kettle", 990, "EUR", 0}}})
		}},
		{"another item changed", "", func(w *world) { w.must(DoSet, "", SetPrice{Item: "pan", Amount: 1040}) }},
		{"it was frozen", "frozen", func(w *world) {
			w.must(DoFreeze, "", Freeze{Target{ScopeItem, "kettle"}, true, false})
		}},
		{"its category was frozen", "frozen", func(w *world) {
			w.must(DoFreeze, "", Freeze{Target{ScopeCategory, "kitchen"}, true, false})
		}},
		{"the site was stopped", "frozen", func(w *world) { w.must(DoFreeze, "", Freeze{Target{ScopeSite, ""}, true, false}) }},
		{"everything was stopped", "frozen", func(w *world) {
			if _, err := w.on("", "operator", DoFreeze, "", Freeze{Target{ScopeAll, ""}, true, false}); err != nil {
				w.t.Fatal(err)
			}
		}},
		{"a markdown began", "markdown_running", func(w *world) {
			w.must(DoMarkdown, "m", Announce{Items: []string{"kettle"}, Percent: 10, Until: w.now + day})
		}},
		{"it was taken off the shop", "unpublished", func(w *world) { w.item("kettle", func(it *Item) { it.Hidden = true }) }},
		{"it was deleted", "unknown_item", func(w *world) { w.do("key k", "item.put", "kettle", putBody{Gone: true}) }},
		{"six minutes passed", "stale", func(w *world) { w.now += 6 * minute }},
	} {
		w := learned(t, ModeAuto, nil)
		d := w.moved("kettle", 1050)
		c.between(w)
		before := w.public("kettle")
		state := image(t, w.book)
		_, err := w.do(Engine, DoDecide, "", d)
		if c.code == "" {
			if err != nil || w.public("kettle") != 1050 {
				t.Errorf("%s: %v, price %d", c.name, err, w.public("kettle"))
			}
			continue
		}
		wantCode(t, err, c.code)
		if w.public("kettle") != before || image(t, w.book) != state {
			t.Errorf("%s: a refused decision left a trace", c.name)
		}
	}
}

func TestADecisionOutsideTheGuardrailsIsRefused(t *testing.T) {
	for name, price := range map[string]int64{"step": 1101, "deadband": 1005, "below the floor": 650, "ceiling": 2500} {
		w := learned(t, ModeAuto, nil)
		_, err := w.do(Engine, DoDecide, "", w.moved("kettle", price))
		if err == nil {
			t.Errorf("%s: %d was published", name, price)
			continue
		}
		wantCode(t, err, "guard")
	}
	w := learned(t, ModeAuto, nil)
	w.must(DoSet, "", SetPrice{Item: "kettle", Amount: 1040})
	w.now += minute
	_, err := w.do(Engine, DoDecide, "", w.moved("kettle", 1080))
	wantCode(t, err, "guard") // dwell
	_, err = w.do("user anna", DoDecide, "", w.moved("pan", 1050))
	wantCode(t, err, "engine_only")
}

func TestTheBreakerStopsTheRestOfTheDay(t *testing.T) {
	w := learned(t, ModeAuto, func(s *Settings) { s.Breaker = ptr(0.03) })
	first, err := w.do(Engine, DoDecide, "", w.moved("kettle", 1050)) // 50 of 2000: 2.5 %
	if err != nil || !first.(Outcome).Published {
		t.Fatalf("%+v %v", first, err)
	}
	second, err := w.do(Engine, DoDecide, "", w.moved("pan", 1050))
	if err != nil || second.(Outcome).Kind != KindBreaker {
		t.Fatalf("%+v %v, want the breaker", second, err)
	}
	w.wantPublic("pan", 1000)
	if v := w.book.Site(site, w.now); !v.Breaker.Open {
		t.Fatalf("breaker %+v, want open", v.Breaker)
	}
	w.must(DoBreaker, "", nil)
	w.refused("breaker_closed", DoBreaker, "", nil)
	w.slot(steady, "pan")
	third, err := w.do(Engine, DoDecide, "", w.moved("pan", 1050))
	if err != nil || !third.(Outcome).Published {
		t.Fatalf("next day: %+v %v", third, err)
	}
}

func TestTheKillSwitchPutsListPricesBack(t *testing.T) {
	w := learned(t, ModeAuto, nil)
	if _, err := w.do(Engine, DoDecide, "", w.moved("kettle", 1050)); err != nil {
		t.Fatal(err)
	}
	w.must(DoMarkdown, "sale", Announce{Items: []string{"pan"}, Percent: 10, Until: w.now + 9*day})
	w.wantPublic("pan", 900)
	w.must(DoFreeze, "", Freeze{Target{ScopeSite, ""}, true, true})
	w.wantPublic("kettle", 1000)
	w.wantPublic("pan", 1000)
	w.refused("frozen", DoSet, "", SetPrice{Item: "kettle", Amount: 1040})
	w.now += 10 * day // the markdown's end has nothing to bring back
	w.do("", "clock", "", nil)
	w.must(DoFreeze, "", Freeze{Target{ScopeSite, ""}, false, false})
	w.wantPublic("pan", 1000)
	w.must(DoSet, "", SetPrice{Item: "kettle", Amount: 1040})
}

func TestUndoPublishesTheEarlierPriceAsANewVersion(t *testing.T) {
	w := learned(t, ModeAuto, nil)
	w.must(DoSet, "", SetPrice{Item: "kettle", Amount: 1040})
	it, _ := w.shelf.Item(site, "kettle")
	first := it.Version
	w.now += 2 * day
	w.must(DoSet, "", SetPrice{Item: "kettle", Amount: 1100})
	w.must(DoUndo, "", Undo{Item: "kettle"})
	w.wantPublic("kettle", 1040)
	it, _ = w.shelf.Item(site, "kettle")
	if it.Version <= first {
		t.Fatalf("undo gave version %d, want a new one after %d", it.Version, first)
	}
	w.must(DoUndo, "", Undo{Item: "kettle", Version: first})
	w.wantPublic("kettle", 1000)
	w.refused("unknown_version", DoUndo, "", Undo{Item: "kettle", Version: 1})
	w.refused("unknown_version", DoUndo, "", Undo{Item: "none"})
}

func TestAPersonIsHeldToHardLimitsAndMayForceSoftOnes(t *testing.T) {
	w := learned(t, ModeAuto, func(s *Settings) { s.Rounding = nil })
	w.refused("outside_floor", DoSet, "", SetPrice{Item: "kettle", Amount: 699, Force: true})
	w.refused("outside_ceiling", DoSet, "", SetPrice{Item: "kettle", Amount: 2001, Force: true})
	w.refused("needs_force", DoSet, "", SetPrice{Item: "kettle", Amount: 1500})
	w.refused("unchanged", DoSet, "", SetPrice{Item: "kettle", Amount: 1000})
	w.refused("unknown_market", DoSet, "", SetPrice{Item: "kettle", Market: "de", Amount: 1100})
	w.refused("bad_amount", DoSet, "", SetPrice{Item: "kettle", Amount: -1})
	w.refused("bad_body", DoSet, "", `{"item":"kettle","amount":1100,"visitor":"v"}`)
	answer := w.must(DoSet, "", SetPrice{Item: "kettle", Amount: 1500, Force: true, Note: "spring"}).(Published)
	if len(answer.Over) != 1 || answer.Over[0] != "step" {
		t.Fatalf("overridden %v, want the step", answer.Over)
	}
	w.must(DoSettings, "", PutSettings{Target{ScopeItem, "kettle"}, Settings{MAP: ptr(int64(1600))}})
	w.wantPublic("kettle", 1600)
	if v := w.book.Item(site, "kettle", must(w.shelf.Item(site, "kettle")), w.now); v.Alert != "below_map" {
		t.Fatalf("alert %q, want below_map", v.Alert)
	}
}

func must[V any](v V, ok bool) V {
	if !ok {
		panic("not there")
	}
	return v
}

func TestLimitsThatMoveTakeThePriceAlong(t *testing.T) {
	w := learned(t, ModeAuto, nil)
	w.item("kettle", func(it *Item) { it.Cost = 1100 }) // cost and 5 %
	w.wantPublic("kettle", 1155)
	w.item("kettle", func(it *Item) { it.Cost = 1100; it.Ceiling = 1160 })
	w.wantPublic("kettle", 1155)
	w.item("kettle", func(it *Item) { it.Ceiling = 900 })
	w.wantPublic("kettle", 900)
	x, err := w.book.Explain(site, "kettle", "", must(w.shelf.Item(site, "kettle")), w.now)
	if err != nil || x.Kind != KindEdge || len(x.Entry.Guard) == 0 {
		t.Fatalf("explained as %+v, %v", x, err)
	}
	w.must(DoFreeze, "", Freeze{Target{ScopeItem, "kettle"}, true, false})
	w.item("kettle", func(it *Item) { it.Floor = 950 })
	w.wantPublic("kettle", 900) // frozen: it stays, and alerts
	if v := w.book.Item(site, "kettle", must(w.shelf.Item(site, "kettle")), w.now); v.Alert != "frozen_outside" {
		t.Fatalf("alert %q", v.Alert)
	}
	w.must(DoFreeze, "", Freeze{Target{ScopeItem, "kettle"}, false, false})
	w.wantPublic("kettle", 950)
}

func TestTheShopsOwnPriceIsInForceAtOnce(t *testing.T) {
	w := learned(t, ModeSuggest, nil)
	if _, err := w.do(Engine, DoDecide, "", w.moved("kettle", 1050)); err != nil {
		t.Fatal(err)
	}
	before := w.book.Item(site, "kettle", must(w.shelf.Item(site, "kettle")), w.now)
	w.item("kettle", func(it *Item) { it.List = 1200 })
	w.wantPublic("kettle", 1200)
	after := w.book.Item(site, "kettle", must(w.shelf.Item(site, "kettle")), w.now)
	if after.Suggestion != nil || after.Observed != before.Observed || after.Ref != 1000 {
		t.Fatalf("suggestion %v, observed %g of %g, ref %d", after.Suggestion, after.Observed, before.Observed, after.Ref)
	}
	w.item("kettle", func(it *Item) { it.Currency, it.List = "USD", 1300 })
	if v := w.book.Item(site, "kettle", must(w.shelf.Item(site, "kettle")), w.now); v.Observed != 0 || v.Ref != 1300 {
		t.Fatalf("another currency: observed %g, ref %d", v.Observed, v.Ref)
	}
}

func TestSettingsOfTheNarrowestScopeWinFieldByField(t *testing.T) {
	w := newWorld(t)
	w.item("kettle", nil)
	w.mode(ModeAuto, func(s *Settings) { s.Margin, s.MaxStep = ptr(0.1), ptr(0.05) })
	w.must(DoSettings, "", PutSettings{Target{ScopeCategory, "kitchen"}, Settings{Margin: ptr(0.2), Mode: ptr(ModeSuggest)}})
	w.must(DoSettings, "", PutSettings{Target{ScopeCategory, "kettles"}, Settings{Margin: ptr(0.3)}})
	w.must(DoSettings, "", PutSettings{Target{ScopeItem, "kettle"}, Settings{Dwell: ptr(2 * day)}})
	e := w.book.Of(site, "kettle", []string{"kitchen", "kettles"})
	if e.Mode != ModeSuggest || e.Margin != 0.3 || e.MaxStep != 0.05 || e.Dwell != 2*day || e.Deadband != 0.02 {
		t.Fatalf("effective %+v", e)
	}
	for _, bad := range []string{
		`{"scope":"site","settings":{"mode":"on"}}`, `{"scope":"site","settings":{"margin":-1}}`, `{"scope":"site","settings":{"map":5}}`,
		`{"scope":"item","key":"kettle","settings":{"breaker":0.1}}`, `{"scope":"site","settings":{"slot_ms":5}}`,
		`{"scope":"site","settings":{"rounding":{"step":10,"ending":10}}}`, `{"scope":"site","settings":{"sell_by":5}}`,
	} {
		w.refused("bad_settings", DoSettings, "", bad)
	}
	w.refused("bad_scope", DoSettings, "", `{"scope":"all","settings":{}}`)
	w.refused("bad_scope", DoSettings, "", `{"scope":"item","settings":{}}`)
	w.refused("unknown_item", DoSettings, "", `{"scope":"item","key":"none","settings":{}}`)
	w.refused("bad_body", DoSettings, "", `{"scope":"site","settings":{"marign":0.1}}`)
}
