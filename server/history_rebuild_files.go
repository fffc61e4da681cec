package main

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/schollz/progressbar/v3"

	"beckon/clickstream/eventlog"
)

// unsyncedFS is the operating system without its syncs: a log that is thrown away unless it was written to its end is synced once, by
// syncTree.
type unsyncedFS struct{}

func (unsyncedFS) OpenFile(name string, flag int) (eventlog.File, error) {
	f, err := os.OpenFile(name, flag, 0o600)
	if err != nil {
		return nil, err
	}
	return unsyncedFile{f}, nil
}

func (unsyncedFS) Rename(from, to string) error { return os.Rename(from, to) }
func (unsyncedFS) Remove(name string) error     { return os.Remove(name) }
func (unsyncedFS) Link(from, to string) error   { return os.Link(from, to) }
func (unsyncedFS) SyncDir(string) error         { return nil }

type unsyncedFile struct{ *os.File }

func (unsyncedFile) Sync() error { return nil }

// syncTree makes every file and name below dir durable.
func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return syncDir(name) // a file is synced as a folder is
	})
}

func syncDir(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// stepBar is a bar of a thousand steps.
func stepBar(out io.Writer, name string) *progressbar.ProgressBar {
	return progressbar.NewOptions(1000,
		progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(name), progressbar.OptionSetWidth(30),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetPredictTime(true), progressbar.OptionSetElapsedTime(true))
}

// steps moves bar to the share that is done. A bar that cannot be drawn stops nothing.
func steps(bar *progressbar.ProgressBar) func(done, total uint64) {
	return func(done, total uint64) {
		if total > 0 {
			_ = bar.Set64(int64(float64(done) / float64(total) * 1000))
		}
	}
}
