package recommender

import (
	"math"
	"strings"

	"beckon/clickstream"
	"beckon/clickstream/snapshot"
)

// popularity is what one site's shoppers want now, whoever they are: fading counts with their leaders, and views in windows.
//
// A fading count adds 2^((t−epoch)/half-life) for what happens at t (forward decay, Cormode et al., ICDE 2009): the order of items
// changes with new counts only, so that the leaders are kept exactly. When the exponents grow large, all are scaled down.
type popularity struct {
	limit int // items
	ids   map[string]uint32
	stats []itemStat // by item number

	epoch   int64           // Unix ms at which the weight is 1
	leaders [trends]topList // by trend
	window  window

	categories map[string]uint32
	shelves    []shelf // by category number

	weights    [trends]secondWeight
	byTrend    [trends]counted // what the leaders are kept over
	byCategory shelved
}

// The fading counts.
const (
	trendHot   = iota // views and carts of these hours
	trendViews        // views of these days
	trendSales        // purchases of these weeks
	trends
)

// halfLives are in ms of event time.
var halfLives = [trends]float64{2 * 3600e3, 3 * 86400e3, 14 * 86400e3}

const (
	leaderBound   = 256
	shelfBound    = 64
	maxCategories = 4096
	maxVotes      = 16
	rescaleAt     = 40.0 // as a power of two
)

type itemStat struct {
	name     string
	count    [trends]float64
	place    [trends]uint16
	shelfAt  uint16 // 1 + index in its category's shelf
	votes    uint16
	category uint32 // 1 + number, 0 unknown
	spot     windowSpot
}

// shelf is a category's leaders by trendViews.
type shelf struct {
	name string
	list topList
}

func newPopularity(limit int) *popularity {
	p := &popularity{limit: limit, ids: map[string]uint32{}, categories: map[string]uint32{}}
	for i := range p.leaders {
		p.leaders[i].bound = leaderBound
		p.byTrend[i] = counted{p, i}
	}
	p.byCategory = shelved{p}
	return p
}

// event counts one event's items.
func (p *popularity) event(e *clickstream.Event) {
	for i := range e.Items {
		id := p.intern(e.Items[i].ID)
		if e.Items[i].Category != "" {
			p.shelve(id, e.Items[i].Category)
		}
		switch e.Kind {
		case clickstream.ViewItem:
			p.window.add(id, e.Time/minuteMs, &p.stats[id].spot)
			p.raise(id, trendHot, 1, e.Time)
			p.raise(id, trendViews, 1, e.Time)
		case clickstream.AddToCart:
			p.raise(id, trendHot, 3, e.Time)
		case clickstream.Purchase:
			p.raise(id, trendSales, 1, e.Time)
		}
	}
}

// refund takes sales back at the weight of now: what was sold long ago has faded, and a count is never below 0.
func (p *popularity) refund(e *clickstream.Event) {
	for i := range e.Items {
		id, ok := p.ids[e.Items[i].ID]
		if !ok || p.stats[id].count[trendSales] == 0 {
			continue
		}
		s := &p.stats[id]
		s.count[trendSales] = max(0, s.count[trendSales]-p.weight(trendSales, e.Time))
		if p.leaders[trendSales].lowered(&p.byTrend[trendSales], id) {
			p.lead(trendSales)
		}
	}
}

func (p *popularity) intern(name string) uint32 {
	if id, ok := p.ids[name]; ok {
		return id
	}
	if len(p.stats) >= p.limit {
		p.shrink()
	}
	name = strings.Clone(name)
	id := uint32(len(p.stats))
	p.stats = append(p.stats, itemStat{name: name})
	p.ids[name] = id
	return id
}

// weight is what happens at a time counts, to the second.
func (p *popularity) weight(trend int, at int64) float64 {
	c := &p.weights[trend]
	if second := at / 1000; c.second != second || c.epoch != p.epoch || c.weight == 0 {
		*c = secondWeight{second, p.epoch, math.Exp2(float64(second*1000-p.epoch) / halfLives[trend])}
	}
	return c.weight
}

// secondWeight is the newest weight that was computed.
type secondWeight struct {
	second, epoch int64
	weight        float64
}

func (p *popularity) raise(id uint32, trend int, by float64, at int64) {
	if float64(at-p.epoch) > rescaleAt*halfLives[trendHot] {
		p.rescale(at)
	}
	p.stats[id].count[trend] += by * p.weight(trend, at)
	p.leaders[trend].raised(&p.byTrend[trend], id)
	if s := &p.stats[id]; trend == trendViews && s.category != 0 {
		p.shelves[s.category-1].list.raised(&p.byCategory, id)
	}
}

// counted is the items of a site ranked by a trend.
type counted struct {
	*popularity
	trend int
}

