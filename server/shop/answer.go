package shop

// Answer says what became of a body of lines.
type Answer struct {
	Accepted      int         `json:"accepted"`
	Duplicates    int         `json:"duplicates"` // stock lines whose id was known: they changed nothing, again
	Rejected      []Rejection `json:"rejected"`   // the first maxRejections, in order of line
	RejectedTotal int         `json:"rejected_total"`
	Notices       []Rejection `json:"notices,omitempty"` // of accepted lines: codes clamped and no_reservation; the first maxRejections
}

// Rejection is a line that was not taken, and why.
//
// Codes: bad_json bad_utf8 too_large missing_item bad_item bad_price bad_currency bad_stock bad_url bad_field; of stock
// also bad_id bad_reservation unknown_item not_tracked; of a full catalog too_many_items.
type Rejection struct {
	Index   int    `json:"index"` // place of the line in its body, from 0; empty lines have none
	ID      string `json:"id"`    // item_id, "" if it could not be read
	Code    string `json:"code"`
	Message string `json:"message"` // names the field
}

// maxRejections bounds the lists of an Answer; RejectedTotal counts on.
const maxRejections = 1000

func (a *Answer) reject(index int, id, code, message string) {
	if len(a.Rejected) < maxRejections {
		a.Rejected = append(a.Rejected, Rejection{index, id, code, message})
	}
	a.RejectedTotal++
}

func (a *Answer) note(index int, id, code, message string) {
	if len(a.Notices) < maxRejections {
		a.Notices = append(a.Notices, Rejection{index, id, code, message})
	}
}
