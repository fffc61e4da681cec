package migrations

import (
	"regexp"
	"strconv"
	"testing"
)

var granules = regexp.MustCompile(`Granules: (\d+)/(\d+)`)

// read is how many of a table's granules a question reads after all indexes, and of how many.
func read(t *testing.T, question string, keys ...string) (granulesRead, of int) {
	t.Helper()
	conn := applied(t)
	exec(t, conn, "INSERT INTO events (site, name, time, received, visitor, seq) SELECT 'shop', ['page_view', 'view_item', 'purchase'][1 + number % 3], "+
		"toDateTime64('2026-06-01 00:00:00', 3, 'UTC') + number * 5 AS at, at, toString(intDiv(number, 100)), number FROM numbers(400000)")
	exec(t, conn, "OPTIMIZE TABLE events FINAL")
	rows, err := conn.Query(t.Context(), "EXPLAIN indexes = 1 "+question)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan += line + "\n"
	}
	for _, key := range keys {
		if !regexp.MustCompile(key).MatchString(plan) {
			t.Errorf("%s does not use %s:\n%s", question, key, plan)
		}
	}
	all := granules.FindAllStringSubmatch(plan, -1)
	if len(all) == 0 {
		t.Fatalf("no granules in\n%s", plan)
	}
	granulesRead, _ = strconv.Atoi(all[len(all)-1][1])
	of, _ = strconv.Atoi(all[0][2])
	return granulesRead, of
}

func TestVisitorIsFoundWithoutReadingTheTable(t *testing.T) {
	n, of := read(t, "SELECT * FROM events WHERE site = 'shop' AND visitor_hash = xxh3('1234') ORDER BY time",
		`PrimaryKey\n[^a-zA-Z]+Keys:\W+site`, `Name: visitor\n`)
	if n > 8 || of < 40 {
		t.Errorf("read %d of %d granules", n, of)
	}
}

func TestSeqsAreFoundWithoutReadingTheTable(t *testing.T) {
	n, of := read(t, "SELECT * FROM events WHERE seq >= 100000 AND seq < 110000", `Name: seq\n`)
	if n > 9 || of < 40 {
		t.Errorf("read %d of %d granules", n, of)
	}
}

func TestNamesAndTimesAreFoundByTheKey(t *testing.T) {
	n, of := read(t, "SELECT count() FROM events WHERE site = 'shop' AND name = 'purchase' AND time >= toDateTime64('2026-06-03 00:00:00', 3, 'UTC') "+
		"AND time < toDateTime64('2026-06-05 00:00:00', 3, 'UTC')", `PrimaryKey\n[^a-zA-Z]+Keys:\W+site\W+name\W+time\n`)
	if n > 4 || of < 40 {
		t.Errorf("read %d of %d granules", n, of)
	}
}
