package engine

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func TestClickhouseGoReachesTheEngine(t *testing.T) {
	for _, listen := range []string{"", "127.0.0.1:0"} {
		db := open(t, startEngine(t, Config{Listen: listen}))
		run(t, db, "CREATE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
		batch, err := db.PrepareBatch(t.Context(), "INSERT INTO t")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 1000 {
			if err := batch.Append(uint64(i), "x"); err != nil {
				t.Fatal(err)
			}
		}
		if err := batch.Send(); err != nil {
			t.Fatal(err)
		}
		var sum, n uint64
		ctx := clickhouse.Context(t.Context(), clickhouse.WithParameters(clickhouse.Parameters{"b": "x"}))
		if err := db.QueryRow(ctx, "SELECT sum(a), count() FROM t WHERE b = {b:String}").Scan(&sum, &n); err != nil {
			t.Fatal(err)
		}
		if sum != 499500 || n != 1000 {
			t.Errorf("sum %d of %d rows, want 499500 of 1000", sum, n)
		}
	}
}

func TestTheEngineIsAServerInUTC(t *testing.T) {
	db := open(t, startEngine(t, Config{Env: append(os.Environ(), "TZ=Asia/Tokyo")}))
	var zone, async string
	if err := db.QueryRow(t.Context(), "SELECT timezone(), toString(getSetting('async_insert'))").Scan(&zone, &async); err != nil {
		t.Fatal(err)
	}
	if zone != "UTC" && zone != "Etc/UTC" {
		t.Errorf("time zone %s, want UTC", zone)
	}
	if async != "0" && async != "false" {
		t.Errorf("async_insert %s, want 0", async)
	}
}

func TestAWrongSecretIsRefused(t *testing.T) {
	e := startEngine(t, Config{Listen: "127.0.0.1:0"})
	opts := e.Options()
	opts.Auth.Password = "another secret than that of this start"
	db, err := clickhouse.Open(&opts)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var refused *clickhouse.Exception
	if err := db.Exec(t.Context(), "SELECT 1"); !errors.As(err, &refused) || refused.Code != 516 {
		t.Errorf("error %v, want code 516", err)
	}
	for _, url := range []string{"/?query=SELECT+1", "/?query=SELECT+1&user=default&password="} {
		response, err := http.Get("http://" + e.State().Address + url)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode < 400 {
			t.Errorf("%s without the secret is answered with %s", url, response.Status)
		}
	}
}

func TestTheSocketIsPrivate(t *testing.T) {
	e := startEngine(t, Config{})
	info, err := os.Stat(filepath.Dir(e.State().Address))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("its folder has mode %v, want 0700", info.Mode().Perm())
	}
	secret := e.Options().Auth.Password
	for _, name := range []string{"cmdline", "environ"} {
		said, err := os.ReadFile(filepath.Join("/proc", strings.TrimSpace(itoa(e.State().PID)), name))
		if errors.Is(err, os.ErrNotExist) {
			t.Skip("this system has no /proc")
		}
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(said), secret) {
			t.Errorf("the child's %s shows the secret", name)
		}
	}
}

