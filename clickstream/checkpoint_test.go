package clickstream

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// twoCheckpoints makes a log of 40 events and checkpoints after 20 and 40.
func twoCheckpoints(t *testing.T) (log *foldLog, dir string) {
	t.Helper()
	log, dir = newFoldLog(3), t.TempDir()
	r := startable(t, RunnerConfig{Log: log, Partitions: 2, Dir: dir, Folds: []NamedFold{{"trace", &traceFold{}}}})
	r.Start()
	for i := range 40 {
		putEvents(t, log, 2, viewOf(fmt.Sprint("v", i%7), int64(1000*i), fmt.Sprint("i", i)))
		if i%20 == 19 {
			settled(t, r)
			if err := r.Checkpoint(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
	}
	closeRunner(t, r)
	return log, dir
}

// damage applies f to every file of a checkpoint in turn, each on a fresh copy.
func eachDamage(t *testing.T, do func(t *testing.T, log *foldLog, dir, file string)) {
	t.Helper()
	log, dir := twoCheckpoints(t)
	newest := filepath.Join(dir, checkpointDir(40))
	files, err := os.ReadDir(newest)
	if err != nil || len(files) != 5 { // sessions-00, orders, identity, trace, manifest
		t.Fatalf("files %v, %v", files, err)
	}
	for _, f := range files {
		for _, how := range []struct {
			name string
			do   func(b []byte) []byte
		}{
			{"gone", func([]byte) []byte { return nil }},
			{"empty", func(b []byte) []byte { return b[:0] }},
			{"cut short", func(b []byte) []byte { return b[:len(b)-1] }},
			{"longer", func(b []byte) []byte { return append(b, 0) }},
			{"first byte", func(b []byte) []byte { b[0] ^= 1; return b }},
			{"a byte in the middle", func(b []byte) []byte { b[len(b)/2] ^= 0x10; return b }},
			{"last byte", func(b []byte) []byte { b[len(b)-1] ^= 0x80; return b }},
		} {
			t.Run(f.Name()+" "+how.name, func(t *testing.T) {
				copied := t.TempDir()
				if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
					t.Fatal(err)
				}
				path := filepath.Join(copied, checkpointDir(40), f.Name())
				b, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if b = how.do(b); b == nil {
					err = os.Remove(path)
				} else {
					err = os.WriteFile(path, b, 0o644)
				}
				if err != nil {
					t.Fatal(err)
				}
				do(t, log, copied, path)
			})
		}
	}
}

func TestDamagedCheckpointIsSkippedForTheOlder(t *testing.T) {
	eachDamage(t, func(t *testing.T, log *foldLog, dir, file string) {
		trace := &traceFold{}
		r := startable(t, RunnerConfig{Log: log, Partitions: 2, Dir: dir, Folds: []NamedFold{{"trace", trace}}})
		if s := r.Restored(); s.Seq != 20 || len(s.Skipped) != 1 || !strings.Contains(s.Skipped[0].Error(), filepath.Dir(file)) {
			t.Fatalf("restored %+v", s)
		}
		if trace.facts != 20 {
			t.Errorf("trace restored with %d facts", trace.facts)
		}
		r.Start()
		settled(t, r)
		closeRunner(t, r)
		if trace.facts != 40 || len(r.Failures()) > 0 {
			t.Errorf("%d facts, failures %v", trace.facts, r.Failures())
		}
		found, err := VerifyCheckpoints(dir)
		if err != nil || len(found) != 2 || found[0].Seq != 40 || found[0].Err != nil || found[1].Err != nil {
			t.Errorf("after the next checkpoint: %+v, %v", found, err)
		}
		if low := r.Low(nil); low[0]+low[1] != 20 {
			t.Errorf("low %v", low)
		}
	})
}

func TestVerifyNamesTheDamagedCheckpoint(t *testing.T) {
	eachDamage(t, func(t *testing.T, _ *foldLog, dir, file string) {
		found, err := VerifyCheckpoints(dir)
		if err != nil || len(found) != 2 || found[0].Err == nil || found[1].Err != nil || len(found[1].Ends) != 2 {
			t.Errorf("%+v, %v", found, err)
		}
	})
}

func TestUnknownVersionIsSkipped(t *testing.T) {
	log, dir := twoCheckpoints(t)
	path := filepath.Join(dir, checkpointDir(40))
	m, err := readManifest(path)
	if err != nil {
		t.Fatal(err)
	}
	m.Version++
	text, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path, manifestName), text, 0o644); err != nil {
		t.Fatal(err)
	}
	r := startable(t, RunnerConfig{Log: log, Partitions: 2, Dir: dir, Folds: []NamedFold{{"trace", &traceFold{}}}})
	if s := r.Restored(); s.Seq != 20 || len(s.Skipped) != 1 || !strings.Contains(s.Skipped[0].Error(), "version 2") {
		t.Errorf("restored %+v", s)
	}
}

