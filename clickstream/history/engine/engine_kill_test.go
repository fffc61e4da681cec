package engine

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

const tokenTable = "CREATE TABLE t (batch UInt32, a UInt64) ENGINE = MergeTree ORDER BY (batch, a) " +
	"SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1"

const batchRows = 5000

// insertBatch inserts batch number n as one block, named by a token.
func insertBatch(ctx context.Context, db driver.Conn, n int) error {
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"insert_deduplication_token": fmt.Sprintf("batch-%d", n)}))
	batch, err := db.PrepareBatch(ctx, "INSERT INTO t")
	if err != nil {
		return err
	}
	for i := range batchRows {
		if err := batch.Append(uint32(n), uint64(i)); err != nil {
			return err
		}
	}
	return batch.Send()
}

func kill(t testing.TB, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatalf("kill %d: %v", pid, err)
	}
}

func stop(t testing.TB, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatalf("stop %d: %v", pid, err)
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

// statusBytes is a line of /proc/PID/status that counts kB.
func statusBytes(t testing.TB, pid int, name string) int64 {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("/proc", itoa(pid), "status"))
	if err != nil {
		t.Skipf("this system does not tell a process's memory: %v", err)
	}
	for line := range strings.Lines(string(b)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == name+":" {
			kb, err := strconv.ParseInt(f[1], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kb << 10
		}
	}
	t.Fatalf("no %s in %s", name, b)
	return 0
}

func TestAKilledChildIsStartedAgainWithItsData(t *testing.T) {
	for _, listen := range []string{"", "127.0.0.1:0"} {
		e := startEngine(t, Config{Listen: listen})
		db := open(t, e)
		run(t, db, tokenTable)
		if err := insertBatch(t.Context(), db, 1); err != nil {
			t.Fatal(err)
		}
		before := e.State()
		kill(t, before.PID)
		eventually(t, "another child answers", func() bool { s := e.State(); return s.Running && s.PID != before.PID })
		after := e.State()
		if after.Restarts != 1 || !strings.Contains(after.LastExit, "killed") || after.Address != before.Address {
			t.Errorf("state %+v after %+v", after, before)
		}
		again := open(t, e) // the first pool's idle connection has ended with the child
		if err := insertBatch(t.Context(), again, 1); err != nil {
			t.Fatal(err)
		}
		if n := count(t, again, "SELECT count() FROM t"); n != batchRows {
			t.Errorf("%d rows, want %d: a batch that comes again is one", n, batchRows)
		}
	}
}

func TestSignalsForTheWholeServiceDoNotEndTheChild(t *testing.T) {
	e := startEngine(t, Config{})
	pid := e.State().PID
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		if err := syscall.Kill(pid, s); err != nil {
			t.Fatal(err)
		}
		run(t, open(t, e), "SELECT 1")
	}
	if s := e.State(); s.PID != pid || s.Restarts != 0 {
		t.Errorf("state %+v, want process %d still", s, pid)
	}
}

func TestACrashIsToldByItsFirstLines(t *testing.T) {
	e := startEngine(t, Config{Log: func(string) {}})
	pid := e.State().PID
	if err := syscall.Kill(pid, syscall.SIGSEGV); err != nil {
		t.Fatal(err)
	}
	eventually(t, "another child answers", func() bool { s := e.State(); return s.Running && s.PID != pid })
	if how := e.State().LastExit; !strings.Contains(how, "SIGSEGV") || strings.Count(how, "\n") > keptLines {
		t.Errorf("it ended: %s", how)
	}
}

