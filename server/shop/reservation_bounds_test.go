package shop

import (
	"fmt"
	"testing"
)

func TestReservationBodyIsRefusedWithItsField(t *testing.T) {
	f := func(body, code, message string) {
		t.Helper()
		_, err := DecodeReservation([]byte(body))
		refused(t, err, code)
		if err.Error() != message {
			t.Errorf("%s: %s, want %s", body, err, message)
		}
	}
	f(`{`, "bad_json", "body: unexpected EOF after offset 1")
	f(`[]`, "bad_json", "body: not an object")
	f(`{}`, "missing_lines", "lines: missing")
	f(`{"lines":[{"item_id":"a"}]}`, "bad_quantity", "quantity of a: 0, want 1 to 1000000")
	f(`{"lines":[{"item_id":"a","quantity":1.5}]}`, "bad_lines", "lines.0.quantity: want lines of item_id, a string, and quantity, a whole number, not 1.5")
	f(`{"lines":[{"item_id":"a","quantity":999999},{"item_id":"a","quantity":2}]}`, "bad_quantity", "quantity of a: 1000001, want 1 to 1000000")
	f(`{"lines":[{"quantity":1}]}`, "missing_item", "lines.0.item_id: missing")
	f(`{"lines":[{"item_id":"a b","quantity":1}]}`, "bad_item", "lines.0.item_id: want 1-64 of A-Z a-z 0-9 _ . : -")
	f(`{"id":"a b","lines":[{"item_id":"a","quantity":1}]}`, "bad_id", "id: want 1-64 of A-Z a-z 0-9 _ . : -")
	f(`{"lines":[{"item_id":"a","quantity":1}],"ttl_s":7201}`, "bad_ttl", "ttl_s: 7201, want 30 to 7200 seconds")
	lines := `{"item_id":"i0","quantity":1}`
	for i := range MaxReservationLines {
		lines += fmt.Sprintf(`,{"item_id":"i%d","quantity":1}`, i)
	}
	f(`{"lines":[`+lines+`]}`, "too_many_lines", "lines: 101, want 1 to 100")
}

func TestOpenReservationsAreBounded(t *testing.T) {
	sealer, err := newSealer(testSecret)
	if err != nil {
		t.Fatal(err)
	}
	f := newFold(sealer, nil)
	f.sitePut(&control{Site: "s", Settings: &Settings{}, New: true})
	s := f.sites["s"]
	put := func(i int) *Refusal {
		c := control{ID: fmt.Sprint("c", i), Lines: []ReservedLine{line("a", 1)}, TTL: MinReservationTTL}
		out, _, err := f.reservationPut(s, &c, uint64(i), nil)
		if err != nil {
			t.Fatal(err)
		}
		return out.refused
	}
	if _, _, err := f.itemPut(s, &control{Item: &itemJSON{ID: "a"}}, 0, nil); err != nil {
		t.Fatal(err)
	}
	for i := range maxReservations {
		if r := put(i); r != nil {
			t.Fatal(i, r)
		}
	}
	if r := put(maxReservations); r == nil || r.Code != "too_many_reservations" {
		t.Errorf("one too many: %v", r)
	}
	f.now += MinReservationTTL
	f.expireReservations(0, nil)
	if r := put(0); r != nil || len(s.holds.open) != 1 || s.catalog.get("a").Reserved != 1 || len(s.holds.pieces) != 1 {
		t.Errorf("after all have expired: %v, %d open", r, len(s.holds.open))
	}
}

func TestMemoryOfEndedReservationsIsBounded(t *testing.T) {
	var m endings
	for i := range 2*maxEndings + 1000 {
		m.add(fmt.Sprint(i), ending{how: endedCommitted, at: t0}, t0)
		if i%9973 == 0 {
			if n := len(m.newer) + len(m.older); n > 2*maxEndings {
				t.Fatalf("%d kept, want at most %d", n, 2*maxEndings)
			}
			if _, ok := m.of(fmt.Sprint(max(0, i-maxEndings+1))); !ok {
				t.Fatalf("%d is forgotten after %d", i-maxEndings+1, i)
			}
		}
	}
}

func TestEndedReservationsAreKnownForADay(t *testing.T) {
	r := shopOf(t, newMemLog(), `{"item_id":"a","stock":100}`)
	for i := range 50 {
		id := fmt.Sprint("c", i)
		check(t, id, r.reserve(id, line("a", 1)), "held")
		check(t, id, r.end(commit, id), "committed")
		r.clock.add(endingLife / 10)
		for back := range min(i, 10) {
			was := fmt.Sprint("c", i-back)
			if got, ok := r.Reservation("s", was); !ok || got.State != ReservationCommitted {
				t.Fatalf("%s, %d tenths of a day old: %+v, %v", was, back+1, got, ok)
			}
		}
	}
	if _, ok := r.Reservation("s", "c0"); ok {
		t.Error("five days old and still known")
	}
}

// BenchmarkReserveAndCommit is two commands of a shop whose callers share appends.
func BenchmarkReserveAndCommit(b *testing.B) {
	s := openBench(b)
	if _, err := s.CreateSite(b.Context(), "bench", "r", Settings{}); err != nil {
		b.Fatal(err)
	}
	if _, _, err := s.place(b.Context(), "bench", control{Do: doItemPut, Site: "r", Item: &itemJSON{ID: "a"}}); err != nil {
		b.Fatal(err)
	}
	b.SetParallelism(64)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			r, _, err := s.Reserve(b.Context(), "bench", "r", ReservationRequest{Lines: []ReservedLine{line("a", 1)}})
			if err == nil {
				_, err = s.Commit(b.Context(), "bench", "r", r.ID)
			}
			if err != nil {
				b.Error(err)
			}
		}
	})
}
