package eventlog

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"beckon/clickstream/record"
)

func TestAppendedRecordsAreReadInOrder(t *testing.T) {
	l := open(t, small(t.TempDir(), 3))
	parts := []record.Append{packed(1, "a", "bb"), packed(0, "c"), packed(2), packed(1, "d")}
	if seq, err := l.Append(t.Context(), parts); err != nil || seq != 0 {
		t.Fatalf("got seq %d, %v", seq, err)
	}
	for i, want := range []uint64{0, 0, 0, 2} {
		if parts[i].First != want {
			t.Errorf("part %d: got First %d, want %d", i, parts[i].First, want)
		}
	}
	if seq := mustAppend(t, l, packed(1, "", "e")); seq != 4 {
		t.Errorf("got seq %d, want 4", seq)
	}
	got := readAll(t, l, 1, 0, 1<<20)
	want := []read{{0, 0, 0, "a"}, {1, 1, 0, "bb"}, {2, 3, 0, "d"}, {3, 4, 0, ""}, {4, 5, 0, "e"}}
	for i := range got {
		if got[i].time == 0 {
			t.Errorf("record %d has no time", i)
		}
		got[i].time = 0
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := payloads(readAll(t, l, 1, 3, 1<<20)); !slices.Equal(got, []string{"", "e"}) {
		t.Errorf("from 3: got %q", got)
	}
	c := l.Cut(nil)
	if c.Seq != 6 || !slices.Equal(c.Ends, []uint64{1, 5, 0}) {
		t.Errorf("got cut %v", c)
	}
}

func TestAppendWithoutRecordsIsNothing(t *testing.T) {
	l := open(t, small(t.TempDir(), 2))
	mustAppend(t, l, packed(1, "a"))
	parts := []record.Append{packed(1), packed(0)}
	seq, err := l.Append(t.Context(), parts)
	if err != nil || seq != 1 || parts[0].First != 1 || parts[1].First != 0 {
		t.Errorf("got seq %d, First %d and %d, %v", seq, parts[0].First, parts[1].First, err)
	}
	if c := l.Cut(nil); c.Seq != 1 {
		t.Errorf("got cut %v", c)
	}
}

func TestWrongAppendsAreRefused(t *testing.T) {
	l := open(t, small(t.TempDir(), 2))
	loose := packed(0, "abc")
	loose.Records.Data = append(loose.Records.Data, 'd')
	back := packed(0, "abc", "d")
	back.Records.Ends[0] = 9
	big := record.Append{Records: record.Packed{Data: make([]byte, maxAppendBytes), Ends: []uint32{maxAppendBytes}}}
	for name, a := range map[string]record.Append{"partition": packed(2, "a"), "negative": packed(-1, "a"), "loose": loose, "back": back, "big": big} {
		if _, err := l.Append(t.Context(), []record.Append{packed(0, "x"), a}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if c := l.Cut(nil); c.Seq != 0 {
		t.Errorf("got cut %v", c)
	}
}

func TestEverythingIsThereAfterReopening(t *testing.T) {
	for _, orderly := range []bool{true, false} {
		t.Run(fmt.Sprint("orderly=", orderly), func(t *testing.T) {
			dir := t.TempDir()
			want := make([][]string, 5)
			rng := rand.New(rand.NewPCG(1, 2))
			epoch := ""
			for round := range 6 {
				l := open(t, small(dir, 5))
				if epoch == "" {
					epoch = l.Epoch()
				}
				if l.Epoch() != epoch {
					t.Fatalf("epoch changed from %s to %s", epoch, l.Epoch())
				}
				if rec := l.Recovery(); orderly && rec != (Recovery{}) {
					t.Errorf("round %d: an orderly close was repaired: %+v", round, rec)
				}
				for range 60 {
					var parts []record.Append
					for range 1 + rng.IntN(4) {
						p := rng.IntN(5)
						a := randomPart(rng, p, len(want[p]))
						want[p] = append(want[p], stringsOf(a.Records)...)
						parts = append(parts, a)
					}
					mustAppend(t, l, parts...)
				}
				compare(t, l, want)
				if orderly {
					if err := l.Close(); err != nil {
						t.Fatal(err)
					}
				} else {
					abandon(t, l)
				}
			}
			l := open(t, Config{Dir: dir})
			compare(t, l, want)
			if n := l.Stats().Segments; n < 3 {
				t.Errorf("only %d segments", n)
			}
		})
	}
}

func TestConcurrentAppendsKeepEachCallersOrder(t *testing.T) {
	dir := t.TempDir()
	l := open(t, small(dir, 4))
	const callers, each = 16, 50
	var wg sync.WaitGroup
	for c := range callers {
		wg.Go(func() {
			for i := range each {
				parts := []record.Append{packed(c%4, fmt.Sprintf("%d %d", c, i)), packed((c+1)%4, fmt.Sprintf("%d %d", c+100, i))}
				if _, err := l.Append(t.Context(), parts); err != nil {
					t.Error(err)
					return
				}
				r, err := l.Read(c%4, parts[0].First)
				if err != nil {
					t.Errorf("what was acknowledged cannot be read: %v", err)
					return
				}
				if b, ok, err := r.Next(1 << 20); !ok || err != nil || b.At(0) != fmt.Sprintf("%d %d", c, i) {
					t.Errorf("got %q, %v, %v", b.Data, ok, err)
				}
			}
		})
	}
	wg.Wait()
	check := func(l *Log) {
		next := map[int]int{}
		for p := range 4 {
			for _, r := range readAll(t, l, p, 0, 1<<20) {
				var c, i int
				if _, err := fmt.Sscan(r.payload, &c, &i); err != nil || next[c] != i {
					t.Fatalf("got %q, want %d %d", r.payload, c, next[c])
				}
				next[c]++
			}
		}
		if len(next) != 2*callers {
			t.Errorf("records of %d, want %d", len(next), 2*callers)
		}
	}
	check(l)
	if s := l.Stats(); s.Appends != callers*each || s.Syncs >= s.Appends {
		t.Errorf("appends did not share syncs: %+v", s)
	}
	l.Close()
	check(open(t, small(dir, 4)))
}

func TestTailingReaderSeesEveryRecordOnce(t *testing.T) {
	l := open(t, small(t.TempDir(), 3))
	const n = 400
	var wg sync.WaitGroup
	for p := range 3 {
		wg.Go(func() {
			r, err := l.Read(p, 0)
			if err != nil {
				t.Error(err)
				return
			}
			var ends []uint64
			for got := 0; got < n; {
				c := l.Cut(ends)
				ends = c.Ends
				b, ok, err := r.Next(1 << 10)
				if err != nil {
					t.Error(err)
					return
				}
				if !ok {
					if uint64(got) < c.Ends[p] {
						t.Errorf("reader stands at %d, the cut said %d", got, c.Ends[p])
						return
					}
					<-l.Changed(c.Seq)
					continue
				}
				for i := range b.Len() {
					if b.At(i) != fmt.Sprint(p, " ", got) {
						t.Errorf("got %q, want %d %d", b.At(i), p, got)
					}
					got++
				}
			}
		})
	}
	for i := range n {
		mustAppend(t, l, packed(2, fmt.Sprint(2, " ", i)), packed(0, fmt.Sprint(0, " ", i)), packed(1, fmt.Sprint(1, " ", i)))
	}
	wg.Wait()
}

func TestChangedWaitsForThatRecord(t *testing.T) {
	l := open(t, small(t.TempDir(), 1))
	closed := func(ch <-chan struct{}) bool {
		select {
		case <-ch:
			return true
		default:
			return false
		}
	}
	first, third := l.Changed(0), l.Changed(2)
	if closed(first) || closed(third) {
		t.Fatal("closed in an empty log")
	}
	if l.Changed(0) != first {
		t.Error("two channels for one Seq")
	}
	mustAppend(t, l, packed(0, "a", "b"))
	if !closed(first) || closed(third) || !closed(l.Changed(1)) || closed(l.Changed(2)) {
		t.Error("after two records Changed(0) and Changed(1) must be closed, Changed(2) not")
	}
	mustAppend(t, l, packed(0, "c"))
	if !closed(third) {
		t.Error("Changed(2) is not closed after the third record")
	}
}

func TestReadingOutsideTheRangeIsAnError(t *testing.T) {
	l := open(t, small(t.TempDir(), 2))
	mustAppend(t, l, packed(0, "a", "b"))
	var out *RangeError
	if _, err := l.Read(0, 3); !errors.As(err, &out) || *out != (RangeError{0, 3, 0, 2}) {
		t.Errorf("got %v", err)
	}
	if _, err := l.Read(2, 0); err == nil {
		t.Error("partition 2 of 2 can be read")
	}
	r, err := l.Read(0, 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok, err := r.Next(10); ok || err != nil {
		t.Errorf("at the end: got %v, %v", ok, err)
	}
	mustAppend(t, l, packed(0, "c"))
	if b, ok, err := r.Next(10); !ok || err != nil || b.Data != "c" || b.First != 2 {
		t.Errorf("got %+v, %v, %v", b, ok, err)
	}
}

func TestTimeNeverGoesBack(t *testing.T) {
	dir := t.TempDir()
	cfg := small(dir, 1)
	clock := []int64{500, 400, 450, 600}
	cfg.Now = func() time.Time { at := clock[0]; clock = clock[1:]; return time.UnixMilli(at) }
	l := open(t, cfg)
	for _, p := range []string{"a", "b"} {
		mustAppend(t, l, packed(0, p))
	}
	l.Close()
	l = open(t, cfg)
	for _, p := range []string{"c", "d"} {
		mustAppend(t, l, packed(0, p))
	}
	var got []int64
	for _, r := range readAll(t, l, 0, 0, 100) {
		got = append(got, r.time)
	}
	if !slices.Equal(got, []int64{500, 500, 500, 600}) {
		t.Errorf("got %v", got)
	}
}

func TestOnlyOneOpensALog(t *testing.T) {
	dir := t.TempDir()
	l := open(t, small(dir, 1))
	if _, err := Open(small(dir, 1)); !errors.Is(err, ErrLocked) {
		t.Errorf("second open: got %v", err)
	}
	before := l.Epoch()
	l.Close()
	if l = open(t, small(dir, 1)); l.Epoch() != before {
		t.Error("the epoch has changed")
	}
}

func TestPartitionsAreFixed(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(Config{Dir: dir}); err == nil {
		t.Error("a new log without partitions was made")
	}
	open(t, small(dir, 3)).Close()
	if _, err := Open(small(dir, 4)); err == nil {
		t.Error("opened with 4 partitions what has 3")
	}
	if l := open(t, Config{Dir: dir}); l.Partitions() != 3 {
		t.Errorf("got %d partitions", l.Partitions())
	}
	if _, err := Open(Config{}); err == nil {
		t.Error("opened without a folder")
	}
}

func TestClosedLogRefusesAppends(t *testing.T) {
	l := open(t, small(t.TempDir(), 1))
	mustAppend(t, l, packed(0, "a"))
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
	if _, err := l.Append(t.Context(), []record.Append{packed(0, "b")}); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
	if err := l.Retain(nil, 1, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("Retain: got %v", err)
	}
	if _, err := l.Erase(nil); !errors.Is(err, ErrClosed) {
		t.Errorf("Erase: got %v", err)
	}
	if err := l.Copy(t.TempDir()); !errors.Is(err, ErrClosed) {
		t.Errorf("Copy: got %v", err)
	}
	if l.Err() != nil {
		t.Errorf("an orderly close is a failure: %v", l.Err())
	}
}

func TestAppendLongerThanASegmentIsTaken(t *testing.T) {
	dir := t.TempDir()
	cfg := small(dir, 2)
	l := open(t, cfg)
	var want []string
	for i := range 8 {
		p := string(make([]byte, i*9000)) + fmt.Sprint(i)
		want = append(want, p)
		mustAppend(t, l, packed(1, p))
	}
	compare(t, l, [][]string{nil, want})
	l.Close()
	compare(t, open(t, cfg), [][]string{nil, want})
}

// TestLargeWritesGrowTheirSegments appends so much at once that segments are no longer filled with zeros first.
func TestLargeWritesGrowTheirSegments(t *testing.T) {
	cfg := Config{Dir: t.TempDir(), Partitions: 1, SegmentBytes: 5 << 20}
	l := open(t, cfg)
	var want []string
	for i := range 12 {
		want = append(want, string(make([]byte, 2<<20))+fmt.Sprint(i))
		mustAppend(t, l, packed(0, want[i]))
	}
	if l.stats.group.Load() < largeGroup {
		t.Errorf("a write has %d bytes in the mean", l.stats.group.Load())
	}
	info, err := os.Stat(l.path(l.newest().name))
	if err != nil || info.Size() != l.active.pos {
		t.Errorf("the newest segment has %d bytes beyond its blocks, %v", info.Size()-l.active.pos, err)
	}
	for i := range 50 {
		want = append(want, fmt.Sprint("small ", i))
		mustAppend(t, l, packed(0, want[len(want)-1]))
	}
	abandon(t, l)
	l = open(t, cfg)
	if got := payloads(readAll(t, l, 0, 0, 8<<20)); !slices.Equal(got, want) {
		t.Errorf("got %d records, want %d, or they differ", len(got), len(want))
	}
}
