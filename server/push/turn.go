package push

import (
	"context"

	"github.com/coder/websocket"
)

// Close codes of the API: 3000-3499 say reconnect, 3500 and above say stop.
const (
	codeGoingAway websocket.StatusCode = 3001 // reason {"retry_ms":…}
	codeNoHello   websocket.StatusCode = 3002 // none in time: a slow network, so it may try again
	codeSlow      websocket.StatusCode = 3008
	codeAbuse     websocket.StatusCode = 3500 // frames that are not of the protocol, or too many
	codeBadToken  websocket.StatusCode = 3501
	codeExpired   websocket.StatusCode = 3502
	codeTooMany   websocket.StatusCode = 3503 // connections of one shopper
)

// keepBuffer bounds what a worker's buffers keep between turns.
const keepBuffer = 64 << 10

// worker runs turns, one at a time.
type worker struct {
	hub   *Hub
	ms    int64 // of this turn
	sent  uint64
	try   tryWriter
	queue []*frame
	items []string
	out   []byte // lent to the wire
	text  []byte // one direct frame
	body  []byte
}

func (w *worker) run() {
	for {
		c, ok := w.hub.ready.pop()
		if !ok {
			return
		}
		w.turn(c)
	}
}

// work is what a turn takes from its connection.
type work struct {
	command  []byte // nil stands for a binary frame
	commands bool   // there is a command
	acted    acts
	viewed   string
	rung     bool
	stalled  bool
	slow     bool
}

// turn does everything that waits for c, and hands the frames to the kernel in one write.
func (w *worker) turn(c *conn) {
	w.ms = w.hub.now()
	todo, left := w.take(c)
	if left {
		w.bury(c)
		return
	}
	if todo.stalled {
		w.deadlines(c, true)
		w.hangUp(c)
		w.remind(c, todo.rung)
		w.finish(c)
		return
	}
	c.wire.lend(w.out)
	for _, f := range w.queue {
		w.write(c, f.text)
	}
	clear(w.queue)
	if todo.commands {
		w.command(c, todo.command)
	}
	if todo.acted != 0 && c.phase == live {
		w.acted(c, todo)
	}
	if todo.slow && w.close(c, codeSlow, "reader too slow") {
		w.hub.stats.closedSlow.Add(1)
	}
	if todo.rung {
		w.deadlines(c, false)
	}
	w.hangUp(c)
	w.remind(c, todo.rung)
	w.flush(c)
	w.finish(c)
}

// take empties the connection's queue into the worker's and takes one command: one at a time, so that a client whose socket is full
// is not answered further. Nothing but deadlines is taken while the socket is stalled.
func (w *worker) take(c *conn) (work, bool) {
	w.queue = w.queue[:0]
	c.mu.Lock()
	defer c.mu.Unlock()
	todo := work{rung: c.rung, stalled: c.stalled, slow: c.slow}
	c.rung = false
	if c.stalled {
		return todo, false
	}
	if c.left {
		return todo, true
	}
	w.queue = append(w.queue, c.queue...)
	if clear(c.queue); cap(c.queue) > 16 {
		c.queue = nil
	}
	c.queue, c.queued = c.queue[:0], 0
	if len(c.inbox) > 0 {
		todo.command, todo.commands = c.inbox[0], true
		if c.inbox = c.inbox[1:]; len(c.inbox) == 0 {
			c.inbox = nil
		}
	}
	todo.acted, todo.viewed = c.acted, c.viewed
	c.acted, c.viewed = 0, ""
	c.flushing = false
	c.sent = c.top
	return todo, false
}

// write frames text. Errors are the reader's to notice: the library fails its reads for the same reason.
func (w *worker) write(c *conn, text []byte) {
	if c.phase < closing && c.ws.Write(context.Background(), websocket.MessageText, text) == nil {
		w.sent++
	}
}

// direct sends a frame for this connection alone. Its offset is that of the newest frame taken from the queue: what was queued since
// then comes later and has a higher one.
func (w *worker) direct(c *conn, kind string, body []byte) {
	w.text, _ = w.hub.enc.append(w.text[:0], kind, c.sent, w.ms, body)
	w.write(c, w.text)
}

// close has the connection closed at the end of this turn, unless it is closing already.
func (w *worker) close(c *conn, code websocket.StatusCode, reason string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closeWith.code != 0 {
		return false
	}
	c.closeWith = closeFrame{code, reason}
	return true
}

// hangUp tells the reader to close, once.
func (w *worker) hangUp(c *conn) {
	c.mu.Lock()
	now := c.closeWith.code != 0 && !c.hungUp
	c.hungUp = c.hungUp || now
	c.mu.Unlock()
	if now {
		c.phase = closing
		c.closeBy = w.ms + w.hub.cfg.CloseTimeout.Milliseconds()
		c.wire.interrupt()
	}
}

// flush hands what was gathered to the kernel. What it does not take at once is left to a goroutine of this connection.
func (w *worker) flush(c *conn) {
	out := c.wire.take()
	if cap(out) <= keepBuffer && cap(out) > 0 {
		w.out = out[:0]
	}
	if len(out) == 0 {
		c.wire.done()
		return
	}
	w.hub.stats.bytes.Add(uint64(len(out)))
	n := 0
	if c.wire.raw != nil {
		var err error
		n, err = w.try.write(c.wire.raw, out)
		if err != nil {
			c.wire.done()
			_ = c.wire.kill() // the reader ends with the socket's own error
			return
		}
	}
	if n == len(out) {
		c.wire.done()
		return
	}
	rest := append([]byte(nil), out[n:]...)
	c.mu.Lock()
	c.stalled = true
	c.mu.Unlock()
	w.hub.stats.stalls.Add(1)
	w.hub.wg.Go(func() { c.drain(rest) })
}

// drain waits until the socket has taken rest, or for Config.WriteTimeout.
func (c *conn) drain(rest []byte) {
	if c.wire.drain(rest, c.hub.cfg.WriteTimeout) != nil {
		c.hub.stats.closedDead.Add(1)
		_ = c.wire.kill() // the reader ends with the socket's own error
	}
	c.wire.done()
	c.mu.Lock()
	c.stalled = false
	wake := c.wakeLocked()
	c.mu.Unlock()
	if wake {
		c.hub.ready.push1(c)
	}
}

// finish ends the turn: c goes to the tail of ready when there is more to do.
func (w *worker) finish(c *conn) {
	w.hub.stats.sent.Add(w.sent)
	w.sent = 0
	if cap(w.text) > keepBuffer {
		w.text = nil
	}
	if cap(w.body) > keepBuffer {
		w.body = nil
	}
	c.mu.Lock()
	c.scheduled = false
	more := c.wakeLocked()
	c.mu.Unlock()
	if more {
		w.hub.ready.push1(c)
	}
}

// bury forgets a connection whose reader has ended. It stays scheduled, so that nothing wakes it again.
func (w *worker) bury(c *conn) {
	w.hub.ignore(c, subscribed|wanted|onPage, nil)
	if c.shopper != nil {
		w.hub.leave(c, c.shopper)
	}
	c.phase = buried
	w.hub.wheel.remove(c)
	w.hub.release(c)
}
