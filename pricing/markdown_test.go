package pricing

import (
	"testing"
)

func (w *world) clock() { w.do("", "clock", "", nil) }

func TestAMarkdownNamesTheLowestPriceOfThirtyDays(t *testing.T) {
	w := newWorld(t)
	w.item("kettle", nil)
	w.now += day
	w.item("kettle", func(it *Item) { it.List = 900 }) // for two days
	w.now += 2 * day
	w.item("kettle", func(it *Item) { it.List = 1100 })
	w.now += 20 * day
	w.refused("no_reduction", DoMarkdown, "up", Announce{Items: []string{"kettle"}, Amount: 950, Until: w.now + day})
	w.must(DoMarkdown, "sale", Announce{Items: []string{"kettle"}, Percent: 20, Until: w.now + 10*day})
	w.wantPublic("kettle", 720) // 20 % off 900, not off 1100
	it := must(w.shelf.Item(site, "kettle"))
	if s := w.book.Shown(site, "kettle", "", it.Public, it.List); s.Reason != ShownMarkdown || s.Reference != 900 || it.Markdown != 900 {
		t.Fatalf("shown as %+v with %d, want 900", s, it.Markdown)
	}
	w.now += 8 * day // the 900 is older than 30 days by now: the reference stays
	w.clock()
	w.refused("no_reduction", DoMarkdown, "step", Announce{Items: []string{"kettle"}, Percent: 20, Until: w.now + 10*day})
	w.must(DoMarkdown, "step", Announce{Items: []string{"kettle"}, Percent: 22, Until: w.now + 10*day})
	w.wantPublic("kettle", 702)
	if s := w.book.Shown(site, "kettle", "", 702, it.List); s.Reference != 900 {
		t.Fatalf("a step deeper: reference %d, want 900", s.Reference)
	}
	w.now += 3 * day // the first one is over, the step is not
	w.clock()
	w.wantPublic("kettle", 702)
	w.now += 7 * day
	w.clock()
	w.wantPublic("kettle", 1100)
	if s := w.book.Shown(site, "kettle", "", 1100, 1100); s.Reason != ShownList || s.Reference != 0 {
		t.Fatalf("after the end: %+v", s)
	}
	if len(w.book.Markdowns(site)) != 0 || w.book.Due() != 0 {
		t.Fatalf("left: %v, due %d", w.book.Markdowns(site), w.book.Due())
	}
}

func TestAMarkdownBeginsAndEndsByTheLogsClock(t *testing.T) {
	w := newWorld(t)
	w.item("kettle", nil)
	w.item("pan", func(it *Item) { it.Floor = 950 })
	from, until := w.now+day, w.now+3*day
	answer := w.must(DoMarkdown, "sale", Announce{Items: []string{"kettle", "pan", "none"}, Percent: 10, From: from, Until: until}).(Taken)
	if answer.Accepted != 3 || w.book.Due() != from {
		t.Fatalf("%+v, due %d, want %d", answer, w.book.Due(), from)
	}
	w.refused("markdown_exists", DoMarkdown, "sale", Announce{Items: []string{"kettle"}, Percent: 10, Until: until})
	w.now = from
	w.clock()
	w.wantPublic("kettle", 900)
	w.wantPublic("pan", 1000)
	if m := w.book.Markdowns(site)[0]; len(m.Skipped) != 2 || m.Skipped[0].Code != "outside_floor" || m.Skipped[1].Code != "unknown_item" {
		t.Fatalf("skipped %+v", m.Skipped)
	}
	w.refused("markdown_running", DoSet, "", SetPrice{Item: "kettle", Amount: 950})
	w.refused("markdown_running", DoUndo, "", Undo{Item: "kettle"})
	w.now = until
	w.clock()
	w.wantPublic("kettle", 1000)
}

func TestAFrozenMarkdownEndsWhenItThaws(t *testing.T) {
	w := newWorld(t)
	w.item("kettle", nil)
	w.must(DoMarkdown, "sale", Announce{Items: []string{"kettle"}, Amount: 900, Until: w.now + day})
	w.must(DoFreeze, "", Freeze{Target{ScopeItem, "kettle"}, true, false})
	w.now += 2 * day
	w.clock()
	w.wantPublic("kettle", 900)
	if w.book.Due() != 0 {
		t.Fatalf("due %d: it would be asked at every record", w.book.Due())
	}
	if got, want := image(t, loaded(t, w.book)), image(t, w.book); got != want {
		t.Fatal("loaded otherwise")
	}
	w.must(DoFreeze, "", Freeze{Target{ScopeItem, "kettle"}, false, false})
	w.wantPublic("kettle", 1000)
	if len(w.book.Markdowns(site)) != 0 {
		t.Fatal("it is still there")
	}
}

