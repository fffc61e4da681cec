package shop

import "fmt"

// maxStock bounds a count, so that no sum of deltas overflows.
const maxStock = 1_000_000_000_000

// stock sets or changes the count of one item, once per (item, ref).
func (f *fold) stock(s *siteState, c *control, offset uint64, changes []Change) (outcome, []Change, error) {
	was := s.catalog.get(c.ID)
	if was == nil {
		return outcome{refused: refuse("unknown_item", "item_id: the catalog has no %q", c.ID)}, changes, nil
	}
	var r ref
	if c.Ref != "" {
		r = makeRef(c.ID, c.Ref)
		if s.refs.seen(r, f.now) {
			return outcome{duplicate: true}, changes, nil
		}
	}
	it := new(Item)
	*it = *was
	var out outcome
	switch {
	case c.Untrack:
		it.Stock, it.inexact = Unset, false
	case c.Set != nil:
		it.Stock, out.notice = clampStock(*c.Set, "stock")
		it.inexact = false
	case c.Add != nil && was.Stock == Unset:
		return outcome{refused: refuse("not_tracked", "delta: the stock of %q is not tracked; set it first", c.ID)}, changes, nil
	case c.Add != nil:
		it.Stock, out.notice = clampStock(was.Stock+*c.Add, "delta")
		it.inexact = was.inexact || out.notice != ""
	default:
		return outcome{refused: refuse("bad_stock", "stock: neither stock nor delta")}, changes, nil
	}
	if c.Ref != "" {
		s.refs.add(r)
	}
	if sold := soldPieces(c); c.Reservation != "" && sold > 0 {
		out.loose = f.sell(s, c.Reservation, c.ID, sold)
	}
	it.Reserved, it.Changed = s.holds.pieces[c.ID], f.now
	s.setLevel(was, it, true)
	return out, f.replace(s, was, it, c.Add != nil && *c.Add < 0, offset, changes), nil
}

// clampStock keeps a count between 0 and maxStock and says when it had to.
func clampStock(count int64, field string) (stock int64, notice string) {
	switch {
	case count < 0:
		return 0, fmt.Sprintf("%s: would leave %d pieces; kept at 0", field, count)
	case count > maxStock:
		return maxStock, fmt.Sprintf("%s: would leave %d pieces; kept at %d", field, count, int64(maxStock))
	}
	return count, ""
}
