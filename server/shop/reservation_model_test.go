package shop

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
)

// slowShop is what reservations mean, said as plainly as can be: every question looks at everything.
type slowShop struct {
	now   int64
	stock map[string]int64 // Unset: not tracked
	open  map[string]*slowHold
	ended map[string]string // state
}

type slowHold struct {
	lines   map[string]int64
	expires int64
}

func (m *slowShop) expire() {
	for id, h := range m.open {
		if h.expires <= m.now {
			delete(m.open, id)
			m.ended[id] = ReservationExpired
		}
	}
}

func (m *slowShop) free(item string) int64 {
	if m.stock[item] == Unset {
		return Unset
	}
	free := m.stock[item]
	for _, h := range m.open {
		free -= h.lines[item]
	}
	return max(0, free)
}

func (m *slowShop) reserve(id string, lines map[string]int64, ttl int64) string {
	m.expire()
	if h := m.open[id]; h != nil {
		if !maps.Equal(h.lines, lines) {
			return "reservation_differs"
		}
		h.expires = max(h.expires, m.now+ttl)
		return "repeat"
	}
	if s := m.ended[id]; s == ReservationCommitted || s == ReservationSold {
		return "reservation_" + s
	}
	for _, item := range slices.Sorted(maps.Keys(lines)) {
		if free := m.free(item); free != Unset && free < lines[item] {
			return fmt.Sprintf("sold_out %s %d", item, free)
		}
	}
	m.open[id] = &slowHold{lines, m.now + ttl}
	delete(m.ended, id)
	return "held"
}

func (m *slowShop) close(id, to string) string {
	m.expire()
	h := m.open[id]
	if h == nil {
		switch was := m.ended[id]; {
		case was == "":
			return "unknown_reservation"
		case was == to, was == ReservationExpired && to == ReservationReleased:
			return was
		default:
			return "reservation_" + was
		}
	}
	delete(m.open, id)
	m.ended[id] = to
	if to == ReservationCommitted {
		for item, n := range h.lines {
			m.take(item, n)
		}
	}
	return to
}

func (m *slowShop) take(item string, n int64) {
	if m.stock[item] != Unset {
		m.stock[item] = max(0, m.stock[item]-n)
	}
}

// sell is a stock line with a delta of -n that names a reservation.
func (m *slowShop) sell(item string, n int64, id string) {
	m.expire()
	if m.stock[item] == Unset {
		return
	}
	m.take(item, n)
	h := m.open[id]
	if h == nil || h.lines[item] == 0 {
		return
	}
	h.lines = maps.Clone(h.lines)
	if h.lines[item] -= min(n, h.lines[item]); h.lines[item] == 0 {
		delete(h.lines, item)
	}
	if len(h.lines) == 0 {
		delete(m.open, id)
		m.ended[id] = ReservationSold
	}
}

// crash ends the store as a killed process would, without a last snapshot, and opens it again.
func (r *rig) crash() {
	r.t.Helper()
	close(r.quit)
	r.wg.Wait()
	if err := r.reader.Close(); err != nil {
		r.t.Fatal(err)
	}
	r.open()
}

func TestReservationsDoWhatTheSlowModelDoes(t *testing.T) {
	items := []string{"a", "b", "c", "d"}
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(seed, 7))
		r := newRig(t, newMemLog())
		r.least = 16 << 10 // snapshots on the way, so that crashes find some
		r.reopen()
		r.makeSite("s")
		m := &slowShop{now: t0, stock: map[string]int64{}, open: map[string]*slowHold{}, ended: map[string]string{}}
		for _, id := range items {
			m.stock[id] = 10
			r.put("s", fmt.Sprintf(`{"item_id":%q,"stock":10}`, id))
		}
		var trace []string
		step := func(got, want, what string, args ...any) {
			t.Helper()
			trace = append(trace, fmt.Sprintf(what, args...)+" "+got)
			if got != want {
				t.Fatalf("seed %d: %s, want %s; the last steps:\n%q", seed, got, want, trace[max(0, len(trace)-12):])
			}
		}
		for range 300 {
			id := fmt.Sprint("c", rng.IntN(12))
			item := items[rng.IntN(len(items))]
			r.clock.add(rng.Int64N(40_000))
			m.now = r.clock.now()
			switch rng.IntN(12) {
			case 0, 1, 2, 3:
				lines, want := map[string]int64{}, []ReservedLine{}
				for range 1 + rng.IntN(3) {
					it, n := items[rng.IntN(len(items))], 1+rng.Int64N(4)
					lines[it] += n
					want = append(want, line(it, n))
				}
				ttl := MinReservationTTL + rng.Int64N(200_000)
				step(r.reserveFor(id, ttl, want...), m.reserve(id, lines, ttl), "reserve %s %v", id, lines)
			case 4, 5:
				step(r.end(release, id), m.close(id, ReservationReleased), "release %s", id)
			case 6, 7:
				got, err := commit(r, id)
				step(cmp.Or(code(err), got.State), m.close(id, ReservationCommitted), "commit %s", id)
			case 8:
				n := rng.Int64N(12)
				r.stock("s", fmt.Sprintf(`{"item_id":%q,"stock":%d}`, item, n))
				m.expire()
				m.stock[item] = n
			case 9:
				n := 1 + rng.Int64N(5)
				r.stock("s", fmt.Sprintf(`{"item_id":%q,"delta":-%d,"reservation":%q}`, item, n, id))
				m.sell(item, n, id)
			case 10:
				if err := r.Tick(t.Context()); err != nil {
					t.Fatal(err)
				}
				m.expire()
			case 11:
				switch rng.IntN(4) {
				case 0:
					r.reopen()
				case 1:
					r.crash()
				case 2:
					r.stock("s", fmt.Sprintf(`{"item_id":%q,"stock":null}`, item))
					m.expire()
					m.stock[item] = Unset
				default:
					r.put("s", fmt.Sprintf(`{"item_id":%q,"title":"T%d"}`, item, rng.IntN(9)))
					m.expire()
				}
				continue // what is due the store finds at its next record
			}
			for _, item := range items {
				it := r.item("s", item)
				step(fmt.Sprint(it.Stock, it.FreeStock()), fmt.Sprint(m.stock[item], m.free(item)), "then %s", item)
			}
			step(fmt.Sprint(r.OpenReservations("s")), fmt.Sprint(len(m.open)), "open")
		}
		want := state(t, r.fold)
		cfg := r.config()
		cfg.Dir = t.TempDir()
		zero, err := Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if got := state(t, zero.fold); !bytes.Equal(got, want) {
			t.Fatalf("seed %d: from zero: %s", seed, firstDifference(got, want))
		}
		if err := zero.Close(); err != nil {
			t.Fatal(err)
		}
		r.crash()
		if got := state(t, r.fold); !bytes.Equal(got, want) {
			t.Fatalf("seed %d: from a snapshot and the tail: %s", seed, firstDifference(got, want))
		}
	}
}
