package engine

import (
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func TestClickhouseGoReachesTheEngine(t *testing.T) {
	db := open(t, startEngine(t, Config{}))
	ctx := t.Context()
	if err := db.Exec(ctx, "CREATE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a"); err != nil {
		t.Fatal(err)
	}
	batch, err := db.PrepareBatch(ctx, "INSERT INTO t")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		if err := batch.Append(uint64(i), "x"); err != nil {
			t.Fatal(err)
		}
	}
	if err := batch.Send(); err != nil {
		t.Fatal(err)
	}
	var sum, n uint64
	ctx = clickhouse.Context(ctx, clickhouse.WithParameters(clickhouse.Parameters{"b": "x"}))
	if err := db.QueryRow(ctx, "SELECT sum(a), count() FROM t WHERE b = {b:String}").Scan(&sum, &n); err != nil {
		t.Fatal(err)
	}
	if sum != 499500 || n != 1000 {
		t.Errorf("sum %d of %d rows, want 499500 of 1000", sum, n)
	}
}
