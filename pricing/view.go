package pricing

import "slices"

// Shown says how a price in force may be shown.
type Shown struct {
	Reason    string // list, dynamic, markdown or manual
	Reference int64  // what an announced markdown is measured from, 0 without one: nothing is struck through
	Until     int64  // when that markdown ends, Unix ms
}

// Reasons of a price, as shoppers' pages get them.
const (
	ShownList     = "list"
	ShownDynamic  = "dynamic"
	ShownMarkdown = "markdown"
	ShownManual   = "manual"
)

// Shown says how the price of an item that costs public, and list in the shop's catalog, may be shown.
func (b *Book) Shown(site, id, market string, public, list int64) Shown {
	s := b.site(site)
	if s == nil {
		return Shown{Reason: ShownList}
	}
	_, item := s.get(id)
	if item == nil {
		return Shown{Reason: ShownList}
	}
	f := item.in(market)
	switch {
	case f != nil && f.Markdown != nil && f.Amount == public:
		return Shown{ShownMarkdown, f.Markdown.Reference, f.Markdown.Until}
	case public == list || f == nil:
		return Shown{Reason: ShownList}
	case f.Kind == KindManual || f.Kind == KindUndo:
		return Shown{Reason: ShownManual}
	}
	return Shown{Reason: ShownDynamic}
}

// Input is what a decision about the item at a time would be made from, or why none may be made. it is the item as the catalog has it.
func (b *Book) Input(site, id string, it Item, at int64) (Input, error) {
	s := b.site(site)
	if s == nil {
		return Input{}, refuse("not_observed", "item: nothing is known of its demand")
	}
	c := b.situationOf(s, id, it)
	if err := c.decidable(); err != nil {
		return Input{}, err
	}
	return c.input(site, id, at), nil
}

// Active says whether the engine may act on anything of the site: some scope has a mode other than off.
func (b *Book) Active(site string) bool {
	s := b.site(site)
	if s == nil {
		return false
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if on(s.head.Settings) || s.active > 0 {
		return true
	}
	for _, c := range s.head.Categories {
		if on(c) {
			return true
		}
	}
	return false
}

func on(s *Settings) bool { return s != nil && s.Mode != nil && *s.Mode != ModeOff }

// Of is the item's effective settings.
func (b *Book) Of(site, id string, category []string) Effective {
	s := b.site(site)
	if s == nil {
		return Defaults()
	}
	head, item := s.get(id)
	return head.effective(category, item)
}

// Observed is the start of the newest slot that is known of an item, Unix ms; 0 if none is.
func (b *Book) Observed(site, id string) int64 {
	if s := b.site(site); s != nil {
		if _, item := s.get(id); item != nil && item.Learned != nil {
			return item.Learned.Last
		}
	}
	return 0
}

// Undecided lists items with an observed slot that no decision has seen, in the order of their ids.
func (b *Book) Undecided(site string) []string {
	s := b.site(site)
	if s == nil {
		return nil
	}
	s.mu.RLock()
	ids := make([]string, 0, len(s.fresh))
	for id := range s.fresh {
		ids = append(ids, id)
	}
	s.mu.RUnlock()
	slices.Sort(ids)
	return ids
}
