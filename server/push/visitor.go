package push

import (
	"container/list"
	"sync"
)

type visitorKey struct{ site, visitor string }

// visitor is one shopper with open connections, kept offers, or both. It is guarded by its shard.
type visitor struct {
	key   visitorKey
	conns []*conn
	ring  []*frame // kept offers, oldest first, offsets strictly rising
	// floor is the highest offset of an offer that the ring has dropped.
	floor uint64
	age   *list.Element // in visitorShard.rings while the ring is not empty
}

// visitorShard is a part of all visitors.
type visitorShard struct {
	mu       sync.Mutex
	visitors map[visitorKey]*visitor
	rings    *list.List // *visitor, the one whose last offer is the oldest in front
	// floor is the highest offset of an offer that is gone with its whole ring: whoever resumes below it may have missed it.
	floor uint64
}

func newVisitorShard(floor uint64) visitorShard {
	return visitorShard{visitors: map[visitorKey]*visitor{}, rings: list.New(), floor: floor}
}

func (s *visitorShard) getLocked(key visitorKey) *visitor {
	v := s.visitors[key]
	if v == nil {
		v = &visitor{key: key}
		s.visitors[key] = v
	}
	return v
}

// offerLocked gives the offer an offset above everything the shopper was sent, keeps it, and queues it. Every connection of the
// shopper is locked meanwhile: nothing can slip in between the choice of the offset and the queues.
func (s *visitorShard) offerLocked(h *Hub, key visitorKey, id string, body []byte, offset uint64, ms int64) (*visitor, []*conn) {
	v := s.getLocked(key)
	for _, kept := range v.ring {
		if id != "" && kept.key == id {
			return v, nil
		}
	}
	for _, c := range v.conns {
		c.mu.Lock()
	}
	// h.top is at least every connection's last offset and the ring's.
	if top := h.top.Load(); offset <= top {
		offset = top + 1
	}
	h.raise(offset)
	f := h.enc.frame(kindOffer, id, true, offset, ms, body)
	if len(v.ring) >= h.cfg.RingOffers {
		v.floor = v.ring[0].offset
		v.ring = append(v.ring[:0], v.ring[1:]...)
	}
	v.ring = append(v.ring, f)
	if v.age == nil {
		v.age = s.rings.PushBack(v)
	} else {
		s.rings.MoveToBack(v.age)
	}
	var woken []*conn
	for _, c := range v.conns {
		if c.putLocked(f) {
			woken = append(woken, c)
		}
	}
	for _, c := range v.conns {
		c.mu.Unlock()
	}
	h.stats.offers.Add(1)
	return v, woken
}

// forgetLocked drops the rings that have been silent longest, except keep's, until the shard's share of MaxRings holds.
func (s *visitorShard) forgetLocked(h *Hub, keep *visitor) {
	for s.rings.Len() > max(1, h.cfg.MaxRings/shardCount) {
		v := s.rings.Front().Value.(*visitor)
		if v == keep {
			return
		}
		s.rings.Remove(v.age)
		s.floor = max(s.floor, v.ring[len(v.ring)-1].offset)
		v.age, v.ring = nil, nil
		s.dropLocked(v)
	}
}

// dropLocked forgets a visitor that has neither connections nor offers.
func (s *visitorShard) dropLocked(v *visitor) {
	if len(v.conns) == 0 && len(v.ring) == 0 {
		s.floor = max(s.floor, v.floor)
		delete(s.visitors, v.key)
	}
}

// joined is what a connection begins with.
type joined struct {
	shopper   *visitor
	recovered bool
	missed    []*frame // offers since the resumed offset, in order
	from      uint64   // offset of the hello frame: the resumed one, or now
	top       uint64   // offset after the missed offers
}

// join makes c a connection of the shopper, unless there are too many. What is published later is queued; what was published
// before is in the result: there is no gap between the two.
func (h *Hub) join(c *conn, key visitorKey, cmd *command) (joined, bool) {
	s := h.visitorShard(key)
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.getLocked(key)
	if len(v.conns) >= h.cfg.MaxConnsPerVisitor {
		return joined{}, false
	}
	top := h.top.Load()
	j := joined{shopper: v, from: top, top: top}
	if cmd.Epoch == h.cfg.Epoch && cmd.Offset <= top && cmd.Offset >= s.floor && cmd.Offset >= v.floor {
		j.recovered, j.from = true, cmd.Offset
		for _, f := range v.ring {
			if f.offset > cmd.Offset {
				j.missed = append(j.missed, f)
			}
		}
	}
	v.conns = append(v.conns, c)
	c.mu.Lock()
	c.top = top
	c.mu.Unlock()
	return j, true
}

// leave undoes join.
func (h *Hub) leave(c *conn, v *visitor) {
	s := h.visitorShard(v.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, other := range v.conns {
		if other == c {
			last := len(v.conns) - 1
			v.conns[i], v.conns[last] = v.conns[last], nil
			v.conns = v.conns[:last]
			break
		}
	}
	s.dropLocked(v)
}
