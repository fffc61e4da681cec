package migrations

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

var granules = regexp.MustCompile(`Granules: (\d+)/(\d+)`)

func TestRowsAreFoundWithoutReadingTheTable(t *testing.T) {
	conn := applied(t)
	exec(t, conn, "INSERT INTO events (site, name, time, received, visitor, seq) SELECT 'shop', ['page_view', 'view_item', 'purchase'][1 + number % 3], "+
		"toDateTime64('2026-06-01 00:00:00', 3, 'UTC') + number * 5 AS at, at, toString(intDiv(number, 100)), number FROM numbers(400000)")
	exec(t, conn, "OPTIMIZE TABLE events FINAL")
	for _, c := range []struct {
		name, where string
		keys        []string // as regular expressions
		most        int      // granules that may be read, of 49
	}{
		{"visitor", "site = 'shop' AND visitor_hash = xxh3('1234')", []string{`PrimaryKey[^a-zA-Z]+Keys:\W+site`, `Name: visitor\n`}, 8},
		{"stretch of the log", "seq >= 100000 AND seq < 110000", []string{`Name: seq\n`}, 9},
		{
			"name and days",
			"site = 'shop' AND name = 'purchase' AND time >= toDateTime64('2026-06-03 00:00:00', 3, 'UTC') AND time < toDateTime64('2026-06-05 00:00:00', 3, 'UTC')",
			[]string{`PrimaryKey[^a-zA-Z]+Keys:\W+site\W+name\W+time\n`},
			4,
		},
	} {
		plan := plan(t, conn, "SELECT id FROM events WHERE "+c.where)
		for _, key := range c.keys {
			if !regexp.MustCompile(key).MatchString(plan) {
				t.Errorf("%s: does not use %s:\n%s", c.name, key, plan)
			}
		}
		all := granules.FindAllStringSubmatch(plan, -1)
		if len(all) == 0 {
			t.Fatalf("%s: no granules in\n%s", c.name, plan)
		}
		read, _ := strconv.Atoi(all[len(all)-1][1])
		of, _ := strconv.Atoi(all[0][2])
		if read > c.most || of < 40 {
			t.Errorf("%s: reads %d of %d granules", c.name, read, of)
		}
	}
}

// plan is what a question's indexes leave to read, step by step.
func plan(t *testing.T, conn driver.Conn, question string) string {
	t.Helper()
	rows, err := conn.Query(t.Context(), "EXPLAIN indexes = 1 "+question)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(line + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan.String()
}
