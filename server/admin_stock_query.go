package main

import (
	"cmp"
	"iter"
	"slices"
	"strings"

	"beckon/pricing"
	"beckon/server/shop"
)

// tableQuery chooses rows of a table and their order.
type tableQuery struct {
	text     string
	category string
	level    string // of stock; "" any
	show     string // of prices; "" any
	sort     string // a key, with a minus for downwards
	from     int
}

// tablePage is how many rows a page shows.
const tablePage = 50

// tableKeys are what a table can be sorted by, upwards. Rows that are the same in it stay in the order of their ids.
var tableKeys = map[string]func(a, b *itemRow) int{
	"title":      func(a, b *itemRow) int { return strings.Compare(a.words, b.words) },
	"level":      func(a, b *itemRow) int { return cmp.Compare(levelRank(a.level), levelRank(b.level)) },
	"stock":      func(a, b *itemRow) int { return cmp.Compare(a.it.Stock, b.it.Stock) },
	"reserved":   func(a, b *itemRow) int { return cmp.Compare(a.it.Reserved, b.it.Reserved) },
	"free":       func(a, b *itemRow) int { return cmp.Compare(a.it.FreeStock(), b.it.FreeStock()) },
	"rate":       func(a, b *itemRow) int { return cmp.Compare(a.perDay, b.perDay) },
	"cover":      func(a, b *itemRow) int { return cmp.Compare(a.cover, b.cover) },
	"price":      func(a, b *itemRow) int { return cmp.Compare(a.it.Public, b.it.Public) },
	"lowest":     func(a, b *itemRow) int { return cmp.Compare(a.it.Lowest30d, b.it.Lowest30d) },
	"margin":     func(a, b *itemRow) int { return cmp.Compare(a.margin, b.margin) },
	"elasticity": func(a, b *itemRow) int { return cmp.Compare(a.elasticity, b.elasticity) },
	"changed":    func(a, b *itemRow) int { return cmp.Compare(a.it.PriceAt, b.it.PriceAt) },
	"rivals":     func(a, b *itemRow) int { return cmp.Compare(a.rivals, b.rivals) },
	"mode":       func(a, b *itemRow) int { return cmp.Compare(modeRank(a.mode), modeRank(b.mode)) },
}

// levelRank puts what needs somebody first.
func levelRank(level string) int {
	return slices.Index([]string{"out", "low", "held", "back", "in"}, level) & 7
}

func modeRank(m pricing.Mode) int {
	return slices.Index([]pricing.Mode{pricing.ModeAuto, pricing.ModeSuggest, pricing.ModeOff}, m)
}

// sortKey is the key of a sort and whether it goes downwards; ok is false for none.
func sortKey(sort string) (key string, down, ok bool) {
	key, down = strings.CutPrefix(sort, "-")
	return key, down, tableKeys[key] != nil
}

// order is the rows by a key, upwards. It is sorted once; a few keys are kept.
func (t *itemTable) order(key string) []int32 {
	if rows := t.sorted(key, nil); rows != nil {
		return rows
	}
	rows := make([]int32, len(t.rows))
	for i := range rows {
		rows[i] = int32(i)
	}
	compare := tableKeys[key]
	slices.SortFunc(rows, func(a, b int32) int { return cmp.Or(compare(&t.rows[a], &t.rows[b]), cmp.Compare(a, b)) })
	return t.sorted(key, rows)
}

// sorted is the kept order of a key, which is made if there is none; nil if none is given either.
func (t *itemTable) sorted(key string, made []int32) []int32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := slices.Index(t.recent, key)
	switch {
	case at >= 0:
		t.recent = append(slices.Delete(t.recent, at, at+1), key)
		return t.orders[key]
	case made == nil:
		return nil
	case len(t.recent) >= tableOrders:
		delete(t.orders, t.recent[0])
		t.recent = slices.Delete(t.recent, 0, 1)
	}
	t.orders[key], t.recent = made, append(t.recent, key)
	return made
}

// matching is every row that q chooses, in its order.
func (t *itemTable) matching(q tableQuery) iter.Seq[*itemRow] {
	words := strings.Fields(strings.ToLower(q.text))
	key, down, ok := sortKey(q.sort)
	if !ok {
		key = "title"
	}
	order := t.order(key)
	return func(yield func(*itemRow) bool) {
		for i := range order {
			at := order[i]
			if down {
				at = order[len(order)-1-i]
			}
			if r := &t.rows[at]; r.matches(&q, words) && !yield(r) {
				return
			}
		}
	}
}

// page is the rows of a page, and how many there are in all.
func (t *itemTable) page(q tableQuery) (rows []*itemRow, all int) {
	for r := range t.matching(q) {
		if all >= q.from && len(rows) < tablePage {
			rows = append(rows, r)
		}
		all++
	}
	return rows, all
}

func (r *itemRow) matches(q *tableQuery, words []string) bool {
	if q.level != "" && r.level != q.level || q.category != "" && !slices.Contains(r.it.Category, q.category) || q.show != "" && !r.shows(q.show) {
		return false
	}
	for _, w := range words {
		if !strings.Contains(r.words, w) {
			return false
		}
	}
	return true
}

// shows says whether a row is one of those that the page of prices is asked for.
func (r *itemRow) shows(show string) bool {
	switch show {
	case "waiting":
		return r.flags&rowWaiting != 0
	case "alert":
		return r.flags&rowAlert != 0
	case "marked":
		return r.flags&rowMarked != 0
	case "known":
		return r.flags&rowKnown != 0
	case "rivals":
		return r.rivals > 0
	}
	return string(r.mode) == show
}

// itemsIn lists the ids of a category's items, in the order of their ids, at most one more than most: of the table where one is given,
// else of the catalog, which takes some hundred milliseconds for a hundred thousand items.
func (n *node) itemsIn(site, category string, most int, table *itemTable) []string {
	var ids []string
	if table != nil {
		for i := range table.rows {
			if it := table.rows[i].it; slices.Contains(it.Category, category) && len(ids) <= most {
				ids = append(ids, it.ID)
			}
		}
		return ids
	}
	for _, it := range n.shop.AllItems(site) {
		if slices.Contains(it.Category, category) {
			if ids = append(ids, it.ID); len(ids) > most {
				break
			}
		}
	}
	return ids
}

// current is the item of a row as it is now; the row's own if it is gone.
func (n *node) current(site string, r *itemRow) *shop.Item {
	if it, ok := n.shop.Item(site, r.it.ID); ok {
		return it
	}
	return r.it
}
