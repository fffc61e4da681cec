package recommender

import (
	"slices"
	"sync/atomic"
)

// BasketModel knows what is bought together on one site, from the newest baskets. The copurchase fold answers from one per site, and
// evaluation measures the same. One goroutine may learn while none asks; any number may ask together.
//
// With a the baskets that hold a context item, b those that hold the candidate and k those that hold both, a candidate's score is the
// sum over the context of k^p / (a^q·b^r) · size^s, size being the mean of 1/items over the k baskets: two items alone in a basket
// say more than two of a hundred. There is no matrix of pairs: a context item's counts are made from its ring when they are asked for
// and kept until the ring changes.
type BasketModel struct {
	index  *index
	power  *powers
	adapt  bool // power is found by trials
	llr    bool // LLR instead of powers
	trials exponentTrials
	rows   []atomic.Pointer[row] // by item number
	cached atomic.Int64          // pairs in rows
}

// row is the counts of one item with others.
type row struct {
	moves uint32 // of the item when it was counted
	pairs []rowPair
}

// rowPair is an item's count with another.
type rowPair struct {
	id   uint32
	k    uint32
	size float32 // the mean of 1/items over the k baskets
}

const (
	basketWidth = 1000    // newest baskets of an item that are counted
	rowWidth    = 512     // pairs kept of a row at most, those with the highest k
	maxCached   = 6 << 20 // pairs in all rows of a site: 72 MiB; beyond, all are dropped and counted again when asked for
)

// BasketMethods are the names of the ways to score, the product's own first: "adaptive" takes the exponents that foretell the site's
// baskets best, "power" k⁴/(a³·b), "cosine" k²/(a·b), "count" k, "llr" the log-likelihood ratio.
func BasketMethods() []string { return []string{"adaptive", "power", "cosine", "count", "llr"} }

// NewBasketModel makes an empty model that scores by method, "adaptive" if there is none of the name, and keeps at most budget bytes of
// baskets, and rows beside them.
func NewBasketModel(method string, budget int) *BasketModel {
	m := &BasketModel{index: newIndex(basketWidth, budget), power: newPowers(exponents{4, 3, 1, 0})}
	switch method {
	case "power":
	case "cosine":
		m.power = newPowers(exponents{2, 1, 1, 0})
	case "count":
		m.power = newPowers(exponents{1, 0, 0, 0})
	case "llr":
		m.llr = true
	default:
		m.power, m.adapt = newPowers(tried[0]), true
	}
	return m
}

// Bytes is the memory held by what was learned, to a few percent.
func (m *BasketModel) Bytes() int { return m.index.bytes() + 12*int(m.cached.Load()) }

// Learn adds one basket.
func (m *BasketModel) Learn(items []string) { m.learn(0, items) }

func (m *BasketModel) learn(key uint64, items []string) {
	if m.adapt {
		m.trials.observe(m, items)
	}
	number := m.index.begin(key)
	for _, item := range items {
		id := m.index.intern(item)
		if !contains(m.index.body(number), id) {
			m.index.extendID(number, id)
		}
	}
	m.index.evict()
	m.fitRows()
}

// fitRows makes room for a row per item.
func (m *BasketModel) fitRows() {
	if n := len(m.index.items); n > len(m.rows) {
		grown := make([]atomic.Pointer[row], n+n/4+64)
		for i := range m.rows {
			grown[i].Store(m.rows[i].Load())
		}
		m.rows = grown
	}
	if m.cached.Load() > maxCached {
		for i := range m.rows {
			m.rows[i].Store(nil)
		}
		m.cached.Store(0)
	}
}

// basketSearch is the reused memory of one question. tally is as long as the index has items.
type basketSearch struct {
	tally   []basketTally // by item number, zero between questions
	touched []uint32
	pairs   []rowPair
	context []uint32
	found   []candidate
	of      [basketWidth + 1]int // pairs by their count
}

type basketTally struct {
	score, best float32
	size        float32
	k           uint32
	cause       uint8 // 1 + the context item that gave most
	context     bool
}

// maxContext bounds the context items that are asked about, the last ones first.
const maxContext = 200

// together gathers the scores of all candidates for the context, whose items are none of them. The last of the context is asked first.
func (m *BasketModel) together(s *basketSearch, context []string) {
	x := m.index
	s.reset(len(x.items))
	for i := len(context) - 1; i >= 0 && len(s.context) < maxContext; i-- {
		if id, ok := x.item(context[i]); ok && !s.tally[id].context {
			s.tally[id].context = true
			s.context = append(s.context, id)
		}
	}
	for i, id := range s.context {
		m.add(s, id, uint8(i+1))
	}
}

