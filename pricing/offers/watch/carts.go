package watch

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"beckon/clickstream"
)

// CartsConfig bounds a Carts and says who is an abuser. Every value that is 0 has the default in its comment. It is part of what the fold
// is: other values give another state from the same facts.
type CartsConfig struct {
	Gap      time.Duration // 30 min: an idle time after which an episode has ended; above every idle time that is asked for
	Lateness time.Duration // 10 min: how long after that events may still arrive and be put in order
	Fresh    time.Duration // 10 min: a cart that came due longer ago gives no trigger any more

	Abandoned  int           // 3 carts abandoned since the last purchase at full price make an abuser; at most 16
	LeftOffers int           // 2 offers left, and none used, make one too; at most 8
	Remember   time.Duration // 30 days: what is older makes no abuser

	Shoppers   int // 100,000 running episodes a site
	Remembered int // 200,000 histories a site
	Waiting    int // 4096 triggers that were not taken; beyond it the oldest are dropped and counted
}

func (c CartsConfig) withDefaults() (CartsConfig, error) {
	c.Gap = cmp.Or(c.Gap, 30*time.Minute)
	c.Lateness = cmp.Or(c.Lateness, 10*time.Minute)
	c.Fresh = cmp.Or(c.Fresh, 10*time.Minute)
	c.Abandoned = cmp.Or(c.Abandoned, 3)
	c.LeftOffers = cmp.Or(c.LeftOffers, 2)
	c.Remember = cmp.Or(c.Remember, 30*24*time.Hour)
	c.Shoppers = cmp.Or(c.Shoppers, 100_000)
	c.Remembered = cmp.Or(c.Remembered, 200_000)
	c.Waiting = cmp.Or(c.Waiting, 4096)
	var errs []error
	if c.Gap < time.Second || c.Lateness < 0 || c.Fresh < time.Second || c.Remember < c.Gap {
		errs = append(errs, fmt.Errorf("gap %v, lateness %v, fresh %v or remember %v is too short", c.Gap, c.Lateness, c.Fresh, c.Remember))
	}
	if c.Abandoned < 1 || c.Abandoned > maxAbandoned || c.LeftOffers < 1 || c.LeftOffers > maxGiven {
		errs = append(errs, fmt.Errorf("abandoned %d is not within 1 to %d or left offers %d not within 1 to %d", c.Abandoned, maxAbandoned, c.LeftOffers, maxGiven))
	}
	if c.Shoppers < 1 || c.Remembered < 1 || c.Waiting < 1 {
		errs = append(errs, errors.New("shoppers, remembered and waiting must be at least 1"))
	}
	return c, errors.Join(errs...)
}

// Carts is the fold of carts at risk. See the package for its rules and promises.
type Carts struct {
	cfg         CartsConfig
	gap, keep   int64 // ms: Gap; Gap and Lateness
	fresh, past int64 // ms: Fresh, Remember
	wake        chan struct{}

	mu      sync.Mutex
	sites   map[string]*site
	newest  *site              // of the last fact
	watched map[string][]int64 // idle times in ms, by site: what was asked for, no part of the state
	waiting []Trigger          // oldest first
	came    int64              // triggers, ever
	dropped int64

	// Scratch.
	ends    ends
	running episode
	ahead   [aheadFacts]*shopper
	touched int64
}

// NewCarts makes the fold.
func NewCarts(cfg CartsConfig) (*Carts, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("carts at risk: %w", err)
	}
	return &Carts{
		cfg: cfg, gap: cfg.Gap.Milliseconds(), keep: (cfg.Gap + cfg.Lateness).Milliseconds(),
		fresh: cfg.Fresh.Milliseconds(), past: cfg.Remember.Milliseconds(),
		wake: make(chan struct{}, 1), sites: map[string]*site{}, watched: map[string][]int64{},
	}, nil
}

// factsPerLock is how many facts are applied under one hold of the lock: about ten microseconds.
const factsPerLock = 128

// ApplyFacts follows what shoppers do and what time it is.
func (c *Carts) ApplyFacts(facts []clickstream.Fact) error {
	for len(facts) > 0 {
		n := min(len(facts), factsPerLock)
		if c.applySome(facts[:n]) {
			select {
			case c.wake <- struct{}{}:
			default: // it has been told already
			}
		}
		facts = facts[n:]
	}
	return nil
}

// applySome says whether a trigger came.
func (c *Carts) applySome(facts []clickstream.Fact) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.came
	for len(facts) > 0 {
		n := min(len(facts), aheadFacts)
		c.lookAheadLocked(facts[:n])
		for i := range n {
			c.applyLocked(&facts[i], c.ahead[i])
		}
		facts = facts[n:]
	}
	return c.came > before
}

