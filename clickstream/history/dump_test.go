package history

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fillTables puts rows of every kind into every base table: events of three months, sessions in versions and one retracted.
func fillTables(t testing.TB, db *DB, events int) {
	t.Helper()
	for _, query := range []string{
		fmt.Sprintf(`INSERT INTO events (site, name, kind, time, received, visitor, id, seq, partition, offset, consent, url, currency, value, transaction, props, user_agent,
				items.id, items.price, items.quantity, items.category, items.propensity, items.reason, late)
			SELECT ['a', 'b'][number %% 2 + 1], ['view_item', 'purchase', 'impression'][number %% 3 + 1], [4, 13, 17][number %% 3 + 1],
				toDateTime64('2026-01-30 00:00:00', 3, 'UTC') + toIntervalMillisecond(number * 137000), toDateTime64('2026-01-30 00:00:01', 3, 'UTC') + toIntervalMillisecond(number * 137000),
				concat('v', toString(number %% 997)), concat('e', toString(number)), number * 2, number %% 64, intDiv(number, 64), 3, 'https://shop.example/a?utm_source=mail',
				'EUR', 100 + number, concat('t', toString(number)), concat('{"n":"', repeat('é''\\', number %% 9), '"}'), 'Mozilla/5.0 (iPhone)',
				[concat('sku-', toString(number %% 50)), 'x'], [1999, -1], [1, 2], ['c', ''], [0.5, 0], ['session', ''], number %% 11 = 0
			FROM numbers(%d)`, events),
		`INSERT INTO sessions (site, visitor, start, end, version, deleted, events, items, kinds, times, received)
			SELECT 'a', concat('v', toString(number % 5000)), toDateTime64('2026-01-30 00:00:00', 3, 'UTC') + toIntervalHour(number % 50 * 24), toDateTime64('2026-03-01 00:00:00', 3, 'UTC'),
				number, number % 70 = 0, 3, ['x'], [4], [toDateTime64('2026-01-30 00:00:00', 3, 'UTC')], toDateTime64('2026-01-31 00:00:00', 3, 'UTC')
			FROM numbers(40000)`,
		`INSERT INTO dead_letters (site, time, seq, partition, offset, payload) SELECT 'a', toDateTime64('2026-02-01 00:00:00', 3, 'UTC'), number * 2 + 1, 64, number, unhex(concat('0501', hex(number))) FROM numbers(1000)`,
		`INSERT INTO set_aside (log, seq, partition, offset, time, payload, reason) VALUES ('events', 999999999, 1, 1, '2026-02-01 00:00:00', 'x', 'poison')`,
		`INSERT INTO decisions (epoch, offset, time, site, actor, action, subject, payload) SELECT 'C', number, toDateTime64('2025-12-31 23:00:00', 3, 'UTC') + number, 'a', 'cli', 'item.put', 'sku', '{}' FROM numbers(9000)`,
		"INSERT INTO batches (log, epoch, `from`, next, ends, rows, sessions, hash, written, marks) SELECT 'events', 'E', number * 1000, number * 1000 + 1000, [number, 2], 500, 1, number, toDateTime64('2026-02-01 00:00:00', 3, 'UTC'), 'm' FROM numbers(100)",
	} {
		if err := db.Exec(t.Context(), query); err != nil {
			t.Fatalf("%v in %s", err, query)
		}
	}
}

// contents sums every table up, those that views fill included.
func contents(t testing.TB, db *DB) map[string]string {
	t.Helper()
	sums := map[string]string{}
	for table, source := range map[string]string{
		"events": "(SELECT *, visitor_hash, device, source FROM events)", "sessions": "sessions FINAL", "dead_letters": "dead_letters", "set_aside": "set_aside",
		"decisions": "decisions", "batches": "batches", "impressions": "impressions", "orders": "orders", "sampled": "sampled",
		"daily":        "(SELECT site, day, name, device, sum(events), sum(value), uniqMerge(visitors) FROM daily GROUP BY site, day, name, device)",
		"daily_items":  "(SELECT site, day, item, sum(views), sum(revenue), sum(impressions) FROM daily_items GROUP BY site, day, item)",
		"visitor_days": "(SELECT site, day, visitor_hash, sum(events), sum(purchases), max(received) FROM visitor_days GROUP BY site, day, visitor_hash)",
	} {
		var n, sum uint64
		if err := db.QueryRow(t.Context(), "SELECT count(), sum(cityHash64(*)) FROM "+source).Scan(&n, &sum); err != nil {
			t.Fatalf("%s: %v", table, err)
		}
		sums[table] = fmt.Sprintf("%d rows, sum %x", n, sum)
	}
	return sums
}

