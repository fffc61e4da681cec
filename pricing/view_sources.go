package pricing

import (
	"reflect"
	"strings"
)

// Source is where a setting's value comes from.
type Source struct {
	Scope Scope  `json:"scope"` // "" is Defaults
	Key   string `json:"key,omitempty"`
}

// Scoped is a scope's settings and what holds where it sets nothing.
type Scoped struct {
	Own       *Settings         // nil: none
	Inherited Effective         // without Own
	From      map[string]Source // of Inherited's fields, by the names they have in Settings' JSON
	Frozen    bool              // this very scope is
}

// Scoped is what a scope of a site sets and inherits. category is an item's path, from the general to the particular; a category
// inherits from the site, since what else it lies in is known of items only.
func (b *Book) Scoped(site string, about Target, category []string) Scoped {
	out := Scoped{Inherited: Defaults(), From: map[string]Source{}}
	head, item := &siteHead{}, (*itemState)(nil)
	if s := b.site(site); s != nil {
		head, item = s.get(about.Key)
	}
	lay := func(s *Settings, from Source) {
		s.over(&out.Inherited)
		s.mark(from, out.From)
	}
	lay(nil, Source{})
	switch about.Scope {
	case ScopeSite:
		out.Own, out.Frozen = head.Settings, head.Frozen
	case ScopeCategory:
		lay(head.Settings, Source{Scope: ScopeSite})
		out.Own, out.Frozen = head.Categories[about.Key], head.FrozenCats[about.Key]
	case ScopeItem:
		lay(head.Settings, Source{Scope: ScopeSite})
		for _, c := range category {
			lay(head.Categories[c], Source{ScopeCategory, c})
		}
		if item != nil {
			out.Own, out.Frozen = item.Settings, item.Frozen
		}
	}
	return out
}

// mark notes which fields s sets.
func (s *Settings) mark(from Source, in map[string]Source) {
	if s == nil {
		return
	}
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		if v.Field(i).IsNil() {
			continue
		}
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		in[name] = from
	}
}
