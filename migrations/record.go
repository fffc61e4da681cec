package migrations

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// recordsTable has a row for every statement that was executed. Rows only come: two runners that execute the same statement, which is
// harmless, write the same row twice, and the highest done of a number is what counts.
const recordsTable = `CREATE TABLE IF NOT EXISTS {{store "migrations"}} (
    number UInt32,
    name String,
    checksum String,
    done UInt32 COMMENT 'statements of the file that are applied',
    applied DateTime64(3, 'UTC') DEFAULT now64(3)
) ENGINE = {{engine "MergeTree"}}
ORDER BY (number, done)
SETTINGS {{settings}};
{{distributed "migrations" "number"}}
`

func (t target) createRecords(ctx context.Context, conn driver.Conn) error {
	list, err := t.render("migrations", recordsTable)
	if err != nil {
		return err
	}
	for _, statement := range list {
		if err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("make table migrations: %w", err)
		}
	}
	return nil
}

// records is what the database says of each file, without Statements. Before the first Apply there is nothing.
func (t target) records(ctx context.Context, conn driver.Conn) (map[int]Step, error) {
	var tables uint64
	err := conn.QueryRow(ctx, "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = 'migrations'").Scan(&tables)
	if err != nil {
		return nil, fmt.Errorf("look for table migrations: %w", err)
	}
	steps := map[int]Step{}
	if tables == 0 {
		return steps, nil
	}
	rows, err := conn.Query(ctx, `SELECT number, argMax(name, done), argMax(checksum, done), max(done), max(applied)
FROM migrations WHERE number > 0 GROUP BY number`)
	if err != nil {
		return nil, fmt.Errorf("read table migrations: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var number, done uint32
		var s Step
		if err := rows.Scan(&number, &s.Name, &s.Checksum, &done, &s.Applied); err != nil {
			return nil, fmt.Errorf("read table migrations: %w", err)
		}
		s.Number, s.Done = int(number), int(done)
		steps[s.Number] = s
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read table migrations: %w", err)
	}
	return steps, nil
}

// record writes how far the step is. The time is ClickHouse's.
func (s *Step) record(ctx context.Context, conn driver.Conn) error {
	err := conn.Exec(ctx, "INSERT INTO migrations (number, name, checksum, done) SETTINGS distributed_foreground_insert = 1 "+
		"SELECT toUInt32(?), ?, ?, toUInt32(?)", s.Number, s.Name, s.Checksum, s.Done)
	if err != nil {
		return fmt.Errorf("record migration %04d_%s: %w", s.Number, s.Name, err)
	}
	s.Applied = time.Now().UTC()
	return nil
}
