package pricing

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	json "github.com/go-json-experiment/json"

	"beckon/clickstream/record"
)

// season simulates a shop of items for days, with everything that people do to it in between, and returns how many decisions were
// accepted.
func (w *world) season(items, days int) (accepted int) {
	rng := rand.New(rand.NewPCG(7, 7))
	var ids []string
	elasticity := map[string]float64{}
	for i := range items {
		id := fmt.Sprintf("i%03d", i)
		ids = append(ids, id)
		elasticity[id] = 1.2 + 2.5*rng.Float64()
		w.item(id, func(it *Item) {
			it.Category = []string{"all", fmt.Sprint("c", i%5)}
			it.Cost, it.Floor, it.Ceiling = 500+rng.Int64N(200), Unset, 3000
			it.Stock = []int64{Unset, 400}[i%2]
		})
	}
	w.mode(ModeAuto, func(s *Settings) { s.Breaker = ptr(0.5) })
	w.must(DoSettings, "", PutSettings{Target{ScopeCategory, "c4"}, Settings{Mode: ptr(ModeSuggest)}})
	w.must(DoSettings, "", PutSettings{Target{ScopeCategory, "c3"}, Settings{SellBy: ptr(w.now + 60*day)}})
	for d := range days {
		w.slot(func(id string, price int64) (views, units float64) {
			views = float64(40 + rng.IntN(60))
			mean := views * 0.1 * math.Pow(float64(price)/1000, -elasticity[id])
			for range int(views) {
				if rng.Float64() < mean/views {
					units++
				}
			}
			return views, units
		}, ids...)
		for _, id := range w.book.Undecided(site) {
			if _, err := w.decide(id); err == nil {
				accepted++
			}
		}
		id := ids[rng.IntN(len(ids))]
		person := func(do, name string, body any) { w.do("user anna", do, name, body) } // refusals are part of a log
		switch d % 12 {
		case 1:
			person(DoMarkdown, fmt.Sprint("m", d), Announce{Items: []string{id}, Percent: 12, From: w.now + day/2, Until: w.now + 5*day})
		case 3:
			person(DoCompetitor, "", CompetitorBatch{"a", []CompetitorPrice{{id, 900, "EUR", 0}}})
			person(DoCompetitor, "", CompetitorBatch{"b", []CompetitorPrice{{id, 920, "EUR", 0}}})
		case 5:
			person(DoUndo, "", Undo{Item: id})
		case 6:
			for _, s := range w.book.Suggestions(site, w.now, 3) {
				person(DoApprove, "", OnSuggestion{s.ID})
			}
		case 7:
			person(DoFreeze, "", Freeze{Target{ScopeItem, id}, true, false})
		case 9:
			person(DoFreeze, "", Freeze{Target{ScopeItem, id}, false, false})
			person(DoSet, "", SetPrice{Item: id, Amount: 1100, Force: true})
		case 11:
			w.item(id, func(it *Item) { it.Cost, it.Category = 800, []string{"all", "c1"} })
		}
	}
	return accepted
}

func TestReplayRecomputesEveryDecisionBitForBit(t *testing.T) {
	w := newWorld(t)
	accepted := w.season(60, 190)
	if accepted < 10_000 {
		t.Fatalf("%d decisions, want 10,000", accepted)
	}
	start := time.Now()
	book, audit, err := ReplayLog(each(w.log), newShelf(), Config{})
	if err != nil || audit.Accepted != accepted || audit.Equal != accepted || audit.First != nil {
		t.Fatalf("of %d decisions: %+v, %v", accepted, audit, err)
	}
	t.Logf("%d records, %d decisions, folded and recomputed in %v", len(w.log), accepted, time.Since(start))
	if image(t, book) != image(t, w.book) {
		t.Fatal("the log gives another state the second time")
	}
	kinds := map[Kind]int{}
	for _, it := range w.book.sites[site].items {
		for _, e := range it.History {
			kinds[e.Kind]++
		}
	}
	for _, k := range []Kind{KindEngine, KindStay, KindSuggested, KindMarkdown, KindMarkdownEnd} {
		if kinds[k] == 0 {
			t.Errorf("no %s among %v", k, kinds)
		}
	}
}

