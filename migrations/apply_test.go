package migrations

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

const allTables = "batches daily daily_items daily_items_view daily_view dead_letters decisions events impressions impressions_view " +
	"migrations orders orders_view sampled sampled_view sessions set_aside visitor_days visitor_days_view"

func TestApplyMakesEverythingAndThenNothing(t *testing.T) {
	conn, name := newDatabase(t)
	var told []Step
	first, err := Apply(t.Context(), conn, name, Config{Applied: func(s Step) { told = append(told, s) }})
	if err != nil {
		t.Fatal(err)
	}
	if len(first) != Latest() || names(told) != names(first) {
		t.Errorf("got steps %s, told of %s, want %d", names(first), names(told), Latest())
	}
	if got := tables(t, conn); got != allTables {
		t.Errorf("got tables %s", got)
	}
	second, err := Apply(t.Context(), conn, name, Config{})
	if err != nil || len(second) != 0 {
		t.Errorf("applied again: got %s, %v", names(second), err)
	}
	all, err := Status(t.Context(), conn, name, Config{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range all {
		if all[i].Pending() || all[i].Applied.IsZero() || all[i].Checksum != first[i].Checksum {
			t.Errorf("status of %s: done %d, at %v", all[i].Name, all[i].Done, all[i].Applied)
		}
	}
}

func TestDryRunChangesNothingAndShowsEverything(t *testing.T) {
	conn, name := newDatabase(t)
	steps, err := Apply(t.Context(), conn, name, Config{DryRun: true, Keep: day})
	if err != nil {
		t.Fatal(err)
	}
	if got := tables(t, conn); got != "" {
		t.Errorf("got tables %s", got)
	}
	if len(steps) != Latest()+1 || steps[Latest()].Name != "keep" {
		t.Errorf("got steps %s", names(steps))
	}
	for _, s := range steps { // what it showed is all that is needed
		for _, statement := range s.Statements {
			exec(t, conn, statement)
		}
	}
	if got := tables(t, conn); got != strings.Replace(allTables, "migrations ", "", 1) {
		t.Errorf("its statements made %s", got)
	}
}

func TestToStopsAtThatFile(t *testing.T) {
	conn, name := newDatabase(t)
	steps, err := Apply(t.Context(), conn, name, Config{To: 2, Keep: day})
	if err != nil || names(steps) != "events sessions" {
		t.Fatalf("got %s, %v", names(steps), err)
	}
	if got := tables(t, conn); got != "events migrations sessions" {
		t.Errorf("got tables %s", got)
	}
	if _, err := Apply(t.Context(), conn, name, Config{To: Latest() + 1}); err == nil {
		t.Error("a file that does not exist was no error")
	}
}

// folder is a small set of migrations; every statement leaves a table or a column.
func folder() fstest.MapFS {
	return fstest.MapFS{
		"sql/0001_one.sql": {Data: []byte("-- Comment\nCREATE TABLE IF NOT EXISTS {{store \"a\"}} (x UInt8) ENGINE = {{engine \"MergeTree\"}} ORDER BY x SETTINGS {{settings}};\n" +
			"ALTER TABLE {{store \"a\"}} ADD COLUMN IF NOT EXISTS y UInt8;\n")},
		"sql/0002_two.sql": {Data: []byte("CREATE TABLE IF NOT EXISTS {{store \"b\"}} (x UInt8)\nENGINE = {{engine \"MergeTree\"}} ORDER BY x;\n")},
	}
}

func TestChangedFileIsRefused(t *testing.T) {
	conn, name := newDatabase(t)
	files := folder()
	if _, err := apply(t.Context(), conn, files, name, Config{}); err != nil {
		t.Fatal(err)
	}
	files["sql/0001_one.sql"].Data = append([]byte("-- Another comment\n"), files["sql/0001_one.sql"].Data...)
	if _, err := apply(t.Context(), conn, files, name, Config{}); err != nil {
		t.Errorf("a changed comment was refused: %v", err)
	}
	files["sql/0001_one.sql"].Data = append(files["sql/0001_one.sql"].Data, "DROP TABLE IF EXISTS {{store \"a\"}};\n"...)
	_, err := apply(t.Context(), conn, files, name, Config{})
	var changed *ChangedError
	if !errors.As(err, &changed) || changed.File != "sql/0001_one.sql" || len(changed.Applied) != 64 || len(changed.Here) != 64 ||
		changed.Applied == changed.Here {
		t.Errorf("got %v", err)
	}
	if _, err := Status(t.Context(), conn, name, Config{}); !errors.As(err, &changed) {
		t.Errorf("status: got %v", err)
	}
	if got := tables(t, conn); got != "a b migrations" {
		t.Errorf("got tables %s", got)
	}
}

func TestNewerDatabaseIsRefused(t *testing.T) {
	conn, name := newDatabase(t)
	files := folder()
	if _, err := apply(t.Context(), conn, files, name, Config{}); err != nil {
		t.Fatal(err)
	}
	delete(files, "sql/0002_two.sql")
	_, err := apply(t.Context(), conn, files, name, Config{})
	var newer *NewerError
	if !errors.As(err, &newer) || newer.Database != 2 || newer.Known != 1 {
		t.Errorf("got %v", err)
	}
}

func TestCrashAtEveryStatementContinues(t *testing.T) {
	for _, after := range []bool{false, true} {
		for at := 1; ; at++ {
			conn, name := newDatabase(t)
			cut := &cutConn{Conn: conn, at: at, after: after}
			steps, err := apply(t.Context(), cut, folder(), name, Config{})
			if err == nil {
				if at < 7 { // the table of records, three statements, three records
					t.Fatalf("only %d statements", at-1)
				}
				break
			}
			if !errors.Is(err, errPower) {
				t.Fatal(err)
			}
			all, err := status(t.Context(), conn, folder(), target{})
			if err != nil {
				t.Fatal(err)
			}
			left := 0
			for _, s := range all {
				left += len(s.Statements) - s.Done
			}
			if left == 0 && !(after && at == 7) {
				t.Errorf("cut at %d: nothing is left", at)
			}
			again := &cutConn{Conn: conn, at: 1 << 30}
			if steps, err = apply(t.Context(), again, folder(), name, Config{}); err != nil {
				t.Fatal(err)
			}
			if want := 2 * left; left > 0 && again.seen != want+1 {
				t.Errorf("cut at %d: executed %d for %d statements left: %s", at, again.seen, left, names(steps))
			}
			if got := text(t, conn, "SELECT arrayStringConcat(groupArray(name), ' ') FROM system.columns WHERE database = currentDatabase() AND table = 'a'"); got != "x y" {
				t.Errorf("cut at %d: columns %s", at, got)
			}
			if got := tables(t, conn); got != "a b migrations" {
				t.Errorf("cut at %d: tables %s", at, got)
			}
		}
	}
}

func TestCrashInTheWholeSchemaContinues(t *testing.T) {
	conn, name := newDatabase(t)
	crashes := 0
	for at := 3; ; at++ {
		_, err := Apply(t.Context(), &cutConn{Conn: conn, at: at, after: at%2 == 0}, name, Config{Keep: day})
		if err == nil {
			break
		}
		if crashes++; !errors.Is(err, errPower) {
			t.Fatal(err)
		}
	}
	if crashes < 3 {
		t.Errorf("only %d crashes", crashes)
	}
	if got := tables(t, conn); got != allTables {
		t.Errorf("got tables %s", got)
	}
}

func TestTwoRunnersAtOnceDoNoHarm(t *testing.T) {
	conn, name := newDatabase(t)
	errs := make([]error, 4)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = Apply(t.Context(), conn, name, Config{}) })
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if got := tables(t, conn); got != allTables {
		t.Errorf("got tables %s", got)
	}
	if steps, err := Apply(t.Context(), conn, name, Config{}); err != nil || len(steps) != 0 {
		t.Errorf("afterwards: %s, %v", names(steps), err)
	}
}

func TestRefusedStatementIsNamed(t *testing.T) {
	conn, name := newDatabase(t)
	files := folder()
	files["sql/0002_two.sql"].Data = []byte("CREATE TABLE IF NOT EXISTS c (x Nonsense) ENGINE = MergeTree ORDER BY x;\n")
	steps, err := apply(t.Context(), conn, files, name, Config{})
	if err == nil || !strings.Contains(err.Error(), "0002_two, statement 1") || names(steps) != "one" {
		t.Errorf("got %s, %v", names(steps), err)
	}
}
