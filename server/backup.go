package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// backupParts are the folders beside the logs, and files, that a backup holds. State is copied before the logs, so that every
// position in it lies inside the copied logs.
var backupParts = []string{"collector", "checkpoints", "shop", "replay", "secret", "demo.json"}

// backupCommand makes a consistent copy: through the running server where one runs on the data folder.
func backupCommand(ctx context.Context, e env, args []string) error {
	fs := e.flags("backup", "DIR [--data DIR]")
	data := e.dataFlag(fs)
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
	if s, ok := runningServer(dir); ok {
		if err := s.send(ctx, operation{Name: "backup", Args: map[string]string{"to": to}}, new(any)); err != nil {
			return err
		}
	} else if err := backupAlone(ctx, e, dir, to); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "copied %s to %s\n", dir, to)
	return nil
}

func backupAlone(ctx context.Context, e env, dir dataDir, to string) (err error) {
	cfg, err := serveConfig(e, []string{"--data", string(dir), "--ops-addr", "off"})
	if err != nil {
		return err
	}
	n, stop, err := openNode(ctx, e, cfg)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	return n.backup(ctx, to)
}

// backup copies the data folder while it runs. Both logs are copied up to an instant that lies after the state that was copied.
func (n *node) backup(ctx context.Context, to string) error {
	n.copying.Lock()
	defer n.copying.Unlock()
	if err := makeEmptyDir(to); err != nil {
		return err
	}
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
	if err := n.control.Copy(filepath.Join(to, "control")); err != nil {
		return err
	}
	return n.events.Copy(filepath.Join(to, "events"))
}

// restoreCommand puts a backup into a data folder that must not exist or be empty. The folder gets a new incarnation: browsers that
// come back are told to start fresh instead of counting on offsets that were used again. The log's own epoch stays, because the
// checkpoints that came with it are of that log.
func restoreCommand(_ context.Context, e env, args []string) error {
	fs := e.flags("restore", "DIR [--data DIR]")
	data := e.dataFlag(fs)
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usagef("restore: the backup's folder is needed")
	}
	from := rest[0]
	if _, err := os.Stat(filepath.Join(from, "events")); err != nil {
		return fmt.Errorf("%s is not a backup: %w", from, err)
	}
	if err := makeEmptyDir(*data); err != nil {
		return err
	}
	for _, part := range append([]string{"control", "events"}, backupParts...) {
		if err := copyTree(filepath.Join(from, part), filepath.Join(*data, part)); err != nil {
			return err
		}
	}
	if err := dataDir(*data).newIncarnation(); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "restored %s into %s\n", from, *data)
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
