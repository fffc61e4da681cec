package push

import (
	"sync"

	"github.com/coder/websocket"
)

// phase is how far a connection has come.
type phase uint8

const (
	waiting phase = iota // for hello
	live
	closing // the close frame is under way
	buried
)

const inboxFrames = 16 // client frames that wait for a turn; one more closes the connection

// conn is one socket.
type conn struct {
	hub        *Hub
	ws         *websocket.Conn
	wire       *wire
	site, addr string
	languages  string // shared by all connections that say the same

	// Owned by the turn.
	phase      phase
	faults     uint8 // client frames that were not taken
	asked      bool  // a ping waits for any sign of life
	who        Shopper
	shopper    *visitor
	models     *siteCounts // of the site
	follows    []*follow
	placements []placement
	page       string // item viewed last
	sent       uint64 // offset of direct frames: the last one this turn took from the queue
	tokens     bucket // of client frames
	due        int64  // what the wheel was told last
	helloBy    int64
	pingAt     int64
	closeBy    int64

	// Guarded by the wheel.
	prev, next *conn
	slot       int64

	mu        sync.Mutex
	scheduled bool // in ready, or in its turn
	stalled   bool // a goroutine writes what the kernel did not take
	rung      bool // a deadline has come
	flushing  bool // control frames wait on the wire
	left      bool // the reader has ended
	slow      bool // over the queue's bound: gets the latest of each kind, then 3008
	full      bool // even so: gets nothing more
	hungUp    bool // the reader was told to close with closeWith
	acted     acts
	viewed    string // item of the last view_item since the last turn
	closeWith closeFrame
	top       uint64 // offset of the newest frame queued or sent
	queue     []*frame
	queued    int // bytes in queue
	inbox     [][]byte
}

// acts is what the shopper did since the last turn.
type acts uint8

const (
	actRecommend acts = 1 << iota
	actInterests
	actView
)

// closeFrame is what a connection is closed with.
type closeFrame struct {
	code   websocket.StatusCode // 0: not closing
	reason string
}

// put queues a frame. True asks the caller to push the connection to ready.
func (c *conn) put(f *frame) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.putLocked(f)
}

func (c *conn) putLocked(f *frame) bool {
	if c.left || c.full || c.closeWith.code != 0 {
		return false
	}
	if f.offset < c.top {
		f = f.at(c.top) // offsets of a connection never fall
	}
	c.top = f.offset
	if !f.sequence {
		c.replaceLocked(f)
	}
	c.queue = append(c.queue, f)
	c.queued += len(f.text)
	if len(c.queue) > c.hub.cfg.QueueFrames || c.queued > c.hub.cfg.QueueBytes {
		c.overflowLocked()
	}
	return c.wakeLocked()
}

// replaceLocked drops the waiting frame that f makes old. f goes to the tail, so offsets keep rising.
func (c *conn) replaceLocked(f *frame) {
	for i, q := range c.queue {
		if q.kind == f.kind && !q.sequence && (c.slow || q.key == f.key) {
			c.queued -= len(q.text)
			c.queue = append(c.queue[:i], c.queue[i+1:]...)
			c.hub.stats.conflated.Add(1)
			return
		}
	}
}

// overflowLocked applies the rule for a full queue: keep the offers and the latest of each kind, then close. If the offers alone are
// too many, nothing more is taken: what is left unsent comes by resuming.
func (c *conn) overflowLocked() {
	if !c.slow {
		c.slow = true
		queue := c.queue
		c.queue = make([]*frame, 0, 8)
		c.queued = 0
		for i, f := range queue {
			latest := true
			for _, later := range queue[i+1:] {
				if !f.sequence && later.kind == f.kind {
					latest = false
					break
				}
			}
			if latest {
				c.queue = append(c.queue, f)
				c.queued += len(f.text)
			}
		}
	}
	if len(c.queue) > c.hub.cfg.QueueFrames || c.queued > c.hub.cfg.QueueBytes {
		c.full = true
	}
}

// wakeLocked says whether the caller must push c to ready.
func (c *conn) wakeLocked() bool {
	if c.scheduled || !c.workLocked() {
		return false
	}
	c.scheduled = true
	return true
}

// workLocked says whether a turn would do something.
func (c *conn) workLocked() bool {
	if c.rung || c.closeWith.code != 0 && !c.hungUp {
		return true
	}
	if c.stalled {
		return false
	}
	return c.left || c.flushing || len(c.queue) > 0 || len(c.inbox) > 0 || c.acted != 0
}

// act notes an act of the shopper.
func (c *conn) act(offset uint64, kind, item string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left || c.full || c.closeWith.code != 0 {
		return false
	}
	c.top = max(c.top, offset)
	c.acted |= actInterests
	switch kind {
	case "view_item":
		c.acted |= actRecommend | actView
		c.viewed = item
	case "add_to_cart", "remove_from_cart", "purchase":
		c.acted |= actRecommend
	}
	return c.wakeLocked()
}

// ring says that a deadline has come.
func (c *conn) ring() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rung = true
	return c.wakeLocked()
}

// flush says that control frames wait on the wire.
func (c *conn) flush() {
	c.mu.Lock()
	c.flushing = true
	wake := c.wakeLocked()
	c.mu.Unlock()
	if wake {
		c.hub.ready.push1(c)
	}
}

// goAway has the connection closed after what it has queued, unless it is closing already.
func (c *conn) goAway(f closeFrame) {
	c.mu.Lock()
	wake := false
	if c.closeWith.code == 0 && !c.left {
		c.closeWith = f
		wake = c.wakeLocked()
	}
	c.mu.Unlock()
	if wake {
		c.hub.ready.push1(c)
	}
}
