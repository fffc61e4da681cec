package migrations

import (
	"os"
	"strings"
	"testing"
)

// TestTokensHoldThroughDistributedTables runs a cluster's statements on a cluster of one shard. There is no Keeper to carry DDL to it, so
// ON CLUSTER is taken out; the tables, the Distributed tables before them and the way of an insert are those of a cluster.
func TestTokensHoldThroughDistributedTables(t *testing.T) {
	if os.Getenv("BECKON_TEST_CLICKHOUSE_URL") != "" {
		t.Skip("the server of BECKON_TEST_CLICKHOUSE_URL has no cluster made for this test")
	}
	conn, name := newDatabase(t)
	for _, statement := range rendered(t, target{database: name, cluster: "main"}) {
		exec(t, conn, strings.ReplaceAll(statement, " ON CLUSTER `main`", ""))
	}
	for range 3 {
		insert(t, conn, "block", shop()...)
	}
	check(t, conn, 1)
	exec(t, conn, "ALTER TABLE daily_local ADD CONSTRAINT away CHECK site = 'nowhere'")
	if err := tryInsert(t.Context(), conn, "other", shop()...); err == nil {
		t.Error("the view's failure was no error")
	}
	exec(t, conn, "ALTER TABLE daily_local DROP CONSTRAINT away")
	for range 2 {
		insert(t, conn, "other", shop()...)
	}
	check(t, conn, 2)
	for _, table := range inserted {
		if got := text(t, conn, "SELECT engine FROM system.tables WHERE database = currentDatabase() AND name = '"+table+"'"); got != "Distributed" {
			t.Errorf("%s is %s", table, got)
		}
	}
}

func TestClusterIsMigratedThroughItsRecord(t *testing.T) {
	if os.Getenv("BECKON_TEST_CLICKHOUSE_URL") != "" {
		t.Skip("the server of BECKON_TEST_CLICKHOUSE_URL has no cluster made for this test")
	}
	conn, name := newDatabase(t)
	cfg := Config{Cluster: "main", Keep: day}
	steps, err := Apply(t.Context(), byHand{conn}, name, cfg)
	if err != nil || len(steps) != Latest()+1 {
		t.Fatalf("got %s, %v", names(steps), err)
	}
	if steps, err = Apply(t.Context(), byHand{conn}, name, cfg); err != nil || len(steps) != 0 {
		t.Errorf("applied again: got %s, %v", names(steps), err)
	}
	if got := text(t, conn, "SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = 'events_local'"); ttlOf(got) == "" {
		t.Errorf("no TTL: %s", got)
	}
}
