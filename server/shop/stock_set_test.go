package shop

import (
	"strings"
	"testing"
)

func TestAPersonStatesStockWithAReason(t *testing.T) {
	s := newRig(t, newMemLog())
	s.makeSite("acme")
	s.put("acme", `{"item_id":"a","title":"A","stock":5}`)
	offset, err := s.SetStock(t.Context(), "user anna", "acme", "a", 9, " counted ")
	if err != nil {
		t.Fatal(err)
	}
	if it, _ := s.Item("acme", "a"); it.Stock != 9 {
		t.Fatalf("%d pieces, want 9", it.Stock)
	}
	e, ok, err := s.ChangeAt(offset)
	if err != nil || !ok || e.Actor != "user anna" || e.Kind != "stock" || !strings.Contains(string(e.After), "counted") {
		t.Fatalf("%+v, %v, %v", e, ok, err)
	}
	if _, err := s.SetStock(t.Context(), "user anna", "acme", "a", Unset, ""); err != nil {
		t.Fatal(err)
	}
	if it, _ := s.Item("acme", "a"); it.Stock != Unset {
		t.Fatalf("%d pieces, want none counted", it.Stock)
	}
	for _, c := range []struct {
		site, item, note string
		count            int64
	}{{"none", "a", "", 1}, {"acme", "none", "", 1}, {"acme", "a", "", -5}, {"acme", "a", strings.Repeat("x", MaxStockNote+1), 1}, {"acme", "a", "\xff", 1}} {
		if _, err := s.SetStock(t.Context(), "user anna", c.site, c.item, c.count, c.note); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}

func TestOpenReservationsAreListedUntilTheyAreMany(t *testing.T) {
	s := newRig(t, newMemLog())
	s.makeSite("acme")
	s.put("acme", `{"item_id":"a","title":"A","stock":500}`, `{"item_id":"b","title":"B","stock":500}`)
	for i, lines := range [][]ReservedLine{{{"a", 1}}, {{"a", 2}, {"b", 3}}, {{"b", 4}}} {
		req := ReservationRequest{ID: string(rune('x' + i)), Lines: lines, TTL: int64(3-i) * MinReservationTTL}
		if _, _, err := s.Reserve(t.Context(), "test", "acme", req); err != nil {
			t.Fatal(err)
		}
	}
	ids := func(item string, limit int) (out string) {
		list, all := s.OpenOnes("acme", item, limit)
		if !all {
			t.Fatal("three are too many")
		}
		for _, r := range list {
			out += r.ID
		}
		return out
	}
	for _, c := range []struct {
		item  string
		limit int
		want  string
	}{{"", 10, "zyx"}, {"a", 10, "yx"}, {"b", 1, "z"}, {"c", 10, ""}, {"", 0, ""}} {
		if got := ids(c.item, c.limit); got != c.want {
			t.Errorf("of %q at most %d: %q, want %q", c.item, c.limit, got, c.want)
		}
	}
	if list, all := s.OpenOnes("none", "", 10); len(list) != 0 || !all {
		t.Errorf("of no site: %v, %v", list, all)
	}
}
