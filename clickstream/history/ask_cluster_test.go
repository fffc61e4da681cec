package history

import (
	"context"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// clustered is a database that says that it is a cluster's, and checks what a cluster needs of a statement.
type clustered struct {
	*DB
	t *testing.T
}

func (c clustered) Cluster() string { return "main" }

func (c clustered) Query(ctx context.Context, text string, args ...any) (driver.Rows, error) {
	words := strings.Fields(text)
	for i, w := range words {
		if (w == "IN" && strings.HasPrefix(words[i+1], "(SELECT")) || w == "JOIN" && words[i-1] != "ARRAY" && words[i+1] == "(SELECT" || words[i] == "INNER" {
			if before := strings.Join(words[max(0, i-3):i], " "); !strings.Contains(before, "GLOBAL") {
				c.t.Errorf("%s %s: not GLOBAL", before, strings.Join(words[i:i+2], " "))
			}
		}
	}
	return c.DB.Query(ctx, text, args...)
}

func TestOnAClusterSubqueriesAreGlobal(t *testing.T) {
	w := askWorld(t)
	single, cluster := w.Questions, NewQuestions(clustered{w.db, t}, QuestionsConfig{})
	for _, name := range []string{"machines", "news", "direct"} {
		for i, f := range EveryQuestion(scopes()[name]) {
			want, err := f.Ask(t.Context(), single)
			if err != nil {
				t.Fatal(f.Name, err)
			}
			got, err := EveryQuestion(scopes()[name])[i].Ask(t.Context(), cluster)
			if err != nil {
				t.Fatal(f.Name, err)
			}
			same(t, f.Name, got, want)
		}
	}
}
