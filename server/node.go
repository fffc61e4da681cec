package main

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"beckon/clickstream"
	"beckon/clickstream/eventlog"
	"beckon/clickstream/history"
	"beckon/dashboards/now"
	"beckon/dashboards/trail"
	"beckon/pricing"
	"beckon/pricing/demand"
	"beckon/pricing/offers"
	"beckon/pricing/offers/watch"
	"beckon/pricing/quote"
	"beckon/recommender"
	"beckon/recommender/drift"
	"beckon/server/demo"
	"beckon/server/push"
	"beckon/server/shop"
)

// The phases of a node, as /readyz tells them.
const (
	phaseStarting = iota
	phaseReady
	phaseClosing
)

// node is one opened data folder with everything that answers from it, without HTTP.
type node struct {
	cfg config
	dir dataDir
	out *slog.Logger
	now func() time.Time

	events      *eventlog.Log
	control     *eventlog.Log
	tokens      *shop.Tokens
	quotes      *quote.Signer
	shop        *shop.Store
	folds       controlFolds
	codes       *offers.Codes
	whoKey      []byte // see who
	demand      *demand.Fold
	carts       *watch.Carts
	uplift      *watch.Uplift
	drift       *drift.Fold
	numbers     *now.Fold
	trails      *trail.Fold
	offerWatch  *offerWatch
	engine      *recommender.Engine
	runner      *clickstream.Runner
	collector   *clickstream.Collector
	hub         *push.Hub
	impressions *impressions
	alerts      *alerts
	frames      *frameDesk
	tables      *itemTables
	observed    observedSlots
	history     *historian
	eraser      *eraser
	segments    *segmentCounting
	// What the pages of rules ask.
	ruleCatalogs ruleCatalogs
	ruleEffects  *ruleEffects
	exports      chan struct{} // has an element for each export under way

	limits struct{ key, visitor, ip *limiter }
	admin  *adminDesk

	demo demo.Shop // of serve --demo

	// work is what requests wait with. It outlives the beginning of a stop, which ends fasthttp's own context: what was taken in is
	// still answered. Closing what they wait for ends the rest.
	work context.Context

	phase                      atomic.Int32
	storeFailures, lastFailure atomic.Int64 // how many, and when the last was written to the server's log, Unix ns

	panics   atomic.Int64 // of handlers, each a bug of ours
	hashSeed maphash.Seed
	scratch  sync.Pool // of *scratch
	opsToken string
	copying  sync.Mutex // one backup or export at a time
	longWork longWork   // how far it is
	disk     diskWatch
	// refolding is held by the one question whose answer needs the control log folded again.
	refolding sync.Mutex
}

// openNode opens a data folder from the end of the flow to its start: logs, shop, models, folds, collector, hub. The returned
// stop closes all of it in reverse within the shutdown deadline.
func openNode(ctx context.Context, e env, cfg config) (n *node, stop func() error, err error) {
	var opened closers
	defer func() {
		if err != nil {
			err = errors.Join(err, opened.closeAll(cfg.shutdown))
		}
	}()
	n = &node{cfg: cfg, dir: dataDir(cfg.data), out: slog.New(slog.NewTextHandler(e.stderr, nil)), now: time.Now, work: context.WithoutCancel(ctx), hashSeed: maphash.MakeSeed()}
	n.exports = make(chan struct{}, exportsAtOnce)
	n.alerts, n.tables = newAlerts(), newItemTables()
	n.segments = newSegments()
	n.ruleEffects = newRuleEffects()
	n.scratch.New = func() any { return new(scratch) }
	n.limits.key, n.limits.visitor, n.limits.ip = newLimiter(cfg.rateKey), newLimiter(cfg.rateVisitor), newLimiter(cfg.rateIP)
	if err := os.MkdirAll(cfg.data, 0o700); err != nil {
		return nil, nil, err
	}
	if err := n.dir.halfRestored(); err != nil {
		return nil, nil, err
	}
	keys, err := n.dir.openSecret(cfg.secret)
	if err != nil {
		return nil, nil, err
	}
	for _, open := range []func(context.Context, secret, *closers) error{n.openLogs, n.openPrices, n.openShop, n.openHistory, n.openFolds, n.openIntake, n.openEraser, n.openPush} {
		if err := open(ctx, keys, &opened); err != nil {
			return nil, nil, err
		}
	}
	n.frames = newFrameDesk(n)
	return n, func() error { return opened.closeAll(cfg.shutdown) }, nil
}

