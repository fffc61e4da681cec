package recommender

import "math"

// search is the reused memory of one nearest-neighbour query. tally is as long as the index has items: 16 bytes each.
type search struct {
	focus   []focus
	sought  int      // the first of focus that neighbours are sought by; the rest is too far back to matter
	tally   []tally  // by item number, zero between queries
	touched []uint32 // items with something in tally
	slots   []uint32 // hash table: 1 + place in near, 0 free
	near    []neighbour
	found   []candidate
}

// focus is a distinct item of the running session, latest first.
type focus struct {
	id     uint32
	back   int // positions from the end of the session to its last occurrence
	weight float32
}

// tally is what a query has gathered about an item.
type tally struct {
	score, rule, best float32
	stamp             uint16 // 1 + the neighbour that spoke last
	seen              uint8  // 1 + its place in focus
	cause             uint8  // 1 + the focus that gave most
}

// neighbour is a sequence that shares items with the session.
type neighbour struct {
	age  uint32 // 0 is the newest number given out
	step int32  // 1 + distance from the end of the session to the latest shared item
	sim  float32
}

// candidate is an item that may be shown.
type candidate struct {
	id    uint32
	cause uint8 // 1 + place in focus, 0 none
	score float32
}

// query ranks the items that neighbours of a session hold and leaves the best limit of them in s.found, unordered repeats and all.
// Sequences whose key belongs to owner (its upper half) are the shopper's own running visits: they are not asked.
func (x *index) query(s *search, t *tables, session []string, owner uint32) {
	s.reset(len(x.items))
	x.look(s, t, session)
	x.gather(s, t)
	x.choose(s, t)
	if t.Rules > 0 {
		x.follow(s, t, owner)
	}
	for i := range s.near {
		x.listen(s, t, i, owner)
	}
}

func (s *search) reset(items int) {
	for _, id := range s.touched {
		s.tally[id] = tally{}
	}
	for _, f := range s.focus {
		s.tally[f.id] = tally{}
	}
	s.focus, s.touched, s.near, s.found = s.focus[:0], s.touched[:0], s.near[:0], s.found[:0]
	if len(s.tally) < items {
		s.tally = make([]tally, items+items/4+64)
	}
}

// look finds the session's distinct items and weighs them by position.
func (x *index) look(s *search, t *tables, session []string) {
	distinct, squares := 0, float32(0)
	s.sought = 0
	for i := len(session) - 1; i >= 0 && len(s.focus) < maxFocus; i-- {
		back := len(session) - 1 - i
		w := t.weigh(back, len(session))
		id, known := x.item(session[i])
		if !known {
			if !later(session, i) {
				distinct++
				squares += w * w
			}
			continue
		}
		if s.tally[id].seen != 0 {
			continue
		}
		distinct++
		squares += w * w
		s.focus = append(s.focus, focus{id, back, w})
		if w >= t.faint {
			s.sought = len(s.focus)
		}
		s.tally[id].seen = uint8(len(s.focus))
	}
	norm := float32(1)
	if t.PerItem {
		norm = 1 / float32(max(distinct, 1))
	}
	if t.Cosine && squares > 0 {
		norm /= float32(math.Sqrt(float64(squares)))
	}
	for i := range s.focus {
		s.focus[i].weight *= norm
	}
}

func later(session []string, i int) bool {
	for _, name := range session[i+1:] {
		if name == session[i] {
			return true
		}
	}
	return false
}

func (t *tables) weigh(back, length int) float32 {
	switch {
	case t.Position > 0:
		return t.position[min(back, maxFocus)]
	case t.Absolute:
		return float32(length - back)
	}
	return float32(length-back) / float32(length)
}

// gather sums the weights of shared items over all sequences of the session's rings.
func (x *index) gather(s *search, t *tables) {
	total := 0
	for _, f := range s.focus[:s.sought] {
		total += int(x.items[f.id].n)
	}
	size := 64
	for size < 2*total {
		size *= 2
	}
	if cap(s.slots) < size {
		s.slots = make([]uint32, size)
	}
	s.slots = s.slots[:size]
	clear(s.slots)
	newest := x.end() - 1
	for _, f := range s.focus[:s.sought] {
		older, newer := x.spans(f.id)
		s.share(older, newest, f)
		s.share(newer, newest, f)
	}
}

