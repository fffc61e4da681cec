package clickstream

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// never is a flush interval that no test reaches.
func never(cfg *CollectorConfig) { cfg.FlushEvery = time.Hour }

// crash is a copy of dir as it is now: what a process that ended here would find.
func crash(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "crashed")
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

func dedupFileNames(t *testing.T, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "ids-*.dedup"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestIdsAreKnownForTheWindow(t *testing.T) {
	var now atomic.Int64
	now.Store(testNow / hourMillis * hourMillis)
	clock := func(cfg *CollectorConfig) { cfg.Now, cfg.FlushEvery = now.Load, time.Hour }
	log, dir := newIntakeLog(testPartitions+1), t.TempDir()
	c := openCollector(t, log, dir, clock)
	c.mustCollect(t, "a", bodyOf("v", "first"))
	for hour := range 26 {
		now.Add(hourMillis)
		if r := c.mustCollect(t, "a", bodyOf("v", "first", fmt.Sprint("h", hour))); r.Duplicates != 1 || r.Accepted != 1 {
			if hour < 25 {
				t.Fatalf("%d hours later: got %+v, want the id to be known", hour+1, r)
			}
		}
		if hour%7 == 0 {
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			c = openCollector(t, log, dir, clock)
		}
	}
	if n := storedIDs(t, log)["a first"]; n != 2 {
		t.Errorf("stored %d times, want twice: the window has 25 hours", n)
	}
	if n := len(dedupFileNames(t, dir)); n > 27 {
		t.Errorf("got %d files, want one for each hour of the window", n)
	}
	now.Add(100 * hourMillis)
	if r := c.mustCollect(t, "a", bodyOf("v", "first", "h20")); r.Accepted != 2 {
		t.Errorf("got %+v, want both to be new after the window", r)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if n := len(dedupFileNames(t, dir)); n != 1 {
		t.Errorf("got %d files, want those outside of the window removed", n)
	}
	mustBalance(t, openCollector(t, log, dir, clock).Ledger(""))
}

func TestACrashLosesAndDoublesNothing(t *testing.T) {
	log, dir := newIntakeLog(testPartitions+1), t.TempDir()
	c := openCollector(t, log, dir, never)
	for i := range 10 {
		c.mustCollect(t, "a", bodyOf("v", fmt.Sprint(i), "!bad"))
		if i == 4 {
			if err := c.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := c.Ledger("a")
	again := openCollector(t, log, crash(t, dir), never)
	if got := again.Ledger("a"); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, want := again.SiteClock("a"), c.SiteClock("a"); got != want {
		t.Errorf("got clock %d, want %d", got, want)
	}
	if s := again.Stats(); s.Recovered.IDs != 5 || s.Recovered.Scanned != 15 || s.IDs != 10 {
		t.Errorf("got %+v, want 5 ids from files and 3 records of each of the last 5 bodies scanned", s)
	}
	letters, err := again.DeadLetters("a", 100)
	if err != nil || len(letters) != 10 {
		t.Errorf("got %d dead letters, %v, want 10", len(letters), err)
	}
	for i := range 10 {
		if r := again.mustCollect(t, "a", bodyOf("v", fmt.Sprint(i))); r.Duplicates != 1 {
			t.Errorf("%d: got %+v, want a duplicate", i, r)
		}
	}
}

func TestLowIsWhereRecoveryStarts(t *testing.T) {
	log, dir := newIntakeLog(testPartitions+1), t.TempDir()
	c := openCollector(t, log, dir, never)
	c.mustCollect(t, "a", bodyOf("v", "1", "2", "3"))
	partition := PartitionOf("a", "v", testPartitions)
	if low := c.Low(nil); low[partition] != 0 {
		t.Errorf("got %v before a flush", low)
	}
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	low := c.Low(nil)
	if len(low) != testPartitions+1 || low[partition] != 3 || low[testPartitions] != 1 {
		t.Fatalf("got %v, want 3 events and 1 ledger record", low)
	}
	for p := range low { // the log is trimmed as far as it may be
		log.parts[p].first, log.parts[p].batches = low[p], nil
	}
	again := openCollector(t, log, crash(t, dir), never)
	if r := again.mustCollect(t, "a", bodyOf("v", "3", "4")); r.Duplicates != 1 || r.Accepted != 1 {
		t.Errorf("got %+v", r)
	}
	// Without its files a collector does not start on that log: it would forget.
	var gap *DedupError
	if _, err := OpenCollector(t.Context(), collectorConfig(log, t.TempDir(), never)); !errors.As(err, &gap) || gap.First != low[gap.Partition] {
		t.Errorf("got %v, want a DedupError", err)
	}
}

// damaged makes a log and files of two hours with two blocks each.
func damaged(t *testing.T) (*intakeLog, string, Ledger) {
	t.Helper()
	var now atomic.Int64
	now.Store(testNow)
	log, dir := newIntakeLog(testPartitions+1), t.TempDir()
	c := openCollector(t, log, dir, func(cfg *CollectorConfig) { cfg.Now, cfg.FlushEvery = now.Load, time.Hour })
	for i := range 4 {
		if i == 2 {
			now.Add(hourMillis)
		}
		c.mustCollect(t, "a", bodyOf("v", fmt.Sprint(2*i), fmt.Sprint(2*i+1)))
		if err := c.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	l := c.Ledger("")
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return log, dir, l
}

func TestDamagedFilesAreMadeGoodFromTheLog(t *testing.T) {
	log, dir, want := damaged(t)
	names := dedupFileNames(t, dir)
	if len(names) != 2 {
		t.Fatalf("got files %v, want two", names)
	}
	check := func(what string, dir string) {
		t.Helper()
		for round := range 2 { // the second start finds what the first one left
			c, err := OpenCollector(t.Context(), collectorConfig(log, dir, func(cfg *CollectorConfig) {
				cfg.Now, cfg.FlushEvery = func() int64 { return testNow + hourMillis }, time.Hour
			}))
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			if got := c.Ledger(""); got != want {
				t.Errorf("%s, start %d: got %+v, want %+v", what, round, got, want)
			}
			if n := c.Stats().IDs; n != 8 {
				t.Errorf("%s, start %d: got %d ids, want 8", what, round, n)
			}
			if err := c.Close(); err != nil {
				t.Fatalf("%s: %v", what, err)
			}
		}
	}
	for f, path := range names {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for at := 0; at < len(data); at += 3 {
			if at >= 8 && at < dedupHead { // the seed has its own test
				continue
			}
			flipped := crash(t, dir)
			bad := []byte(strings.Clone(string(data)))
			bad[at] ^= 0x10
			if err := os.WriteFile(filepath.Join(flipped, filepath.Base(path)), bad, 0o600); err != nil {
				t.Fatal(err)
			}
			check(fmt.Sprintf("file %d, byte %d flipped", f, at), flipped)
			cut := crash(t, dir)
			if err := os.Truncate(filepath.Join(cut, filepath.Base(path)), int64(at)); err != nil {
				t.Fatal(err)
			}
			check(fmt.Sprintf("file %d cut at %d", f, at), cut)
		}
	}
	// When the log has trimmed what the damaged file had, the start is refused, with the place.
	if err := os.Truncate(names[0], 40); err != nil {
		t.Fatal(err)
	}
	for p := range log.parts {
		log.parts[p].first = log.parts[p].end
	}
	var gap *DedupError
	_, err := OpenCollector(t.Context(), collectorConfig(log, dir, never))
	if !errors.As(err, &gap) || gap.File != filepath.Base(names[0]) || gap.Offset < dedupHead {
		t.Errorf("got %v, want the damage and its place", err)
	}
}

func TestFilesNewerThanTheLogAreNotBelieved(t *testing.T) {
	_, dir, _ := damaged(t)
	older := newIntakeLog(testPartitions + 1) // put back from a backup
	c := openCollector(t, older, dir, never)
	if l := c.Ledger(""); l != (Ledger{}) {
		t.Errorf("got %+v, want what the log has", l)
	}
	if r := c.mustCollect(t, "a", bodyOf("v", "1")); r.Accepted != 1 {
		t.Errorf("got %+v, want the id to be new: the log does not have it", r)
	}
}

func TestAnotherSeedIsNoticed(t *testing.T) {
	log, dir, _ := damaged(t)
	_, err := OpenCollector(t.Context(), collectorConfig(log, dir, func(cfg *CollectorConfig) { cfg.Seed++ }))
	if !errors.Is(err, ErrSeed) {
		t.Errorf("got %v, want ErrSeed", err)
	}
}

func TestAFailedWriteGoesToANewFile(t *testing.T) {
	log, dir := newIntakeLog(testPartitions+1), t.TempDir()
	c := openCollector(t, log, dir, never)
	c.mustCollect(t, "a", bodyOf("v", "1", "!bad"))
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	c.flusher.files.out.Close() // as if the disk were gone
	c.flusher.letters.out.Close()
	low := c.Low(nil)
	for i := range 3 {
		c.mustCollect(t, "a", bodyOf("v", fmt.Sprint("2-", i), "!bad"))
		if err := c.Flush(t.Context()); (err != nil) != (i < 2) { // once for each kind of file
			t.Fatalf("flush %d: got %v", i, err)
		}
		if i < 2 && fmt.Sprint(c.Low(nil)) != fmt.Sprint(low) {
			t.Errorf("flush %d failed, and the log may be trimmed", i)
		}
	}
	if n := c.Stats().FlushFailures; n != 2 {
		t.Errorf("got %d failures, want 2", n)
	}
	for p, offset := range c.Low(nil) {
		log.parts[p].first = offset
	}
	again := openCollector(t, log, crash(t, dir), never)
	if got, want := again.Ledger(""), c.Ledger(""); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if s := again.Stats(); s.IDs != 4 || s.Recovered.Damaged != "" {
		t.Errorf("got %+v", s)
	}
	letters, err := again.DeadLetters("", 10)
	if err != nil || len(letters) != 4 {
		t.Errorf("got %d letters, %v, want 4", len(letters), err)
	}
}
