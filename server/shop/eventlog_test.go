package shop

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"beckon/clickstream/eventlog"
)

// writerEnv turns the test binary into the process that TestKillLosesNothing kills.
const writerEnv = "BECKON_TEST_SHOP_WRITER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(writerEnv); dir != "" {
		if err := writeUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func openControl(dir string) (*eventlog.Log, error) {
	return eventlog.Open(eventlog.Config{Dir: filepath.Join(dir, "control"), Partitions: 1, SegmentBytes: 256 << 10})
}

func openOn(ctx context.Context, dir string, log *eventlog.Log, snapshotBytes int64) (*Store, error) {
	return Open(ctx, Config{
		Log: log, Dir: filepath.Join(dir, "shop"), Secret: testSecret, Now: func() int64 { return time.Now().UnixMilli() },
		snapshotBytes: snapshotBytes,
	})
}

// writeUntilKilled adds one piece of stock at a time from four goroutines and says each id after it was accepted.
func writeUntilKilled(dir string) error {
	ctx := context.Background()
	log, err := openControl(dir)
	if err != nil {
		return err
	}
	s, err := openOn(ctx, dir, log, 1) // snapshots all the time, so that some kills meet one that is being written
	if err != nil {
		return err
	}
	if _, ok := s.Site("s"); !ok {
		if _, err := s.CreateSite(ctx, "test", "s", Settings{}); err != nil {
			return err
		}
		if _, err := s.PutItems(ctx, "test", "s", strings.NewReader(`{"item_id":"a","stock":0}`), ""); err != nil {
			return err
		}
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for {
				id := strings.ToLower(randomKey())
				a, err := s.PostStock(ctx, "test", "s", strings.NewReader(fmt.Sprintf(`{"item_id":"a","delta":1,"id":%q}`, id)))
				if err == nil && a.Accepted == 1 {
					fmt.Println(id)
				}
			}
		})
	}
	wg.Wait()
	return nil
}

func TestKillLosesNothing(t *testing.T) {
	dir := t.TempDir()
	acked := map[string]bool{}
	for range 6 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), writerEnv+"="+dir)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		in := bufio.NewScanner(out)
		for n := rand.IntN(300); in.Scan(); n-- {
			acked[in.Text()] = true
			if n == 0 {
				cmd.Process.Kill()
			}
		}
		cmd.Wait() // "signal: killed"
		if cmd.ProcessState.Exited() {
			t.Fatal("the writer ended by itself")
		}
	}
	log, err := openControl(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	s, err := openOn(t.Context(), dir, log, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	it, ok := s.Item("s", "a")
	if !ok {
		t.Fatal("the item is gone")
	}
	refs := s.fold.sites["s"].refs
	for id := range acked {
		if _, ok := refs.newer[makeRef("a", id)]; !ok {
			t.Errorf("%s was accepted and is lost", id)
		}
	}
	if int(it.Stock) != len(refs.newer) || len(acked) > len(refs.newer) {
		t.Errorf("stock %d of %d distinct deltas, %d of them acknowledged", it.Stock, len(refs.newer), len(acked))
	}
	t.Logf("%d acknowledged, %d durable", len(acked), len(refs.newer))
}

func TestStateSurvivesOnDisk(t *testing.T) {
	dir := t.TempDir()
	log, err := openControl(dir)
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, log)
	r.makeSite("s1")
	r.makeSite("s2")
	rng := rand.New(rand.NewPCG(4, 4))
	for round := range 3 {
		act(r, rng, 40)
		want := state(t, r.fold)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		if round == 1 { // without snapshots
			if err := os.RemoveAll(r.dir); err != nil {
				t.Fatal(err)
			}
		}
		if err := log.Close(); err != nil {
			t.Fatal(err)
		}
		if log, err = openControl(dir); err != nil {
			t.Fatal(err)
		}
		r.log = log
		r.open()
		if got := state(t, r.fold); !bytes.Equal(got, want) {
			t.Fatalf("round %d: %s", round, firstDifference(got, want))
		}
	}
	if err := errors.Join(r.Close(), log.Close()); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkPut100kItemsOnDisk(b *testing.B) {
	lines := catalogLines(100_000)
	b.SetBytes(int64(len(lines)))
	for b.Loop() {
		dir := b.TempDir()
		log, err := eventlog.Open(eventlog.Config{Dir: filepath.Join(dir, "control"), Partitions: 1})
		if err != nil {
			b.Fatal(err)
		}
		s, err := openOn(b.Context(), dir, log, 0)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.CreateSite(b.Context(), "bench", "s", Settings{}); err != nil {
			b.Fatal(err)
		}
		if a, err := s.PutItems(b.Context(), "bench", "s", io.Reader(bytes.NewReader(lines)), ""); err != nil || a.Accepted != 100_000 {
			b.Fatal(a, err)
		}
		b.StopTimer()
		if err := errors.Join(s.Close(), log.Close()); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
