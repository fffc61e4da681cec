package history

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// dumpTable is a base table: what the writer fills. Views over it fill the others, and migrations make them, so these are all that a dump holds.
type dumpTable struct {
	name  string
	month string // expression of the table's partitions, a month or year as a number; "" for a table that is one partition
	key   string // number along which a month is cut; "" cuts along site and visitor
	final bool   // only the rows that replaced the others
}

// dumpTables is the order in which a dump is put back: batches come last, because the newest of them is the writer's position.
func dumpTables() []dumpTable {
	return []dumpTable{
		{name: "events", month: "toYYYYMM(time)", key: "seq"},
		{name: "sessions", month: "toYYYYMM(start)", final: true},
		{name: "dead_letters", month: "toYYYYMM(time)", key: "seq"},
		{name: "set_aside", month: "toYYYYMM(time)", key: "seq"},
		{name: "decisions", month: "toYear(time)", key: "offset"},
		{name: "batches", key: "from"},
	}
}

// source is the table as SELECT reads it.
func (t *dumpTable) source() string {
	if t.final {
		return quoteName(t.name) + " FINAL"
	}
	return quoteName(t.name)
}

// columns are the table's columns that are stored as they were inserted, in order.
func columnsOf(ctx context.Context, conn driver.Conn, table string) ([]string, error) {
	rows, err := conn.Query(ctx, `SELECT name FROM system.columns WHERE database = currentDatabase() AND table = `+quoteText(table)+
		` AND default_kind NOT IN ('MATERIALIZED', 'ALIAS', 'EPHEMERAL') ORDER BY position`)
	if err != nil {
		return nil, fmt.Errorf("columns of %s: %w", table, err)
	}
	names, err := collect[string](rows)
	if err != nil {
		return nil, fmt.Errorf("columns of %s: %w", table, err)
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("there is no table %s; `beckon migrate` makes it", table)
	}
	return names, nil
}

// collect reads a result of one column.
func collect[T any](rows driver.Rows) (list []T, err error) {
	defer rows.Close()
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, rows.Err()
}

// slice is a part of a table that is dumped into one file.
type slice struct {
	month uint32 // yyyymm or yyyy, 0 for a table of one partition
	where string
}

// How much a file holds before compression, about, and the least unit of rows by which tables are cut.
const (
	sliceBytes   = 48 << 20
	maxSliceRows = 256 << 10
	minSliceRows = 8 << 10
)

// slices cuts the table so that each part has about so many bytes.
func (t *dumpTable) slices(ctx context.Context, conn driver.Conn, bytes uint64) ([]slice, error) {
	target, err := t.rowsPerSlice(ctx, conn, bytes)
	if err != nil {
		return nil, err
	}
	if t.key == "" {
		return t.slicesByVisitor(ctx, conn, target)
	}
	return t.slicesByNumber(ctx, conn, target)
}

// rowsPerSlice follows from the mean size of a row. What the server does not know counts as 1 KiB a row.
func (t *dumpTable) rowsPerSlice(ctx context.Context, conn driver.Conn, target uint64) (uint64, error) {
	var bytes, rows uint64
	err := conn.QueryRow(ctx, `SELECT sum(data_uncompressed_bytes), sum(rows) FROM system.parts WHERE active AND database = currentDatabase() AND table IN (`+
		quoteText(t.name)+`, `+quoteText(t.name+"_local")+`)`).Scan(&bytes, &rows)
	if err != nil {
		return 0, fmt.Errorf("size of %s: %w", t.name, err)
	}
	mean := uint64(1 << 10)
	if rows > 0 {
		mean = max(bytes/rows, 1)
	}
	return min(max(target/mean, minSliceRows), maxSliceRows), nil
}

func (t *dumpTable) monthOrNone() string {
	if t.month == "" {
		return "toUInt32(0)"
	}
	return "toUInt32(" + t.month + ")"
}

