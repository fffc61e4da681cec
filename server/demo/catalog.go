package demo

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"

	"beckon/web/text"
)

// Currency is what the demo shop's prices are in.
const Currency = "EUR"

// lowStock is at how many pieces shoppers are told the number.
const lowStock = 5

// Item is one thing that the demo shop sells.
type Item struct {
	ID       string
	Title    string
	Brand    string
	Colour   string
	Category string // id of a Category
	Kind     string
	Series   string
	Price    int64 // minor units of Currency, as first listed
	Stock    int64 // as first stocked

	demand float64  // how often it is looked for, 1 is usual
	goes   []string // ids of what is bought with it, the closest first
	words  string   // lower case: what is said of it in every language
}

// URL is the item's page.
func (it *Item) URL() string { return "/shop/p/" + it.ID }

// Picture is the address of the item's image.
func (it *Item) Picture() string { return "/shop/pictures/" + it.ID + ".svg" }

// Catalog is what the demo shop sells. It is read only.
type Catalog struct {
	Seed  uint64
	Items []Item // in the order in which categories show them
	byID  map[string]*Item
}

// NewCatalog makes the catalog of a seed: the same items for every seed, with other prices, stock and demand.
func NewCatalog(seed uint64) *Catalog {
	c := &Catalog{Seed: seed, byID: map[string]*Item{}}
	r := rand.New(rand.NewPCG(seed, 1))
	for _, k := range kinds {
		for _, s := range lines {
			c.Items = append(c.Items, newItem(r, &k, &s))
		}
	}
	for i := range c.Items {
		c.byID[c.Items[i].ID] = &c.Items[i]
	}
	for i := range c.Items {
		c.Items[i].match(r)
		c.Items[i].words = strings.ToLower(c.Items[i].said())
	}
	return c
}

func newItem(r *rand.Rand, k *kind, s *series) Item {
	it := Item{
		ID: s.id + "-" + k.id, Title: s.name + " " + k.name, Brand: s.brand, Colour: s.colour,
		Category: k.category, Kind: k.id, Series: s.id,
		Price:  shelfPrice(float64(k.price) * s.factor * (0.92 + 0.16*r.Float64())),
		Stock:  12 + r.Int64N(48),
		demand: k.demand * (0.4 + 2.4*r.Float64()*r.Float64()),
	}
	switch p := r.Float64(); {
	case p < 0.02:
		it.Stock = 0
	case p < 0.12:
		it.Stock = 1 + r.Int64N(lowStock)
	}
	return it
}

// shelfPrice rounds to what stands on price tags: x.90 below 100, whole multiples of 5 less 1 above.
func shelfPrice(p float64) int64 {
	if p < 10000 {
		return max(int64(p/100)*100+90, 490)
	}
	return int64(p/500)*500 + 400
}

// match names what goes with an item: the kinds that belong to it, in its own series first, and once in another.
func (it *Item) match(r *rand.Rand) {
	k := kinds[slices.IndexFunc(kinds, func(k kind) bool { return k.id == it.Kind })]
	for _, other := range k.goes {
		it.goes = append(it.goes, it.Series+"-"+other)
	}
	for _, other := range k.goes {
		it.goes = append(it.goes, lines[r.IntN(len(lines))].id+"-"+other)
	}
}

// Item finds an item by its id, nil if there is none.
func (c *Catalog) Item(id string) *Item { return c.byID[id] }

// InCategory is a category's items, of one kind if kind is not empty.
func (c *Catalog) InCategory(category, kind string) []*Item {
	var out []*Item
	for i := range c.Items {
		if it := &c.Items[i]; it.Category == category && (kind == "" || it.Kind == kind) {
			out = append(out, it)
		}
	}
	return out
}

// about describes the item.
func (it *Item) about(p *text.Printer) string { return p.T("shop.about_" + it.Kind) }

// colour is the item's colour, named.
func (it *Item) colour(p *text.Printer) string { return p.T("shop.colour_" + it.Series) }

// said is all that is said of the item.
func (it *Item) said() string {
	all := []string{it.Title, it.Brand, it.Category}
	for _, lang := range text.Languages() {
		p := text.For(lang[0])
		all = append(all, it.colour(p), p.T("shop.kinds_"+it.Kind), categoryOf(it.Category).name(p), it.about(p))
	}
	return strings.Join(all, " ")
}

// Search is the items that have every word of query in what is said of them, those with all in the title first, at most limit.
func (c *Catalog) Search(query string, limit int) []*Item {
	words := strings.Fields(strings.ToLower(query))
	if len(words) == 0 {
		return nil
	}
	var first, second []*Item
	for i := range c.Items {
		it := &c.Items[i]
		title := strings.ToLower(it.Title)
		has := func(text string) bool {
			return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
		}
		switch {
		case has(title):
			first = append(first, it)
		case has(it.words):
			second = append(second, it)
		}
	}
	out := append(first, second...)
	return out[:min(len(out), limit)]
}

// WriteNDJSON writes the catalog as PUT /v1/items takes it.
func (c *Catalog) WriteNDJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	for i := range c.Items {
		if err := enc.Encode(c.Items[i].line(c.Items[i].Price, true)); err != nil {
			return fmt.Errorf("write item %s: %w", c.Items[i].ID, err)
		}
	}
	return nil
}

// line is an item as the API takes it. Without stock the server keeps the stock it knows.
func (it *Item) line(price int64, stock bool) map[string]any {
	line := map[string]any{
		"item_id": it.ID, "title": it.Title, "url": it.URL(), "image": it.Picture(),
		"category": []string{it.Category, it.Kind}, "brand": it.Brand, "price": price, "currency": Currency,
		"tags": []string{it.Series, it.Colour}, "low_stock": lowStock,
		"cost": it.Price * 55 / 100, "floor": it.Price * 70 / 100, "ceiling": it.Price * 120 / 100,
		"attributes": map[string]string{"colour": it.Colour, "series": it.Series},
	}
	if stock {
		line["stock"] = it.Stock
	}
	return line
}