func (n *node) openLogs(ctx context.Context, _ secret, opened *closers) (err error) {
	n.control, err = openControl(n.dir)
	if err != nil {
		return err
	}
	opened.add("control log", func(context.Context) error { return n.control.Close() })
	partitions := n.cfg.partitions + 1
	if _, err := os.Stat(filepath.Join(n.dir.events(), "meta")); err == nil {
		partitions = 0 // an existing log keeps its own
	}
	n.events, err = eventlog.Open(eventlog.Config{Dir: n.dir.events(), Partitions: partitions})
	if err != nil {
		return fmt.Errorf("events log: %w", err)
	}
	opened.add("events log", func(context.Context) error { return n.events.Close() })
	return nil
}

func openControl(dir dataDir) (*eventlog.Log, error) {
	log, err := eventlog.Open(eventlog.Config{Dir: dir.control(), Partitions: 1})
	if err != nil {
		return nil, fmt.Errorf("control log: %w", err)
	}
	return log, nil
}

func (n *node) openShop(ctx context.Context, s secret, opened *closers) error {
	signing, err := s.key("tokens")
	if err != nil {
		return err
	}
	n.tokens = shop.NewTokens(signing)
	if n.admin, err = newAdminDesk(n.cfg, s); err != nil {
		return err
	}
	if err := n.openControlKeys(s); err != nil {
		return err
	}
	n.shop, err = openShop(ctx, n.control, n.dir, s, n.folds.make(pricing.Config{}), n.onShopChanges)
	if err != nil {
		return err
	}
	for _, note := range n.shop.Notes() {
		n.out.Warn("shop snapshot", "error", note)
	}
	opened.add("shop", func(context.Context) error { return n.shop.Close() })
	return nil
}

func openShop(ctx context.Context, control *eventlog.Log, dir dataDir, s secret, folds []func() shop.Fold, changed func([]shop.Change)) (*shop.Store, error) {
	sealing, err := s.key("seal")
	if err != nil {
		return nil, err
	}
	return shop.Open(ctx, shop.Config{
		Log: control, Dir: dir.shop(), Secret: sealing, OnChange: changed, Folds: folds,
		Now: func() int64 { return time.Now().UnixMilli() },
	})
}

// openShopAlone opens a data folder's shop for one operator's command.
func openShopAlone(ctx context.Context, e env, dir dataDir) (*shop.Store, func() error, error) {
	s, err := dir.openSecret(e.getenv("BECKON_SECRET"))
	if err != nil {
		return nil, nil, err
	}
	control, err := openControl(dir)
	if err != nil {
		return nil, nil, err
	}
	store, err := openShop(ctx, control, dir, s, new(controlFolds).make(pricing.Config{}), nil)
	if err != nil {
		return nil, nil, errors.Join(err, control.Close())
	}
	return store, func() error { return errors.Join(store.Close(), control.Close()) }, nil
}

func (n *node) openFolds(ctx context.Context, s secret, opened *closers) error {
	folds, err := n.factFolds()
	if err != nil {
		return err
	}
	if n.history.spool != nil {
		folds = append(folds, clickstream.NamedFold{Name: history.SpoolName, Fold: n.history.spool})
	}
	n.runner, err = clickstream.OpenRunner(ctx, clickstream.RunnerConfig{
		Log: n.events, Partitions: n.dataPartitions(), Dir: n.dir.checkpoints(), Folds: folds,
		CheckpointEvery: n.cfg.checkpointEvery, OnFacts: n.onFacts,
	})
	if err != nil {
		return err
	}
	for _, skipped := range n.runner.Restored().Skipped {
		n.out.Warn("checkpoint skipped for an older one", "error", skipped)
	}
	opened.add("folds", func(ctx context.Context) error {
		if spool := n.history.spool; spool != nil { // one that waits for room on a full disk must not hold the stop
			defer time.AfterFunc(n.cfg.shutdown/4, spool.Close).Stop()
		}
		return n.runner.Close(ctx)
	})
	return nil
}

