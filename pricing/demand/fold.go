package demand

import (
	"strings"
	"sync"

	"beckon/clickstream"
)

// Fold is what the shoppers of all sites want. Make one with New; it is a clickstream.FactFold.
type Fold struct {
	cfg Config

	mu    sync.RWMutex
	sites map[string]*site

	profiles profiles  // answers' own, outside of the state
	marks    sync.Pool // of *marks
}

// New makes an empty fold.
func New(cfg Config) *Fold {
	cfg.complete()
	f := &Fold{cfg: cfg, sites: map[string]*site{}}
	f.marks.New = func() any { return new(marks) }
	return f
}

// factsPerLock bounds how long a reader waits: some microseconds.
const factsPerLock = 64

// ApplyFacts counts views, carts, purchases and refunds, and notes exposures to offers.
func (f *Fold) ApplyFacts(facts []clickstream.Fact) error {
	for len(facts) > 0 {
		n := min(len(facts), factsPerLock)
		f.applySome(facts[:n])
		facts = facts[n:]
	}
	return nil
}

func (f *Fold) applySome(facts []clickstream.Fact) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var name string // of s, so that a run of one site's facts looks it up once
	var s *site
	for i := range facts {
		fact := &facts[i]
		if s == nil || fact.Site != name {
			name, s = fact.Site, f.sites[fact.Site]
			if s == nil && fact.Event != nil {
				s = newSite(&f.cfg)
				f.sites[strings.Clone(name)] = s
			}
			if s == nil {
				continue // a tick or an erasure of a site of which nothing is known
			}
		}
		s.clock = max(s.clock, fact.Clock)
		if fact.Erase != nil {
			s.forget(fact.Erase.Visitor)
		}
		if fact.Event != nil {
			s.event(fact)
		}
	}
}

// ExposureName is the name of the event by which the server notes that a visitor was offered something, or held out.
const ExposureName = "offer_exposure"

// event counts one event of the site.
func (s *site) event(fact *clickstream.Fact) {
	e := fact.Event
	if e.Generated {
		if e.Kind == clickstream.Custom && e.Name == ExposureName {
			s.exposed.note(e, s.clock)
		}
		return
	}
	switch e.Kind {
	case clickstream.ViewItem, clickstream.AddToCart, clickstream.Purchase, clickstream.Refund:
	default:
		return
	}
	if fact.Late || fact.Bot || fact.Repeat || e.Time < 0 || e.Time > maxTime {
		return
	}
	if e.Kind == clickstream.Refund {
		s.refund(e) // of what was counted, so it does not matter who asks
		return
	}
	if s.exposed.covers(e) {
		return
	}
	switch e.Kind {
	case clickstream.ViewItem:
		s.viewed(e)
	case clickstream.AddToCart:
		s.carted(e)
	default:
		s.bought(e)
	}
}

// maxTime keeps hours within int32: the year 9999.
const maxTime = 253_402_300_800_000
