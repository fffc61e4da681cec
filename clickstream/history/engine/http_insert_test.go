package engine

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestLongTextsAreTakenWhole(t *testing.T) {
	b := newBrowser(t, startEngine(t, Config{}))
	b.must("", "CREATE TABLE long (a UInt64, b String) ENGINE = MergeTree ORDER BY a")
	var values strings.Builder
	values.WriteString("INSERT INTO long (a, b) VALUES ")
	const rows = 200000 // 4 MB of text: its rows are streamed
	for i := range rows {
		fmt.Fprintf(&values, "(%d + 0, upper('x%06d')), ", i, i)
	}
	text := strings.TrimSuffix(values.String(), ", ")
	for name, c := range map[string]struct{ query, body string }{
		"values in the body":    {"", text},
		"rows behind the text":  {"", "INSERT INTO long FORMAT CSV\n" + strings.Repeat("7,x\n", 2*rows)},
		"a settings clause":     {"", "INSERT INTO long SETTINGS max_insert_block_size = 1000 FORMAT TSV\n" + strings.Repeat("7\tx\n", rows)},
		"an INSERT in two ways": {"query=INSERT+INTO+long", "FORMAT CSV\n" + strings.Repeat("7,x\n", 2*rows)},
	} {
		b.must("", "TRUNCATE TABLE long")
		b.must(c.query, c.body)
		want := fmt.Sprintf("%d\n", max(strings.Count(c.body, "\n")-1, rows))
		if got := b.must("", "SELECT count() FROM long"); got != want {
			t.Errorf("%s: %s rows, want %s", name, got, want)
		}
	}
	long := "SELECT length('" + strings.Repeat("x", 3<<20) + "')"
	if got := b.must("max_query_size=10000000", long); got != "3145728\n" {
		t.Errorf("a long SELECT: %q", got)
	}
	if got := b.ask("", long); got.code() != codeSyntaxError {
		t.Errorf("a SELECT beyond max_query_size: %d %.200s", got.status, got.body)
	}
	if got := b.ask("", "INSERT INTO long FORMAT CSV;\n1,x\n"); got.code() != codeSyntaxError {
		t.Errorf("a semicolon before the rows: %d %.200s", got.status, got.body)
	}
}

func TestARepeatedTokenStoresNothing(t *testing.T) {
	b := newBrowser(t, startEngine(t, Config{}))
	b.must("", "CREATE TABLE once (a UInt64) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100")
	for range 3 {
		b.must("insert_deduplication_token=t1&query=INSERT+INTO+once+FORMAT+CSV", "1\n2\n")
	}
	b.must("insert_deduplication_token=t2&query=INSERT+INTO+once+FORMAT+CSV", "1\n2\n")
	if got := b.must("", "SELECT count() FROM once"); got != "4\n" {
		t.Errorf("%s rows, want those of two tokens", got)
	}
}

func TestRowsOfARequestAreCounted(t *testing.T) {
	b := newBrowser(t, startEngine(t, Config{}))
	b.must("", "CREATE TABLE counted (a UInt64) ENGINE = Null")
	got := b.ask("query=INSERT+INTO+counted+FORMAT+CSV", strings.Repeat("1\n", 5000))
	if got.status != http.StatusOK || !strings.Contains(got.header.Get("X-ClickHouse-Summary"), `"written_rows":"5000"`) {
		t.Errorf("%d %s", got.status, got.header.Get("X-ClickHouse-Summary"))
	}
}
