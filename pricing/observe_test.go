package pricing

import (
	"fmt"
	"testing"

	json "github.com/go-json-experiment/json"
)

func TestASlotIsObservedOnce(t *testing.T) {
	w := newWorld(t)
	w.item("kettle", nil)
	w.mode(ModeAuto, nil)
	b := ObservationBatch{Slot: w.now, Ms: day, Lines: []Observation{
		{"kettle", 1000, 100, 9, 1, true}, {"kettle", 1000, 100, 9, 1, true}, {"none", 1000, 1, 1, 1, true}, {"kettle", -1, 1, 1, 1, true},
	}}
	w.now += day
	answer, err := w.do(Engine, DoObserve, "", b)
	if err != nil {
		t.Fatal(err)
	}
	a := answer.(Taken)
	if a.Accepted != 1 || len(a.Rejected) != 3 || a.Rejected[0].Code != "known_slot" || a.Rejected[1].Code != "unknown_item" || a.Rejected[2].Code != "bad_line" {
		t.Fatalf("%+v", a)
	}
	b.Slot = w.now
	_, err = w.do(Engine, DoObserve, "", b)
	wantCode(t, err, "bad_slot") // it is not closed
	_, err = w.do("user anna", DoObserve, "", b)
	wantCode(t, err, "engine_only")
	if got := w.book.Undecided(site); len(got) != 1 || got[0] != "kettle" {
		t.Fatalf("undecided %v", got)
	}
	if _, err := w.decide("kettle"); err != nil {
		t.Fatal(err)
	}
	if got := w.book.Undecided(site); len(got) != 0 {
		t.Fatalf("undecided %v after the decision", got)
	}
}

func TestAMarkdownTeachesNothing(t *testing.T) {
	w := learned(t, ModeAuto, nil)
	view := func() ItemView { return w.book.Item(site, "kettle", must(w.shelf.Item(site, "kettle")), w.now) }
	before := view().Observed
	w.must(DoMarkdown, "sale", Announce{Items: []string{"kettle"}, Percent: 20, Until: w.now + day + day/2})
	w.slot(steady, "kettle")
	w.slot(steady, "kettle") // ends in the midst of it
	if got := view().Observed; got != before {
		t.Fatalf("%g slots learned from, want %g", got, before)
	}
	w.slot(steady, "kettle")
	if got := view().Observed; got != before+1 {
		t.Fatalf("%g slots learned from, want %g", got, before+1)
	}
}

func TestPoolsAreEstimatedOncePerDayOfTheLog(t *testing.T) {
	w := newWorld(t)
	w.mode(ModeAuto, nil)
	var ids []string
	for i := range 12 {
		ids = append(ids, fmt.Sprint("i", i))
		w.item(ids[i], nil)
	}
	w.slot(steady, ids...)
	w.slot(steady, ids...)
	pools := w.book.Site(site, w.now).Pools
	if pools["kettles"].Prior.Items == 0 {
		t.Fatalf("pools %+v", pools)
	}
	head := w.book.sites[site].head
	w.now += minute
	if _, err := w.do(Engine, DoObserve, "", ObservationBatch{Slot: w.now - 2*day, Ms: minute, Lines: []Observation{{"i1", 1000, 1, 1, 1, true}}}); err != nil {
		t.Fatal(err)
	}
	if w.book.sites[site].head != head {
		t.Fatal("estimated twice on one day")
	}
}

func TestCompetitorsAreBoundedAndFresh(t *testing.T) {
	w := learned(t, ModeAuto, nil)
	line := func(price int64, seen int64) []CompetitorPrice {
		return []CompetitorPrice{{"kettle", price, "EUR", seen}}
	}
	for i := range maxSources + 5 {
		w.must(DoCompetitor, "", CompetitorBatch{fmt.Sprint("c", i), line(900+int64(i), w.now-day+int64(i))})
	}
	view := w.book.Item(site, "kettle", must(w.shelf.Item(site, "kettle")), w.now)
	if len(view.Competitors) != maxSources {
		t.Fatalf("%d sources kept, want %d", len(view.Competitors), maxSources)
	}
	for _, c := range view.Competitors {
		if c.Price < 905 {
			t.Fatalf("%+v was kept, and later ones left", c)
		}
	}
	in, err := w.book.Input(site, "kettle", must(w.shelf.Item(site, "kettle")), w.now)
	if err != nil || len(in.Competitors) != maxSources {
		t.Fatalf("%d in the input, %v", len(in.Competitors), err)
	}
	w.now += 2 * day
	if in, _ = w.book.Input(site, "kettle", must(w.shelf.Item(site, "kettle")), w.now); len(in.Competitors) != 0 {
		t.Fatalf("%d stale ones in the input", len(in.Competitors))
	}
	for code, p := range map[string]CompetitorPrice{
		"unknown_item": {"none", 900, "EUR", 0}, "bad_currency": {"kettle", 900, "USD", 0}, "bad_price": {"kettle", 0, "EUR", 0},
		"bad_seen_at": {"kettle", 900, "EUR", w.now + 2*minute}, "older": {"kettle", 900, "EUR", w.now - 5*day},
	} {
		a := w.must(DoCompetitor, "", CompetitorBatch{"c24", []CompetitorPrice{p}}).(Taken)
		if a.Accepted != 0 || a.Rejected[0].Code != code {
			t.Errorf("%s: %+v", code, a)
		}
	}
}

func TestAnObservationIsAnArray(t *testing.T) {
	o := Observation{"kettle", 1000, 100, 9.5, 1, true}
	text, err := json.Marshal(&o)
	if err != nil || string(text) != `["kettle",1000,100,9.5,1,true]` {
		t.Fatalf("%s %v", text, err)
	}
	var back Observation
	if err := json.Unmarshal(text, &back); err != nil || back != o {
		t.Fatalf("%+v %v", back, err)
	}
	for _, bad := range []string{`["kettle",1000]`, `{}`, `["kettle",1000,100,9.5,1,true,1]`, `[1,1,1,1,1,1]`, `null`} {
		if json.Unmarshal([]byte(bad), &back) == nil {
			t.Errorf("%s was read", bad)
		}
	}
}
