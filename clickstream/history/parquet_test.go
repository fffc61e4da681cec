package history

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func TestExportedParquetReadsBackEqual(t *testing.T) {
	db := testDB(t)
	fillTables(t, db, 20_000)
	dir := t.TempDir()
	for _, c := range []struct{ table, source, columns string }{
		{"events", "events", "*"},
		{"sessions", "sessions FINAL", "* EXCEPT (deleted)"},
		{"impressions", "impressions", "*"},
		{"orders", "orders", "*"},
		{"dead_letters", "dead_letters", "*"},
	} {
		column := map[bool]string{true: "start", false: "time"}[c.table == "sessions"]
		m, err := Export(t.Context(), ExportConfig{DB: db, Table: c.table, From: day(2026, 1, 31), To: day(2026, 2, 20), Dir: dir})
		if err != nil {
			t.Fatalf("%s: %v", c.table, err)
		}
		where := fmt.Sprintf("WHERE %s >= '2026-01-31' AND %s < '2026-02-20'", column, column)
		var want uint64
		if err := db.QueryRow(t.Context(), "SELECT count() FROM "+c.source+" "+where).Scan(&want); err != nil {
			t.Fatal(err)
		}
		if m.Rows != want || want == 0 {
			t.Errorf("%s: exported %d rows, want %d", c.table, m.Rows, want)
		}
		if os.Getenv("BECKON_TEST_CLICKHOUSE_URL") != "" {
			t.Log("values are not read back: the server does not see this folder")
			continue
		}
		// Without types the sum would compare what Parquet makes of LowCardinality with what ClickHouse has.
		text := "arrayStringConcat(arrayMap(v -> toString(v), [toString(tuple(COLUMNS('.*')))]))"
		var got, from string
		stem := filepath.Join(dir, strings.TrimSuffix(c.table+"-20260131-20260220", ".json"), "*.parquet")
		if err := db.QueryRow(t.Context(), fmt.Sprintf("SELECT concat(toString(count()), ' ', toString(sum(cityHash64(%s)))) FROM file(%s, 'Parquet')", text, quoteText(stem))).Scan(&got); err != nil {
			t.Fatalf("%s: %v", c.table, err)
		}
		if err := db.QueryRow(t.Context(), fmt.Sprintf("SELECT concat(toString(count()), ' ', toString(sum(cityHash64(%s)))) FROM (SELECT %s FROM %s %s)", text, c.columns, c.source, where)).Scan(&from); err != nil {
			t.Fatal(err)
		}
		if got != from {
			t.Errorf("%s: the files hold %s, the table %s", c.table, got, from)
		}
	}
}

func TestExportNamesWhatItWroteAndReplacesNothing(t *testing.T) {
	db := testDB(t)
	fillTables(t, db, 5000)
	dir := filepath.Join(t.TempDir(), "made")
	cfg := ExportConfig{DB: db, Table: "events", Site: "a", From: day(2026, 1, 1), To: day(2026, 2, 3).Add(12 * time.Hour), By: "month", Dir: dir}
	m, err := Export(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	var stored ExportManifest
	text, err := os.ReadFile(filepath.Join(dir, "events-a-20260101-20260203T120000.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &stored); err != nil || stored.Rows != m.Rows || len(stored.Files) != 2 || stored.Files[0].Name != "events-a-20260101-20260203T120000/2026-01.parquet" {
		t.Errorf("manifest says %+v, %v", stored, err)
	}
	var sum uint64
	for _, f := range stored.Files {
		name := filepath.Join(dir, f.Name)
		before, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if rows, err := parquetRows(bytes.NewReader(before), int64(len(before))); err != nil || rows != f.Rows || int64(len(before)) != f.Bytes {
			t.Errorf("%s holds %d rows in %d bytes, %v; the manifest says %+v", f.Name, rows, len(before), err, f)
		}
		sum += f.Rows
	}
	if sum != m.Rows {
		t.Errorf("files hold %d rows, the manifest says %d", sum, m.Rows)
	}
	if _, err := Export(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "replaces nothing") {
		t.Errorf("exported over an export: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "*", "*.tmp"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if again, err := os.ReadFile(filepath.Join(dir, "events-a-20260101-20260203T120000.json")); err != nil || !bytes.Equal(again, text) {
		t.Errorf("the manifest changed: %v", err)
	}
}

func TestExportOfCountsFoldsRowsTogether(t *testing.T) {
	db := testDB(t)
	fillTables(t, db, 4000)
	for _, table := range []string{"daily", "daily_items"} {
		m, err := Export(t.Context(), ExportConfig{DB: db, Table: table, From: day(2026, 1, 30), To: day(2026, 2, 1), Dir: t.TempDir()})
		if err != nil || m.Rows == 0 || len(m.Files) != 2 {
			t.Errorf("%s: %+v, %v", table, m, err)
		}
	}
}

func TestExportRefusesWhatItCannotDo(t *testing.T) {
	good := ExportConfig{Table: "events", From: day(2026, 1, 1), To: day(2026, 1, 2), Dir: "x"}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*ExportConfig){
		"table":    func(c *ExportConfig) { c.Table = "batches" },
		"range":    func(c *ExportConfig) { c.To = c.From },
		"by":       func(c *ExportConfig) { c.By = "hour" },
		"site":     func(c *ExportConfig) { c.Site = "../a" },
		"scheme":   func(c *ExportConfig) { c.Dir, c.S3.URL = "", "ftp://host/x" },
		"target":   func(c *ExportConfig) { c.Dir, c.S3.URL = "", "https://user@host/x" },
		"endpoint": func(c *ExportConfig) { c.Dir, c.S3 = "", S3Target{URL: "s3://b/p", Endpoint: "minio:9000"} },
		"together": func(c *ExportConfig) { c.Dir, c.S3 = "", S3Target{URL: "s3://b/p", KeyID: "id"} },
	} {
		c := good
		change(&c)
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to name %s", err, want)
		}
	}
	for target, want := range map[S3Target]string{
		{URL: "s3://bucket/a/b/"}:                                  "https://bucket.s3.us-east-1.amazonaws.com/a/b",
		{URL: "s3://bucket", Region: "eu-central-1"}:               "https://bucket.s3.eu-central-1.amazonaws.com",
		{URL: "s3://bucket/p", Endpoint: "http://127.0.0.1:9000/"}: "http://127.0.0.1:9000/bucket/p",
		{URL: "https://minio.example/bucket/p"}:                    "https://minio.example/bucket/p",
	} {
		if got, err := target.base(); got != want || err != nil {
			t.Errorf("%+v: got %s, %v, want %s", target, got, err, want)
		}
	}
}

func FuzzParquetRows(f *testing.F) {
	f.Add([]byte("PAR1\x15\x02\x19\x4c\x48\x00\x16\x06\x00\x09\x00\x00\x00PAR1"))
	f.Add([]byte("PAR1\x05\x16\x06\x00\x04\x00\x00\x00PAR1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		parquetRows(bytes.NewReader(b), int64(len(b))) // ends, whatever it is given
	})
}
