package history

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// explaining asks ClickHouse, before each statement, how it would read.
type explaining struct {
	*DB
	reads []tableRead
}

// tableRead is what the indexes of one table leave of it, in granules, and the columns of the primary key that helped.
type tableRead struct {
	table          string
	granules, all  int
	byKey, keyFrom int // left by the primary key, of how many
	keys           []string
	skip           string // a skip index that helped
}

func (c *explaining) Query(ctx context.Context, text string, args ...any) (driver.Rows, error) {
	rows, err := c.DB.Query(ctx, "EXPLAIN indexes = 1 "+text, args...)
	if err != nil {
		return nil, err
	}
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, err
		}
		lines = append(lines, strings.Trim(line, " │├└─"))
	}
	if err := rows.Close(); err != nil {
		return nil, err
	}
	c.reads = append(c.reads, tableReads(lines)...)
	return c.DB.Query(ctx, text, args...)
}

var (
	readLine     = regexp.MustCompile(`^ReadFromMergeTree \((?:\w+\.)?(\w+)\)`)
	granulesLine = regexp.MustCompile(`^Granules: (\d+)/(\d+)`)
)

func tableReads(lines []string) []tableRead {
	var reads []tableRead
	index, inKeys := "", false
	for _, line := range lines {
		if m := readLine.FindStringSubmatch(line); m != nil {
			reads = append(reads, tableRead{table: m[1], all: -1})
			index = ""
			continue
		}
		if len(reads) == 0 {
			continue
		}
		r := &reads[len(reads)-1]
		switch line {
		case "Min-Max", "Partition", "PrimaryKey", "Skip":
			index, inKeys = line, false
			continue
		case "Keys:":
			inKeys = true
			continue
		}
		if name, ok := strings.CutPrefix(line, "Name: "); ok && index == "Skip" {
			r.skip = name
		}
		inKeys = inKeys && !strings.Contains(line, ": ")
		if inKeys && index == "PrimaryKey" {
			r.keys = append(r.keys, line)
		}
		if m := granulesLine.FindStringSubmatch(line); m != nil && index != "" {
			left, of := 0, 0
			fmt.Sscan(m[1], &left)
			fmt.Sscan(m[2], &of)
			if r.all < 0 {
				r.all = of
			}
			if r.granules = left; index == "PrimaryKey" {
				r.byKey, r.keyFrom = left, of
			}
		}
	}
	return reads
}

// TestQuestionsUseThePrimaryKey asks for a week of three months, and expects that the rest is not read.
func TestQuestionsUseThePrimaryKey(t *testing.T) {
	db := testDB(t)
	if err := FillForBench(t.Context(), db, 800_000, benchEnd, nil); err != nil {
		t.Fatal(err)
	}
	for _, fast := range []bool{false, true} {
		s := Scope{Site: BenchSite, From: benchEnd.UnixMilli() - 21*dayMs, To: benchEnd.UnixMilli() - 14*dayMs, Timeout: 30 * time.Second, Fast: fast}
		for _, f := range EveryQuestion(s) {
			conn := &explaining{DB: db}
			if _, err := f.Ask(t.Context(), NewQuestions(conn, QuestionsConfig{FastRows: 10_000})); err != nil {
				t.Fatal(f.Name, err)
			}
			if len(conn.reads) == 0 {
				t.Errorf("%s: nothing is read", f.Name)
			}
			for _, r := range conn.reads {
				switch {
				case f.Name == "rows": // it counts all
				case f.Name == "retention, ever": // before the range too: the key ends the range
					if !strings.HasPrefix(strings.Join(r.keys, " "), "site day") {
						t.Errorf("%s: %s by key %v", f.Name, r.table, r.keys)
					}
				case f.Name == "timeline":
					if r.skip != "visitor" || r.granules > r.all/3 {
						t.Errorf("%s: %d of %d granules, by %q", f.Name, r.granules, r.all, r.skip)
					}
				case f.Name == "revenue" && r.granules == r.all: // an order may have any age when it is refunded: the key ends the range
					if strings.Join(r.keys, " ") != "site time" {
						t.Errorf("%s: %s by key %v", f.Name, r.table, r.keys)
					}
				case len(r.keys) < 2 || r.keys[0] != "site":
					t.Errorf("%s: %s by key %v", f.Name, r.table, r.keys)
				case r.table == "events" && r.byKey >= r.keyFrom, r.all > 2 && r.granules >= r.all:
					t.Errorf("%s: %s: %d of %d granules, by key %d of %d", f.Name, r.table, r.granules, r.all, r.byKey, r.keyFrom)
				}
			}
			if testing.Verbose() {
				t.Logf("%s, fast %v: %+v", f.Name, fast, conn.reads)
			}
		}
	}
}
