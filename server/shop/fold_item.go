package shop

import (
	"slices"
	"unique"

	json "github.com/go-json-experiment/json"
)

const defaultMaxItems = 2_000_000

// itemPut replaces an item by the record's, all of it but what StockMode keeps.
func (f *fold) itemPut(s *siteState, c *control, offset uint64, changes []Change) (outcome, []Change, error) {
	if c.Item == nil || c.Item.ID == "" {
		return outcome{refused: refuse("missing_item", "item_id: missing")}, changes, nil
	}
	was := s.catalog.get(c.Item.ID)
	if was == nil && c.Max > 0 && s.catalog.count.Load() >= int64(c.Max) {
		return outcome{refused: refuse("too_many_items", "item_id: the catalog is full at %d items", c.Max)}, changes, nil
	}
	it := c.Item.item()
	it.Created, it.Changed, it.written = f.now, f.now, offset
	stated := c.StockMode == stockGiven
	if was != nil {
		it.Created, it.LastOut, it.scarce = was.Created, was.LastOut, was.scarce
		if c.StockMode == stockKeep || c.StockMode == stockSome && was.Stock > 0 {
			it.Stock, it.inexact = was.Stock, was.inexact
		}
		stated = stated || it.Stock != was.Stock
	}
	it.setPrices(was, offset, f.now)
	it.Reserved = s.holds.pieces[it.ID]
	s.setLevel(was, it, stated)
	return outcome{}, f.replace(s, was, it, false, offset, changes), nil
}

func (f *fold) itemDelete(s *siteState, c *control, offset uint64, changes []Change) (outcome, []Change, error) {
	was := s.catalog.get(c.ID)
	if was == nil {
		return outcome{refused: refuse("unknown_item", "item_id: the catalog has no %q", c.ID)}, changes, nil
	}
	s.catalog.remove(c.ID)
	f.touched = append(f.touched, touch{s.site.ID, was, nil})
	return outcome{}, append(changes, Change{Site: s.site.ID, Item: c.ID, Stock: true, Price: true, Listed: true, Offset: offset}), nil
}

// itemCover takes the word of who knows demand about whether what is there covers two days of it.
func (f *fold) itemCover(s *siteState, c *control, offset uint64, changes []Change) (outcome, []Change, error) {
	var said coverJSON
	if err := json.Unmarshal(c.Body, &said); err != nil {
		return outcome{refused: refuse("bad_cover", "body: want {\"low\":true} or {\"low\":false}")}, changes, nil
	}
	was := s.catalog.get(c.ID)
	if was == nil {
		return outcome{refused: refuse("unknown_item", "item_id: the catalog has no %q", c.ID)}, changes, nil
	}
	it := new(Item)
	*it = *was
	it.scarce = said.Low
	s.setLevel(was, it, false)
	return outcome{}, f.replace(s, was, it, false, offset, changes), nil
}

// coverJSON is the body of item.cover.
type coverJSON struct {
	Low bool `json:"low"`
}

// replace makes it the current version and says what shoppers can see of the difference. sale says that pieces were sold.
func (f *fold) replace(s *siteState, was, it *Item, sale bool, offset uint64, changes []Change) []Change {
	if was != nil && was.Stock == 0 && it.Stock != 0 {
		it.LastOut = f.now
	}
	s.catalog.put(it)
	f.touched = append(f.touched, touch{s.site.ID, was, it})
	ch := Change{Site: s.site.ID, Item: it.ID, Offset: offset, Now: it}
	if was == nil {
		ch.Stock, ch.Price, ch.Listed = true, it.Currency != "", true
	} else {
		ch.Stock, ch.Price, ch.Listed = !sameLeft(was, it), !sameOffer(was, it), was.Published != it.Published
		ch.Sold = sale && was.Stock > 0 && it.Stock == 0
	}
	if ch.Stock || ch.Price || ch.Listed {
		changes = append(changes, ch)
	}
	return changes
}

// lowStock is the threshold of it: its own, else the site's, else the default.
func (s *siteState) lowStock(it *Item) int64 {
	switch {
	case it.LowStock != Unset:
		return it.LowStock
	case s.site.LowStock != nil:
		return *s.site.LowStock
	}
	return DefaultLowStock
}

// item is w as the catalog keeps it. Words that many items share are kept once.
func (w *itemJSON) item() *Item {
	it := &Item{
		ID: w.ID, Title: w.Title, URL: w.URL, Image: w.Image, Brand: shared(w.Brand), Group: w.Group,
		Category: sharedAll(w.Category), Tags: sharedAll(w.Tags), Markets: w.Markets, Attributes: slices.Clip(w.Attributes),
		Cost: orUnset(w.Cost), Floor: orUnset(w.Floor), Ceiling: orUnset(w.Ceiling), Stock: orUnset(w.Stock), LowStock: orUnset(w.LowStock),
		Published: w.Published == nil || *w.Published,
	}
	if w.Price != nil {
		it.Price, it.Currency = *w.Price, shared(w.Currency)
	}
	return it
}

func shared(s string) string { return unique.Make(s).Value() }

func sharedAll(list []string) []string {
	list = slices.Clip(list)
	for i, s := range list {
		list[i] = shared(s)
	}
	return list
}

func orUnset(v *int64) int64 {
	if v == nil {
		return Unset
	}
	return *v
}
