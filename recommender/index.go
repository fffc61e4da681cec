package recommender

import (
	"slices"
	"strings"
)

// index is the newest sequences of items of one site (visits, baskets) and, per item, the numbers of the newest width sequences
// that hold it. It is all that nearest neighbours need; METHODS: VMIS-kNN, Kersbergen et al., SIGMOD 2022.
//
// Sequences are numbered in the order in which they began. An item's ring holds exactly the min(width, df) highest numbers of kept
// sequences with the item, whatever was appended, removed or evicted in between: the index equals the one built from what is kept.
//
// Bounds: sequences hold maxBlock items, the oldest dropped; bytes() stays below budget by evicting the oldest sequences; an item
// is known as long as a kept sequence holds it.
type index struct {
	width  int
	budget int // bytes

	ids    map[string]uint32
	items  []posting // by item number
	unused []uint32  // item numbers to give out again
	arena  arena

	seqs  []sequence        // sequence number n stands at n modulo the length, a power of two
	first uint32            // the oldest number kept; numbers wrap around
	count uint32            // numbers given out from first on, removed ones among them
	alive int               // sequences kept
	begun uint64            // sequences ever begun
	open  map[uint64]uint32 // key → number of sequences that can be extended or removed
	pairs int               // (sequence, distinct item)
	text  int               // bytes of names
}

// posting is an item and where it occurs.
type posting struct {
	name  string
	df    uint32 // kept sequences that hold it
	moves uint32 // joins and parts: a copy made from the ring is current while this is the same
	ring  block  // circular: numbers ascending from head, valid if n > 0
	head  uint16
	n     uint16
}

// sequence is one visit or basket. A removed one has no items and waits to be the oldest.
type sequence struct {
	key      uint64 // 0: finished
	body     block
	n        uint16 // items, repeats among them
	distinct uint16
}

// Costs that bytes adds to the words of the arena.
const (
	postingBytes  = 40 + 48 // with its share of ids
	sequenceBytes = 24
	openBytes     = 28
)

func newIndex(width, budget int) *index {
	return &index{width: width, budget: budget, ids: map[string]uint32{}, seqs: make([]sequence, 64), open: map[uint64]uint32{}}
}

// bytes is the memory held, to a few percent.
func (x *index) bytes() int {
	return 4*x.arena.words + postingBytes*len(x.items) + x.text + sequenceBytes*len(x.seqs) + openBytes*len(x.open)
}

// end is the number that the next sequence gets.
func (x *index) end() uint32 { return x.first + x.count }

func (x *index) seq(number uint32) *sequence { return &x.seqs[number&uint32(len(x.seqs)-1)] }

// body is a sequence's items, oldest first. It is valid until the index changes.
func (x *index) body(number uint32) []uint32 {
	s := x.seq(number)
	if s.n == 0 {
		return nil
	}
	return x.arena.slice(s.body)[:s.n]
}

// item is the number of a known item.
func (x *index) item(name string) (uint32, bool) {
	id, ok := x.ids[name]
	return id, ok
}

// intern is the number of an item that is about to be put into a sequence.
func (x *index) intern(name string) uint32 {
	if id, ok := x.ids[name]; ok {
		return id
	}
	name = strings.Clone(name)
	var id uint32
	if n := len(x.unused); n > 0 {
		id, x.unused = x.unused[n-1], x.unused[:n-1]
	} else {
		id = uint32(len(x.items))
		x.items = append(x.items, posting{})
	}
	x.items[id] = posting{name: name}
	x.ids[name] = id
	x.text += len(name)
	return id
}

// begin starts a sequence. With a key other than 0 it can be found again until it is finished.
func (x *index) begin(key uint64) uint32 {
	if int(x.count) == len(x.seqs) {
		x.growSeqs()
	}
	number := x.end()
	x.count++
	x.alive++
	x.begun++
	*x.seq(number) = sequence{key: key}
	if key != 0 {
		x.open[key] = number
	}
	return number
}

func (x *index) growSeqs() {
	old := x.seqs
	x.seqs = make([]sequence, 2*len(old))
	for i := range x.count {
		n := x.first + i
		*x.seq(n) = old[n&uint32(len(old)-1)]
	}
}

// extend appends an item to a sequence.
func (x *index) extend(number uint32, name string) {
	x.extendID(number, x.intern(name))
}

func (x *index) extendID(number, id uint32) {
	s := x.seq(number)
	switch {
	case s.n == 0:
		s.body = x.arena.alloc(0)
	case int(s.n) == maxBlock:
		x.dropFront(number, s)
	case int(s.n) == s.body.size():
		s.body = x.arena.grow(s.body, int(s.n))
	}
	items := x.arena.slice(s.body)
	known := contains(items[:s.n], id)
	items[s.n] = id
	s.n++
	if !known {
		s.distinct++
		x.join(id, number)
	}
}

func (x *index) dropFront(number uint32, s *sequence) {
	items := x.arena.slice(s.body)
	gone := items[0]
	copy(items, items[1:s.n])
	s.n--
	if !contains(items[:s.n], gone) {
		s.distinct--
		x.part(gone, number)
	}
}

func contains(items []uint32, id uint32) bool {
	for _, have := range items {
		if have == id {
			return true
		}
	}
	return false
}

// finish says that a sequence will not change any more.
func (x *index) finish(number uint32) {
	s := x.seq(number)
	if s.key != 0 {
		delete(x.open, s.key)
		s.key = 0
	}
}

// remove takes a sequence back as if it had never been.
func (x *index) remove(number uint32) {
	x.finish(number)
	s := x.seq(number)
	if s.n > 0 {
		x.eachDistinct(number, func(id uint32) { x.part(id, number) })
		x.arena.release(s.body)
	}
	*s = sequence{}
	x.alive--
	x.skipRemoved()
}

// skipRemoved moves first to the oldest sequence that is kept.
func (x *index) skipRemoved() {
	for x.count > 0 && x.seq(x.first).n == 0 && x.seq(x.first).key == 0 {
		x.first++
		x.count--
	}
}

// take removes one item from a sequence; the last one removes the sequence.
func (x *index) take(number, id uint32) {
	s := x.seq(number)
	items := x.body(number)
	if !contains(items, id) {
		return
	}
	if s.distinct == 1 {
		x.remove(number)
		return
	}
	kept := slices.DeleteFunc(items, func(have uint32) bool { return have == id })
	s.n = uint16(len(kept))
	s.distinct--
	x.part(id, number)
}

// evict drops the oldest sequences until the index is within its budget. It keeps the newest in any case.
func (x *index) evict() {
	for x.alive > 1 && x.bytes() > x.budget {
		x.remove(x.first)
	}
}

func (x *index) eachDistinct(number uint32, f func(id uint32)) {
	items := x.body(number)
	for i, id := range items {
		if !contains(items[:i], id) {
			f(id)
		}
	}
}
