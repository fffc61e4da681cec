package recommender

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// Snapshots. A snapshot is a magic byte of its fold, a version, then for each site in the order of names: 1, the name, the fold's own
// state; then 0. Numbers are unsigned varints, signed ones zigzag, floats 8 bytes little-endian, strings a length and bytes.

// errSnapshot says that bytes are not a snapshot of the fold that reads them.
var errSnapshot = errors.New("snapshot is damaged or of another fold")

// Bounds of what a decoder takes.
const (
	maxNameBytes = 256
	maxEntries   = 1 << 28
)

type encoder struct {
	w   *bufio.Writer
	tmp [binary.MaxVarintLen64]byte
}

func newEncoder(w io.Writer, magic, version byte) *encoder {
	e := &encoder{w: bufio.NewWriterSize(w, 1<<16)}
	e.w.WriteByte(magic)
	e.w.WriteByte(version)
	return e
}

// Errors stick to the bufio.Writer: flush returns the first.
func (e *encoder) flush() error { return e.w.Flush() }

func (e *encoder) uint(v uint64) { e.w.Write(e.tmp[:binary.PutUvarint(e.tmp[:], v)]) }
func (e *encoder) int(v int64)   { e.w.Write(e.tmp[:binary.PutVarint(e.tmp[:], v)]) }
func (e *encoder) float(v float64) {
	e.w.Write(binary.LittleEndian.AppendUint64(e.tmp[:0], math.Float64bits(v)))
}

func (e *encoder) float32(v float32) {
	e.w.Write(binary.LittleEndian.AppendUint32(e.tmp[:0], math.Float32bits(v)))
}

func (e *encoder) string(s string) {
	e.uint(uint64(len(s)))
	e.w.WriteString(s)
}

// decoder reads what encoder wrote. The first error sticks; after it every read gives zero.
type decoder struct {
	r   *bufio.Reader
	err error
}

func newDecoder(r io.Reader, magic, version byte) *decoder {
	d := &decoder{r: bufio.NewReaderSize(r, 1<<16)}
	var head [2]byte
	if _, err := io.ReadFull(d.r, head[:]); err != nil || head[0] != magic {
		d.fail("no snapshot of this fold")
	} else if head[1] == 0 || head[1] > version {
		d.fail("version %d is newer than %d", head[1], version)
	}
	return d
}

func (d *decoder) fail(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s", errSnapshot, fmt.Sprintf(format, args...))
	}
}

func (d *decoder) uint() uint64 {
	if d.err != nil {
		return 0
	}
	v, err := binary.ReadUvarint(d.r)
	if err != nil {
		d.fail("number: %v", err)
		return 0
	}
	return v
}

// count is a number of at most bound.
func (d *decoder) count(bound int) int {
	v := d.uint()
	if v > uint64(bound) {
		d.fail("%d is over %d", v, bound)
		return 0
	}
	return int(v)
}

func (d *decoder) int() int64 {
	if d.err != nil {
		return 0
	}
	v, err := binary.ReadVarint(d.r)
	if err != nil {
		d.fail("number: %v", err)
		return 0
	}
	return v
}

func (d *decoder) bytes(n int) []byte {
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

// float is finite.
func (d *decoder) float() float64 {
	b := d.bytes(8)
	if b == nil {
		return 0
	}
	v := math.Float64frombits(binary.LittleEndian.Uint64(b))
	if math.IsNaN(v) || math.IsInf(v, 0) {
		d.fail("a number is not finite")
		return 0
	}
	return v
}

func (d *decoder) float32() float32 {
	b := d.bytes(4)
	if b == nil {
		return 0
	}
	v := math.Float32frombits(binary.LittleEndian.Uint32(b))
	if v != v || math.IsInf(float64(v), 0) {
		d.fail("a number is not finite")
		return 0
	}
	return v
}

func (d *decoder) string() string { return string(d.bytes(d.count(maxNameBytes))) }

// end says whether everything was read, to the last byte.
func (d *decoder) end() error {
	if d.err == nil {
		if _, err := d.r.ReadByte(); err != io.EOF {
			d.fail("bytes after the end")
		}
	}
	return d.err
}

// saveSites writes a fold's sites.
func saveSites[S any](w io.Writer, magic, version byte, sites map[string]S, save func(e *encoder, s S)) error {
	e := newEncoder(w, magic, version)
	names := make([]string, 0, len(sites))
	for name := range sites {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		e.uint(1)
		e.string(name)
		save(e, sites[name])
	}
	e.uint(0)
	return e.flush()
}

// loadSites reads a fold's sites.
func loadSites[S any](r io.Reader, magic, version byte, load func(d *decoder) S) (map[string]S, error) {
	d := newDecoder(r, magic, version)
	sites := map[string]S{}
	for d.count(1) == 1 && d.err == nil {
		name := d.string()
		if _, twice := sites[name]; twice {
			d.fail("site %q twice", name)
		}
		sites[name] = load(d)
	}
	return sites, d.end()
}
