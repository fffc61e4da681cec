package recommender

import "slices"

// topList is the bound highest-scored items of a set, best first, equals by number. It is kept while scores change one at a time;
// scores are never below 0. place gives, by item, 1 + its index in the list, 0 outside.
type topList struct {
	ids   []uint32
	bound int
}

// ranked is what a list is kept over.
type ranked interface {
	score(id uint32) float64
	place(id uint32) *uint16
}

func above(r ranked, a, b uint32) bool {
	x, y := r.score(a), r.score(b)
	return x > y || x == y && a < b
}

// raised tells that the score of id grew, or that id is new.
func (l *topList) raised(r ranked, id uint32) {
	i := int(*r.place(id)) - 1
	switch {
	case i >= 0:
	case len(l.ids) < l.bound:
		l.ids = append(l.ids, id)
		i = len(l.ids) - 1
	default:
		i = len(l.ids) - 1
		last := l.ids[i]
		if !above(r, id, last) {
			return
		}
		*r.place(last) = 0
		l.ids[i] = id
	}
	for ; i > 0 && above(r, id, l.ids[i-1]); i-- {
		l.set(r, i, l.ids[i-1])
	}
	l.set(r, i, id)
}

func (l *topList) set(r ranked, i int, id uint32) {
	l.ids[i] = id
	*r.place(id) = uint16(i + 1)
}

// lowered tells that the score of id fell. It returns true if an item from outside may now belong into the list, which then must be
// filled anew.
func (l *topList) lowered(r ranked, id uint32) bool {
	i := int(*r.place(id)) - 1
	if i < 0 {
		return false
	}
	for ; i+1 < len(l.ids) && above(r, l.ids[i+1], id); i++ {
		l.set(r, i, l.ids[i+1])
	}
	l.set(r, i, id)
	return len(l.ids) == l.bound && i == len(l.ids)-1
}

// removed takes an item out. It returns true if the list must be filled anew.
func (l *topList) removed(r ranked, id uint32) bool {
	i := int(*r.place(id)) - 1
	if i < 0 {
		return false
	}
	full := len(l.ids) == l.bound
	*r.place(id) = 0
	l.ids = slices.Delete(l.ids, i, i+1)
	for ; i < len(l.ids); i++ {
		*r.place(l.ids[i]) = uint16(i + 1)
	}
	return full
}

// clear empties the list.
func (l *topList) clear(r ranked) {
	for _, id := range l.ids {
		*r.place(id) = 0
	}
	l.ids = l.ids[:0]
}
