package history

import (
	"context"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// AverageAsk asks what an order is worth. Values are RevenueAsk's, before refunds; machines' orders count.
type AverageAsk struct {
	Scope
	By Breakdown
}

// AverageRow is the orders of a currency and part. Parts are ordered by orders, the most first.
type AverageRow struct {
	Part     string // of the breakdown, "" without
	Currency string
	Orders   int64
	Gross    int64   // minor units
	Average  float64 // minor units
	Median   int64   // minor units; of an even number the upper one
	P90      int64   // minor units
}

// AverageOrder answers an AverageAsk.
func (q *Questions) AverageOrder(ctx context.Context, ask AverageAsk) ([]AverageRow, error) {
	ask.Machines, ask.Fast = true, false
	in, err := q.ask("average order", ask.Scope)
	if err != nil {
		return nil, err
	}
	part, join := "''", ""
	switch ask.By {
	case Whole:
	case ByDevice:
		part = "toString(device)"
	case BySource:
		part = "if(touch = '', '" + direct + "', toString(touch))"
		join = " GLOBAL LEFT JOIN (" + in.touches() + ") AS t ON o.visitor_hash = t.visitor_hash"
	default:
		return nil, in.refuse("By", "is neither device nor source")
	}
	text := "SELECT " + part + " AS part, toString(currency) AS money, count() AS n, sum(worth), quantileExact(0.5)(worth), quantileExact(0.9)(worth) FROM (" +
		"SELECT visitor_hash, device, currency, " + orderValue + " AS worth FROM orders WHERE " + append(in.rows(), "NOT refund").String() + ") AS o" + join +
		" GROUP BY part, money ORDER BY n DESC, part, money LIMIT {limit:UInt64}"
	var answer []AverageRow
	err = in.each(ctx, text, func(rows driver.Rows) error {
		var r AverageRow
		var n uint64
		if err := rows.Scan(&r.Part, &r.Currency, &n, &r.Gross, &r.Median, &r.P90); err != nil {
			return err
		}
		r.Orders = int64(n)
		r.Average = ratio(r.Gross, r.Orders)
		answer = append(answer, r)
		return nil
	})
	return answer, err
}
