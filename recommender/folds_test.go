package recommender

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"beckon/clickstream"
)

func apply(t testing.TB, e *Engine, facts []clickstream.Fact, batch int) {
	t.Helper()
	for len(facts) > 0 {
		n := min(batch, len(facts))
		for _, f := range e.Folds() {
			if err := f.Fold.ApplyFacts(facts[:n]); err != nil {
				t.Fatal(err)
			}
		}
		facts = facts[n:]
	}
}

func snapshots(t testing.TB, e *Engine) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, f := range e.Folds() {
		var b bytes.Buffer
		if err := f.Fold.Snapshot(&b); err != nil {
			t.Fatal(err)
		}
		out[f.Name] = b.Bytes()
	}
	return out
}

func restore(t testing.TB, cfg Config, from map[string][]byte) *Engine {
	t.Helper()
	e := New(cfg)
	for _, f := range e.Folds() {
		if err := f.Fold.Restore(bytes.NewReader(from[f.Name])); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
	}
	return e
}

func same(t *testing.T, got, want map[string][]byte) {
	t.Helper()
	for name := range want {
		if !bytes.Equal(got[name], want[name]) {
			t.Errorf("%s: snapshots of %d and %d bytes differ", name, len(got[name]), len(want[name]))
		}
	}
}

// small has bounds that are met within a few thousand facts.
var small = Config{SessionBytes: 60_000, BasketBytes: 40_000, HistoryLimit: 30, Items: 50}

func TestSameFactsGiveSameSnapshotInAnyBatches(t *testing.T) {
	for seed, cfg := range []Config{{}, small} {
		facts := newShop(uint64(seed)).facts(6000)
		one, other := New(cfg), New(cfg)
		apply(t, one, facts, 4096)
		for i := 0; i < len(facts); i += 300 { // questions in between change nothing
			apply(t, other, facts[i:min(i+300, len(facts))], 7)
			var a Answer
			for p := range placements {
				other.Recommend(&a, &Query{Site: "north", Visitor: "v1", Placement: placements[p].name, Item: "sku-3", Cart: []string{"sku-9"}, Personal: true})
			}
		}
		same(t, snapshots(t, other), snapshots(t, one))
	}
}

func TestRestoredEngineGoesOnAsIfItHadNeverStopped(t *testing.T) {
	for seed, cfg := range []Config{{}, small} {
		facts := newShop(uint64(seed) + 5).facts(6000)
		through := New(cfg)
		apply(t, through, facts[:3500], 100)
		stopped := snapshots(t, through)
		again := restore(t, cfg, stopped)
		same(t, snapshots(t, again), stopped)
		apply(t, through, facts[3500:], 100)
		apply(t, again, facts[3500:], 100)
		same(t, snapshots(t, again), snapshots(t, through))
		var a, b Answer
		for visitor := range 40 {
			q := Query{
				Site: "south", Visitor: fmt.Sprint("v", visitor), Placement: placements[visitor%len(placements)].name, Item: fmt.Sprint("sku-", visitor),
				Session: []string{"sku-1", "sku-8"}, History: []string{"sku-20", "sku-21"}, Cart: []string{"sku-30"}, Category: "shelf-1",
				Personal: true, Explain: true, Now: facts[len(facts)-1].Clock,
			}
			through.Recommend(&a, &q)
			again.Recommend(&b, &q)
			if got, want := fmt.Sprint(b), fmt.Sprint(a); got != want {
				t.Fatalf("visitor %d: %s\nwant %s", visitor, got, want)
			}
		}
	}
}

