package pricing

import (
	"slices"

	"beckon/pricing/guard"
)

// PutSettings is price.settings: Settings replace what the scope had, empty ones take them away.
type PutSettings struct {
	Target
	Settings Settings `json:"settings"`
}

func (t *turn) settings() (any, error) {
	var b PutSettings
	if err := t.body(&b); err != nil {
		return nil, err
	}
	if err := b.Target.check(); err != nil {
		return nil, err
	}
	if err := b.Settings.check(b.Scope); err != nil {
		return nil, err
	}
	given := &b.Settings
	if b.Settings == (Settings{}) {
		given = nil
	}
	switch b.Scope {
	case ScopeItem:
		it, ok := t.shelf.Item(t.r.Site, b.Key)
		if !ok {
			return nil, refuse("unknown_item", "key: the catalog has no item %q", b.Key)
		}
		next := t.edit(b.Key, &it)
		next.Settings = given
		t.put(b.Key, next)
	case ScopeCategory:
		head := t.site.head
		if _, ok := head.Categories[b.Key]; !ok && given != nil && len(head.Categories) >= maxCategories {
			return nil, refuse("too_many_categories", "key: %d categories have settings of their own already", maxCategories)
		}
		t.setHead(head.with(func(h *siteHead) {
			h.Categories, h.Revision = withKey(h.Categories, b.Key, given), t.r.Offset
			if given == nil {
				h.Categories = withoutKey(h.Categories, b.Key)
			}
		}))
	default:
		t.setHead(t.site.head.with(func(h *siteHead) { h.Settings, h.Revision = given, t.r.Offset }))
	}
	t.enforceAll(b.Target)
	return nil, nil
}

// Freeze is price.freeze. For a site, or all of them, it is the kill switch: all movement by the engine stops with this record, and
// with Restore the list prices are published again, within the hard limits, and announced markdowns end.
type Freeze struct {
	Target
	On      bool `json:"on"`
	Restore bool `json:"restore,omitzero"`
}

func (t *turn) freeze() (any, error) {
	var b Freeze
	if err := t.body(&b); err != nil {
		return nil, err
	}
	if b.Scope == ScopeAll {
		return t.freezeInstallation(&b)
	}
	if err := b.Target.check(); err != nil {
		return nil, err
	}
	if b.Restore && !b.On {
		return nil, refuse("bad_freeze", "restore: goes with on")
	}
	if t.r.Site == "" {
		return nil, refuse("unknown_site", "site: none is given")
	}
	if t.site = t.b.site(t.r.Site); t.site == nil {
		t.site, t.made = newSiteState(), true
	}
	if b.On && b.Restore {
		if b.Scope == ScopeCategory {
			return nil, refuse("bad_freeze", "restore: for a site or an item")
		}
		t.restore(b.Target)
	}
	head := t.site.head
	switch b.Scope {
	case ScopeItem:
		it, ok := t.shelf.Item(t.r.Site, b.Key)
		if !ok {
			return nil, refuse("unknown_item", "key: the catalog has no item %q", b.Key)
		}
		next := t.edit(b.Key, &it)
		next.Frozen = b.On
		t.put(b.Key, next)
	case ScopeCategory:
		if b.On && !head.FrozenCats[b.Key] && len(head.FrozenCats) >= maxCategories {
			return nil, refuse("too_many_categories", "key: %d categories are frozen already", maxCategories)
		}
		t.setHead(head.with(func(h *siteHead) {
			h.FrozenCats, h.Revision = withoutKey(h.FrozenCats, b.Key), t.r.Offset
			if b.On {
				h.FrozenCats = withKey(h.FrozenCats, b.Key, true)
			}
		}))
	default:
		t.setHead(head.with(func(h *siteHead) { h.Frozen, h.Revision = b.On, t.r.Offset }))
	}
	if !b.On {
		t.thaw(b.Target)
	}
	t.b.findDue()
	return nil, nil
}

