package history

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"beckon/clickstream"
)

// hit is an event with what the folds found of it and what ClickHouse should make of it.
type hit struct {
	clickstream.Event
	seq                   uint64
	late, machine, repeat bool
	device, source        string
}

// world is everything that was stored, in the order of the log.
type world struct {
	rand *rand.Rand
	hits []hit
	recs int
}

// worldStart is a Monday.
var worldStart = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).UnixMilli()

const worldDays = 28

var (
	worldAgents = []struct{ agent, device string }{
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "desktop"},
		{"Mozilla/5.0 (Linux; Android 14) Mobile", "mobile"},
		{"Mozilla/5.0 (iPad; CPU OS 17_0)", "tablet"},
		{"", "other"},
	}
	worldLandings = []struct{ url, ref, source string }{
		{"https://shop.example/?utm_source=News", "", "news"},
		{"https://shop.example/a", "https://www.search.example/q", "search.example"},
		{"https://shop.example/b", "", direct},
		{"https://shop.example/c", "https://shop.example/", direct},
	}
	worldPlacements = []string{"home", "product", "cart"}
	worldReasons    = []string{"similar", "popular", "recent"}
	worldTerms      = []string{"Shoe", "shoe ", "hat", "HAT", "blue scarf", "zzz"}
)

// newWorld is two shops with the same visitors and items, four weeks long.
func newWorld(seed uint64, visitors int) *world {
	w := &world{rand: rand.New(rand.NewPCG(seed, 1))}
	for visitor := range visitors {
		for range 1 + w.rand.IntN(6) {
			site := "one"
			if w.rand.IntN(4) == 0 {
				site = "two"
			}
			w.visit(site, fmt.Sprint("v", visitor), visitor%9 == 0)
		}
	}
	// The log is nearly in order of time; what is late comes with the others of another day.
	slices.SortStableFunc(w.hits, func(a, b hit) int { return cmp.Compare(a.Received, b.Received) })
	sold := map[string]bool{}
	for i := range w.hits {
		h := &w.hits[i]
		h.seq = uint64(i) + 10
		h.ID = fmt.Sprint("e", i)
		if h.Kind == clickstream.Purchase && h.Transaction != "" {
			h.repeat = sold[h.Site+h.Transaction]
			sold[h.Site+h.Transaction] = true
		}
	}
	return w
}

func (w *world) visit(site, visitor string, machine bool) {
	agent, landing := worldAgents[w.rand.IntN(len(worldAgents))], worldLandings[w.rand.IntN(len(worldLandings))]
	at := worldStart + w.rand.Int64N(worldDays*dayMs)
	end := worldStart + worldDays*dayMs
	add := func(kind clickstream.Kind, change func(h *hit)) {
		// Many events share a millisecond.
		if w.rand.IntN(3) > 0 {
			at += w.rand.Int64N(300) * 1000
		}
		h := hit{machine: machine, device: agent.device, source: direct}
		h.Site, h.Visitor, h.Kind, h.Name, h.UserAgent = site, visitor, kind, kind.String(), agent.agent
		h.Time, h.URL, h.Consent = at, "https://shop.example/x", 3
		h.Received = at + w.rand.Int64N(2000)
		if w.rand.IntN(15) == 0 {
			h.late, h.Received = true, at+w.rand.Int64N(5*dayMs)
		}
		if change != nil {
			change(&h)
		}
		if h.Time < end {
			w.hits = append(w.hits, h)
		}
	}
	add(clickstream.PageView, func(h *hit) { h.URL, h.Ref, h.source = landing.url, landing.ref, landing.source })
	for range w.rand.IntN(12) {
		switch w.rand.IntN(7) {
		case 0:
			add(clickstream.Search, func(h *hit) {
				h.SearchTerm = worldTerms[w.rand.IntN(len(worldTerms))]
				h.Props = []string{"", "", `{"results":0}`, `{"results":12}`, `{"results":"0"}`}[w.rand.IntN(5)]
			})
		case 1, 2:
			w.recommend(add)
		case 3:
			add(clickstream.AddToCart, func(h *hit) { h.Items = w.items(1) })
		case 4:
			w.buy(add)
		default:
			add(clickstream.ViewItem, func(h *hit) { h.Items = w.items(1 + w.rand.IntN(5)/4) })
		}
	}
}

