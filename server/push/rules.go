package push

// RulesChanged says that what the shop decided about recommendations changed: every placement that is open on the site is asked again
// now, and a frame is sent where the items changed. Config.RulesPerSecond bounds the answers computed for it in a second; the rest come
// in the next seconds. It takes some hundred nanoseconds for each connection of the hub and never waits.
func (h *Hub) RulesChanged(site string) {
	h.model(site).rules.Add(1)
	var woken []*conn
	h.mu.Lock()
	for c := range h.conns {
		if c.site == site {
			woken = append(woken, c)
		}
	}
	h.mu.Unlock()
	rung := woken[:0]
	for _, c := range woken {
		if c.ring() {
			rung = append(rung, c)
		}
	}
	h.ready.push(rung)
}
