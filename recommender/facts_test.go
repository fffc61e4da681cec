package recommender

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"beckon/clickstream"
)

// shop makes facts as the folds of sessions would: visits that go on step by step, close, are taken back and come again changed;
// purchases, repeats, refunds, bots, late events, impressions.
type shop struct {
	r        *rand.Rand
	sites    []string
	clock    int64
	seq      uint64
	visitors int
	items    int
	live     map[string]*clickstream.Session // by site and visitor; deterministic access through keys
	keys     []string
	orders   int
	calm     bool // no retractions
}

func newShop(seed uint64) *shop {
	return &shop{
		r: rand.New(rand.NewPCG(seed, 99)), sites: []string{"north", "south"}, clock: 1_700_000_000_000, visitors: 40, items: 60,
		live: map[string]*clickstream.Session{},
	}
}

// item is drawn so that visitors have tastes: neighbours in number go together.
func (s *shop) item(taste int) string {
	return fmt.Sprint("sku-", (taste*7+int(s.r.ExpFloat64()*4))%s.items)
}

func (s *shop) facts(n int) []clickstream.Fact {
	out := make([]clickstream.Fact, 0, n)
	for range n {
		out = append(out, s.fact())
	}
	return out
}

func (s *shop) fact() clickstream.Fact {
	s.clock += int64(s.r.IntN(20_000))
	s.seq++
	site, taste := s.sites[s.r.IntN(len(s.sites))], s.r.IntN(s.visitors)
	visitor := fmt.Sprint("v", taste)
	f := clickstream.Fact{Seq: s.seq, Site: site, Clock: s.clock}
	e := &clickstream.Event{
		Site: site, Visitor: visitor, ID: fmt.Sprint("e", s.seq), Time: s.clock, Received: s.clock,
		Consent: clickstream.Analytics | clickstream.Personalization,
	}
	f.Event = e
	kinds := []clickstream.Kind{
		clickstream.ViewItem, clickstream.ViewItem, clickstream.ViewItem, clickstream.ViewItem, clickstream.AddToCart, clickstream.Purchase,
		clickstream.SelectItem, clickstream.Impression, clickstream.RemoveFromCart, clickstream.Refund, clickstream.Search,
	}
	e.Kind = kinds[s.r.IntN(len(kinds))]
	f.Bot, f.Late = s.r.IntN(50) == 0, s.r.IntN(50) == 0
	switch e.Kind {
	case clickstream.Search:
	case clickstream.Impression:
		e.Placement = placements[s.r.IntN(len(placements))].name
		for i := range 4 {
			e.Items = append(e.Items, clickstream.Item{ID: s.item(taste), Reason: sourceKinds[i], Propensity: 1})
		}
	case clickstream.Purchase:
		s.orders++
		e.Transaction = fmt.Sprint("t", s.orders)
		f.Repeat = s.r.IntN(20) == 0
		for range 1 + s.r.IntN(4) {
			e.Items = append(e.Items, clickstream.Item{ID: s.item(taste), Quantity: 1})
		}
	case clickstream.Refund:
		e.Transaction = fmt.Sprint("t", 1+s.r.IntN(s.orders+1))
		if s.r.IntN(2) == 0 {
			e.Items = append(e.Items, clickstream.Item{ID: s.item(taste), Quantity: 1})
		}
	default:
		e.Items = []clickstream.Item{{ID: s.item(taste), Category: fmt.Sprint("shelf-", taste%3), Quantity: 1}}
	}
	if !f.Late {
		s.change(&f)
	}
	return f
}

// change derives what the event did to sessions.
func (s *shop) change(f *clickstream.Fact) {
	key := f.Site + "/" + f.Event.Visitor
	old := s.live[key]
	if old == nil {
		old = &clickstream.Session{Key: clickstream.SessionKey{Visitor: f.Event.Visitor, Start: f.Event.Time}, Consent: f.Event.Consent}
		s.keys = append(s.keys, key)
	}
	next := *old
	next.End, next.Events = f.Event.Time, next.Events+1
	next.Bot = old.Bot || f.Bot
	var c clickstream.SessionChange
	added := 0
	switch f.Event.Kind {
	case clickstream.Impression, clickstream.Refund, clickstream.Search:
	default:
		for _, it := range f.Event.Items {
			next.Steps = append(slices.Clip(next.Steps), clickstream.NewStep(it.ID, f.Event.Kind, f.Event.Time))
			added++
		}
	}
	if !s.calm && len(next.Steps) > 1 && s.r.IntN(6) == 0 { // an earlier event came late: the session starts before, its steps change
		c.Retracted = []clickstream.SessionKey{old.Key}
		if s.r.IntN(2) == 0 {
			next.Key.Start -= 1000
		}
		next.Steps = slices.Clone(next.Steps)
		slices.Reverse(next.Steps[:2])
		added = len(next.Steps)
	}
	c.Session, c.Added = &next, added
	f.Changes = append(f.Changes, c)
	s.live[key] = &next
	if s.r.IntN(8) == 0 { // somebody's session closes
		i := s.r.IntN(len(s.keys))
		gone := s.keys[i]
		if gone[:len(f.Site)] == f.Site {
			closed := *s.live[gone]
			closed.Closed = true
			f.Changes = append(f.Changes, clickstream.SessionChange{Session: &closed})
			delete(s.live, gone)
			s.keys = slices.Delete(s.keys, i, i+1)
		}
	}
}
