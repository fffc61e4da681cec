package migrations

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// keptBy says by which column a table's rows age: when they were received, never when they happened, since old data may be replayed.
// Tables that are not named are kept for ever: the sums of days, decisions, batches.
var keptBy = [...]struct{ table, column string }{
	{"events", "received"},
	{"sessions", "received"},
	{"impressions", "received"},
	{"orders", "received"},
	{"visitor_days", "received"},
	{"sampled", "received"},
	{"dead_letters", "time"},
	{"set_aside", "time"},
}

// keepStep is what makes the tables' TTL that of keep; the tables themselves say what it is now. Rows that are too old go with the
// next merges, at most some hours later.
func keepStep(ctx context.Context, conn driver.Conn, t target, keep time.Duration) (Step, error) {
	step := Step{Name: "keep"}
	if keep < 0 || keep > 0 && keep < time.Second {
		return step, fmt.Errorf("keep %v: want 0 or at least a second", keep)
	}
	engines, err := t.engines(ctx, conn)
	if err != nil {
		return step, err
	}
	for _, k := range keptBy {
		want := ""
		if keep > 0 {
			want = fmt.Sprintf("toDateTime(%s) + toIntervalSecond(%d)", k.column, int64(keep/time.Second))
		}
		// A table that does not exist yet, in a dry run, will be without one.
		if is := ttlOf(engines[strings.TrimPrefix(t.name(k.table), "`"+t.database+"`.")]); is == want {
			continue
		}
		change := " MODIFY TTL " + want
		if want == "" {
			change = " REMOVE TTL"
		}
		step.Statements = append(step.Statements, "ALTER TABLE "+t.store(k.table)+change)
	}
	return step, nil
}

// engines is each table's engine clause as ClickHouse writes it.
func (t target) engines(ctx context.Context, conn driver.Conn) (map[string]string, error) {
	rows, err := conn.Query(ctx, "SELECT name, engine_full FROM system.tables WHERE database = currentDatabase()")
	if err != nil {
		return nil, fmt.Errorf("read the tables' engines: %w", err)
	}
	defer rows.Close()
	engines := map[string]string{}
	for rows.Next() {
		var name, engine string
		if err := rows.Scan(&name, &engine); err != nil {
			return nil, fmt.Errorf("read the tables' engines: %w", err)
		}
		engines[name] = engine
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the tables' engines: %w", err)
	}
	return engines, nil
}

// ttlOf is the TTL in an engine clause, "" if there is none.
func ttlOf(engine string) string {
	_, after, ok := strings.Cut(engine, " TTL ")
	if !ok {
		return ""
	}
	ttl, _, _ := strings.Cut(after, " SETTINGS ")
	return ttl
}
