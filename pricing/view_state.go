package pricing

import (
	"maps"
	"slices"
)

// EngineView is what the engine may do on a site and what holds it, without a walk through its items.
type EngineView struct {
	Mode        Mode // of the site
	Frozen      bool
	FrozenAll   bool // the installation is
	FrozenCats  []string
	FrozenItems int
	Breaker     BreakerView
	Known       int // items that something is kept of
	Suggestions int // open, expired ones included
	Running     int // markdowns
	Scheduled   int
}

// Engine is the state of a site's prices at a time, cheap enough to be asked each second.
func (b *Book) Engine(site string, now int64) EngineView {
	v := EngineView{Mode: ModeOff, FrozenAll: b.installation().Frozen, Breaker: BreakerView{Limit: DefaultBreaker}}
	s := b.site(site)
	if s == nil {
		return v
	}
	s.mu.RLock()
	h := s.head
	v.Known, v.Suggestions, v.FrozenItems = len(s.items), len(s.open), s.frozen
	s.mu.RUnlock()
	v.Mode, v.Frozen = h.effective(nil, nil).Mode, h.Frozen
	v.FrozenCats = slices.Sorted(maps.Keys(h.FrozenCats))
	v.Breaker = h.breakerView(now)
	for _, m := range h.Markdowns {
		if m.Running {
			v.Running++
		} else {
			v.Scheduled++
		}
	}
	return v
}

func (h *siteHead) breakerView(now int64) BreakerView {
	return BreakerView{Open: h.Breaker.Open(now), Moved: float64(h.Breaker.Moved) / 1e9, Limit: h.breakerLimit(), Since: h.Breaker.Since, Reason: h.Breaker.Reason}
}
