package pricing

import (
	"maps"
	"slices"

	json "github.com/go-json-experiment/json"

	"beckon/clickstream/record"
)

// turn is one record on its way into the state. Its methods decide first and change afterwards, so that a refusal leaves no trace.
type turn struct {
	b     *Book
	r     *record.Control
	shelf Shelf
	site  *siteState
	made  bool // site is not in the Book yet
}

// body decodes the record's body. A name that the record does not have, or has twice, is refused: it would be a wish that nobody hears.
func (t *turn) body(into any) error {
	if len(t.r.Body) == 0 {
		return refuse("bad_body", "body: none is given")
	}
	if err := json.Unmarshal(t.r.Body, into, json.RejectUnknownMembers(true)); err != nil {
		return refuse("bad_body", "body: %v", err)
	}
	return nil
}

// keep puts a new site into the Book.
func (t *turn) keep() {
	if !t.made {
		return
	}
	t.b.mu.Lock()
	t.b.sites[t.r.Site] = t.site
	t.b.mu.Unlock()
	t.made = false
}

func (t *turn) setHead(h *siteHead) {
	t.keep()
	t.site.mu.Lock()
	t.site.head = h
	t.site.mu.Unlock()
}

// edit is a copy of the item's state to be changed and put, of an item that the catalog has.
func (t *turn) edit(id string, it *Item) *itemState {
	next := &itemState{}
	if was := t.site.items[id]; was != nil {
		*next = *was
	}
	if next.Currency != it.Currency { // a new item, or amounts of another unit: what was learned in the old one says nothing
		next.Currency, next.Ref, next.Learned, next.Competitors, next.Suggestion, next.Dismissed = it.Currency, it.List, nil, nil, nil, 0
		next.Decision, next.DecidedBy, next.Decided, next.DecidedOn = nil, 0, 0, 0
	}
	if next.in("") == nil {
		next.setIn(inForce{Amount: it.Public, Version: it.Version, At: it.PriceAt, Kind: KindList})
	}
	next.Pool = poolOf(it.Category)
	return next
}

// put makes next the item's state.
func (t *turn) put(id string, next *itemState) {
	t.keep()
	s, was := t.site, t.site.items[id]
	next.Revision = t.r.Offset
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leave(id, was)
	s.join(id, next)
	s.items[id] = next
	if was != nil && was.Suggestion != nil {
		delete(s.open, was.Suggestion.Offset)
	}
	if next.Suggestion != nil {
		s.open[next.Suggestion.Offset] = id
	}
	if was != nil && was.Dismissed != 0 {
		delete(s.dismissed, was.Dismissed)
	}
	if next.Dismissed != 0 {
		s.dismissed[next.Dismissed] = id
	}
	if next.undecided() {
		s.fresh[id] = struct{}{}
	} else {
		delete(s.fresh, id)
	}
}

// drop forgets an item that the catalog no longer has.
func (t *turn) drop(id string) {
	s, was := t.site, t.site.items[id]
	if was == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leave(id, was)
	delete(s.items, id)
	delete(s.fresh, id)
	if was.Suggestion != nil {
		delete(s.open, was.Suggestion.Offset)
	}
	if was.Dismissed != 0 {
		delete(s.dismissed, was.Dismissed)
	}
}

// join counts an item among the site's sums, leave takes it out again. The caller holds mu.
func (s *siteState) join(id string, is *itemState) {
	if on(is.Settings) {
		s.active++
	}
	if is.Frozen {
		s.frozen++
	}
	s.fold.catalog[is.Currency] += is.base()
	if s.fold.pools[is.Pool] == nil {
		s.fold.pools[is.Pool] = map[string]struct{}{}
	}
	s.fold.pools[is.Pool][id] = struct{}{}
}

func (s *siteState) leave(id string, was *itemState) {
	if was == nil {
		return
	}
	if on(was.Settings) {
		s.active--
	}
	if was.Frozen {
		s.frozen--
	}
	s.fold.catalog[was.Currency] -= was.base()
	if delete(s.fold.pools[was.Pool], id); len(s.fold.pools[was.Pool]) == 0 {
		delete(s.fold.pools, was.Pool)
	}
}

// base is the base market's price in force.
func (s *itemState) base() int64 {
	if f := s.in(""); f != nil {
		return f.Amount
	}
	return 0
}

// undecided says that a slot was observed that no decision has seen.
func (s *itemState) undecided() bool { return s.Learned != nil && s.Learned.Last > s.DecidedOn }

// publish puts a price in force and writes it into the item's state. It is the one place from which prices are set.
func (t *turn) publish(id string, s *itemState, it *Item, e Entry) {
	t.shelf.SetPrice(t.r.Site, id, e.Market, e.After, e.Markdown.reference())
	e.Offset, e.At, e.Actor = t.r.Offset, t.r.Time, t.actor()
	version, at := e.Offset, e.At
	if e.Before == e.After {
		version, at = it.in(e.Market).Version, it.in(e.Market).PriceAt
	}
	if e.Market == "" && s.running("") != nil && e.Markdown == nil {
		s.MarkedEnd = t.r.Time
	}
	s.setIn(inForce{Market: e.Market, Amount: e.After, Version: version, At: at, Kind: e.Kind, Markdown: e.Markdown})
	if e.Market == "" {
		s.Suggestion, s.Dismissed = nil, 0
	}
	s.remember(e, &t.b.cfg)
}

// note writes a line that changes no price into the item's history.
func (t *turn) note(s *itemState, e Entry) {
	e.Offset, e.At, e.Actor = t.r.Offset, t.r.Time, t.actor()
	s.remember(e, &t.b.cfg)
}

// actor is who appended the record; the longest names are cut where they are made.
func (t *turn) actor() string { return t.r.Actor }

// in is the item's price in a market.
func (it *Item) in(market string) *Price {
	if market == "" {
		return &it.Price
	}
	p, ok := it.Markets[market]
	if !ok {
		return &Price{}
	}
	return &p
}

// markets are the item's markets in order, the base market first.
func (it *Item) markets() []string {
	return append([]string{""}, slices.Sorted(maps.Keys(it.Markets))...)
}

func (b *Book) siteNames() []string { return slices.Sorted(maps.Keys(b.sites)) }

func (s *siteState) itemNames() []string { return slices.Sorted(maps.Keys(s.items)) }

// poolOf is the category that an item is pooled with: its most particular one.
func poolOf(category []string) string {
	if len(category) == 0 {
		return ""
	}
	return category[len(category)-1]
}