func (t *dumpTable) inMonth(month uint32) string {
	if t.month == "" {
		return ""
	}
	return fmt.Sprintf("%s = %d", t.month, month)
}

// slicesByNumber counts rows by month and 8,192 values of the key, and joins neighbours.
func (t *dumpTable) slicesByNumber(ctx context.Context, conn driver.Conn, target uint64) ([]slice, error) {
	const unit = minSliceRows
	key := quoteName(t.key)
	rows, err := conn.Query(ctx, fmt.Sprintf("SELECT %s AS m, intDiv(%s, %d) AS b, count() AS n FROM %s GROUP BY m, b ORDER BY m, b", t.monthOrNone(), key, unit, quoteName(t.name)))
	if err != nil {
		return nil, fmt.Errorf("cut %s: %w", t.name, err)
	}
	defer rows.Close()
	var list []slice
	var month uint32
	var from, to, held uint64 // of the slice that is being joined, in units
	done := func() {
		if held > 0 {
			where := fmt.Sprintf("%s >= %d AND %s < %d", key, from*unit, key, to*unit)
			list = append(list, slice{month, and(t.inMonth(month), where)})
		}
	}
	for rows.Next() {
		var m uint32
		var b, n uint64
		if err := rows.Scan(&m, &b, &n); err != nil {
			return nil, fmt.Errorf("cut %s: %w", t.name, err)
		}
		if held > 0 && m == month && held+n <= target {
			to, held = b+1, held+n
			continue
		}
		done()
		month, from, to, held = m, b, b+1, n
	}
	done()
	return list, rows.Err()
}

// slicesByVisitor cuts each month along (site, visitor), by which the table is ordered, at visitors that a hash picks: one in about
// target rows.
func (t *dumpTable) slicesByVisitor(ctx context.Context, conn driver.Conn, target uint64) ([]slice, error) {
	rows, err := conn.Query(ctx, fmt.Sprintf("SELECT DISTINCT %s AS m FROM %s ORDER BY m", t.monthOrNone(), quoteName(t.name)))
	if err != nil {
		return nil, fmt.Errorf("cut %s: %w", t.name, err)
	}
	months, err := collect[uint32](rows)
	if err != nil {
		return nil, fmt.Errorf("cut %s: %w", t.name, err)
	}
	var list []slice
	for _, m := range months {
		rows, err := conn.Query(ctx, fmt.Sprintf("SELECT site, visitor FROM %s WHERE %s GROUP BY site, visitor ORDER BY site, visitor",
			quoteName(t.name), and(t.inMonth(m), fmt.Sprintf("cityHash64(visitor, start) %% %d = 0", target))))
		if err != nil {
			return nil, fmt.Errorf("cut %s: %w", t.name, err)
		}
		lower := ""
		for rows.Next() {
			var site, visitor string
			if err := rows.Scan(&site, &visitor); err != nil {
				rows.Close()
				return nil, fmt.Errorf("cut %s: %w", t.name, err)
			}
			s, v := quoteText(site), quoteText(visitor)
			upper := fmt.Sprintf("(site < %s OR (site = %s AND visitor < %s))", s, s, v)
			list = append(list, slice{m, and(t.inMonth(m), and(lower, upper))})
			lower = fmt.Sprintf("(site > %s OR (site = %s AND visitor >= %s))", s, s, v)
		}
		err = rows.Err()
		rows.Close()
		if err != nil {
			return nil, fmt.Errorf("cut %s: %w", t.name, err)
		}
		list = append(list, slice{m, and(t.inMonth(m), lower)})
	}
	return list, nil
}

func and(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	return a + " AND " + b
}

// quoteText is s as a literal of SQL.
func quoteText(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// quoteName is s as an identifier of SQL.
func quoteName(s string) string {
	return "`" + strings.NewReplacer("\\", "\\\\", "`", "\\`").Replace(s) + "`"
}

func quoteNames(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = quoteName(n)
	}
	return strings.Join(quoted, ", ")
}
