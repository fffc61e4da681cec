package history

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

var errFault = errors.New("the connection broke")

// faulty is a connection whose inserts fail as told. fail gets the number of the insert, from 1, and its text.
type faulty struct {
	driver.Conn
	n    atomic.Int64
	mu   sync.Mutex // for fail
	fail func(n int64, insert string) (before, after bool)
}

func (c *faulty) InsertFormat(ctx context.Context, format, insert string, data io.Reader) error {
	c.mu.Lock()
	before, after := c.fail(c.n.Add(1), insert)
	c.mu.Unlock()
	if before {
		return errFault
	}
	if err := c.Conn.InsertFormat(ctx, format, insert, data); err != nil {
		return err
	}
	if after {
		return errFault
	}
	return ctx.Err()
}

func TestEveryInsertFailsBeforeAndAfterItsEffectAndCountsOnce(t *testing.T) {
	db := testDB(t)
	in := openInstallation(t, t.TempDir(), 3, SpoolConfig{Rows: 250})
	defer in.close()
	tries := map[string]int{}
	// Each insert fails before it reaches ClickHouse, then after it took effect, then it succeeds; every third time after taking effect twice.
	conn := &faulty{Conn: db}
	conn.fail = func(n int64, insert string) (before, after bool) {
		table, _, _ := strings.Cut(insert, "(")
		tries[table]++
		switch tries[table] % 4 {
		case 1:
			return true, false
		case 2, 3:
			return false, true
		}
		return false, false
	}
	w := in.write(conn, func(cfg *WriterConfig) { cfg.RetryMin, cfg.RetryMax = 1, time.Millisecond })
	defer w.stop(t)
	in.fill(newCrowd(3, 30), 1200, 5)
	w.written(in)
	in.same(db)
	if s := w.State(); s.Retries < 3*s.Batches || s.Err != "" {
		t.Errorf("got %+v", s)
	}
	if len(tries) < 5 {
		t.Errorf("only these failed: %v", tries)
	}
}

func TestStopAtEveryInsertAndGoOn(t *testing.T) {
	db := testDB(t)
	in := openInstallation(t, t.TempDir(), 3, SpoolConfig{Rows: 200})
	defer in.close()
	in.fill(newCrowd(4, 30), 700, 5)
	in.caughtUp()
	if err := in.spool.Freeze(t.Context()); err != nil {
		t.Fatal(err)
	}
	for stop := range 60 {
		reached := make(chan struct{})
		conn := &faulty{Conn: db}
		at := int64(stop%3 + 1)
		conn.fail = func(n int64, _ string) (before, after bool) {
			if n == at {
				close(reached)
			}
			return n > at || n == at && stop%2 == 0, n == at
		}
		w := in.write(conn, nil)
		select {
		case <-reached:
		case <-w.idle(in):
		}
		done := w.State().LagRows == 0
		w.stop(t)
		if done {
			break
		}
	}
	w := in.write(db, nil)
	defer w.stop(t)
	w.written(in)
	in.same(db)
}

// idle is closed when nothing is left to write.
func (w *writing) idle(in *installation) <-chan struct{} {
	ctx, cancel := context.WithTimeout(in.t.Context(), 10*time.Second)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer cancel()
		_ = w.WaitFor(ctx, in.events.Cut(nil).Seq) // not reaching it is the usual end here
	}()
	return done
}

func TestWriterHoldsTwoBatchesWhileClickHouseIsAway(t *testing.T) {
	db := testDB(t)
	in := openInstallation(t, t.TempDir(), 3, SpoolConfig{Rows: 200})
	defer in.close()
	var away atomic.Bool
	away.Store(true)
	conn := &faulty{Conn: db, fail: func(int64, string) (bool, bool) { return away.Load(), false }}
	w := in.write(conn, func(cfg *WriterConfig) { cfg.RetryMin, cfg.RetryMax = 1, time.Millisecond })
	defer w.stop(t)
	in.fill(newCrowd(5, 30), 4000, 20)
	in.caughtUp()
	for moved := w.changed(); w.State().Retries < 100; moved = w.changed() {
		<-moved
		if n := w.busy.Load(); n > 2 {
			t.Fatalf("%d batches in memory", n)
		}
	}
	s := w.State()
	low, ok := w.LowEvents(nil)
	if !s.Known || s.Position != 0 || s.LagRows == 0 || s.Err == "" || s.Batches != 0 || !ok || low[0] != 0 {
		t.Errorf("got %+v, low %v %v", s, low, ok)
	}
	away.Store(false)
	w.written(in)
	in.same(db)
	low, ok = w.LowEvents(low)
	plans, okPlans := w.LowPlans()
	if !ok || !okPlans || low[0] != in.events.Cut(nil).Ends[0] || plans == 0 {
		t.Errorf("low of events %v, of plans %d, want the ends", low, plans)
	}
}

func TestWriterRefusesAnotherInstallationsHistory(t *testing.T) {
	db := testDB(t)
	in := openInstallation(t, t.TempDir(), 3, SpoolConfig{})
	w := in.write(db, nil)
	in.fill(newCrowd(6, 10), 100, 5)
	w.written(in)
	w.stop(t)
	in.close()

	other := openInstallation(t, t.TempDir(), 3, SpoolConfig{})
	defer other.close()
	stranger := other.write(db, nil)
	var refused *RefusedError
	if err := <-stranger.ended; !errors.As(err, &refused) {
		t.Errorf("got %v, want a refusal", err)
	}
	if s := stranger.State(); s.Refused == "" || s.Known {
		t.Errorf("got %+v", s)
	}
	if err := stranger.WaitFor(t.Context(), 1); !errors.Is(err, errWriterEnded) {
		t.Errorf("waiting for it: got %v", err)
	}
}

func TestWriterRefusesAHistoryAheadOfItsLog(t *testing.T) {
	db := testDB(t)
	dir, older := t.TempDir(), t.TempDir()
	in := openInstallation(t, dir, 3, SpoolConfig{})
	c := newCrowd(7, 10)
	in.fill(c, 100, 5)
	in.caughtUp()
	for name, l := range map[string]interface{ Copy(string) error }{"events": in.events, "control": in.control, "plans": in.plans} {
		if err := l.Copy(older + "/" + name); err != nil {
			t.Fatal(err)
		}
	}
	w := in.write(db, nil)
	in.fill(c, 200, 5)
	w.written(in)
	w.stop(t)
	in.close()

	back := openInstallation(t, older, 3, SpoolConfig{})
	defer back.close()
	for round := range 2 {
		w := back.write(db, nil)
		var refused *RefusedError
		if err := <-w.ended; !errors.As(err, &refused) {
			t.Fatalf("round %d: got %v, want a refusal", round, err)
		}
		back.fill(newCrowd(8, 10), 900, 5) // now the log is longer, and another
	}
}
