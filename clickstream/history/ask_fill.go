package history

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// BenchSite is the site of the rows that FillForBench makes.
const BenchSite = "bench"

// BenchDays is how many days they span, up to the end that it is given.
const BenchDays = 90

// benchBlock is the rows of an INSERT: what the writer sends in one.
const benchBlock = 500_000

// FillForBench makes rows of events inside ClickHouse, for measuring questions: it is a shop like any other to them.
//
// Visits of eight events come evenly over the 90 days before end. There is a visitor for every 25 rows (2 M of 50 M) and 100,000 items, the
// n-th most popular with 1/n of the chances. A visit begins on a landing page, half of them from elsewhere; it is shown 4 items once or
// twice, clicks one in three visits, searches in one of five and finds nothing in one of 35, adds to the cart in one of five and buys in
// one of 25, of which one in 40 is refunded. 3% of visitors are machines and 1% of events late. The same rows and end give the same data.
//
// progress is told of rows after every block; it may be nil. The tables must have the schema of migrations, and nothing of BenchSite.
func FillForBench(ctx context.Context, conn driver.Conn, rows int64, end time.Time, progress func(done, total int64)) error {
	rows -= rows % 8
	settings := clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"max_execution_time": 0, "max_insert_block_size": benchBlock, "min_insert_block_size_rows": benchBlock,
	}))
	for first := int64(0); first < rows; first += benchBlock {
		count := min(benchBlock, rows-first)
		err := conn.Exec(settings, benchText,
			driver.NamedValue{Name: "site", Value: BenchSite}, driver.NamedValue{Name: "first", Value: first}, driver.NamedValue{Name: "count", Value: count},
			driver.NamedValue{Name: "visits", Value: rows / 8}, driver.NamedValue{Name: "visitors", Value: max(rows/25, 1)},
			driver.NamedValue{Name: "start", Value: end.UnixMilli() - BenchDays*dayMs}, driver.NamedValue{Name: "span", Value: int64(BenchDays*dayMs - 1_600_000)})
		if err != nil {
			return fmt.Errorf("fill for the benchmark at row %d: %w", first, err)
		}
		if progress != nil {
			progress(first+count, rows)
		}
	}
	return nil
}

// BenchVisitor is a visitor of the filled rows that is no machine.
const BenchVisitor = "visitor-1007"

// benchText makes rows from their numbers: k is the place in the visit, h and r are what chance gave the visit and the row. A click (k = 2)
// takes its item from the impression before it, a purchase (k = 7) from the cart's line before it; refunds come in the place of a last page.
const benchText = `
INSERT INTO events (site, name, kind, time, received, visitor, id, seq, partition, offset, generated, consent, url, ref, currency, value, transaction,
  search_term, placement, rec_id, props, user_agent, ` + "`items.id`, `items.price`, `items.quantity`, `items.category`, `items.propensity`, `items.reason`" + `, late, machine)
WITH intDiv(number, 8) AS visit, number % 8 AS k, cityHash64(visit) AS h, cityHash64(number, 1) AS r,
  h % {visitors:UInt64} AS person, cityHash64(person, 2) AS self,
  bitShiftRight(h, 32) % 3 = 0 AS clicks, bitShiftRight(h, 34) % 5 = 0 AS fills, fills AND bitShiftRight(h, 37) % 5 = 0 AS buys,
  bitShiftRight(cityHash64(visit - 1) AS before, 34) % 5 = 0 AND bitShiftRight(before, 37) % 5 = 0 AND r % 40 = 0 AS regrets,
  cityHash64(visit * 8 + 3, 1) % 35 = 0 AND k > 2 AS lost,
  multiIf(k = 0, 'page_view', k = 1, 'impression', k = 2, if(clicks, 'select_item', 'view_item'), k = 3, if(r % 5 = 0, 'search', 'view_item'),
    lost AND k < 7, 'page_view', k = 5, if(r % 2 = 0, 'impression', 'view_item'), k = 6, if(fills, 'add_to_cart', 'view_item'),
    k = 7, multiIf(buys, 'purchase', regrets, 'refund', 'page_view'), 'view_item') AS what,
  number - toUInt8(k = 2 AND clicks OR k = 7) AS base,
  multiIf(what = 'impression', 4, what = 'purchase', 1 + r % 3, what IN ('page_view', 'search', 'refund'), 0, 1) AS n,
  arrayMap(i -> toUInt32(exp((cityHash64(base, i) % 1000003) / 1000003 * 11.5129)), range(n)) AS numbers,
  {start:Int64} + intDiv({span:Int64} * visit, {visits:Int64}) + k * 20000 + r % 19000 AS ms
SELECT {site:String}, what, indexOf(['page_view', 'view_item_list', 'select_item', 'view_item', 'search', 'add_to_wishlist', 'add_to_cart', 'remove_from_cart',
    'view_cart', 'begin_checkout', 'add_payment_info', 'add_shipping_info', 'purchase', 'refund', 'login', 'sign_up', 'impression'], what),
  fromUnixTimestamp64Milli(ms, 'UTC'), fromUnixTimestamp64Milli(ms + r % 900, 'UTC'), concat('visitor-', toString(person)),
  concat('e', hex(r)), number + 1, self % 64, number, what = 'impression', 3,
  concat('https://shop.example/', if(n = 1, concat('item/', toString(numbers[1])), 'list'),
    if(k = 0 AND h % 4 = 0, concat('?utm_source=', ['news', 'social', 'ads', 'partner'][1 + self % 4]), '')),
  if(k = 0 AND h % 4 = 1, 'https://www.search.example/find', ''), if(n > 0, 'EUR', ''),
  if(what = 'purchase', toInt64(arraySum(i -> 500 + i % 9000, numbers)), 0),
  multiIf(what = 'purchase', concat('t', toString(visit)), what = 'refund', concat('t', toString(visit - 1)), ''),
  if(what = 'search', concat('term ', toString(toUInt32(exp((r % 10007) / 10007 * 9)))), ''),
  if(what = 'impression' OR k = 2 AND clicks, ['home', 'product', 'category', 'cart'][1 + h % 4], ''),
  if(what = 'impression' OR k = 2 AND clicks, concat('r', toString(base)), ''),
  if(lost AND what = 'search' AND h % 2 = 0, '{"results":0}', ''),
  ['Mozilla/5.0 (Windows NT 10.0)', 'Mozilla/5.0 (Linux; Android 14) Mobile', 'Mozilla/5.0 (iPhone) Mobile', 'Mozilla/5.0 (iPad)'][1 + self % 4],
  arrayMap(i -> concat('item-', toString(i)), numbers), arrayMap(i -> toInt64(500 + i % 9000), numbers), arrayMap(i -> toInt64(1), numbers),
  arrayMap(i -> concat('category-', toString(i % 40)), numbers), arrayMap(i -> toFloat32(0.1), numbers),
  if(what = 'impression', arrayMap(i -> ['similar', 'popular', 'recent', 'session', 'bought_together'][1 + i % 5], numbers), arrayMap(i -> '', numbers)),
  r % 100 = 7, self % 33 = 0
FROM numbers({first:UInt64}, {count:UInt64})`
