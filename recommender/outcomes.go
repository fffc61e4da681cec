package recommender

import (
	"io"
	"strings"
	"sync"

	"beckon/clickstream"
	"beckon/clickstream/snapshot"
)

// outcomes is the fold of impressions and what became of them: one uptake per site.
type outcomes struct {
	mu    sync.RWMutex
	sites map[string]*uptake
}

const (
	outcomesMagic   = 'o'
	outcomesVersion = 1
)

func newOutcomes() *outcomes { return &outcomes{sites: map[string]*uptake{}} }

// ApplyFacts notes what was shown and what was taken.
func (f *outcomes) ApplyFacts(facts []clickstream.Fact) error {
	for len(facts) > 0 {
		n := min(len(facts), factsPerLock)
		f.applySome(facts[:n])
		facts = facts[n:]
	}
	return nil
}

func (f *outcomes) applySome(facts []clickstream.Fact) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range facts {
		e := facts[i].Event
		if er := facts[i].Erase; er != nil {
			if u := f.sites[er.Site]; u != nil {
				u.forget(er.Visitor)
			}
		}
		if e == nil || facts[i].Late || facts[i].Bot {
			continue
		}
		u := f.sites[e.Site]
		switch e.Kind {
		case clickstream.Impression:
			if u == nil {
				u = newUptake()
				f.sites[strings.Clone(e.Site)] = u
			}
			u.show(e)
		case clickstream.SelectItem, clickstream.ViewItem, clickstream.AddToCart:
			for j := range e.Items {
				if u != nil {
					u.take(e.Visitor, e.Items[j].ID, e.Time)
				}
			}
		}
	}
}

// weights are the blend's weights at a placement of a site.
func (f *outcomes) weights(site string, at int) [sources]float32 {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if u := f.sites[site]; u != nil {
		return u.weights(at)
	}
	return placements[at].weights
}

// Snapshot writes all sites.
func (f *outcomes) Snapshot(w io.Writer) error {
	return snapshot.SaveSites(w, outcomesMagic, outcomesVersion, f.sites, func(e *snapshot.Encoder, u *uptake) { u.save(e) })
}

// Restore reads what Snapshot wrote.
func (f *outcomes) Restore(r io.Reader) error {
	sites, err := snapshot.LoadSites(r, outcomesMagic, outcomesVersion, func(d *snapshot.Decoder) *uptake {
		u := newUptake()
		u.load(d)
		return u
	})
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sites = sites
	return nil
}

func (u *uptake) save(e *snapshot.Encoder) {
	e.Uint(uint64(len(placements)))
	e.Uint(sources)
	for at := range placements {
		for s := range sources {
			e.Float(u.shown[at][s])
			e.Float(u.taken[at][s])
		}
	}
	e.Uint(uint64(len(u.ring)))
	for i := range u.ring { // oldest first
		im := &u.ring[(int(u.next)+i)%len(u.ring)]
		e.Uint(im.visitor)
		e.Int(im.at)
		e.Uint(uint64(im.placement))
		e.Uint(uint64(im.n))
		for j := range im.n {
			e.Uint(uint64(im.source[j]))
			e.Uint(uint64(im.item[j]))
		}
	}
}

// load reads into an empty uptake. Impressions are kept again in their order, which gives the same links.
func (u *uptake) load(d *snapshot.Decoder) {
	if d.Count(len(placements)) != len(placements) || d.Count(sources) != sources {
		d.Failf("other placements or sources")
		return
	}
	for at := range placements {
		for s := range sources {
			u.shown[at][s], u.taken[at][s] = d.Float(), d.Float()
		}
	}
	for range d.Each(impressionRing) {
		im := impression{visitor: d.Uint(), at: d.Int(), placement: uint8(d.Count(len(placements) - 1)), n: uint8(d.Count(impressionItems))}
		for j := range im.n {
			im.source[j], im.item[j] = uint8(d.Count(sources-1)), uint32(d.Count(1<<32-1))
		}
		u.keep(im)
	}
}
