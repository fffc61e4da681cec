package history

import (
	"context"
	"database/sql"
	"io"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// swallow is a ClickHouse that is empty and takes everything, each insert in some time.
type swallow struct {
	driver.Conn
	takes   time.Duration
	inserts atomic.Int64
}

func (c *swallow) InsertFormat(ctx context.Context, _, _ string, data io.Reader) error {
	c.inserts.Add(1)
	time.Sleep(c.takes)
	_, err := io.Copy(io.Discard, data)
	return err
}

func (c *swallow) QueryRow(context.Context, string, ...any) driver.Row { return noRow{} }

type noRow struct{ driver.Row }

func (noRow) Err() error        { return sql.ErrNoRows }
func (noRow) Scan(...any) error { return sql.ErrNoRows }

// paced puts ten events a second for a minute and counts batches of the events log.
func paced(t *testing.T, takes time.Duration) (batches uint64, longest time.Duration) {
	t.Helper()
	in := openInstallation(t, t.TempDir(), 2, SpoolConfig{})
	w := in.write(&swallow{takes: takes}, func(cfg *WriterConfig) { cfg.BatchAge = 0 })
	c := newCrowd(30, 20)
	for range 60 {
		for range 10 {
			in.put(c.events(1)...)
			time.Sleep(100 * time.Millisecond)
		}
		synctest.Wait()
		longest = max(longest, w.State().LagTime)
	}
	w.written(in)
	s := w.State()
	if s.LagRows != 0 || s.Rows != 600 {
		t.Errorf("got %+v", s)
	}
	w.stop(t)
	in.close()
	return s.Batches, longest
}

func TestAQuietShopCausesAnInsertASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if n, longest := paced(t, time.Millisecond); n > 62 || n < 40 || longest > 3*time.Second {
			t.Errorf("got %d batches in a minute, %v behind", n, longest)
		}
	})
}

func TestASlowClickHouseGetsFewerInserts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		if n, longest := paced(t, 300*time.Millisecond); n > 30 || n < 8 || longest > 10*time.Second {
			t.Errorf("got %d batches in a minute, %v behind", n, longest)
		}
	})
}

func TestWaitingForARecordFreezesItAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := openInstallation(t, t.TempDir(), 2, SpoolConfig{})
		w := in.write(&swallow{}, func(cfg *WriterConfig) { cfg.BatchAge = time.Hour })
		in.put(newCrowd(31, 20).events(5)...)
		begun := time.Now()
		w.written(in)
		if took := time.Since(begun); took > time.Second {
			t.Errorf("took %v", took)
		}
		w.stop(t)
		in.close()
	})
}
