package history

import "testing"

func TestFilledRowsAreAShop(t *testing.T) {
	db := testDB(t)
	var told int64
	if err := FillForBench(t.Context(), db, 80_000, benchEnd, func(done, total int64) { told = done }); err != nil {
		t.Fatal(err)
	}
	if told != 80_000 {
		t.Errorf("told of %d rows", told)
	}
	s := Scope{Site: BenchSite, From: benchEnd.UnixMilli() - BenchDays*dayMs, To: benchEnd.UnixMilli()}
	q := NewQuestions(db, QuestionsConfig{})
	for _, f := range EveryQuestion(s) {
		if _, err := f.Ask(t.Context(), q); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
	funnel, err := q.Funnel(t.Context(), FunnelAsk{Scope: s, Steps: []string{"select_item", "add_to_cart", "purchase"}, By: BySource})
	if err != nil || funnel.Steps[2].Visitors < 10 || len(funnel.Parts) < 5 {
		t.Errorf("funnel: got %+v, %v", funnel, err)
	}
	conversion, err := q.Conversion(t.Context(), ConversionAsk{Scope: s})
	if err != nil || len(conversion.Rows) != 20 || conversion.Rows[0].ClickRate < 0.02 || len(conversion.Rows[0].Revenue) == 0 {
		t.Errorf("conversion: got %+v, %v", conversion, err)
	}
	revenue, err := q.Revenue(t.Context(), RevenueAsk{Scope: s, Interval: Month})
	if err != nil || len(revenue.Totals) != 1 || revenue.Totals[0].Refunds == 0 {
		t.Errorf("revenue: got %+v, %v", revenue, err)
	}
	timeline, err := q.Timeline(t.Context(), TimelineAsk{Scope: s, Visitor: BenchVisitor})
	if err != nil || len(timeline.Events) == 0 || timeline.Events[0].Machine {
		t.Errorf("timeline: got %+v, %v", timeline, err)
	}
}
