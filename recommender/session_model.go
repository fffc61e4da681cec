package recommender

import "sync/atomic"

// ringWidth is how many of the newest sessions are kept per item.
const ringWidth = 500

// SessionModel predicts the next item of a visit from the newest visits of one site. The sessions fold answers from one per site, and
// evaluation measures the same. One goroutine may learn while none predicts; any number may predict together.
type SessionModel struct {
	index   *index
	tables  *tables
	repeats repeats
	trial   search // the writer's own
	names   []string

	versionText atomic.Pointer[modelVersion]
}

// NewSessionModel makes an empty model that keeps at most budget bytes of sessions.
func NewSessionModel(m Method, budget int) *SessionModel {
	return &SessionModel{index: newIndex(ringWidth, budget), tables: newTables(m)}
}

// Bytes is the memory held by what was learned, to a few percent.
func (m *SessionModel) Bytes() int { return m.index.bytes() }

// trialKey is the key of sequences that are learned at once; its upper half is no visitor's.
const trialKey = 1<<32 | 1

// Learn adds one finished session, oldest item first. Sessions of one item teach nothing.
func (m *SessionModel) Learn(items []string) {
	if len(items) < 2 {
		return
	}
	number := m.index.begin(trialKey)
	for i, item := range items {
		if i > 0 {
			m.foresee(number, item)
		}
		m.index.extend(number, item)
	}
	m.index.finish(number)
	m.index.evict()
}

// foresee lets the model predict, now and then, what is about to be learned.
func (m *SessionModel) foresee(number uint32, next string) {
	if !m.tables.Adapt || !m.repeats.draw() {
		return
	}
	m.names = m.names[:0]
	for _, id := range m.index.body(number) {
		m.names = append(m.names, m.index.items[id].name)
	}
	m.index.query(&m.trial, m.tables, m.names, uint32(m.index.seq(number).key>>32))
	m.repeats.observe(m.index, &m.trial, m.tables, next)
}

// Prediction is an item that may come next.
type Prediction struct {
	Item  string
	Score float64
}

// Predictor is the reused memory of predictions, for one goroutine.
type Predictor struct{ search search }

// Next appends the best limit items to come after session, best first, equals in natural order of their ids. With discover none of
// the session's own items is among them.
func (m *SessionModel) Next(dst []Prediction, p *Predictor, session []string, limit int, discover bool) []Prediction {
	s := &p.search
	m.index.query(s, m.tables, session, 0)
	m.index.rank(s, m.tables, limit, before, discover)
	for _, c := range s.found {
		dst = append(dst, Prediction{m.index.items[c.id].name, float64(c.score)})
	}
	return dst
}
