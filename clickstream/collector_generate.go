package clickstream

import (
	"context"
	"fmt"
)

// Generate stores events that the server made, and returns when they are durable. Known ids are dropped. Nothing but
// Ledger.Generated counts them. events are borrowed, but for their sites' names, which must stay.
func (c *Collector) Generate(ctx context.Context, events []Event) error {
	for len(events) > 0 {
		n := 1
		for n < len(events) && events[n].Site == events[0].Site {
			n++
		}
		if err := c.generate(ctx, events[:n]); err != nil {
			return err
		}
		events = events[n:]
	}
	return nil
}

func (c *Collector) generate(ctx context.Context, events []Event) error {
	w := c.workers.Get().(*worker)
	r := w.request
	r.site, r.generated = events[0].Site, true
	for i := range events {
		e := events[i]
		e.Generated = true
		r.event(c.cfg.Seed, c.cfg.Partitions, &e)
	}
	if err := c.pressure(); err != nil {
		c.recycle(w)
		return c.refuse(err)
	}
	return c.store(ctx, w)
}

// store settles what w holds already.
func (c *Collector) store(ctx context.Context, w *worker) error {
	weight := int64(len(w.request.records.Data))
	if err := c.enqueue(weight); err != nil {
		c.recycle(w)
		return err
	}
	w.request.budget, w.request.weight = &c.queued, weight
	_, err := c.settle(ctx, w)
	return err
}

// Tick writes clock ticks to every data partition and returns when they are durable. Pressure does not hold them up: sessions
// must end and a server must start also while folds are behind.
func (c *Collector) Tick(ctx context.Context, ticks []Tick) error {
	if len(ticks) == 0 {
		return nil
	}
	w := c.workers.Get().(*worker)
	w.request.broadcast = true
	for i := range ticks {
		w.request.records.Data = AppendTick(w.request.records.Data, &ticks[i])
		w.request.records.Close()
	}
	if err := c.store(ctx, w); err != nil {
		return fmt.Errorf("tick: %w", err)
	}
	return nil
}

// Settings writes a site's settings to every data partition and returns when they are durable, under pressure too.
func (c *Collector) Settings(ctx context.Context, s Settings) error {
	w := c.workers.Get().(*worker)
	w.request.broadcast = true
	w.request.records.Data = AppendSettings(w.request.records.Data, &s)
	w.request.records.Close()
	if err := c.store(ctx, w); err != nil {
		return fmt.Errorf("settings of %s: %w", s.Site, err)
	}
	return nil
}
