package clickstream

import (
	"context"
	"fmt"
	"testing"
)

func TestEachShopperOfASiteIsSeenOnce(t *testing.T) {
	log := newFoldLog(2)
	r := startable(t, RunnerConfig{Log: log, Partitions: 2, Dir: t.TempDir()})
	for i := range 100 {
		for _, site := range []string{"a", "b"} {
			e := Event{Site: site, Visitor: fmt.Sprintf("v%d", i), ID: "e", Kind: ViewItem, Name: "view_item", Time: int64(1000 + i), Consent: Analytics | Personalization, Items: []Item{{ID: "x", Price: NoPrice}}}
			if _, err := r.shardOf(site, e.Visitor).apply(string(AppendEvent(nil, &e)), new(Event), new(Fact)); err != nil {
				t.Fatal(err)
			}
		}
	}
	seen := map[string]int{}
	each := func(visitor string, v *ShopperView) bool {
		seen[visitor]++
		if v.Views != 1 || v.Visits != 1 {
			t.Errorf("%s: %+v", visitor, v)
		}
		return len(seen) < 150
	}
	if err := r.EachShopper(context.Background(), "a", each); err != nil || len(seen) != 100 {
		t.Fatalf("%d shoppers, %v", len(seen), err)
	}
	for visitor, n := range seen {
		if n != 1 {
			t.Errorf("%s seen %d times", visitor, n)
		}
	}
	few := 0
	err := r.EachShopper(context.Background(), "b", func(string, *ShopperView) bool { few++; return few < 3 })
	if err != nil || few != 3 {
		t.Errorf("%d after it was told to end, %v", few, err)
	}
}
