package history

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/klauspost/compress/zstd"
)

// FillConfig says what is put where.
type FillConfig struct {
	DB  driver.Conn // migrated; its base tables are empty unless Mark says that this dump was begun there
	Dir string      // of a Dump

	// Mark is a file that says how far the filling has come, so that one that was killed goes on where it was. It is made before the
	// first row and removed by nobody: it lies in what is restored, not in the dump.
	Mark     string
	Progress func(done, total uint64) // rows; may be nil
}

// Fill puts a dump back. Every file is one insert with a token of its own, so that the file in doubt after a crash, or after an answer
// that was lost, changes nothing when it is sent again; views over the base tables fill themselves. Files are checked against the
// manifest before they are sent, and the tables' rows when all are in. Memory is bounded by one file's rows, in ClickHouse.
func Fill(ctx context.Context, cfg FillConfig) error {
	m, err := ReadManifest(cfg.Dir)
	if err != nil {
		return fmt.Errorf("read dump: %w", err)
	}
	done, err := cfg.begin(ctx, m)
	if err != nil {
		return err
	}
	var rows uint64
	i := 0
	for _, t := range m.Tables {
		for _, f := range t.Files {
			if i++; i > done {
				if err := cfg.file(ctx, m, &t, &f); err != nil {
					return fmt.Errorf("fill %s from %s: %w", t.Name, f.Name, err)
				}
				if err := cfg.mark(m, i); err != nil {
					return err
				}
			}
			rows += f.Rows
			report(cfg.Progress, rows, m.Rows())
		}
	}
	return cfg.compare(ctx, m)
}

// begin returns how many files are in already.
func (cfg *FillConfig) begin(ctx context.Context, m *Manifest) (int, error) {
	text, err := os.ReadFile(cfg.Mark)
	if err == nil {
		var id string
		var done int
		if _, err := fmt.Sscanf(string(text), "%s %d\n", &id, &done); err != nil || id != m.ID {
			return 0, fmt.Errorf("%s belongs to the filling from another dump", cfg.Mark)
		}
		return done, nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return 0, err
	}
	for _, t := range m.Tables {
		var n uint64
		if err := cfg.DB.QueryRow(ctx, "SELECT count() FROM "+quoteName(t.Name)).Scan(&n); err != nil {
			return 0, fmt.Errorf("count %s: %w", t.Name, err)
		}
		if n > 0 {
			return 0, fmt.Errorf("table %s of the history holds %d rows already; a dump goes into an empty history", t.Name, n)
		}
	}
	return 0, cfg.mark(m, 0)
}

func (cfg *FillConfig) mark(m *Manifest, done int) error {
	return writeWhole(cfg.Mark, fmt.Appendf(nil, "%s %d\n", m.ID, done))
}

// fillTries is how often a file is sent, with a pause that doubles from fillPause.
const (
	fillTries = 8
	fillPause = 200 * time.Millisecond
)

func (cfg *FillConfig) file(ctx context.Context, m *Manifest, t *DumpTable, f *DumpFile) error {
	if err := f.check(cfg.Dir); err != nil {
		return err
	}
	pause := fillPause
	for try := 1; ; try++ {
		err := cfg.send(ctx, m, t, f)
		if err == nil || try == fillTries || !transient(err) {
			return err
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return err
		}
		pause *= 2
	}
}

// transient says whether sending again may help: ClickHouse did not answer, or says that it is short of something just now.
func transient(err error) bool {
	if errors.Is(err, clickhouse.ErrFormatNativeUnsupported) || errors.Is(err, context.Canceled) {
		return false
	}
	var refused *clickhouse.Exception
	if !errors.As(err, &refused) {
		return true
	}
	switch refused.Code {
	case 159, 202, 209, 210, 241, 242, 252, 319, 999: // timeouts, too many queries or parts, memory, network, read-only replica, keeper
		return true
	}
	return false
}

func (cfg *FillConfig) send(ctx context.Context, m *Manifest, t *DumpTable, f *DumpFile) (err error) {
	in, err := os.Open(filepath.Join(cfg.Dir, f.Name))
	if err != nil {
		return err
	}
	defer in.Close()
	plain, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return err
	}
	defer plain.Close()
	ctx = fileFormat(ctx, clickhouse.Settings{
		"insert_deduplicate":                                 1,
		"insert_deduplication_token":                         "fill/" + m.ID + "/" + f.Name,
		"deduplicate_blocks_in_dependent_materialized_views": 1,
		"async_insert":                                       0,
		"distributed_foreground_insert":                      1,
		"max_insert_block_size":                              4 * maxSliceRows, // one file is one block
		"min_insert_block_size_rows":                         4 * maxSliceRows,
		"min_insert_block_size_bytes":                        64 * sliceBytes,
		"max_partitions_per_insert_block":                    0,
	})
	query := fmt.Sprintf("INSERT INTO %s (%s)", quoteName(t.Name), quoteNames(t.Columns))
	return withoutStreams(cfg.DB.InsertFormat(ctx, "Native", query, io.Reader(plain)))
}

// compare says where the tables' rows are not what the dump holds.
func (cfg *FillConfig) compare(ctx context.Context, m *Manifest) error {
	var bad []error
	for _, t := range dumpTables() {
		for _, dumped := range m.Tables {
			if dumped.Name != t.name {
				continue
			}
			var n uint64
			if err := cfg.DB.QueryRow(ctx, "SELECT count() FROM "+t.source()).Scan(&n); err != nil {
				return fmt.Errorf("count %s: %w", t.name, err)
			}
			if n != dumped.Rows() {
				bad = append(bad, fmt.Errorf("table %s holds %d rows, the dump %d", t.name, n, dumped.Rows()))
			}
		}
	}
	return errors.Join(bad...)
}
