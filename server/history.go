package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/singleflight"

	"beckon/clickstream/eventlog"
	"beckon/clickstream/history"
	"beckon/clickstream/history/engine"
	"beckon/migrations"
	"beckon/server/shop"
)

// historian keeps a node's history. ClickHouse may come late, go away and come back: nothing here waits for it but its own goroutine,
// which opens the source, brings the schema up to date and then writes. Until the writer has said how far it is, and whenever it is
// behind, the logs keep what it needs.
type historian struct {
	cfg     config
	dir     dataDir
	out     *slog.Logger
	events  *eventlog.Log
	control *eventlog.Log
	plans   *eventlog.Log
	seal    func(action, payload string) string
	spool   *history.Spool // nil with --history off

	configured bool // a ClickHouse is expected, so what it needs is kept
	source     atomic.Pointer[historySource]
	writer     atomic.Pointer[history.Writer]
	questions  atomic.Pointer[history.Questions]
	trouble    atomic.Pointer[string] // why there is no writer yet
	counting   singleflight.Group     // of rows
	counted    atomic.Pointer[countedRows]
	answers    *answerCache // what the dashboard asked
}

// planSegmentBytes is small, because what ClickHouse has taken should leave the disk soon.
const planSegmentBytes = 8 << 20

// openHistory opens the plan log and starts the goroutine. The library missing is no error: the product runs, and says what brings it.
func (n *node) openHistory(_ context.Context, s secret, opened *closers) (err error) {
	h := &historian{cfg: n.cfg, dir: n.dir, out: n.out, events: n.events, control: n.control, answers: newAnswerCache(n.now)}
	n.history = h
	if n.cfg.history == "off" {
		h.say("history is off")
		return nil
	}
	h.plans, err = eventlog.Open(eventlog.Config{Dir: n.dir.plans(), Partitions: 1, SegmentBytes: planSegmentBytes})
	if err != nil {
		return fmt.Errorf("plan log: %w", err)
	}
	opened.add("plan log", func(context.Context) error { return h.plans.Close() })
	h.spool, err = history.OpenSpool(history.SpoolConfig{
		Events: n.events, Plans: h.plans, Applied: func() uint64 { return n.runner.Position(history.SpoolName) },
	})
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	sealing, err := s.key("seal")
	if err != nil {
		return err
	}
	sealer, err := shop.NewRecordSealer(sealing)
	if err != nil {
		return err
	}
	h.seal = sealer.Seal
	if h.cfg.clickhouse == "" {
		if _, err := engine.Library(h.cfg.chdbLib); err != nil {
			h.say(err.Error())
			n.out.Warn("no history is kept", "because", err)
			return nil
		}
	}
	h.configured = true
	h.say("ClickHouse is not reached yet")
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		h.run(ctx)
	}()
	opened.add("history", func(ctx context.Context) error {
		cancel()
		select {
		case <-ended:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	return nil
}

func (h *historian) say(trouble string) { h.trouble.Store(&trouble) }

// Pauses between two attempts to reach ClickHouse.
const (
	firstRetry = 200 * time.Millisecond
	lastRetry  = 15 * time.Second
)

// run ends with ctx.
func (h *historian) run(ctx context.Context) {
	defer h.closeSource()
	var source *historySource
	h.insist(ctx, "open", func() (err error) {
		source, err = openSource(ctx, h.dir, h.cfg.clickhouse, h.cfg.chdbLib, h.out)
		return err
	})
	if ctx.Err() != nil {
		return
	}
	h.source.Store(source)
	h.insist(ctx, "prepare", func() error {
		_, err := source.migrate(ctx, migrations.Config{Keep: h.cfg.keep, Applied: func(s migrations.Step) {
			h.out.Info("history schema", "migration", s.Number, "name", s.Name)
		}})
		return err
	})
	if ctx.Err() != nil {
		return
	}
	h.questions.Store(history.NewQuestions(source.db, history.QuestionsConfig{}))
	w, err := history.OpenWriter(history.WriterConfig{
		Events: h.events, Control: h.control, Plans: h.plans, DB: source.db, Spool: h.spool, Seal: h.seal, Log: h.note,
	})
	if err != nil {
		h.say(err.Error())
		h.out.Error("history", "error", err)
		return
	}
	h.writer.Store(w)
	if err := w.Run(ctx); err != nil {
		h.out.Error("nothing is written to history any more", "error", err)
	}
}

// note is told when writing fails and when it works again.
func (h *historian) note(event string, err error) {
	if err != nil {
		h.out.Warn("history", "doing", event, "error", err)
		return
	}
	h.out.Info("history", "event", event)
}

// insist repeats do until it works or ctx ends.
func (h *historian) insist(ctx context.Context, what string, do func() error) {
	for wait := firstRetry; ; wait = min(2*wait, lastRetry) {
		err := do()
		if err == nil || ctx.Err() != nil {
			return
		}
		h.say(fmt.Sprintf("%s: %v", what, err))
		h.out.Warn("history", "doing", what, "error", err, "again_in", wait)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// sourceClose bounds the end of the connections and of the embedded engine.
const sourceClose = 10 * time.Second

func (h *historian) closeSource() {
	source := h.source.Load()
	if source == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), sourceClose)
	defer cancel()
	if err := source.close(ctx); err != nil {
		h.out.Warn("close history", "error", err)
	}
}

// lowEvents is the offsets of the events log below which the history needs nothing, nil for no bound. ok is false as long as that is not
// known: then nothing may go.
func (h *historian) lowEvents() (low []uint64, ok bool) {
	if !h.configured {
		return nil, true
	}
	w := h.writer.Load()
	if w == nil {
		return nil, false
	}
	return w.LowEvents(nil)
}

// retainPlans drops what ClickHouse has taken or, without one, what is older than the events that it is about.
func (h *historian) retainPlans(now time.Time) error {
	if h.plans == nil {
		return nil
	}
	if !h.configured {
		return h.plans.Retain([]uint64{h.spool.LowPlans()}, 0, now.Add(-h.cfg.retain).UnixMilli())
	}
	w := h.writer.Load()
	if w == nil {
		return nil
	}
	low, ok := w.LowPlans()
	if !ok {
		return nil
	}
	return h.plans.Retain([]uint64{low}, 0, now.UnixMilli())
}
