package push

import (
	"context"
	"fmt"
	"time"
)

// admit gives a new connection a place, or says why there is no place for it.
func (h *Hub) admit(c *conn) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var err error
	switch perAddr := h.perAddr[c.addr]; {
	case h.draining:
		err = ErrDraining
	case h.places >= h.cfg.MaxConns:
		err = ErrFull
	case h.cfg.MaxConnsPerAddress >= 0 && perAddr >= h.cfg.MaxConnsPerAddress:
		err = ErrAddress
	}
	h.stats.accepted.Add(1)
	if err != nil {
		h.stats.refused.Add(1)
		return err
	}
	h.places++
	h.perAddr[c.addr]++
	h.stats.live.Add(1)
	return nil
}

// enlist makes a connection, complete with its handshake, known to Drain.
func (h *Hub) enlist(c *conn) {
	h.mu.Lock()
	h.conns[c] = struct{}{}
	late := h.draining
	h.mu.Unlock()
	if late {
		c.goAway(closeFrame{codeGoingAway, `{"retry_ms":0}`})
	}
}

// release undoes admit.
func (h *Hub) release(c *conn) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.conns, c)
	if h.perAddr[c.addr]--; h.perAddr[c.addr] == 0 {
		delete(h.perAddr, c.addr)
	}
	h.stats.live.Add(-1)
	if h.places--; h.draining && h.places == 0 {
		close(h.empty)
	}
}

// Drain ends the hub: new connections are refused, every open one is closed with 3001 and a retry_ms of its own, spread evenly over
// retry. It returns when all are closed and all goroutines have ended; sockets that are still open when ctx ends are cut, and the
// error tells how many. After it Publish… and Acted do nothing. A second call only waits for the first.
func (h *Hub) Drain(ctx context.Context, retry time.Duration) error {
	h.mu.Lock()
	if h.draining {
		h.mu.Unlock()
		h.wg.Wait()
		return nil
	}
	h.draining = true
	open := make([]*conn, 0, len(h.conns))
	for c := range h.conns {
		open = append(open, c)
	}
	if h.places == 0 {
		close(h.empty)
	}
	h.mu.Unlock()
	for i, c := range open {
		ms := retry.Milliseconds() * int64(i) / int64(len(open))
		c.goAway(closeFrame{codeGoingAway, fmt.Sprintf(`{"retry_ms":%d}`, ms)})
	}
	var err error
	select {
	case <-h.empty:
	case <-ctx.Done():
		if n := h.cut(); n > 0 {
			err = fmt.Errorf("push: cut %d connections that were still open: %w", n, ctx.Err())
		}
		<-h.empty
	}
	close(h.stop)
	h.ready.close()
	h.wg.Wait()
	return err
}

// cut closes every socket at once.
func (h *Hub) cut() int {
	h.mu.Lock()
	open := make([]*conn, 0, len(h.conns))
	for c := range h.conns {
		open = append(open, c)
	}
	h.mu.Unlock()
	for _, c := range open {
		_ = c.wire.kill() // its reader ends with the socket's own error
	}
	return len(open)
}
