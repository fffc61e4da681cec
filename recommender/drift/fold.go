package drift

import (
	"io"
	"strings"
	"sync"

	"github.com/zeebo/xxh3"

	"beckon/clickstream"
	"beckon/clickstream/snapshot"
)

// Fold watches all sites. See the package.
type Fold struct {
	mu    sync.RWMutex
	sites map[string]*site
}

// Name is what the fold's snapshots are called.
const Name = "drift"

const (
	magic   = 'D'
	version = 1

	factsPerLock = 256 // a reader waits for that many at most
)

// New makes a fold that knows nothing.
func New() *Fold { return &Fold{sites: map[string]*site{}} }

// ApplyFacts notes what was shown, and what was opened.
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
	var s *site
	name := ""
	for i := range facts {
		if er := facts[i].Erase; er != nil {
			if s := f.sites[er.Site]; s != nil {
				s.forget(max(1, er.Visitor))
			}
		}
		e := facts[i].Event
		if e == nil || facts[i].Late || facts[i].Bot {
			continue
		}
		switch e.Kind {
		case clickstream.Impression, clickstream.SelectItem, clickstream.ViewItem, clickstream.AddToCart:
		default:
			continue
		}
		if s == nil || e.Site != name {
			if s, name = f.sites[e.Site], e.Site; s == nil {
				s = newSite()
				f.sites[strings.Clone(e.Site)] = s
			}
		}
		s.apply(e)
	}
}

func (s *site) apply(e *clickstream.Event) {
	s.advance(e.Time)
	if e.Kind == clickstream.Impression {
		s.show(e)
		return
	}
	visitor := visitorHash(e.Visitor)
	for j := range e.Items {
		item := xxh3.HashString(e.Items[j].ID)
		if e.Kind == clickstream.ViewItem {
			s.view(item, e.Time)
		}
		s.take(visitor, item, e.Time)
	}
}

// Report is what a site's recommendations do.
type Report struct {
	Placements []Stream // in order of first use: the share of shown answers that were taken
	Unknown    Stream   // the share of views that go to items which the models hardly know
	Views      int64    // of items, ever
	Warming    bool     // too few views to say anything of unknown items
}

// Report is a site's state now. It copies a few numbers under the lock.
func (f *Fold) Report(name string) Report {
	f.mu.RLock()
	defer f.mu.RUnlock()
	s := f.sites[name]
	if s == nil {
		return Report{Warming: true}
	}
	r := Report{Unknown: s.unknown.report("", s.now), Views: s.views, Warming: s.views <= warmUp}
	for i := range s.places {
		r.Placements = append(r.Placements, s.places[i].report(s.places[i].name, s.now))
	}
	return r
}

// Snapshot writes all sites.
func (f *Fold) Snapshot(w io.Writer) error {
	return snapshot.SaveSites(w, magic, version, f.sites, func(e *snapshot.Encoder, s *site) { s.save(e) })
}

// Restore reads what Snapshot wrote.
func (f *Fold) Restore(r io.Reader) error {
	sites, err := snapshot.LoadSites(r, magic, version, func(d *snapshot.Decoder) *site {
		s := newSite()
		s.load(d)
		return s
	})
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sites = sites
	return nil
}
