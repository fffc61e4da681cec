package push

import (
	"hash/maphash"
	"sync"
)

type itemKey struct{ site, item string }

// topic is one item that somebody listens to.
type topic struct {
	key     itemKey
	publish sync.Mutex // held by one publisher at a time while it fills queues; taken before any other lock
	follows []*follow  // guarded by the shard; no order
}

// why says what makes a connection listen to an item; it listens until the last reason is gone.
type why uint8

const (
	subscribed why = 1 << iota // named in a subscribe frame
	wanted                     // in the cart or on the wishlist
	onPage                     // viewed last
)

// follow is one connection listening to one topic.
type follow struct {
	conn *conn
	t    *topic
	at   int32 // index in t.follows, guarded by the shard
	why  why   // owned by the connection's turn
}

// topicShard is a part of all topics.
type topicShard struct {
	mu     sync.Mutex
	topics map[itemKey]*topic
}

func (s *topicShard) find(key itemKey) *topic {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.topics[key]
}

// listeners copies who listens to t now.
func (s *topicShard) listeners(t *topic) []*conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	conns := make([]*conn, len(t.follows))
	for i, f := range t.follows {
		conns[i] = f.conn
	}
	return conns
}

// listen adds a reason for c to listen to an item. A new topic is in the map before it has publishers, so nothing published from
// here on is missed.
func (h *Hub) listen(c *conn, item string, reason why) {
	for _, f := range c.follows {
		if f.t.key.item == item {
			f.why |= reason
			return
		}
	}
	key := itemKey{c.who.Site, item}
	s := &h.topics[maphash.Comparable(h.seed, key)%shardCount]
	f := &follow{conn: c, why: reason}
	s.mu.Lock()
	t := s.topics[key]
	if t == nil {
		t = &topic{key: key}
		s.topics[key] = t
	}
	f.t, f.at = t, int32(len(t.follows))
	t.follows = append(t.follows, f)
	s.mu.Unlock()
	c.follows = append(c.follows, f)
	h.stats.follows.Add(1)
}

// ignore takes reasons away from every item of c that keep does not hold on to, and forgets what has none left.
func (h *Hub) ignore(c *conn, reason why, keep func(item string) bool) {
	left := c.follows[:0]
	for _, f := range c.follows {
		if f.why&reason != 0 && (keep == nil || !keep(f.t.key.item)) {
			f.why &^= reason
		}
		if f.why != 0 {
			left = append(left, f)
			continue
		}
		h.unlisten(f)
	}
	clear(c.follows[len(left):])
	c.follows = left
}

func (h *Hub) unlisten(f *follow) {
	t := f.t
	s := &h.topics[maphash.Comparable(h.seed, t.key)%shardCount]
	s.mu.Lock()
	last := len(t.follows) - 1
	moved := t.follows[last]
	t.follows[f.at], moved.at = moved, f.at
	t.follows[last] = nil
	t.follows = t.follows[:last]
	if last == 0 {
		delete(s.topics, t.key)
	}
	s.mu.Unlock()
	h.stats.follows.Add(-1)
}
