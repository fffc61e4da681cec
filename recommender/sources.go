package recommender

import "math"

const (
	historyAsVisit = 5  // newest items of the history that stand in for a visit
	historyRead    = 20 // newest items of the history that factors and reminders read
	cartRead       = 20 // newest items of the cart that what is bought together is sought for, which bounds the work
	boughtRead     = 5  // newest purchases that what is bought together is sought for
)

// askSessions asks neighbours of the visit. Without one the newest history stands in, and what it brings is what similar shoppers do.
func (e *Engine) askSessions(b *blender, q *Query, place *placement, n int) {
	source := fromSession
	b.sequence = b.sequence[:0]
	if q.Personal {
		b.sequence = append(b.sequence, q.Session...)
		if len(q.Session) == 0 && q.Item == "" {
			for i := min(len(q.History), historyAsVisit) - 1; i >= 0; i-- {
				b.sequence = append(b.sequence, q.History[i])
			}
			source = fromFactors
		}
	}
	if last := len(b.sequence) - 1; q.Item != "" && (last < 0 || b.sequence[last] != q.Item) {
		b.sequence = append(b.sequence, q.Item)
	}
	if len(b.sequence) == 0 {
		return
	}
	self := uint32(0)
	if q.Visitor != "" {
		self = owner(q.Visitor)
	}
	e.sessions.mu.RLock()
	defer e.sessions.mu.RUnlock()
	m := e.sessions.sites[q.Site]
	if m == nil {
		return
	}
	x, s := m.index, &b.search
	x.query(s, m.tables, b.sequence, self)
	x.rank(s, m.tables, n, before, !place.remind && !b.only)
	for _, c := range s.found {
		cause := ""
		if c.cause > 0 && source == fromSession {
			cause = x.items[s.focus[c.cause-1].id].name
		}
		b.add(source, x.items[c.id].name, c.score/s.found[0].score, cause)
	}
}

// askBaskets asks what is bought together with the cart, the page's item, or what was just bought.
func (e *Engine) askBaskets(b *blender, q *Query, place *placement, n int) {
	b.context = b.context[:0]
	if q.Personal {
		bought := q.Bought[:min(len(q.Bought), boughtRead)]
		if place.name == PostPurchase || place.name == Email || len(q.Cart) == 0 && q.Item == "" {
			for i := len(bought) - 1; i >= 0; i-- {
				b.context = append(b.context, bought[i])
			}
		}
		b.context = append(b.context, q.Cart[max(0, len(q.Cart)-cartRead):]...)
	}
	if q.Item != "" {
		b.context = append(b.context, q.Item)
	}
	if len(b.context) == 0 {
		return
	}
	e.copurchase.mu.RLock()
	defer e.copurchase.mu.RUnlock()
	m := e.copurchase.sites[q.Site]
	if m == nil {
		return
	}
	s := &b.baskets
	m.together(s, b.context)
	m.best(s, n)
	for _, c := range s.found {
		cause := ""
		if c.cause > 0 {
			cause = m.index.items[s.context[c.cause-1]].name
		}
		b.add(fromBaskets, m.index.items[c.id].name, float32(math.Sqrt(float64(c.score/s.found[0].score))), cause)
	}
}

// askFactors asks what shoppers with the same history did.
func (e *Engine) askFactors(b *blender, q *Query, n int) {
	if !q.Personal || len(q.History) == 0 {
		return
	}
	e.factors.mu.RLock()
	defer e.factors.mu.RUnlock()
	a := e.factors.sites[q.Site]
	if a == nil {
		return
	}
	s := &b.factors
	a.like(s, q.History[:min(len(q.History), historyRead)], n)
	for _, c := range s.found {
		b.add(fromFactors, a.items[c.id].name, c.score/s.found[0].score, "")
	}
}

// askHistory reminds of what was looked at before.
func (e *Engine) askHistory(b *blender, q *Query) {
	if !q.Personal {
		return
	}
	value := float32(1)
	for _, item := range q.History[:min(len(q.History), historyRead)] {
		b.add(fromRecent, item, value, "")
		value *= 0.9
	}
}

// askPopular asks for what is wanted by everybody.
func (e *Engine) askPopular(b *blender, q *Query, n int) {
	e.popular.mu.RLock()
	defer e.popular.mu.RUnlock()
	p := e.popular.sites[q.Site]
	if p == nil {
		return
	}
	if b.only {
		p.valueWanted(b)
		return
	}
	p.addLeaders(b, fromTrending, trendHot, n, 1)
	p.addLeaders(b, fromTrending, trendViews, n, 0.5)
	p.addLeaders(b, fromBestseller, trendSales, n, 1)
	if number, ok := p.categories[q.Category]; ok && q.Category != "" && b.weights[fromCategory] > 0 {
		p.addShelf(b, number, n)
	}
}

func (p *popularity) addLeaders(b *blender, source, trend, n int, scale float32) {
	ids := p.leaders[trend].ids
	for _, id := range ids[:min(len(ids), n)] {
		b.add(source, p.stats[id].name, scale*p.share(trend, id), "")
	}
}

// share is an item's count against the leader's, 0 to 1, damped so that one giant does not hide the rest.
func (p *popularity) share(trend int, id uint32) float32 {
	top := p.stats[p.leaders[trend].ids[0]].count[trend]
	if top <= 0 {
		return 0
	}
	return float32(math.Sqrt(p.stats[id].count[trend] / top))
}

// addShelf adds a category's leaders and holds down what other sources brought from elsewhere.
func (p *popularity) addShelf(b *blender, number uint32, n int) {
	ids := p.shelves[number].list.ids
	for i, id := range ids[:min(len(ids), n)] {
		b.add(fromCategory, p.stats[id].name, 1/float32(1+0.1*float64(i)), "")
	}
	for i := range b.entries {
		e := &b.entries[i]
		if id, ok := p.ids[e.name]; !ok || p.stats[id].category != number+1 {
			e.score *= elsewhere
		}
	}
}

// elsewhere is the factor of items that do not belong to the page's category.
const elsewhere = 0.1

// valueWanted values the entries that are wanted, whether they lead or not.
func (p *popularity) valueWanted(b *blender) {
	for i := range b.entries {
		id, ok := p.ids[b.entries[i].name]
		if !ok {
			continue
		}
		p.valueOne(b, fromTrending, trendHot, id)
		p.valueOne(b, fromBestseller, trendSales, id)
	}
}

func (p *popularity) valueOne(b *blender, source, trend int, id uint32) {
	if p.stats[id].count[trend] > 0 {
		b.add(source, p.stats[id].name, p.share(trend, id), "")
	}
}
