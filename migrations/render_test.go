package migrations

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// targets are what the files are rendered for; each has a golden file of its name.
var targets = map[string]target{
	"single":     {database: "beckon"},
	"cluster":    {database: "beckon", cluster: "main"},
	"replicated": {database: "beckon", cluster: "main", replicated: true},
}

// rendered is every statement of every file, the record's table first.
func rendered(t *testing.T, to target) []string {
	t.Helper()
	files, err := load(embedded, "sql")
	if err != nil {
		t.Fatal(err)
	}
	all, err := to.render("migrations", recordsTable)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		list, err := to.render(f.path, f.text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, list...)
	}
	return all
}

func TestRenderedSQLIsGolden(t *testing.T) {
	for name, to := range targets {
		got := strings.Join(rendered(t, to), ";\n\n") + ";\n"
		golden := filepath.Join("testdata", name+".sql")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs from %s: go test -update writes it", name, golden)
		}
	}
}

func TestEngineParsesEveryRenderedStatement(t *testing.T) {
	conn, _ := newDatabase(t)
	for name, to := range targets {
		for _, statement := range rendered(t, to) {
			var formatted string
			if err := conn.QueryRow(t.Context(), "SELECT formatQuery(?)", statement).Scan(&formatted); err != nil {
				t.Errorf("%s: %s: %v", name, statement, err)
			}
			if on := strings.Contains(formatted, "ON CLUSTER main"); on != (to.cluster != "") {
				t.Errorf("%s: ON CLUSTER: %v: %s", name, on, formatted)
			}
			if rep := strings.Contains(formatted, "ENGINE = Replicated"); to.replicated != rep && strings.Contains(formatted, "MergeTree") {
				t.Errorf("%s: replicated: %v: %s", name, rep, formatted)
			}
		}
	}
}

// again are the statements that may run twice without harm: what runners at once and a crash rest on.
var again = regexp.MustCompile(`^(CREATE (TABLE|MATERIALIZED VIEW) IF NOT EXISTS |DROP (TABLE|VIEW) IF EXISTS |` +
	`ALTER TABLE \S+( ON CLUSTER \S+)? (ADD (COLUMN|INDEX|PROJECTION) IF NOT EXISTS|DROP (COLUMN|INDEX|PROJECTION) IF EXISTS|MODIFY) )`)

func TestEveryStatementMayRunTwice(t *testing.T) {
	for name, to := range targets {
		for _, statement := range rendered(t, to) {
			if !again.MatchString(statement) {
				t.Errorf("%s: %s", name, statement)
			}
		}
	}
}

func TestTextIsCutAtSemicolonsThatEndALine(t *testing.T) {
	got := statements("-- one; two;\nSELECT ';', -- kept\n  2;\n\nSELECT 3\n;\nSELECT 4")
	want := []string{"SELECT ';', -- kept\n  2", "SELECT 3\n", "SELECT 4"}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q", got)
	}
}
