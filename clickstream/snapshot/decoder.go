package snapshot

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
)

// ErrDamaged says that bytes are not a snapshot of the fold that reads them. Every error of a Decoder is one.
var ErrDamaged = errors.New("snapshot is damaged or of another fold")

var errOverflow = errors.New("binary: varint overflows a 64-bit integer")

// Decoder reads what an Encoder wrote. Make one with NewDecoder, and end with End. The first error sticks; after it every read gives zero.
type Decoder struct {
	r    io.Reader
	buf  []byte
	b    []byte // of buf: read and not taken yet
	over error  // why r gives no more
	err  error
}

// NewDecoder begins to read a snapshot of the fold with this magic, in a version from 1 to the newest that the fold knows.
func NewDecoder(r io.Reader, magic, version byte) *Decoder {
	d := &Decoder{r: r, buf: make([]byte, bufferBytes)}
	d.fill(2)
	switch {
	case len(d.b) < 2 || d.b[0] != magic:
		d.Failf("no snapshot of this fold")
	case d.b[1] == 0 || d.b[1] > version:
		d.Failf("version %d is newer than %d", d.b[1], version)
	default:
		d.b = d.b[2:]
	}
	return d
}

// Err is the first error, or nil.
func (d *Decoder) Err() error { return d.err }

// Failf notes that what was read cannot be, unless there is an error already.
func (d *Decoder) Failf(format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %w", ErrDamaged, fmt.Errorf(format, args...))
	}
	d.b, d.over = nil, d.err
}

// End says whether everything was read, to the last byte.
func (d *Decoder) End() error {
	d.fill(1)
	switch {
	case d.err != nil:
	case len(d.b) > 0:
		d.Failf("bytes after the end")
	case !errors.Is(d.over, io.EOF):
		d.Failf("%w", d.over)
	}
	return d.err
}

// fill tries to have n bytes at hand, at most a buffer.
func (d *Decoder) fill(n int) {
	for d.over == nil && len(d.b) < n {
		kept := copy(d.buf, d.b)
		more, err := d.r.Read(d.buf[kept:])
		d.b, d.over = d.buf[:kept+more], err
	}
}

// short is why there are not the bytes that were asked for.
func (d *Decoder) short(some bool) error {
	if some && errors.Is(d.over, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return d.over
}

// Uint reads a number.
func (d *Decoder) Uint() uint64 {
	if len(d.b) < binary.MaxVarintLen64 {
		d.fill(binary.MaxVarintLen64)
	}
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.noNumber(n)
		return 0
	}
	d.b = d.b[n:]
	return v
}

// Int reads a number that can be below 0.
func (d *Decoder) Int() int64 {
	v := d.Uint()
	return int64(v>>1) ^ -int64(v&1) // zigzag
}

// noNumber fails with what binary.Uvarint's n says.
func (d *Decoder) noNumber(n int) {
	if n < 0 || len(d.b) >= binary.MaxVarintLen64 {
		d.Failf("number: %w", errOverflow)
	} else if d.err == nil {
		d.Failf("number: %w", d.short(len(d.b) > 0))
	}
}

// UpTo reads a number of at most bound.
func (d *Decoder) UpTo(bound uint64) uint64 {
	v := d.Uint()
	if v > bound {
		d.Failf("%d is over %d", v, bound)
		return 0
	}
	return v
}

// Within reads a number of at most bound either way.
func (d *Decoder) Within(bound int64) int64 {
	v := d.Int()
	if v > bound || v < -bound {
		d.Failf("%d is beyond %d", v, bound)
		return 0
	}
	return v
}

// Count reads the length of a list, at most bound. A loop over a list of more than some thousand has to end with the first error:
// Each does.
func (d *Decoder) Count(bound int) int { return int(d.UpTo(uint64(bound))) }

// Each reads the length of a list, at most bound, and gives the place of each of its entries until there is an error.
func (d *Decoder) Each(bound int) iter.Seq[int] {
	return func(yield func(int) bool) {
		n := d.Count(bound)
		for i := 0; i < n && d.err == nil && yield(i); i++ {
		}
	}
}

// Hash reads any number of 8 bytes.
func (d *Decoder) Hash() uint64 {
	if len(d.b) < 8 && !d.have(8) {
		return 0
	}
	v := binary.LittleEndian.Uint64(d.b)
	d.b = d.b[8:]
	return v
}

// have says whether n bytes are at hand, at most a buffer; if not it fails.
func (d *Decoder) have(n int) bool {
	if d.fill(n); len(d.b) >= n {
		return true
	}
	if d.err == nil {
		d.Failf("%w", d.short(len(d.b) > 0))
	}
	return false
}

// Float reads a finite number.
func (d *Decoder) Float() float64 {
	v := math.Float64frombits(d.Hash())
	if math.IsNaN(v) || math.IsInf(v, 0) {
		d.Failf("a number is not finite")
		return 0
	}
	return v
}

// Float32 reads a finite number.
func (d *Decoder) Float32() float32 {
	if len(d.b) < 4 && !d.have(4) {
		return 0
	}
	v := math.Float32frombits(binary.LittleEndian.Uint32(d.b))
	d.b = d.b[4:]
	if v != v || math.IsInf(float64(v), 0) {
		d.Failf("a number is not finite")
		return 0
	}
	return v
}

// Text reads a name of at most MaxText bytes.
func (d *Decoder) Text() string {
	n := d.Count(MaxText)
	if len(d.b) < n && !d.have(n) {
		return ""
	}
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}

// Bytes reads at most bound bytes, which are the caller's.
func (d *Decoder) Bytes(bound int) []byte {
	b := make([]byte, d.Count(bound))
	if d.Fixed(b); d.err != nil {
		return nil
	}
	return b
}

// Fixed reads as many bytes as there is place for; after an error they are 0.
func (d *Decoder) Fixed(into []byte) {
	for rest := into; len(rest) > 0; {
		if d.fill(1); len(d.b) == 0 {
			if d.err == nil {
				d.Failf("%w", d.short(len(rest) < len(into)))
			}
			clear(into)
			return
		}
		n := copy(rest, d.b)
		rest, d.b = rest[n:], d.b[n:]
	}
}

// Flags reads as many booleans as an Encoder wrote, at most 63.
func (d *Decoder) Flags(all ...*bool) {
	v := d.UpTo(1<<len(all) - 1)
	for i, set := range all {
		*set = v&(1<<i) != 0
	}
}
