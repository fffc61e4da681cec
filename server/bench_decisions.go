package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"beckon/clickstream/eventlog"
	"beckon/clickstream/record"
	"beckon/pricing"
	"beckon/pricing/guard"
	"beckon/pricing/offers"
	"beckon/pricing/policy"
	"beckon/server/shop"
)

const (
	claimers   = 1000    // callers at once, each of whom waits for its answer
	claimTurns = 3       // each on a log of its own
	claimCount = 400_000 // of one turn: fewer than offers that may be open
)

// benchDecisions measures a price decision and an offer decision alone, on one thread, and then claims on one budget by a thousand callers
// through the control log: each is encoded, synced, read back, decided in order and answered.
func benchDecisions(ctx context.Context, b *bench) ([]figure, error) {
	price, err := timePrices(b.count(20_000))
	if err != nil {
		return nil, err
	}
	offer, err := timeOffers(b.count(200_000))
	if err != nil {
		return nil, err
	}
	defer startHeap(b.e)() // as a server collects its garbage
	var rates, costs []float64
	for turn := range claimTurns {
		rate, cost, err := timeClaims(ctx, filepath.Join(b.dir, "claims", strconv.Itoa(turn)), b.count(claimCount))
		if err != nil {
			return nil, err
		}
		rates, costs = append(rates, rate), append(costs, cost)
		b.say("   claims: %.0f/s, %.1f µs each", rate, cost)
	}
	if err := os.RemoveAll(filepath.Join(b.dir, "claims")); err != nil {
		return nil, err
	}
	return []figure{
		atMost("price decision, p50", micros(quantile(price, .5)), "µs", 50),
		atMost("price decision, p99", micros(quantile(price, .99)), "µs", 0),
		atMost("offer decision, p50", micros(quantile(offer, .5)), "µs", 50),
		atMost("offer decision, p99", micros(quantile(offer, .99)), "µs", 0),
		atLeast("claims on one budget, 1,000 callers", quantile(rates, .5), "/s", 100_000),
		atMost("processor time a claim, all told", quantile(costs, .5), "µs", 0),
	}, nil
}

// timePrices decides the price of items that learned for forty days, all different.
func timePrices(n int) ([]time.Duration, error) {
	const day = 24 * 3600_000
	items := make([]pricing.Input, 200)
	for i := range items {
		state := &policy.State{}
		for d := range int64(40) {
			policy.Observe(state, policy.Observation{
				Slot: d * day, Price: 1000 + 50*(d/10), Views: float64(50 + i), Units: float64(5 + i%7), Season: 1, Clean: true,
			}, policy.Params{})
		}
		items[i] = pricing.Input{
			At: 40 * day, Site: "bench", Item: numbered(i), Seed: pricing.Seed("bench", numbered(i)), Ref: 1000, Current: 1150,
			Limits: guard.Limits{Cost: 500 + int64(i), Ceiling: 2000, MaxStep: 0.1, Dwell: day, Deadband: 0.02, Rounding: guard.Rounding{Step: 10, Ending: 9}},
			State:  state, Pool: policy.Pool{Mean: 2, SD: 0.5, Right: 0.5, Items: len(items)}, Stock: 100, Explore: true,
		}
	}
	took := make([]time.Duration, 0, n)
	for i := range n {
		begin := time.Now()
		d := pricing.Decide(items[i%len(items)])
		took = append(took, time.Since(begin))
		if d.Price <= 0 {
			return nil, fmt.Errorf("decided %+v", d)
		}
	}
	return took, nil
}

// timeOffers decides claims of different shoppers, with carts of two lines, and grants them.
func timeOffers(n int) ([]time.Duration, error) {
	ledger := offers.New(offers.Config{})
	shelf := benchShelf{}
	r := record.Control{Time: 1, Do: offers.DoCampaign, Site: "bench", ID: "rescue", Body: []byte(rescue(n))}
	if _, err := ledger.Apply(&r, shelf); err != nil {
		return nil, err
	}
	took := make([]time.Duration, 0, n)
	for i := range n {
		id, body := benchClaim(nil, i)
		r := record.Control{Time: 1, Do: offers.DoClaim, Site: "bench", ID: id, Body: body}
		begin := time.Now()
		answer, err := ledger.Apply(&r, shelf)
		took = append(took, time.Since(begin))
		if d, ok := answer.(*offers.Decision); err != nil || !ok || d.Outcome != offers.Granted {
			return nil, fmt.Errorf("claim %d: %+v, %w", i, answer, err)
		}
	}
	return took, ledger.Check()
}

