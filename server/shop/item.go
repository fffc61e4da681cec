package shop

import (
	"encoding/json"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// Unset is an amount or a stock that was not given: an item without stock is not tracked and always available.
const Unset = -1

// Levels of stock, as shoppers see them.
const (
	LevelIn   = "in"
	LevelLow  = "low"
	LevelOut  = "out"
	LevelBack = "back" // it was out, and no stock has been stated since it returned
)

// Item is one version of a catalog item. Values are shared between readers: nobody changes one.
type Item struct {
	ID         string
	Title      string
	URL        string // http, https or a path
	Image      string // http, https or a path
	Category   []string
	Brand      string
	Currency   string // ISO 4217, "" for an item without a price
	Price      int64  // the shop's list price in minor units, meaningful with a Currency
	Cost       int64  // minor units or Unset
	Floor      int64  // minor units or Unset
	Ceiling    int64  // minor units or Unset
	Stock      int64  // pieces, or Unset for an item that is not tracked
	LowStock   int64  // pieces at or below which it is low, Unset for the site's
	Published  bool
	Tags       []string
	Group      string // variants of one product share it
	Markets    map[string]MarketPrice
	Attributes jsontext.Value // a JSON object, nil if none

	Offered                      // the price in force in the base market
	Elsewhere map[string]Offered // and in each of Markets

	Level    string // in, low, out, back
	Reserved int64  // pieces that carts at checkout hold
	LastOut  int64  // Unix ms at which there were pieces again after there were none, 0 never
	Created  int64  // Unix ms
	Changed  int64  // Unix ms of the last upsert or stock change

	inexact bool   // Stock was clamped by a delta or a commit and not set since: its number is not told
	scarce  bool   // what is there covers less than two days of demand, as was said last
	byCover bool   // Level is low because of scarce alone
	written uint64 // offset of the last upsert
}

// MarketPrice is an item's price in one market.
type MarketPrice struct {
	Price    int64  `json:"price"`
	Currency string `json:"currency"`
}

// FreeStock is the number of pieces that nobody holds, or Unset for an item that is not tracked.
func (it *Item) FreeStock() int64 {
	if it.Stock == Unset {
		return Unset
	}
	return max(0, it.Stock-it.Reserved)
}

// Scarce says whether its stock covers less than two days of demand, as item.cover said last.
func (it *Item) Scarce() bool { return it.scarce }

// Available says whether the item may be offered: published, and a piece of it is free.
func (it *Item) Available() bool { return it.Published && it.FreeStock() != 0 }

// itemJSON is an item on its way in and out: pointers are absent fields.
type itemJSON struct {
	ID         string                 `json:"item_id"`
	Title      string                 `json:"title,omitempty"`
	URL        string                 `json:"url,omitempty"`
	Image      string                 `json:"image,omitempty"`
	Category   []string               `json:"category,omitempty"`
	Brand      string                 `json:"brand,omitempty"`
	Price      *int64                 `json:"price,omitempty"`
	Currency   string                 `json:"currency,omitempty"`
	Cost       *int64                 `json:"cost,omitempty"`
	Stock      *int64                 `json:"stock,omitempty"`
	Floor      *int64                 `json:"floor,omitempty"`
	Ceiling    *int64                 `json:"ceiling,omitempty"`
	Tags       []string               `json:"tags,omitempty"`
	Published  *bool                  `json:"published,omitempty"`
	Group      string                 `json:"group,omitempty"`
	LowStock   *int64                 `json:"low_stock,omitempty"`
	Markets    map[string]MarketPrice `json:"markets,omitempty"`
	Attributes jsontext.Value         `json:"attributes,omitempty"`
}

func (it *Item) wire() itemJSON {
	w := itemJSON{
		ID: it.ID, Title: it.Title, URL: it.URL, Image: it.Image, Category: it.Category, Brand: it.Brand, Currency: it.Currency,
		Cost: given(it.Cost), Stock: given(it.Stock), Floor: given(it.Floor), Ceiling: given(it.Ceiling), LowStock: given(it.LowStock),
		Tags: it.Tags, Published: &it.Published, Group: it.Group, Markets: it.Markets, Attributes: it.Attributes,
	}
	if it.Currency != "" {
		w.Price = &it.Price
	}
	return w
}

func given(v int64) *int64 {
	if v == Unset {
		return nil
	}
	return &v
}

// MarshalJSON is the item as PUT /v1/items takes it, plus the price in force and its version, lowest_30d, level, left, reserved,
// created and changed.
func (it *Item) MarshalJSON() ([]byte, error) {
	out := struct {
		itemJSON
		Level     string `json:"level"`
		Left      *int64 `json:"left,omitempty"`
		Reserved  int64  `json:"reserved,omitempty"`
		Public    *int64 `json:"public,omitempty"`
		Version   uint64 `json:"version,omitempty"`
		Lowest30d *int64 `json:"lowest_30d,omitempty"`
		Created   int64  `json:"created"`
		Changed   int64  `json:"changed"`
	}{itemJSON: it.wire(), Level: it.Level, Reserved: it.Reserved, Created: it.Created, Changed: it.Changed}
	if left, ok := it.Left(); ok {
		out.Left = &left
	}
	if it.Currency != "" {
		out.Public, out.Version, out.Lowest30d = &it.Public, it.Version, &it.Lowest30d
	}
	return json.Marshal(out)
}

func (it *Item) inCategory(name string) bool { return slices.Contains(it.Category, name) }
