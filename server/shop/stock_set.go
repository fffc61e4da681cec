package shop

import (
	"context"
	"strings"
	"unicode/utf8"
)

// MaxStockNote bounds the reason of a change of stock by hand, bytes.
const MaxStockNote = 300

// SetStock states an item's count, Unset to end its tracking, and why. It returns the offset of the record, under which the change is
// found and taken back.
func (s *Store) SetStock(ctx context.Context, actor, site, item string, count int64, note string) (offset uint64, err error) {
	if _, err := s.liveSite(site); err != nil {
		return 0, err
	}
	note = strings.TrimSpace(note)
	switch {
	case count != Unset && (count < 0 || count > maxStock):
		return 0, refuse("bad_stock", "stock: %d, want 0 to %d", count, int64(maxStock))
	case len(note) > MaxStockNote || !utf8.ValidString(note):
		return 0, refuse("bad_note", "note: at most %d bytes of UTF-8 are taken", MaxStockNote)
	}
	rec := control{Do: doStock, Site: site, ID: item, Note: note}
	if count == Unset {
		rec.Untrack = true
	} else {
		rec.Set = &count
	}
	_, offset, err = s.place(ctx, actor, rec)
	return offset, err
}