// aheadFacts is how many facts' shoppers are looked up at once. Where shoppers are many each is a miss or three in the caches; looked up
// one after the other without using them, the misses overlap.
const aheadFacts = 16

// lookAheadLocked fills c.ahead with the shoppers of facts, nil for those who are not at work yet.
func (c *Carts) lookAheadLocked(facts []clickstream.Fact) {
	for i := range facts {
		c.ahead[i] = nil
		if e := facts[i].Event; e != nil && acts(e.Kind) {
			if st := c.newest; st != nil && st.name == e.Site {
				c.ahead[i] = st.shoppers[clickstream.VisitorHash(e.Visitor)]
			}
		}
	}
	touched := int64(0)
	for _, s := range c.ahead[:len(facts)] {
		if s != nil {
			touched += int64(len(s.acts))
		}
	}
	for _, s := range c.ahead[:len(facts)] {
		if s != nil && len(s.acts) > 0 {
			touched += s.acts[len(s.acts)-1].at
		}
	}
	c.touched = touched
}

// applyLocked applies one fact. s is the shopper of its event as far as is known.
func (c *Carts) applyLocked(f *clickstream.Fact, s *shopper) {
	st := c.siteLocked(f.Site)
	if f.Erase != nil {
		c.drop(st, f.Erase.Visitor)
	}
	if f.Clock > st.clock {
		c.advance(st, f.Clock)
	}
	e := f.Event
	if e == nil || !acts(e.Kind) && !e.Generated && e.Consent&clickstream.Personalization != 0 {
		return
	}
	hash := uint64(0)
	if s != nil && !s.gone {
		hash = s.hash
	} else {
		hash = clickstream.VisitorHash(e.Visitor)
		s = st.shoppers[hash]
	}
	switch {
	case e.Consent&clickstream.Personalization == 0:
		if s == nil || e.Time >= s.last {
			c.drop(st, hash)
		}
	case e.Generated:
		c.generated(st, hash, s, e)
	case f.Bot:
		c.drop(st, hash)
	case !f.Late:
		kind := kindOf(e.Kind)
		if f.Repeat {
			kind = plain
		}
		c.act(st, hash, s, kind, e)
	}
}

func (c *Carts) siteLocked(name string) *site {
	if c.newest != nil && c.newest.name == name {
		return c.newest
	}
	st := c.sites[name]
	if st == nil {
		st = newSite(strings.Clone(name))
		st.watch(c.watched[name])
		c.sites[st.name] = st
	}
	c.newest = st
	return st
}

// Wake has an element after triggers came that were not there when it was last received from.
func (c *Carts) Wake() <-chan struct{} { return c.wake }

// Take appends up to limit triggers, oldest first, and forgets them. dropped is how many, since the start, were dropped because nobody
// took them.
func (c *Carts) Take(dst []Trigger, limit int) (taken []Trigger, dropped int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(limit, len(c.waiting))
	dst = append(dst, c.waiting[:n]...)
	c.waiting = slices.Delete(c.waiting, 0, n)
	return dst, c.dropped
}

// maxWatched is how many idle times of a site are looked for; longer ones beyond it are not.
const maxWatched = 16

// Watch says which idle times of a site are looked for from now on, in place of those before: none to begin with. Times beyond Gap
// never come. Carts that are due already and were not answered give their triggers now, also those that gave them before.
func (c *Carts) Watch(site string, idles []time.Duration) {
	wanted := make([]int64, 0, len(idles))
	for _, d := range idles {
		if ms := d.Milliseconds(); ms > 0 && ms <= c.gap {
			wanted = append(wanted, ms)
		}
	}
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	wanted = wanted[:min(len(wanted), maxWatched)]

	c.mu.Lock()
	if len(wanted) == 0 {
		delete(c.watched, site)
	} else {
		c.watched[strings.Clone(site)] = wanted
	}
	before := c.came
	if st := c.sites[site]; st != nil {
		st.watch(wanted)
		c.due(st)
	}
	came := c.came > before
	c.mu.Unlock()
	if came {
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
}

// LiveOffer is an offer that a shopper was given.
type LiveOffer struct {
	Visitor, Offer string
	Until          int64 // Unix ms
}

// Unseen is the offers of a site that live at now, Unix ms, and that no page said it has shown, those given first in front.
func (c *Carts) Unseen(site string, now int64) []LiveOffer {
	c.mu.Lock()
	defer c.mu.Unlock()
	st := c.sites[site]
	if st == nil {
		return nil
	}
	var live []LiveOffer
	for at := st.historic.Front(); at != nil; at = at.Next() {
		h := at.Value.(*history)
		for i := range h.offers {
			if o := &h.offers[i]; !o.seen && o.until > now {
				live = append(live, LiveOffer{h.name, o.id, o.until})
			}
		}
	}
	return live
}
