package shop

import (
	"cmp"
	"slices"
	"strings"
	"sync"
)

// SeenItem is an item that shoppers' events name and the catalog does not have.
type SeenItem struct {
	ID    string `json:"item_id"`
	URL   string `json:"url,omitempty"`
	Title string `json:"title,omitempty"` // of the page
	First int64  `json:"first"`           // Unix ms
	Last  int64  `json:"last"`
	Times int64  `json:"times"`
	Known bool   `json:"known"` // always false
}

// seenHalf bounds one generation of a site's list; two are kept.
const seenHalf = 10_000

// seenList is a site's unlisted items: a note for people, not a fold, so it may forget. When the newer generation is full the older
// one goes, so what was not seen among the last seenHalf different items may be lost.
type seenList struct {
	mu    sync.Mutex
	newer map[string]*SeenItem
	older map[string]*SeenItem
}

// NoteSeen notes that an event of time t, Unix ms, named item; url and title are the page's, if it was the item's own. Items of
// the catalog and sites that are not there are passed over.
func (s *Store) NoteSeen(site, item, url, title string, t int64) {
	sv := s.site(site)
	if sv == nil || item == "" || sv.catalog.get(item) != nil {
		return
	}
	sv.seen.note(item, url, title, t)
}

func (l *seenList) note(item, url, title string, t int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	it := l.newer[item]
	if it == nil {
		if it = l.older[item]; it == nil {
			it = &SeenItem{ID: strings.Clone(item), First: t}
		}
		if len(l.newer) >= seenHalf || l.newer == nil {
			l.older, l.newer = l.newer, map[string]*SeenItem{}
		}
		delete(l.older, item)
		l.newer[it.ID] = it
	}
	it.Times++
	it.First, it.Last = min(it.First, t), max(it.Last, t)
	if url != "" && it.URL != url && len(url) <= maxURL {
		it.URL = strings.Clone(url)
	}
	if title != "" && it.Title != title && len(title) <= maxTitle {
		it.Title = strings.Clone(title)
	}
}

func (l *seenList) list() []SeenItem {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]SeenItem, 0, len(l.newer)+len(l.older))
	for _, half := range []map[string]*SeenItem{l.newer, l.older} {
		for _, it := range half {
			out = append(out, *it)
		}
	}
	return out
}

// SeenItems lists unlisted items, the most often seen first.
func (s *Store) SeenItems(site string, limit int) []SeenItem {
	sv := s.site(site)
	if sv == nil {
		return nil
	}
	items := slices.DeleteFunc(sv.seen.list(), func(it SeenItem) bool { return sv.catalog.get(it.ID) != nil })
	slices.SortFunc(items, func(a, b SeenItem) int {
		return cmp.Or(cmp.Compare(b.Times, a.Times), cmp.Compare(a.ID, b.ID))
	})
	return items[:max(0, min(limit, len(items)))]
}
