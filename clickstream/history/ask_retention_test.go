package history

import (
	"cmp"
	"errors"
	"fmt"
	"testing"
)

func (w *world) retention(ask RetentionAsk) RetentionAnswer {
	length := int64(dayMs)
	if ask.Interval == Week {
		length = 7 * dayMs
	}
	ask.From = cmp.Or(ask.Interval, Day).start(ask.From)
	periods := (ask.To - ask.From + length - 1) / length
	active := map[string]map[int64]bool{}
	first := map[string]int64{}
	before := int64(0)
	if ask.Ever {
		before = ask.From
	}
	for _, h := range w.of(ask.Scope, before, 0) { // in order of time
		if active[h.Visitor] == nil {
			active[h.Visitor] = map[int64]bool{}
			if h.Time < ask.From {
				first[h.Visitor] = -1
			} else {
				first[h.Visitor] = (h.Time - ask.From) / length
			}
		}
		active[h.Visitor][(h.Time-ask.From)/length] = true
	}
	cohorts := map[int64]*Cohort{}
	for visitor, in := range active {
		f := first[visitor]
		if f < 0 {
			continue
		}
		if cohorts[f] == nil {
			cohorts[f] = &Cohort{Start: ask.From + f*length, Active: make([]int64, periods-f)}
		}
		cohorts[f].Visitors++
		for p := range in {
			cohorts[f].Active[p-f]++
		}
	}
	a := RetentionAnswer{OneIn: 1}
	for p := range periods {
		if cohorts[p] != nil {
			a.Cohorts = append(a.Cohorts, *cohorts[p])
		}
	}
	return a
}

func TestRetentionIsTheOracles(t *testing.T) {
	w := askWorld(t)
	for name, scope := range scopes() {
		for _, interval := range []Interval{Day, Week} {
			for _, ever := range []bool{false, true} {
				ask := RetentionAsk{scope, interval, ever}
				got, err := w.Retention(t.Context(), ask)
				if err != nil {
					t.Fatal(name, err)
				}
				same(t, fmt.Sprint(name, interval, ever), got, w.retention(ask))
			}
		}
	}
	_, err := w.Retention(t.Context(), RetentionAsk{Scope: Scope{Site: "one", From: 0, To: 65 * dayMs}})
	var refused *AskError
	if !errors.As(err, &refused) || refused.Field != "To" {
		t.Errorf("65 days: got %v", err)
	}
}
