package now

import (
	"cmp"
	"slices"
)

// table holds the visits that are not over, those of a visitor side by side. It is 256 tables with linear probing whose entries stand in
// the order of their keys, so that a walk through them is sorted; each grows by an eighth when seven eighths are taken. A visitor is known
// by 48 bits of its hash: among a million visitors two are taken for one with a chance of 1 in 500.
type table struct {
	parts [256]part
	count int
}

type part struct {
	slots []visit // visits at or after their home; the last eighth but some is no home
	used  int
}

// visit is one that is not over.
type visit struct {
	hash  uint32 // bits 24-55 of the visitor's; bits 56-63 say the part
	start uint32 // second of its first event
	last  uint32 // second of its newest event
	bits
}

// bits is the rest of a visit:
//
//	0-9    milliseconds of its start
//	10-12  how far it came
//	13-14  device
//	15-18  place of its source
//	19     a machine's
//	20     its visitor has a later one
//	21     a cart is open
//	23     taken: there is a visit
//	24-31  bits 16-23 of the visitor's hash
type bits uint32

const (
	machineBit bits = 1 << 19
	olderBit   bits = 1 << 20
	cartBit    bits = 1 << 21
	takenBit   bits = 1 << 23
)

func (b bits) stage() Stage  { return Stage(b >> 10 & 7) }
func (b bits) device() uint8 { return uint8(b >> 13 & 3) }
func (b bits) source() uint8 { return uint8(b >> 15 & 15) }
func (b bits) machine() bool { return b&machineBit != 0 }
func (b bits) older() bool   { return b&olderBit != 0 }
func (b bits) taken() bool   { return b&takenBit != 0 }

func (b *bits) setStage(s Stage)  { *b = *b&^(7<<10) | bits(s)<<10 }
func (b *bits) setDevice(d uint8) { *b = *b&^(3<<13) | bits(d)<<13 }
func (b *bits) setSource(s uint8) { *b = *b&^(15<<15) | bits(s)<<15 }
func (b *bits) set(f bits, on bool) {
	if *b &^= f; on {
		*b |= f
	}
}

// newVisit is a visit with nothing but its key.
func newVisit(hash uint64, start int64) visit {
	return visit{
		hash: uint32(hash >> 24), start: uint32(start / secondMs),
		bits: bits(start%secondMs) | takenBit | bits(hash>>16&0xff)<<24,
	}
}

// startMs is when the visit began, Unix ms.
func (v *visit) startMs() int64 { return int64(v.start)*secondMs + int64(v.bits&1023) }

// compare is the order in a part: by visitor, then start.
func (v *visit) compare(w *visit) int {
	return cmp.Or(v.compareVisitor(w), cmp.Compare(v.start, w.start), cmp.Compare(v.bits&1023, w.bits&1023))
}

func (v *visit) compareVisitor(w *visit) int {
	return cmp.Or(cmp.Compare(v.hash, w.hash), cmp.Compare(v.bits>>24, w.bits>>24))
}

func (t *table) part(hash uint64) *part { return &t.parts[hash>>56] }

// home is the place where a visitor's visits want to be.
func (p *part) home(hash uint32) int { return int(uint64(hash) * uint64(p.homes()) >> 32) }

// homes is how many places are a home; what is displaced from the last ones finds room behind them.
func (p *part) homes() int { return len(p.slots) - len(p.slots)/64 - 8 }

// first is the place of the visitor's first visit, or where it would stand.
func (p *part) first(key *visit) int {
	if len(p.slots) == 0 {
		return 0
	}
	i := p.home(key.hash)
	for i < len(p.slots) && p.slots[i].taken() && p.slots[i].compareVisitor(key) < 0 {
		i++
	}
	return i
}

// of is the visits of key's visitor, the oldest first, in place.
func (p *part) of(key *visit) []visit {
	i := p.first(key)
	j := i
	for j < len(p.slots) && p.slots[j].taken() && p.slots[j].compareVisitor(key) == 0 {
		j++
	}
	return p.slots[i:j]
}

// insert puts a visit in that is not there yet. Places of others move.
func (t *table) insert(p *part, v visit) {
	if (p.used+1)*8 > p.homes()*7 {
		p.grow()
	}
	for !p.put(v) {
		p.grow()
	}
	p.used++
	t.count++
}

// put is false if there is no room behind the last home.
func (p *part) put(v visit) bool {
	i := p.home(v.hash)
	for i < len(p.slots) && p.slots[i].taken() && p.slots[i].compare(&v) < 0 {
		i++
	}
	end := i
	for end < len(p.slots) && p.slots[end].taken() {
		end++
	}
	if end >= len(p.slots) {
		return false
	}
	copy(p.slots[i+1:end+1], p.slots[i:end])
	p.slots[i] = v
	return true
}

// remove takes the visit at a place out. Places of others move.
func (t *table) remove(p *part, at int) {
	next := at + 1
	for ; next < len(p.slots) && p.slots[next].taken() && p.home(p.slots[next].hash) < next; next++ {
		p.slots[next-1] = p.slots[next]
	}
	p.slots[next-1] = visit{}
	p.used--
	t.count--
	if want := max(minSlots, p.used+p.used/3+16); p.used < p.homes()/2 && want < len(p.slots) {
		p.resize(want)
	}
}

const minSlots = 16

func (p *part) grow() { p.resize(max(minSlots, len(p.slots)+len(p.slots)/8)) }

// resize moves the visits to places of their own, in their order.
func (p *part) resize(n int) {
	old := p.slots
	for fits := false; !fits; n += n/8 + 1 {
		p.slots = slices.Grow([]visit(nil), n)
		p.slots = p.slots[:cap(p.slots)]
		fits = p.fill(old)
	}
}

// fill puts visits in that stand in order.
func (p *part) fill(old []visit) bool {
	free := 0
	for i := range old {
		if !old[i].taken() {
			continue
		}
		at := max(free, p.home(old[i].hash))
		if at >= len(p.slots) {
			return false
		}
		p.slots[at] = old[i]
		free = at + 1
	}
	return true
}
