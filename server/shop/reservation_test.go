package shop

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"beckon/clickstream"
)

func line(item string, quantity int64) ReservedLine { return ReservedLine{item, quantity} }

// reserve asks for lines for the default time and says how it went in a few words.
func (r *rig) reserve(id string, lines ...ReservedLine) string {
	r.t.Helper()
	return r.reserveFor(id, DefaultReservationTTL, lines...)
}

func (r *rig) reserveFor(id string, ttl int64, lines ...ReservedLine) string {
	r.t.Helper()
	got, repeat, err := r.Reserve(r.t.Context(), "test", "s", ReservationRequest{ID: id, Lines: lines, TTL: ttl})
	var short *SoldOutError
	switch {
	case errors.As(err, &short):
		return fmt.Sprintf("sold_out %s %d", short.Item, short.Free)
	case code(err) != "":
		return code(err)
	case err != nil:
		r.t.Fatal(err)
	case repeat:
		return "repeat"
	case got.Expires != r.clock.now()+ttl:
		r.t.Errorf("expires %d, want %d", got.Expires, r.clock.now()+ttl)
	}
	return "held"
}

// code is that of a refusal, "" for anything else.
func code(err error) string {
	var refused *Refusal
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

// end commits or releases and says how it went.
func (r *rig) end(do func(r *rig, id string) (Closed, error), id string) string {
	r.t.Helper()
	got, err := do(r, id)
	if code(err) != "" {
		return code(err)
	}
	if err != nil {
		r.t.Fatal(err)
	}
	if got.Missing > 0 {
		return fmt.Sprintf("%s, %d missing", got.State, got.Missing)
	}
	return got.State
}

func commit(r *rig, id string) (Closed, error)  { return r.Commit(r.t.Context(), "test", "s", id) }
func release(r *rig, id string) (Closed, error) { return r.Release(r.t.Context(), "test", "s", id) }

// free is what is free of an item and how it is shown: "7 in", "0 out held".
func (r *rig) free(id string) string {
	r.t.Helper()
	it := r.item("s", id)
	if it.Held() {
		return fmt.Sprint(it.FreeStock(), " ", shown(it), " held")
	}
	return fmt.Sprint(it.FreeStock(), " ", shown(it))
}

func check(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}

func shopOf(t *testing.T, log clickstream.Log, items ...string) *rig {
	t.Helper()
	r := newRig(t, log)
	r.makeSite("s")
	if a := r.put("s", items...); a.RejectedTotal > 0 {
		t.Fatal(a)
	}
	r.took()
	return r
}

func TestReservationIsAllLinesOrNone(t *testing.T) {
	r := shopOf(t, newMemLog(), `{"item_id":"a","stock":10}`, `{"item_id":"b","stock":2}`, `{"item_id":"any"}`)
	check(t, "too many of b", r.reserve("c1", line("a", 3), line("b", 3)), "sold_out b 2")
	check(t, "a after it", r.free("a"), "10 in")
	check(t, "both", r.reserve("c1", line("b", 2), line("a", 3), line("any", 1000)), "held")
	check(t, "a", r.free("a"), "7 in")
	check(t, "b", r.free("b"), "0 out held")
	check(t, "b again", r.reserve("c2", line("b", 1)), "sold_out b 0")
	check(t, "lines of one item are one", r.reserve("c3", line("a", 4), line("a", 4)), "sold_out a 7")
	check(t, "no such item", r.reserve("c4", line("a", 1), line("zz", 1)), "unknown_item")
	check(t, "release", r.end(release, "c1"), "released")
	check(t, "a at the end", r.free("a"), "10 in")
	check(t, "b at the end", r.free("b"), "2 low 2")
}

func TestReservationsIDMakesItOne(t *testing.T) {
	r := shopOf(t, newMemLog(), `{"item_id":"a","stock":10}`)
	check(t, "first", r.reserve("c", line("a", 3)), "held")
	r.clock.add(60_000)
	check(t, "the same again", r.reserve("c", line("a", 1), line("a", 2)), "repeat")
	if got, _ := r.Reservation("s", "c"); got.Expires != r.clock.now()+DefaultReservationTTL || got.Created != t0 {
		t.Errorf("%+v: a repeat makes it end later", got)
	}
	if got, _, err := r.Reserve(t.Context(), "test", "s", ReservationRequest{ID: "c", Lines: []ReservedLine{line("a", 3)}, TTL: MinReservationTTL}); err != nil || got.Expires != r.clock.now()+DefaultReservationTTL {
		t.Errorf("%+v, %v: a shorter time does not shorten it", got, err)
	}
	check(t, "other lines", r.reserve("c", line("a", 4)), "reservation_differs")
	check(t, "free", r.free("a"), "7 in")
	check(t, "release", r.end(release, "c"), "released")
	check(t, "release again", r.end(release, "c"), "released")
	check(t, "commit what was released", r.end(commit, "c"), "reservation_released")
	check(t, "a new one of that id", r.reserve("c", line("a", 4)), "held")
	check(t, "commit", r.end(commit, "c"), "committed")
	check(t, "commit again", r.end(commit, "c"), "committed")
	check(t, "release what was sold", r.end(release, "c"), "reservation_committed")
	check(t, "its id is used up", r.reserve("c", line("a", 4)), "reservation_committed")
	check(t, "free at the end", r.free("a"), "6 in")
	check(t, "never heard of", r.end(commit, "nobody"), "unknown_reservation")
	made, _, err := r.Reserve(t.Context(), "test", "s", ReservationRequest{Lines: []ReservedLine{line("a", 1)}})
	if err != nil || !strings.HasPrefix(made.ID, "r_") {
		t.Errorf("%+v, %v: want an id of the store's", made, err)
	}
}

func TestReservationEndsByTheLogsClock(t *testing.T) {
	r := shopOf(t, newMemLog(), `{"item_id":"a","stock":1}`)
	check(t, "reserve", r.reserve("c1", line("a", 1)), "held")
	r.clock.add(DefaultReservationTTL - 1)
	if err := r.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(t, "a moment before", r.free("a"), "0 out held")
	r.clock.add(1)
	r.took()
	if err := r.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	check(t, "then", r.free("a"), "1 low 1")
	if got := r.took(); len(got) != 1 || !got[0].Stock || got[0].Sold {
		t.Errorf("changes %+v", got)
	}
	check(t, "commit too late", r.end(commit, "c1"), "reservation_expired")
	check(t, "release too late", r.end(release, "c1"), "expired")
	check(t, "its id again", r.reserve("c1", line("a", 1)), "held")
	r.clock.add(DefaultReservationTTL)
	check(t, "the next record finds it over", r.reserve("c2", line("a", 1)), "held")
	if r.Due() != r.clock.now()+DefaultReservationTTL {
		t.Errorf("due %d", r.Due())
	}
}

func TestCommitSellsAndTellsWhenThePiecesAreNotThere(t *testing.T) {
	r := shopOf(t, newMemLog(), `{"item_id":"a","stock":3}`, `{"item_id":"any"}`)
	check(t, "first", r.reserve("c1", line("a", 2), line("any", 2)), "held")
	check(t, "second", r.reserve("c2", line("a", 1)), "held")
	check(t, "commit", r.end(commit, "c1"), "committed")
	check(t, "left", fmt.Sprint(r.item("s", "a").Stock, r.item("s", "any").Stock), "1 -1")
	check(t, "shown", r.free("a"), "0 out held")
	r.stock("s", `{"item_id":"a","stock":0}`) // the shop's word wins
	check(t, "the shop has none", r.free("a"), "0 out")
	r.took()
	got, err := r.Commit(t.Context(), "test", "s", "c2")
	want := []Rejection{{0, "a", "clamped", "quantity: 1 were reserved and 0 are there; stock kept at 0"}}
	if err != nil || got.Missing != 1 || !reflect.DeepEqual(got.Notices, want) {
		t.Errorf("%+v, %v", got, err)
	}
	check(t, "told again without the notices", r.end(commit, "c2"), "committed, 1 missing")
	if got := r.took(); len(got) != 0 {
		t.Errorf("changes %+v: it was out before", got)
	}
	if r.item("s", "a").Stock != 0 || r.item("s", "a").Reserved != 0 {
		t.Errorf("%+v", r.item("s", "a"))
	}
}

func TestSetStockBelowWhatIsReservedKeepsReservations(t *testing.T) {
	r := shopOf(t, newMemLog(), `{"item_id":"a","stock":10}`)
	check(t, "reserve", r.reserve("c1", line("a", 4)), "held")
	r.stock("s", `{"item_id":"a","stock":3}`)
	check(t, "free is never negative", r.free("a"), "0 out held")
	if got, _ := r.Reservation("s", "c1"); got.State != ReservationOpen || *got.Lines[0].Available != 3 {
		t.Errorf("%+v", got)
	}
	r.put("s", `{"item_id":"a","title":"other"}`)
	check(t, "an upsert keeps what is reserved", r.free("a"), "0 out held")
	r.stock("s", `{"item_id":"a","stock":20}`)
	check(t, "more came", r.free("a"), "16 in")
	if err := r.DeleteItem(t.Context(), "test", "s", "a"); err != nil {
		t.Fatal(err)
	}
	if got, _ := r.Reservation("s", "c1"); got.State != ReservationOpen || *got.Lines[0].Available != 0 {
		t.Errorf("of a deleted item: %+v", got)
	}
	r.put("s", `{"item_id":"a","stock":5}`)
	check(t, "an item that comes back is still reserved", r.free("a"), "1 low 1")
	r.stock("s", `{"item_id":"a","stock":null}`)
	check(t, "not tracked", r.free("a"), "-1 in")
	check(t, "commit", r.end(commit, "c1"), "committed")
	r.stock("s", `{"item_id":"a","stock":5}`)
	check(t, "tracked again", r.free("a"), "5 low 5")
}

func TestStockLineFreesTheReservationWhosePiecesItSold(t *testing.T) {
	r := shopOf(t, newMemLog(), `{"item_id":"a","stock":10}`, `{"item_id":"b","stock":10}`)
	check(t, "reserve", r.reserve("c1", line("a", 3), line("b", 2)), "held")
	f := func(line string, want, free string, notices ...string) {
		t.Helper()
		got := r.stock("s", line)
		var codes []string
		for _, n := range got.Notices {
			codes = append(codes, n.Code+" "+n.Message)
		}
		if got.Accepted != 1 || !reflect.DeepEqual(codes, notices) {
			t.Errorf("%s: %+v, want notices %q", line, got, notices)
		}
		state, _ := r.Reservation("s", "c1")
		check(t, line, state.State, want)
		check(t, line, r.free("a")+", "+r.free("b"), free)
	}
	f(`{"item_id":"a","delta":-1,"id":"o1","reservation":"c1"}`, "open", "7 in, 8 in")
	f(`{"item_id":"a","delta":-4,"id":"o2","reservation":"c1"}`, "open", "5 low 5, 8 in")
	f(`{"item_id":"a","delta":-1,"reservation":"c1"}`, "open", "4 low 4, 8 in", `no_reservation reservation: "c1" has no "a"; the line counts as it stands`)
	f(`{"item_id":"b","stock":8,"reservation":"c1"}`, "sold", "4 low 4, 8 in")
	f(`{"item_id":"b","delta":-1,"reservation":"c1"}`, "sold", "4 low 4, 7 in", `no_reservation reservation: "c1" is sold; the line counts as it stands`)
	f(`{"item_id":"b","delta":-1,"reservation":"c9"}`, "sold", "4 low 4, 6 in", `no_reservation reservation: there is no "c9"; the line counts as it stands`)
	check(t, "commit", r.end(commit, "c1"), "reservation_sold")
	got := r.stock("s", `{"item_id":"a","delta":1,"reservation":"c1"}`, `{"item_id":"a","delta":-1,"reservation":"ö"}`, `{"item_id":"a","delta":-1,"id":"o1","reservation":"c1"}`)
	if got.RejectedTotal != 2 || got.Rejected[0].Code != "bad_reservation" || got.Rejected[1].Code != "bad_reservation" || got.Duplicates != 1 {
		t.Errorf("%+v", got)
	}
}

func TestSoldSaysOnlyThatASaleTookTheLastPiece(t *testing.T) {
	r := shopOf(t, newMemLog(), `{"item_id":"a","stock":2}`)
	f := func(name string, do func(), want bool, shown string) {
		t.Helper()
		r.took()
		do()
		sold := false
		for _, ch := range r.took() {
			sold = sold || ch.Sold
		}
		if sold != want {
			t.Errorf("%s: sold %v, want %v", name, sold, want)
		}
		check(t, name, r.free("a"), shown)
	}
	f("both reserved", func() { r.reserve("c1", line("a", 1)); r.reserve("c2", line("a", 1)) }, false, "0 out held")
	f("one sold", func() { r.end(commit, "c1") }, false, "0 out held")
	f("the last one sold", func() { r.end(commit, "c2") }, true, "0 out")
	f("two come", func() { r.stock("s", `{"item_id":"a","delta":2}`) }, false, "2 back")
	f("the shop says that there are none", func() { r.stock("s", `{"item_id":"a","stock":0}`) }, false, "0 out")
	f("one comes", func() { r.stock("s", `{"item_id":"a","stock":1}`) }, false, "1 back")
	f("sold by delta", func() { r.stock("s", `{"item_id":"a","delta":-1}`) }, true, "0 out")
	f("sold when there was none", func() { r.stock("s", `{"item_id":"a","delta":-1}`) }, false, "0 out")
	f("an upsert", func() { r.put("s", `{"item_id":"a","stock":3}`) }, false, "3 back")
	f("an upsert to none", func() { r.put("s", `{"item_id":"a","stock":0}`) }, false, "0 out")
}

func TestAPieceReservedAndReleasedAgainAndAgainIsNeverBack(t *testing.T) {
	r := shopOf(t, newMemLog(), `{"item_id":"last","stock":1}`, `{"item_id":"edge","stock":6,"low_stock":5}`)
	for range 50 {
		r.reserve("c1", line("last", 1))
		r.reserve("c2", line("edge", 1))
		r.end(release, "c1")
		r.end(release, "c2")
	}
	seen := map[string]int{}
	levels := map[string]string{}
	for _, ch := range r.took() {
		state := ch.Item + " " + ch.Now.Level
		if ch.Now.Held() {
			state += " held"
		}
		seen[state]++
		if levels[ch.Item] != ch.Now.Level {
			levels[ch.Item] = ch.Now.Level
		}
		if ch.Sold {
			t.Fatalf("%+v", ch)
		}
	}
	// The last piece is truly in a cart or not each time; the other's level goes to low once, and stays while its number moves.
	want := map[string]int{"last out held": 50, "last low": 50, "edge low": 100}
	if !reflect.DeepEqual(seen, want) {
		t.Errorf("%v, want %v", seen, want)
	}
	if r.item("s", "last").LastOut != 0 {
		t.Error("it was never out of stock")
	}
}

func TestCoverMakesLowWithoutANumber(t *testing.T) {
	r := shopOf(t, newMemLog(), `{"item_id":"a","stock":50}`)
	f := func(body, want string) {
		t.Helper()
		if _, _, err := r.Submit(t.Context(), "alerts", Command{Do: "item.cover", Site: "s", ID: "a", Body: []byte(body)}); err != nil {
			t.Fatal(err)
		}
		check(t, body, r.free("a"), want)
	}
	f(`{"low":true}`, "50 low")
	r.reopen()
	check(t, "after a restart", r.free("a"), "50 low")
	r.stock("s", `{"item_id":"a","delta":-46}`)
	check(t, "few", r.free("a"), "4 low 4")
	f(`{"low":false}`, "4 low 4")
	f(`{"low":true}`, "4 low 4")
	r.put("s", `{"item_id":"a","stock":30}`)
	check(t, "an upsert keeps the word about cover", r.free("a"), "30 low")
	f(`{"low":false}`, "30 in")
	_, _, err := r.Submit(t.Context(), "alerts", Command{Do: "item.cover", Site: "s", ID: "zz", Body: []byte(`{"low":true}`)})
	refused(t, err, "unknown_item")
	_, _, err = r.Submit(t.Context(), "alerts", Command{Do: "item.cover", Site: "s", ID: "a", Body: []byte(`[]`)})
	refused(t, err, "bad_cover")
}

func TestAThousandClaimsOnAHundredPiecesGrantAHundred(t *testing.T) {
	dir := t.TempDir()
	log, err := openControl(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	s, err := openOn(t.Context(), dir, log, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.CreateSite(t.Context(), "test", "s", Settings{}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutItems(t.Context(), "test", "s", strings.NewReader(`{"item_id":"a","stock":100}`), ""); err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	granted := map[string]bool{}
	var wg sync.WaitGroup
	begin := time.Now()
	for i := range 1000 {
		wg.Go(func() {
			r, _, err := s.Reserve(t.Context(), "test", "s", ReservationRequest{ID: fmt.Sprint("c", i), Lines: []ReservedLine{line("a", 1)}})
			var short *SoldOutError
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				granted[r.ID] = true
			case !errors.As(err, &short) || short.Free != 0:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	t.Logf("1000 claims in %v", time.Since(begin))
	if it, _ := s.Item("s", "a"); len(granted) != 100 || it.Stock != 100 || it.Reserved != 100 || s.OpenReservations("s") != 100 {
		t.Fatalf("%d granted, %d reserved, %d open", len(granted), it.Reserved, s.OpenReservations("s"))
	}
	for id := range granted {
		wg.Go(func() {
			if got, err := s.Commit(t.Context(), "test", "s", id); err != nil || got.Missing > 0 {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
	wg.Wait()
	if it, _ := s.Item("s", "a"); it.Stock != 0 || it.Reserved != 0 || it.Held() {
		t.Errorf("%+v", it)
	}
}
