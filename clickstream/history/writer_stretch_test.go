package history

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"beckon/clickstream"
	"beckon/clickstream/record"
)

func TestLargeStretchesAreCutOnceAndForAll(t *testing.T) {
	db := testDB(t)
	in := openInstallation(t, t.TempDir(), 3, SpoolConfig{})
	defer in.close()
	in.fill(newCrowd(20, 30), 30_000, 50)
	in.caughtUp()
	fails := func(n int64, insert string) (before, after bool) { return n > 5, n == 5 }
	w := in.write(&faulty{Conn: db, fail: fails}, func(cfg *WriterConfig) { cfg.BatchRows = 4096 })
	for moved := w.changed(); w.State().Retries == 0; moved = w.changed() {
		<-moved
	}
	w.stop(t)
	// Other bounds now, and the same stretches.
	w = in.write(db, func(cfg *WriterConfig) { cfg.BatchRows = 9000 })
	defer w.stop(t)
	w.written(in)
	in.same(db)
	if n := number(t, db, "SELECT count() FROM batches WHERE log = 'events'"); n < 4 {
		t.Errorf("got %d batches", n)
	}
	if s := w.State(); s.Gap != 0 {
		t.Errorf("got %+v", s)
	}
}

func TestBatchesAreBoundedByBytes(t *testing.T) {
	db := testDB(t)
	in := openInstallation(t, t.TempDir(), 3, SpoolConfig{Rows: 1 << 20})
	defer in.close()
	for i := range 2500 {
		in.reject("shop", fmt.Sprint(i, strings.Repeat("x", 1100)))
	}
	in.caughtUp()
	w := in.write(db, func(cfg *WriterConfig) { cfg.BatchBytes = 1 << 20 })
	defer w.stop(t)
	w.written(in)
	in.same(db)
	if n := number(t, db, "SELECT count() FROM batches WHERE log = 'events'"); n < 3 {
		t.Errorf("got %d batches for 2.7 MB", n)
	}
}

func TestSessionsThatOnePlanCannotHoldGoIntoParts(t *testing.T) {
	db := testDB(t)
	in := openInstallation(t, t.TempDir(), 1, SpoolConfig{Bytes: 64 << 10})
	defer in.close()
	c := newCrowd(21, 4000)
	c.step = 100
	in.fill(c, 8000, 100)
	in.tick("shop", c.clock+24*3600_000) // closes thousands of sessions at once
	in.tick("other", c.clock+24*3600_000)
	in.caughtUp()
	w := in.write(db, nil)
	defer w.stop(t)
	w.written(in)
	in.same(db)
	parts := 0
	cursor := planCursor{log: in.plans}
	defer cursor.close()
	for {
		_, payload, ok, err := cursor.record()
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		if planType(payload) == planPart {
			parts++
		}
		if len(payload) > 80<<10 {
			t.Errorf("a record of %d bytes", len(payload))
		}
	}
	if parts < 2 {
		t.Errorf("got %d parts", parts)
	}
}

func TestEventsOutliveALostPlanLog(t *testing.T) {
	db := testDB(t)
	dir := t.TempDir()
	in := openInstallation(t, dir, 3, SpoolConfig{})
	c := newCrowd(22, 30)
	in.fill(c, 900, 5)
	in.caughtUp()
	if err := in.runner.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := in.finals.events
	in.close()
	if err := os.RemoveAll(filepath.Join(dir, "plans")); err != nil {
		t.Fatal(err)
	}
	in = openInstallation(t, dir, 3, SpoolConfig{})
	defer in.close()
	in.fill(c, 600, 5)
	w := in.write(db, nil)
	defer w.stop(t)
	w.written(in)
	in.caughtUp()
	in.sameRecords(db)
	in.sameSums(db)
	if s := w.State(); s.Gap != uint64(first) || s.Rows != uint64(in.finals.events) {
		t.Errorf("got %+v, want a gap of %d of %d events", s, first, in.finals.events)
	}
	if n := number(t, db, "SELECT count() FROM sessions"); n == 0 {
		t.Error("no session after the gap")
	}
}

