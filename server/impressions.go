package main

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"beckon/clickstream"
	"beckon/recommender"
)

// impressions logs what was shown, with its propensity, as events on the same path as any other. Answers do not wait for it: they
// queue, and one goroutine appends in batches. The queue is bounded; an impression that finds it full is dropped and counted, since
// no shopper was promised it.
type impressions struct {
	generate func(ctx context.Context, events []clickstream.Event) error
	now      func() time.Time
	queue    chan clickstream.Event
	dropped  atomic.Int64
	failed   atomic.Int64
	ids      idSource
	wg       sync.WaitGroup
	asks     chan chan struct{} // closed when all that was queued before is logged
	stop     chan struct{}
}

const (
	impressionQueue = 8192
	impressionBatch = 512
	impressionDelay = 50 * time.Millisecond
)

func startImpressions(now func() time.Time, generate func(context.Context, []clickstream.Event) error) *impressions {
	m := &impressions{generate: generate, now: now, queue: make(chan clickstream.Event, impressionQueue), asks: make(chan chan struct{}), stop: make(chan struct{})}
	m.ids.seed()
	m.wg.Go(m.run)
	return m
}

func (m *impressions) newRecID() string { return m.ids.next("r_", m.now()) }

// log queues one answer's impression.
func (m *impressions) log(a *ask, recID string, got *recommender.Answer) {
	if a.who.visitor == "" || len(got.Items) == 0 {
		return
	}
	now := m.now().UnixMilli()
	e := clickstream.Event{
		Site: a.who.site, Visitor: a.who.visitor, ID: recID, Kind: clickstream.Impression, Name: clickstream.Impression.String(),
		Time: now, Received: now, Consent: clickstream.Analytics | clickstream.Personalization,
		Placement: a.placement, RecID: recID, Generated: true, Items: make([]clickstream.Item, len(got.Items)),
	}
	for i := range got.Items {
		s := &got.Items[i]
		e.Items[i] = clickstream.Item{ID: s.Item, Price: clickstream.NoPrice, Quantity: 1, Propensity: float32(s.Propensity), Reason: s.Kind}
	}
	select {
	case m.queue <- e:
	default:
		m.dropped.Add(1)
	}
}

func (m *impressions) run() {
	batch := make([]clickstream.Event, 0, impressionBatch)
	tick := time.NewTicker(impressionDelay)
	defer tick.Stop()
	flush := func() {
		if len(batch) == 0 {
			return
		}
		if err := m.generate(context.Background(), batch); err != nil {
			m.failed.Add(int64(len(batch)))
		}
		clear(batch)
		batch = batch[:0]
	}
	for {
		select {
		case e := <-m.queue:
			if batch = append(batch, e); len(batch) == impressionBatch {
				flush()
			}
		case <-tick.C:
			flush()
		case logged := <-m.asks:
			for n := len(m.queue); n > 0; n-- {
				if batch = append(batch, <-m.queue); len(batch) == impressionBatch {
					flush()
				}
			}
			flush()
			close(logged)
		case <-m.stop:
			for len(m.queue) > 0 {
				if batch = append(batch, <-m.queue); len(batch) == impressionBatch {
					flush()
				}
			}
			flush()
			return
		}
	}
}

// flushed waits until what was queued before is logged.
func (m *impressions) flushed(ctx context.Context) error {
	logged := make(chan struct{})
	select {
	case m.asks <- logged:
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

// close appends what is queued and ends the goroutine. No log call may come after it.
func (m *impressions) close(context.Context) error {
	close(m.stop)
	m.wg.Wait()
	return nil
}
