package main

import (
	"time"

	"beckon/clickstream"
)

// withdraw ends what is done for shoppers who take back their consent to analytics. Their event is refused and nothing of it is kept, but
// that it came must be: the profile is emptied and answers are no longer theirs. Of a visitor who is not known nothing is written.
func (n *node) withdraw(site string, result *clickstream.Result, now time.Time) error {
	var events []clickstream.Event
	for i := range result.Rejected {
		visitor := result.Rejected[i].Withdraws
		if visitor == "" {
			continue
		}
		var view clickstream.ShopperView
		n.waitApplied(n.work, site, visitor)
		if !n.runner.View(site, visitor, &view) || view.Consent == 0 {
			continue
		}
		events = append(events, clickstream.Event{
			Site: site, Visitor: visitor, ID: n.impressions.ids.next("w_", now), Generated: true,
			Kind: clickstream.ConsentChange, Name: clickstream.ConsentChange.String(),
			Time: max(now.UnixMilli(), view.Last), Received: now.UnixMilli(),
		})
	}
	return n.collector.Generate(n.work, events)
}
