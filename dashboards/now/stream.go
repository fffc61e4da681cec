package now

import (
	"beckon/clickstream"
)

// How much is kept of a site: events and visits of people and of machines apart, so that a robot cannot push people out of sight.
const (
	peopleEvents  = 300
	peopleVisits  = 100
	machineEvents = 100
	machineVisits = 30
	newestOrders  = 50
)

// stream is the newest of what one kind of visitor did.
type stream struct {
	events notes
	visits guests
}

func (s *stream) bound(events, visits int) {
	s.events.bound = events
	s.visits.bound = visits
}

func (s *stream) forget(hash uint64) {
	s.events.forget(hash)
	s.visits.forget(hash)
}

// note puts an event where it can be seen. What pages say by themselves is no news, but it keeps a visit there.
func (s *site) note(f *clickstream.Fact, hash uint64) {
	e := f.Event
	to, other := &s.people, &s.machines
	if f.Bot {
		to, other = other, to
	}
	if e.Kind != clickstream.Heartbeat && e.Kind != clickstream.Leave {
		to.events.add(f, hash)
	}
	if e.Kind == clickstream.Search && e.SearchTerm != "" && !f.Bot && !f.Late {
		s.searches.add(e, hash)
	}
	if f.Late || e.Kind == clickstream.Refund {
		return
	}
	for i := range f.Changes {
		own := f.Changes[i].Session
		if own == nil || own.Closed || e.Time < own.Key.Start || e.Time > own.End {
			continue
		}
		if own.Bot != f.Bot { // an event of a machine in a visit that is none: cannot be
			return
		}
		to.visits.add(own, e, hash)
		if own.Events > 1 {
			other.visits.forget(hash)
		}
	}
}
