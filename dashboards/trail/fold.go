package trail

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"beckon/clickstream"
)

// Config bounds a Fold. Every value that is 0 has the default in its comment.
type Config struct {
	Steps int           // 524,288 a site; the oldest are dropped first, by the block
	Keep  time.Duration // 49 h: a day is whole at its end, and so is the day before each of its purchases
}

// Fold is the steps of all sites. Make one with New; it is a clickstream.FactFold.
type Fold struct {
	cfg Config

	mu    sync.RWMutex
	sites map[string]*site
}

// New makes an empty fold.
func New(cfg Config) *Fold {
	cfg.Steps = max(cmp.Or(cfg.Steps, 1<<19), 2*blockSteps)
	cfg.Keep = cmp.Or(cfg.Keep, 49*time.Hour)
	return &Fold{cfg: cfg, sites: map[string]*site{}}
}

// factsPerLock bounds how long a reader waits.
const factsPerLock = 64

// ApplyFacts notes what was done.
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
	for i := range facts {
		fact := &facts[i]
		s := f.sites[fact.Site]
		if er := fact.Erase; er != nil && s != nil {
			s.erase(er.Visitor)
		}
		if e := fact.Event; e != nil && !fact.Late && !fact.Bot && !fact.Repeat && noted(e.Kind) {
			if s == nil {
				s = &site{}
				f.sites[strings.Clone(fact.Site)] = s
			}
			s.add(e)
		}
		if s != nil {
			s.expire(fact.Clock-f.cfg.Keep.Milliseconds(), f.cfg.Steps/blockSteps)
		}
	}
}

// noted says whether an event of the kind is a step: something that a person does, or is shown.
func noted(k clickstream.Kind) bool {
	switch k {
	case clickstream.Custom, clickstream.Refund, clickstream.Identify, clickstream.ConsentChange, clickstream.Leave, clickstream.Heartbeat:
		return false
	}
	return true
}

// Since is the Unix ms from which on no step of a site was dropped, 0 when none ever was.
func (f *Fold) Since(name string) int64 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if s := f.sites[name]; s != nil {
		return s.since
	}
	return 0
}

// blocks are a site's at this instant. They must not be changed.
func (f *Fold) blocks(name string) []*block {
	f.mu.RLock()
	defer f.mu.RUnlock()
	s := f.sites[name]
	if s == nil || len(s.blocks) == 0 {
		return nil
	}
	list := slices.Clone(s.blocks)
	last := *list[len(list)-1] // it grows; what it has now stays
	list[len(list)-1] = &last
	return list
}
