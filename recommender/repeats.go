package recommender

import (
	"slices"

	"beckon/clickstream/snapshot"
)

// repeats finds how much an item that is in the session already should count, as visits of the site show it: shoppers of one shop
// go back to what they saw, those of another never do. It is prequential: before a sampled step is learned, what it is going to be
// is predicted, and every pair of factors is scored by the rank that it gives to what came. The best pair is used.
type repeats struct {
	gain  [len(repeatFactors) * len(lastFactors)]float64 // hits and reciprocal ranks in the top 20, fading
	seen  uint64                                         // steps that could be predicted
	drawn uint64                                         // of them predicted
	other []float32                                      // scores of the best items that are not in the session; reused
}

var (
	repeatFactors = [...]float32{0.5, 1, 1.4, 1.8, 2.4, 3.5, 5}
	lastFactors   = [...]float32{0, 0.15, 0.3, 0.4, 0.5, 0.7, 1}
)

const (
	repeatTop    = 20
	repeatFading = 0.9995 // the last 2,000 predictions count
	warmDraws    = 2000   // predicted at the warm rate, the rest at the steady one
	warmEvery    = 16
	steadyEvery  = 256 // a prediction takes about 40 µs: under 0.2 µs a step
	trustDraws   = 200 // before, the method's own factors are used
)

// draw says whether the next step is to be predicted.
func (r *repeats) draw() bool {
	every := uint64(steadyEvery)
	if r.drawn < warmDraws {
		every = warmEvery
	}
	r.seen++
	return r.seen%every == 0
}

// observe scores all pairs on one prediction: s holds what was gathered for the session, next is what came.
func (r *repeats) observe(x *index, s *search, t *tables, next string) {
	r.drawn++
	x.combine(s, t)
	for i := range r.gain {
		r.gain[i] *= repeatFading
	}
	if id, known := x.item(next); known && s.tally[id].score > 0 {
		r.score(s, id)
	}
	r.choose(t)
}

// score adds what each pair earns when item id comes next.
func (r *repeats) score(s *search, id uint32) {
	target := &s.tally[id]
	r.other = r.other[:0]
	for _, o := range s.touched {
		if c := &s.tally[o]; c.seen == 0 && o != id {
			r.other = append(r.other, c.score)
		}
	}
	slices.Sort(r.other)
	for i, repeat := range repeatFactors {
		for j, last := range lastFactors {
			score := s.weighed(target, repeat, last)
			if score <= 0 {
				continue
			}
			at, _ := slices.BinarySearch(r.other, score)
			rank := 1 + len(r.other) - at
			for k := range s.focus {
				if c := &s.tally[s.focus[k].id]; c != target && s.weighed(c, repeat, last) > score {
					rank++
				}
			}
			if rank <= repeatTop {
				r.gain[i*len(lastFactors)+j] += 1 + 1/float64(rank)
			}
		}
	}
}

// choose sets the method's factors to the best pair, of equals the first.
func (r *repeats) choose(t *tables) {
	if r.drawn < trustDraws {
		return
	}
	best := 0
	for i := range r.gain {
		if r.gain[i] > r.gain[best] {
			best = i
		}
	}
	t.repeat, t.last = repeatFactors[best/len(lastFactors)], lastFactors[best%len(lastFactors)]
}

func (r *repeats) save(e *snapshot.Encoder) {
	e.Uint(r.seen)
	e.Uint(r.drawn)
	e.Uint(uint64(len(r.gain)))
	for _, g := range r.gain {
		e.Float(g)
	}
}

// load reads gains; those of another set of pairs are dropped and found again.
func (r *repeats) load(d *snapshot.Decoder) {
	r.seen, r.drawn = d.Uint(), d.Uint()
	n := d.Count(1 << 16)
	for i := range n {
		if g := d.Float(); n == len(r.gain) {
			r.gain[i] = g
		}
	}
	if n != len(r.gain) {
		r.drawn = 0
	}
}
