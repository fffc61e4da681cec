package history

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// tableRows is a block encoded for a table. It can be sent as often as needed.
type tableRows struct {
	table  string
	names  []string
	kinds  []string
	rows   int
	native []byte // the block in the Native format; nobody changes it
	token  string // of deduplication
	sent   bool
}

// encodeRows encodes b for a table.
func encodeRows(table string, b *rowBlock, token string) tableRows {
	t := tableRows{table: table, names: b.names(), rows: b.rows, token: token}
	for _, c := range b.columns {
		_, kind := c.head()
		t.kinds = append(t.kinds, kind)
	}
	t.native = b.appendNative(make([]byte, 0, b.bytes()))
	return t
}

// insertSettings make one block one insertion that counts once: for the table, for its views, and through Distributed tables.
func insertSettings(token string) clickhouse.Settings {
	return clickhouse.Settings{
		"async_insert":               0,
		"insert_deduplicate":         1,
		"insert_deduplication_token": token,
		"deduplicate_blocks_in_dependent_materialized_views": 1,
		"max_partitions_per_insert_block":                    0, // old data spans months
		"distributed_foreground_insert":                      1,
		"parallel_view_processing":                           1,
	}
}

// send inserts the rows as one block.
func (t *tableRows) send(ctx context.Context, conn driver.Conn) error {
	if t.rows == 0 {
		return nil
	}
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(insertSettings(t.token)))
	insert := "INSERT INTO " + quoteName(t.table) + " (" + quoteNames(t.names) + ")"
	err := conn.InsertFormat(ctx, "Native", insert, bytes.NewReader(t.native))
	if errors.Is(err, clickhouse.ErrFormatNativeUnsupported) {
		err = t.sendBatch(ctx, conn, insert)
	}
	if err != nil {
		return fmt.Errorf("insert into %s: %w", t.table, err)
	}
	return nil
}

// sendBatch is send over the native protocol, where the driver takes columns and no encoded block: each is decoded into the driver's.
func (t *tableRows) sendBatch(ctx context.Context, conn driver.Conn, insert string) (err error) {
	batch, err := conn.PrepareBatch(ctx, insert)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = batch.Abort() // what it says is that it was sent
		}
	}()
	columns := batch.Columns()
	if len(columns) != len(t.names) {
		return fmt.Errorf("the driver has %d columns for %d", len(columns), len(t.names))
	}
	r := chproto.NewReader(bytes.NewReader(t.native))
	for range 2 { // number of columns and rows
		if _, err := r.UVarInt(); err != nil {
			return err
		}
	}
	for i, c := range columns {
		if string(c.Type()) != t.kinds[i] {
			return &columnTypeError{t.names[i], string(c.Type()), t.kinds[i]}
		}
		for range 2 { // name and type
			if _, err := r.Str(); err != nil {
				return err
			}
		}
		if p, ok := c.(column.CustomSerialization); ok {
			if err := p.ReadStatePrefix(r); err != nil {
				return err
			}
		}
		if err := c.Decode(r, t.rows); err != nil {
			return fmt.Errorf("column %s: %w", t.names[i], err)
		}
	}
	return batch.Send()
}

// columnTypeError says that a table's column is not of the type that is written.
type columnTypeError struct{ column, is, want string }

func (e *columnTypeError) Error() string {
	return fmt.Sprintf("column %s is %s, not %s", e.column, e.is, e.want)
}
