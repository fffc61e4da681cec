package clickstream

import "math/bits"

// Shape of the table. At most 85 of 100 slots are taken and a rebuilt part is 70 % full: 9 bytes a slot make 10.6 to 12.9
// bytes an id.
const (
	tableBits    = 10 // parts, so that growing moves a thousandth of the ids at a time
	smallestPart = 16
	hourMillis   = 3600 * 1000
)

// dedupTable is the window of known ids: fingerprints with the hour in which they were first seen. An unknown id is taken for
// a known one with odds of ids/2^64: at 864 million ids one in 2·10^10 events. It has one user, the sequencer.
type dedupTable struct {
	parts [1 << tableBits]tablePart
	ids   int
	keep  int64  // hours after its own for which an id is kept
	hour  int64  // now, hours since 1970; never goes back
	swept int    // parts that were freed of old ids since the hour began
	sum   uint64 // what touch read: kept so that it must be read
}

// tablePart holds the fingerprints with the same first bits: open addressing, linear probing, a fingerprint's place found by
// multiplying it with the size, so that sizes need not be powers of two.
type tablePart struct {
	ids   []uint64 // 0: free
	hours []uint8  // of each id, modulo 256
	n     int
}

// newDedupTable remembers ids for at least window milliseconds, at most 240 hours.
func newDedupTable(window int64) *dedupTable {
	return &dedupTable{keep: (window + hourMillis - 1) / hourMillis}
}

// advance moves the clock. Ids older than the window are new again at once, and leave the memory with the next calls of sweep.
func (t *dedupTable) advance(now int64) {
	if hour := now / hourMillis; hour > t.hour {
		t.hour, t.swept = hour, 0
	}
}

// sweep frees at most n parts of old ids: what one call costs is bounded by the size of n parts.
func (t *dedupTable) sweep(n int) {
	for ; n > 0 && t.swept < len(t.parts); n-- {
		p := &t.parts[t.swept]
		t.swept++
		for i, id := range p.ids {
			if id != 0 && t.old(p.hours[i]) {
				t.ids += p.rebuild(t)
				break
			}
		}
	}
}

// old says that an id of this hour is out of the window. Hours in the future, from a clock that went back, stay.
func (t *dedupTable) old(hour uint8) bool {
	age := uint8(t.hour) - hour
	return int64(age) > t.keep && age < 250
}

// insert adds id with the current hour and says whether it was new.
func (t *dedupTable) insert(id uint64) bool { return t.insertAt(id, uint8(t.hour)) }

// touch reads where ids would stand. The reads do not wait for each other, so that inserting a few ids after it finds their memory in
// the cache instead of waiting for one after the other.
func (t *dedupTable) touch(ids []uint64) {
	sum := t.sum
	for _, id := range ids {
		if p := &t.parts[id>>(64-tableBits)]; len(p.ids) > 0 {
			sum += p.ids[p.place(id)]
		}
	}
	t.sum = sum
}

// touched is how many ids are worth touching at once.
const touched = 16

func (t *dedupTable) insertAt(id uint64, hour uint8) bool {
	if id == 0 {
		id = 1
	}
	p := &t.parts[id>>(64-tableBits)]
	if p.n*20 >= len(p.ids)*17 {
		t.ids += p.rebuild(t)
	}
	i := p.place(id)
	for p.ids[i] != 0 {
		if p.ids[i] == id {
			again := t.old(p.hours[i])
			if again {
				p.hours[i] = hour
			}
			return again
		}
		if i++; i == len(p.ids) {
			i = 0
		}
	}
	p.ids[i], p.hours[i] = id, hour
	p.n++
	t.ids++
	return true
}

// remove takes back an id that was just inserted. What follows it in its run moves up, so that no probe ends too early.
func (t *dedupTable) remove(id uint64) {
	if id == 0 {
		id = 1
	}
	p := &t.parts[id>>(64-tableBits)]
	size := len(p.ids)
	if size == 0 {
		return
	}
	i := p.place(id)
	for p.ids[i] != id {
		if p.ids[i] == 0 {
			return
		}
		if i++; i == size {
			i = 0
		}
	}
	for j := i; ; {
		if j++; j == size {
			j = 0
		}
		if p.ids[j] == 0 {
			break
		}
		if home := p.place(p.ids[j]); (j-home+size)%size >= (j-i+size)%size {
			p.ids[i], p.hours[i] = p.ids[j], p.hours[j]
			i = j
		}
	}
	p.ids[i] = 0
	p.n--
	t.ids--
}

func (p *tablePart) place(id uint64) int {
	hi, _ := bits.Mul64(id<<tableBits, uint64(len(p.ids)))
	return int(hi)
}

// rebuild drops old ids, makes room for more, and returns the change in their number, which is never above 0.
func (p *tablePart) rebuild(t *dedupTable) int {
	live := 0
	for i, id := range p.ids {
		if id != 0 && !t.old(p.hours[i]) {
			live++
		}
	}
	return p.resize(t, max(smallestPart, live*10/7+1))
}

// resize makes the part size slots large and drops old ids.
func (p *tablePart) resize(t *dedupTable, size int) int {
	from := *p
	*p = tablePart{ids: make([]uint64, size), hours: make([]uint8, size)}
	for i, id := range from.ids {
		if id == 0 || t.old(from.hours[i]) {
			continue
		}
		j := p.place(id)
		for p.ids[j] != 0 {
			if j++; j == size {
				j = 0
			}
		}
		p.ids[j], p.hours[j] = id, from.hours[i]
		p.n++
	}
	return p.n - from.n
}

// reserve makes room for n ids at once, for when they come from files.
func (t *dedupTable) reserve(n int) {
	for i := range t.parts {
		p := &t.parts[i]
		if size := n/len(t.parts)*10/7 + 1; size > smallestPart && size > len(p.ids) {
			t.ids += p.resize(t, size)
		}
	}
}
