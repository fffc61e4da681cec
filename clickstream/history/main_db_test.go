package history

import (
	"testing"
)

func TestFreshDatabasesAreApart(t *testing.T) {
	one, two := testDB(t), testDB(t)
	if err := one.Exec(t.Context(), "INSERT INTO dead_letters (site, seq) VALUES ('a', 1)"); err != nil {
		t.Fatal(err)
	}
	for db, want := range map[*DB]uint64{one: 1, two: 0} {
		var got uint64
		if err := db.QueryRow(t.Context(), "SELECT count() FROM dead_letters").Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s: got %d rows, want %d", db.Database(), got, want)
		}
	}
}
