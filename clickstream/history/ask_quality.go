package history

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// QualityAsk asks how the events of a range came.
type QualityAsk struct {
	Scope    // no Source
	Interval Interval
}

// QualityAnswer has a row for every interval with events.
//
// Duplicates of an event id are counted by the collector's ledger and never stored, so they are no rows here. What is here are purchases
// whose transaction was counted before under another id.
type QualityAnswer struct {
	Rows  []QualityRow
	Total QualityRow
	// Refused is records of the log that were refused and kept, by the time of the log, whatever the ask's filters.
	Refused int64
}

// QualityRow is the events of an interval.
type QualityRow struct {
	Start         int64 // Unix ms; 0 in the total
	Events        int64
	Late          int64 // later than the site's lateness: in the history, out of live numbers
	Purchases     int64
	Repeats       int64   // of the purchases
	LateRate      float64 // of events
	DuplicateRate float64 // repeats of purchases
}

// Quality answers a QualityAsk.
func (q *Questions) Quality(ctx context.Context, ask QualityAsk) (QualityAnswer, error) {
	ask.Fast = false
	in, err := q.ask("quality", ask.Scope)
	if err != nil {
		return QualityAnswer{}, err
	}
	if err := in.refuseFields(false, true, false); err != nil {
		return QualityAnswer{}, err
	}
	start, ok := ask.Interval.startOf()
	if !ok {
		return QualityAnswer{}, in.refuse("Interval", "is none of hour, day, week, month")
	}
	text := "SELECT " + start + " AS start, "
	if in.days() && ask.Interval != Hour {
		w := in.rows()
		in.params["first_day"], in.params["end_day"] = ask.From/dayMs, ask.To/dayMs
		w[1], w[2] = "day >= toDate({first_day:Int32})", "day < toDate({end_day:Int32})"
		text += "sum(events), sum(late), sumIf(events, name = 'purchase') AS purchases, sumIf(repeats, name = 'purchase') AS again FROM (" +
			"SELECT toDateTime64(day, 3, 'UTC') AS time, name, events, late, repeats FROM daily WHERE " + w.String() + ")"
	} else {
		text += "count(), countIf(late), countIf(name = 'purchase') AS purchases, countIf(repeat) AS again FROM events WHERE " + in.rows().String()
	}
	var answer QualityAnswer
	err = in.each(ctx, text+" GROUP BY start ORDER BY start", func(rows driver.Rows) error {
		var r QualityRow
		var n [4]uint64
		if err := rows.Scan(&r.Start, &n[0], &n[1], &n[2], &n[3]); err != nil {
			return err
		}
		r.Events, r.Late, r.Purchases, r.Repeats = int64(n[0]), int64(n[1]), int64(n[2]), int64(n[3])
		answer.Rows = append(answer.Rows, r.rated())
		t := &answer.Total
		t.Events, t.Late, t.Purchases, t.Repeats = t.Events+r.Events, t.Late+r.Late, t.Purchases+r.Purchases, t.Repeats+r.Repeats
		return nil
	})
	if err != nil {
		return QualityAnswer{}, err
	}
	answer.Total = answer.Total.rated()
	text = "SELECT count() FROM dead_letters WHERE " + in.between("range", ask.From, ask.To).String()
	err = in.each(ctx, text, func(rows driver.Rows) error {
		var n uint64
		err := rows.Scan(&n)
		answer.Refused = int64(n)
		return err
	})
	return answer, err
}

func (r QualityRow) rated() QualityRow {
	r.LateRate, r.DuplicateRate = ratio(r.Late, r.Events), ratio(r.Repeats, r.Purchases)
	return r
}
