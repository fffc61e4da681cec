package history

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"
)

// benchEnd is a Monday.
var benchEnd = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

// BenchmarkQuestions measures every question over the last 7, 30 and 90 days of BECKON_BENCH_ROWS rows (1 M without it; the table of
// figures is of 50 M). It prints p50 and p95 of the times in ms.
func BenchmarkQuestions(b *testing.B) {
	rows := int64(1_000_000)
	if text := os.Getenv("BECKON_BENCH_ROWS"); text != "" {
		var err error
		if rows, err = strconv.ParseInt(text, 10, 64); err != nil {
			b.Fatal("BECKON_BENCH_ROWS is not a number")
		}
	}
	db := testDB(b)
	began := time.Now()
	if err := FillForBench(b.Context(), db, rows, benchEnd, nil); err != nil {
		b.Fatal(err)
	}
	b.Logf("filled %d rows in %s", rows, time.Since(began).Round(time.Second))
	q := NewQuestions(db, QuestionsConfig{})
	for _, fast := range []bool{false, true} {
		for _, days := range []int64{7, 30, 90} {
			s := Scope{Site: BenchSite, From: benchEnd.UnixMilli() - days*dayMs, To: benchEnd.UnixMilli(), Timeout: time.Minute, Fast: fast}
			for _, f := range EveryQuestion(s) {
				b.Run(fmt.Sprintf("%s/%dd/fast=%v", f.Name, days, fast), func(b *testing.B) {
					var times []time.Duration
					for b.Loop() {
						began := time.Now()
						if _, err := f.Ask(b.Context(), q); err != nil {
							b.Fatal(err)
						}
						times = append(times, time.Since(began))
					}
					slices.Sort(times)
					b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
					b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95-ms")
				})
			}
		}
	}
}
