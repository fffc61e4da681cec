package eventlog

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"beckon/clickstream/record"
)

// cutAt7 is a rewrite that tests use: what stands behind the first 7 of a record of partition 1 goes.
func cutAt7(at record.Position, _ uint64, payload string) string {
	if at.Partition != 1 {
		return payload
	}
	if i := strings.IndexByte(payload, '7'); i >= 0 {
		return payload[:i+1]
	}
	return payload
}

func TestRewriteReplacesAndKeepsOffsets(t *testing.T) {
	cfg := small(t.TempDir(), 3)
	l, want := filled(t, cfg, 300)
	var n int64
	for p := range want {
		for i, s := range want[p] {
			if fresh := cutAt7(record.Position{Partition: p}, 0, s); fresh != s {
				want[p][i] = fresh
				n++
			}
		}
	}
	before := readAll(t, l, 1, 0, 1<<20)
	byOffset := map[record.Position]uint64{}
	got, err := l.Rewrite(func(at record.Position, seq uint64, payload string) string {
		byOffset[at] = seq
		return cutAt7(at, seq, payload)
	})
	if err != nil || got != n || n == 0 {
		t.Fatalf("rewrote %d, want %d, %v", got, n, err)
	}
	compare(t, l, want)
	after := readAll(t, l, 1, 0, 1<<20)
	for i := range after {
		if after[i].seq != before[i].seq || after[i].time != before[i].time {
			t.Fatalf("record %d was %+v and is %+v", i, before[i], after[i])
		}
		if seq, asked := byOffset[record.Position{Partition: 1, Offset: after[i].offset}]; asked && seq != after[i].seq {
			t.Fatalf("record %d has seq %d, the rewrite was told %d", i, after[i].seq, seq)
		}
	}
	if got, err := l.Rewrite(cutAt7); got != 0 || err != nil {
		t.Errorf("again: %d, %v", got, err)
	}
	mustAppend(t, l, packed(1, "new"))
	want[1] = append(want[1], "new")
	l.Close()
	if r, err := Verify(cfg.Dir); err != nil || len(r.Damage) > 0 {
		t.Errorf("verify: %+v, %v", r, err)
	}
	compare(t, open(t, cfg), want)
}

func TestRewriteRefusesToGrowRecords(t *testing.T) {
	l, want := filled(t, small(t.TempDir(), 2), 100)
	if n, err := l.Rewrite(func(_ record.Position, _ uint64, payload string) string { return payload + "!" }); err == nil || n != 0 {
		t.Fatalf("got %d, %v, want an error", n, err)
	}
	compare(t, l, want)
}

// TestFaultAtEveryOperationOfARewriteLeavesOldOrNew fails or cuts each operation in turn, then opens what is left.
func TestFaultAtEveryOperationOfARewriteLeavesOldOrNew(t *testing.T) {
	for f, name := range map[fault]string{failOp: "fail", fullOp: "full", shortOp: "short", cutPower: "power"} {
		t.Run(name, func(t *testing.T) {
			n := 1
			for done := false; !done; n++ {
				done = rewriteWithFault(t, n, f)
				if t.Failed() {
					t.Fatalf("operation %d", n)
				}
			}
			t.Logf("%d operations", n)
			if n < 20 {
				t.Errorf("the workload has only %d operations", n)
			}
		})
	}
}

// rewriteWithFault faults the n-th operation after the log is filled, and says whether there were fewer.
func rewriteWithFault(t *testing.T, n int, f fault) (fewer bool) {
	t.Helper()
	dir := t.TempDir()
	sim := newSim(0, f, uint64(n))
	cfg := Config{Dir: dir, Partitions: 2, SegmentBytes: 4 << 10, TailBytes: 2 << 10, CacheBytes: 8 << 10, FS: sim}
	l, old := filled(t, cfg, 20)
	fresh := make([][]string, len(old))
	for p := range old {
		for _, s := range old[p] {
			fresh[p] = append(fresh[p], cutAt7(record.Position{Partition: p}, 0, s))
		}
	}
	sim.mu.Lock()
	sim.at = sim.ops + n
	sim.mu.Unlock()
	_, rewriteErr := l.Rewrite(cutAt7)
	closeErr := l.Close()
	if !sim.hit {
		if err := errors.Join(rewriteErr, closeErr); err != nil {
			t.Fatal(err)
		}
		return true
	}
	if f == cutPower {
		if err := sim.lose(dir); err != nil {
			t.Fatal(err)
		}
	}
	cfg.FS = newSim(0, 0, 1)
	l, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for p := range old {
		got := payloads(readAll(t, l, p, 0, 1<<20))
		if len(got) != len(old[p]) {
			t.Fatalf("partition %d: %d records of %d", p, len(got), len(old[p]))
		}
		for i := range got {
			if got[i] != old[p][i] && got[i] != fresh[p][i] || rewriteErr == nil && got[i] != fresh[p][i] {
				t.Fatalf("partition %d, record %d: got %.30q, want %.30q or %.30q (%v)", p, i, got[i], old[p][i], fresh[p][i], rewriteErr)
			}
		}
	}
	if _, err := l.Rewrite(cutAt7); err != nil {
		t.Fatal(err)
	}
	for p := range fresh {
		if got := payloads(readAll(t, l, p, 0, 1<<20)); !slices.Equal(got, fresh[p]) {
			t.Fatalf("partition %d differs after another rewrite", p)
		}
	}
	return false
}
