package main

import (
	"math"
	"sync"
	"time"

	"beckon/recommender/rules"
	"beckon/server/shop"
)

// ruleCatalogs keeps what rules may ask of each site's catalog for a few seconds: the page of rules asks several times for it, and
// gathering a hundred thousand items takes tens of milliseconds.
type ruleCatalogs struct {
	mu    sync.Mutex
	sites map[string]ruleCatalog
}

// ruleCatalog is a catalog, or a sample of it that stands for scale times as many items.
type ruleCatalog struct {
	at    time.Time
	items []rules.Item // in order of id
	scale float64      // 1 and more
}

const (
	ruleCatalogFresh = 5 * time.Second
	ruleCatalogItems = 20_000 // of a larger catalog each k-th item is looked at
	ruleCatalogSites = 50     // kept; more are gathered each time
)

// ruleCatalog is what rules may ask of a site's catalog. Nobody may change it.
func (n *node) ruleCatalog(site string) ruleCatalog {
	now := n.now()
	n.ruleCatalogs.mu.Lock()
	kept, ok := n.ruleCatalogs.sites[site]
	n.ruleCatalogs.mu.Unlock()
	if ok && now.Sub(kept.at) < ruleCatalogFresh && now.After(kept.at.Add(-1)) {
		return kept
	}
	c := sampleCatalog(n.shop.AllItems(site))
	c.at = now
	n.ruleCatalogs.mu.Lock()
	defer n.ruleCatalogs.mu.Unlock()
	if len(n.ruleCatalogs.sites) >= ruleCatalogSites || n.ruleCatalogs.sites == nil {
		n.ruleCatalogs.sites = map[string]ruleCatalog{}
	}
	n.ruleCatalogs.sites[site] = c
	return c
}

func sampleCatalog(all []*shop.Item) ruleCatalog {
	step := (len(all) + ruleCatalogItems - 1) / ruleCatalogItems
	c := ruleCatalog{scale: 1}
	if step > 1 {
		c.scale = float64(step)
	}
	for i := 0; i < len(all); i += max(step, 1) {
		c.items = append(c.items, ruleItem(all[i]))
	}
	return c
}

// withNamed is the catalog's items and those that rules name, which a sample may lack.
func (n *node) withNamed(site string, c ruleCatalog, list []rules.Rule) []rules.Item {
	if c.scale == 1 {
		return c.items
	}
	have := make(map[string]bool, len(c.items))
	for i := range c.items {
		have[c.items[i].ID] = true
	}
	items := c.items[:len(c.items):len(c.items)]
	for i := range list {
		for _, id := range list[i].Where.Items {
			if it, ok := n.shop.Item(site, id); ok && !have[id] {
				have[id] = true
				items = append(items, ruleItem(it))
			}
		}
	}
	return items
}

// ruleConflicts reports on a site's rules.
func (n *node) ruleConflicts(site string) []rules.Conflict {
	list := n.folds.rules.list(site)
	if len(list) == 0 {
		return nil
	}
	c := n.ruleCatalog(site)
	found := rules.Conflicts(list, n.withNamed(site, c, list), n.now().UnixMilli())
	for i := range found {
		if found[i].Kind == rules.BoostBury || found[i].Kind == rules.Shadowed || found[i].Kind == rules.NearlyEmpty {
			found[i].Count = int(math.Round(float64(found[i].Count) * c.scale))
		}
	}
	return found
}

// countRuleItems is how many items of the catalog each rule is about; of a catalog larger than the sample about as many.
func (n *node) countRuleItems(site string, list []rules.Rule) []int {
	counts := make([]int, len(list))
	if len(list) == 0 {
		return counts
	}
	c, now := n.ruleCatalog(site), n.now().UnixMilli()
	for i := range list {
		m := rules.NewMatcher(&list[i])
		if ids := list[i].Where.Items; len(ids) > 0 { // a few looks, and exact
			facts := n.ruleFacts(site)
			for _, id := range ids {
				var it rules.Item
				if facts(id, &it) && m.Match(&it, now) {
					counts[i]++
				}
			}
			continue
		}
		matched := 0
		for k := range c.items {
			if m.Match(&c.items[k], now) {
				matched++
			}
		}
		counts[i] = int(math.Round(float64(matched) * c.scale))
	}
	return counts
}
