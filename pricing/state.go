package pricing

import (
	"maps"
	"strconv"
	"sync"

	"beckon/pricing/guard"
	"beckon/pricing/policy"
)

// siteState is one site's prices. The goroutine that applies the log replaces head and items and never changes one in place; readers
// take mu to find them. What stands below fold is that goroutine's own.
type siteState struct {
	mu        sync.RWMutex
	head      *siteHead
	items     map[string]*itemState
	open      map[uint64]string   // open suggestions: the item of each
	dismissed map[uint64]string   // suggestions that were dismissed and may be reopened: the item of each
	fresh     map[string]struct{} // items with an observation that no decision has seen

	active int // items whose own settings have a mode other than off
	frozen int // items that are frozen by themselves

	fold struct {
		catalog map[string]int64               // by currency: sum of the base prices of items
		pools   map[string]map[string]struct{} // by category: the items that are pooled there
	}
}

func newSiteState() *siteState {
	s := &siteState{head: &siteHead{}, items: map[string]*itemState{}, open: map[uint64]string{}, dismissed: map[uint64]string{}, fresh: map[string]struct{}{}}
	s.fold.catalog, s.fold.pools = map[string]int64{}, map[string]map[string]struct{}{}
	return s
}

func (s *siteState) getHead() *siteHead {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.head
}

func (s *siteState) get(id string) (*siteHead, *itemState) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.head, s.items[id]
}

// siteHead is what holds for a whole site. Values are never changed.
type siteHead struct {
	Settings   *Settings            `json:"settings,omitzero"`
	Categories map[string]*Settings `json:"categories,omitempty"` // at most maxCategories
	Frozen     bool                 `json:"frozen,omitzero"`      // the kill switch
	FrozenCats map[string]bool      `json:"frozen_categories,omitempty"`
	Revision   uint64               `json:"revision,omitzero"` // offset of the last record that changed what decisions depend on
	Breaker    guard.Breaker        `json:"breaker,omitzero"`
	Pools      map[string]Pool      `json:"pools,omitempty"`     // by category
	Markdowns  map[string]*Markdown `json:"markdowns,omitempty"` // scheduled and running, at most maxMarkdowns
}

// Pool is a category's prior, and the day on which it was estimated.
type Pool struct {
	Day   int64       `json:"day"` // Unix ms at which it began, of the log's clock
	Prior policy.Pool `json:"prior"`
}

// maxCategories bounds the categories of a site that have settings or a freeze of their own.
const maxCategories = 1000

// with is a copy that f changed. Maps are replaced by put and drop, never written to.
func (h *siteHead) with(f func(*siteHead)) *siteHead {
	next := *h
	f(&next)
	return &next
}

func withKey[K comparable, V any](m map[K]V, k K, v V) map[K]V {
	next := maps.Clone(m)
	if next == nil {
		next = map[K]V{}
	}
	next[k] = v
	return next
}

func withoutKey[K comparable, V any](m map[K]V, k K) map[K]V {
	if _, ok := m[k]; !ok {
		return m
	}
	next := maps.Clone(m)
	delete(next, k)
	return next
}

// itemState is what is known of one item's price. Values are never changed: a record makes a new one.
type itemState struct {
	Settings *Settings `json:"settings,omitzero"`
	Frozen   bool      `json:"frozen,omitzero"`

	Currency string        `json:"currency,omitempty"` // of the base market
	Ref      int64         `json:"ref,omitzero"`       // the list price when learning began
	Learned  *policy.State `json:"learned,omitzero"`
	Pool     string        `json:"pool,omitempty"` // category it is pooled with

	Competitors []Competitor `json:"competitors,omitempty"` // one a source, by source, at most maxSources
	Suggestion  *Suggestion  `json:"suggestion,omitzero"`
	Dismissed   uint64       `json:"dismissed,omitzero"`  // offset of the suggestion that a person dismissed, until another is made or the price changes
	NotBefore   int64        `json:"not_before,omitzero"` // a person dismissed a suggestion: none before this, Unix ms

	Prices    []inForce `json:"prices,omitempty"`     // by market, the base market first
	MarkedEnd int64     `json:"marked_end,omitzero"`  // when the last markdown of the base market ended, Unix ms
	History   []Entry   `json:"history,omitempty"`    // oldest first, at most Config.History
	Cut       bool      `json:"cut,omitzero"`         // older entries were dropped: they stand in the log
	Decided   int64     `json:"decided,omitzero"`     // time of the last decision, Unix ms
	DecidedOn int64     `json:"decided_on,omitzero"`  // start of the newest slot that decision had seen
	Alert     string    `json:"alert,omitempty"`      // a guard.Alert… that a person has to look at
	AlertAt   int64     `json:"alert_at,omitzero"`    // Unix ms
	Revision  uint64    `json:"revision,omitzero"`    // offset of the last record that touched it
	Decision  *Decision `json:"decision,omitzero"`    // the last one that was accepted
	DecidedBy uint64    `json:"decision_at,omitzero"` // its offset
}

// inForce is the price in force in one market, as the Book put it or saw it.
type inForce struct {
	Market   string `json:"market,omitempty"`
	Amount   int64  `json:"amount"`
	Version  uint64 `json:"version"`
	At       int64  `json:"at"`
	Kind     Kind   `json:"kind"`
	Markdown *Run   `json:"markdown,omitzero"` // the announced markdown that set it
}

// in is the price in force in market, nil if the Book has not seen it.
func (s *itemState) in(market string) *inForce {
	for i := range s.Prices {
		if s.Prices[i].Market == market {
			return &s.Prices[i]
		}
	}
	return nil
}

// running is the announced markdown of a market, nil if none runs.
func (s *itemState) running(market string) *Run {
	if f := s.in(market); f != nil {
		return f.Markdown
	}
	return nil
}

// setIn gives a market's price in force; the slice is a new one.
func (s *itemState) setIn(f inForce) {
	next := make([]inForce, 0, len(s.Prices)+1)
	done := false
	for _, p := range s.Prices {
		if p.Market == f.Market {
			p, done = f, true
		} else if p.Market > f.Market && !done {
			next, done = append(next, f), true
		}
		next = append(next, p)
	}
	if !done {
		next = append(next, f)
	}
	s.Prices = next
}

// Suggestion is a price that waits for a person. There is at most one an item: a newer one replaces it, and any change of the price ends
// it.
type Suggestion struct {
	Offset   uint64   `json:"offset"` // of its price.decide
	At       int64    `json:"at"`     // Unix ms
	Decision Decision `json:"decision"`
}

// ID is the suggestion's name.
func (s *Suggestion) ID() string { return "s" + strconv.FormatUint(s.Offset, 10) }

// suggestionOffset reads an ID.
func suggestionOffset(id string) (offset uint64, ok bool) {
	if len(id) < 2 || id[0] != 's' {
		return 0, false
	}
	offset, err := strconv.ParseUint(id[1:], 10, 64)
	return offset, err == nil
}

// suggestionLife is how long a suggestion waits, ms.
const suggestionLife = 7 * day
