package history

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"beckon/clickstream/history/engine"
	"beckon/migrations"
)

// ownEngine is an engine that a test may kill.
func ownEngine(t *testing.T) (*engine.Engine, *DB) {
	t.Helper()
	e, err := engine.Start(t.Context(), engine.Config{Dir: filepath.Join(t.TempDir(), "data")})
	if err != nil {
		t.Fatal(err)
	}
	db, err := Connect(Config{Options: e.Options()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if err := e.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	if err := db.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := migrations.Apply(t.Context(), db, db.Database(), migrations.Config{}); err != nil {
		t.Fatal(err)
	}
	return e, db
}

// killer kills the engine at some inserts: in the middle of the rows, or after they took effect.
type killer struct {
	driver.Conn
	engine *engine.Engine
	n      atomic.Int64
	kills  atomic.Int64
	mu     sync.Mutex // for at
	at     func(n int64, insert string) (middle, after bool)
}

func (c *killer) kill() {
	if pid := c.engine.State().PID; pid > 0 {
		c.kills.Add(1)
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended
	}
}

func (c *killer) InsertFormat(ctx context.Context, format, insert string, data io.Reader) error {
	c.mu.Lock()
	middle, after := c.at(c.n.Add(1), insert)
	c.mu.Unlock()
	if middle {
		all, err := io.ReadAll(data)
		if err != nil {
			return err
		}
		data = io.MultiReader(strings.NewReader(string(all[:len(all)/2])), readerFunc(func([]byte) (int, error) {
			c.kill()
			return 0, io.EOF
		}), strings.NewReader(string(all[len(all)/2:])))
	}
	if err := c.Conn.InsertFormat(ctx, format, insert, data); err != nil {
		return err
	}
	if after {
		c.kill()
		return errFault
	}
	return nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func TestEngineKilledAtInsertsLosesAndDoublesNothing(t *testing.T) {
	e, db := ownEngine(t)
	in := openInstallation(t, t.TempDir(), 3, SpoolConfig{Rows: 400})
	defer in.close()
	conn := &killer{Conn: db, engine: e}
	var batches, inserts atomic.Int64
	conn.at = func(n int64, insert string) (middle, after bool) {
		switch {
		case conn.kills.Load() >= 6:
		case strings.HasPrefix(insert, "INSERT INTO `batches`"):
			return false, batches.Add(1)%2 == 0 // the position is written, and nobody knows
		case strings.HasPrefix(insert, "INSERT INTO `events`"):
			k := inserts.Add(1)
			return k%3 == 1, k%3 == 2
		}
		return false, false
	}
	w := in.write(conn, func(cfg *WriterConfig) { cfg.RetryMax = time.Second })
	defer w.stop(t)
	in.fill(newCrowd(9, 40), 2000, 5)
	w.written(in)
	in.same(db)
	if k := conn.kills.Load(); k < 6 {
		t.Errorf("killed %d times", k)
	}
}

func TestEnginePausedDelaysAndDoublesNothing(t *testing.T) {
	e, db := ownEngine(t)
	in := openInstallation(t, t.TempDir(), 3, SpoolConfig{Rows: 400})
	defer in.close()
	w := in.write(db, func(cfg *WriterConfig) { cfg.InsertTimeout = time.Second })
	defer w.stop(t)
	c := newCrowd(10, 40)
	in.fill(c, 500, 5)
	w.written(in)
	pid := e.State().PID
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	in.fill(c, 1500, 5)
	in.caughtUp()
	for moved := w.changed(); w.State().Retries < 2; moved = w.changed() { // deadlines pass
		<-moved
	}
	if s := w.State(); s.Err == "" || s.LagRows == 0 || w.busy.Load() > 2 {
		t.Errorf("while it is paused: %+v", s)
	}
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	w.written(in)
	in.same(db)
	if s := e.State(); s.PID != pid || s.Restarts != 0 {
		t.Errorf("the engine died: %+v", s)
	}
}
