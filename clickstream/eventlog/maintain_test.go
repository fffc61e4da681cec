package eventlog

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"beckon/clickstream/record"
)

// filled is a log of several sealed segments; want is what is in it.
func filled(t *testing.T, cfg Config, appends int) (l *Log, want [][]string) {
	t.Helper()
	l = open(t, cfg)
	want = make([][]string, l.Partitions())
	rng := rand.New(rand.NewPCG(3, 3))
	for range appends {
		var parts []record.Append
		for p := range l.Partitions() {
			a := randomPart(rng, p, len(want[p]))
			want[p] = append(want[p], stringsOf(a.Records)...)
			parts = append(parts, a)
		}
		mustAppend(t, l, parts...)
	}
	if err := l.settled(); err != nil {
		t.Fatal(err)
	}
	return l, want
}

func TestRetainRemovesOnlyWhatNobodyNeeds(t *testing.T) {
	cfg := small(t.TempDir(), 3)
	clock := int64(1_000_000)
	cfg.Now = func() time.Time { clock += 1000; return time.UnixMilli(clock) }
	l, want := filled(t, cfg, 400)
	total := l.Stats()
	if total.Segments < 6 {
		t.Fatalf("only %d segments", total.Segments)
	}
	ends := l.Cut(nil).Ends
	check := func(what string, gone bool, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if now := l.Stats().Segments; (now < total.Segments) != gone {
			t.Fatalf("%s: %d segments of %d are left", what, now, total.Segments)
		}
		total = l.Stats()
		for p := range want {
			first := l.First(p)
			if got := payloads(readAll(t, l, p, first, 1<<20)); !slices.Equal(got, want[p][first:]) {
				t.Fatalf("%s: partition %d differs", what, p)
			}
		}
	}
	check("nothing asks for it", false, l.Retain(ends, 0, 0))
	check("small enough", false, l.Retain(ends, total.Bytes, 1))
	check("partition 1 needs all", false, l.Retain([]uint64{ends[0], 0, ends[2]}, 1, clock))
	check("low reaches two partitions only", false, l.Retain(ends[:2], 1, clock))
	check("half is old", true, l.Retain(ends, 0, 1_000_000+200_000))
	if first := l.First(0); first == 0 || first > ends[0]/2+50 {
		t.Errorf("first is %d of %d", first, ends[0])
	}
	check("too large", true, l.Retain(ends, total.Bytes/2, 0))
	low := slices.Clone(ends)
	low[2] = l.First(2) + (ends[2]-l.First(2))/2
	check("partition 2 is in the middle", true, l.Retain(low, 1, 0))
	if l.First(2) > low[2] {
		t.Errorf("first is %d, partition 2 needs %d", l.First(2), low[2])
	}
	var out *RangeError
	if _, err := l.Read(2, 0); !errors.As(err, &out) {
		t.Errorf("reading what is gone: %v", err)
	}
	check("everything", true, l.Retain(ends, 1, 0))
	if total.Segments != 1 {
		t.Errorf("%d segments are left, the newest must", total.Segments)
	}
	l.Close()
	l = open(t, cfg)
	check("reopened", false, nil)
	if c := l.Cut(nil); !slices.Equal(c.Ends, ends) {
		t.Errorf("offsets do not keep counting: %v, want %v", c.Ends, ends)
	}
}

