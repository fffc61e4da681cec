package demand

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A snapshot is 'd', a version, then for each site in the order of names: 1, the name, the site; then 0. Numbers are unsigned varints,
// signed ones zigzag, hashes 8 bytes little-endian, strings a length and bytes.
const (
	snapshotMagic   = 'd'
	snapshotVersion = 1
)

// errSnapshot says that bytes are not a snapshot of the fold.
var errSnapshot = errors.New("snapshot is damaged or of another fold")

type encoder struct {
	w   *bufio.Writer // its first error sticks until Flush
	tmp [binary.MaxVarintLen64]byte
}

func newEncoder(w io.Writer) *encoder {
	e := &encoder{w: bufio.NewWriterSize(w, 1<<16)}
	e.w.WriteByte(snapshotMagic)
	e.w.WriteByte(snapshotVersion)
	return e
}

func (e *encoder) uint(v uint64) { e.w.Write(e.tmp[:binary.PutUvarint(e.tmp[:], v)]) }
func (e *encoder) int(v int64)   { e.w.Write(e.tmp[:binary.PutVarint(e.tmp[:], v)]) }
func (e *encoder) hash(v uint64) { e.w.Write(binary.LittleEndian.AppendUint64(e.tmp[:0], v)) }

func (e *encoder) string(s string) {
	e.uint(uint64(len(s)))
	e.w.WriteString(s)
}

func (e *encoder) bytes(b []byte) {
	e.uint(uint64(len(b)))
	e.w.Write(b)
}

// decoder reads what encoder wrote. The first error sticks; after it every read gives zero.
type decoder struct {
	r   *bufio.Reader
	err error
}

func newDecoder(r io.Reader) *decoder {
	d := &decoder{r: bufio.NewReaderSize(r, 1<<16)}
	var head [2]byte
	if _, err := io.ReadFull(d.r, head[:]); err != nil || head[0] != snapshotMagic {
		d.fail("no snapshot of this fold")
	} else if head[1] == 0 || head[1] > snapshotVersion {
		d.fail("version %d is newer than %d", head[1], snapshotVersion)
	}
	return d
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", errSnapshot, fmt.Sprintf(format, args...))
	}
}

// upTo is an unsigned number of at most bound.
func (d *decoder) upTo(bound uint64) uint64 {
	if d.err != nil {
		return 0
	}
	v, err := binary.ReadUvarint(d.r)
	if err != nil {
		d.fail("number: %v", err)
		return 0
	}
	if v > bound {
		d.fail("%d is over %d", v, bound)
		return 0
	}
	return v
}

// count is the number of things that follow.
func (d *decoder) count(bound int) int { return int(d.upTo(uint64(bound))) }

// within is a signed number of at most bound either way.
func (d *decoder) within(bound int64) int64 {
	if d.err != nil {
		return 0
	}
	v, err := binary.ReadVarint(d.r)
	if err != nil {
		d.fail("number: %v", err)
		return 0
	}
	if v > bound || v < -bound {
		d.fail("%d is beyond %d", v, bound)
		return 0
	}
	return v
}

func (d *decoder) hash() uint64 {
	b := d.take(8)
	if b == nil {
		return 0
	}
	return binary.LittleEndian.Uint64(b)
}

func (d *decoder) take(n int) []byte {
	if d.err != nil {
		return nil
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(d.r, b); err != nil {
		d.fail("%v", err)
		return nil
	}
	return b
}

func (d *decoder) string() string { return string(d.take(d.count(maxNameBytes))) }

// end says whether everything was read, to the last byte.
func (d *decoder) end() error {
	if d.err == nil {
		if _, err := d.r.ReadByte(); err != io.EOF {
			d.fail("bytes after the end")
		}
	}
	return d.err
}
