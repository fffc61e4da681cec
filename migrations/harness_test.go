package migrations

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"beckon/clickstream/history/engine"
)

// shared is the engine of all tests. Its configuration names a cluster whose one shard is itself.
var shared struct {
	once   sync.Once
	engine *engine.Engine
	dir    string
	err    error
}

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == engine.Argument {
		os.Exit(engine.Main())
	}
	code := m.Run()
	if shared.engine != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		if err := shared.engine.Close(ctx); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		cancel()
	}
	if shared.dir != "" {
		os.RemoveAll(shared.dir)
	}
	os.Exit(code)
}

// options reach the ClickHouse under test: a server's URL from the environment, or the embedded engine.
func options(t testing.TB) clickhouse.Options {
	t.Helper()
	if url := os.Getenv("BECKON_TEST_CLICKHOUSE_URL"); url != "" {
		opts, err := clickhouse.ParseDSN(url)
		if err != nil {
			t.Fatal("BECKON_TEST_CLICKHOUSE_URL is not a ClickHouse URL")
		}
		return *opts
	}
	shared.once.Do(func() { shared.err = startShared() })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.engine.Options()
}

// clusterConfig is read by the engine from the folder it runs in. A replica of its own host and port is asked inside the process.
const clusterConfig = `<clickhouse>
<tcp_port>9000</tcp_port>
<remote_servers><main>
<shard><replica><host>127.0.0.1</host><port>9000</port></replica></shard>
</main></remote_servers>
</clickhouse>
`

func startShared() error {
	var err error
	if shared.dir, err = os.MkdirTemp("", "beckon-migrations-"); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(shared.dir, "config.xml"), []byte(clusterConfig), 0o600); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	shared.engine, err = engine.Start(context.Background(), engine.Config{
		Dir:     filepath.Join(shared.dir, "data"),
		Command: []string{"/bin/sh", "-c", `cd "$1" && exec "$2" ` + engine.Argument, "sh", shared.dir, self},
	})
	return err
}

var databases atomic.Int64

// newDatabase is a connection to an empty database, which goes with the test, and its name.
func newDatabase(t testing.TB) (driver.Conn, string) {
	t.Helper()
	opts := options(t)
	name := fmt.Sprintf("migrations_%d_%d", os.Getpid(), databases.Add(1))
	opts.Auth.Database = "default"
	root := open(t, opts)
	exec(t, root, "CREATE DATABASE "+name)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := root.Exec(ctx, "DROP DATABASE "+name+" SYNC"); err != nil {
			t.Error(err)
		}
	})
	opts.Auth.Database = name
	return open(t, opts), name
}

func open(t testing.TB, opts clickhouse.Options) driver.Conn {
	t.Helper()
	conn, err := clickhouse.Open(&opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	return conn
}

func exec(t testing.TB, conn driver.Conn, statement string) {
	t.Helper()
	if err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// value is the one number that a question answers with.
func value(t testing.TB, conn driver.Conn, question string) int64 {
	t.Helper()
	var v int64
	if err := conn.QueryRow(t.Context(), "SELECT toInt64(("+question+"))").Scan(&v); err != nil {
		t.Fatalf("%s: %v", question, err)
	}
	return v
}

// text is the one string that a question answers with.
func text(t testing.TB, conn driver.Conn, question string) string {
	t.Helper()
	var v string
	if err := conn.QueryRow(t.Context(), question).Scan(&v); err != nil {
		t.Fatalf("%s: %v", question, err)
	}
	return v
}

// applied is a database with every migration.
func applied(t testing.TB) driver.Conn {
	t.Helper()
	conn, name := newDatabase(t)
	if _, err := Apply(t.Context(), conn, name, Config{}); err != nil {
		t.Fatal(err)
	}
	return conn
}

// tables is what a database holds.
func tables(t testing.TB, conn driver.Conn) string {
	t.Helper()
	return text(t, conn, "SELECT arrayStringConcat(arraySort(groupArray(name)), ' ') FROM system.tables WHERE database = currentDatabase()")
}

var errPower = errors.New("power cut")

// cutConn loses its connection at the at-th Exec, from 1: before the statement ran, or after it ran and before its answer came.
type cutConn struct {
	driver.Conn
	at    int
	after bool
	seen  int
}

func (c *cutConn) Exec(ctx context.Context, statement string, args ...any) error {
	c.seen++
	if c.seen > c.at || c.seen == c.at && !c.after {
		return errPower
	}
	if err := c.Conn.Exec(ctx, statement, args...); err != nil {
		return err
	}
	if c.seen == c.at {
		return errPower
	}
	return nil
}

// byHand is a connection to a cluster without a Keeper: one shard, DDL without ON CLUSTER.
type byHand struct{ driver.Conn }

func (c byHand) Exec(ctx context.Context, statement string, args ...any) error {
	return c.Conn.Exec(ctx, strings.ReplaceAll(statement, " ON CLUSTER `main`", ""), args...)
}

func names(steps []Step) string {
	var list []string
	for _, s := range steps {
		list = append(list, s.Name)
	}
	return strings.Join(list, " ")
}
