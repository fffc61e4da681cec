package watch

import (
	"cmp"
	"errors"
	"strings"
	"sync"
	"time"

	"beckon/clickstream"
)

// UpliftConfig bounds an Uplift. Every value that is 0 has the default in its comment. It is part of what the fold is: other values give
// another state from the same facts.
type UpliftConfig struct {
	Window   time.Duration // 24 h after the exposure: what is bought and taken back in it counts
	Lateness time.Duration // 24 h: how long after the window purchases and refunds may still come
	Exposed  int           // 200,000 shoppers a site whose exposures are known; beyond it the oldest are forgotten: what they brought stays, and exposed again they count again
}

// Uplift is the fold of what campaigns bring. See the package for its promises.
//
// Purchases count by their event time, late ones too: money is what the shop says it is. Repeated transactions and machines do not
// count. Counting what was bought needs no more consent than storing it did.
type Uplift struct {
	cfg    UpliftConfig
	window int64 // ms
	keep   int64 // ms: Window and Lateness

	mu     sync.RWMutex
	trials map[string]*trial // by site
	newest *trial            // of the last fact
}

// NewUplift makes the fold.
func NewUplift(cfg UpliftConfig) (*Uplift, error) {
	cfg.Window = cmp.Or(cfg.Window, 24*time.Hour)
	cfg.Lateness = cmp.Or(cfg.Lateness, 24*time.Hour)
	cfg.Exposed = cmp.Or(cfg.Exposed, 200_000)
	if cfg.Window < time.Millisecond || cfg.Lateness < 0 || cfg.Exposed < 1 {
		return nil, errors.New("uplift: window, lateness or exposed is out of bounds")
	}
	return &Uplift{
		cfg: cfg, window: cfg.Window.Milliseconds(), keep: (cfg.Window + cfg.Lateness).Milliseconds(),
		trials: map[string]*trial{},
	}, nil
}

// ApplyFacts notes exposures, purchases and refunds.
func (u *Uplift) ApplyFacts(facts []clickstream.Fact) error {
	for len(facts) > 0 {
		n := min(len(facts), factsPerLock)
		u.applySome(facts[:n])
		facts = facts[n:]
	}
	return nil
}

func (u *Uplift) applySome(facts []clickstream.Fact) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for i := range facts {
		f := &facts[i]
		t := u.newest
		if t == nil || t.name != f.Site {
			if t = u.trials[f.Site]; t != nil {
				u.newest = t
			}
		}
		if e := f.Event; e != nil && e.Kind == clickstream.Custom && e.Generated && !f.Bot {
			if x, ok := exposureOf(e); ok {
				t = u.trialLocked(e.Site)
				t.expose(u, e, &x)
			}
		}
		if t != nil {
			t.fact(u, f)
		}
	}
}

func (u *Uplift) trialLocked(name string) *trial {
	t := u.trials[name]
	if t == nil {
		t = newTrial(strings.Clone(name))
		u.trials[t.name] = t
	}
	u.newest = t
	return t
}

// Settings are how a report is made.
type Settings struct {
	Holdout  float64 // the share of shoppers that the campaign holds out, 0-0.9
	Alpha    float64 // 0.05 if 0
	Planned  float64 // N*: the number of exposed shoppers at which the interval is tightest; 10,000 if 0
	Quantile float64 // 0.99 if 0: amounts above this quantile of all buyers' count as this quantile
}

// Report compares the arms of a site's campaign. Of a campaign that nobody was exposed to it is empty.
func (u *Uplift) Report(site, campaign string, set Settings) Report {
	u.mu.RLock()
	defer u.mu.RUnlock()
	if t := u.trials[site]; t != nil {
		if c, ok := t.numbers[campaign]; ok {
			return t.tallies[c].report(set, u.cfg.Window)
		}
	}
	return (&tally{}).report(set, u.cfg.Window)
}

var (
	_ clickstream.FactFold = (*Carts)(nil)
	_ clickstream.FactFold = (*Uplift)(nil)
)
