package engine

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkInsert sends blocks of 200,000 rows, as wide as events are, through clickhouse-go into a table that is synced.
func BenchmarkInsert(b *testing.B) {
	const rows = 200_000
	e := startEngine(b, Config{Log: func(string) {}})
	db := open(b, e)
	run(b, db, `CREATE TABLE e (site LowCardinality(String), name LowCardinality(String), time DateTime64(3, 'UTC'), visitor String,
		id String, seq UInt64, url String, ref String, value Int64, props String, items Array(String), prices Array(Int64))
		ENGINE = MergeTree PARTITION BY toYYYYMM(time) ORDER BY (site, name, time)
		SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	idle := statusBytes(b, e.State().PID, "VmRSS")
	n := uint64(0)
	for b.Loop() {
		batch, err := db.PrepareBatch(b.Context(), "INSERT INTO e")
		if err != nil {
			b.Fatal(err)
		}
		for range rows {
			n++
			err := batch.Append("shop", "view", now.Add(time.Duration(n)*time.Millisecond), fmt.Sprintf("visitor-%d", n%50_000),
				fmt.Sprintf("0197%012x", n), n, "/products/some-shoe", "https://search.example/", int64(0), "{}",
				[]string{"item-1", "item-2"}, []int64{1999, 2999})
			if err != nil {
				b.Fatal(err)
			}
		}
		if err := batch.Send(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(idle>>20), "MB-idle")
	b.ReportMetric(float64(statusBytes(b, e.State().PID, "VmHWM")>>20), "MB-peak")
}

// BenchmarkStart is from nothing to the first answer, on an empty folder and then on the same.
func BenchmarkStart(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "clickhouse")
	for b.Loop() {
		e, err := Start(context.Background(), Config{Dir: dir})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		closeEngine(b, e)
		b.StartTimer()
	}
}

// BenchmarkSmallQuestion is a question by clickhouse-go whose answer is one row.
func BenchmarkSmallQuestion(b *testing.B) {
	db := open(b, startEngine(b, Config{Log: func(string) {}}))
	for b.Loop() {
		if n := count(b, db, "SELECT count() FROM numbers(10)"); n != 10 {
			b.Fatal(n)
		}
	}
}