func TestRetractedVisitsLeaveNoTrace(t *testing.T) {
	s := newShop(3)
	facts := s.facts(5000)
	e := New(Config{})
	apply(t, e, facts, 64)
	final := map[string]map[clickstream.SessionKey]*clickstream.Session{}
	for i := range facts {
		site := final[facts[i].Site]
		if site == nil {
			site = map[clickstream.SessionKey]*clickstream.Session{}
			final[facts[i].Site] = site
		}
		for _, c := range facts[i].Changes {
			for _, k := range c.Retracted {
				delete(site, k)
			}
			if c.Session != nil {
				site[c.Session.Key] = c.Session
			}
		}
	}
	for site, sessions := range final {
		x := e.sessions.sites[site].index
		check(t, x)
		var got, want []string
		for i := range x.count {
			if body := x.body(x.first + i); len(body) > 0 {
				names := make([]string, len(body))
				for j, id := range body {
					names[j] = x.items[id].name
				}
				got = append(got, strings.Join(names, " "))
			}
		}
		for _, session := range sessions {
			if items := SessionItems(nil, session.Steps); len(items) > 1 && !session.Bot {
				want = append(want, strings.Join(items, " "))
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %d sessions in the index, want %d, the final ones", site, len(got), len(want))
		}
	}
}

func TestRefundsTakeBasketsBack(t *testing.T) {
	buy := func(transaction string, items ...string) clickstream.Fact {
		e := &clickstream.Event{Site: "s", Kind: clickstream.Purchase, Transaction: transaction, Time: 1}
		for _, i := range items {
			e.Items = append(e.Items, clickstream.Item{ID: i})
		}
		return clickstream.Fact{Site: "s", Event: e}
	}
	refund := func(transaction string, items ...string) clickstream.Fact {
		f := buy(transaction, items...)
		f.Event.Kind = clickstream.Refund
		return f
	}
	repeat := buy("2", "a", "z")
	repeat.Repeat = true
	got, want := New(Config{}), New(Config{})
	apply(t, got, []clickstream.Fact{
		buy("1", "a", "b"), buy("2", "a", "c", "d"), buy("3", "b", "c"), repeat, refund("1"), refund("2", "c"), refund("none"), refund("2", "c"),
	}, 3)
	apply(t, want, []clickstream.Fact{buy("2", "a", "d"), buy("3", "b", "c")}, 3)
	x, y := got.copurchase.sites["s"].index, want.copurchase.sites["s"].index
	check(t, x)
	for _, item := range []string{"a", "b", "c", "d"} {
		if g, w := held(x, x.ids[item]), held(y, y.ids[item]); !slices.Equal(g, w) {
			t.Errorf("baskets with %s: %v, want %v", item, g, w)
		}
	}
	if _, known := x.item("z"); known {
		t.Error("a repeated purchase was learned")
	}
}

func TestBotsTeachNothing(t *testing.T) {
	e := New(Config{})
	facts := newShop(8).facts(2000)
	for i := range facts {
		facts[i].Bot = true
		for j := range facts[i].Changes {
			if s := facts[i].Changes[j].Session; s != nil {
				s.Bot = true
			}
		}
	}
	apply(t, e, facts, 50)
	var a Answer
	e.Recommend(&a, &Query{Site: "north", Placement: Home, Session: []string{"sku-1"}, Personal: true})
	if len(a.Items) != 0 {
		t.Errorf("%d items learned from bots, want none", len(a.Items))
	}
}

func TestHistoriesNeedConsent(t *testing.T) {
	facts := newShop(9).facts(3000)
	for i := range facts {
		for j := range facts[i].Changes {
			facts[i].Changes[j].Session.Consent = clickstream.Analytics
		}
	}
	e := New(Config{})
	apply(t, e, facts, 50)
	if n := len(e.factors.sites); n != 0 {
		t.Errorf("histories of %d sites kept without consent", n)
	}
	if e.sessions.sites["north"].index.alive == 0 {
		t.Error("visits without consent to personalization should count for everybody")
	}
}

func TestDamagedSnapshotLeavesTheStateAsItWas(t *testing.T) {
	e := New(Config{})
	apply(t, e, newShop(11).facts(1500), 100)
	whole := snapshots(t, e)
	for _, f := range e.Folds() {
		bytesOf := whole[f.Name]
		for cut := 0; cut < len(bytesOf); cut += 1 + len(bytesOf)/97 {
			if err := f.Fold.Restore(bytes.NewReader(bytesOf[:cut])); err == nil {
				t.Fatalf("%s: %d of %d bytes were taken for whole", f.Name, cut, len(bytesOf))
			}
		}
		if err := f.Fold.Restore(bytes.NewReader(append(slices.Clone(bytesOf), 0))); err == nil {
			t.Errorf("%s: a byte too many was taken", f.Name)
		}
		other := slices.Clone(bytesOf)
		other[1]++
		if err := f.Fold.Restore(bytes.NewReader(other)); err == nil {
			t.Errorf("%s: a newer version was taken", f.Name)
		}
	}
	same(t, snapshots(t, e), whole)
}

func FuzzRestore(f *testing.F) {
	e := New(small)
	apply(f, e, newShop(12).facts(300), 100)
	for name, b := range snapshots(f, e) {
		for i, fold := range e.Folds() {
			if fold.Name == name {
				f.Add(uint8(i), b)
			}
		}
	}
	facts := newShop(13).facts(40)
	f.Fuzz(func(t *testing.T, which uint8, b []byte) {
		e := New(small)
		fold := e.Folds()[int(which)%len(e.Folds())]
		if fold.Fold.Restore(bytes.NewReader(b)) != nil {
			return
		}
		apply(t, e, facts, 10) // whatever was taken can be worked with
		var a Answer
		e.Recommend(&a, &Query{Site: "north", Session: []string{"sku-1"}, History: []string{"sku-2"}, Cart: []string{"sku-3"}, Personal: true})
		snapshots(t, e)
	})
}
