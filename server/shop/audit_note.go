package shop

import (
	"fmt"
	"strconv"
	"unique"
)

// repriced is the first price that a record put in force in an item.
type repriced struct {
	item     string
	was, now int64 // minor units
	ok       bool
}

// audit notes a record that was carried out or refused. It is called before other folds are told of what the record touched.
func (f *fold) audit(c *control, offset uint64, out *outcome) {
	if c.Do == doOfferClaim { // they come by the hundred thousand a second
		return
	}
	s, ok := f.about(c)
	if !ok || out.duplicate {
		return
	}
	e := audited{
		offset: offset, last: offset, time: f.now, undoes: c.Undoes, count: 1, was: Unset, now: Unset,
		actor: unique.Make(c.Actor), do: unique.Make(c.Do), site: unique.Make(c.Site),
	}
	why := ""
	switch {
	case out.refused != nil:
		e.refused, why = true, out.refused.Message
	case out.denied != nil:
		e.refused, why = true, out.denied.Error()
	}
	if f.priced.ok && s.kind == kindPrice {
		e.was, e.now = f.priced.was, f.priced.now
		if c.Do == doPriceApprove {
			s.id = f.priced.item
		}
	}
	if s.kind == kindStock || s.kind == kindItem {
		for _, t := range f.touched {
			if t.was != nil {
				e.was, e.prev = t.was.Stock, t.was.written+1
			}
			if t.now != nil {
				e.now = t.now.Stock
			}
		}
		if s.kind == kindStock {
			e.prev = 0
		}
	}
	e.id, e.chain = shared(s.id), s.chain(c.Site)
	f.changes.note(e, c.Site, s.kind, why)
}

// superseded says why a record that takes another back cannot: what that one changed was changed again since, or is not known any more.
func (f *fold) superseded(c *control) *Refusal {
	s, ok := f.about(c)
	if !ok {
		return refuse("no_undo", "undoes: %s takes nothing back", c.Do)
	}
	changed := func(now string) *Refusal {
		return refuse("changed_since", "undoes: it was changed again since%s; look at it, and change it by hand if it is still wrong", now)
	}
	f.changes.mu.RLock()
	defer f.changes.mu.RUnlock()
	switch s.kind {
	case kindItem, kindStock, kindPrice:
		st := f.sites[c.Site]
		if st == nil {
			return refuse("unknown_site", "site: there is no %q", c.Site)
		}
		it := st.catalog.get(s.id)
		switch {
		case it == nil && s.kind == kindItem && c.Do == doItemPut && f.changes.heads[s.chain(c.Site)] == c.Undoes:
			return nil // it was deleted, and that is what is taken back
		case it == nil:
			return refuse("unknown_item", "item: the catalog has no %q any more", s.id)
		case s.kind == kindItem && it.written != c.Undoes:
			return changed("")
		case s.kind == kindPrice:
			if o, _ := it.In(s.market); o.Version != c.Undoes {
				return changed(": another price is in force")
			}
		case s.kind == kindStock:
			t := f.changes.trails[c.Site]
			if t == nil {
				return changed("")
			}
			if e := t.find(c.Undoes); e == nil || e.id != s.id || e.now != it.Stock {
				return changed(": " + pieces(it.Stock))
			}
		}
	default:
		if f.changes.heads[s.chain(c.Site)] != c.Undoes {
			return changed("")
		}
	}
	return nil
}

func pieces(stock int64) string {
	if stock == Unset {
		return "it is not counted now"
	}
	return fmt.Sprintf("there are %s pieces now", strconv.FormatInt(stock, 10))
}

// Records of other folds that need a look of their own.
const (
	doPriceApprove = "price.approve" // its item is known once it is done
	doOfferClaim   = "offer.claim"
)
