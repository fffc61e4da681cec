package history

import (
	"fmt"
	"slices"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"beckon/clickstream"
)

func number(t testing.TB, db driver.Conn, question string) int64 {
	t.Helper()
	var n int64
	if err := db.QueryRow(t.Context(), "SELECT toInt64(("+question+"))").Scan(&n); err != nil {
		t.Fatalf("%s: %v", question, err)
	}
	return n
}

// same checks that ClickHouse holds exactly what the logs and the folds hold: every event as it was, once, dead letters, decisions, the
// folds' final sessions, and sums that were counted once.
func (in *installation) same(db driver.Conn) {
	in.t.Helper()
	in.caughtUp()
	in.sameRecords(db)
	in.sameSessions(db)
	in.sameSums(db)
	v, err := Verify(in.t.Context(), db, nil)
	if err != nil {
		in.t.Fatal(err)
	}
	if len(v.Bad) > 0 || len(v.Short) > 0 || v.Ahead > 0 {
		in.t.Errorf("verify: bad %v, short %v, ahead %d", v.Bad, v.Short, v.Ahead)
	}
}

// sameRecords compares rows with the records they were.
func (in *installation) sameRecords(db driver.Conn) {
	in.t.Helper()
	cut := in.events.Cut(nil)
	want := map[uint64]string{}
	reader := openLog(in.events, make([]uint64, in.events.Partitions()))
	defer reader.close()
	events, letters := 0, 0
	for from := uint64(0); from < cut.Seq; from = min(from+readWindow, cut.Seq) {
		list, err := reader.window(from, min(from+readWindow, cut.Seq), cut.Ends)
		if err != nil {
			in.t.Fatal(err)
		}
		for _, p := range list {
			switch clickstream.RecordType(p.payload) {
			case clickstream.RecordEvent:
				events++
				want[p.seq] = p.payload
			case clickstream.RecordRejected:
				letters++
				want[p.seq] = p.payload
			}
		}
	}
	var row eventRow
	rows, err := db.Query(in.t.Context(), "SELECT "+row.columns()+" FROM events")
	if err != nil {
		in.t.Fatal(err)
	}
	defer rows.Close()
	got := 0
	for rows.Next() {
		seq, payload, err := row.read(rows, nil)
		if err != nil {
			in.t.Fatal(err)
		}
		if want[seq] != string(payload) {
			in.t.Fatalf("record %d: got %q, want %q", seq, payload, want[seq])
		}
		got++
	}
	if err := rows.Err(); err != nil {
		in.t.Fatal(err)
	}
	if got != events {
		in.t.Errorf("events: got %d rows, want %d", got, events)
	}
	if n := number(in.t, db, "SELECT uniqExact(seq) FROM events"); n != int64(events) {
		in.t.Errorf("events: got %d different, want %d", n, events)
	}
	if n := number(in.t, db, "SELECT count() FROM dead_letters"); n != int64(letters) {
		in.t.Errorf("dead letters: got %d, want %d", n, letters)
	}
	if n, want := number(in.t, db, "SELECT count() FROM decisions"), in.control.Cut(nil).Seq; n != int64(want) {
		in.t.Errorf("decisions: got %d, want %d", n, want)
	}
}

// sameSessions compares what FINAL answers with the folds' last versions.
func (in *installation) sameSessions(db driver.Conn) {
	in.t.Helper()
	rows, err := db.Query(in.t.Context(), "SELECT site, visitor, toUnixTimestamp64Milli(start), toUnixTimestamp64Milli(end), events, bot, consent, closed, items, kinds, "+
		"arrayMap(t -> toUnixTimestamp64Milli(t), times) FROM sessions FINAL")
	if err != nil {
		in.t.Fatal(err)
	}
	defer rows.Close()
	got := 0
	for rows.Next() {
		var site, visitor string
		var start, end int64
		var events uint32
		var bot, closed bool
		var consent uint8
		var items []string
		var kinds []uint8
		var times []int64
		if err := rows.Scan(&site, &visitor, &start, &end, &events, &bot, &consent, &closed, &items, &kinds, &times); err != nil {
			in.t.Fatal(err)
		}
		got++
		key := finalKey(site, visitor, start)
		want, ok := in.finals.sessions[key]
		if !ok {
			in.t.Fatalf("session %s is not one of the folds", key)
		}
		var wantItems []string
		var wantKinds []uint8
		var wantTimes []int64
		for _, s := range want.Steps {
			wantItems, wantKinds, wantTimes = append(wantItems, s.Item()), append(wantKinds, uint8(s.Kind())), append(wantTimes, s.Time())
		}
		if end != want.End || int(events) != want.Events || bot != want.Bot || consent != uint8(want.Consent) || closed != want.Closed ||
			!slices.Equal(items, wantItems) || !slices.Equal(kinds, wantKinds) || !slices.Equal(times, wantTimes) {
			in.t.Fatalf("session %s: got end %d events %d bot %v consent %d closed %v steps %d, want %+v", key, end, events, bot, consent, closed, len(items), want)
		}
	}
	if err := rows.Err(); err != nil {
		in.t.Fatal(err)
	}
	if got != len(in.finals.sessions) {
		in.t.Errorf("sessions: got %d, want %d", got, len(in.finals.sessions))
	}
}

