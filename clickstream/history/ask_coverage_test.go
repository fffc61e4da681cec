package history

import (
	"errors"
	"slices"
	"testing"

	"beckon/clickstream"
)

func (w *world) coverage(s Scope) CoverageAnswer {
	var a CoverageAnswer
	var counts []int64
	for _, c := range w.itemCounts(s, s.From, s.To) {
		if c.Impressions > 0 {
			counts = append(counts, c.Impressions)
			a.Items, a.Impressions = a.Items+1, a.Impressions+c.Impressions
		}
	}
	slices.Sort(counts)
	for sum := int64(0); 2*sum < a.Impressions; a.Half++ {
		sum += counts[len(counts)-1-int(a.Half)]
	}
	return a
}

func TestCoverageIsTheOracles(t *testing.T) {
	w := askWorld(t)
	for name, scope := range scopes() {
		got, err := w.Coverage(t.Context(), CoverageAsk{scope})
		if err != nil {
			t.Fatal(name, err)
		}
		same(t, name, got, w.coverage(scope))
	}
	fast := scopes()["all"]
	fast.Fast = true
	var refused *AskError
	if _, err := w.Coverage(t.Context(), CoverageAsk{fast}); !errors.As(err, &refused) || refused.Field != "Fast" {
		t.Errorf("fast: got %v", err)
	}
}

// TestHalfOfImpressionsIsReachedByTheLargest shows one item as often as all others.
func TestHalfOfImpressionsIsReachedByTheLargest(t *testing.T) {
	w := &world{}
	for i, item := range []string{"a", "a", "a", "b", "c", "d"} {
		h := hit{seq: uint64(i), device: "other", source: direct}
		h.Site, h.Visitor, h.Kind, h.Name, h.Time, h.Received = "one", "v", clickstream.Impression, "impression", worldStart+int64(i), worldStart+int64(i)
		h.Items = []clickstream.Item{{ID: item, Quantity: 1, Reason: "similar"}}
		w.hits = append(w.hits, h)
	}
	db := testDB(t)
	storeHits(t, db, w.hits)
	ask := CoverageAsk{Scope{Site: "one", From: worldStart, To: worldStart + dayMs}}
	got, err := NewQuestions(db, QuestionsConfig{}).Coverage(t.Context(), ask)
	if want := (CoverageAnswer{4, 6, 1}); got != want || err != nil {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
}
