package shop

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// Item is the current version of a catalog item. It is shared: nobody changes it.
func (s *Store) Item(site, id string) (*Item, bool) {
	sv := s.site(site)
	if sv == nil {
		return nil, false
	}
	it := sv.catalog.get(id)
	return it, it != nil
}

// Available says whether an item may be recommended: in the catalog, published and not out of stock. A site that never had a
// catalog lives from events alone and all its items are available; with one, items it does not list are available only if the
// site's settings say so (ShowUnlisted), and a deleted item is an unlisted one.
func (s *Store) Available(site, item string) bool {
	sv := s.site(site)
	if sv == nil {
		return false
	}
	if it := sv.catalog.get(item); it != nil {
		return it.Available()
	}
	return sv.site.ShowUnlisted || !sv.catalog.ever.Load()
}

// CountItems is the size of a site's catalog.
func (s *Store) CountItems(site string) int {
	if sv := s.site(site); sv != nil {
		return int(sv.catalog.count.Load())
	}
	return 0
}

// DeleteItem takes an item out of the catalog. Its price history goes with it.
func (s *Store) DeleteItem(ctx context.Context, actor, site, id string) error {
	if _, err := s.liveSite(site); err != nil {
		return err
	}
	_, err := s.do(ctx, actor, control{Do: doItemDelete, Site: site, ID: id})
	return err
}

// ItemQuery chooses items of a catalog. Empty fields choose all.
type ItemQuery struct {
	After    string // ids after this one
	Limit    int    // at most this many, and at most maxPage
	Category string // one of the item's path
	Text     string // each of its words is in title, brand or id, whatever the case
}

const maxPage = 1000

// Items is a page of the catalog in order of id.
func (s *Store) Items(site, after string, limit int) []*Item {
	return s.FindItems(site, ItemQuery{After: after, Limit: limit})
}

// FindItems is the first items, in order of id, that q chooses. It looks at the whole catalog: milliseconds at 100 k items, meant
// for people's pages.
func (s *Store) FindItems(site string, q ItemQuery) []*Item {
	sv := s.site(site)
	limit := min(q.Limit, maxPage)
	if sv == nil || limit < 1 {
		return nil
	}
	words := strings.Fields(strings.ToLower(q.Text))
	chosen := slices.DeleteFunc(sv.catalog.all(nil), func(it *Item) bool {
		return it.ID <= q.After || q.Category != "" && !it.inCategory(q.Category) || !it.matches(words)
	})
	slices.SortFunc(chosen, func(a, b *Item) int { return cmp.Compare(a.ID, b.ID) })
	return slices.Clone(chosen[:min(limit, len(chosen))])
}

// AllItems is every item of the catalog, in order of id. It is for work in the background: a hundred thousand take tens of milliseconds.
func (s *Store) AllItems(site string) []*Item {
	sv := s.site(site)
	if sv == nil {
		return nil
	}
	all := sv.catalog.all(nil)
	slices.SortFunc(all, func(a, b *Item) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

func (it *Item) matches(words []string) bool {
	if len(words) == 0 {
		return true
	}
	text := strings.ToLower(it.Title + " " + it.Brand + " " + it.ID)
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}
