package migrations

import (
	"fmt"
	"testing"
	"time"
)

func TestBlockInsertedThreeTimesCountsOnce(t *testing.T) {
	conn := applied(t)
	for range 3 {
		insert(t, conn, "block", shop()...)
	}
	check(t, conn, 1)
	optimize(t, conn)
	check(t, conn, 1)
	insert(t, conn, "block", shop()...) // also after a merge
	check(t, conn, 1)
}

func TestRetryAfterAViewFailedCountsOnce(t *testing.T) {
	for _, table := range inserted[1:] {
		t.Run(table, func(t *testing.T) {
			conn := applied(t)
			insert(t, conn, "before", event{name: "page_view", visitor: "z", time: someTime.AddDate(0, 0, -1), machine: true})
			exec(t, conn, "ALTER TABLE "+table+" ADD CONSTRAINT away CHECK site = 'nowhere'")
			for range 2 {
				if err := tryInsert(t.Context(), conn, "block", shop()...); err == nil {
					t.Fatal("the view's failure was no error")
				}
			}
			exec(t, conn, "ALTER TABLE "+table+" DROP CONSTRAINT away")
			for range 2 {
				insert(t, conn, "block", shop()...)
			}
			exec(t, conn, "ALTER TABLE events DELETE WHERE visitor = 'z' SETTINGS mutations_sync = 2")
			exec(t, conn, "ALTER TABLE daily DELETE WHERE day < '2026-06-03' SETTINGS mutations_sync = 2")
			check(t, conn, 1)
		})
	}
}

func TestRetryAfterAViewsTableWasAwayCountsOnce(t *testing.T) {
	for _, table := range inserted[1:] {
		t.Run(table, func(t *testing.T) {
			conn := applied(t)
			exec(t, conn, "DETACH TABLE "+table)
			if err := tryInsert(t.Context(), conn, "block", shop()...); err == nil {
				t.Fatal("the missing table was no error")
			}
			exec(t, conn, "ATTACH TABLE "+table)
			for range 2 {
				insert(t, conn, "block", shop()...)
			}
			check(t, conn, 1)
		})
	}
}

func TestOldMonthsInOneBlockCountOnce(t *testing.T) {
	conn := applied(t)
	var events []event
	const months = 13
	for i := range months {
		for _, e := range shop() {
			e.time = time.Date(2014, time.Month(1+(i*5)%months), 3, 12, 0, 0, 0, time.UTC)
			e.received = someTime
			events = append(events, e)
		}
	}
	for range 3 {
		insert(t, conn, "block", events...)
	}
	if got := value(t, conn, "SELECT uniqExact(toYYYYMM(time)) FROM events"); got != months {
		t.Fatalf("got %d months", got)
	}
	check(t, conn, months)
}

func TestEqualRowsUnderOtherTokensAreOtherRows(t *testing.T) {
	conn := applied(t)
	for i := range 3 {
		insert(t, conn, fmt.Sprint("block ", i), shop()...)
	}
	check(t, conn, 3)
}

func TestEveryTableRemembersTokens(t *testing.T) {
	conn := applied(t)
	const window = `toUInt32OrZero(extract(engine_full, 'non_replicated_deduplication_window = (\\d+)'))`
	forgetful := text(t, conn, "SELECT arrayStringConcat(groupArray(name), ' ') FROM system.tables WHERE database = currentDatabase() "+
		"AND engine LIKE '%MergeTree' AND "+window+" < 1000")
	if forgetful != "" {
		t.Errorf("%s do not", forgetful)
	}
}
