package history

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// PathsAsk asks what visitors looked at before they bought.
//
// For each purchase in the range that is no repeat, these are the items of its visitor's view_item events before it, LookBack back at
// most. With Device both the purchase and the views were on it.
type PathsAsk struct {
	Scope
	Item     string        // only purchases of this item; "" is all
	LookBack time.Duration // 7 days, at most 90
	Length   int           // the most items in a path; 3, at most 8
	Tree     bool          // how the paths run together towards the purchase, too
}

// PathsAnswer is ordered by orders, the most first. Limit counts Items, Paths and the ends of each length in Tree.
type PathsAnswer struct {
	OneIn  int64
	Orders int64 // purchases that were looked at
	Items  []PathItem
	Paths  []Path
	// Tree is ends of paths: what was the last item, the last two, and so on, and how many orders' paths ended so. Shorter ends come
	// first, and the end that one is made longer from is always there.
	Tree []Path
}

// PathItem is an item that was looked at before Orders purchases.
type PathItem struct {
	Item   string
	Orders int64
	Share  float64 // of all purchases that were looked at
}

// Path is the last items before a purchase, the last one last; the same item twice in a row counts once.
type Path struct {
	Items  []string
	Orders int64
	Share  float64
}

const (
	maxPathLength = 8
	maxLookBack   = 90 * 24 * time.Hour
)

// PathsBeforePurchase answers a PathsAsk.
func (q *Questions) PathsBeforePurchase(ctx context.Context, ask PathsAsk) (PathsAnswer, error) {
	in, err := q.ask("paths before purchase", ask.Scope)
	if err != nil {
		return PathsAnswer{}, err
	}
	ask.LookBack, ask.Length = cmp.Or(ask.LookBack, 7*24*time.Hour), cmp.Or(ask.Length, 3)
	switch {
	case ask.LookBack < time.Millisecond || ask.LookBack > maxLookBack:
		return PathsAnswer{}, in.refuse("LookBack", "must be in 1ms-"+maxLookBack.String())
	case ask.Length < 1 || ask.Length > maxPathLength:
		return PathsAnswer{}, in.refuse("Length", fmt.Sprintf("must be in 1-%d", maxPathLength))
	}
	if err := in.thin(ctx, ask.LookBack.Milliseconds(), "view_item"); err != nil {
		return PathsAnswer{}, err
	}
	answer := PathsAnswer{OneIn: in.oneIn}
	ends := map[string]bool{}
	text := in.pathsText(&ask)
	err = in.each(ctx, text, func(rows driver.Rows) error {
		var kind uint8
		var items []string
		var n uint64
		if err := rows.Scan(&kind, &items, &n); err != nil {
			return err
		}
		orders := int64(n) * in.oneIn
		switch kind { // they come in this order
		case 0:
			answer.Orders = orders
		case 1:
			answer.Paths = append(answer.Paths, Path{items, orders, ratio(orders, answer.Orders)})
		case 2:
			answer.Items = append(answer.Items, PathItem{items[0], orders, ratio(orders, answer.Orders)})
		default:
			if end := strings.Join(items[1:], "\x00"); len(items) == 1 || ends[end] { // or the limit cut off what it hangs on
				ends[strings.Join(items, "\x00")] = true
				answer.Tree = append(answer.Tree, Path{items, orders, ratio(orders, answer.Orders)})
			}
		}
		return nil
	})
	return answer, err
}

// pathsText is one row for all orders, of kind 0, one a path, 1, one an item, 2, and one an end of n items, 2+n. A visitor's views and orders are arrays, so that
// what came before an order is a filter and not a join of every order with every view.
func (in *inquiry) pathsText(ask *PathsAsk) string {
	in.params["look_back"], in.params["path_length"] = ask.LookBack.Milliseconds(), -int64(ask.Length)
	bought := append(in.rows(), "NOT refund")
	if ask.Item != "" {
		in.params["item"] = ask.Item
		bought = append(bought, "has(items.id, {item:String})")
	}
	viewed := append(in.span("views", in.scope.From-ask.LookBack.Milliseconds(), in.scope.To), "name = 'view_item'",
		"visitor_hash GLOBAL IN (SELECT visitor_hash FROM orders WHERE "+bought.String()+")")
	tree := ""
	if ask.Tree {
		tree = ", arrayMap(n -> (toUInt8(2 + n), arraySlice(path, -toInt64(n))), arrayEnumerate(path))"
	}
	return `
SELECT tuple.1 AS kind, tuple.2 AS list, count() AS n FROM (
  SELECT arrayJoin(arrayConcat([(toUInt8(0), CAST([], 'Array(String)'))], if(empty(path), [], [(toUInt8(1), path)]),
    arrayMap(i -> (toUInt8(2), [i]), arrayDistinct(seen))` + tree + `)) AS tuple
  FROM (
    SELECT arrayMap(v -> v.4, arrayFilter(v -> v.1 >= order.1 - {look_back:Int64} AND (v.1, v.2) < order, views)) AS seen,
      arraySlice(arrayCompact(seen), {path_length:Int64}) AS path
    FROM (SELECT visitor_hash, groupArray((` + millis + `, seq)) AS orders FROM orders WHERE ` + bought.String() + ` GROUP BY visitor_hash) AS o
    GLOBAL LEFT JOIN (
      SELECT visitor_hash, arraySort(groupArray((` + millis + `, seq, position, item))) AS views
      FROM ` + in.events() + ` ARRAY JOIN items.id AS item, arrayEnumerate(items.id) AS position
      WHERE ` + viewed.String() + ` GROUP BY visitor_hash) AS v ON o.visitor_hash = v.visitor_hash
    ARRAY JOIN orders AS order))
GROUP BY kind, list ORDER BY kind, n DESC, list LIMIT {limit:UInt64} BY kind`
}
