package history

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"beckon/clickstream/history/engine"
	"beckon/migrations"
)

// shared is the engine of all tests of the package, started by the first that asks.
var shared struct {
	once   sync.Once
	engine *engine.Engine
	dir    string
	err    error
}

// TestMain makes the test binary its own child, and ends the shared engine.
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

// testOptions reach the ClickHouse under test: a server by the URL in the environment, or the embedded engine.
func testOptions(t testing.TB) clickhouse.Options {
	t.Helper()
	if url := os.Getenv("BECKON_TEST_CLICKHOUSE_URL"); url != "" {
		opts, err := clickhouse.ParseDSN(url)
		if err != nil {
			t.Fatal("BECKON_TEST_CLICKHOUSE_URL is not a ClickHouse URL")
		}
		return *opts
	}
	shared.once.Do(func() {
		if shared.dir, shared.err = os.MkdirTemp("", "beckon-history-"); shared.err != nil {
			return
		}
		shared.engine, shared.err = engine.Start(context.Background(), engine.Config{Dir: filepath.Join(shared.dir, "data")})
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.engine.Options()
}

var testDatabases atomic.Int64

// emptyDB is a database with nothing in it, which goes with the test.
func emptyDB(t testing.TB) *DB {
	t.Helper()
	opts := testOptions(t)
	opts.Auth.Database = fmt.Sprintf("history_%d_%d", os.Getpid(), testDatabases.Add(1))
	db, err := Connect(Config{Options: opts})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := db.Exec(ctx, "DROP DATABASE IF EXISTS "+db.Database()+" SYNC"); err != nil {
			t.Error(err)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// testDB is a database with every migration, which goes with the test.
func testDB(t testing.TB) *DB {
	t.Helper()
	db := emptyDB(t)
	if _, err := migrations.Apply(t.Context(), db, db.Database(), migrations.Config{}); err != nil {
		t.Fatal(err)
	}
	return db
}
