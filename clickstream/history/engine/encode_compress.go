package engine

import (
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// decoder gives the reader for a Content-Encoding.
func decoder(encoding string, from io.Reader) (io.Reader, error) {
	var to io.Reader
	var err error
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return from, nil
	case "gzip", "x-gzip":
		to, err = gzip.NewReader(from)
	case "deflate":
		to, err = zlib.NewReader(from)
	case "br":
		to = brotli.NewReader(from)
	case "lz4":
		to = lz4.NewReader(from)
	case "zstd":
		var z *zstd.Decoder
		if z, err = zstd.NewReader(from, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxDecoderBytes)); err == nil {
			to = z.IOReadCloser()
		}
	default:
		return nil, refuse(codeUnknownCompression, "UNKNOWN_COMPRESSION_METHOD", "Unknown compression method %s. Only 'gzip', 'deflate', 'br', 'lz4', 'zstd' are supported", encoding)
	}
	if errors.Is(err, io.EOF) {
		return strings.NewReader(""), nil // no body at all
	}
	if err != nil {
		return nil, refuse(codeCannotDecompress, "CANNOT_DECOMPRESS", "%s body: %v", encoding, err)
	}
	return decodingReader{encoding, to}, nil
}

// maxDecoderBytes bounds the window of a zstd body.
const maxDecoderBytes = 128 << 20

// A decodingReader names what is wrong with a body.
type decodingReader struct {
	encoding string
	from     io.Reader
}

func (d decodingReader) Read(p []byte) (int, error) {
	n, err := d.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = refuse(codeCannotDecompress, "CANNOT_DECOMPRESS", "%s body: %v", d.encoding, err)
	}
	return n, err
}

// encodingFor picks an encoding that the client accepts, in ClickHouse's order of preference; "" is none.
func encodingFor(accept string) string {
	accepted := make(map[string]bool)
	for part := range strings.SplitSeq(accept, ",") {
		name, weight, _ := strings.Cut(part, ";")
		if strings.TrimSpace(weight) != "q=0" {
			accepted[strings.ToLower(strings.TrimSpace(name))] = true
		}
	}
	for _, name := range []string{"br", "lz4", "zstd", "gzip", "deflate"} {
		if accepted[name] {
			return name
		}
	}
	return ""
}

// encoder gives the writer for a Content-Encoding that encodingFor gave. Level 3 is ClickHouse's http_zlib_compression_level.
func encoder(encoding string, to io.Writer) (io.WriteCloser, error) {
	const level = 3
	switch encoding {
	case "br":
		return brotli.NewWriterLevel(to, level), nil
	case "lz4":
		return lz4.NewWriter(to), nil
	case "zstd":
		return zstd.NewWriter(to, zstd.WithEncoderConcurrency(1))
	case "gzip":
		return gzip.NewWriterLevel(to, level)
	}
	return zlib.NewWriterLevel(to, level)
}
