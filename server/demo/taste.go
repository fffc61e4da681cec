package demo

import (
	"math"
	"math/rand/v2"
	"time"
)

// taste is what a shopper likes.
type taste struct {
	category map[string]float64 // factor of demand, 1 is indifferent
	series   map[string]float64
	thrift   float64 // 0 takes any price, 1 looks at every cent
	intent   float64 // 0 looks around, 1 came to buy
}

// newTaste draws a taste: one or two departments, and a line of design or two that everything should fit.
func newTaste(r *rand.Rand) taste {
	t := taste{category: map[string]float64{}, series: map[string]float64{}, thrift: r.Float64(), intent: 0.15 + 0.85*r.Float64()}
	for range 1 + r.IntN(2) {
		t.category[categories[r.IntN(len(categories))].ID] = 6
	}
	for range 1 + r.IntN(2) {
		t.series[lines[r.IntN(len(lines))].id] = 7
	}
	return t
}

// likes is how much a shopper of this taste is drawn to an item, relative to others.
func (t *taste) likes(it *Item, at moment) float64 {
	u := it.demand * at.boost(it)
	if f, ok := t.category[it.Category]; ok {
		u *= f
	}
	if f, ok := t.series[it.Series]; ok {
		u *= f
	}
	return u * math.Exp(-t.thrift*float64(it.Price)/20000)
}

const (
	waveLength = 40 * time.Minute // a season of the demo
	hotLength  = 3 * time.Minute  // how long something is talked about
	hotItems   = 4
)

// moment is what is wanted at a time: departments come and go like seasons, and a few items are talked about for minutes.
type moment struct {
	season map[string]float64
	hot    map[string]bool
}

// momentAt is the same for all shoppers of a seed.
func momentAt(c *Catalog, t time.Time) moment {
	m := moment{season: map[string]float64{}, hot: map[string]bool{}}
	for i, cat := range categories {
		phase := float64(t.UnixMilli()%waveLength.Milliseconds())/float64(waveLength.Milliseconds()) + float64(i)/float64(len(categories))
		m.season[cat.ID] = 1 + 0.8*math.Sin(2*math.Pi*phase)
	}
	r := rand.New(rand.NewPCG(c.Seed, uint64(t.UnixMilli()/hotLength.Milliseconds())))
	for range hotItems {
		m.hot[c.Items[r.IntN(len(c.Items))].ID] = true
	}
	return m
}

func (m *moment) boost(it *Item) float64 {
	b := m.season[it.Category]
	if m.hot[it.ID] {
		b *= 25
	}
	return b
}

// choose draws one of items with probability proportional to weight.
func choose[T any](r *rand.Rand, items []T, weight func(T) float64) (T, bool) {
	total := 0.0
	for _, it := range items {
		total += weight(it)
	}
	at := r.Float64() * total
	for _, it := range items {
		if at -= weight(it); at < 0 {
			return it, true
		}
	}
	var none T
	return none, false
}
