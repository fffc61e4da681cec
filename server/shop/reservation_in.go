package shop

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// ReservationRequest is what a shop asks for.
type ReservationRequest struct {
	ID    string // the caller's, so that a request sent twice is one; "": the store makes one
	Lines []ReservedLine
	TTL   int64 // ms; 0: DefaultReservationTTL
}

// reservationJSON is the body of POST /v1/reservations.
type reservationJSON struct {
	ID    string         `json:"id"`
	Lines []ReservedLine `json:"lines"`
	TTL   *int64         `json:"ttl_s"`
}

// DecodeReservation reads the body of POST /v1/reservations. Lines of one item become one, and stand in order of item. The error is a
// *Refusal.
func DecodeReservation(body []byte) (ReservationRequest, error) {
	var in reservationJSON
	var unused string
	if bad := decodeLine(body, &in, &unused); bad != nil {
		message := bad.message
		if rest, ok := strings.CutPrefix(message, "line: "); ok {
			message = "body: " + rest
		}
		return ReservationRequest{}, refuse(bad.code, "%s", message)
	}
	req := ReservationRequest{ID: in.ID, Lines: in.Lines, TTL: DefaultReservationTTL}
	if in.TTL != nil {
		if *in.TTL < MinReservationTTL/1000 || *in.TTL > MaxReservationTTL/1000 {
			return req, refuse("bad_ttl", "ttl_s: %d, want %d to %d seconds", *in.TTL, MinReservationTTL/1000, MaxReservationTTL/1000)
		}
		req.TTL = *in.TTL * 1000
	}
	return req, req.tidy()
}

// tidy puts the request into the form that records have.
func (req *ReservationRequest) tidy() error {
	if req.TTL == 0 {
		req.TTL = DefaultReservationTTL
	}
	if len(req.Lines) > MaxReservationLines {
		return refuse("too_many_lines", "lines: %d, want 1 to %d", len(req.Lines), MaxReservationLines)
	}
	lines := slices.Clone(req.Lines)
	slices.SortStableFunc(lines, func(a, b ReservedLine) int { return cmp.Compare(a.Item, b.Item) })
	req.Lines = lines[:0]
	for _, l := range lines {
		if last := len(req.Lines) - 1; last >= 0 && req.Lines[last].Item == l.Item && l.Quantity > 0 && l.Quantity <= maxReservedPieces {
			req.Lines[last].Quantity += l.Quantity
		} else {
			req.Lines = append(req.Lines, l)
		}
	}
	id := req.ID
	if id == "" {
		id = "r_"
	}
	if bad := checkReservation(id, req.Lines, req.TTL); bad != nil {
		return refuse(bad.code, "%s", bad.message)
	}
	return nil
}

// checkReservation says what is wrong with a reservation in the form that records have.
func checkReservation(id string, lines []ReservedLine, ttl int64) *lineError {
	switch {
	case !validItemID(id):
		return wrong("bad_id", "id: want 1-64 of A-Z a-z 0-9 _ . : -")
	case len(lines) == 0:
		return wrong("missing_lines", "lines: missing")
	case len(lines) > MaxReservationLines:
		return wrong("too_many_lines", "lines: %d, want 1 to %d", len(lines), MaxReservationLines)
	case ttl < MinReservationTTL || ttl > MaxReservationTTL:
		return wrong("bad_ttl", "ttl_s: %d ms, want %d to %d seconds", ttl, MinReservationTTL/1000, MaxReservationTTL/1000)
	}
	for i, l := range lines {
		switch {
		case l.Item == "":
			return wrong("missing_item", "lines.%d.item_id: missing", i)
		case !validItemID(l.Item):
			return wrong("bad_item", "lines.%d.item_id: want 1-64 of A-Z a-z 0-9 _ . : -", i)
		case l.Quantity < 1 || l.Quantity > maxReservedPieces:
			return wrong("bad_quantity", "quantity of %s: %d, want 1 to %d", l.Item, l.Quantity, maxReservedPieces)
		case i > 0 && lines[i-1].Item >= l.Item:
			return wrong("bad_lines", "lines: not one line an item, in order")
		}
	}
	return nil
}

// soldPieces is how many pieces of a reservation a stock line takes: those of a delta below 0, or all of them when the line says what is
// left.
func soldPieces(c *control) int64 {
	if c.Add != nil {
		return -*c.Add
	}
	return math.MaxInt64
}
