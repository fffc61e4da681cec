package recommender

import (
	"math"
	"slices"
	"strings"

	"beckon/clickstream"
)

// affinity is item-to-item collaborative filtering over one site's shoppers, learned visit by visit (TencentRec, Huang et al.,
// SIGMOD 2015):
//
//	sim(i, j) = Σ_u min(r_ui, r_uj) / (√Σ_u r_ui · √Σ_u r_uj)
//
// r_ui being the most that shopper u did with item i, and pairs being counted when the two come in different visits. The sums are
// running counters that fade with a half-life, and a pair that by Hoeffding's bound will not come among the neighbours of its items
// is not followed any more.
type affinity struct {
	limits affinityLimits
	ids    map[string]uint32
	items  []factorItem // by item number

	users  map[uint64]uint32
	people []person // a list from the longest unseen to the newest
	oldest uint32   // 1 + index, 0 none
	newest uint32

	epoch  int64 // Unix ms at which a step weighs 1
	pruned prunedPairs
}

// affinityLimits bound an affinity.
type affinityLimits struct{ items, people int }

// factorItem is an item's counter and its followed pairs.
type factorItem struct {
	name string
	sum  float32 // Σ_u r_ui, fading
	row  []factorPair
}

// person is what is remembered of a shopper: the newest items with what was done with them.
type person struct {
	hash         uint64 // of the visitor
	older, newer uint32 // 1 + index
	n            uint8
	rating       [personItems]uint8
	items        [personItems]uint32 // oldest first
}

const (
	personItems      = 12
	affinityHalfLife = 60 * 86400e3 // ms of event time
)

// ratingOf says how much doing something with an item tells; 0 is nothing.
func ratingOf(k clickstream.Kind) uint8 {
	switch k {
	case clickstream.ViewItem:
		return 1
	case clickstream.AddToWishlist:
		return 2
	case clickstream.AddToCart:
		return 3
	case clickstream.Purchase:
		return 5
	}
	return 0
}

func newAffinity(l affinityLimits) *affinity {
	return &affinity{limits: l, ids: map[string]uint32{}, users: map[uint64]uint32{}}
}

// visit learns one finished visit.
func (a *affinity) visit(visitor uint64, s *clickstream.Session) {
	var done [personItems]struct {
		name   string
		rating uint8
	}
	n := 0
	for i := len(s.Steps) - 1; i >= 0; i-- { // the newest distinct items
		step := &s.Steps[i]
		rating := ratingOf(step.Kind())
		if rating == 0 {
			continue
		}
		j := 0
		for j < n && done[j].name != step.Item() {
			j++
		}
		if j == n {
			if n == personItems {
				continue
			}
			done[n].name = step.Item()
			n++
		}
		done[j].rating = max(done[j].rating, rating)
	}
	if n == 0 {
		return
	}
	weight := a.weight(s.End)
	p := a.person(visitor)
	before := *p
	for j := n - 1; j >= 0; j-- {
		a.rate(p, &before, a.intern(done[j].name), done[j].rating, weight)
	}
}

// weight is how much a step at t counts. When it grows large, all counters are scaled down.
func (a *affinity) weight(t int64) float32 {
	if a.epoch == 0 {
		a.epoch = t
	}
	w := math.Exp2(float64(t-a.epoch) / affinityHalfLife)
	if w <= 1<<20 {
		return float32(w)
	}
	down := float32(1 / w)
	for i := range a.items {
		a.items[i].sum *= down
		for j := range a.items[i].row {
			a.items[i].row[j].sum *= down
		}
	}
	a.epoch = t
	return 1
}

func (a *affinity) intern(name string) uint32 {
	if id, ok := a.ids[name]; ok {
		return id
	}
	name = strings.Clone(name)
	id := uint32(len(a.items))
	a.items = append(a.items, factorItem{name: name})
	a.ids[name] = id
	return id
}

