package pricing

import "testing"

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
	w.refused("suggestion_open", DoReopen, "", Reopen{"kettle", id})
	w.must(DoDismiss, "", OnSuggestion{id})
	w.must(DoReopen, "", Reopen{"kettle", id})
	if again := w.book.Suggestions(site, w.now, 10); len(again) != 1 || again[0].ID != id || again[0].Expires != open[0].Expires {
		t.Fatalf("%+v, want %+v", again, open)
	}
	w.must(DoDismiss, "", OnSuggestion{id})
	w.must(DoReopen, "", Reopen{"kettle", id})
	w.must(DoApprove, "", OnSuggestion{id})
	w.wantPublic("kettle", 1050)
	w.refused("not_dismissed", DoReopen, "", Reopen{"kettle", id})
}

func TestOnlyWhatWasDismissedAndStillHoldsIsReopened(t *testing.T) {
	w, id := suggested(t)
	w.must(DoDismiss, "", OnSuggestion{id})
	w.refused("unknown_suggestion", DoReopen, "", Reopen{"pan", id})
	w.refused("unknown_suggestion", DoReopen, "", Reopen{"kettle", "s99999"})
	w.refused("unknown_suggestion", DoReopen, "", Reopen{"none", id})
	w.must(DoSet, "", SetPrice{Item: "kettle", Amount: 1030})
	w.refused("not_dismissed", DoReopen, "", Reopen{"kettle", id})

	w, id = suggested(t)
	w.must(DoDismiss, "", OnSuggestion{id})
	w.now += 8 * day
	w.refused("unknown_suggestion", DoReopen, "", Reopen{"kettle", id})
}
