package overview

import "beckon/dashboards/ui"

// View is what the page shows.
type View struct {
	Setup *Setup // instead of everything else while nothing has come
	Now   int64  // Unix ms of the shop's clock
	Since int64  // from when on there are numbers, Unix ms; 0 if they reach back a week

	Active, Events, Orders, Revenue, Conversion, Average, Carts, Visits Tile

	Rate Rate
	Day  Day

	InProgress []int64 // visits of the last 30 minutes that came at least so far: all, looked, carted, checkout, ordered
	Today      []int64 // visits that began today, likewise

	Needs    []Need
	Viewed   []Viewed
	Searches []Search
	Newest   []Order
	Devices  []Share // of the visits in progress
	Sources  []Share
}

// Tile is a number now and at the same time last week. Before is NaN where there is none.
type Tile struct {
	Value       string
	Now, Before float64 // in the same unit
	Note        string
	Spark       []float64
}

// Rate is the events of the last five minutes.
type Rate struct {
	X                []int64 // Unix ms
	People, Machines []float64
}

// Day is the visits of today and of the same day last week. What has not come yet is NaN.
type Day struct {
	X               []int64
	Today, LastWeek []float64
}

// Need is something that waits for a person.
type Need struct {
	Text, Href, Link string
	Tone             string // bad warn info
}

// Viewed is an item that many look at now.
type Viewed struct {
	Item  ui.Item
	Views int
	Stock string // as words; "" if it is not kept
	Tone  string // of Stock
}

// Search is a term with how often it was asked for.
type Search struct {
	Term  string
	Times int
	Found string // address of the live page with this search
}

// Order is one without a name: when, how much, of what.
type Order struct {
	At     int64 // Unix ms
	Value  string
	Item   ui.Item
	Others int // items besides the first
}

// Share is a part of the visits in progress.
type Share struct {
	Label  string
	Visits int64
	Of     int64
}

// Setup is what a shop does first.
type Setup struct {
	Script   string // the tag to put on every page
	Keys     string // address of the page with keys, "" for who may not see it
	Waiting  bool   // the script has been seen, no visit yet
	CatalogN int    // items in the catalog
}
