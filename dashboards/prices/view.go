package prices

import "beckon/dashboards/ui"

// View is the page of all prices.
type View struct {
	Now       int64
	CanChange bool
	Engine    Engine
	Waiting   []Suggestion
	// All is how many suggestions wait, From the place of the first that is shown.
	All, From, Size int
	Attention       []Attention
	List            List
	MovesURL        string // of the fragment that says what the engine would do now; "" where it may do nothing
}

// Engine is what the price engine may do and what holds it.
type Engine struct {
	Mode               string // of the site
	Off, Suggest, Auto int    // items by what it may do with them
	Counted            bool   // those are known
	Learned            int    // items of whose demand something is known
	Items              int
	Frozen             bool // the site is
	FrozenAll          bool // the whole installation is
	FrozenCategories   []string
	FrozenItems        int
	Breaker            Breaker
	Waiting            int
	Running, Scheduled int // markdowns
}

// Breaker is the stop that the catalog's prices have when they move too far in a day.
type Breaker struct {
	Open         bool
	Moved, Limit float64
	Since        int64
}

// Span is an estimate with its 80 % interval.
type Span struct{ Mean, Lo, Hi float64 }

// Suggestion is a price that the engine asks a person for.
type Suggestion struct {
	ID       string
	Item     ui.Item
	Currency string
	Current  int64
	Proposed int64
	Made     int64
	Expires  int64
	Gain     Span // profit a day, minor units
	Known    bool // Gain is known
	Margin   Rate
	MarginTo Rate
	Decision Decision
}

// Rate is a fraction that may be unknown.
type Rate struct {
	V     float64
	Known bool
}

// Decision is what the engine weighed.
type Decision struct {
	At         int64
	Current    int64
	Proposed   int64 // by demand alone
	Price      int64 // after the guardrails
	Best       int64
	Publish    bool
	Reason     string
	Gate       string
	Better     float64 // probability
	Gain       float64 // of profit, fraction
	Elasticity Span
	Units      Span // a day
	Explored   bool
	Market     int64 // competitors' median, 0 for none
	Trace      []Step
	Input      string // hash of all that it was made from
}

// Step is one guardrail's part.
type Step struct {
	Rule          string
	Before, After int64
	Limit         int64 // an amount; of dwell a time
}

// Attention is an item whose price or limits somebody has to look at.
type Attention struct {
	Item     ui.Item
	What     string
	Since    int64
	Price    int64
	Currency string
}

// List is a page of the table of all items.
type List struct {
	Ready      bool
	At         int64
	URL        string
	Total      int
	Capped     int
	Matching   int
	From, Size int
	Rows       []Row
	Q          string
	Category   string
	Show       string
	Sort       string
	Categories []ui.Choice
}

// Row is an item in the table.
type Row struct {
	Item       ui.Item
	Currency   string
	Price      int64
	List       int64
	Lowest     int64 // of the 30 days before this price began
	Margin     Rate
	Elasticity Span
	Known      bool    // of its demand something is
	Days       float64 // of evidence
	At         int64   // since when the price is in force
	Kind       string
	By         string
	Reason     string
	Mode       string
	Frozen     bool
	Suggested  int64 // a price that waits for a person, 0 for none
	Marked     bool
	Alert      string
	Rivals     int // fresh competitors' prices
	Rival      int64
}

// Moves is what the engine would do now.
type Moves struct {
	Now      int64
	Currency string
	Looked   int // items that it was asked about
	Of       int // that it may act on
	Held     int // that it would leave
	Moves    []Move
	More     int  // moves that are not listed
	Sum      Span // of the profit a day that the moves promise, minor units
}

// Move is a price that the engine would publish or suggest.
type Move struct {
	Item     ui.Item
	Currency string
	Current  int64
	Price    int64
	Gain     Span
	Known    bool
	Reason   string
	Mode     string
}
