package snapshot

import (
	"encoding/binary"
	"io"
	"math"
)

const (
	// MaxText is how many bytes a name of a site, item, category, shopper or campaign may have to be read back.
	MaxText = 256
	// MaxList is how long a list may be that has no smaller bound of its own.
	MaxList = 1 << 28

	bufferBytes = 1 << 16
	spillBytes  = bufferBytes - 1<<10 // so that a buffer with some number or name over it need not grow
)

// Encoder writes a snapshot. Make one with NewEncoder, and end with Flush.
type Encoder struct {
	w   io.Writer
	b   []byte // not written yet
	err error  // w's first
}

// NewEncoder begins a snapshot of the fold with this magic, in the version from 1 on that it writes now.
func NewEncoder(w io.Writer, magic, version byte) *Encoder {
	return &Encoder{w: w, b: append(make([]byte, 0, bufferBytes), magic, version)}
}

// Flush writes what is left, and returns the first error that the writer gave.
func (e *Encoder) Flush() error {
	e.spill()
	return e.err
}

func (e *Encoder) spill() {
	if e.err == nil && len(e.b) > 0 {
		_, e.err = e.w.Write(e.b)
	}
	e.b = e.b[:0]
}

// wrote lets go of what the buffer has too much.
func (e *Encoder) wrote(b []byte) {
	if e.b = b; len(b) >= spillBytes {
		e.spill()
	}
}

// Uint writes a number or the length of a list.
func (e *Encoder) Uint(v uint64) { e.wrote(binary.AppendUvarint(e.b, v)) }

// Int writes a number that can be below 0.
func (e *Encoder) Int(v int64) { e.wrote(binary.AppendVarint(e.b, v)) }

// Hash writes a number that is as likely large as small.
func (e *Encoder) Hash(v uint64) { e.wrote(binary.LittleEndian.AppendUint64(e.b, v)) }

// Float writes a finite number.
func (e *Encoder) Float(v float64) { e.Hash(math.Float64bits(v)) }

// Float32 writes a finite number.
func (e *Encoder) Float32(v float32) {
	e.wrote(binary.LittleEndian.AppendUint32(e.b, math.Float32bits(v)))
}

// Text writes a name of at most MaxText bytes.
func (e *Encoder) Text(s string) { e.wrote(append(binary.AppendUvarint(e.b, uint64(len(s))), s...)) }

// Bytes writes a length and the bytes.
func (e *Encoder) Bytes(b []byte) { e.wrote(append(binary.AppendUvarint(e.b, uint64(len(b))), b...)) }

// Fixed writes bytes whose number the reader knows.
func (e *Encoder) Fixed(b []byte) { e.wrote(append(e.b, b...)) }

// Flags writes at most 64 booleans as one number.
func (e *Encoder) Flags(all ...bool) {
	v := uint64(0)
	for i, set := range all {
		if set {
			v |= 1 << i
		}
	}
	e.Uint(v)
}
