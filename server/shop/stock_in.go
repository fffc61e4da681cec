package shop

import (
	"errors"
	"io"
	"math"
)

// stockJSON is a line of POST /v1/stock. Stock null ends tracking.
type stockJSON struct {
	Item  string `json:"item_id"`
	Stock *int64 `json:"stock"`
	Delta *int64 `json:"delta"`
	ID    string `json:"id"`

	Reservation string `json:"reservation"` // whose pieces left: a delta below 0 takes as many out of it, a stock all of the item's
}

// decodeStock reads one line into the record that it asks for.
func decodeStock(line []byte) (rec control, item string, bad *lineError) {
	absent := int64(math.MinInt64)
	in := stockJSON{Stock: &absent}
	if bad := decodeLine(line, &in, &in.Item); bad != nil {
		return rec, in.Item, bad
	}
	stated := in.Stock == nil || *in.Stock != math.MinInt64
	switch {
	case in.Item == "":
		return rec, "", wrong("missing_item", "item_id: missing")
	case !validItemID(in.Item):
		return rec, in.Item[:min(len(in.Item), maxWord)], wrong("bad_item", "item_id: want 1-64 of A-Z a-z 0-9 _ . : -")
	case in.ID != "" && !validItemID(in.ID):
		return rec, in.Item, wrong("bad_id", "id: want 1-64 of A-Z a-z 0-9 _ . : -")
	case in.Reservation != "" && !validItemID(in.Reservation):
		return rec, in.Item, wrong("bad_reservation", "reservation: want 1-64 of A-Z a-z 0-9 _ . : -")
	case in.Reservation != "" && in.Delta != nil && *in.Delta >= 0:
		return rec, in.Item, wrong("bad_reservation", "reservation: stands beside a delta of %d; a sale is below 0", *in.Delta)
	case stated && in.Delta != nil:
		return rec, in.Item, wrong("bad_stock", "stock: stands beside delta; want one of them")
	case !stated && in.Delta == nil:
		return rec, in.Item, wrong("bad_stock", "stock: neither stock nor delta")
	case stated && in.Stock != nil && (*in.Stock > maxStock || *in.Stock < -maxStock):
		return rec, in.Item, wrong("bad_stock", "stock: %d, want 0 to %d", *in.Stock, int64(maxStock))
	case in.Delta != nil && (*in.Delta > maxStock || *in.Delta < -maxStock):
		return rec, in.Item, wrong("bad_stock", "delta: %d, want -%d to %d", *in.Delta, int64(maxStock), int64(maxStock))
	}
	rec = control{Do: doStock, ID: in.Item, Ref: in.ID, Add: in.Delta, Reservation: in.Reservation}
	if stated {
		rec.Set, rec.Untrack = in.Stock, in.Stock == nil
	}
	return rec, in.Item, nil
}

// readStock gives every line to take.
func readStock(r io.Reader, take func(index int, rec *control, item string, bad *lineError) error) error {
	in := newLines(r)
	for index := 0; ; {
		line, tooLong, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(line) == 0 && !tooLong {
			continue
		}
		if tooLong {
			err = take(index, nil, "", wrong("too_large", "line: longer than %d bytes", maxLine))
		} else {
			rec, item, bad := decodeStock(line)
			err = take(index, &rec, item, bad)
		}
		if err != nil {
			return err
		}
		index++
	}
}
