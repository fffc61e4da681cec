package eventlog

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"

	"beckon/clickstream/record"
)

// gateFS holds every sync until the gate opens, and fails it when told.
type gateFS struct {
	osFS
	gate chan error // receives what a sync returns; closed: nil at once
}

type gateFile struct {
	File
	gate chan error
}

func (f *gateFS) OpenFile(name string, flag int) (File, error) {
	file, err := f.osFS.OpenFile(name, flag)
	if err != nil || strings.HasSuffix(name, ".tmp") || f.gate == nil {
		return file, err
	}
	return &gateFile{file, f.gate}, nil
}

func (f *gateFile) Sync() error {
	if err := <-f.gate; err != nil {
		return err
	}
	return f.File.Sync()
}

// gated is a log whose newest segment's syncs wait for the gate.
func gated(t *testing.T) (l *Log, gate chan error) {
	t.Helper()
	cfg := small(t.TempDir(), 1)
	cfg.SegmentBytes = 1 << 20
	l, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	gate = make(chan error, 1)
	gate <- nil // of Open
	cfg.QueueBytes = 1000
	cfg.FS = &gateFS{gate: gate}
	return open(t, cfg), gate
}

func TestAppendBlocksWhileTheQueueIsFullAndObeysItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, gate := gated(t)
		big := func(name string) []record.Append { return []record.Append{packed(0, name+strings.Repeat("q", 600))} }
		var wg sync.WaitGroup
		results := make(chan error, 2)
		wg.Go(func() { _, err := l.Append(context.Background(), big("a")); results <- err })
		synctest.Wait() // a is being written
		wg.Go(func() { _, err := l.Append(context.Background(), big("b")); results <- err })
		synctest.Wait() // b waits
		ctx, cancel := context.WithCancel(t.Context())
		third := make(chan error, 1)
		wg.Go(func() { _, err := l.Append(ctx, big("c")); third <- err })
		synctest.Wait() // c has no room
		cancel()
		if err := <-third; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		gate <- nil
		gate <- nil
		for range 2 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		wg.Wait()
		if c := l.Cut(nil); c.Seq != 2 {
			t.Errorf("got %d records", c.Seq)
		}
		close(gate)
	})
}

func TestCancelledAppendMayStillBecomeDurable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, gate := gated(t)
		ctx, cancel := context.WithCancel(t.Context())
		result := make(chan error, 1)
		go func() { _, err := l.Append(ctx, []record.Append{packed(0, "late")}); result <- err }() // waited for by result
		synctest.Wait()
		cancel()
		if err := <-result; !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
		if c := l.Cut(nil); c.Seq != 0 {
			t.Error("it is durable before its sync")
		}
		changed := l.Changed(0)
		gate <- nil
		<-changed
		if got := payloads(readAll(t, l, 0, 0, 100)); !slices.Equal(got, []string{"late"}) {
			t.Errorf("got %q", got)
		}
		close(gate)
	})
}

func TestFailedSyncIsFinalForAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, gate := gated(t)
		results := make(chan error, 2)
		wait := func(name string) {
			go func() { _, err := l.Append(context.Background(), []record.Append{packed(0, name)}); results <- err }() // waited for by results
		}
		wait("a")
		synctest.Wait()
		wait("b")
		synctest.Wait()
		gate <- syscall.EIO
		var failed *FailedError
		for range 2 {
			if err := <-results; !errors.As(err, &failed) || !errors.Is(err, syscall.EIO) {
				t.Errorf("got %v, want a *FailedError", err)
			}
		}
		if _, err := l.Append(t.Context(), []record.Append{packed(0, "c")}); !errors.As(err, &failed) {
			t.Errorf("later: got %v", err)
		}
		if l.Err() == nil {
			t.Error("Err is nil")
		}
		if got := readAll(t, l, 0, 0, 100); len(got) != 0 {
			t.Errorf("readers see %v", got)
		}
		close(gate)
		if err := l.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
}
