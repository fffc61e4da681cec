package shop

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"beckon/clickstream/record"
)

// counter is a fold that counts "count.*" records, remembers touched items, and expires at the time that a record names.
type counter struct {
	seen    []string
	expires int64
}

func (c *counter) Name() string { return "count" }

func (c *counter) Apply(r *record.Control, shelf *Shelf) (any, error) {
	if r.Do == "count.refuse" {
		return nil, errors.New("never")
	}
	c.seen = append(c.seen, fmt.Sprintf("%d %s %s %s", r.Offset, r.Do, r.ID, r.Body))
	switch r.Do {
	case "count.expire":
		c.expires = r.Time + 1000
	case "count.price":
		return shelf.SetPrice(r.Site, r.ID, "", 700, 0), nil
	}
	return len(c.seen), nil
}

func (c *counter) ItemChanged(r *record.Control, shelf *Shelf, was, now *Item) {
	if now != nil && now.Floor != Unset && now.Public < now.Floor {
		shelf.SetPrice(r.Site, now.ID, "", now.Floor, 0)
	}
	c.seen = append(c.seen, fmt.Sprintf("%d touched, new %v, gone %v", r.Offset, was == nil, now == nil))
}

func (c *counter) Due() int64 { return c.expires }
func (c *counter) Expire(r *record.Control, _ *Shelf) {
	c.seen = append(c.seen, fmt.Sprintf("%d expired", r.Offset))
	c.expires = 0
}

func (c *counter) Image() func(line func(v any) error) error {
	seen, expires := slices.Clone(c.seen), c.expires
	return func(line func(v any) error) error {
		for _, s := range seen {
			if err := line(s); err != nil {
				return err
			}
		}
		return line(expires)
	}
}

func (c *counter) Load(line []byte) error {
	var s string
	if json.Unmarshal(line, &s) == nil {
		c.seen = append(c.seen, s)
		return nil
	}
	return json.Unmarshal(line, &c.expires)
}

func openCounted(t *testing.T, r *rig) (*Store, *counter) {
	t.Helper()
	var c *counter
	cfg := r.config()
	cfg.Folds = []func() Fold{func() Fold { c = &counter{}; return c }}
	s, err := Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func TestAnotherFoldFollowsTheSameLog(t *testing.T) {
	r := &rig{t: t, log: newMemLog(), dir: t.TempDir(), clock: &clock{ms: t0}}
	s, c := openCounted(t, r)
	if _, err := s.CreateSite(t.Context(), "cli", "demo", Settings{Currency: "EUR"}); err != nil {
		t.Fatal(err)
	}
	put := func(line string) {
		t.Helper()
		if got, err := s.PutItems(t.Context(), "cli", "demo", strings.NewReader(line), ""); err != nil || got.Accepted != 1 {
			t.Fatal(got, err)
		}
	}
	put(`{"item_id":"a","title":"A","price":1000,"currency":"EUR"}`)
	answer, at, err := s.Submit(t.Context(), "cli", Command{Do: "count.one", Site: "demo", ID: "x", Body: map[string]int{"n": 1}})
	if err != nil || at != 2 || answer != 2 {
		t.Fatalf("answer %v at %d, %v", answer, at, err)
	}
	if _, at, err := s.Submit(t.Context(), "cli", Command{Do: "count.refuse", Site: "demo"}); err == nil || err.Error() != "never" || at != 3 {
		t.Fatalf("refused with %v at %d", err, at)
	}
	if _, _, err := s.Submit(t.Context(), "cli", Command{Do: "nobody.knows"}); err == nil {
		t.Fatal("a command that no fold takes was accepted")
	}
	if ok, _, err := s.Submit(t.Context(), "cli", Command{Do: "count.price", Site: "demo", ID: "a"}); err != nil || ok != true {
		t.Fatal(ok, err)
	}
	it, _ := s.Item("demo", "a")
	if it.Public != 700 || it.Price != 1000 || it.Version != 4 || it.Lowest30d != 700 {
		t.Fatalf("public %d of %d, version %d, lowest %d", it.Public, it.Price, it.Version, it.Lowest30d)
	}
	put(`{"item_id":"a","title":"A","price":1000,"currency":"EUR","floor":800}`) // the list price is repeated: the price in force stays, but for the floor
	if it, _ = s.Item("demo", "a"); it.Public != 800 || it.Version != 5 {
		t.Fatalf("public %d, version %d: a floor above the price did not move it", it.Public, it.Version)
	}
	put(`{"item_id":"a","title":"A","price":900,"currency":"EUR"}`)
	if it, _ = s.Item("demo", "a"); it.Public != 900 {
		t.Fatalf("public %d after the shop changed its price", it.Public)
	}
	if _, _, err := s.Submit(t.Context(), "cli", Command{Do: "count.expire", Site: "demo"}); err != nil {
		t.Fatal(err)
	}
	if err := s.Tick(t.Context()); err != nil || s.Offset() != 8 {
		t.Fatal("a tick before anything is due wrote a record", err)
	}
	r.clock.ms += 5000
	if err := s.Tick(t.Context()); err != nil || s.Due() != 0 || s.Offset() != 9 {
		t.Fatal(err, s.Due(), s.Offset())
	}
	if last := c.seen[len(c.seen)-1]; last != "8 expired" {
		t.Fatal(last)
	}
	before := strings.Join(c.seen, "\n")
	image := func(s *Store) []byte {
		var b bytes.Buffer
		im := s.fold.image()
		if err := im.write(&b, "e", 1); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	bytesBefore := image(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, c = openCounted(t, r) // from the snapshot
	if now := strings.Join(c.seen, "\n"); now != before || !bytes.Equal(image(s), bytesBefore) {
		t.Errorf("from the snapshot: %s\nwant %s", now, before)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	plain, err := Open(t.Context(), r.config()) // without the fold, whose snapshot is then of no use
	if err != nil {
		t.Fatal(err)
	}
	if err := plain.Close(); err != nil {
		t.Fatal(err)
	}
	s, c = openCounted(t, r)
	defer s.Close()
	if now := strings.Join(c.seen, "\n"); now != before || !bytes.Equal(image(s), bytesBefore) {
		t.Errorf("from the log: %s\nwant %s", now, before)
	}
}

func TestTheLogsClockNeverFalls(t *testing.T) {
	r := &rig{t: t, log: newMemLog(), dir: t.TempDir(), clock: &clock{ms: t0}}
	s, c := openCounted(t, r)
	defer s.Close()
	for _, step := range []int64{0, 5000, -9000} {
		r.clock.ms += step
		if _, _, err := s.Submit(t.Context(), "cli", Command{Do: "count.expire"}); err != nil {
			t.Fatal(err)
		}
	}
	if want := int64(t0 + 5000 + 1000); c.expires != want {
		t.Errorf("expires at %d, want %d", c.expires, want)
	}
}
