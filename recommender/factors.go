package recommender

import (
	"io"
	"strings"
	"sync"

	"github.com/zeebo/xxh3"

	"beckon/clickstream"
	"beckon/clickstream/snapshot"
)

// factors is the fold of shoppers' histories: one affinity per site. It learns finished visits only, which are never taken back,
// and only those of people who allow personalization.
type factors struct {
	limits affinityLimits

	mu    sync.RWMutex
	sites map[string]*affinity
}

const (
	factorsMagic   = 'f'
	factorsVersion = 1
)

func newFactors(limits affinityLimits) *factors {
	return &factors{limits: limits, sites: map[string]*affinity{}}
}

// ApplyFacts learns the visits that facts closed.
func (f *factors) ApplyFacts(facts []clickstream.Fact) error {
	for i := range facts {
		if er := facts[i].Erase; er != nil {
			f.forget(er)
		}
		for j := range facts[i].Changes {
			if s := facts[i].Changes[j].Session; s != nil && s.Closed && !s.Bot && s.Consent&clickstream.Personalization != 0 && len(s.Steps) > 0 {
				f.visit(facts[i].Site, s)
			}
		}
	}
	return nil
}

// forget drops what is remembered of an erased visitor. What it added to sums and pairs of items stays: they name nobody.
func (f *factors) forget(er *clickstream.Erase) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if a := f.sites[er.Site]; a != nil {
		a.forget(er.Visitor)
	}
}

func (f *factors) visit(site string, s *clickstream.Session) {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := f.sites[site]
	if a == nil {
		a = newAffinity(f.limits)
		f.sites[strings.Clone(site)] = a
	}
	a.visit(xxh3.HashString(s.Key.Visitor), s)
	a.shrink()
}

// Snapshot writes all sites.
func (f *factors) Snapshot(w io.Writer) error {
	return snapshot.SaveSites(w, factorsMagic, factorsVersion, f.sites, func(e *snapshot.Encoder, a *affinity) { a.save(e) })
}

// Restore reads what Snapshot wrote.
func (f *factors) Restore(r io.Reader) error {
	sites, err := snapshot.LoadSites(r, factorsMagic, factorsVersion, func(d *snapshot.Decoder) *affinity {
		a := newAffinity(f.limits)
		a.load(d)
		return a
	})
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sites = sites
	return nil
}

func (a *affinity) save(e *snapshot.Encoder) {
	e.Int(a.epoch)
	e.Uint(uint64(len(a.items)))
	for i := range a.items {
		e.Text(a.items[i].name)
		e.Float32(a.items[i].sum)
		e.Uint(uint64(len(a.items[i].row)))
		for _, p := range a.items[i].row {
			e.Uint(uint64(p.id))
			e.Uint(uint64(p.n))
			e.Float32(p.sum)
		}
	}
	e.Uint(uint64(len(a.people)))
	for at := a.oldest; at != 0; at = a.people[at-1].newer {
		p := &a.people[at-1]
		e.Uint(p.hash)
		e.Uint(uint64(p.n))
		for i := range p.n {
			e.Uint(uint64(p.items[i]))
			e.Uint(uint64(p.rating[i]))
		}
	}
	e.Uint(uint64(a.pruned.n))
	if a.pruned.n > 0 {
		for _, b := range a.pruned.bits {
			e.Uint(b)
		}
	}
}

// load reads into an empty affinity.
func (a *affinity) load(d *snapshot.Decoder) {
	a.epoch = d.Int()
	items := d.Count(snapshot.MaxList)
	for range items {
		if d.Err() != nil {
			return
		}
		a.loadItem(d, items)
	}
	for range d.Each(snapshot.MaxList) {
		hash := d.Uint()
		if _, twice := a.users[hash]; twice {
			d.Failf("shopper %d twice", hash)
			return
		}
		p := a.person(hash)
		n := d.Count(personItems)
		for j := range n {
			p.items[j] = uint32(d.Count(max(items-1, 0)))
			p.rating[j] = uint8(d.Count(255))
		}
		if p.n = uint8(n); n > 0 && items == 0 {
			d.Failf("a shopper's item that is none")
		}
	}
	if n := d.Count(prunedFull); n > 0 {
		a.pruned = prunedPairs{bits: make([]uint64, prunedBits/64), n: n}
		for i := range a.pruned.bits {
			a.pruned.bits[i] = d.Uint()
		}
	}
}

func (a *affinity) loadItem(d *snapshot.Decoder, items int) {
	it := factorItem{name: d.Text(), sum: d.Float32()}
	for range d.Count(rowPairs) {
		it.row = append(it.row, factorPair{uint32(d.Count(items - 1)), uint32(d.Count(1<<32 - 1)), d.Float32()})
	}
	if _, twice := a.ids[it.name]; twice {
		d.Failf("item %q twice", it.name)
		return
	}
	a.ids[it.name] = uint32(len(a.items))
	a.items = append(a.items, it)
}
