package offers

import "beckon/clickstream/record"

// Shelf is the catalog at the record's place in the log.
type Shelf interface {
	Item(site, id string) (Item, bool)
}

// Item is what an offer needs to know of a catalog item.
type Item struct {
	Price    int64  // minor units: the public price in force
	Currency string // ISO 4217, "" for an item without a price
	Floor    int64  // minor units, Unset if none
	Cost     int64  // minor units, Unset if none
	Category []string
}

// Unset is an amount that was not given.
const Unset = -1

// Config bounds a Ledger. It is part of what the fold is: other bounds give other decisions.
type Config struct {
	MaxOutcomes int // settled claims that are remembered; 0: 1,048,576
	MaxOpen     int // offers before their expiry; 0: 1,048,576
	MaxShoppers int // counted for caps, by campaign; 0: 8,388,608
}

// Outcome is what became of a claim.
type Outcome string

// Outcomes of a claim.
const (
	Granted Outcome = "granted"
	Held    Outcome = "held"    // of the holdout: everything but the hash would have granted it
	Refused Outcome = "refused" // Decision.Code says why
)

// Decision answers offer.claim. Code is "" unless refused: not_running audience currency empty_cart no_discount has_offer cap_shopper
// cap_day cap_total no_budget too_many_open too_many_shoppers.
type Decision struct {
	Outcome   Outcome
	Code      string
	Duplicate bool  // decided before: this is what was decided then
	Until     int64 // Unix ms to which what was decided holds: the offer's expiry; of a holdout what that would have been
	Offer     Offer // of a granted claim
}

// Offer is one offer as its shopper and shop see it.
type Offer struct {
	ID         string
	Number     uint64 // what its code carries, from 1
	Campaign   string
	Title      string
	Item       string // that it is about, "" for the whole cart
	Kind       string // percent or amount
	Value      int64  // whole percent or minor units
	Amount     int64  // minor units it comes to at most: what is reserved
	Currency   string
	Granted    int64 // Unix ms
	Expires    int64 // Unix ms
	Disclosure string
}

// Redemption answers offer.redeem.
type Redemption struct {
	Offer     string
	Campaign  string
	Discount  int64 // minor units off the cart
	Currency  string
	Duplicate bool // the same offer and transaction came before: this was the answer
}

// Redeem is the body of offer.redeem. The record's ID names the offer, or else Number does.
type Redeem struct {
	Number      uint64 `json:"number,omitzero"`
	Transaction string `json:"transaction"`
	Who         string `json:"who,omitempty"` // if given it must be the offer's
	Cart        *Cart  `json:"cart,omitempty"`
}

// Cart is what a code is used on. Without one the whole reservation is spent.
type Cart struct {
	Value    int64  `json:"value"` // minor units
	Currency string `json:"currency,omitempty"`
	Lines    []Line `json:"lines,omitempty"`
}

// Ledger is the fold. See the package for what it promises and who may call what.
type Ledger struct {
	cfg Config
}

// New returns an empty Ledger.
func New(cfg Config) *Ledger { return &Ledger{cfg: cfg} }

// Name is what the records' Do begin with.
func (l *Ledger) Name() string { return "offer" }

// Apply carries out one record. See the package for the records; answers are *Decision, *Redemption, *Campaign, *Offer and *Forgotten.
func (l *Ledger) Apply(r *record.Control, shelf Shelf) (answer any, refused error) { return nil, nil }

// Due is the Unix ms at which something expires by itself, 0 if nothing will.
func (l *Ledger) Due() int64 { return 0 }

// Expire ends what is due by now, Unix ms.
func (l *Ledger) Expire(now int64) {}

// Image is the state as lines of JSON, each below 256 KiB; what it returns may be called from another goroutine while Apply goes on.
func (l *Ledger) Image() func(line func(v any) error) error { return nil }

// Load takes one line of Image, in order, into an empty Ledger.
func (l *Ledger) Load(line []byte) error { return nil }

// Check verifies every balance against all that is remembered.
func (l *Ledger) Check() error { return nil }

// Forgotten answers offer.forget.
type Forgotten struct {
	Offers int // that stood in the shopper's name
}
