package engine

import "testing"

// ClickHouse's own counts of fsync show that the settings that batches rely on reach this build.
func TestInsertsAreSyncedWhenTheTableAsksForIt(t *testing.T) {
	db := open(t, startEngine(t, Config{}))
	syncs := func() [2]uint64 {
		return [2]uint64{
			count(t, db, "SELECT sum(value) FROM system.events WHERE event = 'FileSync'"),
			count(t, db, "SELECT sum(value) FROM system.events WHERE event = 'DirectorySync'"),
		}
	}
	for _, c := range []struct {
		settings string
		synced   bool
	}{{"", false}, {" SETTINGS fsync_after_insert = 1, fsync_part_directory = 1", true}} {
		run(t, db, "CREATE OR REPLACE TABLE t (a UInt64, b String) ENGINE = MergeTree ORDER BY a"+c.settings)
		before := syncs()
		run(t, db, "INSERT INTO t SELECT number, 'x' FROM numbers(1000)")
		after := syncs()
		if files, folders := after[0] > before[0], after[1] > before[1]; files != c.synced || folders != c.synced {
			t.Errorf("%q: syncs of files and folders from %v to %v", c.settings, before, after)
		}
	}
}
