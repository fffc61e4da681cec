package recommender

import (
	"slices"

	"github.com/zeebo/xxh3"
)

// Exploration. The head of an answer is its best items, always. Its tail, a fifth of the places, is with probability 1−ε the next
// best, and with probability ε that many drawn without replacement, all sets alike, from the pool: the next best four times as many.
// So with t places and a pool of p the probability of being shown is
//
//	1                     in the head
//	(1 − ε) + ε·t/p       for the next best t
//	ε·t/p                 for the rest of the pool
//
// which is what Scored.Propensity says, exactly, given what was ranked. The draw follows from the seed alone.

const (
	tailShare = 5 // one place in five
	poolTimes = 4
)

// tail is the number of places of an answer of limit items that may be drawn.
func tail(limit int, exploration float64) int {
	if exploration <= 0 || limit < 3 {
		return 0
	}
	return max(1, limit/tailShare)
}

// reach is how many items must be ranked for an answer of limit.
func reach(limit int, exploration float64) int {
	return limit + (poolTimes-1)*tail(limit, exploration)
}

// explore calls emit with the entries to show, best first, and the probability of each.
func (b *blender) explore(limit int, exploration float64, seed uint64, emit func(e *entry, propensity float64)) {
	t := tail(limit, exploration)
	if len(b.ranked) <= limit {
		t = 0 // nothing else could be shown
	}
	head := min(limit, len(b.ranked)) - t
	for _, i := range b.ranked[:head] {
		emit(&b.entries[i], 1)
	}
	if t == 0 {
		return
	}
	pool := b.ranked[head:]
	for _, i := range pool[:t] {
		b.entries[i].next = true
	}
	if seed = mix(seed); float64(seed>>11)/(1<<53) < exploration {
		for k := range t {
			seed = mix(seed)
			j := k + int(seed%uint64(len(pool)-k))
			pool[k], pool[j] = pool[j], pool[k]
		}
		slices.SortFunc(pool[:t], func(x, y uint16) int {
			if b.better(x, y) {
				return -1
			}
			return 1
		})
	}
	chance := exploration * float64(t) / float64(len(pool))
	for _, i := range pool[:t] {
		propensity := chance
		if b.entries[i].next {
			propensity += 1 - exploration
		}
		emit(&b.entries[i], propensity)
	}
}

// seedOf is the seed of a query without one: the same shopper sees the same answer for an hour.
func seedOf(q *Query) uint64 {
	if q.Seed != 0 {
		return q.Seed
	}
	h := xxh3.HashString(q.Visitor)
	h = mix(h ^ xxh3.HashString(q.Site))
	h = mix(h ^ xxh3.HashString(q.Placement))
	h = mix(h ^ xxh3.HashString(q.Item))
	return mix(h ^ uint64(q.Now/3600_000))
}
