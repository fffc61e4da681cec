package history

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func TestTooLargeAndTooSlowAreNamed(t *testing.T) {
	db := testDB(t)
	if err := FillForBench(t.Context(), db, 400_000, benchEnd, nil); err != nil {
		t.Fatal(err)
	}
	ask := FunnelAsk{Steps: []string{"view_item", "add_to_cart"}}
	ask.Scope = Scope{Site: BenchSite, From: benchEnd.UnixMilli() - 90*dayMs, To: benchEnd.UnixMilli(), Timeout: 30 * time.Second}
	for what, cfg := range map[string]QuestionsConfig{"rows": {MaxRows: 10_000}, "bytes": {MaxBytes: 10_000}, "memory": {MemoryBytes: 1 << 20}} {
		_, err := NewQuestions(db, cfg).Funnel(t.Context(), ask)
		var large *TooLargeError
		if !errors.As(err, &large) || large.What != what || large.Question != "funnel" {
			t.Errorf("%s: got %v", what, err)
		}
	}
	q := NewQuestions(db, QuestionsConfig{})
	ask.Timeout = time.Millisecond
	_, err := q.Funnel(t.Context(), ask)
	var late *TimeoutError
	if !errors.As(err, &late) || late.Timeout != ask.Timeout {
		t.Errorf("1 ms: got %v", err)
	}
	var refused *clickhouse.Exception // and not the deadline a second later
	if !errors.As(err, &refused) || refused.Code != codeTimeoutExceeded {
		t.Errorf("1 ms: got %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := q.Funnel(gone, ask); !errors.Is(err, context.Canceled) {
		t.Errorf("nobody waits: got %v", err)
	}
	ask.Timeout = 30 * time.Second
	if _, err := q.Funnel(t.Context(), ask); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestEveryQuestionRefusesAWrongScope(t *testing.T) {
	q := NewQuestions(nil, QuestionsConfig{}) // nothing is asked
	for _, s := range []Scope{{}, {Site: "one", From: 5, To: 4}, {Site: "one", From: -1, To: 4}, {Site: "one", To: 4, Limit: -1}, {Site: "one", To: 4, Timeout: time.Hour}} {
		for _, f := range EveryQuestion(s) {
			if f.Name == "rows" { // it has no scope
				continue
			}
			_, err := f.Ask(t.Context(), q)
			var refused *AskError
			if !errors.As(err, &refused) {
				t.Errorf("%s of %+v: got %v", f.Name, s, err)
			}
		}
	}
}
