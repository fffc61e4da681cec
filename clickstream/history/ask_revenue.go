package history

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// RevenueAsk asks what was sold. Machines' purchases count too: money is what the shop says it is.
//
// An order's value is its value, or what its lines with a price cost when it has none. A refund takes back from its order what
// clickstream.Orders takes back, at the time of the refund, in the order's currency. Refunds of transactions that are not in the history
// take nothing. With Device and Source it is the order that has to match.
type RevenueAsk struct {
	Scope
	Interval Interval
}

// Interval is a length of calendar time in UTC.
type Interval string

// Intervals. Weeks begin on Monday.
const (
	Hour  Interval = "hour"
	Day   Interval = "day" // also ""
	Week  Interval = "week"
	Month Interval = "month"
)

// startOf is the start of the interval that a Unix ms expression lies in, as Unix ms.
func (i Interval) startOf() (text string, ok bool) {
	second := func(start string) string { return "toInt64(toUnixTimestamp(toDateTime(" + start + ", 'UTC'))) * 1000" }
	switch cmp.Or(i, Day) {
	case Hour:
		return "intDiv(" + millis + ", 3600000) * 3600000", true
	case Day:
		return "intDiv(" + millis + ", 86400000) * 86400000", true
	case Week:
		return second("toStartOfWeek(time, 1)"), true
	case Month:
		return second("toStartOfMonth(time)"), true
	}
	return "", false
}

// RevenueAnswer has a row for every interval and currency with an order or a refund, in order of Start and Currency, and the sums by
// currency. Limit does not cut it; more than MaxIntervals intervals are refused.
type RevenueAnswer struct {
	Rows   []RevenueRow
	Totals []RevenueRow
}

// MaxIntervals is the most intervals of an answer.
const MaxIntervals = 2400

// RevenueRow is money in minor units of Currency.
type RevenueRow struct {
	Start    int64 // Unix ms of the interval; 0 in totals
	Currency string
	Orders   int64
	Gross    int64 // of orders
	Refunds  int64 // refunds that took something back
	Refunded int64
	Net      int64 // Gross - Refunded
}

// orderValue is an order's worth from the columns of a row of orders.
const orderValue = "if(value > 0, value, arraySum((p, q) -> greatest(p, 0) * greatest(q, 1), items.price, items.quantity))"

// Revenue answers a RevenueAsk.
func (q *Questions) Revenue(ctx context.Context, ask RevenueAsk) (RevenueAnswer, error) {
	in, start, err := q.askRevenue(&ask)
	if err != nil {
		return RevenueAnswer{}, err
	}
	rows := map[moneyAt]*RevenueRow{}
	text := "SELECT " + start + " AS start, toString(currency) AS money, count(), sum(" + orderValue + ") FROM orders WHERE " +
		append(in.rows(), "NOT refund").String() + " GROUP BY start, money"
	err = in.each(ctx, text, func(r driver.Rows) error {
		var key moneyAt
		var n uint64
		var value int64
		if err := r.Scan(&key.start, &key.currency, &n, &value); err != nil {
			return err
		}
		rows[key] = &RevenueRow{Start: key.start, Currency: key.currency, Orders: int64(n), Gross: value}
		return nil
	})
	if err != nil {
		return RevenueAnswer{}, err
	}
	if err := in.refunds(ctx, start, rows); err != nil {
		return RevenueAnswer{}, err
	}
	return revenueAnswer(rows), nil
}

type moneyAt struct {
	start    int64
	currency string
}

func (q *Questions) askRevenue(ask *RevenueAsk) (*inquiry, string, error) {
	ask.Machines, ask.Fast = true, false
	in, err := q.ask("revenue", ask.Scope)
	if err != nil {
		return nil, "", err
	}
	start, ok := ask.Interval.startOf()
	if !ok {
		return nil, "", in.refuse("Interval", "is none of hour, day, week, month")
	}
	shortest := map[Interval]int64{Hour: dayMs / 24, Week: 7 * dayMs, Month: 28 * dayMs}[ask.Interval]
	if (ask.To-ask.From)/cmp.Or(shortest, dayMs) > MaxIntervals {
		return nil, "", in.refuse("Interval", "is too short for the range")
	}
	return in, start, nil
}

func revenueAnswer(rows map[moneyAt]*RevenueRow) RevenueAnswer {
	var a RevenueAnswer
	totals := map[string]*RevenueRow{}
	for key, r := range rows {
		r.Net = r.Gross - r.Refunded
		a.Rows = append(a.Rows, *r)
		t := totals[key.currency]
		if t == nil {
			t = &RevenueRow{Currency: key.currency}
			totals[key.currency] = t
		}
		t.Orders, t.Gross, t.Refunds = t.Orders+r.Orders, t.Gross+r.Gross, t.Refunds+r.Refunds
		t.Refunded, t.Net = t.Refunded+r.Refunded, t.Net+r.Net
	}
	for _, t := range totals {
		a.Totals = append(a.Totals, *t)
	}
	byStart := func(a, b RevenueRow) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), strings.Compare(a.Currency, b.Currency))
	}
	slices.SortFunc(a.Rows, byStart)
	slices.SortFunc(a.Totals, byStart)
	return a
}
