package recommender

import (
	"math/bits"

	"github.com/zeebo/xxh3"

	"beckon/recommender/rules"
)

// blender is the reused memory of one answer: candidates of all sources, joined by name.
type blender struct {
	search   search
	baskets  basketSearch
	factors  factorSearch
	sequence []string
	context  []string

	weights [sources]float32
	entries []entry
	slots   []uint16 // hash table: 1 + index in entries, 0 free
	only    bool     // no entries beyond those wanted at the start
	heap    []uint16 // entries, the best at the root
	ranked  []uint16 // entries that may be shown, best first
	groups  []string

	steered bool         // some rule holds here
	active  rules.Active // those that hold
	item    rules.Item   // looked at last
	page    []string     // path of the page's category
	pinned  []pinned     // in order of their places
}

// entry is an item that some source knows.
type entry struct {
	name     string
	cause    string // of the source that gives most
	value    [sources]float32
	score    float32 // Σ weight × value
	most     float32 // the largest of them
	source   uint8   // whose it is
	excluded bool    // not to be shown, or ranked already
	next     bool    // among the next best after the head: see explore.go
}

// maxBlend is what the table holds; sources beyond it are not heard.
const maxBlend = 4096

func (b *blender) reset(wanted int) {
	size := 1 << bits.Len(uint(max(2*wanted, 1023)))
	if cap(b.slots) < size {
		b.slots = make([]uint16, size)
	}
	b.slots = b.slots[:size]
	clear(b.slots)
	clear(b.entries)
	b.entries, b.heap, b.ranked, b.only = b.entries[:0], b.heap[:0], b.ranked[:0], false
	clear(b.groups)
	b.groups = b.groups[:0]
	b.steered, b.pinned = false, b.pinned[:0]
}

// find is the index of an item's entry, made if it is missing and there may be more; -1 if not.
func (b *blender) find(name string) int {
	mask := uint64(len(b.slots) - 1)
	h := xxh3.HashString(name) & mask
	for ; b.slots[h] != 0; h = (h + 1) & mask {
		if i := int(b.slots[h]) - 1; b.entries[i].name == name {
			return i
		}
	}
	if b.only || len(b.entries) == maxBlend {
		return -1
	}
	b.entries = append(b.entries, entry{name: name})
	b.slots[h] = uint16(len(b.entries))
	if 2*len(b.entries) > len(b.slots) {
		b.rehash()
	}
	return len(b.entries) - 1
}

func (b *blender) rehash() {
	size := 2 * len(b.slots)
	if cap(b.slots) < size {
		b.slots = make([]uint16, size)
	}
	b.slots = b.slots[:size]
	clear(b.slots)
	mask := uint64(size - 1)
	for i := range b.entries {
		h := xxh3.HashString(b.entries[i].name) & mask
		for b.slots[h] != 0 {
			h = (h + 1) & mask
		}
		b.slots[h] = uint16(i + 1)
	}
}

// exclude keeps items out of the answer.
func (b *blender) exclude(names []string) {
	for _, name := range names {
		if i := b.find(name); i >= 0 {
			b.entries[i].excluded = true
		}
	}
}

// add gives an item a source's value, the source's best having 1. Of several values of one source the first counts.
func (b *blender) add(source int, name string, value float32, cause string) {
	weight := b.weights[source]
	if weight == 0 {
		return
	}
	i := b.find(name)
	if i < 0 {
		return
	}
	e := &b.entries[i]
	if e.excluded || e.value[source] != 0 {
		return
	}
	e.value[source] = value
	gives := weight * value
	e.score += gives
	if gives > e.most {
		e.most, e.source, e.cause = gives, uint8(source), cause
	}
}

// better is the order of entries: score, then id.
func (b *blender) better(x, y uint16) bool {
	p, q := &b.entries[x], &b.entries[y]
	return p.score > q.score || p.score == q.score && before(p.name, q.name)
}

// order makes a heap of the entries that have a score.
func (b *blender) order() {
	b.heap = b.heap[:0]
	for i := range b.entries {
		if e := &b.entries[i]; !e.excluded && e.score > 0 {
			b.heap = append(b.heap, uint16(i))
		}
	}
	for i := len(b.heap)/2 - 1; i >= 0; i-- {
		b.sink(i)
	}
}

func (b *blender) sink(i int) {
	for {
		down := 2*i + 1
		if down >= len(b.heap) {
			return
		}
		if down+1 < len(b.heap) && b.better(b.heap[down+1], b.heap[down]) {
			down++
		}
		if !b.better(b.heap[down], b.heap[i]) {
			return
		}
		b.heap[i], b.heap[down] = b.heap[down], b.heap[i]
		i = down
	}
}

// pop is the best entry that is left, -1 if none is.
func (b *blender) pop() int {
	n := len(b.heap)
	if n == 0 {
		return -1
	}
	best := b.heap[0]
	b.heap[0] = b.heap[n-1]
	b.heap = b.heap[:n-1]
	b.sink(0)
	return int(best)
}

// choose ranks up to n items that may be shown.
func (b *blender) choose(q *Query, n int) {
	b.order()
	for len(b.ranked) < n {
		i := b.pop()
		if i < 0 {
			return
		}
		e := &b.entries[i]
		e.excluded = true // now that it was looked at
		if q.Eligible != nil && !q.Eligible(e.name) || b.variantShown(q, e.name) {
			continue
		}
		b.ranked = append(b.ranked, uint16(i))
	}
}

// variantShown says whether a variant of the same product is among the ranked; if not, the next one of it will be.
func (b *blender) variantShown(q *Query, name string) bool {
	if q.Group == nil {
		return false
	}
	group := q.Group(name)
	if group == "" {
		return false
	}
	for _, g := range b.groups {
		if g == group {
			return true
		}
	}
	b.groups = append(b.groups, group)
	return false
}
