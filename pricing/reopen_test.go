package pricing

import (
	"testing"

	json "github.com/go-json-experiment/json"
)

func suggested(t *testing.T) (w *world, id string) {
	w = learned(t, ModeSuggest, nil)
	answer, err := w.do(Engine, DoDecide, "", w.moved("kettle", 1050))
	if err != nil {
		t.Fatal(err)
	}
	return w, answer.(Outcome).Suggestion
}

func TestADismissedSuggestionCanWaitAgain(t *testing.T) {
	w, id := suggested(t)
	open := w.book.Suggestions(site, w.now, 10)
	w.refused("unknown_suggestion", DoReopen, "", OnSuggestion{id})
	w.must(DoDismiss, "", OnSuggestion{id})
	w.must(DoReopen, "", OnSuggestion{id})
	if again := w.book.Suggestions(site, w.now, 10); len(again) != 1 || again[0].ID != id || again[0].Expires != open[0].Expires {
		t.Fatalf("%+v, want %+v", again, open)
	}
	w.must(DoDismiss, "", OnSuggestion{id})
	w.must(DoReopen, "", OnSuggestion{id})
	w.must(DoApprove, "", OnSuggestion{id})
	w.wantPublic("kettle", 1050)
	w.refused("unknown_suggestion", DoReopen, "", OnSuggestion{id})
}

func TestOnlyWhatWasDismissedAndStillHoldsIsReopened(t *testing.T) {
	w, id := suggested(t)
	w.must(DoDismiss, "", OnSuggestion{id})
	w.refused("unknown_suggestion", DoReopen, "", OnSuggestion{"s99999"})
	w.refused("unknown_suggestion", DoReopen, "", OnSuggestion{"none"})
	w.must(DoSet, "", SetPrice{Item: "kettle", Amount: 1030})
	w.refused("unknown_suggestion", DoReopen, "", OnSuggestion{id})

	w, id = suggested(t)
	w.must(DoDismiss, "", OnSuggestion{id})
	w.now += 8 * day
	w.refused("unknown_suggestion", DoReopen, "", OnSuggestion{id})
}

func TestADismissedSuggestionIsStillKnownAfterAnImage(t *testing.T) {
	w, id := suggested(t)
	w.must(DoDismiss, "", OnSuggestion{id})
	again := New(Config{})
	err := w.book.Image()(func(v any) error {
		line, err := json.Marshal(v, json.Deterministic(true))
		if err != nil {
			return err
		}
		return again.Load(line)
	})
	if err != nil {
		t.Fatal(err)
	}
	w.book = again
	w.must(DoReopen, "", OnSuggestion{id})
	if open := again.Suggestions(site, w.now, 10); len(open) != 1 || open[0].ID != id {
		t.Fatalf("open %+v", open)
	}
}
