package migrations

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// inserted are the tables that an insert into events fills.
var inserted = []string{"events", "impressions", "orders", "daily", "daily_items", "visitor_days", "sampled"}

// event is what tests vary of a row.
type event struct {
	name           string
	time, received time.Time
	visitor        string
	items          int
	value          int64
	repeat         bool
	machine        bool
	url, ref       string
	agent          string
}

var someTime = time.Date(2026, 6, 3, 12, 0, 0, 0, time.UTC)

// insert is one block under a token, as the writer sends it.
func insert(t testing.TB, conn driver.Conn, token string, events ...event) {
	t.Helper()
	if err := tryInsert(t.Context(), conn, token, events...); err != nil {
		t.Fatal(err)
	}
}

func tryInsert(ctx context.Context, conn driver.Conn, token string, events ...event) error {
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"insert_deduplication_token": token, "deduplicate_blocks_in_dependent_materialized_views": 1,
		"max_partitions_per_insert_block": 0, "distributed_foreground_insert": 1,
	}))
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO events (site, name, time, received, visitor, id, seq, partition, offset, consent, url, ref, "+
		"currency, value, transaction, placement, rec_id, user_agent, items.id, items.price, items.quantity, items.category, items.propensity, "+
		"items.reason, machine, repeat)")
	if err != nil {
		return err
	}
	for i, e := range events {
		if e.time.IsZero() {
			e.time = someTime
		}
		if e.received.IsZero() {
			e.received = e.time
		}
		var ids, categories, reasons []string
		var prices, quantities []int64
		var propensities []float32
		for k := range e.items {
			ids, categories = append(ids, fmt.Sprint("sku-", k)), append(categories, "kettles")
			prices, quantities = append(prices, int64(1000+k)), append(quantities, 2)
			reasons, propensities = append(reasons, "trending"), append(propensities, 0.25)
		}
		if err := batch.Append("shop", e.name, e.time, e.received, e.visitor, fmt.Sprint("e", i), uint64(i), uint16(0), uint64(i), uint8(3), e.url, e.ref,
			"EUR", e.value, fmt.Sprint("T", i), "home", "r_1", e.agent, ids, prices, quantities, categories, propensities, reasons, e.machine, e.repeat); err != nil {
			return err
		}
	}
	return batch.Send()
}

// shop is a block in which every view finds something: by name what it must count. u is one of the visitors that are sampled.
func shop() []event {
	return []event{
		{name: "page_view", visitor: "a"},
		{name: "impression", visitor: "a", items: 3},
		{name: "view_item", visitor: "a", items: 1},
		{name: "view_item", visitor: "u", items: 1},
		{name: "add_to_cart", visitor: "a", items: 1},
		{name: "remove_from_cart", visitor: "u", items: 1},
		{name: "purchase", visitor: "a", items: 2, value: 4002},
		{name: "purchase", visitor: "a", items: 2, value: 4002, repeat: true},
		{name: "refund", visitor: "a", items: 1, value: 1000},
		{name: "view_item", visitor: "robot", items: 1, machine: true},
	}
}

// counts is what shop, counted once, must answer.
var counts = map[string]int64{
	"SELECT count() FROM events":                                  10,
	"SELECT count() FROM impressions":                             3,
	"SELECT sum(position) FROM impressions":                       6,
	"SELECT count() FROM orders":                                  2,
	"SELECT sum(value) FROM orders WHERE NOT refund":              4002,
	"SELECT sum(events) FROM daily":                               10,
	"SELECT sum(repeats) FROM daily":                              1,
	"SELECT sum(value) FROM daily WHERE name = 'purchase'":        4002,
	"SELECT uniqMerge(visitors) FROM daily WHERE NOT machine":     2,
	"SELECT sum(impressions) FROM daily_items":                    3,
	"SELECT sum(views) FROM daily_items":                          2,
	"SELECT sum(carts) FROM daily_items":                          1,
	"SELECT sum(removes) FROM daily_items":                        1,
	"SELECT sum(purchases) FROM daily_items":                      2,
	"SELECT sum(quantity) FROM daily_items":                       4,
	"SELECT sum(revenue) FROM daily_items WHERE currency = 'EUR'": 4002,
	"SELECT sum(events) FROM visitor_days":                        9,
	"SELECT sum(purchases) FROM visitor_days":                     1,
	"SELECT uniqExact(visitor_hash) FROM visitor_days":            2,
	"SELECT count() FROM sampled":                                 2,
}

// check compares with counts, for shop counted times over.
func check(t *testing.T, conn driver.Conn, times int64) {
	t.Helper()
	for question, want := range counts {
		n := times
		if strings.Contains(question, "uniq") {
			n = 1 // the same visitors
		}
		if got := value(t, conn, question); got != want*n {
			t.Errorf("%s: got %d, want %d", question, got, want*n)
		}
	}
}
