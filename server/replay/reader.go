package replay

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
)

// Formats are the formats Open knows.
var Formats = []string{"native", "retailrocket", "online-retail", "events-tsv", "sessions", "ga4", "segment"}

// Reader turns one file into import lines.
type Reader struct {
	file   *os.File
	read   atomic.Int64 // bytes of the file consumed
	size   int64
	format func(dst []byte) ([]byte, error)
	lines  *lineReader
}

// Open opens name as format. prefix starts every visitor and event id, so that two files do not meet.
func Open(name, format, prefix string) (*Reader, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	r := &Reader{file: f}
	if err := r.start(format, prefix); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), f.Close())
	}
	return r, nil
}

func (r *Reader) start(format, prefix string) error {
	st, err := r.file.Stat()
	if err != nil {
		return err
	}
	r.size = st.Size()
	in := bufio.NewReaderSize(&countingReader{r.file, &r.read}, 256<<10)
	var plain io.Reader = in
	if magic, _ := in.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		if plain, err = gzip.NewReader(in); err != nil {
			return err
		}
	}
	r.lines = &lineReader{in: bufio.NewReaderSize(plain, 256<<10)}
	switch format {
	case "native", "ga4", "segment": // a line is one event, or one payload of the other tool, as import takes it
		r.format = r.native
	case "events-tsv":
		r.format = (&eventsTSV{lines: r.lines, prefix: prefix}).next
	case "sessions":
		r.format = (&sessionLines{lines: r.lines, prefix: prefix}).next
	case "retailrocket":
		r.format, err = newRetailRocket(r.lines, prefix)
	case "online-retail":
		r.format, err = newOnlineRetail(r.lines, prefix)
	default:
		return fmt.Errorf("unknown format %q, want one of %v", format, Formats)
	}
	return err
}

// Next appends the next event to dst as one line with its newline. It returns io.EOF at the end.
func (r *Reader) Next(dst []byte) ([]byte, error) { return r.format(dst) }

// Line is the number of lines of the file read so far.
func (r *Reader) Line() int64 { return r.lines.n }

// Done is the share of the file that was read, from 0 to 1. It may be called from any goroutine.
func (r *Reader) Done() float64 {
	if r.size == 0 {
		return 1
	}
	return float64(r.read.Load()) / float64(r.size)
}

// Close closes the file.
func (r *Reader) Close() error { return r.file.Close() }

func (r *Reader) native(dst []byte) ([]byte, error) {
	for {
		line, err := r.lines.next()
		if err != nil {
			return dst, err
		}
		if len(bytes.TrimSpace(line)) > 0 {
			return append(append(dst, line...), '\n'), nil
		}
	}
}

type countingReader struct {
	in io.Reader
	n  *atomic.Int64
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// lineReader reads lines of at most 4 MiB.
type lineReader struct {
	in  *bufio.Reader
	buf []byte
	n   int64
}

const maxLine = 4 << 20

// next returns the next line without its end, borrowed until the next call, or io.EOF.
func (l *lineReader) next() ([]byte, error) {
	l.buf = l.buf[:0]
	for {
		part, err := l.in.ReadSlice('\n')
		if err == nil && len(l.buf) == 0 {
			l.n++
			return bytes.TrimRight(part, "\r\n"), nil
		}
		l.buf = append(l.buf, part...)
		if len(l.buf) > maxLine {
			return nil, fmt.Errorf("line %d is longer than %d bytes", l.n+1, maxLine)
		}
		if err == nil || (errors.Is(err, io.EOF) && len(l.buf) > 0) {
			l.n++
			return bytes.TrimRight(l.buf, "\r\n"), nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
	}
}
