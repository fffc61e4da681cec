package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// A tarball is a package of npm's registry that has libchdb.
type tarball struct {
	name   string // of the package, within @chdb
	sha512 string // base64, as the registry's "integrity" has it; "" asks the registry, which is then trusted as npm trusts it
}

// packages are the systems libchdb is built for.
var packages = map[string]tarball{
	"linux/amd64":  {"lib-linux-x64-gnu", "XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw=="},
	"linux/arm64":  {"lib-linux-arm64-gnu", ""},
	"darwin/amd64": {"lib-darwin-x64", ""},
	"darwin/arm64": {"lib-darwin-arm64", ""},
}

const (
	registry       = "https://registry.npmjs.org"
	fetchTries     = 4
	stallAfter     = 60 * time.Second // without a byte
	unpackedBytes  = 600 << 20        // the library, 566 MB; checked before the download
	maxPackedBytes = 1 << 30
)

// Fetch brings libchdb to where Library looks for it and returns its path; at once when it is there already. It downloads 178 MB and
// needs 750 MB of disk for a moment. A download that was cut off is resumed by the next call. The package's sha512 is checked before
// it is unpacked, and the library appears whole or not at all; two callers at once do the work once.
//
// progress, if it is not nil, is called from this goroutine with the bytes of the download.
func Fetch(ctx context.Context, progress func(done, total int64)) (string, error) {
	place, err := libraryPlace()
	if err != nil {
		return "", err
	}
	source, known := packages[platform()]
	if !known {
		return "", &MissingError{Path: place}
	}
	f := fetcher{
		registry: registry, source: source, place: place, progress: progress, client: http.DefaultClient,
		free: freeBytes, stall: stallAfter, pause: time.Second,
	}
	if err := f.run(ctx); err != nil {
		return "", fmt.Errorf("fetch the ClickHouse engine: %w", err)
	}
	return place, nil
}

// A fetcher is one Fetch. What it reaches out to is named here.
type fetcher struct {
	registry string
	source   tarball
	place    string
	progress func(done, total int64)
	client   *http.Client
	free     func(dir string) (bytes int64, err error)
	stall    time.Duration
	pause    time.Duration // before the second try, then doubled
}

func (f *fetcher) run(ctx context.Context) error {
	if there(f.place) {
		return nil
	}
	dir := filepath.Dir(f.place)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	lock, err := lockFile(ctx, filepath.Join(dir, "fetch.lock"), func() {})
	if err != nil {
		return err
	}
	defer lock.Close()
	if there(f.place) { // another call brought it meanwhile
		return nil
	}
	if f.source.sha512 == "" {
		if f.source.sha512, err = f.askChecksum(ctx); err != nil {
			return err
		}
	}
	packed := filepath.Join(dir, "package.tgz.part")
	if err := f.download(ctx, packed); err != nil {
		return err
	}
	if err := f.unpack(packed); err != nil {
		return err
	}
	return os.Remove(packed)
}

// download brings the package, going on where a cut connection or an earlier call stopped.
func (f *fetcher) download(ctx context.Context, packed string) error {
	pause := f.pause
	for try := 1; ; try++ {
		fresh := !there(packed)
		err := f.receive(ctx, packed)
		if err == nil {
			if err = f.check(packed); err == nil {
				return nil
			}
			if fresh {
				return err // the registry has something else
			}
		}
		var final *finalError
		if ctx.Err() != nil || try == fetchTries || errors.As(err, &final) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
			pause *= 2
		}
	}
}

// A finalError is one that another try will not mend.
type finalError struct{ error }

func (e *finalError) Unwrap() error { return e.error }

func (f *fetcher) url() string {
	return fmt.Sprintf("%s/@chdb/%s/-/%s-%s.tgz", f.registry, f.source.name, f.source.name, Version)
}

func there(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() > 0
}

func platform() string { return runtime.GOOS + "/" + runtime.GOARCH }