// benchShelf has every item at the same price.
type benchShelf struct{}

func (benchShelf) Item(string, string) (offers.Item, bool) {
	return offers.Item{Price: 1999, Currency: "EUR", Floor: 1500, Cost: 900}, true
}

// rescue is a campaign whose budget is enough for n offers on a benchClaim: 10% of 3,998.
func rescue(n int) string {
	return fmt.Sprintf(`{"title":"Rescue","discount":{"kind":"percent","value":10},"budget":{"amount":%d,"currency":"EUR"},"ttl_s":3600}`, 398*n)
}

// benchClaim is the i-th shopper's claim, appended to dst.
func benchClaim(dst []byte, i int) (id string, body []byte) {
	trigger := numbered(i)
	return offers.OfferID("bench", "rescue", trigger), offers.AppendClaim(dst, &offers.Claim{
		Campaign: "rescue", Who: whoNumber(i), Item: "sku-1", Currency: "EUR", Value: 3998,
		Lines: []offers.Line{{Item: "sku-1", Quantity: 1, Price: 1999}, {Item: "sku-2", Quantity: 1, Price: 1999}},
	})
}

// claimStand is a control log on disk with a shop and its folds, and nothing else of a server.
type claimStand struct {
	control *eventlog.Log
	shop    *shop.Store
	folds   controlFolds
}

func openClaimStand(ctx context.Context, dir string, now func() int64) (*claimStand, error) {
	control, err := eventlog.Open(eventlog.Config{Dir: filepath.Join(dir, "control"), Partitions: 1})
	if err != nil {
		return nil, err
	}
	s := &claimStand{control: control}
	s.shop, err = shop.Open(ctx, shop.Config{
		Log: control, Dir: filepath.Join(dir, "shop"), Secret: []byte("a secret of benches and tests"), Now: now,
		Folds: s.folds.make(pricing.Config{}),
	})
	if err != nil {
		return nil, errors.Join(err, control.Close())
	}
	return s, nil
}

func (s *claimStand) close() error { return errors.Join(s.shop.Close(), s.control.Close()) }

// stock makes a site with items sku-0 to sku-9 at 1,999 each.
func (s *claimStand) stock(ctx context.Context, site string) error {
	if _, err := s.shop.CreateSite(ctx, "bench", site, shop.Settings{Currency: "EUR"}); err != nil {
		return err
	}
	var lines strings.Builder
	for i := range 10 {
		fmt.Fprintf(&lines, `{"item_id":"sku-%d","price":1999,"cost":900,"floor":1500}`+"\n", i)
	}
	_, err := s.shop.PutItems(ctx, "bench", site, strings.NewReader(lines.String()), "")
	return err
}

// timeClaims is how many claims a second are answered, each granted, and how many microseconds of the processors each took.
func timeClaims(ctx context.Context, dir string, n int) (rate, cost float64, err error) {
	s, err := openClaimStand(ctx, dir, func() int64 { return time.Now().UnixMilli() })
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if err := s.stock(ctx, "bench"); err != nil {
		return 0, 0, err
	}
	if _, _, err := s.shop.Submit(ctx, "bench", shop.Command{Do: offers.DoCampaign, Site: "bench", ID: "rescue", Body: []byte(rescue(n))}); err != nil {
		return 0, 0, err
	}
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	begin, used := time.Now(), processorTime()
	for range claimers {
		wg.Go(func() {
			var body []byte
			for i := next.Add(1); i <= int64(n) && failed.Load() == nil; i = next.Add(1) {
				var id string
				id, body = benchClaim(body[:0], int(i))
				answer, _, err := s.shop.Submit(ctx, "bench", shop.Command{Do: offers.DoClaim, Site: "bench", ID: id, Body: body})
				if d, ok := answer.(*offers.Decision); err != nil || !ok || d.Outcome != offers.Granted {
					err = fmt.Errorf("claim %d: %+v, %w", i, answer, err)
					failed.Store(&err)
				}
			}
		})
	}
	wg.Wait()
	took := time.Since(begin)
	used = processorTime() - used
	if err := failed.Load(); err != nil {
		return 0, 0, *err
	}
	return float64(n) / took.Seconds(), micros(used) / float64(n), s.folds.offers.Check()
}

// whoNumber is the hash that stands for shopper i.
func whoNumber(i int) string {
	digits := strconv.FormatInt(int64(i)+1, 16)
	return "00000000000000000000000000000000"[:32-len(digits)] + digits
}

func numbered(i int) string { return "sku-" + strconv.Itoa(i) }
