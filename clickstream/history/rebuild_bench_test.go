package history

import "testing"

// BenchmarkRowsToRecords reads rows of events in order of Seq and encodes them as the records that they were.
func BenchmarkRowsToRecords(b *testing.B) {
	db := testDB(b)
	const events = 200_000
	fillTables(b, db, events)
	records := 0
	for b.Loop() {
		rows, err := openRows(b.Context(), db, 0, 2*events)
		if err != nil {
			b.Fatal(err)
		}
		for seq := uint64(0); seq < 2*events; seq += 2 {
			if _, ok, err := rows.take(markEvent, seq); err != nil || !ok {
				b.Fatal(seq, ok, err)
			}
			records++
		}
		rows.close()
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
}