// rate notes that p did with an item what rating says. before is what was remembered before this visit: what comes together within a
// visit is the sessions fold's, and only shoppers who return cost pairs.
func (a *affinity) rate(p, before *person, id uint32, rating uint8, weight float32) {
	was := uint8(0)
	if at := slices.Index(p.items[:p.n], id); at >= 0 {
		was = p.rating[at]
		rating = max(rating, was)
		p.drop(at)
	} else if p.n == personItems {
		p.drop(0)
	}
	p.items[p.n], p.rating[p.n] = id, rating
	p.n++
	a.items[id].sum += float32(rating-was) * weight
	for j, other := range before.items[:before.n] {
		if more := min(rating, before.rating[j]) - min(was, before.rating[j]); other != id && more > 0 {
			a.together(id, other, float32(more)*weight)
		}
	}
}

func (p *person) drop(i int) {
	copy(p.items[i:p.n], p.items[i+1:p.n])
	copy(p.rating[i:p.n], p.rating[i+1:p.n])
	p.n--
	p.items[p.n], p.rating[p.n] = 0, 0
}

// person finds or makes what is remembered of a visitor, forgetting the longest unseen one if there are too many.
func (a *affinity) person(hash uint64) *person {
	at, ok := a.users[hash]
	switch {
	case ok:
		a.unlink(at)
	case len(a.people) < a.limits.people:
		a.people = append(a.people, person{hash: hash})
		at = uint32(len(a.people))
		a.users[hash] = at
	default:
		at = a.oldest
		a.unlink(at)
		delete(a.users, a.people[at-1].hash)
		a.people[at-1] = person{hash: hash}
		a.users[hash] = at
	}
	p := &a.people[at-1]
	p.older, p.newer = a.newest, 0
	if a.newest != 0 {
		a.people[a.newest-1].newer = at
	} else {
		a.oldest = at
	}
	a.newest = at
	return p
}

// forget drops a person. The last of the array takes its place.
func (a *affinity) forget(hash uint64) {
	at, ok := a.users[hash]
	if !ok {
		return
	}
	a.unlink(at)
	delete(a.users, hash)
	last := uint32(len(a.people))
	if at != last {
		moved := a.people[last-1]
		a.people[at-1] = moved
		a.users[moved.hash] = at
		if moved.older != 0 {
			a.people[moved.older-1].newer = at
		} else {
			a.oldest = at
		}
		if moved.newer != 0 {
			a.people[moved.newer-1].older = at
		} else {
			a.newest = at
		}
	}
	a.people[last-1] = person{}
	a.people = a.people[:last-1]
}

func (a *affinity) unlink(at uint32) {
	p := &a.people[at-1]
	if p.older != 0 {
		a.people[p.older-1].newer = p.newer
	} else {
		a.oldest = p.newer
	}
	if p.newer != 0 {
		a.people[p.newer-1].older = p.older
	} else {
		a.newest = p.older
	}
}

// shrink forgets the eighth of the items with the lowest counters, where there are more than the limit.
func (a *affinity) shrink() {
	if len(a.items) <= a.limits.items {
		return
	}
	order := make([]uint32, len(a.items))
	for i := range order {
		order[i] = uint32(i)
	}
	keep := a.limits.items - a.limits.items/8
	selectFirst(order, keep, func(x, y uint32) bool {
		p, q := a.items[x].sum, a.items[y].sum
		return p > q || p == q && x < y
	})
	renumbered := make([]uint32, len(a.items))
	for _, id := range order[keep:] {
		renumbered[id] = gone
	}
	kept := make([]factorItem, 0, keep+keep/8)
	a.ids = make(map[string]uint32, keep)
	for id := range a.items {
		if renumbered[id] != gone {
			renumbered[id] = uint32(len(kept))
			a.ids[a.items[id].name] = uint32(len(kept))
			kept = append(kept, a.items[id])
		}
	}
	a.items = kept
	for i := range a.items {
		a.items[i].row = slices.DeleteFunc(a.items[i].row, func(q factorPair) bool { return renumbered[q.id] == gone })
		for j := range a.items[i].row {
			a.items[i].row[j].id = renumbered[a.items[i].row[j].id]
		}
	}
	for i := range a.people {
		p := &a.people[i]
		for j := int(p.n) - 1; j >= 0; j-- {
			if renumbered[p.items[j]] == gone {
				p.drop(j)
				continue
			}
			p.items[j] = renumbered[p.items[j]]
		}
	}
	a.pruned = prunedPairs{}
}
