package history

import (
	"cmp"
	"context"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// AffinityAsk asks which items are bought together, in one order. Repeated purchases are left out, refunds are not taken back.
type AffinityAsk struct {
	Scope
	Item    string // only pairs with this item, which is then A; "" is all
	Minimum int64  // orders that a pair needs; 3
}

// AffinityAnswer is ordered by lift, then orders, the highest first, then by A and B.
type AffinityAnswer struct {
	Orders int64 // with at least one item
	Pairs  []Pair
}

// Pair is two items of Both orders (Agrawal, Imieliński and Swami's association rules). Without an item in the ask A sorts before B.
type Pair struct {
	A, B           string
	OrdersA        int64
	OrdersB        int64
	Both           int64
	Support        float64 // Both of all orders
	ConfidenceAToB float64 // Both of OrdersA
	ConfidenceBToA float64
	Lift           float64 // Both × Orders / (OrdersA × OrdersB): 1 is chance
}

// Affinity answers an AffinityAsk.
func (q *Questions) Affinity(ctx context.Context, ask AffinityAsk) (AffinityAnswer, error) {
	ask.Fast = false
	in, err := q.ask("affinity", ask.Scope)
	if err != nil {
		return AffinityAnswer{}, err
	}
	if ask.Minimum < 0 {
		return AffinityAnswer{}, in.refuse("Minimum", "is negative")
	}
	in.params["minimum"] = cmp.Or(ask.Minimum, 3)
	var answer AffinityAnswer
	err = in.each(ctx, in.affinityText(ask.Item), func(rows driver.Rows) error {
		var p Pair
		var orders, a, b, both uint64
		if err := rows.Scan(&orders, &p.A, &p.B, &a, &b, &both); err != nil {
			return err
		}
		answer.Orders = int64(orders)
		if both == 0 { // the row that only brings the number of orders
			return nil
		}
		p.OrdersA, p.OrdersB, p.Both = int64(a), int64(b), int64(both)
		p.Support, p.ConfidenceAToB, p.ConfidenceBToA = ratio(p.Both, answer.Orders), ratio(p.Both, p.OrdersA), ratio(p.Both, p.OrdersB)
		p.Lift = float64(p.Both) * float64(answer.Orders) / (float64(p.OrdersA) * float64(p.OrdersB))
		answer.Pairs = append(answer.Pairs, p)
		return nil
	})
	return answer, err
}

// affinityText is one row a pair behind one row for all. A pair looks up its two items in one join, so that items are counted once.
func (in *inquiry) affinityText(item string) string {
	where := append(in.rows(), "NOT refund", "notEmpty(items.id)").String()
	pairs := "arrayJoin(arrayFlatten(arrayMap((x, i) -> arrayMap(y -> (x, y), arraySlice(basket, i + 1)), basket, arrayEnumerate(basket))))"
	with := where
	if item != "" {
		in.params["item"] = item
		with += " AND has(items.id, {item:String})"
		pairs = "arrayJoin(arrayMap(y -> ({item:String}, y), arrayFilter(y -> y != {item:String}, basket)))"
	}
	return `
WITH (SELECT count() FROM orders WHERE ` + where + `) AS total
SELECT * FROM (
  SELECT total AS orders, '' AS a, '' AS b, toUInt64(0) AS n_a, toUInt64(0) AS n_b, toUInt64(0) AS n_both
  UNION ALL
  SELECT total AS orders, pair.1 AS a, pair.2 AS b, sumIf(n, side = 1) AS n_a, sumIf(n, side = 2) AS n_b, any(both) AS n_both FROM (
    SELECT pair, both, sides.1 AS side, sides.2 AS item FROM (
      SELECT ` + pairs + ` AS pair, count() AS both
      FROM (SELECT arraySort(arrayDistinct(items.id)) AS basket FROM orders WHERE ` + with + `)
      GROUP BY pair HAVING both >= {minimum:Int64})
    ARRAY JOIN [(1, pair.1), (2, pair.2)] AS sides) AS p
  GLOBAL INNER JOIN (
    SELECT arrayJoin(arrayDistinct(items.id)) AS item, count() AS n FROM orders WHERE ` + where + ` GROUP BY item) AS alone ON alone.item = p.item
  GROUP BY pair
  ORDER BY n_both / (n_a * n_b) DESC, n_both DESC, a, b LIMIT {limit:UInt64})
ORDER BY n_both = 0 DESC, n_both / (n_a * n_b) DESC, n_both DESC, a, b`
}
