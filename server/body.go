package main

import (
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
)

const (
	maxBatchBytes  = 1 << 20  // a body of POST /v1/events, also after decompression
	maxImportBytes = 64 << 20 // a body of POST /v1/import and of catalog and stock, also after decompression
)

var errTooLarge = fail(413, "too_large", "body: larger than this path takes")

// readBody reads a whole body of at most limit bytes, decompressed, into buf. Fiber's own Body decompresses without a bound, so
// this reads the raw stream.
func readBody(c *fiber.Ctx, buf []byte, limit int) ([]byte, error) {
	if c.Request().Header.ContentLength() > limit {
		return buf, errTooLarge
	}
	gz, err := isGzip(c)
	if err != nil {
		return buf, err
	}
	stream := bodyStream(c)
	if !gz && stream == nil {
		raw := c.Request().Body()
		if len(raw) > limit {
			return buf, errTooLarge
		}
		return append(buf[:0], raw...), nil
	}
	in, done, err := bodyReader(c, gz)
	if err != nil {
		return buf, err
	}
	defer done()
	return readAtMost(in, buf[:0], limit)
}

// bodyReader is the body as a stream, decompressed. done gives its memory back.
func bodyReader(c *fiber.Ctx, gz bool) (in io.Reader, done func(), err error) {
	in = bodyStream(c)
	if in == nil {
		in = strings.NewReader(string(c.Request().Body()))
	}
	if !gz {
		return in, func() {}, nil
	}
	zr, _ := gzipReaders.Get().(*gzip.Reader)
	if zr == nil {
		zr = new(gzip.Reader)
	}
	if err := zr.Reset(in); err != nil {
		return nil, nil, fail(400, "bad_gzip", "body: not gzip: %v", err)
	}
	return zr, func() { gzipReaders.Put(zr) }, nil
}

var gzipReaders sync.Pool

func isGzip(c *fiber.Ctx) (bool, error) {
	switch enc := strings.ToLower(c.Get(fiber.HeaderContentEncoding)); enc {
	case "", "identity":
		return false, nil
	case "gzip":
		return true, nil
	default:
		return false, fail(415, "unsupported_encoding", "Content-Encoding: %q, want gzip or none", enc)
	}
}

func readAtMost(in io.Reader, buf []byte, limit int) ([]byte, error) {
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		n, err := in.Read(buf[len(buf):min(cap(buf), limit+1)])
		buf = buf[:len(buf)+n]
		if len(buf) > limit {
			return buf, errTooLarge
		}
		if errors.Is(err, io.EOF) {
			return buf, nil
		}
		if err != nil {
			return buf, fail(400, "bad_body", "body: %v", err)
		}
	}
}

// wantType refuses a body of another media type than those named; none given is taken as the first.
func wantType(c *fiber.Ctx, types ...string) error {
	got, _, _ := strings.Cut(c.Get(fiber.HeaderContentType), ";")
	got = strings.ToLower(strings.TrimSpace(got))
	if got == "" {
		return nil
	}
	for _, t := range types {
		if got == t {
			return nil
		}
	}
	return fail(415, "unsupported_type", "Content-Type: %q, want one of %s", got, strings.Join(types, ", "))
}

// limitedReader answers errTooLarge, not EOF, when more than left bytes come.
type limitedReader struct {
	in   io.Reader
	left int
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if l.left < 0 {
		return 0, errTooLarge
	}
	if len(p) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.in.Read(p)
	if l.left -= n; l.left < 0 {
		return n, errTooLarge
	}
	return n, err
}
