package history

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestQualityIsTheOracles(t *testing.T) {
	w := askWorld(t)
	if err := w.db.Exec(t.Context(), "INSERT INTO dead_letters (site, time, seq) SELECT ['one', 'two', 'one'][number + 1], fromUnixTimestamp64Milli("+
		fmt.Sprint(worldStart)+" + number * 86400000 * 20), number FROM numbers(3)"); err != nil {
		t.Fatal(err)
	}
	for name, scope := range scopes() {
		for _, interval := range []Interval{Hour, Day, Week, Month} {
			ask := QualityAsk{scope, interval}
			ask.Source = ""
			got, err := w.Quality(t.Context(), ask)
			if err != nil {
				t.Fatal(name, err)
			}
			var want QualityAnswer
			for _, h := range w.of(ask.Scope, 0, 0) { // in order of time
				start := interval.start(h.Time)
				if n := len(want.Rows); n == 0 || want.Rows[n-1].Start != start {
					want.Rows = append(want.Rows, QualityRow{Start: start})
				}
				for _, r := range []*QualityRow{&want.Rows[len(want.Rows)-1], &want.Total} {
					r.Events++
					if h.late {
						r.Late++
					}
					if h.Name == "purchase" {
						r.Purchases++
					}
					if h.repeat {
						r.Repeats++
					}
				}
			}
			for i := range want.Rows {
				want.Rows[i] = want.Rows[i].rated()
			}
			want.Total = want.Total.rated()
			for i, site := range []string{"one", "two", "one"} {
				if at := worldStart + int64(i)*20*dayMs; site == scope.Site && at >= scope.From && at < scope.To {
					want.Refused++
				}
			}
			same(t, name+string(interval), got, want)
		}
	}
}

func TestTimelinePagesHoldEveryEventOnce(t *testing.T) {
	w := askWorld(t)
	scope := scopes()["hours"]
	scope.Limit = 7
	scope.Machines = true
	for visitor := range 20 {
		ask := TimelineAsk{Scope: scope, Visitor: fmt.Sprint("v", visitor)}
		var want, got []TimelineEvent
		for _, h := range w.of(scope, 0, 0) {
			if h.Visitor == ask.Visitor {
				want = append(want, TimelineEvent{h.Event, h.seq, h.late, h.machine, h.repeat})
			}
		}
		slices.Reverse(want)
		for pages := 0; ; pages++ {
			page, err := w.Timeline(t.Context(), ask)
			if err != nil {
				t.Fatal(err)
			}
			if len(page.Events) > 7 || page.Next != "" && len(page.Events) < 7 || pages > 1000 {
				t.Fatalf("page %d has %d events, next %q", pages, len(page.Events), page.Next)
			}
			got = append(got, page.Events...)
			if ask.After = page.Next; ask.After == "" {
				break
			}
		}
		same(t, ask.Visitor, got, want)
	}
	_, err := w.Timeline(t.Context(), TimelineAsk{Scope: scope, Visitor: "v1", After: "1' OR 1"})
	var refused *AskError
	if !errors.As(err, &refused) || refused.Field != "After" {
		t.Errorf("a cursor that is none: got %v", err)
	}
}

func TestRowsAreCountedBySite(t *testing.T) {
	w := askWorld(t)
	got, err := w.Rows(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]SiteRows{}
	for i := range w.hits {
		r := want[w.hits[i].Site]
		if w.hits[i].Generated {
			r.Generated++
		} else {
			r.Stored++
		}
		want[w.hits[i].Site] = r
	}
	same(t, "rows", got, want)
}

// TestOtherSitesAreNotThere asks for a site without rows, in a database that has some of the same visitors, items and transactions.
func TestOtherSitesAreNotThere(t *testing.T) {
	w := askWorld(t)
	scope := scopes()["machines"]
	scope.Site = "one' OR '1'='1"
	for _, f := range EveryQuestion(scope) {
		answer, err := f.Ask(t.Context(), w.Questions)
		if err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
		text := fmt.Sprintf("%+v", answer)
		if strings.Contains(text, "v1") || strings.Contains(text, "i1") || strings.ContainsAny(strings.NewReplacer("OneIn:1", "", "step1", "").Replace(text), "123456789") {
			t.Errorf("%s: got %s", f.Name, text)
		}
	}
}
