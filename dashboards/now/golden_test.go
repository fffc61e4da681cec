package now

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"beckon/clickstream"
)

var update = flag.Bool("update", false, "rewrite the golden files; only when the version of the snapshot is a new one")

// small is a state with something of everything.
func small(t *testing.T) *Fold {
	s := &script{}
	s.do(0, "ann", clickstream.PageView).URL = "https://shop.example/?utm_source=mail"
	s.do(5, "ann", clickstream.ViewItem, of("mug", 500, 1))
	s.do(9, "ann", clickstream.AddToCart, of("mug", 500, 2))
	s.do(20, "bob", clickstream.Search).SearchTerm = "Kettle"
	s.do(30, "eve", clickstream.ViewItem, of("pot", 1, 1)).Bot = clickstream.BotAgent
	e := s.do(3700, "bob", clickstream.Purchase, of("mug", 500, 1))
	e.Transaction, e.Currency = "t1", "USD"
	e = s.do(3710, "bob", clickstream.Refund)
	e.Transaction, e.Currency, e.Value = "t1", "USD", 200
	s.do(3720, "cid", clickstream.AddToCart, of("pot", 900, 1))
	return s.fold(t)
}

// A checkpoint of an earlier version must stay readable: its bytes are kept.
func TestSnapshotsOfTheFirstVersionAreRead(t *testing.T) {
	const name = "testdata/snapshot-1.raw"
	if *update {
		if err := os.WriteFile(name, saved(t, small(t)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got := saved(t, small(t)); !bytes.Equal(got, want) {
		t.Errorf("the same facts give %d bytes, and gave %d", len(got), len(want))
	}
	f := New(Config{})
	if err := f.Restore(bytes.NewReader(want)); err != nil {
		t.Fatal(err)
	}
	if got := saved(t, f); !bytes.Equal(got, want) {
		t.Error("what is read and written is something else")
	}
	got := f.Sum("shop", "USD", noon, noon+2*hourMs)
	if got.Visits != 4 || got.MachineVisits != 1 || got.Orders != 1 || got.Revenue != 500 || got.Refunded != 200 || got.Views != 1 {
		t.Errorf("%+v", got)
	}
	if l := f.Live("shop", noon+3730_000); l.Visits != 2 || len(l.Carts) != 1 || l.Carts[0].Value != 900 {
		t.Errorf("%+v", l)
	}
	if orders := f.Orders("shop", 5); len(orders) != 1 || orders[0].Value != 500 || orders[0].Item != "mug" {
		t.Errorf("%+v", orders)
	}
}
