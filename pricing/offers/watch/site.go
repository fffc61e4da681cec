package watch

import (
	"container/list"
	"slices"
	"strings"

	"beckon/clickstream"
)

// site is one site's carts. It is guarded by its Carts.
type site struct {
	name      string
	clock     int64 // Unix ms, event time
	shoppers  map[uint64]*shopper
	ages      ages
	histories map[uint64]*history
	historic  *list.List // *history, likewise
	watches   []watch    // no part of the state
}

// shopper is one who is at work: the episode as settled, and the acts after that. What every act touches stands in front, in one
// line of the cache.
type shopper struct {
	last   int64  // Unix ms of the newest act of the shopper
	top    int64  // Unix ms of acts' last
	floor  int64  // Unix ms of the newest act in base: what is older comes too late
	first  int64  // Unix ms of acts[0]
	acts   []act  // by time
	kept   int32  // lines of acts
	queued uint16 // the watches, as bits, with an entry for it
	gone   bool   // forgotten
	hash   uint64 // clickstream.VisitorHash of name
	name   string
	base   *episode // nil: not begun
	room   [6]act   // of acts, for most shoppers all they need
}

// carted says whether there may be a cart.
func (s *shopper) carted() bool { return s.kept > 0 || s.base != nil && len(s.base.lines) > 0 }

func newSite(name string) *site {
	return &site{
		name: name, shoppers: map[uint64]*shopper{},
		histories: map[uint64]*history{}, historic: list.New(),
	}
}

// act takes what a shopper did. s is the shopper at work with this hash, nil if there is none.
func (c *Carts) act(st *site, hash uint64, s *shopper, kind actKind, e *clickstream.Event) {
	if s == nil {
		switch kind {
		case search, view, add, state, checkout:
		case purchase:
			if h := st.histories[hash]; h != nil {
				c.ends.reset()
				c.ends.bought = append(c.ends.bought, e.Time)
				h.note(&c.ends)
			}
			return
		default:
			return // begins no episode
		}
		if e.Time+c.keep < st.clock {
			return
		}
		s = &shopper{name: strings.Clone(e.Visitor), hash: hash, last: e.Time}
		s.acts = s.room[:0]
		c.begin(st, s)
	}
	if e.Time < s.floor {
		return
	}
	a := actOf(kind, e)
	c.put(st, s, &a)
	s.last = max(s.last, a.at)
	if s.carted() {
		st.await(s)
	}
}

// begin makes room for a new shopper.
func (c *Carts) begin(st *site, s *shopper) {
	if len(st.shoppers) >= c.cfg.Shoppers {
		old := st.ages.oldest()
		c.settleAll(st, old)
		st.leave(old)
	}
	st.ages.push(s)
	st.shoppers[s.hash] = s
}

func (st *site) leave(s *shopper) {
	s.gone = true
	delete(st.shoppers, s.hash)
}

// put puts an act where its time belongs, and settles what is old or too much.
func (c *Carts) put(st *site, s *shopper, a *act) {
	n := len(s.acts)
	switch {
	case a.kind == plain && n > 1 && s.acts[n-1].kind == plain && a.at >= s.top && a.at-s.acts[n-2].at <= c.gap:
		s.acts[n-1].at = a.at // of three that only show presence, the one between says nothing
	case n == 0 || a.at > s.top:
		s.acts = append(s.acts, *a)
	default:
		s.acts = insert(s.acts, *a)
	}
	s.kept += int32(a.lines())
	if n == 0 || a.at < s.first {
		s.first = a.at
	}
	if n == 0 || a.at > s.top {
		s.top = a.at
	}
	if s.first+c.keep >= st.clock && len(s.acts) <= maxActs && s.kept <= maxKept {
		return
	}
	settled := 0
	for settled < len(s.acts) && s.acts[settled].at+c.keep < st.clock {
		settled++
	}
	if len(s.acts) > maxActs {
		settled = max(settled, maxActs/4)
	}
	for kept := s.kept; kept > maxKept; settled++ {
		kept -= int32(s.acts[settled].lines())
	}
	c.settle(st, s, settled)
}

