package recommender

import "slices"

// The rings of an index: per item the numbers of the newest sequences that hold it, ascending, in a circular block.

// at is the i-th oldest number of p's ring in its block.
func (p *posting) at(block []uint32, i int) *uint32 {
	return &block[(int(p.head)+i)&(len(block)-1)]
}

// spans are the ring's numbers in ascending order, as two runs.
func (x *index) spans(id uint32) (older, newer []uint32) {
	p := &x.items[id]
	if p.n == 0 {
		return nil, nil
	}
	block := x.arena.slice(p.ring)
	end := int(p.head) + int(p.n)
	if end <= len(block) {
		return block[p.head:end], nil
	}
	return block[p.head:], block[:end-len(block)]
}

// join notes that a sequence now holds an item. Nearly always it is the newest or nearly the newest of the ring.
func (x *index) join(id, number uint32) {
	p := &x.items[id]
	p.df++
	p.moves++
	x.pairs++
	if p.n == 0 {
		p.ring, p.head = x.arena.alloc(0), 0
	}
	block := x.arena.slice(p.ring)
	if int(p.n) == x.width {
		if number-x.first < *p.at(block, 0)-x.first {
			return // older than all that the ring holds
		}
		p.head = uint16(int(p.head+1) & (len(block) - 1))
		p.n--
	} else if int(p.n) == len(block) {
		slices.Reverse(block[:p.head]) // rotate the oldest to the front
		slices.Reverse(block[p.head:])
		slices.Reverse(block)
		p.head = 0
		p.ring = x.arena.grow(p.ring, int(p.n))
		block = x.arena.slice(p.ring)
	}
	i := int(p.n)
	p.n++
	for ; i > 0 && *p.at(block, i-1)-x.first > number-x.first; i-- {
		*p.at(block, i) = *p.at(block, i-1)
	}
	*p.at(block, i) = number
}

// part notes that a sequence no longer holds an item. Where the ring had to leave sequences out, the newest of them comes back.
func (x *index) part(id, number uint32) {
	p := &x.items[id]
	p.df--
	p.moves++
	x.pairs--
	if p.df == 0 {
		x.forget(id)
		return
	}
	block := x.arena.slice(p.ring)
	oldest := *p.at(block, 0)
	if number-x.first < oldest-x.first {
		return
	}
	i := 0
	for *p.at(block, i) != number {
		i++
	}
	for ; i > 0; i-- {
		*p.at(block, i) = *p.at(block, i-1)
	}
	p.head = uint16(int(p.head+1) & (len(block) - 1))
	p.n--
	if p.df > uint32(p.n) {
		x.refill(p, id, oldest, number)
	}
}

// refill puts the newest sequence that is older than oldest and holds id, other than the one being parted from, at the ring's front.
// There is one. It lies about as many sequences back as an item of that df is apart.
func (x *index) refill(p *posting, id, oldest, parting uint32) {
	for n := oldest - 1; n-x.first < x.count; n-- {
		if n != parting && contains(x.body(n), id) {
			block := x.arena.slice(p.ring)
			p.head = uint16((int(p.head) + len(block) - 1) & (len(block) - 1))
			p.n++
			block[p.head] = n
			return
		}
	}
}

// forget drops an item that no kept sequence holds.
func (x *index) forget(id uint32) {
	p := &x.items[id]
	x.arena.release(p.ring)
	x.text -= len(p.name)
	delete(x.ids, p.name)
	*p = posting{}
	x.unused = append(x.unused, id)
}
