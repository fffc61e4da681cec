package push

// deadlines does what the time asks for.
func (w *worker) deadlines(c *conn, stalled bool) {
	switch c.phase {
	case waiting:
		if w.ms >= c.helloBy {
			w.close(c, codeNoHello, "no hello in time")
		}
	case live:
		if !c.who.Expires.IsZero() && w.ms >= c.who.Expires.UnixMilli() {
			w.close(c, codeExpired, "token expired")
			return
		}
		if w.ms >= c.pingAt {
			w.ping(c, stalled)
		}
		if !stalled {
			w.refresh(c)
		}
	case closing:
		if w.ms >= c.closeBy {
			_ = c.wire.kill() // the reader ends with the socket's own error
		}
	}
}

// pingFrame is RFC 6455's ping without payload, from a server. The library's Ping waits for the answer and would need a goroutine.
var pingFrame = []byte{0x89, 0x00}

// ping closes a peer of which nothing was heard since the last ping, and pings it otherwise. A stalled socket is its writer's to judge.
func (w *worker) ping(c *conn, stalled bool) {
	c.pingAt = w.ms + w.hub.cfg.Heartbeat.Milliseconds()
	if stalled {
		return
	}
	heard := c.wire.heard.Swap(false)
	if c.asked && !heard {
		w.hub.stats.closedDead.Add(1)
		_ = c.wire.kill() // the reader ends with the socket's own error
		return
	}
	c.asked = true
	_, _ = c.wire.Write(pingFrame) // fails only on a closed socket, whose reader has ended
}

// refresh asks again for placements whose time has come or whose rules changed, as far as the hub's budgets go.
func (w *worker) refresh(c *conn) {
	model, rules := c.models.models.Load(), c.models.rules.Load()
	for i := range c.placements {
		p := &c.placements[i]
		budget := &w.hub.refreshes
		switch {
		case p.rules != rules:
			budget = &w.hub.ruled
		case p.model == model || w.ms < p.askedAt+w.hub.cfg.Refresh.Milliseconds():
			continue
		}
		if budget.Add(-1) < 0 {
			return
		}
		w.recommend(c, p, p.fingerprint)
	}
}

// remind sets the wheel to the connection's next deadline.
func (w *worker) remind(c *conn, rung bool) {
	var next int64
	switch c.phase {
	case waiting:
		next = c.helloBy
	case live:
		next = c.pingAt
		if !c.who.Expires.IsZero() {
			next = min(next, c.who.Expires.UnixMilli())
		}
		for i := range c.placements {
			// A placement whose time has come, but whose site's models stand still, is looked at every second.
			next = min(next, max(c.placements[i].askedAt+w.hub.cfg.Refresh.Milliseconds(), w.ms+1000))
			if c.placements[i].rules != c.models.rules.Load() {
				next = min(next, w.ms+wheelTick.Milliseconds())
			}
		}
	case closing:
		next = c.closeBy
	}
	if next != c.due || rung {
		c.due = next
		w.hub.wheel.set(c, next)
	}
}
