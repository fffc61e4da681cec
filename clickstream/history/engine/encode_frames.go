package engine

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/go-faster/city"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// ClickHouse's own compressed frames, which compress=1 and decompress=1 put around answers and bodies:
//
//	checksum  16 bytes, CityHash128 of what follows
//	method     1 byte, 0x82 LZ4, 0x90 ZSTD, 0x02 none
//	packed     4 bytes, little endian: the frame's size without the checksum
//	plain      4 bytes, little endian
//	bytes     packed - 9
const (
	frameChecksum = 16
	frameHeader   = 9
	methodNone    = 0x02
	methodLZ4     = 0x82
	methodZSTD    = 0x90
)

const (
	// maxFrameBytes is how much is written into one frame: ClickHouse's max_compress_block_size.
	maxFrameBytes = 1 << 20
	// maxReadFrameBytes bounds a frame that is read, packed and plain. clickhouse-go sends a whole batch as one.
	maxReadFrameBytes = 256 << 20
)

// A frameWriter writes ClickHouse's compressed frames (checksum, method, sizes, bytes), as compress=1 asks for.
type frameWriter struct {
	to     io.Writer
	writer *compress.Writer
}

// newFrameWriter takes the values of network_compression_method and network_zstd_compression_level; the default is LZ4.
func newFrameWriter(to io.Writer, method string, level int) *frameWriter {
	m := compress.LZ4
	switch strings.ToUpper(method) {
	case "ZSTD":
		m = compress.ZSTD
	case "LZ4HC":
		m = compress.LZ4HC
	case "NONE":
		m = compress.None
	}
	return &frameWriter{to: to, writer: compress.NewWriter(compress.Level(level), m)}
}

func (f *frameWriter) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		part := p[:min(len(p), maxFrameBytes)]
		p = p[len(part):]
		if err := f.writer.Compress(part); err != nil {
			return written, err
		}
		if _, err := f.to.Write(f.writer.Data); err != nil {
			return written, err
		}
		written += len(part)
	}
	return written, nil
}

// A frameReader reads frames. What is wrong with one is an Exception; the end is io.EOF, and only between frames.
type frameReader struct {
	from   io.Reader
	packed bytes.Buffer
	plain  []byte
	left   []byte // of plain
	zstd   *zstd.Decoder
}

func newFrameReader(from io.Reader) *frameReader { return &frameReader{from: from} }

func (f *frameReader) Read(p []byte) (int, error) {
	for len(f.left) == 0 {
		if err := f.next(); err != nil {
			if !errors.Is(err, io.EOF) {
				err = refuse(codeCannotDecompress, "CANNOT_DECOMPRESS", "Compressed body: %v", err)
			}
			return 0, err
		}
	}
	n := copy(p, f.left)
	f.left = f.left[n:]
	return n, nil
}

var errFrameCutOff = errors.New("it ends inside a frame")

// next reads a frame. Memory for its bytes grows as they come, whatever the header says.
func (f *frameReader) next() error {
	var head [frameChecksum + frameHeader]byte
	if n, err := fill(f.from, head[:]); err != nil && n < len(head) {
		if errors.Is(err, io.EOF) && n > 0 {
			return errFrameCutOff
		}
		return err
	}
	packed, plain := binary.LittleEndian.Uint32(head[frameChecksum+1:]), binary.LittleEndian.Uint32(head[frameChecksum+5:])
	if packed < frameHeader || packed > maxReadFrameBytes || plain > maxReadFrameBytes {
		return fmt.Errorf("a frame of %d bytes for %d, the most is %d", packed, plain, maxReadFrameBytes)
	}
	f.packed.Reset()
	f.packed.Write(head[frameChecksum:])
	if _, err := io.CopyN(&f.packed, f.from, int64(packed-frameHeader)); err != nil {
		if errors.Is(err, io.EOF) {
			return errFrameCutOff
		}
		return err
	}
	sum := city.CH128(f.packed.Bytes())
	if sum.Low != binary.LittleEndian.Uint64(head[:]) || sum.High != binary.LittleEndian.Uint64(head[8:]) {
		return errors.New("a frame's checksum differs")
	}
	return f.unpack(head[frameChecksum], f.packed.Bytes()[frameHeader:], int(plain))
}

func (f *frameReader) unpack(method byte, packed []byte, size int) (err error) {
	if cap(f.plain) < size {
		f.plain = make([]byte, size)
	}
	f.plain = f.plain[:size]
	n := size
	switch method {
	case methodNone:
		n = copy(f.plain, packed)
		if len(packed) != size {
			n = -1
		}
	case methodLZ4:
		n, err = lz4.UncompressBlock(packed, f.plain)
	case methodZSTD:
		if f.zstd == nil {
			if f.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxReadFrameBytes)); err != nil {
				return err
			}
		}
		f.plain, err = f.zstd.DecodeAll(packed, f.plain[:0])
		n = len(f.plain)
	default:
		return fmt.Errorf("a frame of method %#x", method)
	}
	if err != nil {
		return err
	}
	if n != size {
		return errors.New("a frame has other bytes than its header says")
	}
	f.left = f.plain
	return nil
}
