package pricing

import (
	"cmp"
	"slices"
)

// ItemAlert is an item whose price or limits a person has to look at.
type ItemAlert struct {
	Item string
	What string // a guard.Alert…
	At   int64  // Unix ms
}

// maxAlerts bounds Alerts.
const maxAlerts = 1000

// Alerts lists the items of a site whose price or limits a person has to look at, in the order of their ids, the newest maxAlerts.
func (b *Book) Alerts(site string) []ItemAlert {
	s := b.site(site)
	if s == nil {
		return nil
	}
	var list []ItemAlert
	s.mu.RLock()
	for id, it := range s.items {
		if it.Alert != "" {
			list = append(list, ItemAlert{id, it.Alert, it.AlertAt})
		}
	}
	s.mu.RUnlock()
	if len(list) > maxAlerts {
		slices.SortFunc(list, func(a, b ItemAlert) int { return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(a.Item, b.Item)) })
		list = list[:maxAlerts]
	}
	slices.SortFunc(list, func(a, b ItemAlert) int { return cmp.Compare(a.Item, b.Item) })
	return list
}
