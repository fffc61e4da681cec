package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	json "github.com/go-json-experiment/json"

	"beckon/recommender"
	"beckon/recommender/rules"
	"beckon/web/text"
)

// image is a fold's lines.
func (f *ruleFold) image(t *testing.T) (lines [][]byte) {
	t.Helper()
	err := f.Image()(func(v any) error {
		line, err := json.Marshal(v, json.Deterministic(true))
		lines = append(lines, line)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestTheSameRulesGiveTheSameSnapshot(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	f := newRuleFold()
	for i := range 300 {
		site := fmt.Sprint("s", r.IntN(3))
		id := fmt.Sprint("r", r.IntN(40))
		if r.IntN(4) == 0 {
			delete(f.own[site], id)
			f.publish(site)
			continue
		}
		rule := rules.Rule{
			ID: id, Title: fmt.Sprint("Rule ", i), Action: rules.Boost, Strength: 2.5, State: rules.Paused, Created: int64(i), Changed: int64(i),
			Where: rules.Where{Brands: []string{"b", "a"}, NewDays: 3}, When: rules.When{Schedule: rules.Schedule{Zone: "Europe/Berlin", Starts: 5}},
		}
		f.put(site, rule)
	}
	lines := f.image(t)
	again := newRuleFold()
	for _, line := range lines {
		if err := again.Load(line); err != nil {
			t.Fatal(err)
		}
	}
	if got := again.image(t); !reflect.DeepEqual(got, lines) {
		t.Errorf("%d lines became %d", len(lines), len(got))
	}
	for _, site := range []string{"s0", "s1", "s2"} {
		if !reflect.DeepEqual(again.list(site), f.list(site)) {
			t.Errorf("%s: the rules differ", site)
		}
	}
	if err := newRuleFold().Load([]byte(`{"site":"s","rule":{"id":"r","title":"","action":"pin","where":{}}}`)); err == nil {
		t.Error("a rule that cannot be was loaded")
	}
	if bytes.Contains(bytes.Join(lines, nil), []byte("\n")) {
		t.Error("a line has a line break")
	}
}

func TestTracesReadAsSentences(t *testing.T) {
	title := func(item string) string { return strings.ToUpper(item) }
	more := &rules.Rule{ID: "m", Title: "More", Action: rules.Boost}
	first := &rules.Rule{ID: "p", Title: "First", Action: rules.Pin}
	for _, c := range []struct {
		scored recommender.Scored
		en, de string // the sentences, joined
	}{
		{
			recommender.Scored{Kind: recommender.Pinned, Rule: first, Propensity: 1}, "Always shown here by the rule “First”.", "Steht wegen der Regel „First“ immer hier.",
		},
		{
			recommender.Scored{Kind: recommender.BoughtTogether, Because: []string{"cup"}, Propensity: 1, Touches: []rules.Touch{{Rule: more, Before: 0.5, After: 1}}},
			"Often bought together with CUP. The rule “More” raised its score from 0.50 to 1.00.",
			"Wird oft zusammen mit CUP gekauft. Die Regel „More“ hat die Bewertung von 0,50 auf 1,00 angehoben.",
		},
		{
			recommender.Scored{Kind: recommender.Trending, Drawn: true, Propensity: 0.025, Trace: []recommender.Part{{Kind: "trending", Value: 1, Weight: 0.3}, {Kind: "bestseller", Value: 0.5, Weight: 0.2}}},
			"Many shoppers look at it now. 75% of its score: in demand now. 25% of its score: bestsellers. Tried out in place of a better one, to learn whether shoppers like it. Its chance was 2.5%.", "",
		},
	} {
		if got := strings.Join(traceText(text.For("en"), title, &c.scored), " "); got != c.en {
			t.Errorf("got  %s\nwant %s", got, c.en)
		}
		if got := strings.Join(traceText(text.For("de"), title, &c.scored), " "); c.de != "" && got != c.de {
			t.Errorf("got  %s\nwant %s", got, c.de)
		}
	}
	var refused *rules.Refusal
	if err := error(unknownRule(strings.Repeat("x", 100))); !errors.As(err, &refused) || len(refused.Message) > 100 {
		t.Errorf("got %v", err)
	}
}