// settle applies the first n acts for good.
func (c *Carts) settle(st *site, s *shopper, n int) {
	c.ends.reset()
	if s.base == nil && n > 0 {
		s.base = new(episode)
	}
	for i := range s.acts[:n] {
		a := &s.acts[i]
		s.base.take(a, c.gap, &c.ends)
		s.floor = a.at
		s.kept -= int32(a.lines())
	}
	if s.acts = slices.Delete(s.acts, 0, n); len(s.acts) > 0 {
		s.first = s.acts[0].at
	}
	c.ended(st, s.hash, s.name)
}

// settleAll applies all acts of a shopper who leaves. Those of who had no cart and has no history end nothing that is remembered.
func (c *Carts) settleAll(st *site, s *shopper) {
	if s.carted() || st.histories[s.hash] != nil {
		c.settle(st, s, len(s.acts))
	}
}

// ended notes c.ends. Purchases of who has no history need none.
func (c *Carts) ended(st *site, hash uint64, name string) {
	h := st.histories[hash]
	if h == nil && len(c.ends.abandoned) > 0 {
		h = c.remember(st, hash, name)
	}
	if h != nil && len(c.ends.abandoned)+len(c.ends.bought) > 0 {
		st.historic.MoveToBack(h.place)
		h.note(&c.ends)
	}
}

// remember makes room for a history.
func (c *Carts) remember(st *site, hash uint64, name string) *history {
	if len(st.histories) >= c.cfg.Remembered {
		st.unlearn(st.historic.Front().Value.(*history))
	}
	h := &history{name: name, hash: hash}
	h.place = st.historic.PushBack(h)
	st.histories[hash] = h
	return h
}

func (st *site) unlearn(h *history) {
	st.historic.Remove(h.place)
	delete(st.histories, h.hash)
}

// drop forgets a visitor, triggers that wait included.
func (c *Carts) drop(st *site, hash uint64) {
	if s := st.shoppers[hash]; s != nil {
		st.leave(s)
		c.waiting = slices.DeleteFunc(c.waiting, func(t Trigger) bool { return t.Visitor == s.name && t.Site == st.name })
	}
	if h := st.histories[hash]; h != nil {
		st.unlearn(h)
	}
}

// advance moves the site's clock: whoever has been silent for long leaves, and carts come due.
func (c *Carts) advance(st *site, clock int64) {
	st.clock = clock
	for {
		s := st.ages.silent(clock - c.keep)
		if s == nil {
			break
		}
		c.settleAll(st, s)
		if s.base != nil {
			c.ends.reset()
			s.base.idle(&c.ends)
			c.ended(st, s.hash, s.name)
		}
		st.leave(s)
	}
	for {
		front := st.historic.Front()
		if front == nil || front.Value.(*history).last+c.past >= clock {
			break
		}
		st.unlearn(front.Value.(*history))
	}
	c.due(st)
}

// generated takes what the server logged: exposures, and which offers were seen.
func (c *Carts) generated(st *site, hash uint64, s *shopper, e *clickstream.Event) {
	if offer, ok := seenOf(e); ok {
		if h := st.histories[hash]; h != nil {
			for i := range h.offers {
				h.offers[i].seen = h.offers[i].seen || h.offers[i].id == offer
			}
		}
		return
	}
	x, ok := exposureOf(e)
	if !ok {
		return
	}
	if s != nil && e.Time >= s.floor {
		c.put(st, s, &act{at: e.Time, kind: answered})
	}
	if x.Arm != OfferArm {
		return
	}
	h := st.histories[hash]
	if h == nil {
		h = c.remember(st, hash, strings.Clone(e.Visitor))
	}
	st.historic.MoveToBack(h.place)
	h.give(given{id: x.Offer, at: e.Time, until: x.Until})
}
