package watch

// index finds shoppers by the hash of their visitor id: open addressing with linear probing, at most half full, so that a look-up is
// one line of the cache. Go's map takes two or three for the same, which is most of what an act costs where shoppers are many. The zero
// value is empty.
type index struct {
	slots []slot // a power of two of them
	n     int
}

type slot struct {
	hash uint64
	s    *shopper // nil: empty
}

func (x *index) len() int { return x.n }

func (x *index) find(hash uint64) *shopper {
	mask := uint64(len(x.slots) - 1)
	if x.n == 0 {
		return nil
	}
	for i := hash & mask; ; i = (i + 1) & mask {
		if at := &x.slots[i]; at.hash == hash || at.s == nil {
			return at.s
		}
	}
}

// put adds a shopper whose hash is not there.
func (x *index) put(s *shopper) {
	if 2*(x.n+1) > len(x.slots) {
		old := x.slots
		x.slots = make([]slot, max(64, 2*len(old)))
		for _, at := range old {
			if at.s != nil {
				x.place(at)
			}
		}
	}
	x.place(slot{s.hash, s})
	x.n++
}

func (x *index) place(at slot) {
	mask := uint64(len(x.slots) - 1)
	i := at.hash & mask
	for x.slots[i].s != nil {
		i = (i + 1) & mask
	}
	x.slots[i] = at
}

// remove takes a hash out, if it is there, and moves back what had to go past it (Knuth, TAOCP 6.4, algorithm R).
func (x *index) remove(hash uint64) {
	if x.n == 0 {
		return
	}
	mask := uint64(len(x.slots) - 1)
	i := hash & mask
	for x.slots[i].hash != hash || x.slots[i].s == nil {
		if x.slots[i].s == nil {
			return
		}
		i = (i + 1) & mask
	}
	x.n--
	for j := i; ; {
		j = (j + 1) & mask
		at := x.slots[j]
		if at.s == nil {
			x.slots[i] = slot{}
			return
		}
		if home := at.hash & mask; (j-home)&mask >= (j-i)&mask {
			x.slots[i] = at
			i = j
		}
	}
}