func TestReaderThatRetentionOvertakesIsTold(t *testing.T) {
	l, _ := filled(t, small(t.TempDir(), 1), 1500)
	r, err := l.Read(0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok, err := r.Next(1); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if err := l.Retain(l.Cut(nil).Ends, 1, 0); err != nil {
		t.Fatal(err)
	}
	for {
		_, ok, err := r.Next(1 << 20)
		var out *RangeError
		if errors.As(err, &out) {
			return
		}
		if !ok || err != nil {
			t.Fatalf("got %v, %v, want a *RangeError", ok, err)
		}
	}
}

func TestEraseEmptiesAndKeepsOffsets(t *testing.T) {
	cfg := small(t.TempDir(), 3)
	l, want := filled(t, cfg, 300)
	var n int64
	hit := func(p int, s string) bool { return p == 1 && strings.Contains(s, "7") }
	for p := range want {
		for i, s := range want[p] {
			if s != "" && hit(p, s) {
				want[p][i] = ""
				n++
			}
		}
	}
	before := readAll(t, l, 1, 0, 1<<20)
	got, err := l.Erase(func(p int, s string) bool { return hit(p, s) })
	if err != nil || got != n || n == 0 {
		t.Fatalf("erased %d, want %d, %v", got, n, err)
	}
	compare(t, l, want)
	after := readAll(t, l, 1, 0, 1<<20)
	for i := range after {
		if after[i].seq != before[i].seq || after[i].time != before[i].time {
			t.Fatalf("record %d was %+v and is %+v", i, before[i], after[i])
		}
	}
	if got, err := l.Erase(hit); got != 0 || err != nil {
		t.Errorf("again: %d, %v", got, err)
	}
	mustAppend(t, l, packed(1, "7 again"))
	want[1] = append(want[1], "7 again")
	compare(t, l, want)
	l.Close()
	for name, b := range readFiles(t, cfg.Dir) {
		if strings.Contains(string(b), "p1 record 17 ") {
			t.Errorf("%s still has an erased record", name)
		}
	}
	r, err := Verify(cfg.Dir)
	if err != nil || len(r.Damage) > 0 || r.Erased < n {
		t.Errorf("verify: %+v, %v", r, err)
	}
	compare(t, open(t, cfg), want)
}

func TestReadersAreNotDisturbedByErase(t *testing.T) {
	l, want := filled(t, small(t.TempDir(), 2), 600)
	var wg sync.WaitGroup
	for p := range 2 {
		for range 3 {
			wg.Go(func() {
				for range 4 {
					all, err := tryReadAll(l, p, 0, 200)
					if err != nil || len(all) != len(want[p]) {
						t.Errorf("partition %d: %d records of %d, %v", p, len(all), len(want[p]), err)
						return
					}
					for i, r := range all {
						if r.payload != want[p][i] && r.payload != "" {
							t.Errorf("partition %d, record %d: got %q", p, i, r.payload)
							return
						}
					}
				}
			})
		}
	}
	for digit := range 5 {
		if _, err := l.Erase(func(_ int, s string) bool { return strings.HasSuffix(s, fmt.Sprint(digit)) }); err != nil {
			t.Fatal(err)
		}
	}
	wg.Wait()
}

func TestCopyWhileAppendingIsConsistent(t *testing.T) {
	cfg := small(t.TempDir(), 2)
	l, want := filled(t, cfg, 200)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for c := range 3 {
		wg.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				// Both partitions or neither.
				if _, err := l.Append(t.Context(), []record.Append{packed(0, fmt.Sprint(c, " ", i)), packed(1, fmt.Sprint(c, " ", i))}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	dst := filepath.Join(t.TempDir(), "copy")
	before := l.Cut(nil)
	if err := l.Copy(dst); err != nil {
		t.Fatal(err)
	}
	after := l.Cut(nil)
	close(stop)
	wg.Wait()
	if err := l.Copy(dst); err == nil {
		t.Error("copied over a log")
	}
	if r, err := Verify(dst); err != nil || len(r.Damage) > 0 || r.Seq < before.Seq || r.Seq > after.Seq {
		t.Errorf("verify: %+v, %v", r, err)
	}
	c := open(t, Config{Dir: dst})
	if c.Epoch() != l.Epoch() {
		t.Error("the copy has another epoch: what was derived from the original does not fit it")
	}
	if rec := c.Recovery(); rec != (Recovery{}) {
		t.Errorf("the copy was repaired: %+v", rec)
	}
	all := [2][]string{payloads(readAll(t, c, 0, 0, 1<<20)), payloads(readAll(t, c, 1, 0, 1<<20))}
	for p := range all {
		if !slices.Equal(all[p][:len(want[p])], want[p]) {
			t.Errorf("partition %d differs", p)
		}
	}
	if !slices.Equal(all[0][len(want[0]):], all[1][len(want[1]):]) {
		t.Error("the copy has a half of an append")
	}
	mustAppend(t, c, packed(0, "on the copy"))
	if got := payloads(readAll(t, l, 0, 0, 1<<20)); slices.Contains(got, "on the copy") {
		t.Error("the copy and the original share what they append")
	}
}

func TestVerifyReportsWhatIsThere(t *testing.T) {
	cfg := small(t.TempDir(), 3)
	l, want := filled(t, cfg, 150)
	if _, err := l.Erase(func(p int, s string) bool { return p == 0 }); err != nil {
		t.Fatal(err)
	}
	running, err := Verify(cfg.Dir) // takes no lock
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if err := os.WriteFile(filepath.Join(cfg.Dir, "notes.txt"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Verify(cfg.Dir)
	if err != nil {
		t.Fatal(err)
	}
	records := int64(len(want[0]) + len(want[1]) + len(want[2]))
	if r.Records != records || running.Records != records || r.Erased != int64(len(want[0])) || r.Segments < 3 || r.Partitions != 3 ||
		r.Epoch != l.Epoch() || r.Seq != uint64(records) || r.Ends[1] != uint64(len(want[1])) || r.First[1] != 0 ||
		len(r.Damage) > 0 || r.TornBytes != 0 || !slices.Equal(r.Unknown, []string{"notes.txt"}) {
		t.Errorf("got %+v, want %d records", r, records)
	}
	if _, err := Verify(t.TempDir()); err == nil {
		t.Error("an empty folder is a log")
	}
}

func TestDamagedFooterIsMadeAgain(t *testing.T) {
	cfg := small(t.TempDir(), 3)
	cfg.CheckBytes = -1
	l, want := filled(t, cfg, 200)
	l.Close()
	for _, name := range segmentsOf(readFiles(t, cfg.Dir))[:2] {
		b, err := os.ReadFile(filepath.Join(cfg.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		b[len(b)-trailerSize-5] ^= 1 // an extent
		if err := os.WriteFile(filepath.Join(cfg.Dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	l = open(t, cfg)
	compare(t, l, want)
	if n := l.Stats().Rebuilt; n < 2 {
		t.Errorf("%d indexes were rebuilt", n)
	}
}
