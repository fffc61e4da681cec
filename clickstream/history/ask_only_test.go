package history

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"beckon/clickstream"
)

// third is every third visitor of the world.
func (w *world) third() []uint64 {
	seen := map[uint64]bool{}
	only := []uint64{}
	for i := range w.hits {
		if hash := clickstream.VisitorHash(w.hits[i].Visitor); !seen[hash] {
			if seen[hash] = true; len(seen)%3 == 0 {
				only = append(only, hash)
			}
		}
	}
	return only
}

func TestOnlyTheNamedVisitorsCount(t *testing.T) {
	w := askWorld(t)
	all := scopes()
	for _, name := range []string{"all", "hours", "mobile", "news", "direct", "no events"} {
		for kind, only := range map[string][]uint64{"some": w.third(), "nobody": {}} {
			scope := all[name]
			scope.Only, scope.Fast = only, true
			for _, by := range []Breakdown{Whole, ByDevice, BySource} {
				ask := FunnelAsk{scope, []string{"view_item", "add_to_cart", "purchase"}, 24 * time.Hour, by}
				got, err := w.Funnel(t.Context(), ask)
				if err != nil {
					t.Fatal(name, err)
				}
				same(t, fmt.Sprint("funnel ", name, kind, by), got, w.funnel(ask))
			}
			ask := PathsAsk{Scope: scope, LookBack: 48 * time.Hour, Length: 3}
			got, err := w.PathsBeforePurchase(t.Context(), ask)
			if err != nil {
				t.Fatal(name, err)
			}
			same(t, fmt.Sprint("paths ", name, kind), got, w.paths(ask))
		}
	}
}

// TestManyNamedVisitorsAreSampled: those with the lowest hashes stand for all, and the answer says for how many each.
func TestManyNamedVisitorsAreSampled(t *testing.T) {
	w := askWorld(t)
	scope := scopes()["all"]
	scope.Only = w.third()
	ask := FunnelAsk{scope, []string{"view_item", "purchase"}, 24 * time.Hour, Whole}
	got, err := NewQuestions(w.db, QuestionsConfig{Only: len(scope.Only) / 3}).Funnel(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	if got.OneIn < 2 {
		t.Fatalf("one in %d", got.OneIn)
	}
	share := uint64(math.MaxUint64) / uint64(got.OneIn)
	ask.Only = slices.DeleteFunc(slices.Clone(scope.Only), func(hash uint64) bool { return hash >= share })
	want := w.funnel(ask)
	for i, s := range want.Steps {
		if got.Steps[i].Visitors != s.Visitors*got.OneIn {
			t.Errorf("step %d: %d, want %d times %d", i, got.Steps[i].Visitors, s.Visitors, got.OneIn)
		}
	}
}

func TestOtherQuestionsDoNotKnowOnly(t *testing.T) {
	w := askWorld(t)
	scope := scopes()["all"]
	scope.Only = []uint64{1}
	var refused *AskError
	if _, err := w.Revenue(t.Context(), RevenueAsk{Scope: scope}); !errors.As(err, &refused) || refused.Field != "Only" {
		t.Errorf("%v", err)
	}
}
