package main

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"beckon/server/shop"
)

func TestStockIsStatedByHandWithAReason(t *testing.T) {
	d := priceDesk(t)
	mia := d.as("mia")
	const path = "/admin/stock/sku-0?site=test"
	mia.says(mia.see("/admin/stock/sku-0"), 200, `value="50"`, "No cart holds this item")
	mia.says(mia.post(path, "count", "-5", "note", "counted"), 422, `value="-5"`, `value="counted"`, "whole number")
	mia.says(mia.post(path, "count", "40"), 422, "Say why")
	mia.says(mia.post(path, "count", "50", "note", "counted"), 422, "That is the count already")
	saved := mia.follow(mia.post(path, "count", "40", "note", "counted"))
	if it := mustItem(t, d.n, "sku-0"); it.Stock != 40 {
		t.Fatalf("%d pieces, want 40", it.Stock)
	}
	list, _, err := d.n.shop.Changes("test", shop.AuditQuery{Kind: "stock", ID: "sku-0", Limit: 5})
	if err != nil || len(list) == 0 || list[0].Actor != "user mia" || !strings.Contains(string(list[0].After), "counted") {
		t.Fatalf("the history of changes has %+v, %v", list, err)
	}
	mia.says(saved, 200, "mia")
	mia.undoes(saved)
	if it := mustItem(t, d.n, "sku-0"); it.Stock != 50 {
		t.Fatalf("taken back, and there are %d pieces", it.Stock)
	}
	mia.follow(mia.post(path, "count", "-", "note", "a service"), "Not counted")
	if it := mustItem(t, d.n, "sku-0"); it.Stock != shop.Unset {
		t.Fatalf("%d pieces, want none counted", it.Stock)
	}
	if got := d.as("vera").post(path, "count", "1", "note", "x"); got.StatusCode != 403 {
		t.Errorf("who only looks stated stock: %d", got.StatusCode)
	}
	mia.says(mia.see("/admin/stock/none"), 404)
}

func TestThePageSaysWhatRunsOut(t *testing.T) {
	d := priceDesk(t)
	now := time.Now().UnixMilli()
	wanted(t, d.n, "sku-0", now-10*dayMs, now, 900, 60)
	wanted(t, d.n, "sku-1", now-10*dayMs, now, 900, 60)
	setStock(t, d.n, `{"item_id":"sku-0","stock":0}`+"\n"+`{"item_id":"sku-1","stock":4}`)
	d.n.look(d.n.work)
	vera := d.as("vera")
	page := vera.see("/admin/stock")
	vera.says(page, 200, "Sold out", "each day without it loses about €", "Reorder it: it lasts about", "Kettle 2")
	if strings.Contains(page.body, "Reduce its price") {
		t.Error("who only looks is offered to change prices")
	}
	item := vera.see("/admin/stock/sku-1")
	vera.says(item, 200, "forecast-chart", "in eight of ten cases")
	if strings.Contains(item.body, "Save the count") {
		t.Error("who only looks is offered to state stock")
	}
	if _, _, err := d.n.shop.Reserve(t.Context(), "test", "test", shop.ReservationRequest{ID: "r_1", Lines: []shop.ReservedLine{{Item: "sku-1", Quantity: 3}}}); err != nil {
		t.Fatal(err)
	}
	vera.says(vera.see("/admin/stock/sku-1"), 200, "r_1", "4 in stock, 3 in carts at checkout")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(vera.see("/admin/stock?format=csv&level=out").body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][0] != "sku-0" || rows[1][4] != "0" {
		t.Errorf("%v, %v", rows, err)
	}
	days, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(vera.see("/admin/stock/sku-1?format=csv").body, "\ufeff"))).ReadAll()
	if err != nil || len(days) < 20 || days[len(days)-1][3] == "" {
		t.Errorf("%v, %v", days, err)
	}
}