// sameSums compares what views counted with the same counted from events.
func (in *installation) sameSums(db driver.Conn) {
	in.t.Helper()
	for sum, count := range map[string]string{
		"SELECT sum(events) FROM daily":                                                            "SELECT count() FROM events",
		"SELECT sum(late) FROM daily":                                                              "SELECT countIf(late) FROM events",
		"SELECT sum(repeats) FROM daily":                                                           "SELECT countIf(repeat) FROM events",
		"SELECT sum(value) FROM daily WHERE name = 'purchase'":                                     "SELECT sum(value) FROM events WHERE name = 'purchase' AND NOT repeat",
		"SELECT sum(views) FROM daily_items":                                                       "SELECT sum(length(items.id)) FROM events WHERE name = 'view_item' AND NOT machine AND NOT repeat",
		"SELECT sum(quantity) FROM daily_items":                                                    "SELECT sum(arraySum(items.quantity)) FROM events WHERE name = 'purchase' AND NOT machine AND NOT repeat",
		"SELECT count() FROM impressions":                                                          "SELECT sum(length(items.id)) FROM events WHERE name = 'impression'",
		"SELECT count() FROM orders":                                                               "SELECT count() FROM events WHERE name = 'purchase' AND NOT repeat OR name = 'refund'",
		"SELECT sum(events) FROM visitor_days":                                                     "SELECT count() FROM events WHERE NOT machine",
		"SELECT countIf(c > 1) FROM (SELECT count() AS c FROM orders GROUP BY seq)":                "SELECT 0",
		"SELECT countIf(c > 1) FROM (SELECT count() AS c FROM batches GROUP BY log, `from`, next)": "SELECT 0",
	} {
		if got, want := number(in.t, db, sum), number(in.t, db, count); got != want {
			in.t.Errorf("%s: got %d, want %d", sum, got, want)
		}
	}
}

func TestHistoryHoldsWhatLogsAndFoldsHold(t *testing.T) {
	for _, rows := range []int{0, 700} {
		t.Run(fmt.Sprint("plans of ", rows), func(t *testing.T) {
			db := testDB(t)
			in := openInstallation(t, t.TempDir(), 4, SpoolConfig{Rows: rows})
			defer in.close()
			w := in.write(db, nil)
			defer w.stop(t)
			in.fill(newCrowd(1, 60), 6000, 5)
			w.written(in)
			in.same(db)
			s := w.State()
			if s.LagRows != 0 || s.LagTime != 0 || s.Err != "" || s.Rows != uint64(in.finals.events) || s.Retries != 0 || s.Gap != 0 {
				t.Errorf("got %+v", s)
			}
			if late := number(t, db, "SELECT countIf(late) + 1000000 * countIf(repeat) + 1000000000 * countIf(machine) FROM events"); late%1000000 == 0 || late/1000000%1000 == 0 || late/1000000000 == 0 {
				t.Errorf("nothing late, repeated or a machine's: %d", late)
			}
		})
	}
}

func TestAfterARestartHistoryGoesOnWhereItWas(t *testing.T) {
	db := testDB(t)
	dir := t.TempDir()
	c := newCrowd(2, 40)
	for round := range 5 {
		in := openInstallation(t, dir, 4, SpoolConfig{Rows: 500})
		w := in.write(db, nil)
		in.fill(c, 1500, 5)
		if round%2 == 0 {
			in.caughtUp()
			if err := in.runner.Checkpoint(t.Context()); err != nil {
				t.Fatal(err)
			}
			in.fill(c, 800, 5)
		}
		if round == 4 {
			w.written(in)
			in.same(db)
		}
		w.stop(t)
		if round == 1 || round == 2 {
			in.crash()
		} else {
			in.close()
		}
	}
}
