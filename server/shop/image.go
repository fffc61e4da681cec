package shop

import (
	"cmp"
	"maps"
	"slices"
)

// image is the whole state at one offset, as it goes into a snapshot. Nothing in it changes any more, so it can be written while
// the fold goes on.
type image struct {
	clock  int64
	sites  []siteImage // in order of id
	users  []userState // in order of name
	logins []Session
	audit  auditImage
	folds  []foldImage // in order of name
}

type siteImage struct {
	site  Site
	ever  bool
	keys  []keyState
	items []*Item // in no order until written
	since int64
	newer map[ref]struct{}
	older map[ref]struct{}
	open  []*Reservation // in no order until written
	ended endings
}

// image copies what the fold would change in place. Items are shared: each version of one is immutable.
func (f *fold) image() image {
	im := image{clock: f.now, folds: f.otherImages()}
	for _, id := range f.siteIDs() {
		s := f.sites[id]
		im.sites = append(im.sites, siteImage{
			site: s.site, ever: s.catalog.ever.Load(), keys: slices.Clone(s.keys),
			items: s.catalog.all(make([]*Item, 0, s.catalog.count.Load())),
			since: s.refs.since, newer: maps.Clone(s.refs.newer), older: maps.Clone(s.refs.older),
			open: s.holds.all(), ended: s.holds.ended.clone(),
		})
	}
	for _, name := range f.userNames() {
		im.users = append(im.users, *f.users[name])
	}
	im.logins = f.logins.all()
	im.audit = f.changes.image()
	return im
}

// sorted puts what has no order into one, so that the same state gives the same bytes.
func (s *siteImage) sorted() {
	slices.SortFunc(s.items, func(a, b *Item) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(s.open, func(a, b *Reservation) int { return cmp.Compare(a.ID, b.ID) })
}

func sortedRefs(m map[ref]struct{}) []ref {
	return slices.SortedFunc(maps.Keys(m), func(a, b ref) int { return slices.Compare(a[:], b[:]) })
}
