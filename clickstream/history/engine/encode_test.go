package engine

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// driverRevision is what clickhouse-go 2.50 asks for.
const driverRevision = proto.DBMS_TCP_PROTOCOL_VERSION

func TestRaisedBlockIsByteForByteWhatTheRevisionSays(t *testing.T) {
	// One column a UInt8 with 1 and 2, one column b LowCardinality(String) with x and x.
	from, err := hex.DecodeString("0202" + "0161" + "0555496e7438" + "0102" +
		"0162" + "16" + hex.EncodeToString([]byte("LowCardinality(String)")) +
		"0100000000000000" + "0006000000000000" + "0200000000000000" + "00" + "0178" + "0200000000000000" + "0101")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		revision   uint64
		head, byte string
	}{
		{1, "010002ffffffff00", ""},
		{revisionCustomSerialization - 1, "010002ffffffff00", ""},
		{driverRevision, "010002ffffffff00", "00"},
	} {
		r := &raiser{revision: c.revision}
		got, err := r.block(nil, from)
		if err != nil {
			t.Fatal(err)
		}
		s := hex.EncodeToString(from)
		typeA, typeB := s[4:20], s[24:24+2+2+2+44]
		want := c.head + "0202" + typeA + c.byte + "0102" + typeB + c.byte + s[24+2+2+2+44:]
		if hex.EncodeToString(got) != want {
			t.Errorf("revision %d:\n got %x\nwant %s", c.revision, got, want)
		}
	}
}

