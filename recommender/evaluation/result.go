package evaluation

import (
	"math"
	"slices"
	"time"
)

// SessionsResult is what predicting the next item of sessions reached. Lists have 20 items.
type SessionsResult struct {
	Kind     string  `json:"kind"` // sessions
	Mode     string  `json:"mode"`
	N        int     `json:"n"`           // predictions
	HR       float64 `json:"hr@20"`       // the item that came was in the list
	MRR      float64 `json:"mrr@20"`      // 1/rank, 0 outside the list
	NDCG     float64 `json:"ndcg@20"`     // 1/log2(rank+1)
	Coverage float64 `json:"coverage@20"` // items that were in any list, of all that were learned
	P50      float64 `json:"p50_us"`      // one prediction with its list, warm, one thread
	P99      float64 `json:"p99_us"`
	Learn    float64 `json:"learn_ns_per_click"`
	Bytes    int     `json:"bytes"` // held by what was learned
}

// BasketsResult is what finding the held-out item of baskets reached. Lists have 10 items.
type BasketsResult struct {
	Kind     string  `json:"kind"` // baskets
	Task     string  `json:"task"` // cart: the rest of the basket is known; single: one item of it
	Mode     string  `json:"mode"`
	N        int     `json:"n"`
	HR       float64 `json:"hr@10"`
	MRR      float64 `json:"mrr@10"`
	NDCG     float64 `json:"ndcg@10"`
	Coverage float64 `json:"coverage@10"`
	P50      float64 `json:"p50_us"`
	P99      float64 `json:"p99_us"`
	Learn    float64 `json:"learn_ns_per_click"` // per item of a basket
	Bytes    int     `json:"bytes"`
}

// tally sums up predictions.
type tally struct {
	n, hits   int
	mrr, ndcg float64
	listed    map[string]struct{}
	known     map[string]struct{}
	took      []time.Duration
	learned   int // clicks
	learning  time.Duration
}

func newTally() *tally {
	return &tally{listed: map[string]struct{}{}, known: map[string]struct{}{}}
}

// learn times one sequence being learned.
func (t *tally) learn(items []string, learn func(items []string)) {
	start := time.Now()
	learn(items)
	t.learning += time.Since(start)
	t.learned += len(items)
	for _, item := range items {
		t.known[item] = struct{}{}
	}
}

// predicted counts one list; rank is that of the target, from 1, or 0.
func (t *tally) predicted(took time.Duration, rank int) {
	t.n++
	t.took = append(t.took, took)
	if rank > 0 {
		t.hits++
		t.mrr += 1 / float64(rank)
		t.ndcg += 1 / math.Log2(float64(rank)+1)
	}
}

func (t *tally) share(sum float64) float64 {
	if t.n == 0 {
		return 0
	}
	return sum / float64(t.n)
}

func (t *tally) coverage() float64 {
	if len(t.known) == 0 {
		return 0
	}
	return float64(len(t.listed)) / float64(len(t.known))
}

// quantile is in microseconds.
func (t *tally) quantile(q float64) float64 {
	if len(t.took) == 0 {
		return 0
	}
	slices.Sort(t.took)
	return float64(t.took[min(int(q*float64(len(t.took))), len(t.took)-1)].Nanoseconds()) / 1e3
}

func (t *tally) perClick() float64 {
	if t.learned == 0 {
		return 0
	}
	return float64(t.learning.Nanoseconds()) / float64(t.learned)
}
