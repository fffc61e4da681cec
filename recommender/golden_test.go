package recommender

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"beckon/clickstream"
)

var update = flag.Bool("update", false, "write testdata/*.golden anew")

// The bytes of snapshots are a promise to the next version. A change here needs a new version number and a decoder for the old one.
func TestSnapshotBytes(t *testing.T) {
	e := New(Config{})
	steps := []clickstream.Step{clickstream.NewStep("kettle", clickstream.ViewItem, 0), clickstream.NewStep("cup", clickstream.ViewItem, 0), clickstream.NewStep("cup", clickstream.AddToCart, 0)}
	visit := func(start int64, closed bool) clickstream.SessionChange {
		return clickstream.SessionChange{Added: 3, Session: &clickstream.Session{
			Key: clickstream.SessionKey{Visitor: "v", Start: start}, End: start, Steps: steps, Closed: closed,
			Consent: clickstream.Analytics | clickstream.Personalization,
		}}
	}
	last := visit(1000, true)
	last.Added = 0
	did := func(kind clickstream.Kind, items ...clickstream.Item) clickstream.Fact {
		return clickstream.Fact{Site: "shop", Event: &clickstream.Event{
			Site: "shop", Visitor: "v", Kind: kind, Time: 1_700_000_000_000, Placement: Cart, Transaction: "t", Items: items,
		}}
	}
	facts := []clickstream.Fact{
		{Site: "shop", Changes: []clickstream.SessionChange{visit(1000, false), visit(2000, false), last}},
		did(clickstream.ViewItem, clickstream.Item{ID: "kettle", Category: "kitchen"}),
		did(clickstream.Purchase, clickstream.Item{ID: "kettle"}, clickstream.Item{ID: "cup"}),
		did(clickstream.Impression, clickstream.Item{ID: "cup", Reason: BoughtTogether}),
	}
	apply(t, e, facts, 10)
	got := ""
	for _, f := range e.Folds() {
		var b bytes.Buffer
		if err := f.Fold.Snapshot(&b); err != nil {
			t.Fatal(err)
		}
		got += fmt.Sprintf("%s\n%s\n", f.Name, hex.Dump(b.Bytes()))
	}
	const path = "testdata/snapshots.golden"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("snapshots differ from %s:\n%s", path, diff(got, string(want)))
	}
}

// diff is the first line that differs.
func diff(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			return fmt.Sprintf("line %d: %s", i+1, g[i])
		}
	}
	return "bytes are missing at the end"
}