// factFolds makes the folds over facts, empty: the models, what shoppers want, whose cart is at risk, and the live numbers.
func (n *node) factFolds() (folds []clickstream.NamedFold, err error) {
	n.engine = recommender.New(recommender.Config{})
	for _, f := range n.engine.Folds() {
		folds = append(folds, clickstream.NamedFold{Name: f.Name, Fold: f.Fold})
	}
	n.demand = demand.New(demand.Config{})
	if n.carts, err = watch.NewCarts(watch.CartsConfig{}); err != nil {
		return nil, err
	}
	if n.uplift, err = watch.NewUplift(watch.UpliftConfig{}); err != nil {
		return nil, err
	}
	n.trails = trail.New(trail.Config{})
	n.drift = drift.New()
	n.numbers = now.New(now.Config{})
	return append(folds,
		clickstream.NamedFold{Name: "trails", Fold: n.trails},
		clickstream.NamedFold{Name: "demand", Fold: n.demand},
		clickstream.NamedFold{Name: "carts", Fold: n.carts},
		clickstream.NamedFold{Name: "uplift", Fold: n.uplift},
		clickstream.NamedFold{Name: drift.Name, Fold: n.drift},
		clickstream.NamedFold{Name: "now", Fold: n.numbers},
	), nil
}

// openIntake opens the collector and what logs through it. Folds far behind push back on intake, so that memory and the distance
// between an acknowledgement and its effect stay bounded.
func (n *node) openIntake(ctx context.Context, s secret, opened *closers) error {
	seed, err := s.seed("dedup")
	if err != nil {
		return err
	}
	n.collector, err = clickstream.OpenCollector(ctx, clickstream.CollectorConfig{
		Log: n.events, Dir: n.dir.collector(), Partitions: n.dataPartitions(), Seed: seed, Pressure: n.pressure,
	})
	if err != nil {
		return fmt.Errorf("collector: %w", err)
	}
	opened.add("collector", func(context.Context) error { return n.collector.Close() })
	for _, site := range n.shop.Sites() {
		if err := n.tellSettings(ctx, site); err != nil {
			return err
		}
	}
	n.impressions = startImpressions(n.now, n.collector.Generate)
	opened.add("impressions", n.impressions.close)
	return nil
}

// maxLag is how many records the folds may be behind before intake is refused.
const maxLag = 2_000_000

func (n *node) pressure() error {
	if lag := n.runner.Lag("sessions"); lag > maxLag {
		return &clickstream.OverloadedError{Reason: fmt.Sprintf("folds are %d records behind", lag), RetryAfter: time.Second}
	}
	return nil
}

// tellSettings writes a site's session settings where the folds read them.
func (n *node) tellSettings(ctx context.Context, site shop.Site) error {
	return n.collector.Settings(ctx, site.Sessions())
}

// openPush opens the hub and starts the folds, which call it.
func (n *node) openPush(_ context.Context, _ secret, opened *closers) error {
	epoch, err := n.dir.incarnation(n.events.Epoch())
	if err != nil {
		return err
	}
	n.offerWatch = newOfferWatch(n)
	n.hub = push.New(push.Config{
		Epoch: epoch, Backend: pushBackend{n}, Seen: n.offerWatch.noteSeen, MaxConns: n.cfg.sockets, MaxConnsPerAddress: n.cfg.socketsPerAddr,
	})
	opened.add("hub", func(ctx context.Context) error { return n.hub.Drain(ctx, drainSpread) })
	n.runner.Start()
	return nil
}

// dataPartitions is the number of partitions that carry events; the log has one more, for intake.
func (n *node) dataPartitions() int { return n.events.Partitions() - 1 }

// position is the Seq after the newest durable record of the events log.
func (n *node) position() uint64 {
	var room [1025]uint64
	return n.events.Cut(room[:0]).Seq
}

// clock is a site's time: the wall's, or for replayed history the newest of its events, Unix ms.
func (n *node) clock(site string, now time.Time) int64 {
	if s, ok := n.shop.Site(site); ok && s.Clock == shop.EventClock {
		return n.collector.SiteClock(site)
	}
	return now.UnixMilli()
}
