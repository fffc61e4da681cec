package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// restoreMark stands in a data folder while a backup is put there and says which. A server does not start on such a folder.
const restoreMark = "restore.unfinished"

// restoreCommand puts a backup into a data folder that must not exist or be empty, and its history into the embedded engine there, or into
// the ClickHouse server at BECKON_CLICKHOUSE_URL, whose database must be empty. One that was cut short can be run again. The folder gets
// a new incarnation: browsers that come back are told to start fresh instead of counting on offsets that were used again. The log's
// own epoch stays, because the checkpoints and the history that came with it are of that log.
func restoreCommand(ctx context.Context, e env, args []string) error {
	fs := e.flags("restore", "DIR [--data DIR] [--without-history]")
	data := e.dataFlag(fs)
	without := fs.Bool("without-history", false, "leave out the history that the backup holds")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usagef("restore: the backup's folder is needed")
	}
	from, err := filepath.Abs(rest[0])
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(from, "events")); err != nil {
		return fmt.Errorf("%s is not a backup: %w", from, err)
	}
	dir := dataDir(*data)
	if err := beginRestore(dir, from); err != nil {
		return err
	}
	text := "left out, as asked"
	if !*without {
		if text, err = restoreHistory(ctx, e, filepath.Join(from, "history"), dir); err != nil {
			return err
		}
	}
	for _, part := range append(append([]string{}, backupParts...), backupLogs...) {
		if err := copyTree(filepath.Join(from, part), dir.path(part)); err != nil {
			return err
		}
	}
	if err := dir.newIncarnation(); err != nil {
		return err
	}
	if err := endRestore(dir); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "restored %s into %s\nhistory: %s\n", from, dir, text)
	return nil
}

// beginRestore marks an empty folder, or clears one in which the same backup was begun.
func beginRestore(dir dataDir, from string) error {
	mark := dir.path(restoreMark)
	begun, err := os.ReadFile(mark)
	if err == nil {
		if strings.TrimSpace(string(begun)) != from {
			return fmt.Errorf("%s is half restored from %s; finish that, or take an empty folder", dir, strings.TrimSpace(string(begun)))
		}
		return clearRestored(dir)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := makeEmptyDir(string(dir)); err != nil {
		return err
	}
	return writeFile(mark, []byte(from+"\n"))
}

// halfRestored is an error for a folder in which a restore was cut short.
func (d dataDir) halfRestored() error {
	from, err := os.ReadFile(d.path(restoreMark))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("%s is half restored: run `beckon restore %s --data %s` again", d, strings.TrimSpace(string(from)), d)
}
