package history

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"time"
)

func (w *world) searches(ask SearchesAsk) SearchesAnswer {
	within := ask.Within.Milliseconds()
	acts := pick(w.of(ask.Scope, 0, within+1), "search", "view_item", "select_item", "add_to_cart")
	terms := map[string]*SearchTerm{}
	visitors := map[[2]string]bool{}
	term := func(h *hit) string { return strings.ToLower(strings.TrimSpace(h.SearchTerm)) }
	for i, s := range acts {
		if s.Name != "search" || s.SearchTerm == "" || s.Time >= ask.To {
			continue
		}
		found := false
		for _, a := range acts[i+1:] {
			if a.Visitor != s.Visitor || a.Name == "search" && term(a) == term(s) {
				continue
			}
			found = a.Name != "search" && a.Time <= s.Time+within
			break
		}
		switch s.Props {
		case `{"results":0}`:
			found = false
		case `{"results":12}`:
			found = true
		}
		r := terms[term(s)]
		if r == nil {
			r = &SearchTerm{Term: term(s)}
			terms[r.Term] = r
		}
		r.Searches++
		if !visitors[[2]string{r.Term, s.Visitor}] {
			visitors[[2]string{r.Term, s.Visitor}] = true
			r.Visitors++
		}
		if !found {
			r.Nothing++
		}
	}
	a := SearchesAnswer{OneIn: 1}
	for _, r := range terms {
		if r.Rate = ratio(r.Nothing, r.Searches); !ask.Nothing || r.Nothing > 0 {
			a.Terms = append(a.Terms, *r)
		}
	}
	a.Terms = top(a.Terms, ask.Limit, func(a, b SearchTerm) int {
		first := cmp.Compare(b.Searches, a.Searches)
		if ask.Nothing {
			first = cmp.Compare(b.Nothing, a.Nothing)
		}
		return cmp.Or(first, strings.Compare(a.Term, b.Term))
	})
	return a
}

func TestSearchesAreTheOracles(t *testing.T) {
	w := askWorld(t)
	for name, scope := range scopes() {
		for _, within := range []time.Duration{time.Minute, 10 * time.Minute} {
			for _, nothing := range []bool{false, true} {
				ask := SearchesAsk{scope, within, nothing}
				got, err := w.Searches(t.Context(), ask)
				if err != nil {
					t.Fatal(name, err)
				}
				same(t, fmt.Sprint(name, within, nothing), got, w.searches(ask))
			}
		}
	}
}
