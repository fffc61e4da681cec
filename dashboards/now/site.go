package now

import (
	"beckon/clickstream"
)

// site is one shop's numbers.
type site struct {
	cfg      *Config
	agents   *agents
	since    int64 // Unix ms of the earliest event that counted, 0 before the first
	minutes  minutes
	purses   []*purse
	seconds  [secondsRing]second // second s at s modulo the length; up to presence.newestSecond
	visits   table
	presence presence
	carts    map[uint64]*cart // by the visitor's hash

	people, machines stream
	searches         searches
	orders           notes // those that count, whoever sent them
}

type second struct{ people, machines uint32 }

func newSite(cfg *Config, known *agents) *site {
	s := &site{cfg: cfg, agents: known, presence: newPresence(), carts: map[uint64]*cart{}}
	s.people.bound(peopleEvents, peopleVisits)
	s.machines.bound(machineEvents, machineVisits)
	s.orders.bound = newestOrders
	return s
}

// apply counts one fact. hash is that of its event's visitor.
func (s *site) apply(f *clickstream.Fact, hash uint64) {
	if f.Erase != nil {
		s.forget(f.Erase.Visitor)
	}
	e := f.Event
	if e == nil || e.Time < 0 || e.Time > maxTime {
		s.follow(f, nil, 0)
		return
	}
	if e.Generated {
		if e.Kind == clickstream.ConsentChange && e.Consent&clickstream.Analytics == 0 {
			s.forgetNames(hash)
		}
		s.follow(f, nil, 0)
		return
	}
	s.advance(e.Time)
	s.count(f)
	if s.payment(f) && e.Kind == clickstream.Purchase {
		s.orders.add(f, hash)
	}
	if f.Late || e.Kind == clickstream.Refund {
		s.follow(f, nil, 0)
	} else {
		s.follow(f, e, hash)
	}
	s.note(f, hash)
}

// advance moves the windows on.
func (s *site) advance(t int64) {
	sec, before := uint32(t/secondMs), s.presence.newestSecond
	if sec <= before {
		return
	}
	for at, n := sec, min(sec-before, secondsRing); n > 0; at, n = at-1, n-1 {
		s.seconds[at&(secondsRing-1)] = second{}
	}
	s.presence.advance(sec)
	if hour := int32(t / hourMs); hour > s.minutes.newest {
		s.minutes.advance(hour)
		for _, p := range s.purses {
			p.trim(hour)
		}
	}
}

// count counts an event in its second and minute.
func (s *site) count(f *clickstream.Fact) {
	e := f.Event
	sec := uint32(e.Time / secondMs)
	if recent := &s.seconds[sec&(secondsRing-1)]; s.presence.holdsSecond(sec) && !f.Late {
		if f.Bot {
			recent.machines++
		} else {
			recent.people++
		}
	}
	c := s.minutes.at(e.Time)
	if c == nil {
		return
	}
	if s.since == 0 || e.Time < s.since {
		s.since = e.Time
	}
	switch {
	case f.Late:
		c.late++
		return
	case f.Bot:
		c.machines++
		return
	}
	c.events++
	switch e.Kind {
	case clickstream.ViewItem:
		c.views++
	case clickstream.AddToCart:
		c.carts++
	case clickstream.BeginCheckout:
		c.checkouts++
	}
}

// payment counts an order or a refund, whoever sent it and when, and says whether it counted.
func (s *site) payment(f *clickstream.Fact) bool {
	e := f.Event
	if e.Kind != clickstream.Purchase && e.Kind != clickstream.Refund || f.Repeat {
		return false
	}
	c := s.minutes.at(e.Time)
	if c == nil {
		return false
	}
	switch {
	case e.Kind == clickstream.Purchase:
		c.orders++
	case f.Money < 0:
		c.refunds++
	default:
		return false // it took nothing back
	}
	s.took(e.Time, f.Currency, f.Money)
	return true
}

// forget drops what is held under an erased visitor. Its visits are taken back by the fact's changes.
func (s *site) forget(hash uint64) {
	s.dropCart(hash)
	s.forgetNames(hash)
}

func (s *site) forgetNames(hash uint64) {
	s.people.forget(hash)
	s.machines.forget(hash)
	s.searches.forget(hash)
	s.orders.forget(hash)
}