func (s *basketSearch) reset(items int) {
	for _, id := range s.touched {
		s.tally[id] = basketTally{}
	}
	for _, id := range s.context {
		s.tally[id] = basketTally{}
	}
	s.touched, s.context, s.found = s.touched[:0], s.context[:0], s.found[:0]
	if len(s.tally) < items {
		s.tally = make([]basketTally, items+items/4+64)
	}
}

func (m *BasketModel) add(s *basketSearch, id uint32, cause uint8) {
	x := m.index
	norm := m.power.context(x.items[id].df)
	pairs := m.row(s, id)
	for i := range pairs {
		p := &pairs[i]
		c := &s.tally[p.id]
		if c.context {
			continue
		}
		if c.score == 0 {
			s.touched = append(s.touched, p.id)
		}
		gives := float32(0)
		if m.llr {
			gives = float32(association(float64(p.k), float64(x.items[id].df), float64(x.items[p.id].df), float64(x.alive)))
		} else {
			gives = norm * m.power.pair(p) * m.power.candidate(x.items[p.id].df)
		}
		c.score += gives
		if gives > c.best {
			c.best, c.cause = gives, cause
		}
	}
}

// row is the counts of an item, current, in the order of their first appearance.
func (m *BasketModel) row(s *basketSearch, id uint32) []rowPair {
	x := m.index
	p := &x.items[id]
	if r := m.rows[id].Load(); r != nil && r.moves == p.moves {
		return r.pairs
	}
	s.pairs = s.pairs[:0]
	older, newer := x.spans(id)
	for _, numbers := range [2][]uint32{older, newer} {
		for _, n := range numbers {
			body := x.body(n)
			size := 1 / float32(len(body))
			for _, other := range body {
				c := &s.tally[other]
				if c.k == 0 {
					s.pairs = append(s.pairs, rowPair{id: other})
				}
				c.k++
				c.size += size
			}
		}
	}
	for i := range s.pairs {
		q := &s.pairs[i]
		c := &s.tally[q.id]
		q.k, q.size = c.k, c.size/float32(c.k)
		c.k, c.size = 0, 0
	}
	s.pairs = slices.DeleteFunc(s.pairs, func(q rowPair) bool { return q.id == id })
	s.truncate(x)
	made := &row{p.moves, slices.Clone(s.pairs)}
	gone := m.rows[id].Swap(made)
	m.cached.Add(int64(len(made.pairs)))
	if gone != nil {
		m.cached.Add(-int64(len(gone.pairs)))
	}
	return made.pairs
}

// truncate keeps the pairs with the highest counts, all of a count or none; if even the highest count is too frequent, the first of it
// by name, so that what is kept does not depend on how items are numbered.
func (s *basketSearch) truncate(x *index) {
	if len(s.pairs) <= rowWidth {
		return
	}
	clear(s.of[:])
	for i := range s.pairs {
		s.of[s.pairs[i].k]++
	}
	least, kept := basketWidth+1, 0
	for least > 1 && kept+s.of[least-1] <= rowWidth {
		least--
		kept += s.of[least]
	}
	if kept == 0 {
		selectFirst(s.pairs, rowWidth, func(a, b rowPair) bool {
			return a.k > b.k || a.k == b.k && x.items[a.id].name < x.items[b.id].name
		})
		s.pairs = s.pairs[:rowWidth]
		return
	}
	s.pairs = slices.DeleteFunc(s.pairs, func(q rowPair) bool { return int(q.k) < least })
}

// best leaves the best limit candidates in s.found, best first, equals in bytewise order of their ids.
func (m *BasketModel) best(s *basketSearch, limit int) {
	x := m.index
	worse := func(a, b candidate) bool {
		return a.score < b.score || a.score == b.score && x.items[b.id].name < x.items[a.id].name
	}
	for _, id := range s.touched {
		c := candidate{id, s.tally[id].cause, s.tally[id].score}
		if len(s.found) < limit || worse(s.found[0], c) {
			s.found = keepBest(s.found, limit, c, worse)
		}
	}
	sortHeap(s.found, worse)
}

// BasketPredictor is the reused memory of predictions, for one goroutine.
type BasketPredictor struct{ search basketSearch }

// Together appends the best limit items to go with context, best first, equals in bytewise order of their ids.
func (m *BasketModel) Together(dst []Prediction, p *BasketPredictor, context []string, limit int) []Prediction {
	m.together(&p.search, context)
	m.best(&p.search, limit)
	for _, c := range p.search.found {
		dst = append(dst, Prediction{m.index.items[c.id].name, float64(c.score)})
	}
	return dst
}