func TestWithoutACheckpointTheLogIsFoldedFromItsFirstRecordOrNotAtAll(t *testing.T) {
	log, dir := twoCheckpoints(t)
	for _, seq := range []uint64{20, 40} {
		if err := os.Truncate(filepath.Join(dir, checkpointDir(seq), "fold-orders"), 3); err != nil {
			t.Fatal(err)
		}
	}
	trace := &traceFold{}
	cfg := RunnerConfig{Log: log, Partitions: 2, Dir: dir, Folds: []NamedFold{{"trace", trace}}}
	r := startable(t, cfg)
	if s := r.Restored(); s.Checkpoint != "" || len(s.Skipped) != 2 || trace.facts != 0 {
		t.Errorf("restored %+v", s)
	}
	if low := r.Low(nil); low[0] != 0 || low[1] != 0 {
		t.Errorf("low %v", low)
	}
	log.first[1] = 1
	_, err := OpenRunner(context.Background(), cfg)
	var damage *CheckpointError
	if !errors.Is(err, ErrNoCheckpoint) || !errors.As(err, &damage) {
		t.Errorf("opened a log that starts later: %v", err)
	}
}

func TestFoldWhoseSnapshotIsRefusedIsFoldedAgain(t *testing.T) {
	log, dir := twoCheckpoints(t)
	r := startable(t, RunnerConfig{Log: log, Partitions: 2, Dir: dir, Folds: []NamedFold{{"trace", &traceFold{}}, {"new", &traceFold{}}}})
	if s := r.Restored(); s.Checkpoint != "" || len(s.Skipped) != 2 {
		t.Errorf("a fold that no checkpoint knows: %+v", s)
	}
	log.first[0] = 1
	r = startable(t, RunnerConfig{Log: log, Partitions: 2, Dir: dir, Folds: []NamedFold{{"trace", &traceFold{}}, {"new", &traceFold{}}}})
	if s := r.Restored(); s.Seq != 40 || len(s.Empty) != 1 || s.Empty[0] != "new" {
		t.Errorf("with a log that starts later: %+v", s)
	}
}

func TestCheckpointOfAnotherLogIsSkipped(t *testing.T) {
	log, dir := twoCheckpoints(t)
	cfg := RunnerConfig{Log: log, Partitions: 2, Dir: dir, Folds: []NamedFold{{"trace", &traceFold{}}}}
	log.epoch = "e2"
	if s := startable(t, cfg).Restored(); s.Checkpoint != "" || len(s.Skipped) != 2 {
		t.Errorf("another epoch: %+v", s)
	}
	log.epoch = "e1"
	cfg.Log = log.upTo(30)
	if s := startable(t, cfg).Restored(); s.Seq != 20 || len(s.Skipped) != 1 {
		t.Errorf("beyond the log's end: %+v", s)
	}
}

func TestUnfinishedCheckpointIsNone(t *testing.T) {
	log, dir := twoCheckpoints(t)
	if err := os.Rename(filepath.Join(dir, checkpointDir(40)), filepath.Join(dir, temporaryPrefix+checkpointDir(40))); err != nil {
		t.Fatal(err)
	}
	r := startable(t, RunnerConfig{Log: log, Partitions: 2, Dir: dir, Folds: []NamedFold{{"trace", &traceFold{}}}})
	if s := r.Restored(); s.Seq != 20 || len(s.Skipped) != 0 {
		t.Errorf("restored %+v", s)
	}
	r.Start()
	settled(t, r)
	closeRunner(t, r)
	if found, err := VerifyCheckpoints(dir); err != nil || len(found) != 2 || found[0].Seq != 40 || found[0].Err != nil {
		t.Errorf("%+v, %v", found, err)
	}
}

func TestCheckpointThatCannotBeWrittenIsReportedAndTriedAgain(t *testing.T) {
	log, dir := newFoldLog(2), filepath.Join(t.TempDir(), "sub")
	if err := os.WriteFile(dir, nil, 0o644); err != nil { // a file where the folder should be
		t.Fatal(err)
	}
	if _, err := OpenRunner(context.Background(), RunnerConfig{Log: log, Partitions: 1, Dir: dir, CheckpointEvery: -1}); err == nil {
		t.Fatal("opened with a file as its folder")
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	r := startable(t, RunnerConfig{Log: log, Partitions: 1, Dir: dir})
	r.Start()
	putEvents(t, log, 1, viewOf("v", 1, "a"))
	settled(t, r)
	if err := os.WriteFile(dir, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := r.Checkpoint(context.Background()); err == nil {
		t.Error("wrote into a file")
	}
	if _, last := r.Checkpoints(); last == nil || len(r.Failures()) != 0 {
		t.Errorf("last error %v, failures %v", last, r.Failures())
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := r.Checkpoint(context.Background()); err != nil {
		t.Error(err)
	}
	closeRunner(t, r)
}