// recommend shows items, which may then be clicked, with another's recommendation now and then.
func (w *world) recommend(add func(clickstream.Kind, func(*hit))) {
	w.recs++
	rec := fmt.Sprint("r", w.recs)
	var shown []clickstream.Item
	add(clickstream.Impression, func(h *hit) {
		h.Generated, h.RecID, h.Placement, h.Items = true, rec, worldPlacements[w.rand.IntN(3)], w.items(1+w.rand.IntN(4))
		for i := range h.Items {
			h.Items[i].Reason = worldReasons[w.rand.IntN(3)]
		}
		shown = h.Items
	})
	if w.rand.IntN(2) == 0 { // what came into view
		add(clickstream.Impression, func(h *hit) {
			h.RecID, h.Placement, h.Items = rec, worldPlacements[0], slices.Clone(shown[:1])
			h.Items[0].Reason = ""
		})
	}
	for range w.rand.IntN(4) {
		kind := []clickstream.Kind{clickstream.SelectItem, clickstream.ViewItem, clickstream.AddToCart}[w.rand.IntN(3)]
		add(kind, func(h *hit) {
			h.RecID, h.Items = rec, []clickstream.Item{shown[w.rand.IntN(len(shown))]}
			h.Items[0].Reason = ""
			if w.rand.IntN(8) == 0 {
				h.RecID = fmt.Sprint("r", 1+w.rand.IntN(w.recs))
			}
		})
	}
}

func (w *world) buy(add func(clickstream.Kind, func(*hit))) {
	currency := []string{"EUR", "USD"}[w.rand.IntN(2)]
	var bought hit
	add(clickstream.Purchase, func(h *hit) {
		h.Items, h.Currency, h.Value = w.items(1+w.rand.IntN(4)), currency, w.rand.Int64N(3)*1000
		h.Transaction = fmt.Sprint("t", w.rand.IntN(1<<20))
		bought = *h
	})
	if w.rand.IntN(5) == 0 { // told again
		add(clickstream.Purchase, func(h *hit) {
			h.Items, h.Currency, h.Value, h.Transaction = bought.Items, currency, bought.Value, bought.Transaction
		})
	}
	for range w.rand.IntN(3) {
		add(clickstream.Refund, func(h *hit) {
			h.Time += w.rand.Int64N(4 * dayMs)
			h.Received = h.Time
			h.late, h.UserAgent, h.device, h.Transaction = false, "", "other", bought.Transaction
			switch w.rand.IntN(4) {
			case 0:
				h.Value = 1 + w.rand.Int64N(1500)
			case 1:
				h.Items = []clickstream.Item{bought.Items[0]}
				h.Items[0].Price = []int64{clickstream.NoPrice, 150}[w.rand.IntN(2)]
			case 2:
				h.Transaction = "unknown"
			}
		})
	}
}

func (w *world) items(n int) []clickstream.Item {
	list := make([]clickstream.Item, n)
	for i := range list {
		id := w.rand.IntN(12) * w.rand.IntN(12) / 11 // skewed
		list[i] = clickstream.Item{ID: fmt.Sprint("i", id), Price: int64(id)*100 + 50, Quantity: 1 + w.rand.Int64N(3)}
		if w.rand.IntN(10) == 0 {
			list[i].Price = clickstream.NoPrice
		}
	}
	return list
}

// storeHits inserts hits in a few blocks.
func storeHits(t testing.TB, db *DB, hits []hit) {
	t.Helper()
	const columns = "seq, site, name, kind, time, received, visitor, id, generated, consent, url, ref, currency, value, transaction, search_term, placement, rec_id, " +
		"props, user_agent, `items.id`, `items.price`, `items.quantity`, `items.category`, `items.propensity`, `items.reason`, late, machine, repeat"
	for part := range slices.Chunk(hits, 1+len(hits)/3) {
		batch, err := db.PrepareBatch(t.Context(), "INSERT INTO events ("+columns+")")
		if err != nil {
			t.Fatal(err)
		}
		for i := range part {
			h := &part[i]
			var ids, categories, reasons []string
			var prices, quantities []int64
			var propensities []float32
			for _, it := range h.Items {
				ids, categories, reasons = append(ids, it.ID), append(categories, it.Category), append(reasons, it.Reason)
				prices, quantities, propensities = append(prices, it.Price), append(quantities, it.Quantity), append(propensities, it.Propensity)
			}
			err := batch.Append(h.seq, h.Site, h.Name, uint8(h.Kind), time.UnixMilli(h.Time), time.UnixMilli(h.Received), h.Visitor, h.ID, h.Generated,
				uint8(h.Consent), h.URL, h.Ref, h.Currency, h.Value, h.Transaction, h.SearchTerm, h.Placement, h.RecID,
				h.Props, h.UserAgent, ids, prices, quantities, categories, propensities, reasons, h.late, h.machine, h.repeat)
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := batch.Send(); err != nil {
			t.Fatal(err)
		}
	}
}
