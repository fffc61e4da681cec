package shop

import (
	"cmp"
	"slices"
)

// mostWalked bounds the open reservations that OpenOnes looks at: the lock is held meanwhile, a few hundred microseconds at most.
const mostWalked = 10_000

// OpenOnes lists a site's open reservations, of one item if it is not "", the next to end first, at most limit. all is false where there
// are more than it looks at, and then it lists none.
func (s *Store) OpenOnes(site, item string, limit int) (list []*Reservation, all bool) {
	sv := s.site(site)
	if sv == nil {
		return nil, true
	}
	sv.holds.mu.RLock()
	if len(sv.holds.open) > mostWalked {
		sv.holds.mu.RUnlock()
		return nil, false
	}
	for _, h := range sv.holds.open {
		if item == "" || h.now.holds(item) {
			list = append(list, h.now)
		}
	}
	sv.holds.mu.RUnlock()
	slices.SortFunc(list, func(a, b *Reservation) int { return cmp.Or(cmp.Compare(a.Expires, b.Expires), cmp.Compare(a.ID, b.ID)) })
	return list[:min(len(list), max(limit, 0))], true
}

// holds says whether pieces of an item are in it.
func (r *Reservation) holds(item string) bool {
	_, found := slices.BinarySearchFunc(r.Lines, item, func(l ReservedLine, id string) int { return cmp.Compare(l.Item, id) })
	return found
}