func TestASocketsPathIsShortWhereverTemporaryFilesLie(t *testing.T) {
	long := filepath.Join(t.TempDir(), strings.Repeat("x", 100))
	if err := os.Mkdir(long, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", long)
	e := startEngine(t, Config{})
	if address := e.State().Address; strings.HasPrefix(address, long) {
		t.Errorf("the socket is %s", address)
	}
	left, err := os.ReadDir(long)
	if err != nil || len(left) > 0 {
		t.Errorf("left there: %v, %v", left, err)
	}
}

func TestAQuestionBeyondTheMemoryIsRefusedAndTheEngineLivesOn(t *testing.T) {
	const limit = minMemoryBytes
	e := startEngine(t, Config{MemoryBytes: limit})
	db := open(t, e)
	pid := e.State().PID
	for _, question := range []string{
		"SELECT groupArray(number) FROM numbers(1000000000) FORMAT Null", "SELECT uniqExact(number) FROM numbers(1000000000) FORMAT Null",
	} {
		var refused *clickhouse.Exception
		if err := db.Exec(t.Context(), question); !errors.As(err, &refused) || refused.Code != 241 {
			t.Errorf("%s: error %v, want code 241", question, err)
		}
		if n := count(t, db, "SELECT count() FROM numbers(1000000)"); n != 1000000 {
			t.Errorf("afterwards it counts %d", n)
		}
	}
	if s := e.State(); !s.Running || s.PID != pid || s.MemoryBytes != limit {
		t.Errorf("state %+v, want process %d still", s, pid)
	}
	if peak := statusBytes(t, pid, "VmHWM"); peak > limit {
		t.Errorf("it held %d MB, allowed are %d", peak>>20, int64(limit)>>20)
	}
}

func TestCloseLeavesNoProcessAndNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	e := startEngine(t, Config{Log: func(string) {}})
	pid, folder := e.State().PID, filepath.Dir(e.State().Address)
	opts := e.Options()
	db, err := clickhouse.Open(&opts)
	if err != nil {
		t.Fatal(err)
	}
	run(t, db, "SELECT 1")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	closeEngine(t, e)
	closeEngine(t, e) // again is harmless
	if alive(pid) {
		t.Error("the child lives")
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket's folder: %v, want none", err)
	}
	if s := e.State(); s.Running || s.PID != 0 {
		t.Errorf("state %+v", s)
	}
	eventually(t, "as many goroutines as before", func() bool { return runtime.NumGoroutine() <= before })
}

func TestCloseEndsARunningQuestion(t *testing.T) {
	e := startEngine(t, Config{Log: func(string) {}})
	db := open(t, e)
	asked := make(chan error, 1)
	go func() {
		asked <- db.Exec(context.Background(), "SELECT count() FROM numbers(1000000000000) FORMAT Null")
	}()
	eventually(t, "the question runs", func() bool {
		return count(t, db, "SELECT count() FROM system.processes WHERE query LIKE '%1000000000000%'") > 1
	})
	closeEngine(t, e)
	if err := <-asked; err == nil {
		t.Error("the question has an answer")
	}
}

func TestCloseKillsAChildThatDoesNotEnd(t *testing.T) {
	e := startEngine(t, Config{Log: func(string) {}})
	pid := e.State().PID
	stop(t, pid) // it cannot end by itself
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := e.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, want the deadline", err)
	}
	if alive(pid) {
		t.Error("the child lives")
	}
}

func TestStartSaysWhyItCannot(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		cfg  Config
		want string
	}{
		"no library":         {Config{Library: filepath.Join(t.TempDir(), "none.so")}, FetchCommand},
		"not a library":      {Config{Library: file}, file},
		"no folder":          {Config{Dir: filepath.Join(file, "below")}, file},
		"too little memory":  {Config{MemoryBytes: 1 << 20}, "too few"},
		"a child that fails": {Config{Command: []string{"sh", "-c", "echo no luck today >&2; exit 3"}}, "exit status 3): no luck today"},
		"a child that leaves another behind": {
			Config{Command: []string{"sh", "-c", "sleep 60 & echo left it >&2; exit 4"}}, "left it",
		},
		"no such command": {Config{Command: []string{file + "-none"}}, file + "-none"},
		"a silent child":  {Config{Command: []string{"sh", "-c", "exec sleep 60"}}, "no answer"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.cfg.Dir == "" {
				c.cfg.Dir = filepath.Join(t.TempDir(), "clickhouse")
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			e, err := Start(ctx, c.cfg)
			if err == nil {
				closeEngine(t, e)
				t.Fatal("it started")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %q, want one with %q", err, c.want)
			}
			var missing *MissingError
			if got, want := errors.As(err, &missing), name == "no library"; got != want {
				t.Errorf("a MissingError: %v, want %v", got, want)
			}
		})
	}
}
