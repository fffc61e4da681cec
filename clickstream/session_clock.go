package clickstream

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// siteShard is one site's shoppers and event time within a partition.
type siteShard struct {
	name     string
	rule     sessionRule
	clock    int64 // the watermark: newest event time or tick, Unix ms
	late     int64 // events
	shoppers map[string]*shopper
	sources  []string // see visitOf

	// Shoppers by when they were last heard of, in log order.
	oldest, newest *shopper

	// When to look whether a shopper has sessions to close: a min-heap with one valid entry, that of v.dueAt, for each shopper with
	// live sessions, never later than its first session's deadline. A session that went on is looked at and put back.
	due []deadline
}

type deadline struct {
	at int64 // Unix ms; passed when the clock is greater
	v  *shopper
}

const noDeadline = math.MaxInt64

// schedule makes sure that v is looked at once a session that ends at last is passed.
func (st *siteShard) schedule(v *shopper, last int64) {
	at := last + st.rule.gap + st.rule.lateness
	if v.dueAt <= at {
		return
	}
	v.dueAt = at
	st.due = append(st.due, deadline{at, v})
	for i := len(st.due) - 1; i > 0; {
		up := (i - 1) / 2
		if st.due[up].at <= st.due[i].at {
			break
		}
		st.due[up], st.due[i] = st.due[i], st.due[up]
		i = up
	}
}

func (st *siteShard) popDue() deadline {
	d := st.due[0]
	n := len(st.due) - 1
	st.due[0], st.due[n] = st.due[n], deadline{}
	st.due = st.due[:n]
	for i := 0; ; {
		down := 2*i + 1
		if down >= n {
			break
		}
		if down+1 < n && st.due[down+1].at < st.due[down].at {
			down++
		}
		if st.due[i].at <= st.due[down].at {
			break
		}
		st.due[i], st.due[down] = st.due[down], st.due[i]
		i = down
	}
	return d
}

// advance moves the site's clock and closes the sessions that it passes, in the order of their end, visitor and start: the order
// must not depend on how the heap came to be.
func (sh *shard) advance(st *siteShard, clock int64) {
	if clock <= st.clock {
		return
	}
	st.clock = clock
	first := len(sh.changes)
	for len(st.due) > 0 && st.due[0].at < clock {
		d := st.popDue()
		if d.v.dueAt != d.at {
			continue // forgotten, or looked at already
		}
		d.v.dueAt = noDeadline
		sh.closePassed(st, d.v)
		sh.scheduleFirst(st, d.v)
	}
	if closed := sh.changes[first:]; len(closed) > 1 {
		slices.SortFunc(closed, func(a, b SessionChange) int {
			x, y := a.Session, b.Session
			return cmp.Or(cmp.Compare(x.End, y.End), strings.Compare(x.Key.Visitor, y.Key.Visitor), cmp.Compare(x.Key.Start, y.Key.Start))
		})
	}
	sh.forgetIdle(st)
}

// closePassed closes v's passed sessions. They are a prefix of its live ones.
func (sh *shard) closePassed(st *siteShard, v *shopper) {
	sh.groups = st.rule.groups(sh.groups[:0], v.live)
	for i := range sh.groups {
		g := &sh.groups[i]
		if !st.rule.passed(g.last, st.clock) {
			break
		}
		sh.changes = append(sh.changes, SessionChange{Session: g.session(v.name, true)})
		v.live = g.lastFragment().next
		v.floor = g.last + 1
	}
}

// scheduleFirst schedules the end of v's first live session.
func (sh *shard) scheduleFirst(st *siteShard, v *shopper) {
	if v.live == nil {
		return
	}
	last := v.live.last
	if v.live.next != nil {
		sh.groups = st.rule.groups(sh.groups[:0], v.live)
		last = sh.groups[0].last
	}
	st.schedule(v, last)
}

// setRule changes how the site's sessions are cut from now on. Deadlines are made anew, so that they depend on the log alone.
func (sh *shard) setRule(st *siteShard, r sessionRule) {
	if r == st.rule {
		return
	}
	st.rule = r
	clear(st.due)
	st.due = st.due[:0]
	for v := st.oldest; v != nil; v = v.newer {
		v.dueAt = noDeadline
		sh.scheduleFirst(st, v)
	}
}