func (c *counted) score(id uint32) float64 { return c.stats[id].count[c.trend] }
func (c *counted) place(id uint32) *uint16 { return &c.stats[id].place[c.trend] }

// shelved is the items of a site ranked within their category.
type shelved struct{ *popularity }

func (c *shelved) score(id uint32) float64 { return c.stats[id].count[trendViews] }
func (c *shelved) place(id uint32) *uint16 { return &c.stats[id].shelfAt }

// rescale makes at the epoch. Counts too old to be told from 0 become 0.
func (p *popularity) rescale(at int64) {
	var factor [trends]float64
	for t := range factor {
		factor[t] = 1 / p.weight(t, at)
	}
	for i := range p.stats {
		for t, f := range factor {
			p.stats[i].count[t] *= f
		}
	}
	p.epoch = at
	p.leadAll()
}

// shelve notes an item's category. Where events disagree the majority of the latest counts (Boyer and Moore's vote, bounded so that
// a new category needs at most maxVotes events). Beyond maxCategories new ones are not noted.
func (p *popularity) shelve(id uint32, category string) {
	s := &p.stats[id]
	if s.category != 0 && p.shelves[s.category-1].name == category {
		s.votes = min(s.votes+1, maxVotes)
		return
	}
	if len(category) > snapshot.MaxText {
		return
	}
	if s.category != 0 && s.votes > 1 {
		s.votes--
		return
	}
	number, ok := p.categories[category]
	if !ok {
		if len(p.shelves) == maxCategories {
			return
		}
		category = strings.Clone(category)
		number = uint32(len(p.shelves))
		p.categories[category] = number
		p.shelves = append(p.shelves, shelf{category, topList{bound: shelfBound}})
	}
	was := s.category
	s.category, s.votes = number+1, maxVotes/2
	if was != 0 && p.shelves[was-1].list.removed(&p.byCategory, id) {
		p.leadShelf(was)
	}
	p.shelves[number].list.raised(&p.byCategory, id)
}

// lead fills a trend's leaders anew.
func (p *popularity) lead(trend int) {
	list, r := &p.leaders[trend], &p.byTrend[trend]
	list.clear(r)
	for id := range p.stats {
		if p.stats[id].count[trend] > 0 {
			list.raised(r, uint32(id))
		}
	}
}

// leadShelf fills the shelf of a category, given as 1 + its number, anew.
func (p *popularity) leadShelf(category uint32) {
	list, r := &p.shelves[category-1].list, &p.byCategory
	list.clear(r)
	for id := range p.stats {
		if p.stats[id].category == category {
			list.raised(r, uint32(id))
		}
	}
}

// leadAll fills all lists anew.
func (p *popularity) leadAll() {
	for t := range p.leaders {
		p.lead(t)
	}
	for i := range p.shelves {
		p.shelves[i].list.clear(&p.byCategory)
	}
	for id := range p.stats {
		if c := p.stats[id].category; c != 0 {
			p.shelves[c-1].list.raised(&p.byCategory, uint32(id))
		}
	}
}

// shrink forgets the eighth of the items that is wanted least, to make room.
func (p *popularity) shrink() {
	order := make([]uint32, len(p.stats))
	for i := range order {
		order[i] = uint32(i)
	}
	want := func(id uint32) float64 {
		s := &p.stats[id]
		return s.count[trendViews] + 20*s.count[trendSales]
	}
	keep := len(order) - max(1, len(order)/8)
	selectFirst(order, keep, func(a, b uint32) bool {
		x, y := want(a), want(b)
		return x > y || x == y && a < b
	})
	renumbered := make([]uint32, len(p.stats))
	for i := range renumbered {
		renumbered[i] = gone
	}
	for _, id := range order[:keep] {
		renumbered[id] = 0
	}
	for t := range p.leaders {
		p.leaders[t].ids = nil
	}
	for i := range p.shelves {
		p.shelves[i].list.ids = nil
	}
	kept := make([]itemStat, 0, keep+keep/8+1)
	p.ids = make(map[string]uint32, keep)
	for id := range p.stats {
		if renumbered[id] == gone {
			continue
		}
		renumbered[id] = uint32(len(kept))
		s := p.stats[id]
		s.place, s.shelfAt, s.spot = [trends]uint16{}, 0, windowSpot{}
		p.ids[s.name] = uint32(len(kept))
		kept = append(kept, s)
	}
	p.stats = kept
	p.window.renumber(renumbered)
	p.restore()
}

// restore makes what follows from counts, categories and windows.
func (p *popularity) restore() {
	p.leadAll()
	newest := &p.window.minutes[p.window.newest&(windowMinutes-1)]
	for i, v := range newest.views {
		p.stats[v.id].spot = windowSpot{p.window.newest, uint32(i + 1)}
	}
}
