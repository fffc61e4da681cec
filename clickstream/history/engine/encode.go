package engine

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// Revisions of ClickHouse's native protocol that change the Native format, from DBMS_MIN_REVISION_WITH_… in ProtocolDefines.h.
const (
	revisionBlockInfo           = 1 // any client that names a revision
	revisionDateTimeZone        = 54337
	revisionCustomSerialization = 54454
)

// blockInfo is the head of a block since revisionBlockInfo: field 1 (is_overflows) 0, field 2 (bucket_num) -1, end.
var blockInfo = []byte{1, 0, 2, 0xff, 0xff, 0xff, 0xff, 0}

// A raiser turns Native blocks of revision 0, as the engine gives them, into blocks of a client's revision (client_protocol_version).
// Columns' bytes are the same in both and are copied as they are; what is added is the blocks' head, a byte before each column, and
// the time zone of DateTime columns, which revision 0 leaves out.
//
// It is used by one goroutine, for one answer. The first block fixes the columns.
type raiser struct {
	revision uint64
	// zones gives the full type of every column, or nil. It is asked once, when a column is a bare DateTime.
	zones   func() []string
	columns []raisedColumn
}

type raisedColumn struct {
	from  []byte // name and type as they come, to see that the next block has the same
	to    []byte // name and type as they go
	shape *nativeType
}

// block appends all blocks in from to dst.
func (r *raiser) block(dst, from []byte) ([]byte, error) {
	w := walker{from: from}
	for w.at < len(from) && w.err == nil {
		dst = r.one(dst, &w)
	}
	if w.err != nil {
		return dst, fmt.Errorf("raise Native block to revision %d: %w", r.revision, w.err)
	}
	return dst, nil
}

func (r *raiser) one(dst []byte, w *walker) []byte {
	columns, rows := w.uvarint(), w.uvarint()
	if r.revision >= revisionBlockInfo {
		dst = append(dst, blockInfo...)
	}
	dst = binary.AppendUvarint(dst, columns)
	dst = binary.AppendUvarint(dst, rows)
	for i := 0; uint64(i) < columns && w.err == nil; i++ {
		start := w.at
		name, typ := w.text(), w.text()
		if w.err != nil {
			return dst
		}
		c := r.column(i, w.from[start:w.at], name, typ, w)
		if w.err != nil {
			return dst
		}
		dst = append(dst, c.to...)
		if r.revision >= revisionCustomSerialization {
			dst = append(dst, 0)
		}
		if rows == 0 {
			continue
		}
		start = w.at
		shape := w.prefix(c.shape, 0)
		if c.shape.kind == kindUnknown && uint64(i) == columns-1 {
			w.at = len(w.from) // the last column of a chunk, which is one block
		} else {
			w.values(shape, rows)
		}
		if w.err != nil {
			return dst
		}
		dst = append(dst, w.from[start:w.at]...)
	}
	return dst
}

// column gives what is known of a column, which blocks after the first repeat.
func (r *raiser) column(i int, from, name, typ []byte, w *walker) raisedColumn {
	if i < len(r.columns) && bytes.Equal(r.columns[i].from, from) {
		return r.columns[i]
	}
	shape, err := parseType(string(typ), 0)
	if err != nil {
		w.fail(err)
		return raisedColumn{}
	}
	if string(typ) == "DateTime" && r.revision >= revisionDateTimeZone && r.zones != nil {
		if full := r.zones(); i < len(full) {
			typ = []byte(full[i])
		}
	}
	c := raisedColumn{from: bytes.Clone(from), shape: shape}
	c.to = binary.AppendUvarint(nil, uint64(len(name)))
	c.to = append(c.to, name...)
	c.to = binary.AppendUvarint(c.to, uint64(len(typ)))
	c.to = append(c.to, typ...)
	if i == len(r.columns) {
		r.columns = append(r.columns, c)
	} else if i < len(r.columns) {
		r.columns[i] = c
	}
	return c
}
