package engine

import (
	"fmt"
	"strconv"
	"strings"
)

// A nativeType is a ClickHouse type, as far as the length of its bytes in the Native format depends on it.
type nativeType struct {
	kind  typeKind
	size  int           // bytes of a value, for kindFixed
	inner []*nativeType // elements
	paths []string      // of JSON: the typed paths, beside inner
}

type typeKind uint8

const (
	kindFixed typeKind = iota
	kindString
	kindArray
	kindTuple
	kindNullable
	kindLowCardinality
	kindVariant
	kindDynamic
	kindFlatDynamic // Dynamic, after its prefix
	kindJSON
	kindColumns // JSON, after its prefix: a column for each path
	kindUnknown // AggregateFunction and what comes after this was written: only the engine knows its length
)

// maxTypeDepth bounds how deep types nest, so that a type's text cannot exhaust the stack.
const maxTypeDepth = 64

// fixedSizes are the bytes of types that have neither parameters nor parts.
func fixedSize(name string) (int, bool) {
	switch name {
	case "Int8", "UInt8", "Bool", "Enum8", "Nothing":
		return 1, true
	case "Int16", "UInt16", "Date", "Enum16", "BFloat16":
		return 2, true
	case "Int32", "UInt32", "Float32", "Date32", "DateTime", "IPv4", "Time", "Decimal32":
		return 4, true
	case "Int64", "UInt64", "Float64", "DateTime64", "Time64", "Decimal64":
		return 8, true
	case "Int128", "UInt128", "UUID", "IPv6", "Decimal128":
		return 16, true
	case "Int256", "UInt256", "Decimal256":
		return 32, true
	}
	if strings.HasPrefix(name, "Interval") {
		return 8, true
	}
	return 0, false
}

// parseType reads a type's name as the Native format carries it.
func parseType(text string, depth int) (*nativeType, error) {
	if depth > maxTypeDepth {
		return nil, fmt.Errorf("type nests deeper than %d", maxTypeDepth)
	}
	name, args, err := splitType(text)
	if err != nil {
		return nil, err
	}
	if size, ok := fixedSize(name); ok {
		return &nativeType{kind: kindFixed, size: size}, nil
	}
	part := func(i int) (*nativeType, error) {
		if i >= len(args) {
			return nil, fmt.Errorf("type %s has too few arguments", text)
		}
		return parseType(args[i], depth+1)
	}
	one := func(kind typeKind, i int) (*nativeType, error) {
		inner, err := part(i)
		if err != nil {
			return nil, err
		}
		return &nativeType{kind: kind, inner: []*nativeType{inner}}, nil
	}
	switch name {
	case "String", "SharedVariant":
		return &nativeType{kind: kindString}, nil
	case "FixedString":
		size, err := number(args, 0)
		return &nativeType{kind: kindFixed, size: size}, err
	case "Decimal":
		precision, err := number(args, 0)
		return &nativeType{kind: kindFixed, size: decimalSize(precision)}, err
	case "Array":
		return one(kindArray, 0)
	case "Nullable":
		return one(kindNullable, 0)
	case "LowCardinality":
		return one(kindLowCardinality, 0)
	case "SimpleAggregateFunction":
		return part(1)
	case "Tuple", "Nested", "Map":
		t := &nativeType{kind: kindTuple}
		for _, a := range args {
			if name != "Map" {
				a = withoutName(a)
			}
			inner, err := parseType(a, depth+1)
			if err != nil {
				return nil, err
			}
			t.inner = append(t.inner, inner)
		}
		if name != "Tuple" {
			t = &nativeType{kind: kindArray, inner: []*nativeType{t}}
		}
		return t, nil
	case "Variant":
		return variantOf(args, depth)
	case "Dynamic":
		return &nativeType{kind: kindDynamic}, nil
	case "JSON":
		return parseJSON(args, depth)
	case "QBit":
		return parseQBit(args)
	}
	if alias := geometry(name); alias != "" {
		return parseType(alias, depth+1)
	}
	return &nativeType{kind: kindUnknown}, nil
}

func decimalSize(precision int) int {
	switch {
	case precision <= 9:
		return 4
	case precision <= 18:
		return 8
	case precision <= 38:
		return 16
	}
	return 32
}