// sampleBlock has a column of every type that the driver can encode, two rows each.
func sampleBlock(t testing.TB) *proto.Block {
	t.Helper()
	now := time.Date(2026, 3, 1, 2, 3, 4, 5e6, time.UTC)
	b := proto.NewBlock()
	values := [2][]any{}
	for _, c := range []struct {
		typ  string
		a, b any
	}{
		{"UInt8", uint8(1), uint8(2)},
		{"Int64", int64(-1), int64(2)},
		{"Float32", float32(1.5), float32(-2)},
		{"String", "", strings.Repeat("x", 300)},
		{"FixedString(3)", "abc", "def"},
		{"Bool", true, false},
		{"Date", now, now},
		{"DateTime('Europe/Berlin')", now, now},
		{"DateTime64(3, 'UTC')", now, now},
		{"Enum8('a' = 1, 'b\\'c' = 2)", "a", "b'c"},
		{"UUID", "61f0c404-5cb3-11e7-907b-a6006ad3dba0", "61f0c404-5cb3-11e7-907b-a6006ad3dba1"},
		{"IPv6", netip.MustParseAddr("::1"), netip.MustParseAddr("2001::1")},
		{"Array(Array(String))", [][]string{{"a"}, {}, {"b", "c"}}, [][]string{}},
		{"Nullable(Int32)", nil, int32(4)},
		{"LowCardinality(Nullable(String))", nil, "b"},
		{"Array(LowCardinality(String))", []string{}, []string{"x", "x"}},
		{"Map(String, Array(UInt8))", map[string][]uint8{"k": {1, 2}}, map[string][]uint8{}},
		{"Tuple(a String, b UInt16)", []any{"x", uint16(7)}, []any{"", uint16(8)}},
		{"Point", []float64{1, 2}, nil},
		{"Decimal(18, 4)", nil, nil},
		{"Int128", nil, nil},
		{"SimpleAggregateFunction(sum, UInt64)", uint64(3), uint64(4)},
		{"Variant(Array(UInt8), String)", nil, nil},
	} {
		if c.a == nil && c.b == nil || c.typ == "Point" {
			continue // the engine's own blocks cover these
		}
		if err := b.AddColumn(c.typ, column.Type(c.typ)); err != nil {
			t.Fatal(err)
		}
		values[0], values[1] = append(values[0], c.a), append(values[1], c.b)
	}
	for _, row := range values {
		if err := b.Append(row...); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func encoded(t testing.TB, b *proto.Block, revision uint64) []byte {
	t.Helper()
	var out chproto.Buffer
	if err := b.Encode(&out, revision); err != nil {
		t.Fatal(err)
	}
	return out.Buf
}

func TestRaisedBlocksAreWhatTheDriverWouldWrite(t *testing.T) {
	b := sampleBlock(t)
	one := encoded(t, b, 0)
	r := &raiser{revision: driverRevision}
	got, err := r.block(nil, append(bytes.Clone(one), one...)) // two blocks in one chunk
	if err != nil {
		t.Fatal(err)
	}
	want := encoded(t, b, driverRevision)
	if want = append(bytes.Clone(want), want...); !bytes.Equal(got, want) {
		t.Errorf("got  %x\nwant %x", got, want)
	}
	in := chproto.NewReader(bytes.NewReader(got))
	for range 2 {
		back := proto.NewBlock()
		if err := back.Decode(in, driverRevision); err != nil {
			t.Fatal(err)
		}
		for i, c := range back.Columns {
			if !reflect.DeepEqual(c.Row(1, false), b.Columns[i].Row(1, false)) {
				t.Errorf("column %s: got %v, want %v", c.Type(), c.Row(1, false), b.Columns[i].Row(1, false))
			}
		}
	}
	if _, err := in.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("after the blocks: %v, want EOF", err)
	}
}

func TestEveryCutOfABlockIsNoticed(t *testing.T) {
	whole := encoded(t, sampleBlock(t), 0)
	for n := 1; n < len(whole); n++ {
		if _, err := (&raiser{revision: driverRevision}).block(nil, whole[:n]); err == nil {
			t.Fatalf("a block cut at %d of %d passed", n, len(whole))
		}
	}
}

func TestTimeZonesAreAskedForOnce(t *testing.T) {
	from := []byte("\x01\x01\x01d\x08DateTime\x00\x00\x00\x00")
	asked := 0
	r := &raiser{revision: driverRevision, zones: func() []string { asked++; return []string{"DateTime('Asia/Tokyo')"} }}
	for range 3 {
		got, err := r.block(nil, from)
		if err != nil || !bytes.Contains(got, []byte("\x16DateTime('Asia/Tokyo')\x00")) {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times, want once", asked)
	}
}

func TestTypesHaveTheirSize(t *testing.T) {
	for text, want := range map[string]int{
		"Enum16('a, (b' = 1, 'c\\'' = 2)": 2, "Decimal(9, 2)": 4, "Decimal(10, 2)": 8, "Decimal(38, 2)": 16, "Decimal(76, 0)": 32,
		"FixedString(17)": 17, "DateTime64(9, 'UTC')": 8, "IntervalQuarter": 8, "Time64(3)": 8, "SimpleAggregateFunction(anyLast, UUID)": 16,
		"QBit(Float32, 9)": 64, "QBit(BFloat16, 8)": 16,
	} {
		got, err := parseType(text, 0)
		if err != nil || got.kind != kindFixed || got.size != want {
			t.Errorf("%s: %+v, %v, want %d bytes", text, got, err, want)
		}
	}
	for _, text := range []string{"", "Array", "Array(", "Tuple(a", "FixedString", "FixedString(x)", strings.Repeat("Array(", 80) + "UInt8" + strings.Repeat(")", 80)} {
		if got, err := parseType(text, 0); err == nil {
			t.Errorf("%q passed as %+v", text, got)
		}
	}
}

func FuzzRaiseBlock(f *testing.F) {
	f.Add(encoded(f, sampleBlock(f), 0), uint64(driverRevision))
	f.Add([]byte("\x01\x01\x01d\x07Dynamic\x01\x00\x00\x00\x00\x00\x00\x00\x20\x01\x05Int64\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), uint64(1))
	f.Add([]byte("\x01\x01\x01j\x04JSON\x03\x00\x00\x00\x00\x00\x00\x00\x01\x01a\x03\x00\x00\x00\x00\x00\x00\x00\x01\x05Int64\x00\x01\x00\x00\x00\x00\x00\x00\x00"), uint64(driverRevision))
	f.Add([]byte("\x01\x02\x01v\x1aVariant(Array(UInt8), String)\x00\x00\x00\x00\x00\x00\x00\x00\xff\x01\x01x"), uint64(driverRevision))
	f.Fuzz(func(t *testing.T, from []byte, revision uint64) {
		got, err := (&raiser{revision: revision}).block(nil, from)
		// A block adds its head, a column a byte; both are at least two bytes before.
		if err == nil && len(got) > 8*len(from) {
			t.Errorf("%d bytes became %d", len(from), len(got))
		}
	})
}

func FuzzParseType(f *testing.F) {
	f.Add("Map(LowCardinality(String), Array(Tuple(a Nullable(DateTime64(3, 'UTC')), `b c` Enum8('x' = 1))))")
	f.Add("JSON(max_dynamic_paths=4, a.b UInt32, SKIP c, SKIP REGEXP 'd')")
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := parseType(text, 0); err == nil && got == nil {
			t.Error("neither a type nor an error")
		}
	})
}

func BenchmarkRaiseBlock(b *testing.B) {
	block := proto.NewBlock()
	for name, typ := range map[string]column.Type{"a": "UInt64", "b": "String", "c": "LowCardinality(String)"} {
		if err := block.AddColumn(name, typ); err != nil {
			b.Fatal(err)
		}
	}
	for i := range 65409 {
		row := make([]any, 3)
		for c, column := range block.Columns {
			row[c] = "item-12345"
			if column.Type() == "UInt64" {
				row[c] = uint64(i)
			}
		}
		if err := block.Append(row...); err != nil {
			b.Fatal(err)
		}
	}
	from := encoded(b, block, 0)
	b.SetBytes(int64(len(from)))
	r := &raiser{revision: driverRevision}
	var to []byte
	for b.Loop() {
		var err error
		if to, err = r.block(to[:0], from); err != nil {
			b.Fatal(err)
		}
	}
}
