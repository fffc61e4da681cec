package history

import (
	"math"
	"reflect"
	"testing"
	"time"

	"beckon/clickstream"
)

// share is the world of one visitor in so many.
func (w *world) share(oneIn int64) *world {
	if oneIn == 1 {
		return w
	}
	some := &world{}
	for _, h := range w.hits {
		if clickstream.VisitorHash(h.Visitor) < uint64(math.MaxUint64)/uint64(oneIn) {
			some.hits = append(some.hits, h)
		}
	}
	return some
}

// scale multiplies the counts of an answer of all visitors that an oracle looked at.
func scale(v reflect.Value, by int64) {
	switch v.Kind() {
	case reflect.Pointer:
		scale(v.Elem(), by)
	case reflect.Struct:
		for i := range v.NumField() {
			switch name := v.Type().Field(i).Name; name {
			case "OneIn":
				v.Field(i).SetInt(by)
			case "Start":
			default:
				scale(v.Field(i), by)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			scale(v.Index(i), by)
		}
	case reflect.Int64:
		v.SetInt(v.Int() * by)
	}
}

func TestFastAnswersAreTheOraclesOfFewerVisitors(t *testing.T) {
	w := newWorld(11, 500)
	db := testDB(t)
	storeHits(t, db, w.hits)
	q := NewQuestions(db, QuestionsConfig{FastRows: int64(len(w.hits)) / 30})
	shares := map[int64]bool{}
	for name, scope := range scopes() {
		scope.Fast = true
		check := func(what string, err error, oneIn int64, got any, want func(w *world) any) {
			t.Helper()
			if err != nil {
				t.Fatal(name, what, err)
			}
			shares[oneIn] = true
			oracle := want(w.share(oneIn))
			scale(reflect.ValueOf(oracle), oneIn)
			same(t, name+" "+what, got, oracle)
		}
		funnel := FunnelAsk{scope, []string{"view_item", "add_to_cart", "purchase"}, 24 * time.Hour, BySource}
		f, err := q.Funnel(t.Context(), funnel)
		check("funnel", err, f.OneIn, &f, func(w *world) any { a := w.funnel(funnel); return &a })
		paths := PathsAsk{Scope: scope, LookBack: 7 * 24 * time.Hour, Length: 2, Tree: true}
		p, err := q.PathsBeforePurchase(t.Context(), paths)
		check("paths", err, p.OneIn, &p, func(w *world) any { a := w.paths(paths); return &a })
		conversion := ConversionAsk{scope, "", time.Hour, 7 * 24 * time.Hour, true}
		conversion.Device = ""
		c, err := q.Conversion(t.Context(), conversion)
		check("conversion", err, c.OneIn, &c, func(w *world) any { a := w.conversion(conversion); return &a })
		retention := RetentionAsk{scope, Week, false}
		r, err := q.Retention(t.Context(), retention)
		check("retention", err, r.OneIn, &r, func(w *world) any { a := w.retention(retention); return &a })
		searches := SearchesAsk{scope, 10 * time.Minute, false}
		s, err := q.Searches(t.Context(), searches)
		check("searches", err, s.OneIn, &s, func(w *world) any { a := w.searches(searches); return &a })
	}
	if !shares[1] || !shares[16] || !shares[32] {
		t.Errorf("got shares %v", shares)
	}
}
