package demand

import (
	"cmp"
	"slices"
	"strings"
)

// What a surge is: in the last ten minutes at least SurgeViews views, SurgeRatio times what was expected, and SurgeZ standard
// deviations above it; expected from at least SurgeKnown hours of the site's own past.
const (
	SurgeViews = 10
	SurgeRatio = 1.5
	SurgeZ     = 3.0
	SurgeKnown = 0.5
	// recentMinutes is the present minute and the nine before it.
	recentMinutes = 10
	// maxScored bounds how many of the most viewed items are scored.
	maxScored = 512
)

// Recent is from when the last ten minutes are counted, Unix ms: the beginning of a minute.
func Recent(now int64) int64 { return max(now/minuteMs-recentMinutes+1, 0) * minuteMs }

// Surges is what everyone is flocking to: the surges of the last ten minutes, the highest ratio first, at most limit. eligible may be
// nil. It is a function of the counts alone: what is a surge now may be none a minute later.
func (f *Fold) Surges(site string, now int64, limit int, eligible func(item string) bool) []Scored {
	names := []string{}
	for _, m := range f.MostViewed(site, now, maxScored, eligible) {
		if m.Views >= SurgeViews {
			names = append(names, m.Item)
		}
	}
	scored := f.Rush(nil, site, names, now)
	scored = slices.DeleteFunc(scored, func(x Scored) bool {
		return x.Views < SurgeViews || x.Ratio < SurgeRatio || x.Z < SurgeZ || x.Known < SurgeKnown
	})
	slices.SortFunc(scored, func(a, b Scored) int {
		return cmp.Or(cmp.Compare(b.Ratio, a.Ratio), cmp.Compare(b.Views, a.Views), strings.Compare(a.Item, b.Item))
	})
	return scored[:min(limit, len(scored))]
}

// Rush appends how many viewed items in the last ten minutes and how many were to be expected while the shop is as busy as it is: where
// all the other items have twice the usual views, as after a newsletter, twice an item's own are expected.
func (f *Fold) Rush(dst []Scored, site string, items []string, now int64) []Scored {
	now = within(now)
	from := Recent(now)
	base := len(dst)
	dst = f.Scored(dst, site, items, from, now)
	p := f.profile(site, int32(now/hourMs))
	if p == nil || len(items) == 0 {
		return dst
	}
	all := f.recent(site, now)
	var views float64
	for i := range all {
		views += float64(all[i].Views)
	}
	looks, _ := p.site.over(from, now)
	usual := p.all * looks
	if usual == 0 {
		return dst
	}
	for i := base; i < len(dst); i++ {
		x := &dst[i]
		lift := (views - float64(x.Views) + liftWeight) / (max(usual-x.Expected, 0) + liftWeight)
		x.Expected *= max(lift, 1)
		x.Ratio, x.Z = Score(float64(x.Views), x.Expected)
	}
	return dst
}

// liftWeight is how many views of all items must be exceeded before the shop counts as busier than usual.
const liftWeight = 20

// MostViewed is the items with the most views in the last ten minutes, at most limit. eligible may be nil.
func (f *Fold) MostViewed(site string, now int64, limit int, eligible func(item string) bool) []ItemCounts {
	all := f.recent(site, now)
	slices.SortFunc(all, func(a, b ItemCounts) int {
		return cmp.Or(cmp.Compare(b.Views, a.Views), strings.Compare(a.Item, b.Item))
	})
	kept := all[:0]
	for _, c := range all {
		if len(kept) == limit || c.Views == 0 {
			break
		}
		if eligible == nil || eligible(c.Item) {
			kept = append(kept, c)
		}
	}
	return kept
}

func (f *Fold) recent(site string, now int64) []ItemCounts {
	now = within(now)
	f.mu.RLock()
	defer f.mu.RUnlock()
	s := f.sites[site]
	if s == nil {
		return nil
	}
	return f.slotOfMinutes(nil, s, span{Recent(now) / minuteMs, now/minuteMs + 1, true})
}
