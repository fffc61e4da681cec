package engine

import (
	"strings"
	"testing"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// TestColumnsOfTheEngineKeepTheirPlace asks for each type between two columns: a length that is wrong by a byte makes the third one
// unreadable.
func TestColumnsOfTheEngineKeepTheirPlace(t *testing.T) {
	b := newBrowser(t, startEngine(t, Config{}))
	for _, c := range []string{
		"number", "toInt256(number)", "toUInt128(number)", "toFloat64(number)", "CAST(number AS BFloat16)", "toDecimal32(number, 2)", "toDecimal256(number, 2)",
		"toString(number)", "toFixedString('abc', 5)", "generateUUIDv4()", "toIPv4('1.2.3.4')", "toIPv6('::1')", "number = 1",
		"toDate(number)", "toDate32(number)", "toDateTime(number)", "toDateTime(number, 'Asia/Tokyo')", "toDateTime64(number, 6, 'UTC')",
		"toTime('12:34:56')", "toTime64('12:34:56.789', 3)", "INTERVAL number DAY", "toIntervalNanosecond(number)",
		"CAST('a' AS Enum8('a' = 1, '(\\'' = 2))", "CAST('a' AS Enum16('a' = 1000))", "NULL", "[]", "[NULL, NULL]", "tuple()", "[tuple()]",
		"if(number = 1, NULL, number)", "[number, NULL]", "range(number)", "[range(number), [], [1]]", "arrayMap(x -> toString(x), range(number))",
		"toLowCardinality(toString(number))", "toLowCardinality(if(number = 1, NULL, 'x'))", "[toLowCardinality('a'), 'b']", "CAST([] AS Array(LowCardinality(String)))",
		"CAST(number AS LowCardinality(UInt64))", "(number, 'x', [number])", "CAST((number, 'x') AS Tuple(a UInt8, `b c` LowCardinality(Nullable(String))))",
		"map('a', number, 'b', 2)", "CAST(map() AS Map(LowCardinality(String), Array(Nullable(String))))", "CAST([(1, 'a')] AS Nested(x UInt8, y String))",
		"CAST((1, 2) AS Point)", "CAST([[[(1, 2)], [(3, 4), (5, 6)]]] AS MultiPolygon)", "CAST([(1, 2)] AS Ring)", "CAST(CAST((1, 2) AS Point) AS Geometry)",
		"CAST([1, 2, 3, 4, 5, 6, 7, 8, 9] AS QBit(Float32, 9))", "CAST(number AS SimpleAggregateFunction(sum, UInt64))",
		"CAST(if(number = 1, NULL, number) AS Variant(UInt64, String))", "multiIf(number = 0, 'x'::Variant(String, Array(UInt8)), number = 1, [1, 2], NULL)",
		"[1::Variant(UInt8, LowCardinality(String)), 'x']", "number::Dynamic", "[number::Dynamic, 'x', NULL, [1, 2]]", "NULL::Dynamic", "(1::Dynamic, map('k', 'v'::Dynamic))",
		"'{}'::JSON", "('{\"a\":' || toString(number) || ',\"b\":{\"c\":[1,2]},\"d\":[{\"e\":1}]}')::JSON", "'{\"a\":1,\"z\":\"x\"}'::JSON(a UInt8, `b.c` LowCardinality(String), SKIP q, SKIP REGEXP 'r.*')",
		"'{\"a\":1,\"b\":2,\"c\":\"x\"}'::JSON(max_dynamic_paths = 1)", "if(number = 1, NULL, '{\"a\":1}')::Nullable(JSON)", "['{\"a\":1}'::JSON, '{\"b\":[1]}']", "('{\"a\":1}'::JSON, number::Dynamic)",
	} {
		for _, flat := range []string{"0", "1"} {
			settings := "allow_experimental_qbit_type=1&allow_suspicious_low_cardinality_types=1&allow_suspicious_variant_types=1&allow_experimental_bfloat16_type=1" +
				"&enable_time_time64_type=1&max_block_size=2&output_format_native_use_flattened_dynamic_and_json_serialization=" + flat
			question := "SELECT toUInt8(7) AS first, " + c + " AS b, 'last' AS last FROM numbers(5)"
			got := b.ask(settings+"&default_format=Native&client_protocol_version=54460", question)
			if got.status != 200 {
				t.Errorf("%s, flattened %s: %d %.300s", c, flat, got.status, got.body)
				continue
			}
			if driverCannot(c) {
				continue
			}
			in := chproto.NewReader(strings.NewReader(got.body))
			for rows := 0; rows < 5; {
				block := proto.NewBlock()
				if err := block.Decode(in, driverRevision); err != nil {
					t.Errorf("%s, flattened %s: the driver: %v", c, flat, err)
					break
				}
				if last := block.Columns[2].Row(block.Rows()-1, false); last != "last" {
					t.Errorf("%s, flattened %s: last column %v", c, flat, last)
				}
				rows += block.Rows()
			}
		}
	}
	state := "SELECT uniqState(number) AS s"
	if got := b.ask("default_format=Native&client_protocol_version=54460", "SELECT 1 AS a, s FROM ("+state+" FROM numbers(10))"); got.status != 200 {
		t.Errorf("a state in the last place: %d %s", got.status, got.body)
	}
	if got := b.ask("default_format=Native&client_protocol_version=54460", "SELECT s, 1 AS a FROM ("+state+" FROM numbers(10))"); got.code() != codeNotImplemented {
		t.Errorf("a state before others: %d %s", got.status, got.body)
	}
}

// driverCannot says which of the columns clickhouse-go itself cannot read.
func driverCannot(c string) bool {
	if strings.Contains(c, "max_dynamic_paths") {
		return true // what is left over in shared data is skipped by its rows, not by its bytes
	}
	for _, part := range []string{"tuple()", "QBit", "Geometry", "`b c`"} {
		if strings.Contains(c, part) {
			return true
		}
	}
	return false
}
