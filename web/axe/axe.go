// Package axe brings axe-core, which the browser tests find faults of accessibility with. It is a test's tool, licensed MPL-2.0: no part of
// it is in this repository or in what is built from it.
//
// Fetch downloads one pinned version from npm's registry into the user's cache folder, checks its sha512 and unpacks the one file that is
// needed; Source reads it. The file appears whole or not at all. Nothing here is called while serving.
package axe

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// Version is the one that the tests are written for.
const Version = "4.14.1"

const (
	tarball   = "https://registry.npmjs.org/axe-core/-/axe-core-" + Version + ".tgz"
	integrity = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
	member    = "package/axe.min.js"
	maxBytes  = 32 << 20 // of the tarball, and of the file
	longest   = 2 * time.Minute
)

// File is where the script is, or belongs.
func File() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "beckon", "axe-core-"+Version+".js"), nil
}

// Source is the script's text. It does not download: the error says what does.
func Source() (string, error) {
	file, err := File()
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("axe-core (make setup brings it): %w", err)
	}
	return string(text), nil
}

// Fetch brings the script and returns where it is; at once when it is there already.
func Fetch(ctx context.Context) (string, error) {
	file, err := File()
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	packed, err := download(ctx)
	if err != nil {
		return "", fmt.Errorf("fetch axe-core: %w", err)
	}
	text, err := unpack(packed, integrity)
	if err != nil {
		return "", fmt.Errorf("%s: %w", tarball, err)
	}
	return file, place(file, text)
}

func download(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, tarball, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", tarball, answer.Status)
	}
	return io.ReadAll(io.LimitReader(answer.Body, maxBytes))
}

// unpack checks the tarball and takes the script out of it.
func unpack(packed []byte, want string) ([]byte, error) {
	sum := sha512.Sum512(packed)
	if got := base64.StdEncoding.EncodeToString(sum[:]); got != want {
		return nil, fmt.Errorf("its sha512 is %s, not %s: it is not the package that was tested", got, want)
	}
	zr, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	for files := tar.NewReader(zr); ; {
		head, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil, errors.New("it has no " + member)
		}
		if err != nil {
			return nil, err
		}
		if head.Name == member {
			return io.ReadAll(io.LimitReader(files, maxBytes))
		}
	}
}

// place writes the file so that it is there whole or not at all.
func place(file string, text []byte) error {
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(dir, "axe-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // gone already once it has its name
	if _, err := tmp.Write(text); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), file)
}
