package offers

// Outcome is what became of a claim.
type Outcome string

// Outcomes of a claim.
const (
	Granted Outcome = "granted"
	Held    Outcome = "held"    // of the holdout: everything but the hash would have granted it
	Refused Outcome = "refused" // Decision.Code says why
)

// Decision answers offer.claim. Code is "" unless refused: not_running currency empty_cart audience no_discount has_offer cap_shopper
// cap_day cap_total no_budget too_many_open too_many_shoppers.
type Decision struct {
	Outcome   Outcome
	Code      string
	Duplicate bool  // decided before: this is what was decided then
	Live      bool  // granted, and neither redeemed, cancelled nor expired since
	Until     int64 // Unix ms: the offer's expiry; of a holdout what that would have been
	Offer     Offer // of a granted claim
}

// Offer is one offer as its shopper and shop see it. Title and Disclosure are the campaign's present ones, the rest is as granted.
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

// Redeem is the body of offer.redeem. The record's ID names the offer, or else Number does.
type Redeem struct {
	Number      uint64 `json:"number,omitzero"`
	Transaction string `json:"transaction"`   // 1-200 bytes
	Who         string `json:"who,omitempty"` // if given it must be the offer's
	Cart        *Cart  `json:"cart,omitempty"`
}

// Cart is what a code is used on. Without one the whole reservation is spent.
type Cart struct {
	Value    int64  `json:"value"` // minor units; 0, or more than its lines: what the lines come to
	Currency string `json:"currency,omitempty"`
	Lines    []Line `json:"lines,omitempty"`
}

// Redemption answers offer.redeem.
type Redemption struct {
	Offer     string
	Campaign  string
	Discount  int64 // minor units off the cart
	Currency  string
	Duplicate bool // the same offer and transaction came before: this was the answer
}

// Cancel is the body of offer.cancel; the record's ID names the offer.
type Cancel struct {
	Who string `json:"who,omitempty"` // if given it must be the offer's
}

// Forget is the body of offer.forget.
type Forget struct {
	Who string `json:"who"`
}

// Forgotten answers offer.forget.
type Forgotten struct {
	Offers int // remembered claims that stood in the shopper's name
}

// offer is e as people see it.
func (l *Ledger) offer(e *entry) Offer {
	return offerOf(&e.terms, l.campaigns[e.campaign].shown.Load(), l.items[e.item])
}

func offerOf(e *terms, c *Campaign, item string) Offer {
	o := Offer{
		ID: formatID(e.id), Number: e.number, Campaign: c.ID, Title: c.Title, Item: item, Kind: Amount, Value: e.value,
		Amount: e.amount, Currency: c.Budget.Currency, Granted: e.decided, Expires: e.expires, Disclosure: c.Disclosure,
	}
	if e.percent {
		o.Kind = Percent
	}
	return o
}

// decision is what was decided about e.
func (l *Ledger) decision(e *entry) *Decision {
	d := &Decision{Outcome: Refused, Code: codeNames[e.code]}
	switch {
	case e.granted():
		d.Outcome, d.Until, d.Live, d.Offer = Granted, e.expires, e.state == stateLive, l.offer(e)
	case e.state == stateHeld:
		d.Outcome, d.Until = Held, e.expires
	}
	return d
}
