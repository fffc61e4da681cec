package history

import (
	"strings"
	"testing"

	"beckon/clickstream"
)

func execute(t testing.TB, db *DB, text string) {
	t.Helper()
	if err := db.Exec(t.Context(), text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func TestRefusedRowsAreSetAsideAndComeBack(t *testing.T) {
	db := testDB(t)
	in := openInstallation(t, t.TempDir(), 3, SpoolConfig{Rows: 300})
	defer in.close()
	execute(t, db, "ALTER TABLE events ADD CONSTRAINT known CHECK transaction NOT IN ('t1', 't7')")
	execute(t, db, "ALTER TABLE dead_letters ADD CONSTRAINT known CHECK NOT endsWith(payload, 'json 15')")
	execute(t, db, "ALTER TABLE sessions ADD CONSTRAINT known CHECK visitor != 'v0003' OR closed")
	w := in.write(db, nil)
	in.fill(newCrowd(11, 10), 900, 5)
	w.written(in)
	aside := number(t, db, "SELECT count() FROM set_aside WHERE log = 'events'")
	sessions := number(t, db, "SELECT count() FROM set_aside WHERE log = 'sessions'")
	letters := number(t, db, "SELECT count() FROM set_aside WHERE log = 'events' AND endsWith(payload, 'json 15')")
	if aside < 3 || sessions == 0 || letters != 1 {
		t.Fatalf("set aside: %d events, %d sessions, %d letters", aside, sessions, letters)
	}
	if n := number(t, db, "SELECT count() FROM set_aside WHERE position(reason, 'VIOLATED_CONSTRAINT') = 0 OR position(reason, 'sku-') > 0"); n != 0 {
		t.Errorf("%d reasons without ClickHouse's, or with a row's values", n)
	}
	if s := w.State(); s.SetAside != uint64(aside+sessions) || s.LagRows != 0 {
		t.Errorf("got %+v, want %d and %d set aside", s, aside, sessions)
	}
	v, err := Verify(t.Context(), db, nil)
	if err != nil || len(v.Bad) > 0 || len(v.Short) > 0 {
		t.Errorf("verify: %v %v %v", v.Bad, v.Short, err)
	}

	taken, refused, err := w.ReplaySetAside(t.Context())
	if err != nil || taken != 0 || refused != int(aside+sessions) {
		t.Errorf("replay under the same rules: took %d, refused %d, %v", taken, refused, err)
	}
	for _, table := range []string{"events", "dead_letters", "sessions"} {
		execute(t, db, "ALTER TABLE "+table+" DROP CONSTRAINT known")
	}
	taken, refused, err = w.ReplaySetAside(t.Context())
	if err != nil || refused != 0 || taken != int(aside+sessions) {
		t.Errorf("replay: took %d, refused %d, %v", taken, refused, err)
	}
	if n := number(t, db, "SELECT count() FROM set_aside"); n != 0 {
		t.Errorf("%d rows stayed behind", n)
	}
	in.same(db)
	w.stop(t)
}

func TestADecisionToSetAsideOutlivesARestart(t *testing.T) {
	db := testDB(t)
	in := openInstallation(t, t.TempDir(), 3, SpoolConfig{})
	defer in.close()
	execute(t, db, "ALTER TABLE events ADD CONSTRAINT known CHECK seq % 97 > 3")
	in.fill(newCrowd(12, 10), 400, 5)
	in.caughtUp()
	// The rows are refused, the decision is made, the others are sent, and nobody hears of it.
	reached := make(chan struct{})
	conn := &faulty{Conn: db}
	conn.fail = func(n int64, insert string) (before, after bool) {
		// Everything else is sent before what is set aside.
		if strings.HasPrefix(insert, "INSERT INTO `set_aside`") {
			select {
			case <-reached:
			default:
				close(reached)
			}
			return true, false
		}
		return false, false
	}
	w := in.write(conn, nil)
	<-reached
	w.stop(t)
	execute(t, db, "ALTER TABLE events DROP CONSTRAINT known") // a new look would take them
	w = in.write(db, nil)
	w.written(in)
	if n := number(t, db, "SELECT count() FROM set_aside"); n == 0 {
		t.Error("the decision was forgotten")
	}
	if taken, refused, err := w.ReplaySetAside(t.Context()); err != nil || taken == 0 || refused != 0 {
		t.Errorf("replay: took %d, refused %d, %v", taken, refused, err)
	}
	in.same(db)
	w.stop(t)
}

func TestTablesThatRefuseEverythingSetNothingAside(t *testing.T) {
	db := testDB(t)
	in := openInstallation(t, t.TempDir(), 3, SpoolConfig{})
	defer in.close()
	execute(t, db, "ALTER TABLE events ADD CONSTRAINT never CHECK site = 'nowhere'")
	w := in.write(db, nil)
	defer w.stop(t)
	in.fill(newCrowd(13, 10), 400, 5)
	for moved := w.changed(); w.State().Retries < 3; moved = w.changed() {
		<-moved
	}
	if s := w.State(); s.SetAside != 0 || !strings.Contains(s.Err, "rows are refused") {
		t.Errorf("got %+v", s)
	}
	execute(t, db, "ALTER TABLE events DROP CONSTRAINT never")
	w.written(in)
	in.same(db)
}

func TestMissingTablesAreToldAndWaitedFor(t *testing.T) {
	db := testDB(t)
	in := openInstallation(t, t.TempDir(), 3, SpoolConfig{})
	defer in.close()
	execute(t, db, "RENAME TABLE sessions TO elsewhere")
	execute(t, db, "ALTER TABLE dead_letters RENAME COLUMN payload TO other")
	w := in.write(db, nil)
	defer w.stop(t)
	in.fill(newCrowd(14, 10), 200, 5)
	wants := func(text string) {
		t.Helper()
		for moved := w.changed(); !strings.Contains(w.State().Schema, text); moved = w.changed() {
			select {
			case <-moved:
			case <-t.Context().Done():
				t.Fatalf("got %+v, want schema to name %s", w.State(), text)
			}
		}
	}
	wants("payload")
	execute(t, db, "ALTER TABLE dead_letters RENAME COLUMN other TO payload")
	wants("sessions")
	execute(t, db, "RENAME TABLE elsewhere TO sessions")
	w.written(in)
	if s := w.State(); s.Schema != "" || s.Err != "" {
		t.Errorf("after the repair: %+v", s)
	}
	in.same(db)
}

func TestAnEventThatIsNoneIsSetAside(t *testing.T) {
	db := testDB(t)
	in := openInstallation(t, t.TempDir(), 2, SpoolConfig{})
	defer in.closeLogs()
	in.fill(newCrowd(15, 10), 20, 5)
	in.caughtUp()
	if err := in.spool.Freeze(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := in.runner.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	in.runner = nil
	in.appendParts(partsOf(2, 0, string([]byte{clickstream.RecordEvent, 99, 1, 2, 3})))
	// A plan from elsewhere, since the folds stop at such a record.
	end := in.events.Cut(nil).Seq
	p := plan{stretchName: stretchName{in.events.Epoch(), end - 1, end}}
	if _, err := appendPlan(t.Context(), in.plans, appendSessions(p.append(nil), nil, nil)); err != nil {
		t.Fatal(err)
	}
	w := in.write(db, nil)
	w.written(in)
	w.stop(t)
	if n := number(t, db, "SELECT count() FROM set_aside WHERE startsWith(reason, 'the record cannot be decoded')"); n != 1 {
		t.Errorf("got %d rows set aside", n)
	}
	if s := w.State(); s.SetAside != 1 || s.LagRows != 0 {
		t.Errorf("got %+v", s)
	}
}

func TestReasonsKeepWhatWasFound(t *testing.T) {
	for _, f := range []found{{}, {late: true}, {machine: true, repeat: true}, {true, true, true}} {
		if got := foundIn(withFound(f, "INCORRECT_DATA (117)")); got != f {
			t.Errorf("got %+v, want %+v", got, f)
		}
	}
	if got := foundIn("[odd"); got != (found{}) {
		t.Errorf("got %+v", got)
	}
}
