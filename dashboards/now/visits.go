package now

import (
	"beckon/clickstream"
)

// follow puts the changes of a fact into the table: visits that were taken back go, those that are over go, the others come or go on. e is
// the fact's event where it is part of a visit, hash its visitor's.
func (s *site) follow(f *clickstream.Fact, e *clickstream.Event, hash uint64) {
	if e != nil && len(f.Changes) == 1 && f.Changes[0].Retracted == nil && s.goesOn(f, hash) {
		return
	}
	was := carry{event: Came}
	if e != nil && !f.Repeat {
		was.event = stageOf(e.Kind)
	}
	for i := range f.Changes {
		c := &f.Changes[i]
		for _, key := range c.Retracted {
			s.takeBack(&was, key, e == nil)
		}
		if c.Session == nil {
			continue
		}
		if c.Session.Closed {
			s.over(c.Session)
		} else {
			was.parts++
		}
	}
	if e == nil {
		return
	}
	alone := false
	for i := range f.Changes {
		if own := f.Changes[i].Session; own != nil && !own.Closed {
			alone = s.comes(own, e, hash, &was)
		}
	}
	if alone && !fills(e.Kind) {
		return // the visitor's one visit, new, has no cart
	}
	if v := s.settle(hash); v != nil && !v.machine() {
		s.changeCart(hash, v, e)
	}
}

// carry is what is known of the event and of visits that were taken back, for those that come in their place.
type carry struct {
	event  Stage // how far the event says that its visit came
	known  bool
	stage  Stage
	device uint8
	source string
	parts  int // that come
}

// goesOn is the common case: the visitor's newest visit has one event more. It is false when there is no such visit.
func (s *site) goesOn(f *clickstream.Fact, hash uint64) bool {
	own := f.Changes[0].Session
	if own.Closed {
		return false
	}
	key := newVisit(hash, own.Key.Start)
	visits := s.visits.part(hash).of(&key)
	if len(visits) == 0 {
		return false
	}
	v := &visits[len(visits)-1]
	if v.startMs() != own.Key.Start {
		return false
	}
	now := *v
	now.last = max(now.last, uint32(own.End/secondMs))
	if !f.Repeat {
		now.reach(stageOf(f.Event.Kind))
	}
	now.set(machineBit, own.Bot)
	s.change(v, now, hash)
	if !v.machine() {
		s.changeCart(hash, v, f.Event)
	}
	return true
}

// change replaces a visit by its next version and counts what that changes.
func (s *site) change(v *visit, now visit, hash uint64) {
	if *v == now {
		return
	}
	same := now.last/60 == v.last/60 && now.bits == v.bits
	switch {
	case v.older():
	case same: // most often: another second of the same minute
		s.presence.addSecond(v, minus)
		s.presence.addSecond(&now, plus)
	default:
		s.presence.add(v, minus)
		s.presence.add(&now, plus)
	}
	if now.stage() != v.stage() || now.machine() != v.machine() {
		s.countVisit(v, minus)
		s.countVisit(&now, plus)
	}
	moved := now.last/60 != v.last/60
	*v = now
	switch {
	case v.bits&cartBit == 0:
	case v.machine():
		s.dropCart(hash)
		v.set(cartBit, false)
	case moved:
		s.followCart(hash, v)
	}
}

// comes puts a version of a visit in that may be new to the table. alone says that it is, and its visitor has no other: then it is the one
// that is there, which is otherwise still to be settled.
func (s *site) comes(own *clickstream.Session, e *clickstream.Event, hash uint64, was *carry) (alone bool) {
	if own.Key.Start < 0 || own.End > maxTime || own.End < own.Key.Start {
		return false
	}
	s.advance(own.End) // later than all events that were seen, if the fold began in the middle of the log
	mine := own.Key.Start <= e.Time && e.Time <= own.End
	now := newVisit(hash, own.Key.Start)
	p := s.visits.part(hash)
	visits := p.of(&now)
	for i := range visits {
		if v := &visits[i]; v.startMs() == own.Key.Start {
			now := *v
			now.last = uint32(own.End / secondMs)
			now.set(machineBit, own.Bot)
			if mine {
				now.reach(was.event)
			}
			s.change(v, now, hash)
			return false
		}
	}
	alone = len(visits) == 0 && !was.known
	now.last = uint32(own.End / secondMs)
	now.set(machineBit, own.Bot)
	now.set(olderBit, !alone) // until it is settled
	switch {
	case was.known && was.parts == 1:
		now.setStage(was.stage)
	case own.Events > 1: // a visit was cut anew, or the fold began in the middle of the log
		now.setStage(stageOfSteps(own.Steps))
	}
	if mine {
		now.reach(was.event)
	}
	now.setDevice(uint8(s.agents.device(e.UserAgent)))
	if now.device() == 0 {
		now.setDevice(was.device)
	}
	source := clickstream.SourceOf(e.URL, e.Ref)
	if was.known && (source == clickstream.Direct || e.Time != own.Key.Start) {
		source = was.source
	}
	if s.visits.count >= s.cfg.Visits {
		if own.Events == 1 {
			s.countVisit(&now, plus)
		}
		return false
	}
	s.countVisit(&now, plus)
	now.setSource(s.presence.place(source))
	s.visits.insert(p, now)
	if alone {
		s.presence.add(&now, plus)
	}
	return alone
}

