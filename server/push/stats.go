package push

import "sync/atomic"

// counters are added to where things happen.
type counters struct {
	live, follows                          atomic.Int64
	accepted, refused                      atomic.Uint64
	sent, bytes, conflated, offers         atomic.Uint64
	recovered, resynced                    atomic.Uint64
	stalls, faults, closedSlow, closedDead atomic.Uint64
}

// Stats are a hub's numbers since it started, except the first two, which are now.
type Stats struct {
	Connections   int64
	Subscriptions int64 // connection × item, from subscriptions, carts, wishlists and pages

	Accepted  uint64 // connections, of which Refused were over a limit
	Refused   uint64
	Frames    uint64 // sent
	Bytes     uint64 // of frames with their heads
	Conflated uint64 // waiting frames replaced by newer ones
	Offers    uint64 // published
	Recovered uint64 // resumes without a gap
	Resynced  uint64 // resumes told that something is gone
	Stalls    uint64 // writes that the kernel did not take at once
	Faults    uint64 // client frames not taken
	Slow      uint64 // closed with 3008
	Dead      uint64 // closed: silent after a ping, or not reading for WriteTimeout
}

// Stats reads the counters; they are not of one instant.
func (h *Hub) Stats() Stats {
	s := &h.stats
	return Stats{
		Connections: s.live.Load(), Subscriptions: s.follows.Load(),
		Accepted: s.accepted.Load(), Refused: s.refused.Load(),
		Frames: s.sent.Load(), Bytes: s.bytes.Load(), Conflated: s.conflated.Load(), Offers: s.offers.Load(),
		Recovered: s.recovered.Load(), Resynced: s.resynced.Load(),
		Stalls: s.stalls.Load(), Faults: s.faults.Load(), Slow: s.closedSlow.Load(), Dead: s.closedDead.Load(),
	}
}
