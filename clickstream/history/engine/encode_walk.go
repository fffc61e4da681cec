package engine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
)

var errCutOff = errors.New("a block in Native ends inside a column")

// A walker finds where things end in the bytes of a Native block, without decoding values. Errors stay until the end: after one, at
// stands still and every size is 0.
//
// The layouts are those of ClickHouse's ISerialization::serializeBinaryBulk at revision 0. First come the prefixes of a whole column
// (versions, and the types that Dynamic and JSON hold in this block), then its values.
type walker struct {
	from []byte
	at   int
	err  error
}

func (w *walker) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// skip moves over count values of size bytes.
func (w *walker) skip(count uint64, size int) {
	left := uint64(len(w.from) - w.at)
	if w.err != nil || size > 0 && count > left/uint64(size) {
		w.fail(errCutOff)
		return
	}
	w.at += int(count) * size
}

func (w *walker) uvarint() uint64 {
	v, n := binary.Uvarint(w.from[w.at:])
	if w.err != nil || n <= 0 {
		w.fail(errCutOff)
		return 0
	}
	w.at += n
	return v
}

func (w *walker) fixed64() uint64 {
	start := w.at
	w.skip(1, 8)
	if w.err != nil {
		return 0
	}
	return binary.LittleEndian.Uint64(w.from[start:])
}

// text gives a string without copying it.
func (w *walker) text() []byte {
	n := w.uvarint()
	start := w.at
	w.skip(n, 1)
	if w.err != nil {
		return nil
	}
	return w.from[start:w.at]
}

// maxDynamicTypes bounds the types and paths that one column may name in its prefix.
const maxDynamicTypes = 1 << 16

func (w *walker) texts(more ...string) []string {
	n := w.uvarint()
	if n > maxDynamicTypes {
		w.fail(fmt.Errorf("column names %d types or paths", n))
		return nil
	}
	var all []string
	for i := uint64(0); i < n && w.err == nil; i++ {
		all = append(all, string(w.text()))
	}
	return append(all, more...)
}

// prefix moves over a column's prefix and gives the type that its values have in this block: Dynamic and JSON say it there.
func (w *walker) prefix(t *nativeType, depth int) *nativeType {
	if depth > maxTypeDepth {
		w.fail(fmt.Errorf("type nests deeper than %d", maxTypeDepth))
	}
	if w.err != nil {
		return t
	}
	switch t.kind {
	case kindLowCardinality:
		w.skip(1, 8) // version of the keys
		return t
	case kindVariant:
		if mode := w.fixed64(); mode != 0 {
			w.fail(fmt.Errorf("variant of mode %d", mode))
		}
	case kindDynamic:
		return w.dynamicPrefix(depth)
	case kindJSON:
		return w.jsonPrefix(t, depth)
	}
	var inner []*nativeType // a copy, as soon as it differs
	for i, old := range t.inner {
		now := w.prefix(old, depth+1)
		if now != old && inner == nil {
			inner = slices.Clone(t.inner)
		}
		if inner != nil {
			inner[i] = now
		}
	}
	if inner == nil {
		return t
	}
	return &nativeType{kind: t.kind, size: t.size, inner: inner}
}

// dynamicPrefix: version 1 and 2 are a Variant of the named types and a shared one, version 3 ("flattened") a variant of the named
// types whose discriminators are as wide as they must be.
func (w *walker) dynamicPrefix(depth int) *nativeType {
	version := w.fixed64()
	switch version {
	case 1, 2:
		if version == 1 {
			w.uvarint() // max_types
		}
		names := w.texts("SharedVariant")
		slices.Sort(names)
		return w.prefix(w.types(kindVariant, names, depth), depth+1)
	case 3:
		t := w.types(kindFlatDynamic, w.texts(), depth)
		return w.prefix(t, depth+1)
	}
	w.fail(fmt.Errorf("column of type Dynamic has version %d", version))
	return &nativeType{}
}

func (w *walker) types(kind typeKind, names []string, depth int) *nativeType {
	t := &nativeType{kind: kind}
	for _, n := range names {
		inner, err := parseType(n, depth+1)
		if err != nil {
			w.fail(err)
			return t
		}
		t.inner = append(t.inner, inner)
	}
	return t
}

