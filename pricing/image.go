package pricing

import (
	"fmt"
	"maps"

	json "github.com/go-json-experiment/json"
)

// imageLine is one line of an image: the installation, a site's head, or an item.
type imageLine struct {
	All  *allSites  `json:"all,omitzero"`
	Site string     `json:"site,omitempty"`
	Head *siteHead  `json:"head,omitzero"`
	Item string     `json:"item,omitempty"`
	Is   *itemState `json:"is,omitzero"`
}

// Image is the state as lines for Load, in one order. The returned func runs on another goroutine while Apply goes on: it walks values
// that nobody changes.
func (b *Book) Image() func(line func(v any) error) error {
	type siteImage struct {
		name  string
		head  *siteHead
		names []string
		items map[string]*itemState
	}
	all := b.all
	var sites []siteImage
	for _, name := range b.siteNames() {
		s := b.sites[name]
		sites = append(sites, siteImage{name, s.head, s.itemNames(), maps.Clone(s.items)})
	}
	return func(line func(v any) error) error {
		if err := line(imageLine{All: &all}); err != nil {
			return err
		}
		for _, s := range sites {
			if err := line(imageLine{Site: s.name, Head: s.head}); err != nil {
				return err
			}
			for _, id := range s.names {
				if err := line(imageLine{Site: s.name, Item: id, Is: s.items[id]}); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// Load takes one line of Image, in order, into a new Book.
func (b *Book) Load(line []byte) error {
	var l imageLine
	if err := json.Unmarshal(line, &l); err != nil {
		return fmt.Errorf("prices: decode image line: %w", err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.sites[l.Site]
	switch {
	case l.All != nil:
		b.all = *l.All
	case l.Site == "" || l.Head == nil && (l.Item == "" || l.Is == nil) || l.Head == nil && s == nil:
		return fmt.Errorf("prices: image line is none of installation, site, item of a known site")
	case l.Head != nil:
		s = newSiteState()
		s.head = l.Head
		b.sites[l.Site] = s
		b.findDue()
	default:
		s.items[l.Item] = l.Is
		s.join(l.Item, l.Is)
		if l.Is.Suggestion != nil {
			s.open[l.Is.Suggestion.Offset] = l.Item
		}
		if l.Is.Dismissed != 0 {
			s.dismissed[l.Is.Dismissed] = l.Item
		}
		if l.Is.undecided() {
			s.fresh[l.Item] = struct{}{}
		}
	}
	return nil
}
