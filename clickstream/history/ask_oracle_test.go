package history

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"

	"beckon/clickstream"
)

// asked is a world that is stored, shared by the tests that only read it.
type asked struct {
	*world
	*Questions
	db *DB
}

var sharedWorld struct {
	once  sync.Once
	world *world
}

// askWorld stores the shared world in a database of the test's own.
func askWorld(t testing.TB) *asked {
	t.Helper()
	sharedWorld.once.Do(func() { sharedWorld.world = newWorld(7, 70) })
	db := testDB(t)
	storeHits(t, db, sharedWorld.world.hits)
	return &asked{sharedWorld.world, NewQuestions(db, QuestionsConfig{}), db}
}

// scopes are the ranges and filters that every question is asked with; those it refuses are left to its test.
func scopes() map[string]Scope {
	end := worldStart + worldDays*dayMs
	all := map[string]Scope{
		"all":       {From: worldStart, To: end},
		"machines":  {From: worldStart, To: end, Machines: true},
		"week":      {From: worldStart + 7*dayMs, To: worldStart + 14*dayMs},
		"hours":     {From: worldStart + 3*dayMs + 5_000_001, To: worldStart + 9*dayMs + 71_000_003},
		"mobile":    {From: worldStart, To: end, Device: "mobile"},
		"news":      {From: worldStart, To: end, Source: "news"},
		"direct":    {From: worldStart + dayMs, To: end, Source: direct},
		"both":      {From: worldStart + 12345, To: end, Source: "search.example", Device: "desktop"},
		"nobody":    {From: worldStart, To: end, Source: "o'hare\\ \t"},
		"no events": {From: 1000, To: 2000},
	}
	for name, s := range all {
		s.Site, s.Limit = "one", MaxLimit
		all[name] = s
	}
	return all
}

// touches is where visitors came from.
func (w *world) touches(s Scope) map[string]string {
	first := map[string]*hit{}
	for i := range w.hits {
		h := &w.hits[i]
		if h.Site != s.Site || h.Time < s.From || h.Time >= s.To {
			continue
		}
		if f := first[h.Visitor]; h.source != direct && (f == nil || h.before(f)) {
			first[h.Visitor] = h
		}
	}
	sources := map[string]string{}
	for i := range w.hits {
		if v := w.hits[i].Visitor; first[v] != nil {
			sources[v] = first[v].source
		} else {
			sources[v] = direct
		}
	}
	return sources
}

// before is the order of two events.
func (h *hit) before(o *hit) bool {
	return cmp.Or(cmp.Compare(h.Time, o.Time), cmp.Compare(h.seq, o.seq)) < 0
}

// of is the hits of a scope, in order of time, with its range widened; its source is that of its own range.
func (w *world) of(s Scope, before, behind int64) []*hit {
	sources := w.touches(s)
	var list []*hit
	for i := range w.hits {
		h := &w.hits[i]
		if h.Site == s.Site && h.Time >= s.From-before && h.Time < s.To+behind && (s.Machines || !h.machine) &&
			(s.Device == "" || s.Device == h.device) && (s.Source == "" || s.Source == sources[h.Visitor]) &&
			(s.Only == nil || slices.Contains(s.Only, clickstream.VisitorHash(h.Visitor))) {
			list = append(list, h)
		}
	}
	slices.SortFunc(list, func(a, b *hit) int { return cmp.Or(cmp.Compare(a.Time, b.Time), cmp.Compare(a.seq, b.seq)) })
	return list
}

// pick keeps the hits with one of these names that are no repeats.
func pick(hits []*hit, names ...string) []*hit {
	var list []*hit
	for _, h := range hits {
		if slices.Contains(names, h.Name) && !h.repeat {
			list = append(list, h)
		}
	}
	return list
}

// same fails the test if an answer is not what the oracle says.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", what, shorten(got), shorten(want))
	}
}

func shorten(v any) string {
	text := fmt.Sprintf("%+v", v)
	return text[:min(len(text), 1500)]
}

// top sorts rows and cuts them at the limit.
func top[T any](rows []T, limit int, order func(a, b T) int) []T {
	slices.SortFunc(rows, order)
	return rows[:min(len(rows), limit)]
}
