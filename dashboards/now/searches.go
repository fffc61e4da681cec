package now

import (
	"cmp"
	"slices"
	"strings"

	"beckon/clickstream"
)

// searches is a ring of the newest searches of people.
type searches struct {
	list []search
	next int // place of the oldest, once the list is full
}

type search struct {
	hash uint64
	at   int64
	term []byte // in small letters
}

const (
	keepSearches = 500
	maxTerm      = 80 // bytes
)

func (s *searches) add(e *clickstream.Event, hash uint64) {
	var to *search
	if len(s.list) < keepSearches {
		s.list = append(s.list, search{})
		to = &s.list[len(s.list)-1]
	} else {
		to = &s.list[s.next]
		if s.next++; s.next == keepSearches {
			s.next = 0
		}
	}
	to.hash, to.at = hash, e.Time
	to.term = append(to.term[:0], strings.ToLower(strings.TrimSpace(clipped(e.SearchTerm, maxTerm)))...)
}

func (s *searches) forget(hash uint64) {
	s.list = append(s.list[s.next:len(s.list):len(s.list)], s.list[:s.next]...) // the oldest first
	s.next = 0
	s.list = slices.DeleteFunc(s.list, func(one search) bool { return one.hash == hash })
}

// top is what was searched for most since from, the most first.
func (s *searches) top(from int64, limit int) []Search {
	times := map[string]int{}
	for i := range s.list {
		if one := &s.list[i]; one.at >= from && len(one.term) > 0 {
			times[string(one.term)]++
		}
	}
	all := make([]Search, 0, len(times))
	for term, n := range times {
		all = append(all, Search{term, n})
	}
	slices.SortFunc(all, func(a, b Search) int {
		return cmp.Or(cmp.Compare(b.Times, a.Times), strings.Compare(a.Term, b.Term))
	})
	return all[:min(len(all), limit)]
}
