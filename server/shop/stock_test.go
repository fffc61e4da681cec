package shop

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func (r *rig) put(site string, lines ...string) Answer {
	r.t.Helper()
	a, err := r.PutItems(r.t.Context(), "test", site, strings.NewReader(strings.Join(lines, "\n")), "ndjson")
	if err != nil {
		r.t.Fatal(err)
	}
	return a
}

func (r *rig) stock(site string, lines ...string) Answer {
	r.t.Helper()
	a, err := r.PostStock(r.t.Context(), "test", site, strings.NewReader(strings.Join(lines, "\n")))
	if err != nil {
		r.t.Fatal(err)
	}
	return a
}

func (r *rig) item(site, id string) *Item {
	r.t.Helper()
	it, ok := r.Item(site, id)
	if !ok {
		r.t.Fatalf("no item %s", id)
	}
	return it
}

// shown is what shoppers see of an item's stock.
func shown(it *Item) string {
	if left, ok := it.Left(); ok {
		return fmt.Sprintf("%s %d", it.Level, left)
	}
	return it.Level
}

func TestStockWalksThroughItsLevels(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s")
	r.put("s", `{"item_id":"a","price":100,"stock":20}`)
	r.took()
	f := func(line, want string, changes int) {
		t.Helper()
		r.stock("s", line)
		if got := shown(r.item("s", "a")); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
		if got := r.took(); len(got) != changes || changes == 1 && (!got[0].Stock || got[0].Price || got[0].Now != r.item("s", "a")) {
			t.Errorf("%s: changes %+v, want %d", line, got, changes)
		}
	}
	f(`{"item_id":"a","delta":-10}`, "in", 0)
	f(`{"item_id":"a","delta":-5}`, "low 5", 1)
	f(`{"item_id":"a","delta":-2}`, "low 3", 1)
	f(`{"item_id":"a","delta":3}`, "low 6", 1)
	f(`{"item_id":"a","delta":1}`, "in", 1)
	f(`{"item_id":"a","stock":0}`, "out", 1)
	f(`{"item_id":"a","stock":2}`, "back", 1)
	f(`{"item_id":"a","stock":2}`, "low 2", 1)
	f(`{"item_id":"a","delta":-3}`, "out", 1)
	f(`{"item_id":"a","delta":4}`, "back", 1)
	f(`{"item_id":"a","delta":-1}`, "low", 1) // clamped before: the number is not certain
	f(`{"item_id":"a","stock":3}`, "low 3", 1)
	f(`{"item_id":"a","stock":null}`, "in", 1)
	f(`{"item_id":"a","stock":0}`, "out", 1)
}

func TestStockIDCountsOnceAlsoAfterRestart(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s")
	r.put("s", `{"item_id":"a","stock":20}`, `{"item_id":"b","stock":20}`)
	r.stock("s", `{"item_id":"a","delta":-1,"id":"o1"}`, `{"item_id":"b","delta":-1,"id":"o1"}`)
	f := func(want Answer, lines ...string) {
		t.Helper()
		if got := r.stock("s", lines...); got.Accepted != want.Accepted || got.Duplicates != want.Duplicates {
			t.Errorf("%q: %+v, want %+v", lines, got, want)
		}
	}
	f(Answer{Duplicates: 2}, `{"item_id":"a","delta":-1,"id":"o1"}`, `{"item_id":"b","stock":7,"id":"o1"}`)
	r.reopen()
	f(Answer{Duplicates: 1}, `{"item_id":"a","delta":-1,"id":"o1"}`)
	r.clock.add(refLife - 1)
	f(Answer{Duplicates: 1, Accepted: 1}, `{"item_id":"a","delta":-1,"id":"o1"}`, `{"item_id":"a","delta":-1,"id":"o2"}`)
	r.clock.add(refLife) // o2 is a day old, o1 nearly two
	f(Answer{Duplicates: 1}, `{"item_id":"a","delta":-1,"id":"o2"}`)
	if a, b := r.item("s", "a").Stock, r.item("s", "b").Stock; a != 18 || b != 19 {
		t.Errorf("stock %d and %d, want 18 and 19", a, b)
	}
}

func TestStockMemoryIsBounded(t *testing.T) {
	var m refs
	for i := range 2*maxRefs + 1000 {
		r := makeRef("a", fmt.Sprint(i))
		if m.seen(r, t0) {
			t.Fatalf("id %d is taken for another", i)
		}
		m.add(r)
		if i%9973 == 0 {
			if n := len(m.newer) + len(m.older); n > 2*maxRefs {
				t.Fatalf("%d ids kept, want at most %d", n, 2*maxRefs)
			}
			if !m.seen(makeRef("a", fmt.Sprint(max(0, i-maxRefs+1))), t0) {
				t.Fatalf("id %d is forgotten after %d", i-maxRefs+1, i)
			}
		}
	}
}

func TestStockLinesAreRejectedWithTheirField(t *testing.T) {
	r := newRig(t, newMemLog())
	r.makeSite("s")
	r.put("s", `{"item_id":"a","stock":2}`, `{"item_id":"free"}`)
	got := r.stock("s",
		`{"item_id":"nope","stock":1}`,
		`{"item_id":"free","delta":1}`,
		`{"item_id":"a"}`,
		`{"item_id":"a","stock":1,"delta":1}`,
		`{"item_id":"a","stock":1.5}`,
		`{"stock":1}`,
		`[]`,
		`{"item_id":"a","delta":-5}`,
		`{"item_id":"a","stock":-1}`,
		`{"item_id":"a","delta":1,"id":"ö"}`,
		"", `{"item_id":"a","delta":1e30}`,
	)
	want := Answer{
		Accepted: 2, RejectedTotal: 9,
		Rejected: []Rejection{
			{0, "nope", "unknown_item", `item_id: the catalog has no "nope"`},
			{1, "free", "not_tracked", `delta: the stock of "free" is not tracked; set it first`},
			{2, "a", "bad_stock", "stock: neither stock nor delta"},
			{3, "a", "bad_stock", "stock: stands beside delta; want one of them"},
			{4, "a", "bad_stock", "stock: want a whole number, not 1.5"},
			{5, "", "missing_item", "item_id: missing"},
			{6, "", "bad_json", "line: not an object"},
			{9, "a", "bad_id", "id: want 1-64 of A-Z a-z 0-9 _ . : -"},
			{10, "a", "bad_stock", "delta: want a whole number, not 1e30"},
		},
		Notices: []Rejection{
			{7, "a", "clamped", "delta: would leave -3 pieces; kept at 0"},
			{8, "a", "clamped", "stock: would leave -1 pieces; kept at 0"},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
