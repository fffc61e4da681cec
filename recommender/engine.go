package recommender

import (
	"strconv"
	"sync"
	"time"

	"beckon/clickstream"
)

// Engine is the models of all sites and answers from them.
type Engine struct {
	cfg        Config
	sessions   *sessions
	copurchase *copurchase
	factors    *factors
	popular    *popular
	outcomes   *outcomes
	blenders   sync.Pool // of *blender
}

// NamedFold is one model as a fact fold, under the name of its snapshots.
type NamedFold struct {
	Name string
	Fold clickstream.FactFold
}

// New makes an engine that knows nothing yet.
func New(cfg Config) *Engine {
	cfg.complete()
	e := &Engine{
		cfg:        cfg,
		sessions:   newSessions(cfg.SessionBytes),
		copurchase: newCopurchase(cfg.BasketBytes),
		factors:    newFactors(affinityLimits{items: cfg.Items, people: cfg.HistoryLimit}),
		popular:    newPopular(cfg.Items),
		outcomes:   newOutcomes(),
	}
	e.blenders.New = func() any { return new(blender) }
	return e
}

// Folds are the models. Each must be fed all facts in order, by one goroutine of its own or a shared one.
func (e *Engine) Folds() []NamedFold {
	return []NamedFold{
		{"visits", e.sessions}, {"copurchase", e.copurchase}, {"factors", e.factors}, {"popular", e.popular}, {"outcomes", e.outcomes},
	}
}

// Recommend answers q into dst. It allocates nothing once dst has grown.
func (e *Engine) Recommend(dst *Answer, q *Query) {
	limit := q.Limit
	if limit <= 0 {
		limit = 10
	}
	limit = min(limit, MaxLimit)
	exploration := e.cfg.Exploration
	if q.Plain {
		exploration = 0
	}
	wanted := reach(limit, exploration)
	b := e.blenders.Get().(*blender)
	defer e.blenders.Put(b)
	b.reset(0)
	b.exclude(q.Cart)
	b.exclude(q.Bought)
	if q.Item != "" {
		b.entries[b.find(q.Item)].excluded = true
	}
	place := e.ask(b, q, wanted+wanted/2+16)
	b.steeredBy(q)
	limit -= b.pin(q, limit)
	wanted = reach(limit, exploration)
	b.steer(q)
	b.choose(q, wanted)
	if len(b.ranked) < wanted {
		e.askPopular(b, q, leaderBound)
		b.steer(q)
		b.choose(q, wanted)
	}
	dst.Model = e.ModelVersion(q.Site)
	dst.Items, dst.Why = dst.Items[:0], dst.Why[:0]
	if len(q.Why) > 0 {
		dst.Why = b.why(dst.Why, q, wanted)
	}
	b.explore(limit, exploration, seedOf(q), func(c *entry, propensity float64) {
		dst.Items = b.appendPins(dst.Items, q, place)
		dst.Items = appendScored(dst.Items, b, q, place, c, propensity)
	})
	dst.Items = b.appendRest(dst.Items, q, place)
	sayShown(dst)
}

// ask asks every source for about n candidates each.
func (e *Engine) ask(b *blender, q *Query, n int) *placement {
	at := placementOf(q.Placement)
	place := &placements[at]
	b.weights = e.outcomes.weights(q.Site, at)
	if place.remind {
		e.askHistory(b, q)
	}
	e.askSessions(b, q, place, n)
	e.askBaskets(b, q, place, n)
	e.askFactors(b, q, n)
	e.askPopular(b, q, n)
	return place
}