func compareContents(t *testing.T, got, want map[string]string) {
	t.Helper()
	for table, w := range want {
		if got[table] != w {
			t.Errorf("%s: got %s, want %s", table, got[table], w)
		}
	}
}

func TestDumpGoesBackWithEveryRowOnceAndViewsFilled(t *testing.T) {
	from, into := testDB(t), testDB(t)
	fillTables(t, from, 40_000)
	want := contents(t, from)
	dir := filepath.Join(t.TempDir(), "dump")
	var done, total uint64
	m, err := dumpInto(t.Context(), from, dir, 1, func(d, n uint64) { done, total = d, n })
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]int{}
	for _, table := range m.Tables {
		files[table.Name] = len(table.Files)
	}
	if files["events"] < 6 || files["sessions"] < 3 || files["decisions"] < 2 || done != total || done != m.Rows() {
		t.Errorf("got files %v, progress %d of %d, rows %d", files, done, total, m.Rows())
	}
	if err := m.Check(dir); err != nil {
		t.Error(err)
	}
	if _, err := Dump(t.Context(), from, dir, nil); err == nil {
		t.Error("a dump went over another")
	}
	cfg := FillConfig{DB: into, Dir: dir, Mark: filepath.Join(t.TempDir(), "mark")}
	if err := Fill(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	compareContents(t, contents(t, into), want)
	cfg.Mark = filepath.Join(t.TempDir(), "mark")
	if err := Fill(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "empty") {
		t.Errorf("filled what was full: %v", err)
	}
}

func TestFillThatWasKilledGoesOnWithoutDoubling(t *testing.T) {
	from, into := testDB(t), testDB(t)
	fillTables(t, from, 30_000)
	dir := filepath.Join(t.TempDir(), "dump")
	m, err := dumpInto(t.Context(), from, dir, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	cfg := FillConfig{DB: into, Dir: dir, Mark: filepath.Join(t.TempDir(), "mark")}
	for stop := 1; ; stop++ {
		ctx, cancel := context.WithCancel(t.Context())
		files := 0
		cfg.Progress = func(uint64, uint64) {
			if files++; files == 3*stop {
				cancel()
			}
		}
		err := Fill(ctx, cfg)
		cancel()
		if err == nil {
			break
		}
		if stop > 100 {
			t.Fatal(err)
		}
		// A kill between an insert and its mark: the mark says one file less than is in.
		var done int
		text, _ := os.ReadFile(cfg.Mark)
		fmt.Sscanf(string(text), m.ID+" %d", &done)
		if err := cfg.mark(m, max(0, done-1)); err != nil {
			t.Fatal(err)
		}
	}
	compareContents(t, contents(t, into), contents(t, from))
}

func TestDamagedDumpIsNotFilledIn(t *testing.T) {
	from, into := testDB(t), testDB(t)
	fillTables(t, from, 1000)
	dir := filepath.Join(t.TempDir(), "dump")
	m, err := Dump(t.Context(), from, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, m.Tables[0].Files[0].Name)
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 1
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := m.Check(dir); err == nil {
		t.Error("damage was not found")
	}
	err = Fill(t.Context(), FillConfig{DB: into, Dir: dir, Mark: filepath.Join(t.TempDir(), "mark")})
	if err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("got %v", err)
	}
	var n uint64
	if err := into.QueryRow(t.Context(), "SELECT count() FROM events").Scan(&n); err != nil || n > 0 {
		t.Errorf("%d rows of a damaged file, %v", n, err)
	}
	if _, err := ReadManifest(t.TempDir()); !os.IsNotExist(err) {
		t.Errorf("got %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, dumpManifest), []byte(`{"version":1,"id":"x","tables":[{"name":"events","columns":["a"],"files":[{"name":"../../secret"}]}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadManifest(dir); err == nil {
		t.Error("a file outside the dump was taken")
	}
}
