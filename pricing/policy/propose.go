package policy

// Input is everything a price is chosen from.
type Input struct {
	State *State `json:"state"`
	Pool  Pool   `json:"pool"`

	Ref     int64 `json:"ref"`                // the shop's own list price; elasticity is stated at it
	Current int64 `json:"current"`            // price in force
	Cost    int64 `json:"cost,omitempty"`     // unit cost; 0 unknown: the price is left alone
	RefCost int64 `json:"ref_cost,omitempty"` // unit cost when Ref was set: Ref may be right for that one; 0: Cost
	Floor   int64 `json:"floor,omitempty"`    // lowest price allowed, margin included; 0 none
	Ceiling int64 `json:"ceiling,omitempty"`  // highest price allowed; 0 none

	Stock    int64 `json:"stock"`              // pieces free to sell; -1 unknown or unlimited
	SellBy   int64 `json:"sell_by,omitempty"`  // Unix ms at which what is left is worth Salvage; 0 never
	Salvage  int64 `json:"salvage,omitempty"`  // a piece's worth after SellBy
	Supplied int64 `json:"supplied,omitempty"` // Unix ms of the next delivery; 0 unknown

	Competitors []Competitor `json:"competitors,omitempty"`

	Now     int64   `json:"now"`               // Unix ms
	Seed    uint64  `json:"seed"`              // the item's own number; today nothing is drawn by chance
	Views   float64 `json:"views,omitempty"`   // views expected in the coming slot; 0: the State's mean
	Season  float64 `json:"season,omitempty"`  // the coming slot's, as in Observation; 0 means 1
	Explore bool    `json:"explore,omitempty"` // test prices may be asked
	Params  Params  `json:"params"`
}

// costOfRef is the unit cost that the shop's own price was made for.
func (in *Input) costOfRef() int64 {
	if in.RefCost > 0 {
		return in.RefCost
	}
	return in.Cost
}

// Competitor is another shop's price for the same item.
type Competitor struct {
	Price int64 `json:"price"` // minor units of the same currency
	At    int64 `json:"at"`    // when it was seen, Unix ms
}

// Reason says what a Proposal's price follows from.
type Reason string

// The reasons.
const (
	Hold      Reason = "hold"       // nothing better is known well enough; Gate says what stopped it
	Better    Reason = "better"     // expected to earn more
	Explore   Reason = "explore"    // a test price, paid for by what it teaches
	Return    Reason = "return"     // back from a test price
	Scarce    Reason = "scarce"     // stock would run out before it can be refilled
	Clearance Reason = "clearance"  // to be sold by a date
	Matched   Reason = "competitor" // brought down to the competitors' median
	Bounds    Reason = "bounds"     // the current price lies outside floor or ceiling
)

// Gate says what kept a Proposal from going further.
type Gate string

// The gates.
const (
	Open        Gate = ""
	NoCost      Gate = "no_cost"     // unit cost unknown
	NoPrice     Gate = "no_price"    // current or reference price unknown
	Unsound     Gate = "state"       // the state cannot have come from observations
	Infeasible  Gate = "infeasible"  // floor above ceiling
	Traffic     Gate = "traffic"     // too few purchases to learn from
	BudgetSpent Gate = "budget"      // the exploration budget is spent
	Worth       Gate = "worth"       // what could be learned is worth less than learning it
	ExploreOff  Gate = "explore_off" // exploration not allowed
	Unsure      Gate = "p_better"    // not probable enough to be better
	Small       Gate = "gain"        // expected gain too small
	Deadband    Gate = "deadband"    // the move is too small
)

// Proposal is a chosen price and why. Rates are units a slot.
type Proposal struct {
	Price      int64    `json:"price"` // to be asked next; Current unless Move
	Move       bool     `json:"move"`  // Price differs from Current; no further gate is needed
	Reason     Reason   `json:"reason"`
	Gate       Gate     `json:"gate,omitempty"`
	Explored   bool     `json:"explored,omitempty"` // Price is a test price
	Best       int64    `json:"best"`               // price of highest expected profit, any number of steps away
	PBetter    float64  `json:"p_better"`           // probability that Best earns more than Current
	Gain       float64  `json:"gain"`               // expected profit of Best over that of Current, less one
	Elasticity Interval `json:"elasticity"`         // at Current, 80 % interval
	Right      float64  `json:"right"`              // probability that Ref fits the item's elasticity
	Rate       Interval `json:"rate"`               // units a slot at Price, 80 % interval
	Cover      float64  `json:"cover"`              // slots until Stock is sold at Price; -1 unknown
	RunOut     int64    `json:"run_out,omitempty"`  // price at which Stock lasts just until SellBy or Supplied
	Market     int64    `json:"market,omitempty"`   // competitors' median, outliers left out; 0: fewer than two
	Spent      float64  `json:"spent"`              // expected cost of tests so far, a share of profit at Ref
	Worth      float64  `json:"worth"`              // what perfect knowledge would add, a share of profit
}

// Interval is a mean and the bounds of its 80 % interval.
type Interval struct {
	Mean float64 `json:"mean"`
	Lo   float64 `json:"lo"`
	Hi   float64 `json:"hi"`
}
