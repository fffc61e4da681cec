package recommender

import (
	"math"

	"beckon/clickstream/snapshot"
)

// exponents of k^p / (a^q·b^r) · size^s.
type exponents struct {
	p, q, r float64
	s       int
}

// tried are the exponents that compete, the default first.
var tried = [...]exponents{
	{3, 2, 1, 1},
	{4, 3, 1, 0},
	{4, 3, 1, 1},
	{4, 3, 1, 2},
	{3, 2, 1, 0},
	{3, 2, 1, 2},
	{2, 1, 1, 0}, // the cosine, squared
	{2, 1, 1, 1},
	{1.5, 1, 0.5, 0},
	{1.5, 1, 0.5, 1},
	{1, 1, 0, 0}, // the share of a's baskets
	{1, 0, 0, 0}, // the count
}

// powers are the score's factors as tables.
type powers struct {
	exponents
	k  [basketWidth + 1]float32
	df [4096]float32
}

func newPowers(e exponents) *powers {
	w := &powers{exponents: e}
	for k := range w.k {
		// Scaled so that k^p of a full ring stays a small float32.
		w.k[k] = float32(math.Pow(float64(k)/basketWidth, e.p))
	}
	for df := 1; df < len(w.df); df++ {
		w.df[df] = float32(math.Pow(float64(df)/basketWidth, -e.r))
	}
	return w
}

// pair is the factor of what two items have in common.
func (w *powers) pair(p *rowPair) float32 {
	f := w.k[p.k]
	for range w.s {
		f *= p.size
	}
	return f
}

// context is the factor of a context item. Its counts reach no further than its ring.
func (w *powers) context(df uint32) float32 {
	return float32(math.Pow(float64(min(df, basketWidth))/basketWidth, -w.q))
}

func (w *powers) candidate(df uint32) float32 {
	if df < uint32(len(w.df)) {
		return w.df[df]
	}
	return float32(math.Pow(float64(df)/basketWidth, -w.r))
}

// exponentTrials finds the exponents that foretell a site's baskets best. It is prequential: of a sampled basket, before it is
// learned, one item is held out and sought by the others under each of the tried exponents.
type exponentTrials struct {
	gain    [len(tried)]float64 // hits and reciprocal ranks in the top 10, fading
	baskets uint64              // that could be tried
	drawn   uint64
	powers  [len(tried)]*powers
	search  basketSearch
	rest    []string
}

const (
	trialTop     = 10
	trialFading  = 0.999 // the last 1,000 trials count
	trialContext = 32    // items of the rest that are used, to bound the cost
	warmTrials   = 200   // one basket in firstTrials, then one in steadyTrials: a trial of three items takes some 20 µs
	firstTrials  = 4
	steadyTrials = 16
	trustTrials  = 50
)

func (t *exponentTrials) observe(m *BasketModel, items []string) {
	if len(items) < 2 {
		return
	}
	every := uint64(steadyTrials)
	if t.drawn < warmTrials {
		every = firstTrials
	}
	if t.baskets++; t.baskets%every != 0 {
		return
	}
	t.drawn++
	held := int(t.drawn % uint64(len(items)))
	t.rest = t.rest[:0]
	for i := 1; i < len(items) && len(t.rest) < trialContext; i++ {
		if other := items[(held+i)%len(items)]; other != items[held] {
			t.rest = append(t.rest, other)
		}
	}
	for i := range t.gain {
		t.gain[i] = t.gain[i]*trialFading + t.try(m, i, items[held])
	}
	m.power = t.choose(m.power)
}

// try is what exponents i earn for one basket.
func (t *exponentTrials) try(m *BasketModel, i int, held string) float64 {
	id, ok := m.index.item(held)
	if !ok {
		return 0
	}
	used := m.power
	m.power = t.of(i)
	m.together(&t.search, t.rest)
	m.power = used
	target := t.search.tally[id].score
	if target == 0 {
		return 0
	}
	rank := 1
	for _, other := range t.search.touched {
		if t.search.tally[other].score > target {
			rank++
		}
	}
	if rank > trialTop {
		return 0
	}
	return 1 + 1/float64(rank)
}

func (t *exponentTrials) of(i int) *powers {
	if t.powers[i] == nil {
		t.powers[i] = newPowers(tried[i])
	}
	return t.powers[i]
}

// choose is the best tried exponents, of equals the first, or used as long as too little was tried.
func (t *exponentTrials) choose(used *powers) *powers {
	if t.drawn < trustTrials {
		return used
	}
	best := 0
	for i := range t.gain {
		if t.gain[i] > t.gain[best] {
			best = i
		}
	}
	return t.of(best)
}

func (t *exponentTrials) save(e *snapshot.Encoder) {
	e.Uint(t.baskets)
	e.Uint(t.drawn)
	e.Uint(uint64(len(t.gain)))
	for _, g := range t.gain {
		e.Float(g)
	}
}

// load reads gains; those of another set of exponents are dropped and found again.
func (t *exponentTrials) load(d *snapshot.Decoder) {
	t.baskets, t.drawn = d.Uint(), d.Uint()
	n := d.Count(1 << 16)
	for i := range n {
		if g := d.Float(); n == len(t.gain) {
			t.gain[i] = g
		}
	}
	if n != len(t.gain) {
		t.drawn = 0
	}
}
