package drift

import (
	"slices"
	"strings"

	"github.com/zeebo/xxh3"

	"beckon/clickstream"
)

// Bounds of a site.
const (
	openAnswers   = 1 << 15 // whose outcome is not decided
	answerItems   = 10      // of an answer that are looked for
	answerLives   = 10 * 60_000
	answerReach   = 16 // newest answers of a slot that an item is looked for in
	slots         = 1 << 16
	maxPlacements = 16
	otherPlace    = "other"
	counters      = 1 << 18 // of each of two rows: views of items, by hash
	knownFrom     = 5       // views before which an item is unknown
	fadeEvery     = 1 << 20 // views after which counters are halved
	warmUp        = 20_000  // views of a site before which everything is unknown, and nothing is said of that
)

// answer is one that was shown. Items are told by 32 bits of their hash.
type answer struct {
	visitor uint64
	at      int64
	older   uint32 // 1 + index of the answer before in the same slot; it may have ended, and its place be another's
	place   uint8
	n       uint8
	taken   bool
	items   [answerItems]uint32
}

type site struct {
	now     int64 // highest event time, Unix ms
	places  []place
	ring    []answer // of openAnswers
	first   uint32   // the oldest open one
	open    uint32
	newest  []uint32 // of slots, by shopper's hash: 1 + index of the newest answer
	unknown stream
	views   int64
	seen    [2][]uint8
}

type place struct {
	name string
	stream
}

func newSite() *site {
	return &site{seen: [2][]uint8{make([]uint8, counters), make([]uint8, counters)}}
}

// place is the index of a placement; those beyond the bound are one.
func (s *site) place(name string) uint8 {
	for i := range s.places {
		if s.places[i].name == name {
			return uint8(i)
		}
	}
	if len(s.places) >= maxPlacements-1 && name != otherPlace {
		return s.place(otherPlace)
	}
	s.places = append(s.places, place{name: strings.Clone(name)})
	return uint8(len(s.places) - 1)
}

// advance decides what is old enough at the event's time.
func (s *site) advance(at int64) {
	s.now = max(s.now, at)
	for s.open > 0 {
		a := &s.ring[s.first]
		if a.visitor != 0 && s.now-a.at < answerLives {
			return
		}
		if a.visitor != 0 {
			s.places[a.place].note(a.taken, a.at)
			a.visitor = 0
		}
		s.first = (s.first + 1) % openAnswers
		s.open--
	}
}

func (s *site) show(e *clickstream.Event) {
	if s.open == openAnswers || len(e.Items) == 0 {
		return
	}
	if s.ring == nil {
		s.ring, s.newest = make([]answer, openAnswers), make([]uint32, slots)
	}
	index := (s.first + s.open) % openAnswers
	a := answer{visitor: visitorHash(e.Visitor), at: e.Time, place: s.place(e.Placement)}
	for i := range e.Items[:min(len(e.Items), answerItems)] {
		a.items[i] = uint32(xxh3.HashString(e.Items[i].ID))
		a.n++
	}
	s.keep(a, index)
}

func (s *site) keep(a answer, index uint32) {
	a.older = s.newest[a.visitor%slots]
	s.ring[index] = a
	s.newest[a.visitor%slots] = index + 1
	s.open++
}

// take notes that a shopper opened an item or put it into the cart.
func (s *site) take(visitor uint64, item uint64, at int64) {
	if s.open == 0 {
		return
	}
	index, youngest := s.newest[visitor%slots], s.open
	for reach := 0; index != 0 && reach < answerReach; reach++ {
		age := (index - 1 - s.first) % openAnswers // its place among the open ones, the oldest is 0
		if age >= youngest {
			return // it ended, and the place may be another's
		}
		a := &s.ring[index-1]
		if a.visitor == visitor && at >= a.at && at-a.at < answerLives && slices.Contains(a.items[:a.n], uint32(item)) {
			a.taken = true
			return
		}
		index, youngest = a.older, age
	}
}

// view counts a view of an item and notes whether it was unknown.
func (s *site) view(item uint64, at int64) {
	a, b := &s.seen[0][item%counters], &s.seen[1][item>>32%counters]
	if s.views++; s.views > warmUp {
		s.unknown.note(min(*a, *b) < knownFrom, at)
	}
	if *a < 255 {
		*a++
	}
	if *b < 255 {
		*b++
	}
	if s.views%fadeEvery == 0 {
		for r := range s.seen {
			for i := range s.seen[r] {
				s.seen[r][i] /= 2
			}
		}
	}
}

// forget drops the open answers of an erased shopper; what was counted stays.
func (s *site) forget(visitor uint64) {
	for i := range s.ring {
		if s.ring[i].visitor == visitor {
			s.ring[i].visitor, s.ring[i].items = 0, [answerItems]uint32{}
		}
	}
}

// visitorHash is never 0, which is nobody.
func visitorHash(visitor string) uint64 { return max(1, clickstream.VisitorHash(visitor)) }
