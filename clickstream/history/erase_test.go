package history

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/clickstream"
)

// eraseSample inserts, of a visitor, events with Seqs from seq on that reach every view, a session and a row set aside.
func eraseSample(t *testing.T, db *DB, site, visitor string, seq uint64) {
	t.Helper()
	event := func(i uint64, name string) string {
		return fmt.Sprintf("('%s', '%s', '2026-11-0%d 10:00:00', '2026-11-07 10:00:00', '%s', 'e%d', %d, 'user-%s', ['sku'], [100], [1], [''], [0], [''])",
			site, name, 1+i%3, visitor, seq+i, seq+i, visitor)
	}
	var rows []string
	for i, name := range []string{"view_item", "search", "purchase", "refund", "impression", "add_to_cart"} {
		rows = append(rows, event(uint64(i), name))
	}
	payload := clickstream.AppendEvent(nil, &clickstream.Event{Site: site, Visitor: visitor, ID: "a", Name: "x"})
	for _, text := range []string{
		"INSERT INTO events (site, name, time, received, visitor, id, seq, user, `items.id`, `items.price`, `items.quantity`, `items.category`, `items.propensity`, `items.reason`) VALUES " + strings.Join(rows, ","),
		fmt.Sprintf("INSERT INTO sessions (site, visitor, start, version) VALUES ('%s', '%s', '2026-11-01 10:00:00', %d)", site, visitor, seq),
		fmt.Sprintf("INSERT INTO set_aside (log, seq, payload) VALUES ('events', %d, unhex('%x'))", seq+9, payload),
	} {
		if err := db.Exec(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
}

// heldOf counts, by table, what is held of a visitor.
func heldOf(t *testing.T, db *DB, site, visitor string) map[string]uint64 {
	t.Helper()
	held := map[string]uint64{}
	tables := []string{"visitor_days"}
	for _, e := range erasedTables {
		tables = append(tables, e.table)
	}
	for _, table := range tables {
		where := fmt.Sprintf("site = %s AND visitor_hash = xxh3(%s)", quoteText(site), quoteText(visitor))
		count := "count()"
		if table == "visitor_days" {
			count = "sum(events)"
		}
		var n uint64
		if err := db.QueryRow(t.Context(), "SELECT "+count+" FROM "+table+" WHERE "+where).Scan(&n); err != nil {
			t.Fatal(err)
		}
		held[table] = n
	}
	var n uint64
	if err := db.QueryRow(t.Context(), "SELECT count() FROM set_aside WHERE position(payload, "+quoteText(visitor)+") > 0").Scan(&n); err != nil {
		t.Fatal(err)
	}
	held["set_aside"] = n
	return held
}

// sampledVisitor is an id whose events the sample holds.
func sampledVisitor(prefix string) string {
	for i := 0; ; i++ {
		if id := fmt.Sprint(prefix, i); clickstream.VisitorHash(id) < 1<<60 {
			return id
		}
	}
}

func TestEraseTakesOneVisitorOutOfEveryTable(t *testing.T) {
	db := testDB(t)
	who, other := sampledVisitor("v_gone"), sampledVisitor("v_kept")
	eraseSample(t, db, "a", who, 100)
	eraseSample(t, db, "a", other, 200)
	eraseSample(t, db, "b", who, 300)
	eraseSample(t, db, "a", who, 1000) // a new life
	kept, foreign := heldOf(t, db, "a", other), heldOf(t, db, "b", who)
	for table, n := range heldOf(t, db, "a", who) {
		if n < 2 {
			t.Errorf("%s holds %d rows: the test proves little", table, n)
		}
	}
	gone := []ErasedVisitor{
		{clickstream.VisitorID{Site: "a", Visitor: who}, clickstream.Erasing{Seq: 500}},
		{clickstream.VisitorID{Site: "a", Visitor: "v_unknown"}, clickstream.Erasing{Seq: 501}},
	}
	for range 2 { // it can be repeated
		if _, err := Erase(t.Context(), db, gone); err != nil {
			t.Fatal(err)
		}
		for table, n := range heldOf(t, db, "a", who) {
			want := kept[table]
			if table == "set_aside" {
				want = 2 // site b's and the new life's
			}
			if n != want {
				t.Errorf("%s holds %d rows, want the new life's %d", table, n, want)
			}
		}
		if got := heldOf(t, db, "a", other); fmt.Sprint(got) != fmt.Sprint(kept) {
			t.Errorf("the other visitor: %v, want %v", got, kept)
		}
		if got := heldOf(t, db, "b", who); got["events"] != foreign["events"] || got["visitor_days"] != foreign["visitor_days"] {
			t.Errorf("the other site: %v, want %v", got, foreign)
		}
	}
	var mutations uint64
	if err := db.QueryRow(t.Context(), "SELECT countIf(position(command, 'v_gone') > 0) FROM system.mutations WHERE database = currentDatabase()").Scan(&mutations); err != nil || mutations > 0 {
		t.Errorf("%d mutations name the visitor, %v", mutations, err)
	}
}

// TestEveryTableWithVisitorsIsErased fails when a migration adds a table that erasure does not know.
func TestEveryTableWithVisitorsIsErased(t *testing.T) {
	db := testDB(t)
	rows, err := db.Query(t.Context(), "SELECT DISTINCT table FROM system.columns WHERE database = currentDatabase() AND name IN ('visitor', 'visitor_hash', 'user', 'payload')")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	known := append([]string{"decisions"}, otherErasedTables[:]...) // decisions are the shop's
	for _, e := range erasedTables {
		known = append(known, e.table)
	}
	n := 0
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			t.Fatal(err)
		}
		n++
		if !slices.Contains(known, table) && !strings.HasSuffix(table, "_view") {
			t.Errorf("%s may hold visitors, and erasure does not know it", table)
		}
	}
	if n < len(known) {
		t.Errorf("%d tables with visitors, %d are known", n, len(known))
	}
}

