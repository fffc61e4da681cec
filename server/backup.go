package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"beckon/clickstream/eventlog"
)

// backupParts are the folders beside the logs, and files, that a backup holds. State is copied before the logs, so that every
// position in it lies inside the copied logs.
var backupParts = []string{"collector", "checkpoints", "shop", "replay", "secret", "demo.json", "erasures.json"}

// backupLogs are the logs' folders, in the order in which they are copied: plans name records of the other two.
var backupLogs = []string{"plans", "control", "events"}

// backupCommand makes a consistent copy: through the running server where one runs on the data folder.
func backupCommand(ctx context.Context, e env, args []string) error {
	fs := e.flags("backup", "DIR [--data DIR] [--without-history]")
	data := e.dataFlag(fs)
	without := fs.Bool("without-history", false, "leave out the history that is in ClickHouse")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usagef("backup: one folder to copy into is needed")
	}
	to, err := filepath.Abs(rest[0])
	if err != nil {
		return err
	}
	dir := dataDir(*data)
	if _, err := os.Stat(dir.events()); err != nil { // or an empty backup of a mistyped folder would look like one
		return fmt.Errorf("%s is not a data folder: %w", dir, err)
	}
	var copied backupAnswer
	if s, ok := runningServer(dir); ok {
		stop := watchWork(ctx, e.stderr, "history", s.progress)
		err = s.send(ctx, operation{Name: "backup", Args: map[string]string{"to": to, "without_history": fmt.Sprint(*without)}}, &copied)
		stop()
	} else {
		copied, err = backupAlone(ctx, e, dir, to, *without)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "copied %s to %s\nhistory: %s\n", dir, to, copied.History)
	return nil
}

// backupAnswer says what a backup holds.
type backupAnswer struct {
	To      string `json:"to"`
	History string `json:"history"` // how much of it, or why there is none
}

func backupAlone(ctx context.Context, e env, dir dataDir, to string, without bool) (copied backupAnswer, err error) {
	args := []string{"--data", string(dir), "--ops-addr", "off"}
	if without {
		args = append(args, "--history", "off")
	}
	cfg, err := serveConfig(e, args)
	if err != nil {
		return copied, err
	}
	n, stop, err := openNode(ctx, e, cfg)
	if err != nil {
		return copied, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if !without {
		if err := n.waitHistory(ctx); err != nil {
			return copied, err
		}
	}
	defer watchWork(ctx, e.stderr, "history", n.longWork.read)()
	return n.backup(ctx, to, without)
}

// backup copies the data folder while it runs. The history comes first and its writer stands still until all is copied, so that what
// is not in it yet is in the logs; these are copied up to an instant that lies after the state that was copied.
func (n *node) backup(ctx context.Context, to string, without bool) (copied backupAnswer, err error) {
	n.copying.Lock()
	defer n.copying.Unlock()
	if err := makeEmptyDir(to); err != nil {
		return copied, err
	}
	text, resume, err := n.backupHistory(ctx, filepath.Join(to, "history"), without)
	if err != nil {
		return copied, err
	}
	defer resume()
	return backupAnswer{to, text}, n.backupState(ctx, to)
}

// backupState copies everything that is not in ClickHouse.
func (n *node) backupState(ctx context.Context, to string) error {
	if err := n.settle(ctx); err != nil {
		return err
	}
	if err := errors.Join(n.collector.Flush(ctx), n.runner.Checkpoint(ctx)); err != nil {
		return err
	}
	for _, part := range backupParts {
		if err := copyTree(n.dir.path(part), filepath.Join(to, part)); err != nil {
			return err
		}
	}
	for _, part := range backupLogs {
		log := map[string]*eventlog.Log{"plans": n.history.plans, "control": n.control, "events": n.events}[part]
		if log == nil { // history is off
			continue
		}
		if err := log.Copy(filepath.Join(to, part)); err != nil {
			return err
		}
	}
	return nil
}

func makeEmptyDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("%s is not empty", dir)
	}
	return nil
}

// copyTree copies a file or a folder; what is not there is not copied. A file that vanishes while its folder is copied was
// replaced by a newer one of the same kind, which the caller's order makes harmless.
func copyTree(from, to string) error {
	err := filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		if d.Type()&fs.ModeSymlink != 0 { // ClickHouse's, within its folder
			to, err := os.Readlink(name)
			if err != nil {
				return err
			}
			return os.Symlink(to, target)
		}
		if err := copyFile(name, target); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}