func (t *turn) freezeInstallation(b *Freeze) (any, error) {
	if b.Key != "" {
		return nil, refuse("bad_scope", "key: none is taken for all sites")
	}
	if b.Restore && !b.On {
		return nil, refuse("bad_freeze", "restore: goes with on")
	}
	everySite := func(do func(t *turn)) {
		for _, name := range t.b.siteNames() {
			r := *t.r
			r.Site = name
			do(&turn{b: t.b, r: &r, shelf: t.shelf, site: t.b.sites[name]})
		}
	}
	if b.Restore {
		everySite(func(t *turn) { t.restore(Target{Scope: ScopeSite}) })
	}
	t.b.mu.Lock()
	t.b.all = allSites{Frozen: b.On, Revision: t.r.Offset}
	t.b.mu.Unlock()
	if !b.On {
		everySite(func(t *turn) { t.thaw(Target{Scope: ScopeSite}) })
	}
	t.b.findDue()
	return nil, nil
}

// thaw does what waited for the end of a freeze: markdowns that are over end, and prices outside their limits move to the edge.
func (t *turn) thaw(about Target) {
	t.turnMarkdowns()
	t.enforceAll(about)
}

// about calls do for each known item that a target is about, in the order of their ids.
func (t *turn) about(about Target, do func(id string, it *Item)) {
	if about.Scope == ScopeItem {
		if it, ok := t.shelf.Item(t.r.Site, about.Key); ok && t.site.items[about.Key] != nil {
			do(about.Key, &it)
		}
		return
	}
	for _, id := range t.site.itemNames() {
		it, ok := t.shelf.Item(t.r.Site, id)
		if ok && (about.Scope == ScopeSite || slices.Contains(it.Category, about.Key)) {
			do(id, &it)
		}
	}
}

// restore publishes list prices, within the hard limits.
func (t *turn) restore(about Target) {
	t.about(about, func(id string, it *Item) {
		next := t.edit(id, it)
		c := t.b.situationOf(t.site, id, *it)
		changed := next.Suggestion != nil
		next.Suggestion = nil
		for _, m := range it.markets() {
			p := it.in(m)
			limits := c.limits(m).Hard()
			limits.Kill, limits.Frozen = false, false
			v := guard.Apply(guard.Input{Current: p.Public, Proposed: p.List, Now: t.r.Time, Limits: limits})
			if v.Infeasible || !v.Moved && next.running(m) == nil {
				continue
			}
			changed = true
			t.publish(id, next, it, Entry{Market: m, Kind: KindRestore, Before: p.Public, After: v.Price, Was: p.Version, Guard: v.Trace})
		}
		if changed {
			t.put(id, next)
		}
	})
}

// closeBreaker is price.breaker: a person says that what moved is right.
func (t *turn) closeBreaker() (any, error) {
	if !t.site.head.Breaker.Open(t.r.Time) {
		return nil, refuse("breaker_closed", "the breaker is not open")
	}
	t.setHead(t.site.head.with(func(h *siteHead) { h.Breaker.Close(t.r.Time) }))
	return nil, nil
}

// movement is a change of an item's base price as the breaker counts it: against the sum of the prices that the Book knows.
func (t *turn) movement(id string, it *Item, before, after int64) guard.Movement {
	catalog := t.site.fold.catalog[it.Currency]
	if t.site.items[id] == nil {
		catalog += before
	}
	return guard.Movement{Time: t.r.Time, Before: before, After: after, Catalog: catalog}
}

// count tells the breaker of a change by a limit, which may not wait. What people decide is not counted: the breaker stops an engine or
// a feed that went wrong, and a sale of everything is neither.
func (t *turn) count(id string, it *Item, before, after int64) {
	m := t.movement(id, it, before, after)
	t.setHead(t.site.head.with(func(h *siteHead) { h.Breaker.Count(m, h.breakerLimit()) }))
}
