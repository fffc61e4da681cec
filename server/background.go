package main

import (
	"context"
	"errors"
	"time"

	"beckon/clickstream"
	"beckon/server/shop"
)

const (
	tickEvery   = 5 * time.Second
	expireEvery = time.Second // what a reservation or an offer holds is free that long after its end, at most
	retainEvery = time.Minute
	modelsEvery = 2 * time.Second // the hub refreshes a placement far less often
	// clockStep is by how much a site's clock must have moved to be worth a record in every partition.
	clockStep = 5_000
)

// startBackground runs what happens by the clock: ticks that close sessions, and retention.
func (n *node) startBackground(opened *closers) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		n.background(ctx)
	}()
	opened.add("background work", func(context.Context) error {
		cancel()
		<-ended
		return nil
	})
}

func (n *node) background(ctx context.Context) {
	tick, retain, models := time.NewTicker(tickEvery), time.NewTicker(retainEvery), time.NewTicker(modelsEvery)
	expire := time.NewTicker(expireEvery)
	defer expire.Stop()
	defer tick.Stop()
	defer models.Stop()
	defer retain.Stop()
	told, stored := map[string]int64{}, map[string]int64{}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := n.tick(ctx, told); err != nil && ctx.Err() == nil {
				n.out.Error("clock tick", "error", err)
			}
		case <-expire.C:
			if err := n.shop.Tick(ctx); err != nil && ctx.Err() == nil {
				n.out.Error("expiry", "error", err)
			}
		case <-models.C:
			n.announceModels(stored)
		case <-retain.C:
			if err := n.retain(); err != nil {
				n.out.Error("retention", "error", err)
			}
		}
	}
}

// tick writes each site's clock to every partition, so that sessions of shoppers who left close though nobody clicks. A site
// that has been silent for longer than anything can stay open gets no more ticks.
func (n *node) tick(ctx context.Context, told map[string]int64) error {
	now := n.now().UnixMilli()
	var ticks []clickstream.Tick
	for _, s := range n.shop.Sites() {
		last := n.collector.SiteClock(s.ID)
		if last == 0 || s.Retired != 0 {
			continue
		}
		clock := last
		if s.Clock == shop.WallClock {
			clock = min(now, last+s.Gap+s.Lateness+2*clockStep)
		}
		if clock >= told[s.ID]+clockStep {
			told[s.ID] = clock
			ticks = append(ticks, clickstream.Tick{Site: s.ID, Clock: clock})
		}
	}
	if len(ticks) == 0 {
		return nil
	}
	return n.collector.Tick(ctx, ticks)
}

// announceModels tells the hub which sites' models have learned since the last time, by what was stored.
func (n *node) announceModels(stored map[string]int64) {
	for _, s := range n.shop.Sites() {
		if now := n.collector.Ledger(s.ID).Stored; now != stored[s.ID] {
			stored[s.ID] = now
			n.hub.ModelChanged(s.ID)
		}
	}
}

// closeSessions moves a replayed site's clock past the end of its last session.
func (n *node) closeSessions(ctx context.Context, site string) error {
	s, ok := n.shop.Site(site)
	last := n.collector.SiteClock(site)
	if !ok || last == 0 {
		return nil
	}
	return n.collector.Tick(ctx, []clickstream.Tick{{Site: site, Clock: last + s.Gap + s.Lateness + 1}})
}

// settle waits until every fold has applied everything that is durable now.
func (n *node) settle(ctx context.Context) error {
	return n.runner.Wait(ctx, n.events.Cut(nil))
}

// retain drops segments that are old enough and that neither a fold's older snapshot, nor the collector's recovery, nor the history
// needs.
func (n *node) retain() error {
	low := n.runner.Low(nil)
	low = lower(low, n.collector.Low(nil))
	held, ok := n.history.lowEvents()
	if !ok {
		return nil
	}
	low = lower(low, held)
	return errors.Join(
		n.events.Retain(low, n.cfg.retainSize, n.now().Add(-n.cfg.retain).UnixMilli()),
		n.history.retainPlans(n.now()),
	)
}

// lower is the lower of two bounds for each partition; one that is missing is none.
func lower(low, other []uint64) []uint64 {
	for p, offset := range other {
		if p < len(low) {
			low[p] = min(low[p], offset)
		} else {
			low = append(low, offset)
		}
	}
	return low
}
