package clickstream

import (
	"cmp"
	"slices"
	"strings"
)

// MaxSteps bounds the item events that a session keeps; the newest stay.
const MaxSteps = 200

// sessionRule is how a site's sessions are cut, in ms.
//
// It is Flink's session window with merging (EventTimeSessionWindows, MergingWindowSet, WindowOperator.isWindowLate), with two bounds
// more. Events at most gap apart are one chain. A chain is cut into sessions greedily from its start: a session takes the events less
// than longest after its first one, the next event starts the next. Lateness is tested on what the event would become part of: a
// session is passed, and closes, when the watermark is more than gap and lateness beyond its last event, and an event is late when
// its session is passed. The watermark is the newest event time of the site in the partition, ticks included. What is closed stays
// closed: an event inside or before the visitor's last closed session is late, also when newer sessions reach back to it.
//
// Sessions do not depend on the order in which events come, as long as none is more than lateness behind the watermark.
type sessionRule struct{ gap, lateness, longest int64 }

const (
	minuteMs = int64(60_000)
	dayMs    = 24 * 60 * minuteMs
)

var defaultRule = sessionRule{gap: 30 * minuteMs, lateness: 10 * minuteMs, longest: dayMs}

// ruleOf reads a settings record. A session must be allowed to last longer than gap and lateness, since cuts could not be told from
// late events otherwise; values outside what a rule can be are brought to the nearest that it can.
func ruleOf(s *Settings) sessionRule {
	r := sessionRule{gap: min(max(s.Gap, 1), 30*dayMs), lateness: min(max(s.Lateness, 0), 30*dayMs)}
	r.longest = min(max(s.Longest, r.gap+r.lateness+1), 365*dayMs)
	return r
}

// passed says whether a session whose last event was at last is final at the watermark.
func (r *sessionRule) passed(last, watermark int64) bool { return watermark-r.gap-r.lateness > last }

// fragment is a run of a visitor's events. Nearly always it is a whole session. A chain is kept in more than one fragment only where
// a cut lies between them or where one could come to lie when an earlier event joins two chains, so that no fragment is ever split.
type fragment struct {
	start, last int64
	steps       []Step // sorted by compareSteps, at most MaxSteps; memory beyond len belongs to nobody else
	next        *fragment
	events      uint32
	pages       uint16 // page views, at most 65535
	consent     Consent
	signs       BotSign
	acted       bool // something that a page view alone does not bring
}

// group is a session: n fragments from first on.
type group struct {
	first       *fragment
	n           int
	start, last int64
}

// groups appends the visitor's live sessions in time order.
func (r *sessionRule) groups(dst []group, head *fragment) []group {
	for f := head; f != nil; f = f.next {
		if i := len(dst) - 1; i >= 0 && f.start-dst[i].last <= r.gap && f.start-dst[i].start < r.longest {
			dst[i].n++
			dst[i].last = f.last
			continue
		}
		dst = append(dst, group{f, 1, f.start, f.last})
	}
	return dst
}

// isLate says whether an event at time t would be part of a passed session. v is nil for a visitor who is not known.
func (r *sessionRule) isLate(v *shopper, t, watermark int64) bool {
	if v == nil {
		return r.passed(t, watermark)
	}
	if t < v.floor {
		return true
	}
	if !r.passed(t, watermark) {
		return false
	}
	for f := v.live; f != nil; f = f.next {
		if f.start-r.gap <= t && t <= f.last+r.gap {
			return false
		}
	}
	return true
}

