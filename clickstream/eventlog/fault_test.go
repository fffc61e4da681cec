package eventlog

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"beckon/clickstream/record"
)

// attempt is one append of a workload and what became of it.
type attempt struct {
	id    int
	parts []record.Append // First set if acknowledged
	acked bool
	never bool // the log said that nothing of it is there
}

// account is what a workload was told.
type account struct {
	mu       sync.Mutex
	attempts map[int]*attempt
	erasing  bool // Erase was called: records with "forget" may be empty
	erased   int  // attempts below this whose "forget" records must be empty
	low      []uint64
}

func newAccount(partitions int) *account {
	return &account{attempts: map[int]*attempt{}, low: make([]uint64, partitions)}
}

// append makes the id-th append of up to three partitions; each payload names it.
func (a *account) append(l *Log, rng *rand.Rand, id int) error {
	at := &attempt{id: id}
	for k := range 1 + rng.IntN(3) {
		part := record.Append{Partition: (id + k) % l.Partitions()}
		for i := range 1 + rng.IntN(4) {
			word := "keep"
			if (id+i)%5 == 0 {
				word = "forget"
			}
			part.Records.Data = fmt.Appendf(part.Records.Data, "%d.%d.%d %s %s", id, k, i, word, strings.Repeat("x", rng.IntN(200)))
			part.Records.Close()
		}
		at.parts = append(at.parts, part)
	}
	_, err := l.Append(context.Background(), at.parts)
	var full *FullError
	at.acked, at.never = err == nil, errors.As(err, &full)
	a.mu.Lock()
	a.attempts[id] = at
	a.mu.Unlock()
	return err
}

// check compares l with what the workload was told: every acknowledged record is at its offset, unless retention removed it; what is there
// besides was attempted, is whole, and was not refused; nothing is there twice.
func (a *account) check(t *testing.T, l *Log) {
	t.Helper()
	seen := map[string]bool{}
	unacked := map[int]int{}
	for p := range l.Partitions() {
		first := l.First(p)
		all, err := tryReadAll(l, p, first, 1<<20)
		if err != nil {
			t.Fatalf("partition %d: %v", p, err)
		}
		at := map[uint64]string{}
		for _, r := range all {
			at[r.offset] = r.payload
			if r.payload == "" {
				if !a.erasing {
					t.Fatalf("partition %d, offset %d is empty", p, r.offset)
				}
				continue
			}
			if seen[r.payload] {
				t.Fatalf("twice: %.20s", r.payload)
			}
			seen[r.payload] = true
			var id, k, i int
			if _, err := fmt.Sscanf(r.payload, "%d.%d.%d", &id, &k, &i); err != nil {
				t.Fatal(err)
			}
			try := a.attempts[id]
			if try == nil || try.never || string(try.parts[k].Records.At(i)) != r.payload {
				t.Fatalf("partition %d, offset %d: %.20q was not appended, or refused", p, r.offset, r.payload)
			}
			if !try.acked {
				unacked[id]++
			}
		}
		for id, try := range a.attempts {
			for k := range try.parts {
				part := &try.parts[k]
				if !try.acked || part.Partition != p {
					continue
				}
				for i := range part.Records.Len() {
					offset := part.First + uint64(i)
					if offset < first && offset < a.low[p] {
						continue
					}
					want := string(part.Records.At(i))
					got, ok := at[offset]
					forget := strings.Contains(want, "forget")
					if ok && forget && a.erasing && got == "" {
						continue
					}
					if !ok || got != want || forget && id < a.erased {
						t.Fatalf("partition %d, offset %d: got %.20q, want %.20q (of %d to %d)", p, offset, got, want, first, l.Cut(nil).Ends[p])
					}
				}
			}
		}
	}
	if a.erasing {
		return // halves cannot be told from erased records
	}
	for id, n := range unacked {
		want := 0
		for _, part := range a.attempts[id].parts {
			want += part.Records.Len()
		}
		if n != want {
			t.Fatalf("append %d was not acknowledged and has %d of %d records", id, n, want)
		}
	}
}

