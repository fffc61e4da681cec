package pricing

import (
	"maps"
	"slices"
	"strings"
)

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
	v := SiteView{Defaults: Defaults(), FrozenAll: b.installation().Frozen, Items: map[string]*Settings{}, Breaker: BreakerView{Limit: DefaultBreaker}}
	s := b.site(site)
	if s == nil {
		return v
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	h := s.head
	v.Settings, v.Categories, v.Frozen, v.Pools = h.Settings, h.Categories, h.Frozen, h.Pools
	v.FrozenCats = slices.Sorted(maps.Keys(h.FrozenCats))
	v.Breaker = h.breakerView(now)
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