// insert finds or makes the fragment that an event at time t belongs to and joins fragments that it connects. It returns the
// fragment; the caller counts the event in it.
func (r *sessionRule) insert(head **fragment, t int64) *fragment {
	at := head
	var f *fragment
	for ; *at != nil; at = &(*at).next {
		c := *at
		if c.start <= t && t <= c.last || c.start-r.gap <= t && t <= c.last+r.gap && !r.cutWithin(*head, min(c.start, t), max(c.last, t)) {
			f = c
			break
		}
		if t < c.start {
			break
		}
	}
	if f == nil {
		f = &fragment{start: t, last: t, next: *at, consent: ^Consent(0)}
		*at = f
	}
	f.start, f.last = min(f.start, t), max(f.last, t)
	for c := *head; c.next != nil; {
		if b := c.next; b.start-c.last <= r.gap && !r.cutWithin(*head, c.start, b.last) {
			c.join(b)
			if f == b {
				f = c
			}
			continue
		}
		c = c.next
	}
	return f
}

// cutWithin says whether a session that starts where a live fragment starts could be cut between the events at a and b.
func (r *sessionRule) cutWithin(head *fragment, a, b int64) bool {
	for f := head; f != nil; f = f.next {
		if c := f.start + r.longest; a < c && c <= b {
			return true
		}
	}
	return false
}

// join takes the fragment that follows f into f.
func (f *fragment) join(b *fragment) {
	f.last = max(f.last, b.last)
	f.steps = mergeSteps(f.steps, b.steps)
	f.events += b.events
	f.pages = uint16(min(int(f.pages)+int(b.pages), 65535))
	f.consent &= b.consent
	f.signs |= b.signs
	f.acted = f.acted || b.acted
	f.next = b.next
}

// compareSteps is the order of steps: time, then kind (as shoppers go through them: list, page, cart, purchase), then item.
func compareSteps(a, b Step) int {
	return cmp.Or(cmp.Compare(a.Time(), b.Time()), cmp.Compare(a.Kind(), b.Kind()), strings.Compare(a.Item(), b.Item()))
}

// addSteps adds one event's steps, which it may sort. appended says that what was there is a prefix of what is now, apart from what
// MaxSteps dropped. Versions that were given out stay as they are: their memory is only ever extended.
func (f *fragment) addSteps(steps []Step) (appended bool) {
	if len(steps) == 0 {
		return true
	}
	if len(steps) > 1 {
		slices.SortFunc(steps, compareSteps)
	}
	if n := len(f.steps); n > 0 && compareSteps(f.steps[n-1], steps[0]) > 0 {
		f.steps = mergeSteps(f.steps, steps)
		return false
	}
	f.steps = newest(append(roomFor(f.steps, len(steps)), steps...))
	return true
}

// roomFor is s with room for n more. It grows by half where append doubles: most of these lists are short, each shopper has some, and
// what is unused of them at a million shoppers is more than what growing copies.
func roomFor[T any](s []T, n int) []T {
	need := len(s) + n
	if need <= cap(s) {
		return s
	}
	c := need
	if len(s) > 1 {
		c = max(need, (len(s)+len(s)/2+1)&^1)
	}
	return append(make([]T, 0, c), s...)
}

// mergeSteps merges two sorted runs into new memory.
func mergeSteps(a, b []Step) []Step {
	if len(b) == 0 {
		return a
	}
	out := make([]Step, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if compareSteps(b[0], a[0]) < 0 {
			out, b = append(out, b[0]), b[1:]
		} else {
			out, a = append(out, a[0]), a[1:]
		}
	}
	return newest(append(append(out, a...), b...))
}

func newest(steps []Step) []Step { return steps[max(0, len(steps)-MaxSteps):] }

// session is the version of g as it is now. Of a session of several fragments the steps are copied.
func (g *group) session(visitor string, closed bool) *Session {
	f := g.first
	s := &Session{
		Key: SessionKey{visitor, g.start}, End: g.last, Events: int(f.events), Steps: f.steps, Consent: f.consent, Closed: closed,
	}
	all := *f
	for i := 1; i < g.n; i++ {
		f = f.next
		all.join(f)
	}
	if g.n > 1 {
		s.Events, s.Steps, s.Consent = int(all.events), all.steps, all.consent
	}
	s.Bot = all.bot()
	s.Steps = s.Steps[:len(s.Steps):len(s.Steps)]
	return s
}
