package prices

import "beckon/dashboards/ui"

// ItemView is the page of one item's price.
type ItemView struct {
	Now        int64
	CanChange  bool
	Item       ui.Item
	Currency   string
	Price      int64
	List       int64
	Cost       int64 // negative: not known
	Floor      int64 // the lowest allowed
	Ceiling    int64 // the highest allowed, 0 for any
	Lowest     int64 // of the 30 days before this price began
	Prior      int64 // of the 30 days up to now: what a markdown that began now would name
	At         int64
	Begun      int64  // when the catalog got the item
	Shown      string // list dynamic manual markdown
	Margin     Rate
	Mode       string
	Frozen     bool
	MovableAt  int64
	Slot       int64 // length of an observation, ms
	Marked     *Marked
	Suggestion *Suggestion
	Alert      string
	AlertAt    int64
	Belief     Belief
	Curve      []Point
	History    []Line // newest first
	Cut        bool   // there are older ones in the log
	Decision   *Decision
	Rivals     []Rival
	Markets    []Market
	Try        Try
	Trial      *Trial // of the typed price; nil: none is typed yet
	// Ask is the time that was asked about, as a datetime field has it; AskURL the fragment that answers.
	Ask, AskError, AskURL string
}

// Marked is the announced reduction that an item has.
type Marked struct {
	ID        string
	Reference int64
	Before    int64
	Until     int64
}

// Belief is what is believed of the item's demand, for those who never heard of elasticity.
type Belief struct {
	Known      bool
	Slots      float64 // observations it rests on
	Days       float64 // as days
	Elasticity Span
	Dearer     Span // what a price a tenth higher changes of the sales, fraction
	Cheaper    Span // … a tenth lower
	Units      Span // a day at the present price
	Best       int64
	Better     float64 // probability that Best earns more
	Gain       float64
	Shifts     int // times that demand was found to have changed
	Shifted    int64
	CostKnown  bool
}

// Point is the demand at a price, a day.
type Point struct {
	Price int64
	Units Span
}

// Line is one line of the history.
type Line struct {
	At       int64
	Version  uint64
	Kind     string
	By       string
	Market   string
	Before   int64
	After    int64
	Reason   string
	Over     []string
	Moved    bool
	Times    int    // more than 1: so many decisions one after the other that said the same, this the last
	UndoURL  string // posts the undo of this version; "" where it cannot be taken back
	Markdown string
}

// Rival is another shop's price.
type Rival struct {
	Source string
	Price  int64
	At     int64
	Fresh  bool
}

// Market is the item's price in another market.
type Market struct {
	Name     string
	Currency string
	Price    int64
	List     int64
	Lowest   int64
	At       int64
}

// Try is what was typed into the form that tries a price, and what was wrong with it.
type Try struct {
	Amount, Market, Note string
	Force                bool
	AmountError          string
	NoteError            string
	ForceError           string
	Problem              string
	Markets              []ui.Choice
	PreviewURL           string
}

// Trial is what is to be expected of a price before it is applied.
type Trial struct {
	Error     string // of the typed amount, and nothing else is known
	Currency  string
	Market    string
	Current   int64
	Amount    int64
	Known     bool
	CostKnown bool
	Before    Daily
	After     Daily
	Change    Daily
	Share     Span
	Better    float64
	Beyond    bool
	Engine    int64
	Moved     bool // the engine's guardrails would publish a price other than the one in force
	Trace     []Step
	Refused   string // a code; "" where a person may set it
	Over      []string
	Instead   int64
	Reference int64
	Reduced   bool
	Rivals    Rivals
}

// Daily is what a price brings in a day.
type Daily struct{ Units, Revenue, Profit Span }

// Rivals is where a price stands among competitors.
type Rivals struct {
	Known                   int
	Lowest, Median, Highest int64
	Below                   int
}

// Explanation is which price was in force at a time, and why.
type Explanation struct {
	Error    string // nothing is known of it: why
	Currency string
	Asked    int64
	Amount   int64
	Version  uint64
	From     int64
	Until    int64
	Kind     string
	By       string
	Before   int64
	Reason   string
	Markdown *Marked
	Over     []string
	Trace    []Step
	Decision *Decision
	Later    int
	LaterAt  int64
	LaterWhy string
	Partly   bool // the log would know more
}
