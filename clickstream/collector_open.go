package clickstream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// withDefaults is cfg with nothing left to guess, or all that is wrong with it.
func (cfg CollectorConfig) withDefaults() (CollectorConfig, error) {
	cfg.DedupWindow = cmp.Or(cfg.DedupWindow, 25*time.Hour)
	cfg.MaxIDs = cmp.Or(cfg.MaxIDs, 128<<20)
	cfg.QueueBytes = cmp.Or(cfg.QueueBytes, 64<<20)
	cfg.Imports = cmp.Or(cfg.Imports, 4)
	cfg.FlushEvery = cmp.Or(cfg.FlushEvery, time.Second)
	cfg.LetterBytes = cmp.Or(cfg.LetterBytes, 256<<20)
	if cfg.Now == nil {
		cfg.Now = func() int64 { return time.Now().UnixMilli() }
	}
	var errs []error
	if cfg.Dir == "" {
		errs = append(errs, errors.New("config: Dir is empty"))
	}
	if cfg.Log == nil || cfg.Partitions < 1 || cfg.Partitions > 1<<15 || cfg.Log.Partitions() != cfg.Partitions+1 {
		errs = append(errs, fmt.Errorf("config: Log must have one partition more than Partitions, %d", cfg.Partitions))
	}
	if cfg.DedupWindow < 0 || cfg.DedupWindow > 240*time.Hour {
		errs = append(errs, fmt.Errorf("DedupWindow %v is not within 240 hours", cfg.DedupWindow))
	}
	return cfg, errors.Join(errs...)
}

// OpenCollector recovers the dedup window, the ledger and the dead letters from Dir and the log's tail, and starts. A *DedupError
// says that neither of them has what is needed.
func OpenCollector(ctx context.Context, cfg CollectorConfig) (*Collector, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("collector: %w", err)
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("collector: %w", err)
	}
	state, err := recoverState(ctx, &cfg)
	if err != nil {
		return nil, fmt.Errorf("recover collector: %w", err)
	}
	f := &flusher{
		book: state.book, letters: state.letters, files: state.files, every: cfg.FlushEvery,
		kick: make(chan struct{}, 1), asks: make(chan chan error), tasks: make(chan task), stop: make(chan struct{}), done: make(chan struct{}),
	}
	f.low.Store(&state.base)
	s := &sequencer{
		log: cfg.Log, table: state.table, maxIDs: cfg.MaxIDs, now: cfg.Now, book: state.book, letters: state.letters, committed: f.committed,
		wake: make(chan struct{}, 1), out: make(chan *batch, 1), back: make(chan *batch, 1),
	}
	s.ids.Store(int64(state.table.ids))
	c := &Collector{
		cfg: cfg, sequencer: s, book: state.book, letters: state.letters, flusher: f,
		imports: make(chan struct{}, cfg.Imports), recovery: state.recovery,
	}
	c.workers.New = func() any { return &worker{request: newRequest()} }
	c.wg.Go(f.run)
	c.wg.Go(func() {
		s.run()
		close(f.stop) // the last commits are in the book
	})
	return c, nil
}
