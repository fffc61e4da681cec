package main

import (
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"beckon/pricing/offers"
	"beckon/server/shop"
)

// offerWatch makes offers of carts at risk: the fold's triggers become claims, the ledger decides them, what it granted or held out is
// logged as an exposure, and what it granted is shown.
//
// The order is: the claim is durable, the exposure is durable, the push. A crash in between costs nothing. The claim's id follows from
// the campaign, the shopper and the episode, so the ledger answers a repeat with its first decision; the exposure's event id is the
// offer's, so the collector drops a repeat; and a trigger comes again after a start as long as the cart is due for less than
// staleAfter and no exposure answered it. Offers that were logged but not seen by their shopper's page are pushed when the shopper
// is connected, also after a start.
//
// Only sites with the wall's clock get offers: what a replayed site's shoppers did is long past, and nobody of them is there.
//
// One goroutine takes triggers; at most claimsAtOnce of them are answered at the same time, so that their records share a commit. While
// all are busy triggers wait in the fold, which drops the oldest of too many.
type offerWatch struct {
	n     *node
	asks  chan chan struct{} // closed when what was taken before is logged
	seen  chan seenOffer
	slots chan struct{}  // has an element for each trigger that is being answered
	work  sync.WaitGroup // the same
	ended chan struct{}  // closed when the goroutine ends

	failed atomic.Bool // a trigger could not be answered: they are looked for again

	// Of the goroutine.
	watched map[string]idleTimes // by site
	retryAt time.Time

	mu     sync.Mutex
	counts map[string]int64 // outcomes of triggers, since the start
	asked  map[string]bool  // offer ids that were decided and need no second look
	away   []awayOffer      // of shoppers without a connection, oldest first
}

type idleTimes []int64 // seconds, in the order of the campaigns

// awayOffer is an offer that waits for its shopper to connect.
type awayOffer struct {
	site, visitor, id string
	until             int64 // Unix ms
}

const (
	claimsAtOnce    = 64
	triggersAtATime = 256
	staleAfter      = 10 * time.Minute // as CartsConfig.Fresh, but by the wall's clock
	campaignsEvery  = time.Second      // how soon a new campaign is followed and an offer reaches who came back
	claimRetry      = 5 * time.Second
	maxDecided      = 1 << 16 // beyond it all are forgotten: asking again gets the same answer
	maxAway         = 20_000  // beyond it the oldest are not pushed; their shoppers still find them at GET /v1/offers
	maxSeen         = 1024    // waiting to be logged; beyond it they are dropped and counted
)

func newOfferWatch(n *node) *offerWatch {
	return &offerWatch{
		n: n, asks: make(chan chan struct{}), seen: make(chan seenOffer, maxSeen), slots: make(chan struct{}, claimsAtOnce),
		ended: make(chan struct{}), watched: map[string]idleTimes{}, counts: map[string]int64{}, asked: map[string]bool{},
	}
}

// startOffers begins once the folds have caught up.
func (n *node) startOffers(opened *closers) {
	ctx, cancel := context.WithCancel(context.Background())
	go n.offerWatch.run(ctx)
	opened.add("offers", func(ctx context.Context) error {
		cancel()
		select {
		case <-n.offerWatch.ended:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

func (w *offerWatch) run(ctx context.Context) {
	defer close(w.ended)
	defer w.work.Wait()
	var settling sync.WaitGroup
	defer settling.Wait()
	settled := make(chan struct{})
	settling.Go(func() {
		if w.n.settle(ctx) == nil {
			close(settled)
		}
	})
	tick := time.NewTicker(campaignsEvery)
	defer tick.Stop()
	ready := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-settled:
			settled, ready = nil, true
			w.findUnseen()
			w.follow(false)
		case <-w.n.carts.Wake():
			w.take(ctx)
		case s := <-w.seen:
			w.logSeen(s)
		case <-tick.C:
			if ready {
				w.follow(w.again())
				w.reachAway()
			}
		case logged := <-w.asks:
			for range len(w.seen) {
				w.logSeen(<-w.seen)
			}
			w.work.Wait()
			close(logged)
		}
	}
}

// again says whether triggers that failed are to be looked for again.
func (w *offerWatch) again() bool {
	if !w.failed.Load() || w.n.now().Before(w.retryAt) {
		return false
	}
	w.failed.Store(false)
	w.retryAt = w.n.now().Add(claimRetry)
	return true
}

// follow tells the fold which idle times the sites' campaigns look for, where that has changed; with all for each site, which finds
// the carts again that are due.
func (w *offerWatch) follow(all bool) {
	for _, site := range w.n.shop.Sites() {
		var idles idleTimes
		if site.Clock == shop.WallClock && site.Retired == 0 {
			idles = w.idlesOf(site.ID)
		}
		was, known := w.watched[site.ID]
		if slices.Equal(was, idles) && !(all && known) {
			continue
		}
		w.watched[site.ID] = idles
		times := make([]time.Duration, len(idles))
		for i, s := range idles {
			times[i] = time.Duration(s) * time.Second
		}
		w.n.carts.Watch(site.ID, times)
	}
}

// idlesOf is the idle times of a site's campaigns that are not over.
func (w *offerWatch) idlesOf(site string) idleTimes {
	now := w.n.now().UnixMilli()
	var idles idleTimes
	for _, c := range w.n.folds.offers.Running(site, offers.CartAtRisk) {
		if c.Ends == 0 || now < c.Ends {
			idles = append(idles, c.Trigger.Idle)
		}
	}
	return idles
}

// take answers all triggers there are, each on a goroutine of its own.
func (w *offerWatch) take(ctx context.Context) {
	for {
		triggers, _ := w.n.carts.Take(nil, triggersAtATime)
		if len(triggers) == 0 {
			return
		}
		for i := range triggers {
			select {
			case w.slots <- struct{}{}:
			case <-ctx.Done():
				return
			}
			w.work.Go(func() {
				defer func() { <-w.slots }()
				w.answer(&triggers[i])
			})
		}
	}
}

// flushed waits until what was taken before is logged. Whoever is to be erased is told by the list of erasures, so that what is taken
// later is not.
func (w *offerWatch) flushed(ctx context.Context) error {
	logged := make(chan struct{})
	select {
	case w.asks <- logged:
	case <-w.ended:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-logged:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (w *offerWatch) count(outcome string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts[outcome]++
}

// outcomes is what became of triggers since the start: granted, held, the ledger's codes of refusal, and why no claim was made: abuser
// stale no_consent bot erased no_campaign; and failed, dropped_seen, dropped_away.
func (w *offerWatch) outcomes() map[string]int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.counts)
}