func (s *search) share(numbers []uint32, newest uint32, f focus) {
	mask := uint32(len(s.slots) - 1)
	for _, n := range numbers {
		age := newest - n
		h := (age * 0x9E3779B1) >> 7 & mask
		for {
			slot := s.slots[h]
			if slot == 0 {
				s.near = append(s.near, neighbour{age, int32(1 + f.back), f.weight})
				s.slots[h] = uint32(len(s.near))
				break
			}
			if s.near[slot-1].age == age {
				s.near[slot-1].sim += f.weight
				break
			}
			h = (h + 1) & mask
		}
	}
}

// choose keeps the newest sequences and of them the most similar.
func (x *index) choose(s *search, t *tables) {
	if len(s.near) > t.Candidates {
		selectFirst(s.near, t.Candidates, func(a, b neighbour) bool { return a.age < b.age })
		s.near = s.near[:t.Candidates]
	}
	newest := x.end() - 1
	for i := range s.near {
		n := &s.near[i]
		if t.Cosine {
			n.sim /= float32(math.Sqrt(float64(x.seq(newest - n.age).distinct)))
		}
		if t.Age > 0 {
			n.sim *= t.fade(n.age + 1)
		}
	}
	if len(s.near) > t.Neighbours {
		selectFirst(s.near, t.Neighbours, func(a, b neighbour) bool {
			return a.sim > b.sim || a.sim == b.sim && a.age < b.age
		})
		s.near = s.near[:t.Neighbours]
	}
}

// listen adds what neighbour i says about its items, each at its last occurrence.
func (x *index) listen(s *search, t *tables, i int, owner uint32) {
	n := &s.near[i]
	number := x.end() - 1 - n.age
	if owner != 0 && uint32(x.seq(number).key>>32) == owner {
		return
	}
	items := x.body(number)
	anchor := len(items) - 1
	for anchor >= 0 && s.tally[items[anchor]].seen == 0 {
		anchor--
	}
	cause := uint8(0)
	for j := range s.focus { // the latest shared item
		if s.focus[j].back == int(n.step)-1 {
			cause = uint8(j + 1)
			break
		}
	}
	base := n.sim * t.step[min(int(n.step), maxFocus)]
	stamp := uint16(i + 1)
	for p := len(items) - 1; p >= 0; p-- {
		c := &s.tally[items[p]]
		if c.stamp == stamp {
			continue
		}
		if c.stamp == 0 && c.rule == 0 {
			s.touched = append(s.touched, items[p])
		}
		c.stamp = stamp
		gives := base
		if t.Near > 0 {
			d := p - anchor
			if d > 0 {
				gives *= t.after
			}
			gives *= t.near[min(max(d, -d), maxFocus)]
		}
		c.score += gives
		if gives > c.best {
			c.best, c.cause = gives, cause
		}
	}
}

// follow adds the sequential rules of the session's latest items: what came within a few steps after them, read from their rings.
func (x *index) follow(s *search, t *tables, owner uint32) {
	fading := float32(1)
	for j := range s.focus[:min(len(s.focus), t.RuleItems)] {
		f := &s.focus[j]
		older, newer := x.spans(f.id)
		for _, numbers := range [2][]uint32{older, newer} {
			for _, n := range numbers {
				if owner == 0 || uint32(x.seq(n).key>>32) != owner {
					x.followIn(s, t, x.body(n), f.id, uint8(j+1), fading)
				}
			}
		}
		fading *= float32(t.RuleFading)
	}
}

func (x *index) followIn(s *search, t *tables, items []uint32, id uint32, cause uint8, weight float32) {
	for p, have := range items {
		if have != id {
			continue
		}
		for d, next := range items[p+1 : min(len(items), p+1+t.RuleSteps)] {
			c := &s.tally[next]
			if c.rule == 0 {
				s.touched = append(s.touched, next)
				c.cause = cause
			}
			c.rule += weight * t.reciprocal[d]
		}
	}
}
