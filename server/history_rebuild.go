package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"

	"beckon/clickstream"
	"beckon/clickstream/eventlog"
	"beckon/clickstream/history"
	"beckon/server/shop"
)

// rebuildFolder is where a rebuilt installation grows. What it holds is moved out when it is whole; a rebuild that was cut short leaves it,
// and the next one begins anew.
const rebuildFolder = "rebuild.tmp"

// rebuiltParts are moved out in this order: the events log last, because with it a folder has its logs.
var rebuiltParts = []string{"checkpoints", "collector", "shop", "plans", "control", "events"}

// rebuiltMemory is for how long back a rebuilt collector remembers ids: an hour more than any collector does.
const rebuiltMemory = 26 * time.Hour

// rebuilder writes an installation's logs again from its history and folds them.
type rebuilder struct {
	e     env
	cfg   config
	from  dataDir // where secret and the embedded ClickHouse lie
	into  dataDir
	quiet bool
}

// rebuildFromHistory is `replay --from-history`: every fold from ClickHouse alone. into is "" for a data folder that lost its logs.
func rebuildFromHistory(ctx context.Context, e env, data, into string, quiet bool) error {
	cfg, err := serveConfig(e, []string{"--data", data, "--ops-addr", "off"})
	if err != nil {
		return err
	}
	r := rebuilder{e: e, cfg: cfg, from: dataDir(data), into: dataDir(into), quiet: quiet}
	if into == "" {
		r.into = r.from
	}
	if err := r.prepare(); err != nil {
		return err
	}
	source, err := openHistoryAlone(ctx, e, r.from)
	if err != nil {
		return err
	}
	built, err := r.build(ctx, source.db)
	if err := errors.Join(err, source.close(ctx)); err != nil {
		return err
	}
	if err := r.finish(); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "\nrebuilt %s from history: %d records of the events log up to %d, %d of them erased; the folds are checkpointed there\n", r.into, built.Records, built.Extent.Next, built.Erased)
	return nil
}

// prepare refuses what would overwrite something, and clears what an earlier attempt left.
func (r *rebuilder) prepare() error {
	for _, d := range []dataDir{r.from, r.into} {
		if _, ok := runningServer(d); ok {
			return fmt.Errorf("a server runs on %s; stop it first", d)
		}
	}
	if err := r.hasSecret(); err != nil {
		return err
	}
	if r.into == r.from {
		if _, err := os.Stat(r.into.events()); err == nil {
			return fmt.Errorf("%s still has its events log; rebuild into an empty folder with --into, or move %s away", r.into, r.into.events())
		}
	} else if err := emptyBut(string(r.into), rebuildFolder); err != nil {
		return err
	}
	tmp := r.into.path(rebuildFolder)
	if err := os.RemoveAll(tmp); err != nil {
		return err
	}
	return os.MkdirAll(tmp, 0o700)
}

// hasSecret says so when the installation's key material is missing: a new one would open nothing that the old one sealed.
func (r *rebuilder) hasSecret() error {
	if r.cfg.secret != "" {
		return nil
	}
	_, err := os.Stat(r.from.path("secret"))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the installation's secret is missing: keys and users are sealed with it. Put its file back as %s, or set BECKON_SECRET", r.from.path("secret"))
	}
	return err
}

// emptyBut says whether dir, made if it is missing, holds nothing but name.
func emptyBut(dir, name string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, f := range entries {
		if f.Name() != name {
			return fmt.Errorf("%s is not empty", dir)
		}
	}
	return nil
}

// build writes both logs and folds them, all in the temporary folder.
func (r *rebuilder) build(ctx context.Context, db *history.DB) (history.Rebuilt, error) {
	tmp := dataDir(r.into.path(rebuildFolder))
	keys, err := r.from.openSecret(r.cfg.secret)
	if err != nil {
		return history.Rebuilt{}, err
	}
	if err := r.control(ctx, db, tmp, keys); err != nil {
		return history.Rebuilt{}, err
	}
	bar := r.bar("events log")
	built, err := r.log(ctx, db, tmp.events(), "events", func(log *eventlog.Log, clock *history.Clock) (history.Rebuilt, error) {
		return history.RebuildEvents(ctx, db.Conn, log, clock, steps(bar))
	})
	if err := errors.Join(err, bar.Close()); err != nil {
		return built, err
	}
	return built, r.fold(ctx, tmp, keys)
}

// control writes the control log.
func (r *rebuilder) control(ctx context.Context, db *history.DB, tmp dataDir, keys secret) error {
	sealing, err := keys.key("seal")
	if err != nil {
		return err
	}
	sealer, err := shop.NewRecordSealer(sealing)
	if err != nil {
		return err
	}
	_, err = r.log(ctx, db, tmp.control(), "control", func(log *eventlog.Log, clock *history.Clock) (history.Rebuilt, error) {
		return history.RebuildControl(ctx, db.Conn, log, clock, sealer.Open)
	})
	return err
}

