package watch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Snapshots. A snapshot is a magic byte of its fold, a version, and the fold's own state. Numbers are varints, signed ones zigzag;
// strings and lists begin with their length.

// errSnapshot says that bytes are not a snapshot of the fold that reads them.
var errSnapshot = errors.New("snapshot is damaged or of another fold")

const maxText = 256 // bytes of a site, visitor, item or campaign

type encoder struct{ b []byte }

func newEncoder(magic, version byte) *encoder { return &encoder{[]byte{magic, version}} }

func (e *encoder) uint(v uint64) { e.b = binary.AppendUvarint(e.b, v) }
func (e *encoder) int(v int64)   { e.b = binary.AppendVarint(e.b, v) }

func (e *encoder) text(s string) {
	e.uint(uint64(len(s)))
	e.b = append(e.b, s...)
}

// flags packs booleans into one number, the first into the lowest bit.
func (e *encoder) flags(all ...bool) {
	v := uint64(0)
	for i, set := range all {
		if set {
			v |= 1 << i
		}
	}
	e.uint(v)
}

// decoder reads what encoder wrote. The first error sticks; after it every read gives zero.
type decoder struct {
	b   []byte
	err error
}

func newDecoder(r io.Reader, magic, version byte) *decoder {
	b, err := io.ReadAll(r)
	d := &decoder{b: b, err: err}
	switch {
	case err != nil:
	case len(b) < 2 || b[0] != magic:
		d.fail("no snapshot of this fold")
	case b[1] == 0 || b[1] > version:
		d.fail("version %d is newer than %d", b[1], version)
	default:
		d.b = b[2:]
	}
	return d
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", errSnapshot, fmt.Sprintf(format, args...))
	}
	d.b = nil
}

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.fail("number")
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *decoder) int() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail("number")
		return 0
	}
	d.b = d.b[n:]
	return v
}

// most is a number of at most bound.
func (d *decoder) most(bound uint64) uint64 {
	v := d.uint()
	if v > bound {
		d.fail("%d is over %d", v, bound)
		return 0
	}
	return v
}

// count is the length of a list; each element takes a byte at least.
func (d *decoder) count(bound int) int {
	n := d.most(uint64(bound))
	if n > uint64(len(d.b)) {
		d.fail("%d elements in %d bytes", n, len(d.b))
		return 0
	}
	return int(n)
}

func (d *decoder) text() string {
	n := d.count(maxText)
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}

func (d *decoder) flags(all ...*bool) {
	v := d.most(1<<len(all) - 1)
	for i, set := range all {
		*set = v&(1<<i) != 0
	}
}

// end says whether everything was read, to the last byte.
func (d *decoder) end() error {
	if d.err == nil && len(d.b) > 0 {
		d.fail("%d bytes after the end", len(d.b))
	}
	return d.err
}
