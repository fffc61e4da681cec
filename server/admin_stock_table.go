package main

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"beckon/dashboards/ui"
	"beckon/pricing"
	"beckon/pricing/demand"
	"beckon/server/shop"
)

// itemTables keeps, for sites that somebody looks at, a table of all items with what the pages of stock and prices sort and filter by.
// One goroutine makes a table anew when it is asked for and older than tableFresh; pages use the one there is and say how old it is.
type itemTables struct {
	asks chan string   // sites; full: what waits there is made first, and the page's next look asks again
	live chan struct{} // closed when nothing makes tables any more

	mu    sync.Mutex
	sites map[string]*siteTable
}

type siteTable struct {
	table *itemTable // nil: the first is being made
	asked time.Time
	made  chan struct{} // closed when table is the first
}

// Bounds of the tables. A row takes some 250 bytes; of a larger catalog the table has the first items by their ids, and says so.
const (
	tableFresh = time.Minute
	tableIdle  = 15 * time.Minute // after which nobody looked it is dropped
	tableRows  = 300_000
	tableSites = 8 // the one that was looked at longest ago leaves
	tableBacks = 50
	tableNames = 500 // categories that a filter offers, those of the most items

	tableOrders = 6 // sort keys whose order is kept at once
)

// itemTable is a site's items at one time. Nobody changes it but orders, which keeps what was sorted.
type itemTable struct {
	at         int64 // Unix ms
	took       time.Duration
	total      int // items of the catalog
	rows       []itemRow
	categories []ui.Choice
	back       []int32        // rows that came back in stock lately, the newest first
	modes      map[string]int // items by what the engine may do with them
	learned    int            // items of whose demand something is known

	mu     sync.Mutex
	orders map[string][]int32 // by sort key, upwards
	recent []string           // sort keys, the one used last at the end
}

// itemRow is what a table is sorted and filtered by; what is shown of an item is read anew.
type itemRow struct {
	it         *shop.Item // of the time of the table
	words      string     // title, brand and id in small letters
	level      string
	mode       pricing.Mode
	flags      rowFlags
	rivals     uint8
	perDay     float32 // units expected a day
	cover      float32 // days, +Inf for what does not end
	week       int32
	elasticity float32
	slots      float32
	margin     float32 // fraction of the price, NaN unknown
}

type rowFlags uint8

const (
	rowWaiting rowFlags = 1 << iota
	rowAlert
	rowMarked
	rowKnown
)

func newItemTables() *itemTables {
	return &itemTables{asks: make(chan string, 64), live: make(chan struct{}), sites: map[string]*siteTable{}}
}

// startTables makes the tables that are asked for until the server stops.
func (n *node) startTables(opened *closers) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(n.tables.live)
		idle := time.NewTicker(time.Minute)
		defer idle.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-idle.C:
				n.tables.forget(time.Now())
			case site := <-n.tables.asks:
				n.makeTable(site)
			}
		}
	})
	opened.add("tables of items", func(context.Context) error {
		cancel()
		wg.Wait()
		return nil
	})
}

