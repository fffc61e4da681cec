package history

import (
	"context"
	"strconv"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// RetentionAsk asks who comes back. A visitor is of the cohort of the period of its first event, and is back in every later period with
// an event of its own. Periods are days, or weeks from Monday, of UTC; From is moved back to the start of its period.
type RetentionAsk struct {
	Scope
	Interval Interval // Day or Week; at most MaxPeriods of them
	Ever     bool     // the first event of all history decides, and who came before From is of no cohort; else the first in the range
}

// RetentionAnswer has a cohort for every period with new visitors, in order.
type RetentionAnswer struct {
	OneIn   int64
	Cohorts []Cohort
}

// Cohort is visitors who first came in one period.
type Cohort struct {
	Start    int64   // Unix ms
	Visitors int64   // Active[0]
	Active   []int64 // by periods since, as many as the range has: who was here in it
}

// MaxPeriods is the most periods of a RetentionAnswer.
const MaxPeriods = 64

// Retention answers a RetentionAsk.
func (q *Questions) Retention(ctx context.Context, ask RetentionAsk) (RetentionAnswer, error) {
	in, err := q.ask("retention", ask.Scope)
	if err != nil {
		return RetentionAnswer{}, err
	}
	if ask.Interval != "" && ask.Interval != Day && ask.Interval != Week {
		return RetentionAnswer{}, in.refuse("Interval", "is neither day nor week")
	}
	var length int64 = dayMs
	if ask.From -= ask.From % dayMs; ask.Interval == Week {
		length = 7 * dayMs
		const monday = 4 * dayMs // 1970-01-05
		ask.From = max(0, ask.From-((ask.From-monday)%length+length)%length)
	}
	in.scope.From = ask.From
	periods := (ask.To - ask.From + length - 1) / length
	if periods > MaxPeriods {
		return RetentionAnswer{}, in.refuse("To", "is more than "+strconv.Itoa(MaxPeriods)+" periods after From")
	}
	if err := in.thin(ctx, 0); err != nil {
		return RetentionAnswer{}, err
	}
	answer := RetentionAnswer{OneIn: in.oneIn}
	err = in.each(ctx, in.retentionText(ask.Ever, length), func(rows driver.Rows) error {
		var first, period uint8
		var n uint64
		if err := rows.Scan(&first, &period, &n); err != nil {
			return err
		}
		start := ask.From + int64(first)*length
		if last := len(answer.Cohorts); last == 0 || answer.Cohorts[last-1].Start != start {
			answer.Cohorts = append(answer.Cohorts, Cohort{Start: start, Active: make([]int64, periods-int64(first))})
		}
		c := &answer.Cohorts[len(answer.Cohorts)-1]
		c.Active[period-first] = int64(n) * in.oneIn
		c.Visitors = c.Active[0]
		return nil
	})
	return answer, err
}

// retentionText makes a bit mask of a visitor's periods, and counts the masks' bits by their lowest one.
func (in *inquiry) retentionText(ever bool, length int64) string {
	in.params["first_day"], in.params["end_day"] = in.scope.From/dayMs, (in.scope.To+dayMs-1)/dayMs
	in.params["period_days"] = length / dayMs
	born := ""
	since := in.scope.From
	if ever {
		since, born = 0, " HAVING min(at) >= {first_day:Int32}"
	}
	// The rollup knows days, and neither machines nor devices.
	days := "SELECT visitor_hash, toInt32(day) AS at FROM visitor_days WHERE "
	if in.days() && !in.scope.Machines && in.scope.Device == "" {
		where := wheres{"site = {site:String}", "day < toDate({end_day:Int32})"}
		if !ever {
			where = append(where, "day >= toDate({first_day:Int32})")
		}
		days += append(where, in.visitors()...).String()
	} else {
		days = "SELECT visitor_hash, toInt32(toDate(time)) AS at FROM " + in.events() + " WHERE " + in.span("since", since, in.scope.To).String()
	}
	return "SELECT first, toUInt8(arrayJoin(bitPositionsToArray(mask))) AS period, count() FROM (" +
		"SELECT groupBitOr(if(at >= {first_day:Int32}, bitShiftLeft(toUInt64(1), intDiv(greatest(at - {first_day:Int32}, 0), {period_days:Int32})), 0)) AS mask, " +
		"toUInt8(bitCount(bitXor(mask, mask - 1)) - 1) AS first FROM (" + days + ") GROUP BY visitor_hash" + born + ") " +
		"GROUP BY first, period ORDER BY first, period"
}
