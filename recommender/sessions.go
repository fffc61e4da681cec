package recommender

import (
	"io"
	"strings"
	"sync"

	"github.com/zeebo/xxh3"

	"beckon/clickstream"
	"beckon/clickstream/snapshot"
)

// sessions is the fold of visits: one SessionModel per site. Visits are in the index from their second item on, while they run, and
// each further item is there with the fact that brought it.
type sessions struct {
	budget int

	mu    sync.RWMutex
	sites map[string]*SessionModel
}

const (
	sessionsMagic   = 's'
	sessionsVersion = 1
)

// factsPerLock bounds how long a writer keeps readers waiting: some tens of microseconds.
const factsPerLock = 64

func newSessions(budget int) *sessions {
	return &sessions{budget: budget, sites: map[string]*SessionModel{}}
}

// ApplyFacts learns from what facts did to visits.
func (f *sessions) ApplyFacts(facts []clickstream.Fact) error {
	for len(facts) > 0 {
		n := min(len(facts), factsPerLock)
		f.applySome(facts[:n])
		facts = facts[n:]
	}
	return nil
}

func (f *sessions) applySome(facts []clickstream.Fact) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range facts {
		fact := &facts[i]
		for j := range fact.Changes {
			f.siteLocked(fact.Site).change(&fact.Changes[j])
		}
	}
}

func (f *sessions) siteLocked(name string) *SessionModel {
	m := f.sites[name]
	if m == nil {
		m = NewSessionModel(Hybrid(), f.budget)
		f.sites[strings.Clone(name)] = m
	}
	return m
}

// change follows one change of a visitor's sessions.
func (m *SessionModel) change(c *clickstream.SessionChange) {
	for _, key := range c.Retracted {
		if number, ok := m.index.open[sessionKey(key)]; ok {
			m.index.remove(number)
		}
	}
	if c.Session != nil {
		m.update(c.Session, c.Added)
	}
}

// update brings the index to a session's newest version, of which the last added steps are new if it is in the index.
func (m *SessionModel) update(s *clickstream.Session, added int) {
	key := sessionKey(s.Key)
	number, open := m.index.open[key]
	switch {
	case s.Bot:
		if open {
			m.index.remove(number)
		}
		return
	case open:
		m.append(number, s.Steps[max(0, len(s.Steps)-added):])
	case s.Closed || !twoItems(s.Steps):
		return
	default:
		number = m.index.begin(key)
		m.append(number, s.Steps)
	}
	if s.Closed {
		m.index.finish(number)
	}
	m.index.evict()
}

// append extends a sequence by the steps that count.
func (m *SessionModel) append(number uint32, steps []clickstream.Step) {
	last := ""
	if body := m.index.body(number); len(body) > 0 {
		last = m.index.items[body[len(body)-1]].name
	}
	for i := range steps {
		if !counts(&steps[i], last) {
			continue
		}
		if last != "" {
			m.foresee(number, steps[i].Item())
		}
		last = steps[i].Item()
		m.index.extend(number, last)
	}
}

// twoItems says whether at least two steps count.
func twoItems(steps []clickstream.Step) bool {
	last, n := "", 0
	for i := range steps {
		if counts(&steps[i], last) {
			if n++; n == 2 {
				return true
			}
			last = steps[i].Item()
		}
	}
	return false
}

// sessionKey names a running visit: 32 bits of its visitor, 32 of its start. Two visits of the same name among those that run at a
// time, a chance of 1 in 18 million at a million of them, would be learned as one.
func sessionKey(k clickstream.SessionKey) uint64 {
	return uint64(owner(k.Visitor))<<32 | xxh3.HashString(k.Visitor)&0xffff ^ mix(uint64(k.Start))>>32 | 1
}

// owner is a visitor's half of its visits' keys; never 0, which is nobody, or 1, which is trialKey's.
func owner(visitor string) uint32 { return max(2, uint32(xxh3.HashString(visitor)>>32)) }

// mix is the finalizer of SplitMix64 (Steele, Lea, Flood 2014).
func mix(v uint64) uint64 {
	v = (v + 0x9e3779b97f4a7c15)
	v = (v ^ v>>30) * 0xbf58476d1ce4e5b9
	v = (v ^ v>>27) * 0x94d049bb133111eb
	return v ^ v>>31
}

// Snapshot writes all sites.
func (f *sessions) Snapshot(w io.Writer) error {
	return snapshot.SaveSites(w, sessionsMagic, sessionsVersion, f.sites, func(e *snapshot.Encoder, m *SessionModel) {
		m.index.save(e)
		m.repeats.save(e)
	})
}

// Restore reads what Snapshot wrote.
func (f *sessions) Restore(r io.Reader) error {
	sites, err := snapshot.LoadSites(r, sessionsMagic, sessionsVersion, func(d *snapshot.Decoder) *SessionModel {
		m := NewSessionModel(Hybrid(), f.budget)
		m.index.load(d)
		m.repeats.load(d)
		m.repeats.choose(m.tables)
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
