package main

import (
	"context"
	"time"

	"beckon/clickstream"
	"beckon/recommender/rules"
	"beckon/server/shop"
)

// steerQuery lets the site's rules act on a query whose shopper is known by now. Without rules it costs one look at a pointer.
func (n *node) steerQuery(s *scratch, a *ask, known bool) {
	if set := n.folds.rules.set(a.who.site); set != nil {
		n.askRules(s, a, known)
		s.query.Rules = set
	}
}

// askRules fills in what rules ask of a query.
func (n *node) askRules(s *scratch, a *ask, known bool) {
	q := &s.query
	q.Wall, q.Facts = a.now, n.ruleFacts(a.who.site)
	if !known && q.Personal { // a shopper whose first event is on its way
		v := &s.view
		*v = clickstream.ShopperView{
			Consent: clickstream.Personalization, First: q.Now, Last: q.Now, Visits: 1,
			Recent: v.Recent[:0], Bought: v.Bought[:0], Cart: v.Cart[:0], Wishlist: v.Wishlist[:0],
		}
	}
	if known || q.Personal {
		s.segments = n.appendSegments(s.segments[:0], a.who.site, &s.view, q.Now)
		q.Segments = s.segments
	}
}

// ruleFacts says what rules may ask of a site's items.
func (n *node) ruleFacts(site string) func(string, *rules.Item) bool {
	return func(id string, dst *rules.Item) bool {
		it, ok := n.shop.Item(site, id)
		if ok {
			*dst = ruleItem(it)
		}
		return ok
	}
}

// ruleItem is what rules may ask of an item.
func ruleItem(it *shop.Item) rules.Item {
	out := rules.Item{
		ID: it.ID, Category: it.Category, Brand: it.Brand, Tags: it.Tags, Group: it.Group, Price: rules.Unset, Cost: it.Cost,
		Stock: it.FreeStock(), Created: it.Created, Published: it.Published,
	}
	if it.Currency != "" {
		out.Price = it.Public
	}
	return out
}

// hiddenFromLists says which items are excluded from lists that are the same for everybody: what is viewed most, and what surges.
func (n *node) hiddenFromLists(site string, now int64) func(item string) bool {
	var active rules.Active
	if !n.folds.rules.set(site).At(&active, &rules.Context{Placement: rules.Trending, Now: now}) {
		return func(string) bool { return false }
	}
	facts := n.ruleFacts(site)
	return func(id string) bool {
		it := rules.Unknown(id)
		facts(id, &it)
		return active.Effect(&it).Excluded
	}
}

const (
	// rulesEvery is how late a schedule's beginning and end reach open pages, at most.
	rulesEvery = 500 * time.Millisecond
	// rulesGap is the least time between two refreshes of all open pages: a hundred rules put one after another are one change.
	rulesGap = 200 * time.Millisecond
)

// startRules tells the hub when a site's rules changed, by a record or by the time.
func (n *node) startRules(opened *closers) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		n.watchRules(ctx)
	}()
	opened.add("rules", func(context.Context) error {
		cancel()
		<-ended
		return nil
	})
}

func (n *node) watchRules(ctx context.Context) {
	seen := map[string]ruleState{}
	n.noteRules(seen, false)
	tick := time.NewTicker(rulesEvery)
	defer tick.Stop()
	gap := time.NewTimer(0)
	defer gap.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-n.folds.rules.wake:
		}
		n.noteRules(seen, true)
		gap.Reset(rulesGap)
		select {
		case <-ctx.Done():
			return
		case <-gap.C:
		}
	}
}

// ruleState is what open pages of a site were told last.
type ruleState struct {
	rules *siteRules
	on    rules.Mask // by schedule
}

// noteRules compares each site's rules with seen and tells the hub of those that changed.
func (n *node) noteRules(seen map[string]ruleState, tell bool) {
	now := n.now().UnixMilli()
	for site, r := range *n.folds.rules.shown.Load() {
		state := ruleState{rules: r}
		if set := r.compiled(); set.Timed() {
			state.on = set.Scheduled(now)
		}
		if seen[site] != state {
			seen[site] = state
			if tell {
				n.hub.RulesChanged(site)
			}
		}
	}
}
