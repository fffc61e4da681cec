package history

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	native "github.com/ClickHouse/clickhouse-go/v2/lib/proto"
	"github.com/klauspost/compress/zstd"
)

// Dump copies the base tables into folder dir, which it makes: files in ClickHouse's Native format under zstd, one month and about
// 48 MiB of rows each, and at the end a manifest with what each of them must hold. Nothing may be inserted meanwhile: pause the writer.
// progress is told how many rows of how many are copied. Memory is bounded by one file's rows.
func Dump(ctx context.Context, conn driver.Conn, dir string, progress func(done, total uint64)) (*Manifest, error) {
	return dumpInto(ctx, conn, dir, sliceBytes, progress)
}

func dumpInto(ctx context.Context, conn driver.Conn, dir string, fileBytes uint64, progress func(done, total uint64)) (*Manifest, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if old, err := ReadManifest(dir); err == nil {
		return nil, fmt.Errorf("%s holds a dump of %d rows", dir, old.Rows())
	}
	m := &Manifest{Version: dumpVersion, ID: rand.Text()}
	var total, done uint64
	tables := dumpTables()
	for _, t := range tables {
		var n uint64
		if err := conn.QueryRow(ctx, "SELECT count() FROM "+t.source()).Scan(&n); err != nil {
			return nil, fmt.Errorf("count %s: %w", t.name, err)
		}
		total += n
	}
	for _, t := range tables {
		columns, err := columnsOf(ctx, conn, t.name)
		if err != nil {
			return nil, err
		}
		list, err := t.slices(ctx, conn, fileBytes)
		if err != nil {
			return nil, err
		}
		entry := DumpTable{Name: t.name, Columns: columns}
		for i, s := range list {
			name := fmt.Sprintf("%s-%06d-%05d.native.zst", t.name, s.month, i)
			query := fmt.Sprintf("SELECT %s FROM %s", quoteNames(columns), t.source())
			if s.where != "" {
				query += " WHERE " + s.where
			}
			f, err := dumpFile(ctx, conn, query, filepath.Join(dir, name))
			if err != nil {
				return nil, fmt.Errorf("dump %s: %w", name, err)
			}
			if f.Rows == 0 {
				continue
			}
			entry.Files = append(entry.Files, f)
			done += f.Rows
			report(progress, done, total)
		}
		m.Tables = append(m.Tables, entry)
	}
	return m, m.write(dir)
}

func report(progress func(done, total uint64), done, total uint64) {
	if progress != nil {
		progress(done, max(total, done))
	}
}

// fileFormat asks for Native as it stands in files: the form before any revision of the protocol.
func fileFormat(ctx context.Context, more clickhouse.Settings) context.Context {
	settings := clickhouse.Settings{"client_protocol_version": 0}
	for k, v := range more {
		settings[k] = v
	}
	return clickhouse.Context(ctx, clickhouse.WithSettings(settings))
}

// dumpFile writes a query's result to a new file. The rows are counted in the stream itself, which proves it to be whole. A result
// without rows leaves no file.
func dumpFile(ctx context.Context, conn driver.Conn, query, name string) (f DumpFile, err error) {
	stream, err := conn.QueryFormat(fileFormat(ctx, nil), "Native", query)
	if err != nil {
		return f, withoutStreams(err)
	}
	defer func() { err = errors.Join(err, stream.Close()) }()
	out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return f, err
	}
	sum, size := sha256.New(), counter(0)
	packed, err := zstd.NewWriter(io.MultiWriter(out, sum, &size), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return f, errors.Join(err, out.Close())
	}
	f.Rows, err = countNative(io.TeeReader(stream, packed))
	err = errors.Join(err, packed.Close())
	if err == nil {
		err = out.Sync()
	}
	err = errors.Join(err, out.Close())
	if err != nil || f.Rows == 0 {
		return f, errors.Join(err, os.Remove(name))
	}
	f.Name, f.Bytes, f.SHA256 = filepath.Base(name), int64(size), hex.EncodeToString(sum.Sum(nil))
	return f, nil
}

type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// countNative reads a stream of Native blocks to its end and counts their rows.
func countNative(r io.Reader) (rows uint64, err error) {
	buffered := bufio.NewReaderSize(r, 256<<10)
	in := proto.NewReader(buffered) // takes a buffer of that size as it is, so that Peek sees what it will read
	for {
		if _, err := buffered.Peek(1); errors.Is(err, io.EOF) {
			return rows, nil
		} else if err != nil {
			return rows, err
		}
		b := native.NewBlock()
		if err := b.Decode(in, 0); err != nil {
			return rows, fmt.Errorf("after %d rows: %w", rows, err)
		}
		rows += uint64(b.Rows())
	}
}

// withoutStreams says what to do where the native protocol cannot carry files.
func withoutStreams(err error) error {
	if errors.Is(err, clickhouse.ErrFormatNativeUnsupported) {
		return fmt.Errorf("copies travel over ClickHouse's HTTP interface; give its URL as http://… or https://…: %w", err)
	}
	return err
}