// log makes one log anew. It is synced once, when all of it is there: until then it is thrown away by whoever begins again.
func (r *rebuilder) log(ctx context.Context, db *history.DB, dir, name string, write func(*eventlog.Log, *history.Clock) (history.Rebuilt, error)) (history.Rebuilt, error) {
	x, ok, err := history.ReadExtent(ctx, db.Conn, name)
	if err != nil {
		return history.Rebuilt{}, err
	}
	if !ok {
		return history.Rebuilt{}, fmt.Errorf("history has nothing of the %s log", name)
	}
	var clock history.Clock
	log, err := eventlog.Open(eventlog.Config{Dir: dir, Partitions: len(x.Ends), Epoch: x.Epoch, Now: clock.Now, FS: unsyncedFS{}})
	if err != nil {
		return history.Rebuilt{}, fmt.Errorf("%s log: %w", name, err)
	}
	built, err := write(log, &clock)
	if err := errors.Join(err, log.Close()); err != nil {
		return built, err
	}
	return built, syncTree(dir)
}

// fold restores what the collector and the folds know from the logs alone and writes their files.
func (r *rebuilder) fold(ctx context.Context, tmp dataDir, keys secret) (err error) {
	var opened closers
	defer func() { err = errors.Join(err, opened.closeAll(r.cfg.shutdown)) }()
	n := &node{cfg: r.cfg, dir: tmp, now: time.Now}
	for _, open := range []func(context.Context, secret, *closers) error{n.openLogs, n.openShop, n.openRebuiltFolds} {
		if err := open(ctx, keys, &opened); err != nil {
			return err
		}
	}
	n.runner.Start()
	if err := r.waitFolded(ctx, n); err != nil {
		return err
	}
	if err := n.runner.Checkpoint(ctx); err != nil {
		return err
	}
	seed, err := keys.seed("dedup")
	if err != nil {
		return err
	}
	collector, err := clickstream.OpenCollector(ctx, clickstream.CollectorConfig{
		Log: n.events, Dir: tmp.collector(), Partitions: n.dataPartitions(), Seed: seed, Forget: time.Now().Add(-rebuiltMemory).UnixMilli(),
	})
	if err != nil {
		return fmt.Errorf("collector: %w", err)
	}
	return errors.Join(collector.Flush(ctx), collector.Close())
}

// openRebuiltFolds opens the folds without anybody who listens to them. The history's own is among them: what it plans is in ClickHouse
// already, and the writer passes it over.
func (n *node) openRebuiltFolds(ctx context.Context, _ secret, opened *closers) (err error) {
	plans, err := eventlog.Open(eventlog.Config{Dir: n.dir.plans(), Partitions: 1, SegmentBytes: planSegmentBytes})
	if err != nil {
		return fmt.Errorf("plan log: %w", err)
	}
	opened.add("plan log", func(context.Context) error { return plans.Close() })
	spool, err := history.OpenSpool(history.SpoolConfig{
		Events: n.events, Plans: plans, Applied: func() uint64 { return n.runner.Position(history.SpoolName) },
	})
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	folds, err := n.factFolds()
	if err != nil {
		return err
	}
	folds = append(folds, clickstream.NamedFold{Name: history.SpoolName, Fold: spool})
	n.runner, err = clickstream.OpenRunner(ctx, clickstream.RunnerConfig{
		Log: n.events, Partitions: n.dataPartitions(), Dir: n.dir.checkpoints(), Folds: folds, CheckpointEvery: -1,
		OnFacts: func(_ int, facts []clickstream.Fact) {
			for i := range facts {
				n.noteSeen(&facts[i])
			}
		},
	})
	if err != nil {
		return err
	}
	opened.add("folds", n.runner.Close)
	return nil
}

// waitFolded waits until every fold has applied the whole log, and says how far they are.
func (r *rebuilder) waitFolded(ctx context.Context, n *node) error {
	bar := r.bar("folds")
	defer bar.Close()
	cut := n.events.Cut(nil)
	done := make(chan error, 1)
	go func() { done <- n.runner.Wait(ctx, cut) }() // ends with ctx or the folds, and is waited for below
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			if failed := n.runner.Failures(); err == nil && len(failed) > 0 {
				err = fmt.Errorf("fold %s: %w", failed[0].Name, failed[0].Err)
			}
			if err == nil {
				steps(bar)(cut.Seq, cut.Seq)
			}
			return err
		case <-tick.C:
			slowest := int64(0)
			for _, name := range n.runner.FoldNames() {
				slowest = max(slowest, n.runner.Lag(name))
			}
			steps(bar)(cut.Seq-min(uint64(slowest), cut.Seq), cut.Seq)
		}
	}
}

// finish moves what was built to its place.
func (r *rebuilder) finish() error {
	tmp := r.into.path(rebuildFolder)
	for _, part := range rebuiltParts {
		if err := putAside(r.into.path(part)); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(tmp, part), r.into.path(part)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if r.into != r.from {
		for from, to := range map[string]string{r.from.path("secret"): r.into.path("secret"), r.from.history(): r.into.history()} {
			if err := copyTree(from, to); err != nil {
				return err
			}
		}
	}
	if err := os.RemoveAll(tmp); err != nil {
		return err
	}
	return syncDir(string(r.into))
}

// putAside keeps what stands at name under another name: it is of the installation that was, and fits the new logs no more.
func putAside(name string) error {
	if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	return os.Rename(name, name+".before-"+time.Now().UTC().Format("20060102T150405.000"))
}

func (r *rebuilder) bar(name string) *progressbar.ProgressBar {
	out := r.e.stderr
	if r.quiet {
		out = io.Discard
	}
	return stepBar(out, name)
}
