package history

import (
	"slices"
	"testing"

	"beckon/clickstream"
)

func TestVisitorsEventsComeInOrderWithThoseSetAside(t *testing.T) {
	db := testDB(t)
	eraseSample(t, db, "a", "v_1", 100)
	eraseSample(t, db, "a", "v_2", 200)
	eraseSample(t, db, "b", "v_1", 300)
	eraseSample(t, db, "a", "v_1", 50)
	events, err := OpenVisitorEvents(t.Context(), db, clickstream.VisitorID{Site: "a", Visitor: "v_1"})
	if err != nil {
		t.Fatal(err)
	}
	defer events.Close()
	var got []uint64
	for {
		seq, e, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		if e == nil {
			break
		}
		if e.Visitor != "v_1" || e.Site != "a" {
			t.Errorf("event %d is of %s, %s", seq, e.Site, e.Visitor)
		}
		got = append(got, seq)
	}
	if want := []uint64{50, 51, 52, 53, 54, 55, 59, 100, 101, 102, 103, 104, 105, 109}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestVisitorsSessionsAreTheNewestOfClickHouseAndPlans(t *testing.T) {
	db := testDB(t)
	in := openInstallation(t, t.TempDir(), 2, SpoolConfig{})
	defer in.close()
	id := clickstream.VisitorID{Site: "shop", Visitor: "v_1"}
	stored := func(start int64, version uint64, deleted int) {
		t.Helper()
		if err := db.Exec(t.Context(), "INSERT INTO sessions (site, visitor, start, end, version, deleted, events) VALUES ('shop', 'v_1', fromUnixTimestamp64Milli(toInt64(?)), fromUnixTimestamp64Milli(toInt64(?)), ?, ?, 1)",
			start, start+5, version, deleted); err != nil {
			t.Fatal(err)
		}
	}
	stored(1000, 1, 0)
	stored(2000, 2, 0)
	stored(2000, 3, 1) // retracted
	stored(3000, 4, 0)
	stored(9000, 5, 0)
	planned := []sessionVersion{
		{visitor: "v_1", start: 3000, version: 6, session: &clickstream.Session{End: 3500, Events: 7}},
		{visitor: "v_1", start: 4000, version: 7, session: &clickstream.Session{End: 4500, Events: 8, Closed: true}},
		{visitor: "v_1", start: 9000, version: 8}, // retracted
		{visitor: "v_2", start: 5000, version: 9, session: &clickstream.Session{End: 5500, Events: 9}},
		{visitor: "v_1", start: 1000, version: 0, session: &clickstream.Session{End: 9, Events: 99}}, // written long ago
	}
	p := plan{stretchName: stretchName{in.events.Epoch(), 0, 10}}
	if _, err := appendPlan(t.Context(), in.plans, appendSessions(p.append(nil), []string{"shop"}, planned)); err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, conn := range []*DB{db, nil} {
		err := EachVisitorSession(t.Context(), conn, in.plans, id, func(s *VisitorSession) error {
			got = append(got, s.Start, int64(s.Events))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if want := []int64{1000, 1, 3000, 7, 4000, 8 /* and from plans alone */, 1000, 99, 3000, 7, 4000, 8}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
