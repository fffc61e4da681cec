package history

import (
	"context"
	"slices"
	"time"
)

// maker takes plans in order and makes batches of them. It is one goroutine.
type maker struct {
	*Writer
	plans   *planCursor
	builder *builder
	made    chan<- *batch

	at   [logIDs]position // where the next batch of each log begins
	held *heldPlan        // the plan at work
}

// run makes batches until ctx ends. What fails, reading a log or appending to the plan log, is tried again like an attempt to send.
func (m *maker) run(ctx context.Context) {
	m.mu.Lock()
	for id := range m.at {
		m.at[id] = m.position[id].clone()
	}
	m.mu.Unlock()
	var due time.Time // when what waits is frozen; zero: nothing waits
	retry := m.cfg.RetryMin
	for ctx.Err() == nil {
		var err error
		if due, err = m.step(ctx, due); err == nil {
			retry = m.cfg.RetryMin
			continue
		}
		if ctx.Err() != nil {
			return
		}
		m.failed(err)
		pause(ctx, shortened(retry))
		retry = min(2*retry, m.cfg.RetryMax)
	}
}

// step makes one batch or, when there is none to make, waits.
func (m *maker) step(ctx context.Context, due time.Time) (time.Time, error) {
	j, ok, err := m.job()
	if err != nil {
		return due, err
	}
	if ok {
		return time.Time{}, m.put(ctx, j)
	}
	if planned, err := m.planControl(ctx); planned || err != nil {
		return due, err
	}
	return m.wait(ctx, due)
}

// job is the next batch to make; false when all plans are made.
func (m *maker) job() (job, bool, error) {
	for {
		if m.held == nil {
			p, ok, err := m.plans.plan()
			if err != nil || !ok {
				return job{}, false, err
			}
			m.held = p
		}
		p := m.held
		at := &m.at[p.log]
		if m.log(p.log) == nil || p.epoch != m.log(p.log).Epoch() || p.next <= at.next {
			m.held = nil // of another log, or written before
			continue
		}
		j := job{log: p.log, from: at.next, limit: p.next, starts: slices.Clone(at.ends), plan: p}
		if p.from > at.next {
			j.limit, j.plan = p.from, nil // what no plan speaks of comes first
		}
		m.mu.Lock()
		j.next = m.decided.cuts[batchStart{p.log, j.from}]
		m.mu.Unlock()
		if j.next > j.limit {
			j.next = 0
		}
		return j, true, nil
	}
}

// put makes a batch and hands it over.
func (m *maker) put(ctx context.Context, j job) error {
	b, err := m.builder.build(j)
	if err != nil {
		return err
	}
	if j.next == 0 && b.next < b.limit {
		// The stretch is too large. Where it was cut must stand before anything of it is sent: a retry must send the same blocks.
		if err := m.decide(ctx, (&cutRecord{j.log, j.from, b.next}).append(nil)); err != nil {
			return err
		}
	}
	m.busy.Add(1)
	select {
	case m.made <- b:
	case <-ctx.Done():
		return ctx.Err()
	}
	m.at[j.log] = position{next: b.next, ends: b.ends, time: b.time}
	if b.next == b.limit && j.plan != nil {
		m.held = nil
	}
	return nil
}

// controlRecords bounds a stretch of the control log.
const controlRecords = 64 << 10

// planControl freezes a stretch of the control log if it has grown.
func (m *maker) planControl(ctx context.Context) (bool, error) {
	if m.cfg.Control == nil {
		return false, nil
	}
	end := m.cfg.Control.Cut(nil).Seq
	m.planned = max(m.planned, m.at[controlID].next)
	if end <= m.planned {
		return false, nil
	}
	end = min(end, m.planned+controlRecords)
	if err := m.decide(ctx, appendControl(nil, &stretchName{m.cfg.Control.Epoch(), m.planned, end})); err != nil {
		return false, err
	}
	m.planned = end
	return true, nil
}

// wait waits until there may be something to do. Records that no plan has yet are frozen when they have waited long enough, and not
// while a batch is on its way: then they may as well go with the next.
func (m *maker) wait(ctx context.Context, due time.Time) (time.Time, error) {
	at := m.at[eventsID].next
	var timer <-chan time.Time
	var events <-chan struct{}
	moved := m.changed()
	switch waiting := m.cfg.Events.Cut(nil).Seq > at; {
	case !waiting:
		events = m.cfg.Events.Changed(at)
	case m.busy.Load() > 0: // moved tells
	default:
		if due.IsZero() {
			due = time.Now().Add(m.age())
		}
		left := time.Until(due)
		if left <= 0 || m.wanted.Load() > at {
			if err := m.cfg.Spool.Freeze(ctx); err != nil {
				return due, err
			}
			due = time.Now().Add(m.age()) // if the fold has nothing yet
			left = m.age()
			if m.wanted.Load() > at {
				left = min(left, wantedAge)
			}
		}
		t := time.NewTimer(left)
		defer t.Stop()
		timer = t.C
	}
	var control <-chan struct{}
	if m.cfg.Control != nil {
		control = m.cfg.Control.Changed(m.planned)
	}
	select {
	case <-m.cfg.Plans.Changed(m.plans.next):
	case <-control:
	case <-events:
	case <-moved:
	case <-m.hurry:
	case <-timer:
	case <-ctx.Done():
	}
	return due, nil
}

// wantedAge is how often what somebody waits for is asked of the fold.
const wantedAge = 10 * time.Millisecond

// age is how long records wait before they are frozen. A slow ClickHouse gets fewer and larger blocks.
func (m *maker) age() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return max(m.cfg.BatchAge, min(4*m.slow, maxBatchAge))
}
