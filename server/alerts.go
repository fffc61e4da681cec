package main

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"time"

	"beckon/server/shop"
)

// alerts tells merchandisers what needs them now, and the shop which items are nearly gone. One goroutine looks at every site, each
// alertsEvery of wall clock and when somebody asks; readers get what it found last, which nobody changes.
type alerts struct {
	found atomic.Pointer[map[string]siteAlerts]
	asks  chan chan struct{} // closed when a look that began after the question is done; full: the answer is what was found last

	// Of the goroutine.
	since map[alertKey]int64 // Unix ms from which an alert has been on
	stale map[string]*deadStock
	spent int // cover records of the present minute
	from  time.Time
}

// siteAlerts is what one look found.
type siteAlerts struct {
	At    int64 // Unix ms of the server's clock
	List  []alert
	Total map[string]int // by kind, also of those that are not listed
}

type alertKey struct{ site, kind, item string }

const (
	alertsEvery     = 30 * time.Second
	demoAlertsEvery = 5 * time.Second
	// alertsFresh is how old an answer may be before it is made anew.
	alertsFresh = 5 * time.Second
	// coverPerMinute bounds the item.cover records of a minute, over all sites; the rest waits for the next look.
	coverPerMinute = 120
)

func newAlerts() *alerts {
	a := &alerts{asks: make(chan chan struct{}, 16), since: map[alertKey]int64{}, stale: map[string]*deadStock{}}
	a.found.Store(&map[string]siteAlerts{})
	return a
}

// startAlerts runs the look-out until the server stops.
func (n *node) startAlerts(opened *closers) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		n.lookOut(ctx)
	}()
	opened.add("alerts", func(context.Context) error {
		cancel()
		<-ended
		return nil
	})
}

func (n *node) lookOut(ctx context.Context) {
	every := alertsEvery
	if n.cfg.demo {
		every = demoAlertsEvery
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		var asked chan struct{}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case asked = <-n.alerts.asks:
		}
		if n.phase.Load() == phaseReady { // before, the folds do not know everything yet
			n.look(ctx)
		}
		if asked != nil {
			close(asked)
		}
	}
}

// look finds the alerts of all sites and tells the shop what changed in cover.
func (n *node) look(ctx context.Context) {
	a := n.alerts
	now := n.now()
	found := map[string]siteAlerts{}
	on := map[alertKey]int64{}
	for _, s := range n.shop.Sites() {
		if s.Retired != 0 {
			continue
		}
		f := n.findAlerts(&s, now)
		for i := range f.alerts {
			key := alertKey{s.ID, f.alerts[i].Kind, f.alerts[i].Item}
			if f.alerts[i].Since == 0 {
				if f.alerts[i].Since = a.since[key]; f.alerts[i].Since == 0 {
					f.alerts[i].Since = now.UnixMilli()
				}
			}
			on[key] = f.alerts[i].Since
		}
		found[s.ID] = siteAlerts{now.UnixMilli(), f.ordered(), f.total}
		n.tellCover(ctx, s.ID, f.cover, now)
	}
	a.since = on
	a.found.Store(&found)
}

// tellCover appends what items' covers became.
func (n *node) tellCover(ctx context.Context, site string, changed []coverChange, now time.Time) {
	a := n.alerts
	if now.Sub(a.from) >= time.Minute {
		a.from, a.spent = now, 0
	}
	for _, c := range changed {
		if a.spent >= coverPerMinute || ctx.Err() != nil {
			return
		}
		a.spent++
		body, err := json.Marshal(map[string]bool{"low": c.low})
		if err == nil {
			_, _, err = n.shop.Submit(ctx, "alerts", shop.Command{Do: "item.cover", Site: site, ID: c.item, Body: body})
		}
		if err != nil && ctx.Err() == nil {
			n.out.Warn("cover", "site", site, "item", c.item, "error", err)
		}
	}
}

// current is what is known of a site's alerts, looked at anew if that was a while ago.
func (a *alerts) current(ctx context.Context, site string, now time.Time) siteAlerts {
	known := (*a.found.Load())[site]
	if now.UnixMilli()-known.At < alertsFresh.Milliseconds() {
		return known
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	asked := make(chan struct{})
	select {
	case a.asks <- asked:
		select {
		case <-asked:
		case <-ctx.Done():
		}
	default:
	}
	return (*a.found.Load())[site]
}
