package offers

import (
	"crypto/sha256"
	"strconv"
)

// Claim is what a trigger asks for: an offer of Campaign for the cart of Who. It is the body of offer.claim; the record's ID is the
// offer's, made by OfferID.
type Claim struct {
	Campaign string
	Who      string // 32 hex digits: a keyed hash of site and visitor
	Item     string // that the offer is about, "" for the whole cart
	Currency string // of the cart; "" for the campaign's
	Value    int64  // minor units the cart comes to; 0, or more than its lines: what the lines come to
	Max      int64  // minor units the discount may come to; 0: the campaign's own bounds
	Lines    []Line // 1-100
}

// Line is one line of a cart.
type Line struct {
	Item     string `json:"item_id"`
	Quantity int64  `json:"quantity"`        // 1-10,000
	Price    int64  `json:"price,omitempty"` // minor units a piece; 0, or more than the price in force: that one
}

const (
	maxLines    = 100
	maxQuantity = 10_000
	maxAmount   = 1_000_000_000_000 // minor units: a hundred lines of the most pieces still fit
)

// OfferID is the id of the offer that campaign makes because of trigger, for instance the id of the event that put a cart at risk:
// asked again it is the same id, and the Ledger answers with its first decision. "o_" and 32 hex digits.
func OfferID(site, campaign, trigger string) string {
	h := sha256.New()
	for _, part := range [...]string{site, campaign, trigger} {
		h.Write([]byte(strconv.Itoa(len(part)))) // lengths keep "a","bc" and "ab","c" apart
		h.Write([]byte{0})
		h.Write([]byte(part))
	}
	var sum [sha256.Size]byte
	return formatID([16]byte(h.Sum(sum[:0])))
}

// AppendClaim appends c as the JSON body of an offer.claim.
func AppendClaim(dst []byte, c *Claim) []byte {
	dst = append(dst, `{"campaign":`...)
	dst = appendText(dst, c.Campaign)
	dst = append(dst, `,"who":`...)
	dst = appendText(dst, c.Who)
	if c.Item != "" {
		dst = appendText(append(dst, `,"item_id":`...), c.Item)
	}
	if c.Currency != "" {
		dst = appendText(append(dst, `,"currency":`...), c.Currency)
	}
	if c.Value != 0 {
		dst = strconv.AppendInt(append(dst, `,"value":`...), c.Value, 10)
	}
	if c.Max != 0 {
		dst = strconv.AppendInt(append(dst, `,"max":`...), c.Max, 10)
	}
	dst = append(dst, `,"lines":[`...)
	for i := range c.Lines {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendLine(dst, &c.Lines[i])
	}
	return append(dst, "]}"...)
}

func appendLine(dst []byte, l *Line) []byte {
	dst = append(dst, `{"item_id":`...)
	dst = appendText(dst, l.Item)
	dst = strconv.AppendInt(append(dst, `,"quantity":`...), l.Quantity, 10)
	if l.Price != 0 {
		dst = strconv.AppendInt(append(dst, `,"price":`...), l.Price, 10)
	}
	return append(dst, '}')
}
