package offers

import "slices"

// Settings is what people decide about a campaign: the body of offer.campaign. Amounts are minor units of Budget.Currency.
type Settings struct {
	Title      string   `json:"title"`
	Trigger    Trigger  `json:"trigger"`
	Audience   Audience `json:"audience,omitzero"`
	Discount   Discount `json:"discount"`
	Holdout    float64  `json:"holdout,omitzero"` // 0-0.9: the share of shoppers who never get it, to measure what it brings
	Caps       Caps     `json:"caps,omitzero"`
	Budget     Budget   `json:"budget"`
	TTL        int64    `json:"ttl_s"`           // seconds an offer lives, 60 to 604800
	Starts     int64    `json:"starts,omitzero"` // Unix ms, 0: at once
	Ends       int64    `json:"ends,omitzero"`   // Unix ms from which nothing is granted, 0: never
	Disclosure string   `json:"disclosure"`      // why this shopper sees it, in words for shoppers
}

// Trigger says when a shopper is considered.
type Trigger struct {
	Kind       string `json:"kind"`                 // cart_at_risk
	Idle       int64  `json:"idle_s,omitzero"`      // seconds without an event, 1 to 1800; 90
	MinViews   int64  `json:"min_views,omitzero"`   // items viewed before, 2
	NeedSearch bool   `json:"need_search,omitzero"` // the session began its way with a search
}

// CartAtRisk is the one trigger there is.
const CartAtRisk = "cart_at_risk"

// Audience narrows who is considered. Zero values narrow nothing.
type Audience struct {
	MinCart    int64    `json:"min_cart,omitzero"`
	MaxCart    int64    `json:"max_cart,omitzero"`
	Categories []string `json:"categories,omitempty"` // the cart has an item of one of them
	Items      []string `json:"items,omitempty"`      // or is one of these
	Segment    string   `json:"segment,omitempty"`    // new, returning, any
	// Segments are ids of segments, of one of which the shopper must be. Whoever claims tests it, for the log does not know shoppers.
	Segments []string `json:"segments,omitempty"`
}

// Discount is what an offer takes off.
type Discount struct {
	Kind  string `json:"kind"`         // percent or amount
	Value int64  `json:"value"`        // whole percent 1-100, or minor units
	Max   int64  `json:"max,omitzero"` // minor units it comes to at most, 0: no bound of its own
}

// Kinds of Discount.
const (
	Percent = "percent"
	Amount  = "amount"
)

// Caps bound how many offers are granted. Cancelled and expired ones count: they were shown. 0 is no cap.
type Caps struct {
	PerShopper int64 `json:"per_shopper"`      // of one shopper; 1 if not given
	PerDay     int64 `json:"per_day,omitzero"` // in one UTC day
	Total      int64 `json:"total,omitzero"`
}

// Budget is what a campaign's discounts may come to altogether.
type Budget struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"` // ISO 4217
}

// State is whether a campaign grants offers.
type State string

// The states. An ended campaign stays ended; offers it granted live on. A removed one is gone from lists and its live offers are
// cancelled.
const (
	Active  State = "active"
	Paused  State = "paused"
	Ended   State = "ended"
	Removed State = "removed"
)

// Campaign is one version of a campaign. Values are shared between readers: nobody changes one.
type Campaign struct {
	ID string `json:"id"`
	Settings
	State   State  `json:"state"`
	Salt    string `json:"salt"`    // of the holdout's hash, made when the campaign is
	Created int64  `json:"created"` // Unix ms
	Changed int64  `json:"changed"` // Unix ms
}

// Open says whether the campaign grants offers at now, Unix ms.
func (c *Campaign) Open(now int64) bool {
	return c.State == Active && now >= c.Starts && (c.Ends == 0 || now < c.Ends)
}

// Held says whether who is in the holdout.
func (c *Campaign) Held(who string) bool { return HeldOut(c.Salt, who, c.Holdout) }

// fitsItem says whether an item of a cart is what the audience asks for.
func (a *Audience) fitsItem(id string, it *Item) bool {
	if slices.Contains(a.Items, id) {
		return true
	}
	return slices.ContainsFunc(it.Category, func(name string) bool { return slices.Contains(a.Categories, name) })
}

// Segments of an Audience.
const (
	SegmentAny       = "any"
	SegmentNew       = "new" // the first session that is known of the shopper
	SegmentReturning = "returning"
)

// Put is the body of offer.campaign.
type Put struct {
	Settings
	State State `json:"state,omitempty"` // active or paused; if not given as it is, and active for a new one
	New   bool  `json:"new,omitzero"`    // it must not exist yet
}

// SetState is the body of offer.state.
type SetState struct {
	State State `json:"state"`
}
