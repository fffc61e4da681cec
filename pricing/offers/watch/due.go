package watch

import (
	"slices"

	"github.com/zeebo/xxh3"
)

// Trigger is a cart at risk. Its slices are nobody else's.
type Trigger struct {
	ID      uint64 // names the episode: hash of site, visitor and start; the same for each idle time and after a restart
	Site    string
	Visitor string
	Idle    int64 // ms: the idle time that was looked for
	Start   int64 // Unix ms of the episode's first act, event time
	Last    int64 // Unix ms of the newest act
	Due     int64 // Unix ms: Last + Idle

	Searched         bool // before the newest add_to_cart
	Views            int  // of items, before the newest add_to_cart
	ViewsAfterSearch int  // of these, after the first search
	Abuser           bool
	Lines            []Line
	Value            int64 // minor units, by the prices that the page told
	Currency         string
}

// Fits says whether the way to the cart was as a campaign asks: at least views items viewed before the add_to_cart, and if search is
// set after a search.
func (t *Trigger) Fits(views int64, search bool) bool {
	if search {
		return t.Searched && int64(t.ViewsAfterSearch) >= views
	}
	return int64(t.Views) >= views
}

// watch is one idle time of a site with when to look whether carts have been idle for it: a min-heap with at most one valid entry for
// each shopper with a cart, never later than the cart comes due. Who acted since is looked at and put back, so an act costs nothing.
type watch struct {
	idle int64 // ms
	heap []dueCart
}

type dueCart struct {
	at int64 // Unix ms
	s  *shopper
}

// watch replaces the idle times that are looked for.
func (st *site) watch(idles []int64) {
	st.watches = make([]watch, len(idles))
	for i, idle := range idles {
		st.watches[i].idle = idle
	}
	for _, p := range st.ages.places[st.ages.head:] {
		if p.s.queued = 0; p.s.carted() && !p.s.gone {
			st.await(p.s)
		}
	}
}

// await makes sure that the shopper's cart is looked at when it comes due.
func (st *site) await(s *shopper) {
	for i := range st.watches {
		if s.queued&(1<<i) == 0 {
			s.queued |= 1 << i
			w := &st.watches[i]
			if len(w.heap) > 2*len(st.shoppers)+1024 {
				w.weed()
			}
			w.push(dueCart{s.last + w.idle, s})
		}
	}
}

// due looks at what has come due.
func (c *Carts) due(st *site) {
	for i := range st.watches {
		w := &st.watches[i]
		for len(w.heap) > 0 && w.heap[0].at <= st.clock {
			s := w.pop().s
			if s.gone {
				continue // forgotten
			}
			if at := s.last + w.idle; at > st.clock {
				w.push(dueCart{at, s})
				continue
			}
			s.queued &^= 1 << i
			c.look(st, s, w.idle)
		}
	}
}

// look reads the shopper's acts and triggers if the cart is at risk.
func (c *Carts) look(st *site, s *shopper, idle int64) {
	e := &c.running
	e.reset()
	if s.base != nil {
		lines := append(e.lines, s.base.lines...)
		*e = *s.base
		e.lines = lines
	}
	c.ends.reset()
	for i := range s.acts {
		e.take(&s.acts[i], c.gap, &c.ends)
	}
	due := e.last + idle
	if !e.atRisk() || st.clock-e.last > c.gap || st.clock-due > c.fresh {
		return
	}
	t := Trigger{
		ID: episodeID(st.name, s.name, e.start), Site: st.name, Visitor: s.name, Idle: idle, Start: e.start, Last: e.last, Due: due,
		Searched: e.addSearched, Views: e.addViews, ViewsAfterSearch: e.addAfterSearch,
		Lines: slices.Clone(e.lines), Value: e.value(),
	}
	if e.currency[0] != 0 {
		t.Currency = string(e.currency[:])
	}
	if h := st.histories[s.hash]; h != nil || len(c.ends.abandoned) >= c.cfg.Abandoned {
		whole := &history{}
		if h != nil {
			whole = h.clone()
		}
		whole.note(&c.ends)
		t.Abuser = whole.abuser(st.clock-c.past, st.clock, &c.cfg)
	}
	if len(c.waiting) >= c.cfg.Waiting {
		c.waiting = slices.Delete(c.waiting, 0, 1)
		c.dropped++
	}
	c.waiting = append(c.waiting, t)
	c.came++
}

func episodeID(site, visitor string, start int64) uint64 {
	var room [192]byte
	b := append(append(room[:0], site...), 0)
	b = append(append(b, visitor...), 0)
	for i := range 8 {
		b = append(b, byte(start>>(8*i)))
	}
	return xxh3.Hash(b)
}

// weed takes out the entries of who was forgotten, which are then more than half of all.
func (w *watch) weed() {
	all := w.heap
	w.heap = make([]dueCart, 0, len(all)/2)
	for _, d := range all {
		if !d.s.gone {
			w.push(d)
		}
	}
}

func (w *watch) push(d dueCart) {
	w.heap = append(w.heap, d)
	for i := len(w.heap) - 1; i > 0; {
		up := (i - 1) / 2
		if w.heap[up].at <= w.heap[i].at {
			break
		}
		w.heap[up], w.heap[i] = w.heap[i], w.heap[up]
		i = up
	}
}

func (w *watch) pop() dueCart {
	d := w.heap[0]
	n := len(w.heap) - 1
	w.heap[0], w.heap[n] = w.heap[n], dueCart{}
	w.heap = w.heap[:n]
	for i := 0; ; {
		down := 2*i + 1
		if down >= n {
			return d
		}
		if down+1 < n && w.heap[down+1].at < w.heap[down].at {
			down++
		}
		if w.heap[i].at <= w.heap[down].at {
			return d
		}
		w.heap[i], w.heap[down] = w.heap[down], w.heap[i]
		i = down
	}
}
