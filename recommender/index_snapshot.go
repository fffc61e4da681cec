package recommender

import "beckon/clickstream/snapshot"

// The index in a snapshot: its numbers, then each sequence with its key and items. Items are numbered by their first appearance
// there, and their name stands where they first appear, so that two indexes with the same sequences have the same bytes whatever
// their history. Rings are made again from the sequences.

func (x *index) save(e *snapshot.Encoder) {
	e.Uint(x.begun)
	e.Uint(uint64(x.first))
	e.Uint(uint64(x.count))
	numbered := make([]uint32, len(x.items)) // 1 + number in the snapshot
	next := uint32(0)
	for i := range x.count {
		s := x.seq(x.first + i)
		e.Uint(uint64(s.n))
		if s.n == 0 {
			continue
		}
		e.Uint(s.key)
		for _, id := range x.body(x.first + i) {
			if numbered[id] != 0 {
				e.Uint(uint64(numbered[id] - 1))
				continue
			}
			e.Uint(uint64(next))
			e.Text(x.items[id].name)
			next++
			numbered[id] = next
		}
	}
}

// load reads into an empty index.
func (x *index) load(d *snapshot.Decoder) {
	begun := d.Uint()
	x.first = uint32(d.Count(1<<32 - 1))
	count := d.Count(1<<32 - 1)
	for i := 0; i < count && d.Err() == nil; i++ {
		n := d.Count(maxBlock)
		if n == 0 {
			if i == 0 {
				d.Failf("the oldest sequence is a removed one")
				return
			}
			number := x.begin(0)
			*x.seq(number) = sequence{}
			x.alive--
			continue
		}
		key := d.Uint()
		if _, twice := x.open[key]; twice {
			d.Failf("key %d twice", key)
			return
		}
		number := x.begin(key)
		for range n {
			id := d.Count(len(x.items))
			if id == len(x.items) {
				name := d.Text()
				if _, twice := x.ids[name]; twice {
					d.Failf("item %q twice", name)
				}
				if d.Err() == nil {
					x.intern(name)
				}
			}
			if d.Err() != nil {
				return
			}
			x.extendID(number, uint32(id))
		}
	}
	x.begun = begun
}