func TestAMarkdownEndsEarly(t *testing.T) {
	w := newWorld(t)
	w.item("kettle", nil)
	w.item("pan", nil)
	w.must(DoMarkdown, "sale", Announce{Items: []string{"kettle", "pan"}, Percent: 15, Until: w.now + 5*day})
	w.now += day
	w.must(DoMarkdownEnd, "sale", EndMarkdown{"kettle"})
	w.wantPublic("kettle", 1000)
	w.wantPublic("pan", 850)
	w.refused("unknown_item", DoMarkdownEnd, "sale", EndMarkdown{"kettle"})
	w.must(DoMarkdownEnd, "sale", nil)
	w.wantPublic("pan", 1000)
	w.refused("unknown_markdown", DoMarkdownEnd, "sale", nil)
}

func TestTheShopsOwnPriceEndsAMarkdown(t *testing.T) {
	w := newWorld(t)
	w.item("kettle", nil)
	w.must(DoMarkdown, "sale", Announce{Items: []string{"kettle"}, Percent: 15, Until: w.now + 5*day})
	w.now += day
	w.item("kettle", func(it *Item) { it.List = 1200 })
	w.wantPublic("kettle", 1200)
	w.now += 5 * day
	w.clock()
	w.wantPublic("kettle", 1200)
}

func TestAMarketHasPricesOfItsOwn(t *testing.T) {
	w := newWorld(t)
	w.item("kettle", func(it *Item) {
		it.Markets = map[string]Price{"ch": {Currency: "CHF", List: 500}, "de": {Currency: "EUR", List: 1100}}
	})
	w.refused("outside_floor", DoSet, "", SetPrice{Item: "kettle", Market: "de", Amount: 600, Force: true})
	w.must(DoSet, "", SetPrice{Item: "kettle", Market: "ch", Amount: 480, Force: true}) // of another currency than the floor's
	w.must(DoMarkdown, "sale", Announce{Items: []string{"kettle"}, Market: "de", Percent: 10, Until: w.now + 5*day})
	it := must(w.shelf.Item(site, "kettle"))
	if it.Markets["ch"].Public != 480 || it.Markets["de"].Public != 990 || it.Public != 1000 {
		t.Fatalf("prices %+v", it)
	}
	w.now += 6 * day
	w.clock()
	w.must(DoUndo, "", Undo{Item: "kettle", Market: "ch"})
	it = must(w.shelf.Item(site, "kettle"))
	if it.Markets["ch"].Public != 500 || it.Markets["de"].Public != 1100 {
		t.Fatalf("prices %+v", it)
	}
}

func TestAMarkdownIsAnnouncedAsItIs(t *testing.T) {
	w := newWorld(t)
	w.item("kettle", nil)
	now := w.now
	for name, b := range map[string]Announce{
		"no items":     {Percent: 10, Until: now + day},
		"nothing off":  {Items: []string{"kettle"}, Until: now + day},
		"both":         {Items: []string{"kettle"}, Percent: 10, Amount: 900, Until: now + day},
		"no end":       {Items: []string{"kettle"}, Percent: 10},
		"ends before":  {Items: []string{"kettle"}, Percent: 10, From: now + day, Until: now + day},
		"too long":     {Items: []string{"kettle"}, Percent: 10, Until: now + 400*day},
		"twice":        {Items: []string{"kettle", "kettle"}, Percent: 10, Until: now + day},
		"amount of 2":  {Items: []string{"kettle", "pan"}, Amount: 900, Until: now + day},
		"all of it":    {Items: []string{"kettle"}, Percent: 100, Until: now + day},
		"in last year": {Items: []string{"kettle"}, Percent: 10, From: now - 300*day, Until: now + day},
	} {
		_, err := w.do("user anna", DoMarkdown, "m", b)
		if err == nil {
			t.Errorf("%s was taken", name)
			continue
		}
		wantCode(t, err, "bad_markdown")
	}
	w.refused("no_reduction", DoMarkdown, "m", Announce{Items: []string{"kettle"}, Amount: 1000, Until: now + day})
	w.refused("outside_floor", DoMarkdown, "m", Announce{Items: []string{"kettle"}, Amount: 600, Until: now + day})
}

func TestAReductionIsToldBeforeItIsAnnounced(t *testing.T) {
	w := newWorld(t)
	w.item("kettle", nil)
	w.mode(ModeSuggest, nil)
	w.now += 2 * day
	for percent, code := range map[float64]string{10: "", 20: "", 29: "", 31: "outside_floor"} {
		it, _ := w.shelf.Item(site, "kettle")
		r := w.book.Reduction(site, "kettle", "", it, percent, 0, w.now)
		switch {
		case code == "" && (r.Refused != nil || r.Reference != 1000 || r.Amount != off(1000, percent)):
			t.Errorf("%g %%: %+v", percent, r)
		case code != "" && (r.Refused == nil || r.Refused.Code != code):
			t.Errorf("%g %%: %+v, want %s", percent, r, code)
		}
	}
	it, _ := w.shelf.Item(site, "kettle")
	told := w.book.Reduction(site, "kettle", "", it, 25, 0, w.now)
	w.must(DoMarkdown, "m", Announce{Items: []string{"kettle"}, Percent: 25, Until: w.now + day})
	w.wantPublic("kettle", told.Amount)
	if s := w.book.Shown(site, "kettle", "", told.Amount, 1000); s.Reference != told.Reference {
		t.Errorf("shown as %+v, told was %+v", s, told)
	}
}
