package history

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Measure is what items are ordered by.
type Measure string

// Measures. Revenue is of one currency.
const (
	Views       Measure = "views" // also ""
	Carts       Measure = "carts"
	Purchases   Measure = "purchases" // lines of orders
	Quantity    Measure = "quantity"  // pieces bought
	Impressions Measure = "impressions"
	Revenue     Measure = "revenue"
)

// TopItemsAsk asks which items had the most of a measure. Repeated purchases count for nothing; refunds are not taken back.
type TopItemsAsk struct {
	Scope    // whole UTC days without Device, Source and Machines are answered from a rollup, everything else from events
	By       Measure
	Currency string // of Revenue
}

// ItemCounts is what happened to an item.
type ItemCounts struct {
	Item        string
	Impressions int64 // that say why: see ConversionAsk
	Views       int64
	Carts       int64
	Removes     int64
	Purchases   int64
	Quantity    int64
	Revenue     []Money // by currency, in its order: of the lines that have a price
}

// TopItems answers a TopItemsAsk, the most first, then by item. Items without any are left out.
func (q *Questions) TopItems(ctx context.Context, ask TopItemsAsk) ([]ItemCounts, error) {
	in, err := q.ask("top items", ask.Scope)
	if err != nil {
		return nil, err
	}
	by, err := in.measure(ask.By, ask.Currency)
	if err != nil {
		return nil, err
	}
	if ask.Fast {
		return nil, in.refuse("Fast", "has no meaning where all items are counted")
	}
	text := "SELECT item, impressions_n, views_n, carts_n, removes_n, purchases_n, quantity_n, money.1, money.2 FROM (" +
		"SELECT item, sum(impressions) AS impressions_n, sum(views) AS views_n, sum(carts) AS carts_n, sum(removes) AS removes_n, " +
		"sum(purchases) AS purchases_n, sum(quantity) AS quantity_n, groupArrayIf((toString(currency), revenue), revenue != 0) AS money, sum(" + by + ") AS score " +
		"FROM (" + in.items("range", in.scope.From, in.scope.To) + ") GROUP BY item HAVING score > 0 ORDER BY score DESC, item LIMIT {limit:UInt64}) " +
		"ORDER BY score DESC, item"
	var answer []ItemCounts
	err = in.each(ctx, text, func(rows driver.Rows) error {
		var c ItemCounts
		var n [5]uint64
		var currencies []string
		var minors []int64
		err := rows.Scan(&c.Item, &n[0], &n[1], &n[2], &n[3], &n[4], &c.Quantity, &currencies, &minors)
		if err != nil {
			return err
		}
		c.Impressions, c.Views, c.Carts, c.Removes, c.Purchases = int64(n[0]), int64(n[1]), int64(n[2]), int64(n[3]), int64(n[4])
		c.Revenue = sumMoney(currencies, minors)
		answer = append(answer, c)
		return nil
	})
	return answer, err
}

// sumMoney adds up by currency.
func sumMoney(currencies []string, minors []int64) []Money {
	sums := map[string]int64{}
	for i, currency := range currencies {
		sums[currency] += minors[i]
	}
	var list []Money
	for _, currency := range slices.Sorted(maps.Keys(sums)) {
		list = append(list, Money{currency, sums[currency]})
	}
	return list
}

// RisingItemsAsk asks which items had more of a measure than in the range of the same length before From.
type RisingItemsAsk struct {
	Scope
	By      Measure // not Revenue
	Minimum int64   // of the measure now; 10
}

// RisingItem is an item with the measure's count now and before.
//
// Score is (Now-Before)/√(Now+Before): by how many standard deviations the counts differ if both were Poisson with one rate
// (Przyborowski and Wilenski's conditional test, in its normal approximation). Above 3 is hardly chance; ten times more from few is less
// than a tenth more from very many.
type RisingItem struct {
	Item        string
	Now, Before int64
	Score       float64
}

