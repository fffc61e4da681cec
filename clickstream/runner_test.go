package clickstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"beckon/clickstream/record"
)

func startable(t testing.TB, cfg RunnerConfig) *Runner {
	t.Helper()
	if cfg.CheckpointEvery == 0 {
		cfg.CheckpointEvery = -1
	}
	r, err := OpenRunner(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func settled(t testing.TB, r *Runner) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := r.Wait(ctx, r.cfg.Log.Cut(nil)); err != nil {
		t.Fatalf("wait: %v; failures %v", err, r.Failures())
	}
}

func closeRunner(t testing.TB, r *Runner) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := r.Close(ctx); err != nil {
		t.Fatal(err)
	}
}

// checkpointBytes is everything in the newest checkpoint of dir.
func checkpointBytes(t *testing.T, dir string) map[string]string {
	t.Helper()
	seqs, err := listCheckpoints(dir)
	if err != nil || len(seqs) == 0 {
		t.Fatalf("checkpoints %v, %v", seqs, err)
	}
	all := make(map[string]string)
	path := filepath.Join(dir, checkpointDir(seqs[0]))
	entries, err := os.ReadDir(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(path, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(b)
	}
	return all
}

func TestSameLogGivesTheSameBytesHoweverItIsCutAndRestarted(t *testing.T) {
	const partitions = 5
	for seed := range uint64(6) {
		log := randomLog(t, seed, partitions, 3000)
		config := func(dir string, l Log, window int) (RunnerConfig, *traceFold) {
			trace := &traceFold{}
			return RunnerConfig{Log: l, Partitions: partitions, Dir: dir, Window: window, MaxVisitors: 400, MaxOrders: 50, Folds: []NamedFold{{"trace", trace}}}, trace
		}
		whole := t.TempDir()
		cfg, trace := config(whole, log, 0)
		r := startable(t, cfg)
		r.Start()
		settled(t, r)
		closeRunner(t, r)
		if len(r.Failures()) > 0 || trace.facts < 3000 {
			t.Fatalf("failures %v, %d facts", r.Failures(), trace.facts)
		}
		want := checkpointBytes(t, whole)

		rng := rand.New(rand.NewPCG(seed, 8))
		pieces := t.TempDir()
		for seq := uint64(0); seq < log.seq; {
			seq = min(log.seq, seq+rng.Uint64N(800))
			cfg, _ := config(pieces, log.upTo(seq), 1+rng.IntN(300))
			r := startable(t, cfg)
			if s := r.Restored(); len(s.Skipped) > 0 {
				t.Fatalf("skipped %v", s.Skipped)
			}
			r.Start()
			settled(t, r)
			closeRunner(t, r)
		}
		got := checkpointBytes(t, pieces)
		for name, b := range want {
			if got[name] != b {
				t.Fatalf("seed %d: %s differs (%d and %d bytes)", seed, name, len(got[name]), len(b))
			}
		}
	}
}

func TestFactsOfAllPartitionsComeInSeqOrderAndOnce(t *testing.T) {
	log := randomLog(t, 1, 7, 2000)
	var seqs []uint64
	fold := foldFunc(func(facts []Fact) error {
		for i := range facts {
			seqs = append(seqs, facts[i].Seq)
		}
		return nil
	})
	perPartition := make([]int, 7)
	r := startable(t, RunnerConfig{
		Log: log, Partitions: 7, Dir: t.TempDir(), Window: 100, Folds: []NamedFold{{"seqs", fold}},
		OnFacts: func(p int, facts []Fact) { perPartition[p] += len(facts) },
	})
	r.Start()
	settled(t, r)
	closeRunner(t, r)
	if !slices.IsSorted(seqs) || len(slices.Compact(slices.Clone(seqs))) != len(seqs) {
		t.Error("facts are out of order or doubled")
	}
	sum := 0
	for _, n := range perPartition {
		sum += n
	}
	if sum != len(seqs) || sum < 2000 {
		t.Errorf("%d facts on shards, %d merged", sum, len(seqs))
	}
}

type foldFunc func([]Fact) error

func (f foldFunc) ApplyFacts(facts []Fact) error { return f(facts) }
func (foldFunc) Snapshot(io.Writer) error        { return nil }
func (foldFunc) Restore(io.Reader) error         { return nil }

func TestFailingFoldStopsAloneAndHoldsCheckpoints(t *testing.T) {
	log := newFoldLog(3)
	bad := &traceFold{}
	good := &traceFold{}
	dir := t.TempDir()
	r := startable(t, RunnerConfig{Log: log, Partitions: 2, Dir: dir, Folds: []NamedFold{{"bad", bad}, {"good", good}}})
	bad.fail = errors.New("no more")
	r.Start()
	for i := range 20 {
		putEvents(t, log, 2, viewOf(fmt.Sprint("v", i), int64(i), "a"))
	}
	settled(t, r)
	if f := r.Failures(); len(f) != 1 || f[0].Name != "bad" || f[0].Err.Error() != "no more" {
		t.Errorf("failures %v", f)
	}
	if !r.CaughtUp() || r.Lag("good") != 0 || r.Lag("bad") != 20 || r.LagTime("good") != 0 {
		t.Errorf("caught up %v, lag %d and %d", r.CaughtUp(), r.Lag("good"), r.Lag("bad"))
	}
	if err := r.Checkpoint(context.Background()); !errors.Is(err, errHeld) {
		t.Errorf("checkpoint: %v", err)
	}
	closeRunner(t, r)
	if good.facts != 20 {
		t.Errorf("the good fold got %d facts", good.facts)
	}
	if seqs, _ := listCheckpoints(dir); len(seqs) != 0 {
		t.Errorf("checkpoints %v", seqs)
	}
}

func TestFailingPartitionIsNamedAndTheOthersGoOn(t *testing.T) {
	log := newFoldLog(3)
	putEvents(t, log, 2, viewOf("v1", 1, "a"), viewOf("v2", 1, "a"), viewOf("v3", 1, "a"))
	bad := PartitionOf("s", "v1", 2)
	log.fail[bad] = errors.New("disk is gone")
	r := startable(t, RunnerConfig{Log: log, Partitions: 2, Dir: t.TempDir()})
	r.Start()
	settled(t, r)
	if f := r.Failures(); len(f) != 1 || f[0].Name != fmt.Sprint("sessions/", bad) {
		t.Errorf("failures %v", f)
	}
	if err := r.WaitApplied(context.Background(), "s", "v1"); err == nil {
		t.Error("waiting for a partition that stopped did not fail")
	}
	for i := range 9 {
		if v := fmt.Sprint("w", i); PartitionOf("s", v, 2) != bad {
			putEvents(t, log, 2, viewOf(v, 1, "a"))
			if err := r.WaitApplied(context.Background(), "s", v); err != nil || !r.View("s", v, &ShopperView{}) {
				t.Errorf("visitor of the other partition: %v", err)
			}
		}
	}
	closeRunner(t, r)
}

func TestUnreadableRecordStopsItsPartition(t *testing.T) {
	log := newFoldLog(2)
	putEverywhere(t, log, 1, []byte{99, 1})
	r := startable(t, RunnerConfig{Log: log, Partitions: 1, Dir: t.TempDir()})
	r.Start()
	settled(t, r)
	closeRunner(t, r)
	if f := r.Failures(); len(f) != 1 || !strings.Contains(f[0].Err.Error(), "offset 0") {
		t.Errorf("failures %v", f)
	}
}

func TestOwnWritesAreReadAfterWaiting(t *testing.T) {
	log := newFoldLog(5)
	r := startable(t, RunnerConfig{Log: log, Partitions: 4, Dir: t.TempDir()})
	r.Start()
	defer closeRunner(t, r)
	var view1 ShopperView
	for i := range 300 {
		item := fmt.Sprint("i", i)
		putEvents(t, log, 4, viewOf("v", int64(1000*i), item))
		if err := r.WaitApplied(context.Background(), "s", "v"); err != nil {
			t.Fatal(err)
		}
		if !r.Applied("s", "v") || !r.View("s", "v", &view1) || view1.Recent[0].Item != item {
			t.Fatalf("after %d events %+v", i, view1)
		}
	}
}

func TestSlowFoldMakesPartitionsWaitAndNothingIsLost(t *testing.T) {
	log := newFoldLog(2)
	gate := make(chan struct{})
	var n int
	slow := foldFunc(func(facts []Fact) error {
		<-gate
		n += len(facts)
		return nil
	})
	r := startable(t, RunnerConfig{Log: log, Partitions: 1, Dir: t.TempDir(), Window: 10, Folds: []NamedFold{{"slow", slow}}})
	for i := range 200 {
		putEvents(t, log, 1, viewOf("v", int64(i), "a"))
	}
	r.Start()
	for r.Lag(sessionsName) > 200-10*roundsInFlight {
		<-r.moved.wait()
	}
	if lag := r.Lag(sessionsName); lag != 200-10*roundsInFlight {
		t.Errorf("partitions are %d behind: they ran ahead of the slow fold", lag)
	}
	close(gate)
	settled(t, r)
	closeRunner(t, r)
	if n != 200 {
		t.Errorf("%d facts", n)
	}
}

func TestCheckpointsComeWithTimeAndTwoAreKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFoldLog(3)
		dir := t.TempDir()
		r := startable(t, RunnerConfig{Log: log, Partitions: 2, Dir: dir, CheckpointEvery: time.Minute})
		r.Start()
		for i := range 4 {
			putEvents(t, log, 2, viewOf("v", int64(i), "a"))
			synctest.Wait()
			if low := r.Low(nil); i < 2 && (low[0] != 0 || low[1] != 0) || low[2] != ^uint64(0) {
				t.Errorf("low %v with %d checkpoints", low, i)
			}
			time.Sleep(time.Minute)
			synctest.Wait()
		}
		time.Sleep(time.Hour) // nothing new: no checkpoint
		synctest.Wait()
		if n, err := r.Checkpoints(); n != 4 || err != nil {
			t.Errorf("%d checkpoints, %v", n, err)
		}
		if seqs, err := listCheckpoints(dir); err != nil || !slices.Equal(seqs, []uint64{4, 3}) {
			t.Errorf("kept %v, %v", seqs, err)
		}
		if low := r.Low(nil); low[0]+low[1] != 3 {
			t.Errorf("low %v", low)
		}
		closeRunner(t, r)
	})
}

func TestWaitEndsWithItsContextAndWithTheRunner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newFoldLog(2)
		r := startable(t, RunnerConfig{Log: log, Partitions: 1, Dir: t.TempDir()})
		r.Start()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := r.Wait(ctx, record.Cut{Seq: 5}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("wait: %v", err)
		}
		done := make(chan error)
		go func() { done <- r.Wait(context.Background(), record.Cut{Seq: 5}) }()
		synctest.Wait()
		closeRunner(t, r)
		if err := <-done; !errors.Is(err, errRunnerClosed) {
			t.Errorf("wait: %v", err)
		}
	})
}

func TestNoGoroutineStaysAfterClose(t *testing.T) {
	before := runtime.NumGoroutine()
	log := randomLog(t, 2, 16, 500)
	r := startable(t, RunnerConfig{Log: log, Partitions: 16, Dir: t.TempDir()})
	r.Start()
	settled(t, r)
	closeRunner(t, r)
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}