func TestRowsThatWereAcknowledgedSurviveKillsInTheMiddleOfInserts(t *testing.T) {
	const batches, kills = 60, 6
	e := startEngine(t, Config{Log: func(string) {}})
	db := open(t, e)
	run(t, db, tokenTable)
	inserted := make(chan int) // the batch that was acknowledged
	go func() {
		defer close(inserted)
		for n := range batches {
			for insertBatch(t.Context(), db, n) != nil && t.Context().Err() == nil {
				select {
				case <-t.Context().Done():
				case <-time.After(10 * time.Millisecond): // a writer's backoff
				}
			}
			inserted <- n
		}
	}()
	for n := range inserted {
		if n%(batches/kills) == batches/kills-1 {
			if pid := e.State().PID; pid != 0 {
				kill(t, pid) // while the next batch is on its way
			}
		}
	}
	eventually(t, "a child answers", func() bool { return e.State().Running && db.Exec(t.Context(), "SELECT 1") == nil })
	if n := count(t, db, "SELECT count() FROM t"); n != batches*batchRows {
		t.Errorf("%d rows, want %d", n, batches*batchRows)
	}
	if n := count(t, db, "SELECT uniqExact(batch, a) FROM t"); n != batches*batchRows {
		t.Errorf("%d different rows, want %d", n, batches*batchRows)
	}
	if s := e.State(); s.Restarts < kills/2 || s.BrokenParts != 0 {
		t.Errorf("state %+v", s)
	}
}

func TestTokensAreKeptOverStarts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "clickhouse")
	for start := range 3 {
		e := startEngine(t, Config{Dir: dir})
		db := open(t, e)
		if start == 0 {
			run(t, db, tokenTable)
		}
		for n := range 3 {
			if err := insertBatch(t.Context(), db, n); err != nil {
				t.Fatal(err)
			}
		}
		if n := count(t, db, "SELECT count() FROM t"); n != 3*batchRows {
			t.Errorf("start %d: %d rows, want %d", start, n, 3*batchRows)
		}
		closeEngine(t, e)
	}
}

func TestTheParentsDeathEndsTheChildAndTheDataCanBeOpenedAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "clickhouse")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	temp, err := os.MkdirTemp("", "b")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(temp)
	cmd := exec.Command(self, parentArgument, dir)
	cmd.Env = append(os.Environ(), "TMPDIR="+temp)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	child, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	kill(t, cmd.Process.Pid)
	_ = cmd.Wait() // says that it was killed
	began := time.Now()
	e := startEngine(t, Config{Dir: dir})
	t.Logf("the next engine answers after %v", time.Since(began))
	if alive(child) {
		t.Errorf("process %d lives beside it", child)
	}
	run(t, open(t, e), "SELECT 1")
	left, err := os.ReadDir(temp)
	if err != nil || len(left) > 0 {
		t.Errorf("left in the folder for temporary files: %v, %v", left, err)
	}
}

func TestASecondEngineOnTheSameDataIsRefused(t *testing.T) {
	e := startEngine(t, Config{})
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	second, err := Start(ctx, Config{Dir: e.cfg.Dir})
	if err == nil {
		closeEngine(t, second)
		t.Fatal("it started")
	}
	if want := e.cfg.Dir + " is in use by another process"; !strings.Contains(err.Error(), want) {
		t.Errorf("error %q, want one with %q", err, want)
	}
}

// damage overwrites every file below dir that has the name.
func damage(t *testing.T, dir, name string) {
	t.Helper()
	found := 0
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.Name() != name {
			return err
		}
		found++
		return os.WriteFile(path, []byte("damaged"), 0o600)
	})
	if err != nil || found == 0 {
		t.Fatalf("damaged %d files %s: %v", found, name, err)
	}
}

func TestADamagedFolderIsNamedInTheEnginesOwnWords(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "clickhouse")
	e := startEngine(t, Config{Dir: dir})
	run(t, open(t, e), "CREATE DATABASE d", "CREATE TABLE d.broken (a UInt64) ENGINE = MergeTree ORDER BY a")
	closeEngine(t, e)
	damage(t, dir, "broken.sql")
	again, err := Start(t.Context(), Config{Dir: dir})
	if err == nil {
		closeEngine(t, again)
		t.Fatal("it started")
	}
	for _, want := range []string{dir, "broken.sql", "SYNTAX_ERROR"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q, want one with %q", err, want)
		}
	}
}

func TestAPartThatCannotBeReadIsReported(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "clickhouse")
	e := startEngine(t, Config{Dir: dir})
	run(t, open(t, e), "CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a", "INSERT INTO t SELECT number FROM numbers(1000)")
	closeEngine(t, e)
	damage(t, dir, "checksums.txt")
	if n := startEngine(t, Config{Dir: dir}).State().BrokenParts; n != 1 {
		t.Errorf("%d broken parts, want 1", n)
	}
}