// itemTable is the site's newest table, nil while the first is being made; a new one is asked for when it is old. wait is how long to wait
// for the first.
func (n *node) itemTable(ctx context.Context, site string, wait time.Duration) *itemTable {
	t := n.tables
	now := time.Now()
	t.mu.Lock()
	s := t.sites[site]
	if s == nil {
		s = &siteTable{made: make(chan struct{})}
		t.sites[site] = s
		t.makeRoom(site)
	}
	s.asked = now
	table, made := s.table, s.made
	t.mu.Unlock()
	if table == nil || n.now().UnixMilli()-table.at > tableFresh.Milliseconds() {
		select {
		case t.asks <- site:
		default:
		}
	}
	if table != nil || wait <= 0 {
		return table
	}
	waiting := time.NewTimer(wait)
	defer waiting.Stop()
	select {
	case <-made:
	case <-waiting.C:
	case <-t.live:
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return s.table
}

// makeRoom drops the table that was looked at longest ago. The caller holds mu.
func (t *itemTables) makeRoom(keep string) {
	if len(t.sites) <= tableSites {
		return
	}
	oldest := ""
	for id, s := range t.sites {
		if id != keep && (oldest == "" || s.asked.Before(t.sites[oldest].asked)) {
			oldest = id
		}
	}
	delete(t.sites, oldest)
}

// forget drops tables that nobody looks at.
func (t *itemTables) forget(now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for id, s := range t.sites {
		if s.table != nil && now.Sub(s.asked) > tableIdle {
			delete(t.sites, id)
		}
	}
}

// makeTable makes a site's table anew, if it is not fresh.
func (n *node) makeTable(site string) {
	t := n.tables
	t.mu.Lock()
	s := t.sites[site]
	t.mu.Unlock()
	if s == nil || s.table != nil && n.now().UnixMilli()-s.table.at <= tableFresh.Milliseconds() {
		return
	}
	table := n.tableOf(site)
	for _, key := range s.usedOrders() { // so that no page has to sort
		table.order(key)
	}
	t.mu.Lock()
	first := s.table == nil
	s.table = table
	t.mu.Unlock()
	if first {
		close(s.made)
	}
}

// usedOrders are the orders that pages ask for first, and those that they asked of the table before. It is of the goroutine that makes
// tables.
func (s *siteTable) usedOrders() []string {
	keys := []string{"cover", "changed"}
	if s.table == nil {
		return keys
	}
	s.table.mu.Lock()
	defer s.table.mu.Unlock()
	return append(keys, s.table.recent...)
}

// tableOf walks a site's whole catalog: some hundred milliseconds for a hundred thousand items.
func (n *node) tableOf(site string) *itemTable {
	begin, at := time.Now(), n.now()
	now := n.clock(site, at)
	items := n.shop.AllItems(site)
	t := &itemTable{at: at.UnixMilli(), total: len(items), modes: map[string]int{}, orders: map[string][]int32{}}
	items = items[:min(len(items), tableRows)]
	t.rows = make([]itemRow, len(items))
	week, month := map[string]int64{}, map[string]bool{}
	if n.demand.Since(site) > 0 {
		for _, c := range n.demand.Slot(nil, site, (now-7*dayMs)/hourMs*hourMs, (now/hourMs+1)*hourMs) {
			week[c.Item] = c.Units
		}
		for _, c := range n.demand.Slot(nil, site, (now/dayMs-59)*dayMs, (now/dayMs+1)*dayMs) {
			month[c.Item] = c.Units > 0
		}
	}
	names := map[string]int{}
	for i, it := range items {
		t.rows[i] = n.itemRow(site, it, now, week[it.ID], month[it.ID])
		r := &t.rows[i]
		if it.Currency != "" {
			t.modes[string(r.mode)]++
		}
		if r.flags&rowKnown != 0 {
			t.learned++
		}
		if it.LastOut > now-3*dayMs && it.FreeStock() > 0 && it.Published {
			t.back = append(t.back, int32(i))
		}
		for _, c := range it.Category {
			names[c]++
		}
	}
	slices.SortFunc(t.back, func(a, b int32) int { return cmp.Compare(t.rows[b].it.LastOut, t.rows[a].it.LastOut) })
	t.back = slices.Clip(t.back[:min(len(t.back), tableBacks)])
	t.categories = nameChoices(names)
	t.took = time.Since(begin)
	return t
}

// nameChoices are names by the alphabet, of many those that occur most.
func nameChoices(names map[string]int) []ui.Choice {
	all := make([]string, 0, len(names))
	for name := range names {
		all = append(all, name)
	}
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(cmp.Compare(names[b], names[a]), strings.Compare(a, b)) })
	all = all[:min(len(all), tableNames)]
	slices.Sort(all)
	out := make([]ui.Choice, len(all))
	for i, name := range all {
		out[i] = ui.Choice{Value: name, Label: name}
	}
	return out
}

// itemRow is one item's row; sold says that it sold in the last 60 days.
func (n *node) itemRow(site string, it *shop.Item, now, week int64, sold bool) itemRow {
	b := n.folds.book.Brief(site, it.ID, it.Category)
	r := itemRow{
		it: it, words: strings.ToLower(it.Title + " " + it.Brand + " " + it.ID), level: levelOf(it), mode: b.Mode, rivals: uint8(min(b.Rivals, 255)),
		cover: float32(math.Inf(1)), week: int32(week), elasticity: float32(b.Elasticity.Mean), slots: float32(b.Slots), margin: float32(math.NaN()),
	}
	for _, f := range [...]struct {
		is   bool
		flag rowFlags
	}{{b.Suggested > 0, rowWaiting}, {b.Alert != "", rowAlert}, {b.Markdown != nil, rowMarked}, {b.Known, rowKnown}} {
		if f.is {
			r.flags |= f.flag
		}
	}
	if it.Cost != shop.Unset && it.Public > 0 {
		r.margin = float32(it.Public-it.Cost) / float32(it.Public)
	}
	if sold {
		r.perDay = float32(n.saleRate(site, it, now).PerDay())
	}
	if it.Stock != shop.Unset && r.perDay > 0 {
		r.cover = float32(demand.Cover(it.FreeStock(), float64(r.perDay)))
	}
	return r
}

// levelOf is an item's level with what its page says besides: held, untracked.
func levelOf(it *shop.Item) string {
	switch {
	case it.Stock == shop.Unset:
		return "untracked"
	case it.Held():
		return "held"
	}
	return it.Level
}