// jsonPrefix: versions 0 and 2 are typed paths, dynamic paths and a map of what is left, version 1 is text, version 3 ("flattened")
// typed and dynamic paths alone.
func (w *walker) jsonPrefix(t *nativeType, depth int) *nativeType {
	version := w.fixed64()
	switch version {
	case 1:
		return &nativeType{kind: kindString}
	case 0, 2, 3:
	default:
		w.fail(fmt.Errorf("column of type JSON has version %d", version))
		return t
	}
	if version == 0 {
		w.uvarint() // max_dynamic_paths
	}
	dynamic := len(w.texts())
	all := &nativeType{kind: kindColumns}
	for _, typed := range sortedByPath(t) {
		all.inner = append(all.inner, w.prefix(typed, depth+1))
	}
	for range dynamic {
		all.inner = append(all.inner, w.prefix(&nativeType{kind: kindDynamic}, depth+1))
		if w.err != nil {
			return all
		}
	}
	if version != 3 {
		text := &nativeType{kind: kindString}
		all.inner = append(all.inner, &nativeType{kind: kindArray, inner: []*nativeType{{kind: kindTuple, inner: []*nativeType{text, text}}}})
	}
	return all
}

// sortedByPath gives the types of the typed paths in the order of their bytes.
func sortedByPath(t *nativeType) []*nativeType {
	order := make([]int, len(t.paths))
	for i := range order {
		order[i] = i
	}
	plain := func(i int) string { return strings.ReplaceAll(t.paths[i], "`", "") }
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(plain(a), plain(b)) })
	sorted := make([]*nativeType, len(order))
	for i, from := range order {
		sorted[i] = t.inner[from]
	}
	return sorted
}

// values moves over n values of a type that prefix gave.
func (w *walker) values(t *nativeType, n uint64) {
	if w.err != nil {
		return
	}
	switch t.kind {
	case kindFixed:
		w.skip(n, t.size)
	case kindString:
		for ; n > 0 && w.err == nil; n-- {
			w.skip(w.uvarint(), 1)
		}
	case kindArray:
		start := w.at
		w.skip(n, 8) // ends of the rows
		if w.err != nil {
			return
		}
		if n > 0 {
			n = binary.LittleEndian.Uint64(w.from[start+int(n-1)*8:])
		}
		w.values(t.inner[0], n)
	case kindTuple, kindColumns:
		if len(t.inner) == 0 && t.kind == kindTuple {
			w.skip(n, 1) // an empty tuple has a byte, so that its rows can be counted
		}
		for _, inner := range t.inner {
			w.values(inner, n)
		}
	case kindNullable:
		w.skip(n, 1)
		w.values(t.inner[0], n)
	case kindLowCardinality:
		w.lowCardinality(t.inner[0], n)
	case kindVariant:
		w.variant(t, n, 1)
	case kindFlatDynamic:
		w.variant(t, n, widthFor(len(t.inner)+1))
	default:
		w.fail(refuse(codeNotImplemented, "NOT_IMPLEMENTED", "A column of this type must be the last of an answer in Native, or be read in another format"))
	}
}

// widthFor gives the bytes of a discriminator among count values.
func widthFor(count int) int {
	switch {
	case count <= 1<<8:
		return 1
	case count <= 1<<16:
		return 2
	}
	return 4
}

// lowCardinality: a flag word whose low byte says how wide keys are, the dictionary, and a key for every row.
func (w *walker) lowCardinality(t *nativeType, n uint64) {
	if n == 0 {
		return
	}
	flags := w.fixed64()
	const globalDictionary, additionalKeys = 1 << 8, 1 << 9
	if flags&globalDictionary != 0 || flags&0xff > 3 {
		w.fail(fmt.Errorf("LowCardinality keys of kind %#x", flags))
	}
	if flags&additionalKeys != 0 {
		if t.kind == kindNullable {
			t = t.inner[0] // null is the dictionary's first key
		}
		w.values(t, w.fixed64())
	}
	w.skip(w.fixed64(), 1<<(flags&3))
}

// variant: a discriminator for every row, then the values of each type in turn.
func (w *walker) variant(t *nativeType, n uint64, width int) {
	start := w.at
	w.skip(n, width)
	if w.err != nil {
		return
	}
	counts := make([]uint64, len(t.inner))
	for i := start; i < w.at; i += width {
		which := uint64(w.from[i])
		for b := 1; b < width; b++ {
			which |= uint64(w.from[i+b]) << (8 * b)
		}
		if which < uint64(len(counts)) { // others are null
			counts[which]++
		}
	}
	for i, inner := range t.inner {
		w.values(inner, counts[i])
	}
}