// takeBack takes a visit out as if it had never been counted.
func (s *site) takeBack(was *carry, key clickstream.SessionKey, last bool) {
	hash := clickstream.VisitorHash(key.Visitor)
	v, ok := s.remove(hash, key.Start)
	if !ok {
		return
	}
	s.countVisit(&v, minus)
	if !was.known { // they come in the order of their starts
		was.known, was.device, was.source = true, v.device(), s.presence.sources[v.source()]
	}
	was.stage = max(was.stage, v.stage())
	if last { // nothing comes in its place
		s.settle(hash)
	}
}

// over takes a visit out that has ended. It stays counted.
func (s *site) over(last *clickstream.Session) {
	hash := clickstream.VisitorHash(last.Key.Visitor)
	if _, ok := s.remove(hash, last.Key.Start); ok {
		s.settle(hash)
	}
}

// remove takes a visit out of the table and of those who are there.
func (s *site) remove(hash uint64, start int64) (v visit, ok bool) {
	key := newVisit(hash, start)
	p := s.visits.part(hash)
	i := p.first(&key)
	for ; i < len(p.slots) && p.slots[i].taken() && p.slots[i].compareVisitor(&key) == 0; i++ {
		if p.slots[i].startMs() != start {
			continue
		}
		v = p.slots[i]
		if !v.older() {
			s.presence.add(&v, minus)
		}
		s.presence.following[v.source()]--
		s.visits.remove(p, i)
		return v, true
	}
	return v, false
}

// settle makes a visitor's newest visit the one that is there and has the cart, and returns it; nil if there is none.
func (s *site) settle(hash uint64) *visit {
	key := newVisit(hash, 0)
	visits := s.visits.part(hash).of(&key)
	if len(visits) == 0 {
		s.dropCart(hash)
		return nil
	}
	for i := range visits {
		v := &visits[i]
		older := i < len(visits)-1
		v.set(cartBit, false)
		if older == v.older() {
			continue
		}
		if older {
			s.presence.add(v, minus)
		}
		v.set(olderBit, older)
		if !older {
			s.presence.add(v, plus)
		}
	}
	newest := &visits[len(visits)-1]
	if newest.machine() {
		s.dropCart(hash)
	} else if s.carts[hash] != nil {
		newest.set(cartBit, true)
		s.followCart(hash, newest)
	}
	return newest
}

// countVisit counts a visit in the minute in which it began, or with by -1 takes it back.
func (s *site) countVisit(v *visit, by uint32) {
	at := s.minutes.at(v.startMs())
	if at == nil {
		return
	}
	if v.machine() {
		at.machineVisits += by
		return
	}
	at.visits += by
	for st, n := range [...]*uint32{Looked: &at.looked, Carted: &at.carted, CheckedOut: &at.checkedOut, Bought: &at.bought} {
		if n != nil && Stage(st) <= v.stage() {
			*n += by
		}
	}
}

func (b *bits) reach(s Stage) { b.setStage(max(b.stage(), s)) }

func stageOf(k clickstream.Kind) Stage {
	switch k {
	case clickstream.ViewItem:
		return Looked
	case clickstream.AddToCart:
		return Carted
	case clickstream.BeginCheckout, clickstream.AddPaymentInfo, clickstream.AddShippingInfo:
		return CheckedOut
	case clickstream.Purchase:
		return Bought
	}
	return Came
}

func stageOfSteps(steps []clickstream.Step) (s Stage) {
	for i := range steps {
		s = max(s, stageOf(steps[i].Kind()))
	}
	return s
}
