package clickstream

import (
	"encoding/binary"

	"github.com/zeebo/xxh3"
)

// Erase says that a visitor of a site was erased: everything of it that stands before this record is nobody's any more. It holds a hash,
// not the id, because it stays in the log when the events are gone. What comes later under the same id is a new life.
type Erase struct {
	Site    string
	Visitor uint64 // VisitorHash of the id
}

// VisitorHash is xxh3-64 of a visitor's id: what Erase names, what models know their shoppers by, and ClickHouse's xxh3(visitor).
func VisitorHash(visitor string) uint64 { return xxh3.HashString(visitor) }

// AppendErase appends e as an erase record: type=6 version=1 site visitor:8, little endian.
func AppendErase(dst []byte, e *Erase) []byte {
	dst = append(dst, RecordErase, codecVersion)
	dst = appendString(dst, e.Site)
	return binary.LittleEndian.AppendUint64(dst, e.Visitor)
}

// DecodeErase reads an erase record, its type byte included. Site is a substring of data.
func DecodeErase(data string, e *Erase) error {
	d := decoder{s: data}
	d.header(RecordErase)
	e.Site, e.Visitor = d.str(), d.fixed64()
	return d.end(RecordErase)
}

// Erased is what an erasure took out of the log. Its record, in the intake partition, is written when the log has lost it all: a count that
// is made anew from the log's records adds it, and then says what it said before.
type Erased struct {
	Erase
	Partition int    // of the erase record
	Offset    uint64 // of the erase record: what was taken stood before it
	Events    int64  // sent by the shop
	Generated int64  // made by the server
	Letters   int64  // dead letters
}

// AppendErased appends e as a record:
//
//	type=7 version=1 site visitor:8 partition:uvarint offset:uvarint events:uvarint generated:uvarint letters:uvarint
func AppendErased(dst []byte, e *Erased) []byte {
	dst = append(dst, RecordErased, codecVersion)
	dst = appendString(dst, e.Site)
	dst = binary.LittleEndian.AppendUint64(dst, e.Visitor)
	for _, n := range [...]uint64{uint64(e.Partition), e.Offset, uint64(e.Events), uint64(e.Generated), uint64(e.Letters)} {
		dst = binary.AppendUvarint(dst, n)
	}
	return dst
}

// DecodeErased reads a record of AppendErased, its type byte included. Site is a substring of data.
func DecodeErased(data string, e *Erased) error {
	d := decoder{s: data}
	d.header(RecordErased)
	e.Site, e.Visitor = d.str(), d.fixed64()
	e.Partition, e.Offset = int(d.bounded(1<<16)), d.uvarint()
	e.Events, e.Generated, e.Letters = int64(d.bounded(1<<62)), int64(d.bounded(1<<62)), int64(d.bounded(1<<62))
	return d.end(RecordErased)
}

func (d *decoder) fixed64() uint64 {
	b := d.take(8)
	if b == "" {
		return 0
	}
	return binary.LittleEndian.Uint64([]byte(b))
}

// bounded reads an unsigned integer of at most limit.
func (d *decoder) bounded(limit uint64) uint64 {
	n := d.uvarint()
	if n > limit {
		d.fail("number too large")
		return 0
	}
	return n
}
