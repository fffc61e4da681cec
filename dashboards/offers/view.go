package offers

import "beckon/dashboards/ui"

// View is all of a site's campaigns.
type View struct {
	Currency  string // of the site, for sums
	Now       int64  // Unix ms
	Campaigns []Campaign
	May       bool // the reader may change campaigns
}

// Campaign is one as lists show it. Money is minor units of Currency.
type Campaign struct {
	ID, Title string
	State     string // active paused ended waits over; waits: active, but its time has not come; over: its time is up
	Currency  string
	Budget    int64
	Spent     int64
	Reserved  int64
	Granted   int64
	Live      int64
	Redeemed  int64
	Expired   int64
	Cancelled int64
	Held      int64
	Settings  Settings
	Effect    Effect
	Created   int64
	Changed   int64
}

// Free is what may still be granted.
func (c *Campaign) Free() int64 { return c.Budget - c.Spent - c.Reserved }

// Settings are what people decided about a campaign, as they are told in words.
type Settings struct {
	Idle       int64 // seconds
	MinViews   int64
	NeedSearch bool

	MinCart, MaxCart int64
	Categories       []string
	Items            []ui.Item
	Visit            string    // new returning any
	Segments         []ui.Link // by name

	Percent    bool
	Value, Max int64 // whole percent or minor units

	Holdout                     float64
	PerShopper, PerDay, InTotal int64
	Life                        int64 // seconds an offer lives
	Starts, Ends                int64
	Disclosure                  string
	OwnDisclosure               bool // false: the usual one, in the shopper's language
}

// Effect is what a campaign brought against its holdout.
type Effect struct {
	Why      string // why there is nothing to tell: sample_ratio mixed no_holdout nobody early; "" there is
	Offer    Arm
	Holdout  Arm
	Mixed    int64   // shoppers seen in both arms: counted in neither
	Share    float64 // of the holdout, as it was meant to be
	P        float64 // of arms at least as uneven as these by chance
	Alarm    bool    // the arms are not as large as they should be
	Sure     float64 // probability with which all intervals hold at every look: 0.95
	Window   int64   // seconds after the exposure within which purchases count
	Currency string

	Relative *Interval // more orders, as a share of the holdout's
	Rescued  *Interval // carts
	Extra    *Interval // minor units that the offered shoppers brought beyond the holdout's, discounts already taken off
	Days     float64   // until a change of Goal could be told at the pace of now; 0 it can be told already or nobody knows; see Needs
	Needs    float64   // shoppers altogether for that, +Inf never
	Goal     float64   // relative change that Days and Needs are about
}

// Arm is one side of the comparison.
type Arm struct {
	Shoppers, Orders int64
	Rate             float64
	Revenue          int64   // minor units
	PerShopper       float64 // minor units, without what single shoppers brought beyond the rest
}

// Interval is an estimate between two bounds.
type Interval struct{ Low, Mid, High float64 }

// One is one campaign's own page.
type One struct {
	Campaign
	Now      int64
	May      bool
	Offers   []Offer // live ones, newest first
	History  []Change
	Refusals []Refused // most first
}

// Offer is a live offer. Whose it is nobody here knows.
type Offer struct {
	Item    *ui.Item // nil: the whole cart
	Amount  int64    // minor units it comes to at most
	Granted int64
	Expires int64
}

// Change is somebody's change of the campaign, in words.
type Change struct {
	At              int64
	Actor, What     string
	Href, Undo, Why string // Href leads to the change; Undo is where taking it back is posted, "" if it cannot be
}

// Refused is why carts got no offer.
type Refused struct {
	Code string
	N    int64
}

// Form is the form of a campaign, as it was sent or as the campaign is.
type Form struct {
	ID       string // "" a new one
	Action   string
	Values   map[string]string
	Errors   map[string]string // by field, in the reader's language; "" names the whole form
	Segments []ui.Choice       // with what is chosen selected
	Known    []ui.Choice       // categories of the catalog
	Currency string            // of all amounts; "" the shop has none and it is asked for
	Usual    string            // the usual disclosure
}