func TestRecordsThatLeftTheLogAreSkippedAndCounted(t *testing.T) {
	db := testDB(t)
	in := openInstallation(t, t.TempDir(), 3, SpoolConfig{Rows: 1000})
	defer in.close()
	c := newCrowd(23, 30)
	for in.events.First(0) == 0 {
		in.fill(c, 5000, 50)
		in.caughtUp()
		if err := in.events.Retain(in.events.Cut(nil).Ends, 1, 0); err != nil {
			t.Fatal(err)
		}
	}
	w := in.write(db, nil)
	defer w.stop(t)
	w.written(in)
	s := w.State()
	if s.Skipped == 0 || s.Gap != 0 || s.LagRows != 0 {
		t.Errorf("got %+v", s)
	}
	kept := number(t, db, "SELECT count() FROM events")
	if want := number(t, db, "SELECT sum(rows) FROM batches WHERE log = 'events'"); kept != want || kept == 0 || uint64(kept) != s.Rows {
		t.Errorf("got %d events, want %d", kept, want)
	}
	if n := number(t, db, "SELECT min(seq) FROM events"); uint64(n) < s.Skipped {
		t.Errorf("got record %d, and %d were skipped", n, s.Skipped)
	}
}

func TestErasedRecordsAreNotWrittenAfterAPause(t *testing.T) {
	db := testDB(t)
	in := openInstallation(t, t.TempDir(), 3, SpoolConfig{Rows: 300})
	defer in.close()
	in.fill(newCrowd(24, 12), 1200, 5)
	in.caughtUp()
	// A batch is in memory, and ClickHouse is away.
	away := make(chan struct{})
	conn := &faulty{Conn: db, fail: func(int64, string) (bool, bool) {
		select {
		case <-away:
			return false, false
		default:
			return true, false
		}
	}}
	w := in.write(conn, nil)
	defer w.stop(t)
	for moved := w.changed(); w.State().Retries < 2; moved = w.changed() {
		<-moved
	}
	resume, err := w.Pause(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Pause(canceled(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("a second pause: got %v", err)
	}
	erased, err := in.events.Erase(func(_ int, payload string) bool {
		_, visitor, _ := clickstream.PeekVisitor(payload)
		return visitor == "v0004"
	})
	if err != nil || erased == 0 {
		t.Fatal(erased, err)
	}
	if err := in.spool.Freeze(t.Context()); err != nil {
		t.Fatal(err)
	}
	changed, err := in.plans.Rewrite(func(_ record.Position, _ uint64, payload string) string {
		stripped, _, err := StripPlan(payload, func(_, visitor string) bool { return visitor == "v0004" })
		if err != nil {
			t.Error(err)
		}
		return stripped
	})
	if err != nil || changed == 0 {
		t.Fatal(changed, err)
	}
	close(away)
	resume()
	w.written(in)
	for _, table := range []string{"events", "sessions", "impressions", "orders"} {
		if n := number(t, db, "SELECT count() FROM "+table+" WHERE visitor = 'v0004'"); n != 0 {
			t.Errorf("%s: %d rows of the erased visitor", table, n)
		}
		if n := number(t, db, "SELECT count() FROM "+table); n == 0 && table != "impressions" && table != "orders" {
			t.Errorf("%s is empty", table)
		}
	}
	in.sameRecords(db)
	in.sameSums(db)
}

func canceled(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestTokensNameTheBatchAndNothingInIt(t *testing.T) {
	n := nameOf(eventsID, "Ep0ch", 10, 30, []uint64{0, 7}, []uint64{5, 22})
	if got, want := n.token("events", 0), "Ep0ch/events/10-30/"; !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "/events") {
		t.Errorf("got %s, want %s…/events", got, want)
	}
	seen := map[string]bool{n.token("sessions", 0): true, n.token("sessions", 1): true, n.token("events", 0): true}
	for _, other := range []batchName{
		nameOf(controlID, "Ep0ch", 10, 30, []uint64{0, 7}, []uint64{5, 22}), nameOf(eventsID, "Ep0ch", 10, 31, []uint64{0, 7}, []uint64{5, 22}),
		nameOf(eventsID, "Ep0ch", 10, 30, []uint64{0, 7}, []uint64{6, 21}), nameOf(eventsID, "other", 10, 30, []uint64{0, 7}, []uint64{5, 22}),
	} {
		seen[other.token("events", 0)] = true
	}
	if len(seen) != 7 {
		t.Errorf("got %d different tokens", len(seen))
	}
}