// RisingItems answers a RisingItemsAsk, the highest score first, then by item. Items that did not rise are left out.
func (q *Questions) RisingItems(ctx context.Context, ask RisingItemsAsk) ([]RisingItem, error) {
	in, err := q.ask("rising items", ask.Scope)
	if err != nil {
		return nil, err
	}
	before := 2*ask.From - ask.To
	switch {
	case ask.By == Revenue:
		return nil, in.refuse("By", "must be a count")
	case ask.Minimum < 0:
		return nil, in.refuse("Minimum", "is negative")
	case before < 0:
		return nil, in.refuse("From", "has no range of the same length before it")
	case ask.Fast:
		return nil, in.refuse("Fast", "has no meaning where all items are counted")
	}
	by, err := in.measure(ask.By, "")
	if err != nil {
		return nil, err
	}
	in.params["minimum"] = cmp.Or(ask.Minimum, 10)
	text := "SELECT item, sumIf(toInt64(" + by + "), is_now) AS now_n, sumIf(toInt64(" + by + "), NOT is_now) AS before_n FROM (" +
		"SELECT *, true AS is_now FROM (" + in.items("range", in.scope.From, in.scope.To) + ") UNION ALL " +
		"SELECT *, false AS is_now FROM (" + in.items("earlier", before, in.scope.From) + ")) " +
		"GROUP BY item HAVING now_n >= {minimum:Int64} AND now_n > before_n " +
		"ORDER BY (now_n - before_n) / sqrt(now_n + before_n) DESC, item LIMIT {limit:UInt64}"
	var answer []RisingItem
	err = in.each(ctx, text, func(rows driver.Rows) error {
		var r RisingItem
		if err := rows.Scan(&r.Item, &r.Now, &r.Before); err != nil {
			return err
		}
		r.Score = float64(r.Now-r.Before) / math.Sqrt(float64(r.Now+r.Before))
		answer = append(answer, r)
		return nil
	})
	return answer, err
}

// measure is the column of a measure.
func (in *inquiry) measure(by Measure, currency string) (string, error) {
	switch by = cmp.Or(by, Views); by {
	case Views, Carts, Purchases, Quantity, Impressions:
		return string(by), nil
	case Revenue:
		in.params["currency"] = currency
		return "if(currency = {currency:String}, revenue, 0)", nil
	}
	return "", in.refuse("By", "is none of views, carts, purchases, quantity, impressions, revenue")
}

// items is a subquery of what happened to items: the rollup's rows, or what its view would make of the events that match.
func (in *inquiry) items(name string, from, to int64) string {
	const columns = "item, currency, impressions, views, carts, removes, purchases, quantity, revenue"
	if from%dayMs == 0 && to%dayMs == 0 && in.scope.Device == "" && in.scope.Source == "" && !in.scope.Machines {
		in.params[name+"_first"], in.params[name+"_end"] = from/dayMs, to/dayMs
		return "SELECT " + columns + " FROM daily_items WHERE site = {site:String} AND day >= toDate({" + name + "_first:Int32}) AND day < toDate({" + name + "_end:Int32})"
	}
	where := append(in.span(name, from, to), "NOT repeat",
		"name IN ('impression', 'view_item', 'add_to_cart', 'remove_from_cart', 'purchase')")
	return "SELECT item, if(name = 'purchase', currency, '') AS currency, countIf(name = 'impression' AND reason != '') AS impressions, countIf(name = 'view_item') AS views, " +
		"countIf(name = 'add_to_cart') AS carts, countIf(name = 'remove_from_cart') AS removes, countIf(name = 'purchase') AS purchases, " +
		"sumIf(piece, name = 'purchase') AS quantity, sumIf(piece * price, name = 'purchase' AND price >= 0) AS revenue " +
		"FROM events ARRAY JOIN items.id AS item, items.price AS price, items.quantity AS piece, items.reason AS reason WHERE " + where.String() + " GROUP BY item, currency"
}