// geometry gives what a geometric type is made of.
func geometry(name string) string {
	switch name {
	case "Point":
		return "Tuple(Float64, Float64)"
	case "Ring", "LineString":
		return "Array(Point)"
	case "Polygon", "MultiLineString":
		return "Array(Ring)"
	case "MultiPolygon":
		return "Array(Polygon)"
	case "Geometry":
		return "Variant(LineString, MultiLineString, MultiPolygon, Point, Polygon, Ring)"
	}
	return ""
}

// variantOf makes a variant of types in the order of their discriminators, which is the order of their names.
func variantOf(names []string, depth int) (*nativeType, error) {
	t := &nativeType{kind: kindVariant}
	for _, n := range names {
		inner, err := parseType(n, depth+1)
		if err != nil {
			return nil, err
		}
		t.inner = append(t.inner, inner)
	}
	return t, nil
}

// parseJSON keeps the typed paths; parameters (name=number) and SKIP rules do not show in the bytes.
func parseJSON(args []string, depth int) (*nativeType, error) {
	t := &nativeType{kind: kindJSON}
	for _, a := range args {
		s := scanner{text: a}
		first := s.next()
		if second := s.next(); first.kind == tokenEnd || second.text == "=" || first.kind == tokenWord && strings.EqualFold(first.text, "SKIP") {
			continue
		}
		path, rest := cutPath(a)
		inner, err := parseType(rest, depth+1)
		if err != nil {
			return nil, err
		}
		t.paths, t.inner = append(t.paths, path), append(t.inner, inner)
	}
	return t, nil
}

// cutPath cuts "a.`b c`.d Type" behind the path.
func cutPath(text string) (path, rest string) {
	s := scanner{text: text}
	for {
		t := s.next()
		if t.kind == tokenEnd {
			return text, ""
		}
		after := s
		if n := after.next(); n.text != "." && t.text != "." {
			return strings.TrimSpace(text[:t.end]), text[t.end:]
		}
	}
}

// parseQBit: a bit matrix, one FixedString for every bit of the element.
func parseQBit(args []string) (*nativeType, error) {
	dimension, err := number(args, 1)
	if err != nil {
		return nil, err
	}
	size, _ := fixedSize(strings.TrimSpace(args[0]))
	return &nativeType{kind: kindFixed, size: size * 8 * ((dimension + 7) / 8)}, nil
}

func number(args []string, i int) (int, error) {
	if i >= len(args) {
		return 0, fmt.Errorf("type has %d arguments", len(args))
	}
	n, err := strconv.ParseUint(strings.TrimSpace(args[i]), 10, 24)
	return int(n), err
}

// withoutName cuts the name of a tuple's element off: "a String" and "`a b` String" give "String".
func withoutName(arg string) string {
	s := scanner{text: arg}
	first := s.next()
	if first.kind != tokenWord && first.kind != tokenName {
		return arg
	}
	after := s
	if second := after.next(); second.kind != tokenWord {
		return arg // a type alone, or a type with arguments
	}
	return arg[first.end:]
}

// splitType cuts Name(a, b(c), 'd') into its name and its arguments' texts.
func splitType(text string) (name string, args []string, err error) {
	s := scanner{text: text}
	first := s.next()
	if first.kind != tokenWord {
		return "", nil, fmt.Errorf("type %q has no name", text)
	}
	open := s.next()
	if open.kind == tokenEnd {
		return first.text, nil, nil
	}
	if open.text != "(" {
		return "", nil, fmt.Errorf("type %q is not a name and arguments", text)
	}
	depth, start := 1, open.end
	for {
		t := s.next()
		switch {
		case t.kind == tokenEnd:
			return "", nil, fmt.Errorf("type %q does not close", text)
		case t.kind == tokenOpen:
			depth++
		case t.kind == tokenClose:
			if depth--; depth == 0 {
				if last := strings.TrimSpace(text[start:t.start]); last != "" || args != nil {
					args = append(args, last)
				}
				return first.text, args, nil
			}
		case t.text == "," && depth == 1:
			args = append(args, strings.TrimSpace(text[start:t.start]))
			start = t.end
		}
	}
}
