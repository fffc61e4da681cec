package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"beckon/clickstream/history"
	"beckon/migrations"
)

// historyWait bounds how long a command waits for the history of a data folder that it opened itself.
const historyWait = time.Minute

// waitHistory waits until the history's writer is there, when there is to be one.
func (n *node) waitHistory(ctx context.Context) error {
	h := n.history
	if !h.configured {
		return nil
	}
	deadline := time.After(historyWait)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for h.writer.Load() == nil {
		select {
		case <-tick.C:
		case <-deadline:
			return h.away()
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// away says why a configured history cannot be had just now.
func (h *historian) away() error {
	return fmt.Errorf("the history cannot be reached: %s", *h.trouble.Load())
}

// backupHistory dumps the history into dir and leaves its writer standing still until resume is called. text says what became of it.
func (n *node) backupHistory(ctx context.Context, dir string, without bool) (text string, resume func(), err error) {
	h := n.history
	switch {
	case without:
		return "left out, as asked", func() {}, nil
	case !h.configured:
		return "none is kept here (" + *h.trouble.Load() + "), so none is in this backup", func() {}, nil
	}
	w := h.writer.Load()
	if w == nil {
		return "", nil, fmt.Errorf("%w; --without-history copies everything else", h.away())
	}
	n.longWork.set(0, 0)
	resume, err = w.Pause(ctx)
	if err != nil {
		return "", nil, fmt.Errorf("pause the history's writer: %w", err)
	}
	m, err := history.Dump(ctx, h.source.Load().db.Conn, dir, n.longWork.set)
	if err != nil {
		resume()
		return "", nil, fmt.Errorf("copy history: %w", err)
	}
	return fmt.Sprintf("%d rows, %d bytes", m.Rows(), m.Bytes()), resume, nil
}

// openHistoryAlone opens the history that a data folder has, or the one at BECKON_CLICKHOUSE_URL, and makes none.
func openHistoryAlone(ctx context.Context, e env, dir dataDir) (*historySource, error) {
	if e.getenv("BECKON_CLICKHOUSE_URL") == "" {
		if _, err := os.Stat(dir.history()); err != nil {
			return nil, fmt.Errorf("%s has no history of its own, and BECKON_CLICKHOUSE_URL is not set: %w", dir, err)
		}
	}
	return openSourceAlone(ctx, e, dir)
}

// historyMark says in a data folder how far restoring its history has come.
const historyMark = "restore.history"

// restoreHistory puts a backup's history into the ClickHouse at BECKON_CLICKHOUSE_URL or else into the embedded engine of dir.
func restoreHistory(ctx context.Context, e env, from string, dir dataDir) (text string, err error) {
	m, err := history.ReadManifest(from)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(from); err == nil {
			return "", fmt.Errorf("%s has no manifest: the backup was cut short", from)
		}
		return "none is in this backup", nil
	}
	if err != nil {
		return "", err
	}
	source, err := openSourceAlone(ctx, e, dir)
	if err != nil {
		return "", fmt.Errorf("%w; --without-history restores everything else", err)
	}
	defer func() { err = errors.Join(err, source.close(context.WithoutCancel(ctx))) }()
	if _, err := source.migrate(ctx, migrations.Config{To: migrations.Latest()}); err != nil {
		return "", err
	}
	bar := stepBar(e.stderr, "history")
	defer bar.Close()
	err = history.Fill(ctx, history.FillConfig{DB: source.db.Conn, Dir: from, Mark: dir.path(historyMark), Progress: steps(bar)})
	if err != nil {
		return "", fmt.Errorf("restore history: %w", err)
	}
	where := "the embedded engine"
	if source.engine == nil {
		where = "database " + source.db.Database() + " of the ClickHouse server"
	}
	return fmt.Sprintf("%d rows into %s", m.Rows(), where), nil
}

// clearRestored removes what an earlier attempt at restoring put into dir, but for its history, which goes on where it was.
func clearRestored(dir dataDir) error {
	for _, part := range append(append([]string{}, backupLogs...), backupParts...) {
		if err := os.RemoveAll(dir.path(part)); err != nil {
			return err
		}
	}
	return nil
}

// endRestore removes the marks of a restore that is complete.
func endRestore(dir dataDir) error {
	for _, name := range []string{historyMark, restoreMark} {
		if err := os.Remove(dir.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return syncDir(filepath.Clean(string(dir)))
}
