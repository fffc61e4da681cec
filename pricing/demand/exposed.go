package demand

import (
	"encoding/json"

	"beckon/clickstream"
)

// exposed is the visitors who were given an offer, by the hash of their id, and from when until when. What they do in that time is
// left out of demand.
//
// Bounds: Config.Exposed visitors. A stretch that ended more than a day of the site's clock ago is dropped, since no event that comes
// can lie in it; when there are too many, the one that was noted first.
type exposed struct {
	limit    int
	visitors map[uint64]stretch
	noted    []exposure // in the order in which they came; entries that visitors does not agree with are void
	done     int        // entries of noted that are dropped already
}

// stretch is [from, until) in Unix ms.
type stretch struct{ from, until int64 }

type exposure struct {
	visitor uint64
	until   int64
}

// exposureProps is what the props of an exposure say.
type exposureProps struct {
	Arm   string `json:"arm"`   // offer or holdout
	Until int64  `json:"until"` // Unix ms
}

// longestOffer bounds until: a stretch that never ended would never leave.
const longestOffer = 31 * dayMs

// note takes an exposure down.
func (x *exposed) note(e *clickstream.Event, clock int64) {
	var p exposureProps
	if json.Unmarshal([]byte(e.Props), &p) != nil || p.Arm != "offer" || p.Until <= e.Time || e.Visitor == "" {
		return
	}
	who, fresh := clickstream.VisitorHash(e.Visitor), stretch{e.Time, min(p.Until, e.Time+longestOffer)}
	if was, known := x.visitors[who]; known && fresh.from <= was.until && was.from <= fresh.until { // one stretch of the two
		fresh.from, fresh.until = min(fresh.from, was.from), max(fresh.until, was.until)
	}
	x.put(who, fresh)
	x.drop(clock - dayMs)
}

func (x *exposed) put(who uint64, s stretch) {
	if x.visitors == nil {
		x.visitors = map[uint64]stretch{}
	}
	if was, known := x.visitors[who]; known && was.until == s.until {
		x.visitors[who] = s // the entry in noted stays true
		return
	}
	x.visitors[who] = s
	x.noted = append(x.noted, exposure{who, s.until})
}

// drop takes out what ended before a time, as far as it was noted first, and what is too much.
func (x *exposed) drop(before int64) {
	for x.done < len(x.noted) {
		first := x.noted[x.done]
		s, known := x.visitors[first.visitor]
		void := !known || s.until != first.until
		if !void && first.until >= before && len(x.visitors) <= x.limit && len(x.noted)-x.done <= 2*x.limit {
			break
		}
		if !void {
			delete(x.visitors, first.visitor)
		}
		x.done++
	}
	if x.done > len(x.noted)/2 {
		x.noted = append(x.noted[:0], x.noted[x.done:]...)
		x.done = 0
	}
}

// forget drops what is kept of a visitor.
func (x *exposed) forget(visitor uint64) {
	if _, known := x.visitors[visitor]; !known && len(x.noted) == 0 {
		return
	}
	delete(x.visitors, visitor)
	kept := x.noted[:0]
	for _, n := range x.noted[x.done:] {
		if n.visitor != visitor {
			kept = append(kept, n)
		}
	}
	x.noted, x.done = kept, 0
}

// covers says whether e happened while its visitor had an offer.
func (x *exposed) covers(e *clickstream.Event) bool {
	if len(x.visitors) == 0 {
		return false
	}
	s, known := x.visitors[clickstream.VisitorHash(e.Visitor)]
	return known && e.Time >= s.from && e.Time < s.until
}
