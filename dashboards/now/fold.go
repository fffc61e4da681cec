package now

import (
	"cmp"
	"strings"
	"sync"

	"beckon/clickstream"
)

// Config bounds a Fold. Every value that is 0 has the default in its comment.
type Config struct {
	Visits int // 4 M a site that are not over; those beyond count as begun and are not followed
	Carts  int // 100,000 open a site; those beyond are not counted
}

// Fold is the live numbers of all sites. Make one with New; it is a clickstream.FactFold.
type Fold struct {
	cfg Config

	mu     sync.RWMutex
	sites  map[string]*site
	agents agents
	seen   bits // nothing: what was looked at ahead has to go somewhere
}

// New makes an empty fold.
func New(cfg Config) *Fold {
	cfg.Visits = cmp.Or(cfg.Visits, 4<<20)
	cfg.Carts = cmp.Or(cfg.Carts, 100_000)
	return &Fold{cfg: cfg, sites: map[string]*site{}}
}

// factsPerLock bounds how long a reader waits: about ten microseconds.
const factsPerLock = 64

// ApplyFacts counts what happened.
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
	var hashes [factsPerLock]uint64
	f.lookAheadLocked(facts, &hashes)
	var name string // of s, so that a run of one site's facts looks it up once
	var s *site
	for i := range facts {
		fact := &facts[i]
		if s == nil || fact.Site != name {
			name, s = fact.Site, f.sites[fact.Site]
			if s == nil && fact.Event != nil {
				s = newSite(&f.cfg, &f.agents)
				f.sites[strings.Clone(name)] = s
			}
			if s == nil {
				continue // a tick or an erasure of a site of which nothing is known
			}
		}
		s.apply(fact, hashes[i])
	}
}

// lookAheadLocked hashes the visitors of facts and looks at where their visits are. Where visits are many each look is a miss in the
// caches; one after the other without using what is seen, the misses overlap.
func (f *Fold) lookAheadLocked(facts []clickstream.Fact, hashes *[factsPerLock]uint64) {
	var seen bits
	var name string
	var s *site
	for i := range facts {
		e := facts[i].Event
		if e == nil {
			continue
		}
		hash := clickstream.VisitorHash(e.Visitor)
		hashes[i] = hash
		if s == nil || facts[i].Site != name {
			name, s = facts[i].Site, f.sites[facts[i].Site]
		}
		if s == nil {
			continue
		}
		if p := s.visits.part(hash); len(p.slots) > 0 {
			seen |= p.slots[p.home(uint32(hash>>24))].bits
		}
	}
	f.seen = seen
}
