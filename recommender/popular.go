package recommender

import (
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"beckon/clickstream"
	"beckon/clickstream/snapshot"
)

// popular is the fold of what is wanted now: one popularity per site.
type popular struct {
	limit int

	mu    sync.RWMutex
	sites map[string]*popularity
}

const (
	popularMagic   = 'p'
	popularVersion = 1
)

func newPopular(limit int) *popular {
	return &popular{limit: limit, sites: map[string]*popularity{}}
}

// ApplyFacts counts views, carts, purchases and refunds.
func (f *popular) ApplyFacts(facts []clickstream.Fact) error {
	for len(facts) > 0 {
		n := min(len(facts), factsPerLock)
		f.applySome(facts[:n])
		facts = facts[n:]
	}
	return nil
}

func (f *popular) applySome(facts []clickstream.Fact) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range facts {
		e := facts[i].Event
		if e == nil || facts[i].Late || facts[i].Bot || facts[i].Repeat {
			continue
		}
		switch e.Kind {
		case clickstream.ViewItem, clickstream.AddToCart, clickstream.Purchase:
			f.siteLocked(e.Site).event(e)
		case clickstream.Refund:
			f.siteLocked(e.Site).refund(e)
		}
	}
}

func (f *popular) siteLocked(name string) *popularity {
	p := f.sites[name]
	if p == nil {
		p = newPopularity(f.limit)
		f.sites[strings.Clone(name)] = p
	}
	return p
}

// trending sums a window and answers its most viewed items.
func (f *popular) trending(site string, now int64, span time.Duration, limit int, eligible func(item string) bool) []Trend {
	all := f.views(site, now, span)
	slices.SortFunc(all, func(a, b Trend) int {
		switch {
		case a.Views != b.Views:
			return b.Views - a.Views
		case before(a.Item, b.Item):
			return -1
		}
		return 1
	})
	kept := all[:0]
	for _, t := range all {
		if len(kept) == limit {
			break
		}
		if eligible == nil || eligible(t.Item) {
			kept = append(kept, t)
		}
	}
	return kept
}

func (f *popular) views(site string, now int64, span time.Duration) []Trend {
	f.mu.RLock()
	defer f.mu.RUnlock()
	p := f.sites[site]
	if p == nil {
		return nil
	}
	minutes := (int64(min(span, MaxTrendingWindow)/time.Millisecond) + minuteMs - 1) / minuteMs
	sums := make([]uint32, len(p.stats))
	seen := 0
	p.window.each(now, minutes, func(v pair) {
		if sums[v.id] == 0 {
			seen++
		}
		sums[v.id] += v.k
	})
	out := make([]Trend, 0, seen)
	for id, n := range sums {
		if n > 0 {
			out = append(out, Trend{p.stats[id].name, int(n)})
		}
	}
	return out
}

// Snapshot writes all sites.
func (f *popular) Snapshot(w io.Writer) error {
	return snapshot.SaveSites(w, popularMagic, popularVersion, f.sites, func(e *snapshot.Encoder, p *popularity) { p.save(e) })
}

// Restore reads what Snapshot wrote.
func (f *popular) Restore(r io.Reader) error {
	sites, err := snapshot.LoadSites(r, popularMagic, popularVersion, func(d *snapshot.Decoder) *popularity {
		p := newPopularity(f.limit)
		p.load(d)
		return p
	})
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sites = sites
	return nil
}

func (p *popularity) save(e *snapshot.Encoder) {
	e.Int(p.epoch)
	e.Uint(uint64(len(p.shelves)))
	for i := range p.shelves {
		e.Text(p.shelves[i].name)
	}
	e.Uint(uint64(len(p.stats)))
	for i := range p.stats {
		s := &p.stats[i]
		e.Text(s.name)
		for _, c := range s.count {
			e.Float(c)
		}
		e.Uint(uint64(s.category))
		e.Uint(uint64(s.votes))
	}
	p.window.save(e)
}

// load reads into an empty popularity.
func (p *popularity) load(d *snapshot.Decoder) {
	p.epoch = d.Int()
	for range d.Each(maxCategories) {
		name := d.Text()
		if _, twice := p.categories[name]; twice {
			d.Failf("category %q twice", name)
		}
		p.categories[name] = uint32(len(p.shelves))
		p.shelves = append(p.shelves, shelf{name, topList{bound: shelfBound}})
	}
	for range d.Each(snapshot.MaxList) {
		s := itemStat{name: d.Text()}
		for t := range s.count {
			if s.count[t] = d.Float(); s.count[t] < 0 {
				d.Failf("a count below 0")
			}
		}
		s.category = uint32(d.Count(len(p.shelves)))
		s.votes = uint16(d.Count(maxVotes))
		if _, twice := p.ids[s.name]; twice {
			d.Failf("item %q twice", s.name)
		}
		p.ids[s.name] = uint32(len(p.stats))
		p.stats = append(p.stats, s)
	}
	p.window.load(d, len(p.stats))
	if d.Err() == nil {
		p.restore()
	}
}
