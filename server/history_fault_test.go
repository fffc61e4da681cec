package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"beckon/clickstream/history"
	"beckon/clickstream/history/engine"
)

// clickhouse is a ClickHouse of the test's own, reached by URL as a server is.
type clickhouse struct {
	t      *testing.T
	engine *engine.Engine
	db     *history.DB
}

func newClickHouse(t *testing.T) *clickhouse {
	t.Helper()
	e, err := engine.Start(t.Context(), engine.Config{Dir: filepath.Join(t.TempDir(), "clickhouse"), Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := e.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	db, err := history.Connect(history.Config{Options: e.Options()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return &clickhouse{t, e, db}
}

func (c *clickhouse) url() string {
	opts := c.engine.Options()
	return fmt.Sprintf("http://%s:%s@%s/%s", opts.Auth.Username, opts.Auth.Password, opts.Addr[0], c.db.Database())
}

func (c *clickhouse) exec(text string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	if err := c.db.Exec(ctx, text); err != nil {
		c.t.Fatalf("%s: %v", text, err)
	}
}

func (c *clickhouse) count(text string) (n uint64) {
	c.t.Helper()
	if err := c.db.QueryRow(c.t.Context(), text).Scan(&n); err != nil {
		c.t.Fatalf("%s: %v", text, err)
	}
	return n
}

func (c *clickhouse) signal(s syscall.Signal) {
	c.t.Helper()
	if err := syscall.Kill(c.engine.State().PID, s); err != nil {
		c.t.Fatal(err)
	}
}

// kill ends the engine as a crash would, and waits for the next one.
func (c *clickhouse) kill() {
	c.t.Helper()
	before := c.engine.State().Restarts
	c.signal(syscall.SIGKILL)
	for c.engine.State().Restarts == before {
		<-time.After(10 * time.Millisecond)
	}
}

// TestHistoryIsWholeAfterEveryFault lets things happen to a ClickHouse server while events are posted. Shoppers must not notice, and when
// the fault is over ClickHouse must hold every stored event once.
func TestHistoryIsWholeAfterEveryFault(t *testing.T) {
	long := os.Getenv("BECKON_LONG_TESTS") != ""
	paused, kills := 3*time.Second, 3
	if long {
		paused, kills = time.Minute, 30
	}
	ch := newClickHouse(t)
	in := newInstallation(t)
	in.keepHistory()
	in.env["BECKON_CLICKHOUSE_URL"] = ch.url()
	in.env["BECKON_RATE_KEY"], in.env["BECKON_RATE_VISITOR"], in.env["BECKON_RATE_IP"] = "0", "0", "0"
	in.start()
	in.waitHistory() // the schema is there

	wait := func(d time.Duration) { <-time.After(d) }
	full := func(bytes int) {
		for _, table := range []string{"events", "sessions", "batches"} {
			ch.exec(fmt.Sprintf("ALTER TABLE %s MODIFY SETTING min_free_disk_bytes_to_perform_insert = %d", table, bytes))
		}
	}
	faults := []struct {
		name   string
		happen func()
	}{
		{"engine killed while it takes inserts", func() {
			for range kills {
				wait(400 * time.Millisecond)
				ch.kill()
			}
		}},
		{"engine paused", func() {
			ch.signal(syscall.SIGSTOP)
			wait(paused)
			ch.signal(syscall.SIGCONT)
		}},
		{"disk full", func() {
			full(1 << 60)
			wait(time.Second)
			full(0)
		}},
		{"wrong schema", func() {
			ch.exec("RENAME TABLE sessions TO elsewhere")
			wait(time.Second)
			ch.exec("RENAME TABLE elsewhere TO sessions")
		}},
		{"slow questions beside it", func() {
			for range 3 {
				ch.exec("SELECT max(sleepEachRow(0.001)) FROM numbers(500) SETTINGS max_threads = 1, max_block_size = 100")
			}
		}},
	}
	for _, f := range faults {
		load := &ackLoad{acked: map[string]bool{}}
		load.next.Store(time.Now().UnixNano())
		stop := load.start(in)
		worst := watchAnswers(in)
		f.happen()
		slowest, refused := worst()
		stop()
		ledger := in.waitHistory()
		rows, distinct := ch.count("SELECT count() FROM events WHERE NOT generated"), ch.count("SELECT uniqExact(visitor, id) FROM events WHERE NOT generated")
		daily := ch.count("SELECT toUInt64(sum(events)) FROM daily WHERE name = 'view_item'")
		t.Logf("%s: %d events acknowledged meanwhile, the slowest answer took %v; %d stored, %d rows", f.name, len(load.acked), slowest.Round(time.Millisecond), ledger.Stored, rows)
		if rows != uint64(ledger.Stored) || distinct != rows || daily != rows {
			t.Errorf("%s: %d rows, %d of them distinct, %d by the daily sums; %d are stored", f.name, rows, distinct, daily, ledger.Stored)
		}
		if refused > 0 || len(load.acked) == 0 {
			t.Errorf("%s: %d requests were refused, %d events acknowledged: a shop must not notice", f.name, refused, len(load.acked))
		}
	}
}

// watchAnswers asks for a health answer again and again until worst is called, which says how long the slowest took and how many failed.
func watchAnswers(in *installation) (worst func() (slowest time.Duration, refused int)) {
	done, ended := make(chan struct{}), make(chan struct{})
	var slowest time.Duration
	refused := 0
	go func() {
		defer close(ended)
		for {
			select {
			case <-done:
				return
			case <-time.After(20 * time.Millisecond):
			}
			begin := time.Now()
			resp, err := http.Get(in.url + "/readyz")
			if err != nil || resp.StatusCode != 200 {
				refused++
			}
			if err == nil {
				resp.Body.Close()
			}
			slowest = max(slowest, time.Since(begin))
		}
	}()
	return func() (time.Duration, int) {
		close(done)
		<-ended
		return slowest, refused
	}
}

// TestRefusedRowsAreSetAsideAndReplayed makes ClickHouse refuse one event, and take it again.
func TestRefusedRowsAreSetAsideAndReplayed(t *testing.T) {
	ch := newClickHouse(t)
	in := newInstallation(t)
	in.keepHistory()
	in.env["BECKON_CLICKHOUSE_URL"] = ch.url()
	in.start()
	in.waitHistory()
	ch.exec("ALTER TABLE events ADD CONSTRAINT mild CHECK search_term != 'poison'")
	in.want(202, "POST", "/v1/events", in.secret, batch("v1", event("a", "view_item", itemOf("sku-1")), event("b", "search", `"search_term":"poison"`), event("c", "view_item", itemOf("sku-2"))), nil)
	server, ok := runningServer(dataDir(in.dir))
	if !ok {
		t.Fatal("no server runs")
	}
	if err := server.send(t.Context(), operation{Name: "settle history"}, new(any)); err != nil {
		t.Fatal(err)
	}
	if rows, aside := ch.count("SELECT count() FROM events"), ch.count("SELECT count() FROM set_aside"); rows != 2 || aside != 1 {
		t.Errorf("%d rows and %d set aside, want 2 and 1", rows, aside)
	}
	ch.exec("ALTER TABLE events DROP CONSTRAINT mild")
	if out := in.command("replay", "--set-aside", "--data", in.dir); !strings.HasPrefix(out, "1 rows") {
		t.Errorf("got %q", out)
	}
	if rows, aside := ch.count("SELECT count() FROM events"), ch.count("SELECT count() FROM set_aside"); rows != 3 || aside != 0 {
		t.Errorf("%d rows and %d set aside, want 3 and 0", rows, aside)
	}
}
