package history

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// batchRows writes events of Seqs from to next into events, and their batch's row.
func batchRows(t testing.TB, db *DB, epoch string, from, next uint64) {
	t.Helper()
	for _, query := range []string{
		fmt.Sprintf("INSERT INTO events (site, name, visitor, id, seq, generated) SELECT 'a', 'page_view', 'v', toString(number), number, number %% 5 = 0 FROM numbers(%d, %d)", from, next-from),
		fmt.Sprintf("INSERT INTO batches (log, epoch, `from`, next, ends, rows, hash) VALUES ('events', '%s', %d, %d, [%d, 0], %d, %d)", epoch, from, next, next, next-from,
			nameOf(eventsID, epoch, from, next, []uint64{from, 0}, []uint64{next, 0}).hash),
	} {
		if err := db.Exec(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
}

func TestVerifyNamesWhatDiffers(t *testing.T) {
	whole := func(db *DB) {
		for at := uint64(0); at < 500; at += 100 {
			batchRows(t, db, "E", at, at+100)
		}
	}
	run := func(db *DB, query string) {
		if err := db.Exec(t.Context(), query); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("nothing", func(t *testing.T) {
		db := testDB(t)
		v, err := Verify(t.Context(), db, nil)
		if err != nil || len(v.Bad) > 0 || v.Events.Batches != 0 {
			t.Errorf("got %+v, %v", v, err)
		}
	})
	t.Run("a whole history", func(t *testing.T) {
		db := testDB(t)
		whole(db)
		run(db, "INSERT INTO events (site, name, seq) VALUES ('a', 'page_view', 500)")
		v, err := Verify(t.Context(), db, nil)
		if err != nil || len(v.Bad)+len(v.Short) > 0 || v.Rows != 500 || v.Ahead != 1 || v.Events.Next != 500 || v.Sites["a"] != (SiteCount{400, 100}) {
			t.Errorf("got %+v, %v", v, err)
		}
	})
	t.Run("a row twice", func(t *testing.T) {
		db := testDB(t)
		whole(db)
		run(db, "INSERT INTO events (site, name, seq) VALUES ('a', 'page_view', 250)")
		v, err := Verify(t.Context(), db, nil)
		if err != nil || len(v.Bad) != 1 || !strings.Contains(v.Bad[0].Error(), "records 200 to 300") || !strings.Contains(v.Bad[0].Error(), "twice") {
			t.Errorf("got %+v, %v", v, err)
		}
	})
	t.Run("a row lost", func(t *testing.T) {
		db := testDB(t)
		whole(db)
		run(db, "ALTER TABLE events DELETE WHERE seq IN (120, 121, 480) SETTINGS mutations_sync = 2")
		v, err := Verify(t.Context(), db, nil)
		if err != nil || v.Missing() != 3 || len(v.Short) != 2 || v.Short[0] != (Shortfall{100, 200, 2}) || v.Rows != 497 {
			t.Errorf("got %+v, %v", v, err)
		}
	})
	t.Run("a row that was set aside", func(t *testing.T) {
		db := testDB(t)
		whole(db)
		run(db, "ALTER TABLE events DELETE WHERE seq = 120 SETTINGS mutations_sync = 2")
		run(db, "INSERT INTO set_aside (log, seq, payload) VALUES ('events', 120, 'not an event')")
		v, err := Verify(t.Context(), db, nil)
		if err != nil || v.SetAside != 1 || v.Missing() != 0 || v.Rows != 500 {
			t.Errorf("got %+v, %v", v, err)
		}
	})
	t.Run("a batch lost, doubled, or of another log", func(t *testing.T) {
		for want, query := range map[string]string{
			"records 200 to 300: no batch": "ALTER TABLE batches DELETE WHERE `from` = 200 SETTINGS mutations_sync = 2",
			"two batches":                  "INSERT INTO batches (log, epoch, `from`, next) VALUES ('events', 'E', 150, 160)",
			"epoch F":                      "INSERT INTO batches (log, epoch, `from`, next) VALUES ('events', 'F', 500, 600)",
		} {
			db := testDB(t)
			whole(db)
			run(db, query)
			v, err := Verify(t.Context(), db, nil)
			var hole *HoleError
			if err != nil || len(v.Bad) != 1 || !errors.As(v.Bad[0], &hole) || !strings.Contains(hole.Error(), want) {
				t.Errorf("got %+v, %v, want %s", v, err, want)
			}
		}
	})
	t.Run("a name that is not the batch's", func(t *testing.T) {
		for want, change := range map[string]string{
			"hash":                "hash = hash + 1 WHERE `from` = 200",
			"hold 90 records":     "ends = [290, 0] WHERE `from` = 200",
			"it has 1 partitions": "ends = [300] WHERE `from` = 200",
		} {
			db := testDB(t)
			whole(db)
			run(db, "ALTER TABLE batches UPDATE "+change+" SETTINGS mutations_sync = 2")
			v, err := Verify(t.Context(), db, nil)
			if err != nil || len(v.Bad) == 0 || !strings.Contains(v.Bad[0].Error(), want) || !strings.Contains(v.Bad[0].Error(), "200 to 300") {
				t.Errorf("got %+v, %v, want %s", v, err, want)
			}
		}
	})
	t.Run("decisions", func(t *testing.T) {
		db := testDB(t)
		run(db, fmt.Sprintf("INSERT INTO batches (log, epoch, `from`, next, ends, rows, hash) VALUES ('control', 'C', 0, 10, [10], 10, %d)", nameOf(controlID, "C", 0, 10, []uint64{0}, []uint64{10}).hash))
		run(db, "INSERT INTO decisions (epoch, offset) SELECT 'C', number FROM numbers(9)")
		v, err := Verify(t.Context(), db, nil)
		if err != nil || len(v.Bad) != 1 || !strings.Contains(v.Bad[0].Error(), "9 offsets") {
			t.Errorf("got %+v, %v", v, err)
		}
	})
}
