package experiments

import (
	"github.com/a-h/templ"

	"beckon/dashboards/ui"
)

// View is all that is being tried out in a shop.
type View struct {
	Now      int64 // Unix ms
	Holdouts []Holdout
	Prices   Prices
}

// Holdout is a campaign with shoppers who get nothing, to compare with.
type Holdout struct {
	ID, Title, Href string
	State, Tone     string // in words, and its colour
	Since           int64  // Unix ms
	Share           float64
	Verdict         string // in a few words
	VerdictTone     string
	Effect          templ.Component // the comparison in full
}

// Prices are the price engine's tests.
type Prices struct {
	On                      bool // the engine acts on something of this shop
	Learning                int  // items of which something was observed
	Running, Waiting, Ended []Test
}

// Test is a price that was asked for what it teaches.
type Test struct {
	Item      ui.Item // with the address of its page of prices
	Currency  string
	Since     int64 // Unix ms
	Until     int64 // Unix ms, 0: it runs or waits
	Before    int64 // minor units
	Price     int64 // minor units: the tested one
	Now       int64 // minor units: in force
	Slots     float64
	SlotHours float64 // length of a slot
	At        *Asked  // what was seen at the price before, nil if nothing
	Tested    *Asked  // what was seen at the tested one
	Known     bool    // Less and Better say something
	Less      Interval
	Better    float64 // probability that the price believed to be best earns more than the one in force
	Best      int64   // minor units: that price
}

// Asked is what was seen at one price. Old observations have faded and count less than one each.
type Asked struct {
	Price        int64 // minor units
	Views, Units float64
}

// Interval is an estimate between two bounds. Less is the share that is sold more (+) or less (-) when the price rises by a tenth.
type Interval struct{ Low, Mid, High float64 }