func TestErasedPlansLoseTheVisitorAndItsReasons(t *testing.T) {
	session := func(visitor string) *clickstream.Session {
		return &clickstream.Session{Key: clickstream.SessionKey{Visitor: visitor, Start: 10}, End: 20, Steps: []clickstream.Step{clickstream.NewStep("sku", clickstream.ViewItem, 15)}}
	}
	list := []sessionVersion{
		{visitor: "v_gone", start: 10, version: 7, session: session("v_gone")},
		{visitor: "v_kept", start: 10, version: 8, session: session("v_kept")},
		{visitor: "v_gone", start: 90, version: 30, session: session("v_gone")},
		{visitor: "v_gone", start: 5, version: 9},
	}
	p := plan{stretchName: stretchName{"epoch", 5, 40}, facts: 3}
	before := string(appendSessions(p.append(nil), []string{"a"}, list))
	want := string(appendSessions(p.append(nil), []string{"a"}, []sessionVersion{list[1], list[2]}))
	gone := []ErasedVisitor{{clickstream.VisitorID{Site: "a", Visitor: "v_gone"}, clickstream.Erasing{Seq: 20}}}
	for name, of := range map[string][]ErasedVisitor{"once": gone, "another site": {{clickstream.VisitorID{Site: "b", Visitor: "v_gone"}, clickstream.Erasing{Seq: 20}}}} {
		got, err := ErasePlan(before, of)
		if expect := map[string]string{"once": want, "another site": before}[name]; err != nil || got != expect {
			t.Errorf("%s: got %q, want %q, %v", name, got, expect, err)
		}
	}
	part := string(appendSessions([]byte{planPart, planVersion}, []string{"a"}, list[:1]))
	if got, err := ErasePlan(part, gone); err != nil || strings.Contains(got, "v_gone") {
		t.Errorf("part: got %q, %v", got, err)
	}
	aside := asideRecord{log: eventsID, from: 5, kind: eventsTable, rows: []asideRow{{7, "cannot parse v_gone"}, {8, "too long"}}}
	got, err := ErasePlan(string(aside.append(nil)), gone)
	aside.rows[0].reason = ""
	if err != nil || got != string(aside.append(nil)) {
		t.Errorf("reasons: got %q, %v", got, err)
	}
	if _, err := ErasePlan(before[:len(before)-1], gone); err == nil {
		t.Error("took a cut plan")
	}
	for _, other := range []string{"", string(appendControl(nil, &p.stretchName))} {
		if got, err := ErasePlan(other, gone); err != nil || got != other {
			t.Errorf("%q became %q, %v", other, got, err)
		}
	}
}

func TestPendingSessionsOfAnErasedVisitorAreDropped(t *testing.T) {
	var p pending
	p.reset()
	site := p.siteOf("a")
	for i, visitor := range []string{"v_gone", "v_kept", "v_gone", "v_last"} {
		p.change(site, uint64(i), &clickstream.SessionChange{Session: &clickstream.Session{Key: clickstream.SessionKey{Visitor: visitor, Start: int64(i)}}})
	}
	p.change(p.siteOf("b"), 9, &clickstream.SessionChange{Session: &clickstream.Session{Key: clickstream.SessionKey{Visitor: "v_gone", Start: 1}}})
	p.erase(&clickstream.Erase{Site: "a", Visitor: clickstream.VisitorHash("v_gone")})
	var got []string
	for _, v := range p.sessions {
		got = append(got, p.sites[v.site]+" "+v.visitor)
	}
	if want := []string{"a v_kept", "a v_last", "b v_gone"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	p.change(site, 10, &clickstream.SessionChange{Session: &clickstream.Session{Key: clickstream.SessionKey{Visitor: "v_last", Start: 3}}})
	if len(p.sessions) != 3 || p.sessions[1].version != 10 {
		t.Errorf("a version after it went to %+v", p.sessions)
	}
}

func TestErasedPartsLeaveTheDisk(t *testing.T) {
	db := testDB(t)
	for round := range uint64(2) {
		eraseSample(t, db, "a", "v_gone", 100+1000*round)
		eraseSample(t, db, "a", "v_kept", 500+1000*round)
		left, err := Erase(t.Context(), db, []ErasedVisitor{{clickstream.VisitorID{Site: "a", Visitor: "v_gone"}, clickstream.Erasing{Seq: 400 + 1000*round}}})
		if err != nil || len(left) == 0 {
			t.Fatalf("%d parts are left, %v: the test proves little", len(left), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		begin := time.Now()
		if err := AwaitGone(ctx, db, left); err != nil {
			t.Fatal(err)
		}
		t.Logf("%d parts left the disk after %v", len(left), time.Since(begin).Round(time.Second))
	}
}
