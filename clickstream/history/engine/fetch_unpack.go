package engine

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// maxLibraryBytes bounds what a package may unpack to.
const maxLibraryBytes = 2 << 30

// unpack puts the package's library in its place: written beside it, synced, renamed.
func (f *fetcher) unpack(packed string) error {
	in, err := os.Open(packed)
	if err != nil {
		return err
	}
	defer in.Close()
	dir := filepath.Dir(f.place)
	out, err := os.CreateTemp(dir, "unpacking-*")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name()) // fails once it is renamed
	err = unpackLibrary(in, out)
	if err == nil {
		err = out.Chmod(0o755)
	}
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return fmt.Errorf("unpack %s: %w", packed, err)
	}
	if err := os.Rename(out.Name(), f.place); err != nil {
		return err
	}
	return syncFolder(dir)
}

// unpackLibrary copies the library out of a package of npm's, a tar file under gzip. Everything else in it is passed over.
func unpackLibrary(packed io.Reader, to io.Writer) error {
	raw, err := gzip.NewReader(packed)
	if err != nil {
		return err
	}
	files := tar.NewReader(io.LimitReader(raw, maxLibraryBytes))
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return errors.New("the package has no libchdb")
		}
		if err != nil {
			return err
		}
		if header.Typeflag != tar.TypeReg || header.Size == 0 {
			continue
		}
		if header.Name == "package/libchdb.so" || header.Name == "package/libchdb.dylib" {
			_, err := io.Copy(to, files)
			return err
		}
	}
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
