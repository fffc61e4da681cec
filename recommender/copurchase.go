package recommender

import (
	"io"
	"strings"
	"sync"

	"github.com/zeebo/xxh3"

	"beckon/clickstream"
	"beckon/clickstream/snapshot"
)

// copurchase is the fold of baskets: one BasketModel per site. A purchase is a basket; a refund takes its basket, or the items that
// it names, back.
type copurchase struct {
	budget int

	mu    sync.RWMutex
	sites map[string]*BasketModel
	names []string // the writer's own
}

const (
	copurchaseMagic   = 'c'
	copurchaseVersion = 1
)

func newCopurchase(budget int) *copurchase {
	return &copurchase{budget: budget, sites: map[string]*BasketModel{}}
}

// ApplyFacts learns purchases that count and unlearns refunds.
func (f *copurchase) ApplyFacts(facts []clickstream.Fact) error {
	for i := range facts {
		fact := &facts[i]
		if e := fact.Event; e != nil && !fact.Late && !fact.Bot && !fact.Repeat {
			switch e.Kind {
			case clickstream.Purchase:
				f.purchase(e)
			case clickstream.Refund:
				f.refund(e)
			}
		}
	}
	return nil
}

func (f *copurchase) purchase(e *clickstream.Event) {
	f.names = f.names[:0]
	for i := range e.Items {
		f.names = append(f.names, e.Items[i].ID)
	}
	if len(f.names) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.sites[e.Site]
	if m == nil {
		m = NewBasketModel("", f.budget)
		f.sites[strings.Clone(e.Site)] = m
	}
	key := basketKey(e.Transaction)
	if _, known := m.index.open[key]; !known {
		m.learn(key, f.names)
	}
}

func (f *copurchase) refund(e *clickstream.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.sites[e.Site]
	if m == nil {
		return
	}
	number, known := m.index.open[basketKey(e.Transaction)]
	switch {
	case !known:
	case len(e.Items) == 0:
		m.index.remove(number)
	default:
		for i := range e.Items {
			if id, ok := m.index.item(e.Items[i].ID); ok && m.index.seq(number).n > 0 {
				m.index.take(number, id)
			}
		}
	}
}

// basketKey names a basket by its transaction; 0, which cannot be taken back, without one.
func basketKey(transaction string) uint64 {
	if transaction == "" {
		return 0
	}
	return xxh3.HashString(transaction) | 1
}

// Snapshot writes all sites.
func (f *copurchase) Snapshot(w io.Writer) error {
	return snapshot.SaveSites(w, copurchaseMagic, copurchaseVersion, f.sites, func(e *snapshot.Encoder, m *BasketModel) {
		m.index.save(e)
		m.trials.save(e)
	})
}

// Restore reads what Snapshot wrote.
func (f *copurchase) Restore(r io.Reader) error {
	sites, err := snapshot.LoadSites(r, copurchaseMagic, copurchaseVersion, func(d *snapshot.Decoder) *BasketModel {
		m := NewBasketModel("", f.budget)
		m.index.load(d)
		m.trials.load(d)
		m.power = m.trials.choose(m.power)
		m.fitRows()
		return m
	})
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sites = sites
	return nil
}
