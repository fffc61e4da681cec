package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"beckon/clickstream/history"
	"beckon/clickstream/history/engine"
)

// anotherServer is a ClickHouse that is reached by URL, with a database of the test's own.
func anotherServer(t *testing.T) (url string) {
	t.Helper()
	if url := os.Getenv("BECKON_TEST_CLICKHOUSE_URL"); url != "" {
		base, query, _ := strings.Cut(url, "?")
		parts := strings.SplitAfterN(base, "/", 4)
		return strings.Join(parts[:min(3, len(parts))], "") + fmt.Sprintf("/moved_%d?%s", time.Now().UnixNano(), query)
	}
	e, err := engine.Start(t.Context(), engine.Config{Dir: filepath.Join(t.TempDir(), "clickhouse"), Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := e.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	opts := e.Options()
	return fmt.Sprintf("http://%s:%s@%s/moved", opts.Auth.Username, opts.Auth.Password, opts.Addr[0])
}

// TestHistoryMovesWithABackup goes from an embedded installation that runs to another embedded one, and to a ClickHouse server. Nothing is
// lost or doubled on the way, and all three go on.
func TestHistoryMovesWithABackup(t *testing.T) {
	in := withHistory(t)
	in.start("--partitions", "4")
	in.live(0)
	in.ask("settle history", nil)
	in.live(1) // some of it is in ClickHouse when the backup begins, some is not
	copied := filepath.Join(t.TempDir(), "copy")
	if out := in.command("backup", copied, "--data", in.dir); !strings.Contains(out, "history: ") || !strings.Contains(out, " rows") {
		t.Errorf("backup said %q", out)
	}
	in.live(2)
	in.stopSettled("--partitions", "4")
	in.command("verify", "--data", in.dir)

	for _, url := range []string{"", anotherServer(t)} {
		back := &installation{t: t, dir: filepath.Join(t.TempDir(), "data"), site: in.site, env: map[string]string{"BECKON_HISTORY": "auto"}, public: in.public, secret: in.secret}
		if url != "" {
			back.env["BECKON_CLICKHOUSE_URL"] = url
		}
		back.cutShortRestore(copied)
		back.command("restore", copied, "--data", back.dir)
		back.start()
		back.live(3)
		back.stopSettled()
		verify := []string{"verify", "--data", back.dir}
		if url != "" {
			verify = append(verify, "--history", url)
		}
		t.Log(strings.TrimSpace(back.command(verify...)))
		if err := os.RemoveAll(filepath.Join(back.dir, "none")); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(dataDir(back.dir).history()); (err == nil) != (url == "") {
			t.Errorf("with URL %q the folder's own engine was used: %v", url, err)
		}
		if url == "" {
			continue
		}
		var out output
		if err := run(t.Context(), []string{"restore", copied, "--data", filepath.Join(t.TempDir(), "again")}, back.getenv, &out, &out); err == nil || !strings.Contains(err.Error(), "empty history") {
			t.Errorf("restored over a history: %v", err)
		}
	}
}

// cutShortRestore ends a restore when its first rows are in. A server does not start on what it leaves.
func (in *installation) cutShortRestore(copied string) {
	in.t.Helper()
	ctx, cancel := context.WithCancel(in.t.Context())
	defer cancel()
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for ctx.Err() == nil {
			text, err := os.ReadFile(dataDir(in.dir).path(historyMark))
			if err == nil && !strings.HasSuffix(string(text), " 0\n") {
				cancel()
			}
			select {
			case <-ctx.Done():
			case <-time.After(time.Millisecond):
			}
		}
	}()
	var out output
	err := run(ctx, []string{"restore", copied, "--data", in.dir}, in.getenv, &out, &out)
	cancel()
	<-watched
	if !errors.Is(err, context.Canceled) {
		in.t.Fatalf("the restore was not cut short: %v\n%s", err, out.String())
	}
	if err := run(in.t.Context(), in.serveArgs(), in.getenv, &out, &out); err == nil || !strings.Contains(err.Error(), "half restored") {
		in.t.Errorf("a server started on a half restored folder: %v", err)
	}
}

func TestBackupSaysWhatBecameOfTheHistory(t *testing.T) {
	in := newInstallation(t)
	in.start()
	in.want(202, "POST", "/v1/events", in.public, batch("v1", event("e1", "view_item", itemOf("sku-1"))), nil)
	copied := filepath.Join(t.TempDir(), "copy")
	if out := in.command("backup", copied, "--data", in.dir); !strings.Contains(out, "history: none is kept here") {
		t.Errorf("backup said %q", out)
	}
	if _, err := history.ReadManifest(filepath.Join(copied, "history")); !os.IsNotExist(err) {
		t.Errorf("got %v", err)
	}
	if out := in.command("restore", copied, "--data", filepath.Join(t.TempDir(), "back")); !strings.Contains(out, "history: none is in this backup") {
		t.Errorf("restore said %q", out)
	}
}

func TestExportGoesThroughTheRunningServer(t *testing.T) {
	in := withHistory(t)
	in.start("--partitions", "4")
	in.live(0)
	in.ask("settle history", nil)
	dir := filepath.Join(t.TempDir(), "parquet")
	day := time.Now().UTC().Truncate(24 * time.Hour)
	args := []string{"export", "--from", day.AddDate(0, 0, -1).Format(time.DateOnly), "--to", day.AddDate(0, 0, 2).Format(time.DateOnly), "--site", in.site, "--data", in.dir, dir}
	running := in.command(args...)
	files, err := filepath.Glob(filepath.Join(dir, "events-*", "*.parquet"))
	if err != nil || len(files) == 0 {
		t.Errorf("no file: %v, %s", err, running)
	}
	in.stopSettled("--partitions", "4")
	args[len(args)-1] = dir + "-alone"
	alone := in.command(args...)
	if strings.Fields(running)[1] != strings.Fields(alone)[1] || strings.Fields(alone)[1] == "0" {
		t.Errorf("running: %s\nalone: %s", running, alone)
	}
	var out output
	var usage *usageError
	if err := run(t.Context(), []string{"export", "--from", "yesterday", "--to", "2026-01-01", dir}, in.getenv, &out, &out); !errors.As(err, &usage) {
		t.Errorf("got %v, want a usage error", err)
	}
}
