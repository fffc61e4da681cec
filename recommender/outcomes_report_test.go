package recommender

import (
	"testing"

	"beckon/clickstream"
)

func TestOutcomesTellWhatWasShownAndTaken(t *testing.T) {
	e := New(Config{})
	if got := e.Outcomes("shop"); got != nil {
		t.Errorf("before anything: %+v", got)
	}
	shown := &clickstream.Event{
		Site: "shop", Visitor: "v", Kind: clickstream.Impression, Time: 1000, Placement: Cart,
		Items: []clickstream.Item{{ID: "a", Reason: BoughtTogether}, {ID: "b", Reason: BoughtTogether}, {ID: "c", Reason: InSession}},
	}
	taken := &clickstream.Event{Site: "shop", Visitor: "v", Kind: clickstream.ViewItem, Time: 2000, Items: []clickstream.Item{{ID: "b"}}}
	if err := e.outcomes.ApplyFacts([]clickstream.Fact{{Event: shown, Site: "shop"}, {Event: taken, Site: "shop"}}); err != nil {
		t.Fatal(err)
	}
	got := e.Outcomes("shop")
	if len(got) != 2 || got[0].Kind != InSession || got[1].Kind != BoughtTogether || got[0].Placement != Cart {
		t.Fatalf("got %+v", got)
	}
	if b := got[1]; b.Shown < 1.99 || b.Shown > 2 || b.Taken != 1 || b.Start != 1 || b.Weight <= b.Start || got[0].Taken != 0 || got[0].Weight >= got[0].Start {
		t.Errorf("got %+v", got)
	}
}
