package clickstream

// extend is the common case of insert: the visitor's only live fragment goes on, or the first one begins. It returns nil when the
// general case is needed.
func (r *sessionRule) extend(head **fragment, t int64) *fragment {
	f := *head
	if f == nil {
		f = &fragment{start: t, last: t, consent: ^Consent(0)}
		*head = f
		return f
	}
	if f.next != nil || t < f.last || t-f.last > r.gap || t-f.start >= r.longest {
		return nil
	}
	f.last = t
	return f
}

// version is what a group was before a change, enough to tell whether it changed.
type version struct {
	start, last int64
	events      int
	steps       int
}

// visit puts one event into the shopper's sessions and appends what that changed. steps are the event's own and may be sorted.
func (sh *shard) visit(st *siteShard, v *shopper, e *Event, steps []Step) *Session {
	r := &st.rule
	fresh := v.live == nil
	f := r.extend(&v.live, e.Time)
	if f == nil {
		return sh.visitAnyOrder(st, v, e, steps)
	}
	f.count(e, v)
	if len(steps) > 0 && !f.addSteps(steps) {
		// Equal times in another order than the canonical one.
		s := f.session1(v.name)
		sh.changes = append(sh.changes, SessionChange{Retracted: []SessionKey{s.Key}, Session: s, Added: len(s.Steps)})
		return s
	}
	s := f.session1(v.name)
	sh.changes = append(sh.changes, SessionChange{Session: s, Added: min(len(steps), len(s.Steps))})
	if fresh {
		st.schedule(v, f.last)
	}
	return s
}

func (f *fragment) session1(visitor string) *Session {
	g := group{f, 1, f.start, f.last}
	return g.session(visitor, false)
}

// visitAnyOrder is visit for events that are out of order or that start, join or cut sessions. Its cost is in the visitor's live
// sessions, of which there are rarely more than two.
func (sh *shard) visitAnyOrder(st *siteShard, v *shopper, e *Event, steps []Step) *Session {
	r := &st.rule
	sh.before = sh.before[:0]
	sh.groups = r.groups(sh.groups[:0], v.live)
	for i := range sh.groups {
		sh.before = append(sh.before, sh.groups[i].version())
	}
	f := r.insert(&v.live, e.Time)
	f.count(e, v)
	appended := f.addSteps(steps)
	sh.groups = r.groups(sh.groups[:0], v.live)
	st.schedule(v, sh.groups[0].last)

	var own *Session
	var retracted []SessionKey
	first := len(sh.changes)
	for _, b := range sh.before {
		if !sh.stays(b, f, appended) {
			retracted = append(retracted, SessionKey{v.name, b.start})
		}
	}
	for i := range sh.groups {
		g := &sh.groups[i]
		now, mine := g.version(), g.holds(f)
		was, known := find(sh.before, g.start)
		if known && was == now && !mine {
			continue
		}
		s := g.session(v.name, false)
		c := SessionChange{Session: s, Added: len(s.Steps)}
		if known && sh.stays(was, f, appended) {
			c.Added = min(len(steps), len(s.Steps))
		}
		sh.changes = append(sh.changes, c)
		if mine {
			own = s
		}
	}
	sh.changes[first].Retracted = retracted // the event's own session is always there
	return own
}

// stays says whether the version b needs no retraction: its session is unchanged, or goes on at its end.
func (sh *shard) stays(b version, f *fragment, appended bool) bool {
	for i := range sh.groups {
		g := &sh.groups[i]
		if g.start != b.start {
			continue
		}
		now := g.version()
		if !g.holds(f) {
			return now == b
		}
		// Only this event came, its steps at the end of the last fragment.
		return now.events == b.events+1 && appended && g.lastFragment() == f
	}
	return false
}

func find(before []version, start int64) (version, bool) {
	for _, b := range before {
		if b.start == start {
			return b, true
		}
	}
	return version{}, false
}

func (g *group) version() version {
	v := version{start: g.start, last: g.last}
	f := g.first
	for range g.n {
		v.events += int(f.events)
		v.steps += len(f.steps)
		f = f.next
	}
	return v
}

func (g *group) holds(f *fragment) bool {
	c := g.first
	for range g.n {
		if c == f {
			return true
		}
		c = c.next
	}
	return false
}

func (g *group) lastFragment() *fragment {
	f := g.first
	for range g.n - 1 {
		f = f.next
	}
	return f
}

// count counts the event itself.
func (f *fragment) count(e *Event, v *shopper) {
	f.events++
	f.consent &= e.Consent
	f.signs |= e.Bot
	if v.rate.add(e.Time) {
		f.signs |= BotRate
	}
	switch e.Kind {
	case PageView:
		f.pages += uint16(min(1, 65535-int(f.pages)))
	case ViewItem, ViewItemList:
	default:
		f.acted = true
	}
}
