package history

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// errParquet says that a file is not whole.
var errParquet = errors.New("not a whole Parquet file")

// maxFooter bounds what is read of a file to count its rows.
const maxFooter = 64 << 20

// parquetRows reads the number of rows from a Parquet file's footer (FileMetaData.num_rows of the format's thrift definition, compact
// protocol), which is written last: a file that was cut short has none.
func parquetRows(f io.ReaderAt, size int64) (uint64, error) {
	var tail [8]byte
	if size < 12 {
		return 0, errParquet
	}
	if _, err := f.ReadAt(tail[:], size-8); err != nil {
		return 0, err
	}
	n := int64(binary.LittleEndian.Uint32(tail[:]))
	if string(tail[4:]) != "PAR1" || n > size-12 || n > maxFooter {
		return 0, errParquet
	}
	footer := make([]byte, n)
	if _, err := f.ReadAt(footer, size-8-n); err != nil {
		return 0, err
	}
	return footerRows(footer)
}

// Field 3 of FileMetaData is num_rows: i64.
const numRowsField = 3

// Types of thrift's compact protocol.
const (
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftMap    = 11
	thriftStruct = 12
)

// maxThriftDepth bounds nesting; a Parquet schema element has three levels.
const maxThriftDepth = 16

func footerRows(b []byte) (uint64, error) {
	d := thrift{b: b}
	id := int64(0)
	for {
		kind, next, ok := d.field(id)
		if !ok {
			return 0, fmt.Errorf("%w: its footer has no number of rows", errParquet)
		}
		id = next
		if id == numRowsField && kind == thriftI64 {
			n := d.zigzag()
			if d.bad || n < 0 {
				return 0, errParquet
			}
			return uint64(n), nil
		}
		d.skip(kind, 0)
	}
}

// thrift reads the compact protocol. After an error it reads zeros.
type thrift struct {
	b   []byte
	bad bool
}

func (d *thrift) byte() byte {
	if len(d.b) == 0 {
		d.bad = true
		return 0
	}
	v := d.b[0]
	d.b = d.b[1:]
	return v
}

func (d *thrift) uvarint() uint64 {
	v, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.bad = true
		return 0
	}
	d.b = d.b[n:]
	return v
}

func (d *thrift) zigzag() int64 {
	u := d.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (d *thrift) take(n uint64) {
	if n > uint64(len(d.b)) {
		d.bad = true
		return
	}
	d.b = d.b[n:]
}

// field reads the head of the field after last; ok=false at the struct's end or after an error.
func (d *thrift) field(last int64) (kind byte, id int64, ok bool) {
	h := d.byte()
	if d.bad || h == 0 {
		return 0, 0, false
	}
	if delta := h >> 4; delta != 0 {
		return h & 15, last + int64(delta), true
	}
	id = d.zigzag()
	return h & 15, id, !d.bad
}

func (d *thrift) skip(kind byte, depth int) {
	if depth > maxThriftDepth {
		d.bad = true
	}
	if d.bad {
		return
	}
	switch kind {
	case thriftTrue, thriftFalse:
	case thriftByte:
		d.byte()
	case thriftI16, thriftI32, thriftI64:
		d.uvarint()
	case thriftDouble:
		d.take(8)
	case thriftBinary:
		d.take(d.uvarint())
	case thriftList, thriftSet:
		h := d.byte()
		n := uint64(h >> 4)
		if n == 15 {
			n = d.uvarint()
		}
		for ; n > 0 && !d.bad; n-- {
			d.element(h&15, depth)
		}
	case thriftMap:
		n := d.uvarint()
		if n == 0 {
			return
		}
		h := d.byte()
		for ; n > 0 && !d.bad; n-- {
			d.element(h>>4, depth)
			d.element(h&15, depth)
		}
	case thriftStruct:
		for {
			kind, _, ok := d.field(0)
			if !ok {
				return
			}
			d.skip(kind, depth+1)
		}
	default:
		d.bad = true
	}
}

// element skips a member of a list or map, where a boolean takes a byte.
func (d *thrift) element(kind byte, depth int) {
	if kind == thriftTrue || kind == thriftFalse {
		kind = thriftByte
	}
	d.skip(kind, depth+1)
}
