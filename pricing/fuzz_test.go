package pricing

import (
	"testing"

	json "github.com/go-json-experiment/json"

	"beckon/clickstream/record"
)

// Any body is either refused, and the state as before, or taken, and the state whole: it can be written, loads to the same bytes, and
// breaks no hard limit.
func FuzzRecords(f *testing.F) {
	dos := []string{
		DoSettings, DoFreeze, DoBreaker, DoObserve, DoDecide, DoApprove, DoDismiss, DoReopen, DoSet, DoUndo, DoMarkdown, DoMarkdownEnd, DoCompetitor, "price.none",
	}
	seed := func(do int, body any) {
		text, err := json.Marshal(body)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(do), text)
	}
	seed(0, PutSettings{Target{ScopeItem, "kettle"}, Settings{Mode: ptr(ModeOff), MAP: ptr(int64(900)), Margin: ptr(0.2)}})
	seed(0, PutSettings{Target{ScopeCategory, "kettles"}, Settings{Explore: ptr(0.01), SellBy: ptr(t0)}})
	seed(1, Freeze{Target{ScopeAll, ""}, true, true})
	seed(1, Freeze{Target{ScopeItem, "pan"}, true, false})
	seed(3, ObservationBatch{Slot: t0 + 2*day, Ms: day, Lines: []Observation{{"kettle", 1000, 100, 9, 1, true}}})
	seed(5, OnSuggestion{"s6"})
	seed(7, SetPrice{Item: "kettle", Amount: 1040, Force: true})
	seed(8, Undo{Item: "kettle"})
	seed(9, Announce{Items: []string{"kettle", "pan"}, Percent: 12, Until: t0 + 9*day})
	seed(10, EndMarkdown{"kettle"})
	seed(11, CompetitorBatch{"them", []CompetitorPrice{{"kettle", 990, "EUR", t0}}})
	w := newFuzzWorld(f)
	d, err := w.decision("kettle")
	if err != nil {
		f.Fatal(err)
	}
	seed(4, d)
	d.Price, d.Publish = 1050, true
	seed(4, d)
	f.Fuzz(func(t *testing.T, do uint8, body []byte) {
		w := newFuzzWorld(t)
		before := image(t, w.book)
		prices := [2]int64{w.public("kettle"), w.public("pan")}
		for _, actor := range []string{"user anna", Engine} {
			w.now += minute
			r := record.Control{Offset: uint64(len(w.log)) + 1, Time: w.now, Actor: actor, Do: dos[int(do)%len(dos)], Site: site, ID: "id", Body: body}
			w.log = append(w.log, r)
			if _, err := w.apply(&r); err != nil {
				if got := image(t, w.book); got != before || prices != [2]int64{w.public("kettle"), w.public("pan")} {
					t.Fatalf("%s was refused (%v) and left a trace", r.Do, err)
				}
				continue
			}
			before = image(t, w.book)
			if got := image(t, loaded(t, w.book)); got != before {
				t.Fatalf("%s: the image loads as another state\n%s\n%s", r.Do, before, got)
			}
			for _, id := range []string{"kettle", "pan"} {
				it := must(w.shelf.Item(site, id))
				v := w.book.Item(site, id, it, w.now)
				if lo, hi := v.Limits.Window(); !v.Frozen && v.Settings.Mode != ModeOff && lo <= hi && (it.Public < lo || it.Public > hi) {
					t.Fatalf("%s: %s costs %d, outside %d to %d", r.Do, id, it.Public, lo, hi)
				}
				if _, err := w.book.Explain(site, id, "", it, w.now); err != nil {
					t.Fatal(err)
				}
			}
			w.book.Site(site, w.now)
			w.book.Suggestions(site, w.now, 10)
			w.now += 40 * day // whatever it scheduled happens
			w.clock()
			before, prices = image(t, w.book), [2]int64{w.public("kettle"), w.public("pan")}
		}
	})
}

// newFuzzWorld is a shop of two items with an open suggestion, a version to undo, and the engine in auto.
func newFuzzWorld(t testing.TB) *world {
	w := newWorld(t)
	w.item("kettle", nil)
	w.item("pan", nil)
	w.mode(ModeAuto, nil)
	w.slot(steady, "kettle", "pan")
	w.must(DoSet, "", SetPrice{Item: "kettle", Amount: 1010, Force: true})
	w.slot(steady, "kettle", "pan")
	return w
}

// Any line is either refused or leaves a Book that can be written.
func FuzzLoad(f *testing.F) {
	w := newFuzzWorld(f)
	w.must(DoMarkdown, "m", Announce{Items: []string{"pan"}, Percent: 12, Until: w.now + 9*day})
	if err := w.book.Image()(func(v any) error {
		line, err := json.Marshal(v)
		f.Add(line)
		return err
	}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		b := New(Config{})
		if err := b.Load([]byte(`{"site":"shop","head":{}}`)); err != nil {
			t.Fatal(err)
		}
		if b.Load(line) != nil {
			return
		}
		first := image(t, b)
		if again := image(t, loaded(t, b)); again != first {
			t.Fatalf("%s\n%s", first, again)
		}
	})
}

// Any text is either refused or a hash that writes back.
func FuzzHash(f *testing.F) {
	f.Add([]byte("d8c873ae81ff7c4d1878ff8287a77f1d"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, text []byte) {
		var h, back Hash
		if h.UnmarshalText(text) != nil {
			return
		}
		if out, _ := h.MarshalText(); back.UnmarshalText(out) != nil || back != h {
			t.Fatalf("%s is read as %s", text, out)
		}
	})
}