// workload does a bit of everything and goes on until its log has failed. It returns at the first error of Open.
func (a *account) workload(cfg Config, sim *simFS) {
	rng := rand.New(rand.NewPCG(7, 7))
	id := 0
	for round := range 3 {
		l, err := Open(cfg)
		if err != nil {
			return
		}
		for range 12 {
			_ = a.append(l, rng, id)
			id++
		}
		sim.mu.Lock()
		sim.full = false // space returns
		sim.mu.Unlock()
		var wg sync.WaitGroup
		for range 4 {
			mine := id
			id++
			seed := uint64(id)
			wg.Go(func() { _ = a.append(l, rand.New(rand.NewPCG(seed, 1)), mine) })
		}
		wg.Wait()
		switch round {
		case 1:
			copy(a.low, l.Cut(nil).Ends)
			_ = l.Retain(a.low, 6000, 0)
		case 2:
			a.erasing = true
			if _, err := l.Erase(func(_ int, p string) bool { return strings.Contains(p, "forget") }); err == nil {
				a.erased = id
			}
		}
		if err := l.Close(); err != nil {
			return
		}
	}
}

// showThenLose opens the log after a failure in the same running system, counts all that it shows as acknowledged, and then cuts the power:
// what a failed sync left in memory only must not be shown and then lost.
func (a *account) showThenLose(t *testing.T, cfg Config, sim *simFS) {
	t.Helper()
	l, err := Open(cfg)
	if err != nil {
		t.Fatalf("operation %d: %v", sim.at, err)
	}
	a.check(t, l)
	for p := range l.Partitions() {
		all, err := tryReadAll(l, p, l.First(p), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all {
			var id, k, i int
			if _, err := fmt.Sscanf(r.payload, "%d.%d.%d", &id, &k, &i); err != nil {
				continue // erased
			}
			try := a.attempts[id]
			try.acked = true
			try.parts[k].First = r.offset - uint64(i)
		}
	}
	if err := sim.lose(cfg.Dir); err != nil {
		t.Fatal(err)
	}
	l.Close()
}

func TestFaultAtEveryOperationLosesNothingAcknowledged(t *testing.T) {
	names := map[fault]string{failOp: "fail", fullOp: "full", shortOp: "short", cutPower: "power"}
	for f, name := range names {
		t.Run(name, func(t *testing.T) {
			stride := 1
			if testing.Short() {
				stride = 7
			}
			n := 1
			for ; ; n += stride {
				dir := t.TempDir()
				sim := newSim(n, f, uint64(n))
				cfg := Config{Dir: dir, Partitions: 3, SegmentBytes: 4 << 10, TailBytes: 2 << 10, CacheBytes: 8 << 10, FS: sim}
				a := newAccount(3)
				a.workload(cfg, sim)
				if !sim.hit {
					break
				}
				if f == cutPower {
					if err := sim.lose(dir); err != nil {
						t.Fatal(err)
					}
				}
				if f == failOp {
					a.showThenLose(t, cfg, sim)
				}
				cfg.FS = newSim(0, 0, 1)
				l, err := Open(cfg)
				if err != nil {
					t.Fatalf("operation %d: %v", n, err)
				}
				a.check(t, l)
				next := len(a.attempts) + 100
				for i := range 20 {
					if err := a.append(l, rand.New(rand.NewPCG(uint64(i), 3)), next+i); err != nil {
						t.Fatalf("operation %d: append after reopening: %v", n, err)
					}
				}
				a.check(t, l)
				if err := l.Close(); err != nil {
					t.Fatal(err)
				}
				if r, err := Verify(dir); err != nil || len(r.Damage) > 0 || r.TornBytes > 0 {
					t.Fatalf("operation %d: verify: %+v, %v", n, r, err)
				}
				if t.Failed() {
					t.Fatalf("operation %d", n)
				}
				if err := os.RemoveAll(dir); err != nil {
					t.Fatal(err)
				}
			}
			t.Logf("%d operations", n)
			if n < 100 {
				t.Errorf("the workload has only %d operations", n)
			}
		})
	}
}
