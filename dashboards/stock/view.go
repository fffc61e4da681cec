package stock

import "beckon/dashboards/ui"

// View is the page of all stock.
type View struct {
	Now       int64
	CanChange bool // the reader may announce markdowns and state stock
	Looked    int64
	Counts    Counts
	Act       []Act
	Surges    []Surge
	Dead      []Dead
	Back      []Back
	Holds     int // open reservations
	List      List
}

// Counts are how many items need somebody, also of those that are not listed.
type Counts struct {
	Out, Low, Surging, Dead int
	DeadValue               int64 // tied up in the dead stock that is listed, minor units
	Currency                string
}

// Act is an item that is out while it is wanted, or about to be.
type Act struct {
	Item     ui.Item
	Kind     string // out, held, low
	Grave    bool
	Since    int64
	Free     int64
	Held     int64
	PerDay   float64 // pieces that would be sold
	Views    int64   // of 24 hours
	Lost     int64   // revenue a day that is not made, minor units; negative: not known well enough
	Currency string
	// Days until it has run out with chances of one in ten, even, nine in ten; 60 stands for later. Of low ones.
	P10, P50, P90 float64
}

// Surge is an item that far more look at than was to be expected.
type Surge struct {
	Item     ui.Item
	Views    int64 // in ten minutes
	Expected float64
	Ratio    float64
	Free     int64   // pieces, negative: not counted
	Cover    float64 // days at this pace, negative: not known
	Spark    []float64
}

// Dead is an item with stock that nobody wants.
type Dead struct {
	Item     ui.Item
	Stock    int64
	Value    int64 // minor units that its stock cost, negative: cost not known
	Currency string
	Idle     int64 // days without a sale, negative: never sold since it is known
	Views    int64 // of 30 days
}

// Back is an item that came back.
type Back struct {
	Item ui.Item
	At   int64
	Free int64
}

// List is a page of the table of all items.
type List struct {
	Ready      bool // false: it is being made
	At         int64
	URL        string // of the fragment, for a list that is not ready
	Total      int    // items of the catalog
	Capped     int    // how many of them the table has, 0 for all
	Matching   int
	From       int // of the first row, from 0
	Size       int // rows of a page
	Rows       []Row
	Q          string
	Category   string
	Level      string
	Sort       string
	Categories []ui.Choice
}

// Row is an item in the table.
type Row struct {
	Item     ui.Item
	Level    string // in low out held back untracked
	Stock    int64  // negative: not counted
	Reserved int64
	Free     int64
	PerDay   float64
	Week     int64   // units of seven days
	Cover    float64 // days; negative: nothing sells, or stock is not counted
	P10, P90 float64 // days until it has run out; 60 stands for later
}

// ItemView is the page of one item.
type ItemView struct {
	Now       int64
	CanChange bool
	Item      ui.Item
	Brand     string
	Category  []string
	Level     string
	Stock     int64
	Reserved  int64
	Free      int64
	LowStock  int64 // pieces at or below which it is low
	Changed   int64
	CameBack  int64 // when there were pieces again after there were none, 0 never
	Hidden    bool  // not published
	PerDay    float64
	Cover     float64
	P10       float64
	P50       float64
	P90       float64
	Windows   []Window
	Past      []Day
	Ahead     []Ahead
	Method    string  // weekday holt_winters seasonal_naive rate
	Error     float64 // of the method against repeating the last week: below 1 is better; 0 not known
	Changes   []Change
	Holds     []Hold
	HoldsAll  bool // false: there are too many to list
	Form      Form
}

// Window is what was done with the item in a time that ends now.
type Window struct {
	Name     string // 10m 1h 24h 7d
	Views    int64
	Carts    int64
	Units    int64
	Revenue  int64 // minor units, negative: not known
	Expected float64
	Known    bool // Expected is known
	Currency string
}

// Day is what was done with it in one past UTC day.
type Day struct {
	At           int64
	Views, Units int64
}

// Ahead is what a coming UTC day is expected to sell.
type Ahead struct {
	At           int64
	Mean, Lo, Hi float64
}

// Change is a change of the item's stock.
type Change struct {
	At     int64
	By     string
	Before int64 // negative: not counted
	After  int64
	Href   string // of the audit page
}

// Hold is pieces that a cart at checkout holds.
type Hold struct {
	ID       string
	Pieces   int64
	Made     int64
	Expires  int64
	MorePart int // other items in the same reservation
}

// Form is what was typed to state the stock, and what was wrong with it.
type Form struct {
	Count, Note           string
	CountError, NoteError string
	Problem               string // what is wrong with the whole
}
