package push

import (
	"sync"
	"time"
)

const (
	wheelTick  = 250 * time.Millisecond
	wheelSlots = 128 // 32 s: longer deadlines are visited on the way
)

// wheel is a hashed timing wheel (Varghese and Lauck, 1987): one list of connections per tick, each connection in exactly one.
// It is late by at most two ticks and never early.
type wheel struct {
	mu    sync.Mutex
	tick  int64 // the tick served last
	slots [wheelSlots]*conn
}

func newWheel(ms int64) *wheel {
	return &wheel{tick: ms / wheelTick.Milliseconds()}
}

// set moves c to the slot of its next deadline, in Unix milliseconds.
func (w *wheel) set(c *conn, ms int64) {
	tick := ms/wheelTick.Milliseconds() + 1
	w.mu.Lock()
	defer w.mu.Unlock()
	tick = min(max(tick, w.tick+1), w.tick+wheelSlots-1)
	if c.slot != 0 {
		if c.slot == tick {
			return
		}
		w.unlinkLocked(c)
	}
	c.slot = tick
	head := &w.slots[tick%wheelSlots]
	c.next = *head
	if c.next != nil {
		c.next.prev = c
	}
	*head = c
}

func (w *wheel) remove(c *conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.slot != 0 {
		w.unlinkLocked(c)
	}
}

func (w *wheel) unlinkLocked(c *conn) {
	if c.prev != nil {
		c.prev.next = c.next
	} else {
		w.slots[c.slot%wheelSlots] = c.next
	}
	if c.next != nil {
		c.next.prev = c.prev
	}
	c.prev, c.next, c.slot = nil, nil, 0
}

// advance takes every connection out whose tick has come by ms.
func (w *wheel) advance(ms int64, due []*conn) []*conn {
	now := ms / wheelTick.Milliseconds()
	w.mu.Lock()
	defer w.mu.Unlock()
	if now-w.tick > wheelSlots {
		w.tick = now - wheelSlots // the clock jumped: every slot is served once
	}
	for w.tick < now {
		w.tick++
		head := &w.slots[w.tick%wheelSlots]
		for c := *head; c != nil; {
			next := c.next
			c.prev, c.next, c.slot = nil, nil, 0
			due = append(due, c)
			c = next
		}
		*head = nil
	}
	return due
}

// turnWheel gives a turn to every connection with a deadline, until the hub stops.
func (h *Hub) turnWheel() {
	ticker := time.NewTicker(wheelTick)
	defer ticker.Stop()
	var due []*conn
	second := h.now() / 1000
	for {
		select {
		case <-h.stop:
			return
		case <-ticker.C:
		}
		ms := h.now()
		if ms/1000 != second {
			second = ms / 1000
			h.refreshes.Store(int64(h.cfg.RefreshesPerSecond))
			h.ruled.Store(int64(h.cfg.RulesPerSecond))
		}
		due = h.wheel.advance(ms, due[:0])
		woken := due[:0]
		for _, c := range due {
			if c.ring() {
				woken = append(woken, c)
			}
		}
		h.ready.push(woken)
		clear(due)
	}
}
