package engine

import (
	"errors"
	"slices"
	"strconv"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func TestTheDriverSeesTypedErrorsAndParameters(t *testing.T) {
	e := startEngine(t, Config{})
	for _, method := range []clickhouse.CompressionMethod{clickhouse.CompressionNone, clickhouse.CompressionLZ4, clickhouse.CompressionZSTD, clickhouse.CompressionGZIP, clickhouse.CompressionBrotli} {
		t.Run(method.String(), func(t *testing.T) {
			opts := e.Options()
			opts.Compression = &clickhouse.Compression{Method: method, Level: 3}
			db, err := clickhouse.Open(&opts)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			ctx := t.Context()
			for _, text := range []string{"DROP TABLE IF EXISTS typed", "CREATE TABLE typed (a UInt64, b Array(LowCardinality(String))) ENGINE = MergeTree ORDER BY a"} {
				if err := db.Exec(ctx, text); err != nil {
					t.Fatal(err)
				}
			}
			batch, err := db.PrepareBatch(ctx, "INSERT INTO typed")
			if err != nil {
				t.Fatal(err)
			}
			for i := range 100000 {
				if err := batch.Append(uint64(i), []string{"x", strconv.Itoa(i % 100)}); err != nil {
					t.Fatal(err)
				}
			}
			if err := batch.Send(); err != nil {
				t.Fatal(err)
			}
			var n, sum uint64
			rows, err := db.Query(ctx, "SELECT a, b FROM typed ORDER BY a")
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
				var a uint64
				var b []string
				if err := rows.Scan(&a, &b); err != nil || !slices.Equal(b, []string{"x", strconv.Itoa(int(a) % 100)}) {
					t.Fatalf("%d %v %v", a, b, err)
				}
				n, sum = n+1, sum+a
			}
			if err := rows.Err(); err != nil || n != 100000 || sum != 4999950000 {
				t.Errorf("%d rows, sum %d, %v", n, sum, err)
			}
			given := clickhouse.Parameters{"s": "it's\\ta\\\\nb", "l": "['a','b\\'c']", "t": "2026-01-02 03:04:05", "n": `\N`, "name": "typed"}
			var s, l, at string
			var none *int32
			err = db.QueryRow(clickhouse.Context(ctx, clickhouse.WithParameters(given)),
				"SELECT {s:String}, toString({l:Array(String)}), toString({t:DateTime('UTC')}), {n:Nullable(Int32)} FROM {name:Identifier} LIMIT 1").Scan(&s, &l, &at, &none)
			if err != nil || s != "it's\ta\\nb" || l != `['a','b\'c']` || at != "2026-01-02 03:04:05" || none != nil {
				t.Errorf("%q %q %q %v %v", s, l, at, none, err)
			}
			for text, code := range map[string]int32{"SELECT nothing": 47, "SELECT throwIf(number = 400000) FROM numbers(1000000)": 395, "DROP TABLE nothing": 60} {
				err := db.Select(ctx, &[]struct {
					X uint8 `ch:"throwIf(equals(number, 400000))"`
				}{}, text)
				var refused *clickhouse.Exception
				if !errors.As(err, &refused) || refused.Code != code {
					t.Errorf("%s: %v, want code %d", text, err, code)
				}
			}
		})
	}
}
