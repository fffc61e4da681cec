package migrations

import (
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

const day = 24 * time.Hour

func TestKeepFollowsItsSetting(t *testing.T) {
	conn, name := newDatabase(t)
	for _, c := range []struct {
		keep    time.Duration
		changes int
		ttl     string
	}{
		{0, 0, ""},
		{30 * day, len(keptBy), "toDateTime(received) + toIntervalSecond(2592000)"},
		{30 * day, 0, "toDateTime(received) + toIntervalSecond(2592000)"},
		{90 * day, len(keptBy), "toDateTime(received) + toIntervalSecond(7776000)"},
		{0, len(keptBy), ""},
		{0, 0, ""},
	} {
		steps, err := Apply(t.Context(), conn, name, Config{Keep: c.keep})
		if err != nil {
			t.Fatal(err)
		}
		changes := 0
		for _, s := range steps {
			if s.Number == 0 {
				changes += s.Done
			}
		}
		if changes != c.changes {
			t.Errorf("keep %v: %d changes, want %d", c.keep, changes, c.changes)
		}
		if got := ttlOf(text(t, conn, "SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = 'events'")); got != c.ttl {
			t.Errorf("keep %v: TTL of events is %q", c.keep, got)
		}
	}
}

func TestKeepGoesByWhenItWasReceived(t *testing.T) {
	conn, name := newDatabase(t)
	if _, err := Apply(t.Context(), conn, name, Config{Keep: 30 * day}); err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC().Truncate(time.Second)
	for i, at := range [][2]time.Duration{ // time and received, ago
		{time.Hour, time.Hour},
		{400 * day, time.Hour}, // replayed
		{40 * day, 40 * day},
	} {
		e := event{name: "purchase", time: now.Add(-at[0]), received: now.Add(-at[1]), visitor: "v", items: 1, value: 5}
		insert(t, conn, string(rune('a'+i)), e)
	}
	for _, table := range []string{"events", "orders", "visitor_days"} {
		exec(t, conn, "OPTIMIZE TABLE "+table+" FINAL")
		if got := value(t, conn, "SELECT count() FROM "+table); got != 2 {
			t.Errorf("%s: %d rows are kept, want 2", table, got)
		}
	}
	if got := value(t, conn, "SELECT sum(events) FROM daily"); got != 3 {
		t.Errorf("daily counts %d, want 3: its sums stay", got)
	}
}

// optimize merges every part, so that what only merges do has happened.
func optimize(t *testing.T, conn driver.Conn) {
	t.Helper()
	for _, table := range inserted {
		exec(t, conn, "OPTIMIZE TABLE "+table+" FINAL")
	}
}