func TestReplayNamesTheFirstDecisionThatDiffers(t *testing.T) {
	w := newWorld(t)
	w.season(10, 30)
	forged, seen := uint64(0), 0
	for i := range w.log {
		if w.log[i].Do != DoDecide {
			continue
		}
		if seen++; seen == 40 {
			forged = w.log[i].Offset
			w.log[i].Body = []byte(strings.Replace(string(w.log[i].Body), `"p_better":`, `"p_better":1`, 1))
		}
	}
	_, audit, err := ReplayLog(each(w.log), newShelf(), Config{})
	if err != nil || audit.Different != 1 || audit.First == nil || audit.First.Offset != forged {
		t.Fatalf("%+v %v, want the one at %d", audit, err, forged)
	}
	t.Log(audit.First)
}

func TestAnImageAndTheRestOfTheLogGiveTheSameState(t *testing.T) {
	w := newWorld(t)
	w.season(20, 60)
	half := len(w.log) / 2
	first, catalog := New(Config{}), newShelf()
	w.book, w.shelf = first, catalog
	for i := range w.log[:half] {
		w.apply(&w.log[i])
	}
	restored := loaded(t, first)
	if image(t, restored) != image(t, first) {
		t.Fatal("an image loads as another state")
	}
	lines := first.Image() // of this moment, though more is applied before it is read
	before := image(t, first)
	for i := range w.log[half:] {
		w.apply(&w.log[half+i])
	}
	var late []byte
	if err := lines(func(v any) error {
		line, err := json.Marshal(v, json.Deterministic(true))
		late = append(append(late, line...), '\n')
		return err
	}); err != nil || string(late) != before {
		t.Fatal("an image changed while records were applied", err)
	}

	// The restored one has its own catalog, as far as the image went.
	catalog = newShelf()
	w.book, w.shelf = New(Config{}), catalog
	for i := range w.log[:half] {
		w.apply(&w.log[i])
	}
	w.book = restored
	for i := range w.log[half:] {
		w.apply(&w.log[half+i])
	}
	if image(t, restored) != image(t, first) {
		t.Fatal("image and rest of the log give another state than the whole log")
	}
}

func TestADecisionOfAnotherAlgorithmKeepsItsPrice(t *testing.T) {
	w := learned(t, ModeAuto, nil)
	d := w.moved("kettle", 1050)
	d.Algorithm, d.Input = Algorithm-1, Hash{1}
	w.do(Engine, DoDecide, "", d)
	w.wantPublic("kettle", 1050)
	_, audit, err := ReplayLog(each(w.log), newShelf(), Config{})
	if err != nil || audit.Older != 1 || audit.Different != 0 {
		t.Fatalf("%+v %v", audit, err)
	}
	d = w.moved("pan", 1050)
	d.Algorithm, d.Revision = Algorithm-1, d.Revision-1
	_, err = w.do(Engine, DoDecide, "", d)
	wantCode(t, err, "stale")
}

func BenchmarkApplyDecision(b *testing.B) {
	w := newWorld(b)
	w.item("kettle", nil)
	w.mode(ModeAuto, func(s *Settings) { s.Breaker = ptr(0.0) })
	for range 30 {
		w.slot(steady, "kettle")
	}
	d, err := w.decision("kettle")
	if err != nil {
		b.Fatal(err)
	}
	d.Price, d.Publish = d.Current, false // the state stays what the next decision is made from
	it := must(w.shelf.Item(site, "kettle"))
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		in, err := w.book.Input(site, "kettle", it, w.now)
		if err != nil {
			b.Fatal(err)
		}
		d.Revision, d.Input = in.Revision, in.Hash()
		text, err := json.Marshal(&d)
		if err != nil {
			b.Fatal(err)
		}
		r := record.Control{Offset: uint64(1000 + i), Time: w.now, Actor: Engine, Do: DoDecide, Site: site, Body: text}
		if _, err := w.book.Apply(&r, w.shelf); err != nil {
			b.Fatal(err)
		}
	}
}
