package push

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/coder/websocket"
)

// idle waits for the client to send something, and then gives way to a goroutine that reads it. Waiting on a fresh stack, which
// fits into 2 KiB, costs half of waiting where the library was called before: stacks do not shrink that far again.
func (c *conn) idle() {
	c.wire.await()
	c.hub.wg.Go(c.read)
}

// read hands client frames to the turn until there are none, or closes the connection when either side has had enough. It keeps no
// buffer while it waits.
func (c *conn) read() {
	for c.readOne() {
		if c.wire.quiet() {
			c.hub.wg.Go(c.idle)
			return
		}
	}
	c.mu.Lock()
	f := c.closeWith
	c.mu.Unlock()
	if f.code != 0 && c.wire.SetReadDeadline(time.Time{}) == nil {
		_ = c.ws.Close(f.code, f.reason) // fails when the peer does not answer, which changes nothing
	}
	_ = c.ws.CloseNow() // fails only on a connection that is closed
	c.mu.Lock()
	c.left = true
	wake := c.wakeLocked()
	c.mu.Unlock()
	if wake {
		c.hub.ready.push1(c)
	}
}

// readOne waits for one client frame and hands it to the turn. False ends the connection.
func (c *conn) readOne() bool {
	typ, r, err := c.ws.Reader(context.Background())
	if err != nil {
		return false
	}
	var text []byte
	if typ == websocket.MessageText {
		text, err = io.ReadAll(r)
	} else {
		_, err = io.Copy(io.Discard, r)
	}
	if errors.Is(err, websocket.ErrMessageTooBig) {
		// The library has sent the close frame; closing once more waits until the rest is read, or a reset would eat that frame.
		c.goAway(closeFrame{websocket.StatusMessageTooBig, "frame too big"})
	}
	return err == nil && c.receive(text)
}

// receive puts a client frame into the inbox; nil stands for a binary one. A client that sends faster than turns can answer is closed.
func (c *conn) receive(text []byte) bool {
	c.mu.Lock()
	room := len(c.inbox) < inboxFrames
	if room {
		c.inbox = append(c.inbox, text)
	} else if c.closeWith.code == 0 {
		c.closeWith = closeFrame{codeAbuse, "too many frames"}
	}
	wake := c.wakeLocked()
	c.mu.Unlock()
	if wake {
		c.hub.ready.push1(c)
	}
	return room
}