// A page of the table is what sorting and filtering all rows by hand gives.
func TestTheTableIsSortedAndFiltered(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 2026))
	table := &itemTable{orders: map[string][]int32{}, total: 500}
	for i := range 500 {
		it := &shop.Item{ID: fmt.Sprintf("sku-%03d", i), Title: []string{"Kettle", "Lamp", "Pan"}[r.IntN(3)], Stock: r.Int64N(20), Category: []string{[]string{"kitchen", "light"}[r.IntN(2)]}}
		it.Public = 100 * r.Int64N(50)
		table.rows = append(table.rows, itemRow{it: it, words: strings.ToLower(it.Title + " " + it.ID), level: []string{"in", "low", "out"}[r.IntN(3)], perDay: float32(r.IntN(5))})
	}
	for _, sort := range []string{"title", "-title", "stock", "-stock", "price", "-price", "rate", "level", "-cover", "mode", "margin", "changed", "rivals", "elasticity", "lowest", "free", "reserved"} {
		for _, q := range []tableQuery{{sort: sort}, {sort: sort, text: "LAMP 1"}, {sort: sort, category: "light", level: "low"}, {sort: sort, from: 60}, {sort: sort, text: "nothing"}} {
			key, down, ok := sortKey(sort)
			if !ok {
				t.Fatalf("there is no order %s", sort)
			}
			var want []*itemRow
			for i := range table.rows {
				row := &table.rows[i]
				if (q.category == "" || row.it.Category[0] == q.category) && (q.level == "" || row.level == q.level) && (q.text == "" || strings.Contains(row.words, "lamp") && strings.Contains(row.words, "1") && q.text != "nothing") {
					want = append(want, row)
				}
			}
			slices.SortStableFunc(want, tableKeys[key])
			if down {
				slices.Reverse(want)
			}
			rows, all := table.page(q)
			if all != len(want) || len(rows) != min(tablePage, max(len(want)-q.from, 0)) {
				t.Fatalf("%+v: %d of %d rows, want %d", q, len(rows), all, len(want))
			}
			for i, row := range rows {
				if row != want[q.from+i] {
					t.Fatalf("%+v: row %d is %s, want %s", q, i, row.it.ID, want[q.from+i].it.ID)
				}
			}
		}
	}
	if len(table.orders) != tableOrders || len(table.recent) != tableOrders {
		t.Errorf("%d orders are kept, want %d", len(table.orders), tableOrders)
	}
}

func TestTablesAreBoundedAndDropped(t *testing.T) {
	n := openHere(t, 2)
	startTablesHere(t, n)
	if table := n.itemTable(t.Context(), "test", time.Minute); table == nil || len(table.rows) != 2 {
		t.Fatalf("%+v", table)
	}
	for i := range tableSites + 3 {
		n.itemTable(t.Context(), fmt.Sprint("other-", i), 0)
	}
	n.tables.mu.Lock()
	kept := len(n.tables.sites)
	n.tables.mu.Unlock()
	if kept > tableSites {
		t.Errorf("%d tables are kept, want at most %d", kept, tableSites)
	}
	n.itemTable(t.Context(), "test", time.Minute)
	n.tables.forget(time.Now().Add(tableIdle + time.Minute))
	n.tables.mu.Lock()
	defer n.tables.mu.Unlock()
	if s := n.tables.sites["test"]; s != nil {
		t.Error("a table that nobody looks at is kept")
	}
}

// bigDesk is a dashboard over many items that sell.
func bigDesk(b *testing.B, items int) *node {
	b.Helper()
	n := openHere(b, 0)
	var lines strings.Builder
	for i := range items {
		fmt.Fprintf(&lines, `{"item_id":"sku-%06d","title":"Thing number %d","brand":"Brand %d","category":["c%d"],"price":%d,"currency":"EUR","cost":700,"stock":%d}`+"\n", i, i, i%90, i%200, 1000+i%900, i%60)
	}
	if a, err := n.shop.PutItems(b.Context(), "test", "test", strings.NewReader(lines.String()), ""); err != nil || a.Accepted != items {
		b.Fatalf("%+v, %v", a, err)
	}
	now := time.Now().UnixMilli()
	for i := 0; i < items; i += 10 {
		wanted(b, n, fmt.Sprintf("sku-%06d", i), now-9*dayMs, now, 20, 10)
	}
	return n
}

func BenchmarkTableOf100kItems(b *testing.B) {
	n := bigDesk(b, 100_000)
	for b.Loop() {
		n.tableOf("test")
	}
}

func BenchmarkPageOf100kItems(b *testing.B) {
	n := bigDesk(b, 100_000)
	startTablesHere(b, n)
	table := n.itemTable(b.Context(), "test", time.Minute)
	for _, q := range []tableQuery{{sort: "cover"}, {sort: "-price", text: "number 77"}, {sort: "title", category: "c7", from: 400}} {
		b.Run(q.sort+q.text, func(b *testing.B) {
			for b.Loop() {
				table.page(q)
			}
		})
	}
}
