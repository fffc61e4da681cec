package demo

import (
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"
)

// Simulation is how many shoppers do what.
type Simulation struct {
	Account
	Catalog  *Catalog
	Shoppers int     // at the same time
	Rate     float64 // how many times faster than people; 0: 1. Above 4 more shoppers come instead: faster hands are machines'
	Seed     uint64
	For      time.Duration // 0: until the context ends
	Progress func(Tally)   // called about once a second; nil: not
}

// Tally counts what simulated shoppers did.
type Tally struct {
	Sessions, Events, Duplicates, Rejected, Purchases int64
	Waits                                             int64 // times that the server asked to wait
	Errors                                            int64 // requests given up
}

// counters is a Tally that many goroutines add to.
type counters struct {
	sessions, events, duplicates, rejected, purchases, waits, errors atomic.Int64
}

func (c *counters) tally() Tally {
	return Tally{
		c.sessions.Load(), c.events.Load(), c.duplicates.Load(), c.rejected.Load(), c.purchases.Load(), c.waits.Load(), c.errors.Load(),
	}
}

const (
	fastestHand = 4.0
	arrival     = 6 * time.Second // over which the first shoppers come
)

// Simulate runs shoppers, and the shop's back office that restocks and reprices, until the context ends or For is over. The error is
// nil in both cases.
func Simulate(ctx context.Context, s Simulation) (Tally, error) {
	if s.For > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.For)
		defer cancel()
	}
	if s.Rate <= 0 {
		s.Rate = 1
	}
	speed := min(s.Rate, fastestHand)
	people := int(math.Ceil(float64(s.Shoppers) * s.Rate / speed))
	var count counters
	var wg sync.WaitGroup
	for n := range people {
		wg.Go(func() {
			p := place{account: &s.Account, catalog: s.Catalog, speed: speed, seed: s.Seed, number: uint64(n), count: &count}
			if pause(ctx, time.Duration(float64(arrival)*float64(n)/float64(people))) {
				p.run(ctx)
			}
		})
	}
	if s.Secret != "" {
		wg.Go(func() {
			o := office{account: &s.Account, catalog: s.Catalog, seed: s.Seed, count: &count}
			o.run(ctx)
		})
	}
	if s.Progress != nil {
		wg.Go(func() {
			for pause(ctx, time.Second) {
				s.Progress(count.tally())
			}
		})
	}
	wg.Wait()
	return count.tally(), nil
}
