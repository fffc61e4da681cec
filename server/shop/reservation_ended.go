package shop

import "maps"

// Ends of reservations are remembered for a day at least, and for two at most, so that a commit or release sent twice is answered
// twice. When more than maxEndings of a site end within a day the older half of the memory goes early: what is forgotten is unknown
// to commit and release, and its id is free.
const (
	endingLife = 24 * 3600_000 // ms
	maxEndings = 500_000       // of one generation: two of them take about 60 MB
)

// ending is how a reservation ended.
type ending struct {
	how     byte
	missing int64 // pieces that a commit found no stock for
	at      int64 // Unix ms
}

// Values of ending.how, as snapshots have them.
const (
	endedCommitted = 'c'
	endedSold      = 's'
	endedReleased  = 'r'
	endedExpired   = 'x'
)

func (e ending) state() string {
	switch e.how {
	case endedCommitted:
		return ReservationCommitted
	case endedSold:
		return ReservationSold
	case endedReleased:
		return ReservationReleased
	}
	return ReservationExpired
}

// endings is the memory of one site: two generations, of which the newer takes in. Keys are fingerprints of the ids.
type endings struct {
	since int64 // Unix ms at which newer began
	newer map[ref]ending
	older map[ref]ending
}

func makeEndingKey(id string) ref { return makeRef("", id) }

// of is how id ended, if that is known.
func (m *endings) of(id string) (ending, bool) {
	key := makeEndingKey(id)
	if e, ok := m.newer[key]; ok {
		return e, true
	}
	e, ok := m.older[key]
	return e, ok
}

// add keeps e, and turns the generations at now.
func (m *endings) add(id string, e ending, now int64) {
	if now >= m.since+endingLife || len(m.newer) >= maxEndings {
		m.older = m.newer
		if now >= m.since+2*endingLife {
			m.older = nil
		}
		m.newer, m.since = nil, now
	}
	if m.newer == nil {
		m.newer = map[ref]ending{}
	}
	m.newer[makeEndingKey(id)] = e
}

// forget makes id new again.
func (m *endings) forget(id string) {
	key := makeEndingKey(id)
	delete(m.newer, key)
	delete(m.older, key)
}

func (m *endings) clone() endings {
	return endings{m.since, maps.Clone(m.newer), maps.Clone(m.older)}
}
