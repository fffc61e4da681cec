package history

import (
	"encoding/binary"
	"math"
)

// rowBlock is rows of one table as ClickHouse's Native format has them: column after column. Columns are typed and are filled row by row; the
// memory is used again.
//
// The driver's own columns take a row through an interface and, for LowCardinality and Array, through reflection and a map of
// interfaces: five times what a row costs here.
type rowBlock struct {
	rows    int
	columns []nativeColumn
}

// nativeColumn is one column while it is filled.
type nativeColumn interface {
	head() (name, kind string)
	size() int // bytes that append adds at most, without name and kind
	append(dst []byte) []byte
	reset()
}

// appendNative appends the block: columns and rows, then of each column name, type and values (NativeWriter, revision 0).
func (b *rowBlock) appendNative(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(b.columns)))
	dst = binary.AppendUvarint(dst, uint64(b.rows))
	for _, c := range b.columns {
		name, kind := c.head()
		dst = appendText(dst, name)
		dst = appendText(dst, kind)
		dst = c.append(dst)
	}
	return dst
}

// bytes is about the length of what appendNative appends.
func (b *rowBlock) bytes() int {
	n := 16
	for _, c := range b.columns {
		n += c.size() + 64
	}
	return n
}

func (b *rowBlock) reset() {
	b.rows = 0
	for _, c := range b.columns {
		c.reset()
	}
}

// names are the block's columns as an INSERT lists them.
func (b *rowBlock) names() []string {
	list := make([]string, len(b.columns))
	for i, c := range b.columns {
		list[i], _ = c.head()
	}
	return list
}

// named is name and type of a column.
type named struct{ name, kind string }

func (n named) head() (name, kind string) { return n.name, n.kind }

// maxKeptColumn bounds the memory that a column keeps from block to block.
const maxKeptColumn = 16 << 20

func emptied(b []byte) []byte {
	if cap(b) > maxKeptColumn {
		return nil
	}
	return b[:0]
}

// fixed is a column of numbers of one width.
type fixed struct {
	named
	data []byte
}

func (c *fixed) size() int                { return len(c.data) }
func (c *fixed) append(dst []byte) []byte { return append(dst, c.data...) }
func (c *fixed) reset()                   { c.data = emptied(c.data) }

func (c *fixed) u8(v uint8)   { c.data = append(c.data, v) }
func (c *fixed) bool(v bool)  { c.data = append(c.data, boolByte(v)) }
func (c *fixed) u16(v uint16) { c.data = binary.LittleEndian.AppendUint16(c.data, v) }
func (c *fixed) u32(v uint32) { c.data = binary.LittleEndian.AppendUint32(c.data, v) }
func (c *fixed) u64(v uint64) { c.data = binary.LittleEndian.AppendUint64(c.data, v) }
func (c *fixed) i64(v int64)  { c.u64(uint64(v)) }
func (c *fixed) f32(v float32) {
	c.u32(math.Float32bits(v))
}

// text is a column of String.
type text struct {
	named
	data []byte
}

func (c *text) size() int                { return len(c.data) }
func (c *text) append(dst []byte) []byte { return append(dst, c.data...) }
func (c *text) reset()                   { c.data = emptied(c.data) }

func (c *text) add(s string) {
	if len(s) < 0x80 {
		c.data = append(c.data, byte(len(s)))
	} else {
		c.data = binary.AppendUvarint(c.data, uint64(len(s)))
	}
	c.data = append(c.data, s...)
}

// words is a column of LowCardinality(String): a dictionary of the block's own, and a key into it for each row.
type words struct {
	named
	dictionary text
	keys       []uint32
	known      map[string]uint32
	last       string // the newest value: runs of the same are frequent
	lastKey    uint32
}

// maxKeptWords bounds the dictionary that is kept to be filled again.
const maxKeptWords = 64 << 10

func newWords(name string) *words {
	c := &words{named: named{name, "LowCardinality(String)"}}
	c.reset()
	return c
}

func (c *words) reset() {
	if c.known == nil || len(c.known) > maxKeptWords {
		c.known = make(map[string]uint32)
	}
	clear(c.known)
	c.dictionary.reset()
	if cap(c.keys) > maxKeptColumn/4 {
		c.keys = nil
	}
	c.keys = c.keys[:0]
	c.known[""] = 0 // the default value stands first
	c.dictionary.add("")
	c.last, c.lastKey = "", 0
}

// add takes a value, which must stay as it is until reset.
func (c *words) add(s string) {
	if s != c.last {
		key, ok := c.known[s]
		if !ok {
			key = uint32(len(c.known))
			c.known[s] = key
			c.dictionary.add(s)
		}
		c.last, c.lastKey = s, key
	}
	c.keys = append(c.keys, c.lastKey)
}

// Serialization of LowCardinality: version of the keys, then whether there is a dictionary of the block's own and the keys' width.
const (
	lowCardinalityVersion = 1
	ownDictionary         = 1<<9 | 1<<10
)

func (c *words) size() int { return 40 + len(c.dictionary.data) + 4*len(c.keys) }

func (c *words) append(dst []byte) []byte {
	return c.appendKeys(binary.LittleEndian.AppendUint64(dst, lowCardinalityVersion))
}

// appendKeys appends what follows the version; nothing when there are no rows.
func (c *words) appendKeys(dst []byte) []byte {
	if len(c.keys) == 0 {
		return dst
	}
	width := 0
	switch n := len(c.known); {
	case n > math.MaxUint16+1:
		width = 2
	case n > math.MaxUint8+1:
		width = 1
	}
	dst = binary.LittleEndian.AppendUint64(dst, ownDictionary|uint64(width))
	dst = binary.LittleEndian.AppendUint64(dst, uint64(len(c.known)))
	dst = append(dst, c.dictionary.data...)
	dst = binary.LittleEndian.AppendUint64(dst, uint64(len(c.keys)))
	switch width {
	case 0:
		for _, k := range c.keys {
			dst = append(dst, byte(k))
		}
	case 1:
		for _, k := range c.keys {
			dst = binary.LittleEndian.AppendUint16(dst, uint16(k))
		}
	default:
		for _, k := range c.keys {
			dst = binary.LittleEndian.AppendUint32(dst, k)
		}
	}
	return dst
}

// lists is a column of Array: where each row's values end, then the values.
type lists[C nativeColumn] struct {
	ends   fixed
	n      uint64
	values C
}

func (c *lists[C]) head() (name, kind string) {
	name, kind = c.values.head()
	return name, "Array(" + kind + ")"
}

// row ends a row of n values.
func (c *lists[C]) row(n int) {
	c.n += uint64(n)
	c.ends.u64(c.n)
}

func (c *lists[C]) size() int { return len(c.ends.data) + c.values.size() }

func (c *lists[C]) append(dst []byte) []byte {
	if w, ok := any(c.values).(*words); ok { // the version of the keys stands before the ends
		dst = binary.LittleEndian.AppendUint64(dst, lowCardinalityVersion)
		return w.appendKeys(append(dst, c.ends.data...))
	}
	return c.values.append(append(dst, c.ends.data...))
}

func (c *lists[C]) reset() {
	c.n = 0
	c.ends.reset()
	c.values.reset()
}
