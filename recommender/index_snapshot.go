package recommender

// The index in a snapshot: its numbers, then each sequence with its key and items. Items are numbered by their first appearance
// there, and their name stands where they first appear, so that two indexes with the same sequences have the same bytes whatever
// their history. Rings are made again from the sequences.

func (x *index) save(e *encoder) {
	e.uint(x.begun)
	e.uint(uint64(x.first))
	e.uint(uint64(x.count))
	numbered := make([]uint32, len(x.items)) // 1 + number in the snapshot
	next := uint32(0)
	for i := range x.count {
		s := x.seq(x.first + i)
		e.uint(uint64(s.n))
		if s.n == 0 {
			continue
		}
		e.uint(s.key)
		for _, id := range x.body(x.first + i) {
			if numbered[id] != 0 {
				e.uint(uint64(numbered[id] - 1))
				continue
			}
			e.uint(uint64(next))
			e.string(x.items[id].name)
			next++
			numbered[id] = next
		}
	}
}

// load reads into an empty index.
func (x *index) load(d *decoder) {
	begun := d.uint()
	x.first = uint32(d.count(1<<32 - 1))
	count := d.count(1<<32 - 1)
	for i := 0; i < count && d.err == nil; i++ {
		n := d.count(maxBlock)
		if n == 0 {
			if i == 0 {
				d.fail("the oldest sequence is a removed one")
				return
			}
			number := x.begin(0)
			*x.seq(number) = sequence{}
			x.alive--
			continue
		}
		key := d.uint()
		if _, twice := x.open[key]; twice {
			d.fail("key %d twice", key)
			return
		}
		number := x.begin(key)
		for range n {
			id := d.count(len(x.items))
			if id == len(x.items) {
				name := d.string()
				if _, twice := x.ids[name]; twice {
					d.fail("item %q twice", name)
				}
				if d.err == nil {
					x.intern(name)
				}
			}
			if d.err != nil {
				return
			}
			x.extendID(number, uint32(id))
		}
	}
	x.begun = begun
}
