package push

import (
	"errors"
	"fmt"
)

const (
	maxFaults    = 8  // client frames not taken before the connection is closed
	commandBurst = 40 // client frames at once
	commandRate  = 10 // and per second from then on
)

// bucket is a token bucket.
type bucket struct {
	used float32
	at   int64 // Unix ms
}

func (b *bucket) take(ms int64) bool {
	b.used = max(0, b.used-float32(ms-b.at)*commandRate/1000)
	b.at = ms
	if b.used+1 > commandBurst {
		return false
	}
	b.used++
	return true
}

// command does what a client frame asks for.
func (w *worker) command(c *conn, text []byte) {
	if c.phase >= closing {
		return
	}
	if !c.tokens.take(w.ms) {
		w.fault(c, fmt.Errorf("%w: at most %d frames a second", errRate, commandRate))
		return
	}
	if text == nil {
		w.fault(c, fmt.Errorf("%w: frames are text", errBinary))
		return
	}
	cmd, err := decodeCommand(text)
	switch {
	case err != nil:
	case c.phase == waiting && cmd.Type != "hello":
		err = fmt.Errorf("%w: the first frame is hello with a token", errHelloFirst)
	case cmd.Type == "hello" && c.phase != waiting:
		err = fmt.Errorf("%w: hello was said", errHelloTwice)
	case cmd.Type == "hello":
		w.hello(c, &cmd)
	case cmd.Type == "subscribe":
		err = w.subscribe(c, &cmd)
	case cmd.Type == "unsubscribe":
		w.unsubscribe(c, &cmd)
	case cmd.Type == "ping":
		w.direct(c, kindPong, nil)
	case cmd.Type == "seen":
		if w.hub.cfg.Seen != nil {
			w.hub.cfg.Seen(c.who, cmd.ID)
		}
	}
	if err != nil {
		w.fault(c, err)
	}
}

// fault tells the client what was wrong, and closes the connection of one that does not learn.
func (w *worker) fault(c *conn, err error) {
	w.hub.stats.faults.Add(1)
	w.body = appendError(w.body[:0], err)
	w.direct(c, kindError, w.body)
	if c.faults++; c.faults >= maxFaults {
		w.close(c, codeAbuse, "too many bad frames")
	}
}

// hello opens the connection: who the token speaks for decides everything it may hear.
func (w *worker) hello(c *conn, cmd *command) {
	h := w.hub
	who, err := h.cfg.Backend.Authenticate(cmd.Token, c.site)
	switch {
	case errors.Is(err, ErrExpired):
		w.close(c, codeExpired, "token expired")
		return
	case err != nil || who.Site != c.site:
		w.close(c, codeBadToken, "bad token")
		return
	}
	start, ok := h.join(c, visitorKey{who.Site, who.Visitor}, cmd)
	if !ok {
		w.close(c, codeTooMany, "too many connections of this shopper")
		return
	}
	who.Languages = c.languages
	c.who, c.shopper, c.phase = who, start.shopper, live
	c.models = h.model(who.Site)
	c.pingAt = w.ms + h.cfg.Heartbeat.Milliseconds()

	c.sent = start.from
	w.body = fmt.Appendf(w.body[:0], `{"recovered":%t}`, start.recovered)
	w.direct(c, kindHello, w.body)
	resuming := cmd.Epoch != ""
	if start.recovered {
		h.stats.recovered.Add(1)
		for _, f := range start.missed {
			w.write(c, f.text)
		}
	}
	c.sent = start.top
	if resuming && !start.recovered {
		h.stats.resynced.Add(1)
		w.direct(c, kindResync, nil)
	}
	w.interests(c)
	if resuming {
		for _, f := range c.follows {
			w.state(c, f.t.key.item)
		}
	}
}