// Rank answers with all of items, at most MaxLimit, in the order in which q's shopper would want them, without filters and
// exploration: each has Propensity 1. Items that nothing is known of come last, in the order given, with Score 0 and no Kind. Items that
// a rule excludes are left out; a pin takes its place if it is among items and eligible.
func (e *Engine) Rank(dst *Answer, q *Query, items []string) {
	items = items[:min(len(items), MaxLimit)]
	b := e.blenders.Get().(*blender)
	defer e.blenders.Put(b)
	b.reset(len(items))
	for _, item := range items {
		b.find(item)
	}
	b.only = true
	place := e.ask(b, q, maxBlend)
	if b.steeredBy(q) {
		b.pin(q, len(items))
		b.steer(q)
	}
	dst.Model = e.ModelVersion(q.Site)
	dst.Items, dst.Why = dst.Items[:0], dst.Why[:0]
	b.order()
	for i := b.pop(); i >= 0; i = b.pop() {
		dst.Items = b.appendPins(dst.Items, q, place)
		dst.Items = appendScored(dst.Items, b, q, place, &b.entries[i], 1)
	}
	for i := range b.entries {
		if c := &b.entries[i]; c.score == 0 && !c.excluded {
			dst.Items = b.appendPins(dst.Items, q, place)
			dst.Items = appendScored(dst.Items, b, q, place, c, 1)
		}
	}
	dst.Items = b.appendRest(dst.Items, q, place)
}

// appendScored appends an entry to an answer, in the memory of an earlier one.
func appendScored(items []Scored, b *blender, q *Query, place *placement, c *entry, propensity float64) []Scored {
	n := len(items)
	if n < cap(items) {
		items = items[:n+1]
	} else {
		items = append(items, Scored{})
	}
	s := &items[n]
	*s = Scored{
		Item: c.name, Score: float64(c.score), Propensity: propensity, Kind: kindOf(q, place, c),
		Because: s.Because[:0], Trace: s.Trace[:0], Touches: s.Touches[:0], Drawn: propensity < 1 && !c.next,
	}
	if c.cause != "" {
		s.Because = append(s.Because, c.cause)
	}
	if q.Explain {
		for source, value := range c.value {
			if value != 0 {
				s.Trace = append(s.Trace, Part{sourceKinds[source], float64(value), float64(b.weights[source])})
			}
		}
	}
	if b.steered {
		b.sayTouched(s, q)
	}
	return items
}

// kindOf is the reason's kind: that of the source that gives most, but what neighbours of the page's own item bring was viewed
// together with it, and what the shopper saw before is a reminder whoever brings it.
func kindOf(q *Query, place *placement, c *entry) string {
	switch {
	case c.score == 0:
		return ""
	case place.remind && c.value[fromRecent] != 0:
		return Recent
	case c.source == fromSession && q.Item != "" && c.cause == q.Item:
		return ViewedTogether
	}
	return sourceKinds[c.source]
}

// Trend is an item with its views in a window.
type Trend struct {
	Item  string
	Views int
}

// Trending is the most viewed items of the window before now, the most viewed first, equals in natural order of their ids. Windows
// are counted in whole minutes up to two hours and to the hour beyond, up to MaxTrendingWindow. eligible is called without locks.
func (e *Engine) Trending(site string, now int64, window time.Duration, limit int, eligible func(item string) bool) []Trend {
	return e.popular.trending(site, now, window, limit, eligible)
}

// ModelVersion names what the site's answers are made by: the generation of the models, and how many thousand visits they learned.
func (e *Engine) ModelVersion(site string) string {
	e.sessions.mu.RLock()
	defer e.sessions.mu.RUnlock()
	if m := e.sessions.sites[site]; m != nil {
		return m.version()
	}
	return generation
}

// generation changes when the same log gives other answers.
const generation = "v1"

// version is cached: it changes every thousand visits.
func (m *SessionModel) version() string {
	if v := m.versionText.Load(); v != nil && v.thousand == m.index.begun/1000 {
		return v.text
	}
	v := &modelVersion{m.index.begun / 1000, generation + "." + strconv.FormatUint(m.index.begun/1000, 10)}
	m.versionText.Store(v)
	return v.text
}

type modelVersion struct {
	thousand uint64
	text     string
}
