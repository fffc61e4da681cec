package history

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// folderTarget writes into a folder of this machine what ClickHouse sends.
type folderTarget struct{ dir string }

func (f *folderTarget) begin(_ context.Context, _ driver.Conn, names []string) error {
	for _, name := range names {
		path := filepath.Join(f.dir, filepath.FromSlash(name))
		if _, err := os.Lstat(path); err == nil {
			return fmt.Errorf("%s is there already, and an export replaces nothing", path)
		} else if !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func (f *folderTarget) put(ctx context.Context, conn driver.Conn, p exportPart) (e ExportFile, err error) {
	path := filepath.Join(f.dir, filepath.FromSlash(p.name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return e, err
	}
	stream, err := conn.QueryFormat(ctx, "Parquet", p.query)
	if err != nil {
		return e, withoutStreams(err)
	}
	defer func() { err = errors.Join(err, stream.Close()) }()
	tmp := path + ".tmp"
	out, err := os.OpenFile(tmp, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return e, err
	}
	defer os.Remove(tmp) // after the link it is a second name
	e.Name = p.name
	e.Bytes, err = out.ReadFrom(stream)
	if err == nil {
		e.Rows, err = parquetRows(out, e.Bytes)
	}
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err != nil {
		return e, err
	}
	if err := os.Link(tmp, path); err != nil { // unlike a rename it replaces nothing
		return e, err
	}
	return e, syncFolder(filepath.Dir(path))
}

func (f *folderTarget) manifest(_ context.Context, _ driver.Conn, name string, text []byte) error {
	if err := os.MkdirAll(f.dir, 0o755); err != nil {
		return err
	}
	return writeWhole(filepath.Join(f.dir, name), text)
}
