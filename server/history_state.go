package main

import (
	"context"
	"errors"
	"time"

	"beckon/clickstream/history"
)

// writerState is how far the writer is; the zero state while there is none, with why in Err.
func (h *historian) writerState() history.WriterState {
	if w := h.writer.Load(); w != nil {
		return w.State()
	}
	return history.WriterState{Err: *h.trouble.Load()}
}

// countedRows is what ClickHouse said, and when.
type countedRows struct {
	sites map[string]history.SiteRows
	at    time.Time
}

const (
	rowsFresh   = 250 * time.Millisecond // how long an answer is good: a page that shows it asks more often than it changes
	rowsTimeout = 2 * time.Second
)

// rows is how many of a site's stored events ClickHouse holds, counted by ClickHouse. ok is false when it cannot be asked now.
func (h *historian) rows(ctx context.Context, site string) (rows int64, ok bool) {
	q := h.questions.Load()
	if q == nil {
		return 0, false
	}
	if c := h.counted.Load(); c != nil && time.Since(c.at) < rowsFresh {
		return c.sites[site].Stored, true
	}
	counted, err, _ := h.counting.Do("", func() (any, error) {
		sites, err := q.Rows(ctx, rowsTimeout)
		if err != nil {
			return nil, err
		}
		c := &countedRows{sites, time.Now()}
		h.counted.Store(c)
		return c, nil
	})
	if err != nil {
		return 0, false
	}
	return counted.(*countedRows).sites[site].Stored, true
}

// settleHistory waits until everything that is durable now is in ClickHouse.
func (n *node) settleHistory(ctx context.Context) error {
	if !n.history.configured {
		return errors.New(*n.history.trouble.Load())
	}
	if err := n.waitHistory(ctx); err != nil {
		return err
	}
	if err := n.settle(ctx); err != nil {
		return err
	}
	at := n.position()
	if err := n.history.spool.Freeze(ctx); err != nil {
		return err
	}
	return n.history.writer.Load().WaitFor(ctx, at)
}

// metrics registers the history's numbers.
func (h *historian) metrics(counter func(name, help string, f func() int64), gauge func(name, help string, f func() float64)) {
	of := func(f func(s *history.WriterState) uint64) func() int64 {
		return func() int64 {
			s := h.writerState()
			return int64(f(&s))
		}
	}
	counter("history_batches_total", "Batches written to ClickHouse since the start.", of(func(s *history.WriterState) uint64 { return s.Batches }))
	counter("history_rows_total", "Rows of events written to ClickHouse since the start.", of(func(s *history.WriterState) uint64 { return s.Rows }))
	counter("history_session_versions_total", "Versions of sessions written to ClickHouse since the start.", of(func(s *history.WriterState) uint64 { return s.Sessions }))
	counter("history_retries_total", "Attempts to write to ClickHouse that failed.", of(func(s *history.WriterState) uint64 { return s.Retries }))
	counter("history_set_aside_total", "Rows that ClickHouse refused by their content.", of(func(s *history.WriterState) uint64 { return s.SetAside }))
	counter("history_skipped_total", "Records that had left the log before they were written.", of(func(s *history.WriterState) uint64 { return s.Skipped }))
	gauge("history_lag_records", "Durable records of the events log that are not in ClickHouse.", func() float64 { return float64(h.writerState().LagRows) })
	gauge("history_lag_seconds", "How long ago the log took the first of them.", func() float64 { return h.writerState().LagTime.Seconds() })
	gauge("history_up", "1 when the last write to ClickHouse succeeded.", func() float64 {
		if s := h.writerState(); s.Known && s.Err == "" && s.Refused == "" {
			return 1
		}
		return 0
	})
	gauge("history_engine_restarts", "Restarts of the embedded ClickHouse engine.", func() float64 {
		if s := h.source.Load(); s != nil && s.engine != nil {
			return float64(s.engine.State().Restarts)
		}
		return 0
	})
}
