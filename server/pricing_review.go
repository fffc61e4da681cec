package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"beckon/pricing"
	"beckon/server/shop"
)

const (
	reviewEvery   = time.Second
	reviewers     = 8                // decisions on their way to the log at once: they share its syncs
	reviewPause   = 10 * time.Second // of a site in which nothing could be decided, though something waits
	maxHeld       = 100_000          // items whose decision was refused; beyond that all are tried again
	heldFor       = time.Hour        // after a decision that the Book does not take at all
	staleFor      = 10 * time.Second // after one that came too late: what it was made from had changed
	maxBatchLines = 500
)

// closedSlots tells what was observed of a site's items in slots that are closed and not observed yet. It appends nothing.
type closedSlots interface {
	observations(site string, now int64) []pricing.ObservationBatch
}

// reviewer is the engine's loop: once a second it tells the Book what closed slots had, and has it decide about the items of which
// something new is known. All it knows is in the Book and the catalog: after a crash it goes on where the log ends.
type reviewer struct {
	n     *node
	slots closedSlots
	pause map[string]time.Time // by site

	mu   sync.Mutex
	held map[string]time.Time // by site and item: until when a refused decision is not tried again
}

// startReview runs the loop until the stop.
func (n *node) startReview(opened *closers) {
	ctx, cancel := context.WithCancel(context.Background())
	r := &reviewer{n: n, slots: n, pause: map[string]time.Time{}, held: map[string]time.Time{}}
	var wg sync.WaitGroup
	wg.Go(func() { r.run(ctx) })
	opened.add("price review", func(context.Context) error {
		cancel()
		wg.Wait()
		return nil
	})
}

func (r *reviewer) run(ctx context.Context) {
	tick := time.NewTicker(reviewEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			r.all(ctx)
		}
	}
}

// all reviews every site on which the engine may act.
func (r *reviewer) all(ctx context.Context) {
	for _, s := range r.n.shop.Sites() {
		if s.Retired != 0 || !r.n.folds.book.Active(s.ID) {
			continue
		}
		if err := r.site(ctx, s.ID); err != nil && ctx.Err() == nil {
			r.n.out.Error("price review", "site", s.ID, "error", err)
		}
	}
}

// site observes and decides what is due in one site.
func (r *reviewer) site(ctx context.Context, site string) error {
	now := r.n.now()
	observed, err := r.observe(ctx, site, r.n.clock(site, now))
	if err != nil {
		return err
	}
	if observed == 0 && now.Before(r.pause[site]) {
		return nil
	}
	decided, err := r.decide(ctx, site, now)
	if err != nil {
		return err
	}
	if decided == 0 {
		r.pause[site] = now.Add(reviewPause)
	}
	return nil
}

// observe submits closed slots, in records of at most maxBatchLines items.
func (r *reviewer) observe(ctx context.Context, site string, clock int64) (lines int, err error) {
	for _, b := range r.slots.observations(site, clock) {
		for rest := b.Lines; len(rest) > 0; {
			part := b
			part.Lines = rest[:min(len(rest), maxBatchLines)]
			rest = rest[len(part.Lines):]
			if _, err := r.submit(ctx, site, pricing.DoObserve, part); err != nil {
				return lines, err
			}
			lines += len(part.Lines)
		}
	}
	return lines, nil
}

// decide decides about every item of which a slot is known that no decision has seen, and whose price has stayed long enough.
func (r *reviewer) decide(ctx context.Context, site string, now time.Time) (decided int, err error) {
	waiting := r.n.folds.book.Undecided(site)
	if len(waiting) == 0 {
		return 0, nil
	}
	items := make(chan string)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range min(reviewers, len(waiting)) {
		wg.Go(func() {
			for id := range items {
				did, failed := r.item(ctx, site, id, now)
				mu.Lock()
				if did {
					decided++
				}
				err = errors.Join(err, failed)
				mu.Unlock()
			}
		})
	}
	for _, id := range waiting {
		if ctx.Err() != nil {
			break
		}
		items <- id
	}
	close(items)
	wg.Wait()
	return decided, err
}

// item decides about one item. A decision that the Book refuses is made anew later: each attempt is a record that stays.
func (r *reviewer) item(ctx context.Context, site, id string, now time.Time) (decided bool, err error) {
	if r.isHeld(site, id, now) {
		return false, nil
	}
	it, ok := r.n.shop.Item(site, id)
	if !ok {
		return false, nil
	}
	at := r.n.now().UnixMilli()
	in, err := r.n.folds.book.Input(site, id, *pricingItem(it, at), at)
	if err != nil || at < in.LastChange+in.Limits.Dwell {
		return false, nil // it is frozen, marked down, off, or stays for its dwell: that ends by itself or by a record
	}
	refused, err := r.submit(ctx, site, pricing.DoDecide, pricing.Decide(in))
	switch {
	case refused == nil:
	case refused.Code == "stale":
		r.hold(site, id, now.Add(staleFor))
	default:
		r.hold(site, id, now.Add(heldFor))
		r.n.out.Warn("price decision refused", "site", site, "item", id, "code", refused.Code, "error", refused)
	}
	return refused == nil && err == nil, err
}

// submit appends a record of the engine's. A refusal is an answer here, and no error.
func (r *reviewer) submit(ctx context.Context, site, do string, body any) (refused *pricing.Refusal, err error) {
	_, _, err = r.n.shop.Submit(ctx, pricing.Engine, shop.Command{Do: do, Site: site, Body: body})
	if errors.As(err, &refused) {
		return refused, nil
	}
	return nil, err
}

func (r *reviewer) isHeld(site, id string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	until, ok := r.held[site+"\x00"+id]
	if ok && !now.Before(until) {
		delete(r.held, site+"\x00"+id)
	}
	return ok && now.Before(until)
}

func (r *reviewer) hold(site, id string, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.held) >= maxHeld {
		clear(r.held)
	}
	r.held[site+"\x00"+id] = until
}
