package main

import (
	"math"
	"sort"
	"sync"

	"beckon/clickstream"
	"beckon/clickstream/segment"
	"beckon/dashboards/ui"
	"beckon/server/shop"
	"beckon/web/text"
)

// segmentCounting is what is known of all shoppers of each site, counted in the background: see segments_count.go.
type segmentCounting struct {
	mu    sync.Mutex
	sites map[string]*segmentCounts
	wish  chan string // a site that somebody looks at; what finds it full is dropped, for a count is under way
}

func newSegments() *segmentCounting {
	return &segmentCounting{sites: map[string]*segmentCounts{}, wish: make(chan string, 8)}
}

// of is the site's newest count, nil before the first.
func (s *segmentCounting) of(site string) *segmentCounts {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sites[site]
}

// segmentsOf is the ids of the segments that a shopper is in, now Unix ms of the site's clock.
func (n *node) segmentsOf(site string, v *clickstream.ShopperView, now int64) []string {
	return n.appendSegments(nil, site, v, now)
}

// appendSegments appends them to dst. Without consent to personalization a shopper is in none, and a machine neither.
func (n *node) appendSegments(dst []string, site string, v *clickstream.ShopperView, now int64) []string {
	if v.Bot || v.Consent&clickstream.Personalization == 0 {
		return dst
	}
	set := n.folds.segments.Of(site)
	var f segment.Features
	n.fillFeatures(&f, set.Needs(), site, v, now, n.segments.of(site))
	return set.Match(dst, &f)
}

// fillFeatures says of a shopper what is asked for. counts, from which ranks follow, may be nil.
func (n *node) fillFeatures(f *segment.Features, needs segment.Needs, site string, v *clickstream.ShopperView, now int64, counts *segmentCounts) {
	f.Set(segment.Visits, float64(v.Visits))
	f.Set(segment.Orders, float64(v.Purchases))
	f.Set(segment.Spent, float64(v.Spent))
	if v.Purchases > 0 {
		f.Set(segment.AverageOrder, float64(v.Spent)/float64(v.Purchases))
		f.Set(segment.SpentRank, counts.rank(v.Spent))
	}
	f.Set(segment.ItemsViewed, float64(v.Views))
	f.Set(segment.CartAdds, float64(v.Carts))
	f.Set(segment.Searches, float64(v.Searches))
	f.Set(segment.CartItems, float64(len(v.Cart)))
	f.Set(segment.Wishlist, float64(len(v.Wishlist)))
	f.Set(segment.DaysKnown, wholeDays(now-v.First))
	f.Set(segment.DaysAway, wholeDays(now-v.Last))
	if v.SessionStart != 0 {
		f.Set(segment.DaysAway, float64(v.Away))
		f.Set(segment.VisitMinutes, math.Floor(float64(now-v.SessionStart)/60_000))
		f.Set(segment.VisitViews, float64(viewsIn(v.Session)))
	}
	f.Add(segment.Device, v.Device.String())
	f.Add(segment.Source, v.Source)
	if v.User != "" {
		f.Add(segment.Customer, "yes")
	} else {
		f.Add(segment.Customer, "no")
	}
	n.fillItems(f, needs, site, v)
}

// fillItems says what a shopper's items are in the catalog, as far as it is asked for: that costs a look at each.
func (n *node) fillItems(f *segment.Features, needs segment.Needs, site string, v *clickstream.ShopperView) {
	if needs.Has(segment.CartValue) {
		value := int64(0)
		for _, line := range v.Cart {
			if it, ok := n.shop.Item(site, line.Item); ok {
				value += it.Public * int64(max(line.Quantity, 1))
			}
		}
		f.Set(segment.CartValue, float64(value))
	}
	if needs.Has(segment.ReducedShare) || needs.Has(segment.Category) || needs.Has(segment.Brand) || needs.Has(segment.Item) {
		n.fillRecent(f, needs, site, v)
	}
	for _, b := range v.Bought {
		if needs.Has(segment.BoughtItem) {
			f.Add(segment.BoughtItem, b.Item)
		}
		if !needs.Has(segment.BoughtCategory) {
			continue
		}
		if it, ok := n.shop.Item(site, b.Item); ok {
			for _, c := range it.Category {
				f.Add(segment.BoughtCategory, c)
			}
		}
	}
}

func (n *node) fillRecent(f *segment.Features, needs segment.Needs, site string, v *clickstream.ShopperView) {
	known, reduced := 0, 0
	for _, r := range v.Recent {
		if needs.Has(segment.Item) {
			f.Add(segment.Item, r.Item)
		}
		it, ok := n.shop.Item(site, r.Item)
		if !ok {
			continue
		}
		known++
		if it.Public < it.Price || it.Markdown > 0 {
			reduced++
		}
		if needs.Has(segment.Brand) && it.Brand != "" {
			f.Add(segment.Brand, it.Brand)
		}
		if needs.Has(segment.Category) {
			for _, c := range it.Category {
				f.Add(segment.Category, c)
			}
		}
	}
	if known > 0 {
		f.Set(segment.ReducedShare, 100*float64(reduced)/float64(known))
	}
}

func viewsIn(steps []clickstream.Step) (views int) {
	for i := range steps {
		if steps[i].Kind() == clickstream.ViewItem {
			views++
		}
	}
	return views
}

// wholeDays is whole days, of a span in ms.
func wholeDays(span int64) float64 { return float64(max(span, 0) / 86_400_000) }

// rank is the percent of buyers who spent no more; 0 before anybody counted.
func (c *segmentCounts) rank(spent int64) float64 {
	if c == nil || len(c.spent) == 0 {
		return 0
	}
	at := sort.Search(len(c.spent), func(i int) bool { return c.spent[i] > spent })
	return math.Floor(100 * float64(at) / float64(len(c.spent)))
}

// segmentTitle is what people call a segment; built-in ones have a name in every language.
func segmentTitle(p *text.Printer, d *segment.Definition) string {
	for _, b := range segment.Builtin() {
		if b.ID == d.ID && b.Title == d.Title {
			return p.T("segments.builtin." + d.ID)
		}
	}
	return d.Title
}

// segmentChoices are a site's segments for forms of rules and offers.
func (n *node) segmentChoices(site string, p *text.Printer) []ui.Choice {
	var choices []ui.Choice
	for _, d := range n.folds.segments.Of(site).Definitions() {
		choices = append(choices, ui.Choice{Value: d.ID, Label: segmentTitle(p, &d)})
	}
	return choices
}

// liveSites are the sites that are not retired.
func (n *node) liveSites() []shop.Site {
	var live []shop.Site
	for _, s := range n.shop.Sites() {
		if s.Retired == 0 {
			live = append(live, s)
		}
	}
	return live
}
