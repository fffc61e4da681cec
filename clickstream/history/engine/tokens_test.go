package engine

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// restart closes an engine, lets its data folder be changed, and starts another there.
func restart(t *testing.T, e *Engine, change func()) *Engine {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := e.Close(ctx); err != nil {
		t.Fatal(err)
	}
	change()
	return startEngine(t, Config{Dir: e.cfg.Dir})
}

// parts are the folders of parts in a data folder.
func parts(t *testing.T, dir string) []string {
	t.Helper()
	logs, err := filepath.Glob(filepath.Join(dir, "store", "*", "*", "deduplication_logs"))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, l := range logs {
		entries, err := os.ReadDir(filepath.Dir(l))
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if _, ok := parsePart(entry.Name()); ok {
				list = append(list, filepath.Join(filepath.Dir(l), entry.Name()))
			}
		}
	}
	return list
}

func TestARetryIsTakenWhenAKillKeptItsPartFromComing(t *testing.T) {
	e := startEngine(t, Config{})
	db := open(t, e)
	run(t, db, tokenTable)
	for n := range 3 {
		if err := insertBatch(t.Context(), db, n); err != nil {
			t.Fatal(err)
		}
	}
	run(t, db, "OPTIMIZE TABLE t FINAL") // merged parts keep their tokens
	if err := insertBatch(t.Context(), db, 3); err != nil {
		t.Fatal(err)
	}
	e = restart(t, e, func() {
		gone := 0
		for _, p := range parts(t, e.cfg.Dir) { // what is left by a kill before the rename: the token and no part
			if strings.HasPrefix(filepath.Base(p), "all_4_4") {
				gone++
				if err := os.Rename(p, filepath.Join(filepath.Dir(p), "tmp_insert_"+filepath.Base(p))); err != nil {
					t.Fatal(err)
				}
			}
		}
		if gone != 1 {
			t.Fatalf("%d parts of the last batch in %v", gone, parts(t, e.cfg.Dir))
		}
	})
	db = open(t, e)
	if got := count(t, db, "SELECT count() FROM t"); got != 3*batchRows {
		t.Fatalf("%d rows before the retry, want %d", got, 3*batchRows)
	}
	for range 2 {
		for n := range 4 {
			if err := insertBatch(t.Context(), db, n); err != nil {
				t.Fatal(err)
			}
		}
		if got := count(t, db, "SELECT count() FROM t"); got != 4*batchRows {
			t.Errorf("%d rows, want %d", got, 4*batchRows)
		}
	}
}

func TestTokensAreForgottenOnlyWithTheirParts(t *testing.T) {
	dir := t.TempDir()
	table := filepath.Join(dir, "store", "abc", "abcdef")
	logs := filepath.Join(table, "deduplication_logs")
	for _, d := range []string{"deduplication_logs", "detached", "202601_1_7_2_9", "202601-1_3_3_0", "tmp_insert_202601_8_8_0", "delete_tmp_202601_9_9_0"} {
		if err := os.MkdirAll(filepath.Join(table, d), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(logs, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("deduplication_log_9.txt", "1\t202601_1_1_0\ta\n1\t202601_7_7_0\tb\n1\t202601-1_3_3_0\tc\n1\t202601_6_6_0\td\n")
	const newest = "2\t202601_6_6_0\td\n1\t202601_8_8_0\te\n1\t202602_1_1_0\tf\n"
	write("deduplication_log_10.txt", newest+"1\t202602_2_2_0")
	for i, want := range []int{2, 0} {
		got, err := forgetLostParts(dir)
		if err != nil || got != want {
			t.Fatalf("pass %d: forgot %d, want %d, %v", i, got, want, err)
		}
	}
	text, err := os.ReadFile(filepath.Join(logs, "deduplication_log_10.txt"))
	if err != nil {
		t.Fatal(err)
	}
	added, ok := strings.CutPrefix(string(text), newest)
	if !ok || strings.Count(added, "\n") != 2 || !strings.Contains(added, "2\t202601_8_8_0\te\n") || !strings.Contains(added, "2\t202602_1_1_0\tf\n") {
		t.Errorf("the log is now %q", text)
	}
	write("deduplication_log_11.txt", "3\tsomething else\n")
	if _, err := forgetLostParts(dir); err == nil {
		t.Error("a line of another kind was no error")
	}
}
