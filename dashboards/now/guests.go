package now

import (
	"beckon/clickstream"
)

// guests are the visits that had something newest, a visitor's newest each, the newest at the front of a list through the places.
type guests struct {
	bound       int
	list        []guest
	front, back uint8      // 1 + place, 0 none
	byVisitor   [256]uint8 // 1 + place, found by the hash's low bits and the places after
}

// guest is a visit. Its texts' memory is used again.
type guest struct {
	hash                uint64
	start, last         int64
	events              uint32
	nearer, farther     uint8 // 1 + place
	visitor, item, page []byte
}

// add puts a visit to the front.
func (g *guests) add(s *clickstream.Session, e *clickstream.Event, hash uint64) {
	at := g.find(hash)
	switch {
	case at > 0:
		g.unlink(at)
	case len(g.list) < g.bound:
		g.list = append(g.list, guest{})
		at = uint8(len(g.list))
		g.enter(hash, at)
	default:
		at = g.back
		g.unlink(at)
		g.leave(g.list[at-1].hash)
		g.enter(hash, at)
	}
	v := &g.list[at-1]
	if v.hash != hash || v.start != s.Key.Start && v.last < s.Key.Start {
		v.item, v.page = v.item[:0], v.page[:0] // of another visit
	}
	if v.hash != hash {
		v.hash = hash
		v.visitor = append(v.visitor[:0], cut(e.Visitor)...)
	}
	v.start, v.last, v.events = s.Key.Start, s.End, uint32(min(s.Events, 1<<32-1))
	if len(e.Items) > 0 && actsOn(e.Kind) {
		v.item = append(v.item[:0], cut(e.Items[0].ID)...)
	}
	if e.URL != "" && e.Kind != clickstream.Heartbeat {
		v.page = append(v.page[:0], cut(e.URL)...)
	}
	g.link(at)
}

// actsOn says that an event of this kind is about its first item.
func actsOn(k clickstream.Kind) bool {
	switch k {
	case clickstream.SelectItem, clickstream.ViewItem, clickstream.AddToWishlist, clickstream.AddToCart, clickstream.RemoveFromCart, clickstream.Purchase:
		return true
	}
	return false
}

// link puts a place to the front.
func (g *guests) link(at uint8) {
	v := &g.list[at-1]
	v.nearer, v.farther = 0, g.front
	if g.front > 0 {
		g.list[g.front-1].nearer = at
	} else {
		g.back = at
	}
	g.front = at
}

func (g *guests) unlink(at uint8) {
	v := &g.list[at-1]
	if v.nearer > 0 {
		g.list[v.nearer-1].farther = v.farther
	} else {
		g.front = v.farther
	}
	if v.farther > 0 {
		g.list[v.farther-1].nearer = v.nearer
	} else {
		g.back = v.nearer
	}
}

// find is the place of a visitor, 0 if it has none.
func (g *guests) find(hash uint64) uint8 {
	for i := uint8(hash); ; i++ {
		if at := g.byVisitor[i]; at == 0 || g.list[at-1].hash == hash {
			return at
		}
	}
}

// enter makes a place the visitor's, whose hash it need not have yet.
func (g *guests) enter(hash uint64, at uint8) {
	g.list[at-1].hash = ^hash
	i := uint8(hash)
	for g.byVisitor[i] != 0 {
		i++
	}
	g.byVisitor[i] = at
}

// leave takes a visitor out, and moves up those that were displaced by it.
func (g *guests) leave(hash uint64) {
	i := uint8(hash)
	for g.list[g.byVisitor[i]-1].hash != hash {
		i++
	}
	for j := i; ; {
		j++
		at := g.byVisitor[j]
		if at == 0 {
			break
		}
		if home := uint8(g.list[at-1].hash); j-home >= j-i { // home lies at or before the gap
			g.byVisitor[i] = at
			i = j
		}
	}
	g.byVisitor[i] = 0
}

// forget drops a visitor's visit. The last place takes its place.
func (g *guests) forget(hash uint64) {
	at := g.find(hash)
	if at == 0 {
		return
	}
	g.unlink(at)
	g.leave(hash)
	if last := uint8(len(g.list)); at != last {
		moved := g.list[last-1]
		g.unlinkTo(last, at)
		i := uint8(moved.hash)
		for g.byVisitor[i] != last {
			i++
		}
		g.byVisitor[i] = at
	}
	g.list[len(g.list)-1] = guest{}
	g.list = g.list[:len(g.list)-1]
}

// unlinkTo moves what stands at a place to another, which is free.
func (g *guests) unlinkTo(from, to uint8) {
	v := g.list[from-1]
	g.list[to-1] = v
	if v.nearer > 0 {
		g.list[v.nearer-1].farther = to
	} else {
		g.front = to
	}
	if v.farther > 0 {
		g.list[v.farther-1].nearer = to
	} else {
		g.back = to
	}
}

// newest calls f with the visits, the newest first, until it returns false.
func (g *guests) newest(f func(*guest) bool) {
	for at := g.front; at > 0; at = g.list[at-1].farther {
		if !f(&g.list[at-1]) {
			return
		}
	}
}
