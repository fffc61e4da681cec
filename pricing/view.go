package pricing

import (
	"maps"
	"slices"
	"strings"

	"beckon/pricing/guard"
	"beckon/pricing/policy"
)

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
	if on(s.head.Settings) {
		return true
	}
	for _, c := range s.head.Categories {
		if on(c) {
			return true
		}
	}
	for _, it := range s.items {
		if on(it.Settings) {
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

// Undecided lists items with an observed slot that no decision has seen, at most limit, in the order of their ids after the given one.
func (b *Book) Undecided(site, after string, limit int) []string {
	s := b.site(site)
	if s == nil {
		return nil
	}
	s.mu.RLock()
	ids := make([]string, 0, len(s.fresh))
	for id := range s.fresh {
		if id > after {
			ids = append(ids, id)
		}
	}
	s.mu.RUnlock()
	slices.Sort(ids)
	return ids[:min(limit, len(ids))]
}

// SiteView is a site's settings and what holds its prices.
type SiteView struct {
	Settings     *Settings            `json:"settings"`
	Categories   map[string]*Settings `json:"categories"`
	Items        map[string]*Settings `json:"items"`
	Defaults     Effective            `json:"defaults"`
	Frozen       bool                 `json:"frozen"`
	FrozenAll    bool                 `json:"frozen_installation"`
	FrozenCats   []string             `json:"frozen_categories"`
	FrozenItems  []string             `json:"frozen_items"`
	Breaker      BreakerView          `json:"breaker"`
	Pools        map[string]Pool      `json:"pools"`
	Known        int                  `json:"known_items"`
	Suggestions  int                  `json:"open_suggestions"`
	MarkdownsRun int                  `json:"markdowns"`
}

// BreakerView is the catalog's breaker.
type BreakerView struct {
	Open   bool    `json:"open"`
	Moved  float64 `json:"moved"` // today, fraction of the catalog
	Limit  float64 `json:"limit"`
	Since  int64   `json:"since,omitempty"`
	Reason string  `json:"reason,omitempty"`
}

// maxListed bounds the items with settings or a freeze of their own that SiteView lists.
const maxListed = 1000

// Site is the state of a site's prices at a time.
func (b *Book) Site(site string, now int64) SiteView {
	v := SiteView{Defaults: Defaults(), FrozenAll: b.installation().Frozen, Items: map[string]*Settings{}, Breaker: BreakerView{Limit: defaultBreaker}}
	s := b.site(site)
	if s == nil {
		return v
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	h := s.head
	v.Settings, v.Categories, v.Frozen, v.Pools = h.Settings, h.Categories, h.Frozen, h.Pools
	v.FrozenCats = slices.Sorted(maps.Keys(h.FrozenCats))
	v.Breaker = BreakerView{Open: h.Breaker.Open(now), Moved: float64(h.Breaker.Moved) / 1e9, Limit: h.breakerLimit(), Since: h.Breaker.Since, Reason: h.Breaker.Reason}
	v.Known, v.Suggestions, v.MarkdownsRun = len(s.items), len(s.open), len(h.Markdowns)
	for id, it := range s.items {
		if it.Settings != nil && len(v.Items) < maxListed {
			v.Items[id] = it.Settings
		}
		if it.Frozen && len(v.FrozenItems) < maxListed {
			v.FrozenItems = append(v.FrozenItems, id)
		}
	}
	slices.Sort(v.FrozenItems)
	return v
}

// SuggestionView is an open suggestion.
type SuggestionView struct {
	ID       string   `json:"id"`
	Item     string   `json:"item_id"`
	Made     int64    `json:"made"`    // Unix ms
	Expires  int64    `json:"expires"` // Unix ms
	Decision Decision `json:"decision"`
}

// Suggestions lists what waits for a person at a time, oldest first, at most limit.
func (b *Book) Suggestions(site string, now int64, limit int) []SuggestionView {
	s := b.site(site)
	list := []SuggestionView{}
	if s == nil {
		return list
	}
	s.mu.RLock()
	for _, id := range s.open {
		if g := s.items[id].Suggestion; now-g.At <= suggestionLife {
			list = append(list, SuggestionView{g.ID(), id, g.At, g.At + suggestionLife, g.Decision})
		}
	}
	s.mu.RUnlock()
	slices.SortFunc(list, func(a, b SuggestionView) int {
		if a.Made != b.Made {
			return int(a.Made - b.Made)
		}
		return strings.Compare(a.Item, b.Item)
	})
	return list[:min(limit, len(list))]
}

// Markdowns lists what is scheduled and running, in the order of their ids.
func (b *Book) Markdowns(site string) []*Markdown {
	list := []*Markdown{}
	if s := b.site(site); s != nil {
		h := s.getHead()
		for _, id := range slices.Sorted(maps.Keys(h.Markdowns)) {
			list = append(list, h.Markdowns[id])
		}
	}
	return list
}

// ItemView is what is known of one item's price.
type ItemView struct {
	Settings    Effective        `json:"settings"`
	Own         *Settings        `json:"own_settings,omitempty"`
	Frozen      bool             `json:"frozen"`
	Limits      guard.Limits     `json:"limits"`
	Lowest      int64            `json:"lowest_allowed"`  // by the hard limits, minor units
	Highest     int64            `json:"highest_allowed"` // 0: no ceiling
	MovableAt   int64            `json:"movable_at"`      // Unix ms from which dwell lets the price move
	Ref         int64            `json:"reference_price"`
	Pool        string           `json:"pool"`
	PoolPrior   policy.Pool      `json:"pool_prior"`
	Observed    float64          `json:"observed_slots"`
	Proposal    *policy.Proposal `json:"proposal,omitempty"` // what policy would say now
	Curve       []policy.Point   `json:"curve"`
	Decision    *Decision        `json:"decision,omitempty"` // the last one
	Suggestion  *SuggestionView  `json:"suggestion,omitempty"`
	Markdown    *Run             `json:"markdown,omitempty"`
	Competitors []Competitor     `json:"competitors"`
	History     []Entry          `json:"history"`
	Cut         bool             `json:"history_cut"`
	Alert       string           `json:"alert,omitempty"`
	AlertAt     int64            `json:"alert_at,omitempty"`
}

// curvePoints is how many prices the demand curve of a view has.
const curvePoints = 25

// Item is what is known of one item's price at a time.
func (b *Book) Item(site, id string, it Item, now int64) ItemView {
	s := b.site(site)
	if s == nil {
		s = newSiteState()
	}
	c := b.situationOf(s, id, it)
	v := ItemView{Settings: c.set, Frozen: c.stopped(), Limits: c.limits(""), Competitors: []Competitor{}, History: []Entry{}, Curve: []policy.Point{}}
	v.Lowest, v.Highest = v.Limits.Window()
	if v.Highest == guard.MaxAmount {
		v.Highest = 0
	}
	v.MovableAt = it.PriceAt + c.set.Dwell
	st := c.item
	if st == nil {
		return v
	}
	v.Own, v.Ref, v.Pool, v.PoolPrior = st.Settings, st.Ref, st.Pool, c.head.Pools[st.Pool].Prior
	v.Decision, v.Markdown, v.Cut, v.Alert, v.AlertAt = st.Decision, st.running(""), st.Cut, st.Alert, st.AlertAt
	v.Competitors = append(v.Competitors, st.Competitors...)
	v.History = append(v.History, st.History...)
	if g := st.Suggestion; g != nil {
		v.Suggestion = &SuggestionView{g.ID(), id, g.At, g.At + suggestionLife, g.Decision}
	}
	if st.Learned == nil || it.Public <= 0 {
		return v
	}
	v.Observed = st.Learned.Slots
	in := c.input(site, id, now)
	p := policy.Propose(in.policy())
	v.Proposal = &p
	v.Curve = append(v.Curve, policy.Curve(in.policy(), max(1, it.Public*6/10), it.Public*15/10, curvePoints)...)
	return v
}
