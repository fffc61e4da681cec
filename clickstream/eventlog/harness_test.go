package eventlog

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"beckon/clickstream/record"
)

// small is a log whose segments, tail and cache are so small that a short test uses all of them.
func small(dir string, partitions int) Config {
	return Config{Dir: dir, Partitions: partitions, SegmentBytes: 16 << 10, TailBytes: 8 << 10, CacheBytes: 64 << 10, QueueBytes: 64 << 10}
}

func open(t testing.TB, cfg Config) *Log {
	t.Helper()
	l, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// packed makes one partition's share of an append.
func packed(partition int, payloads ...string) record.Append {
	a := record.Append{Partition: partition}
	for _, p := range payloads {
		a.Records.Data = append(a.Records.Data, p...)
		a.Records.Close()
	}
	return a
}

func mustAppend(t testing.TB, l *Log, parts ...record.Append) uint64 {
	t.Helper()
	seq, err := l.Append(context.Background(), parts)
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

type read struct {
	offset, seq uint64
	time        int64
	payload     string
}

// readAll reads partition from from to the end.
func readAll(t testing.TB, l *Log, partition int, from uint64, maxBytes int) []read {
	t.Helper()
	all, err := tryReadAll(l, partition, from, maxBytes)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func tryReadAll(l *Log, partition int, from uint64, maxBytes int) ([]read, error) {
	r, err := l.Read(partition, from)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var all []read
	for {
		b, ok, err := r.Next(maxBytes)
		if err != nil || !ok {
			return all, err
		}
		if b.Partition != partition || b.Len() == 0 {
			return all, fmt.Errorf("batch of partition %d with %d records", b.Partition, b.Len())
		}
		if len(b.Data) > maxBytes && b.Len() > 1 {
			return all, fmt.Errorf("batch of %d bytes, asked for %d", len(b.Data), maxBytes)
		}
		for i := range b.Len() {
			all = append(all, read{b.First + uint64(i), b.Seq + uint64(i), b.Time, b.At(i)})
		}
	}
}

func payloads(all []read) []string {
	var out []string
	for _, r := range all {
		out = append(out, r.payload)
	}
	return out
}

// abandon ends l as a crash of the process does: nothing more is written.
func abandon(t testing.TB, l *Log) {
	t.Helper()
	l.fail(&FailedError{errors.New("abandoned")})
	l.Close()
}

func randomPart(rng *rand.Rand, partition, n int) record.Append {
	a := record.Append{Partition: partition}
	for i := range rng.IntN(6) {
		a.Records.Data = fmt.Appendf(a.Records.Data, "p%d record %d %0*d", partition, n+i, rng.IntN(300), 7)
		a.Records.Close()
	}
	return a
}

func stringsOf(p record.Packed) []string {
	var out []string
	for i := range p.Len() {
		out = append(out, string(p.At(i)))
	}
	return out
}

// compare reads every partition from the start, in several ways, and from the middle.
func compare(t testing.TB, l *Log, want [][]string) {
	t.Helper()
	seqs := map[uint64]bool{}
	for p := range want {
		for _, maxBytes := range []int{1 << 20, 100, 1} {
			all := readAll(t, l, p, 0, maxBytes)
			if !slices.Equal(payloads(all), want[p]) {
				t.Fatalf("partition %d, %d bytes at once: got %d records, want %d, or they differ", p, maxBytes, len(all), len(want[p]))
			}
			for i, r := range all {
				if r.offset != uint64(i) || i > 0 && (r.seq <= all[i-1].seq || r.time < all[i-1].time) {
					t.Fatalf("partition %d: record %d has offset %d, seq %d", p, i, r.offset, r.seq)
				}
				if maxBytes == 1 {
					seqs[r.seq] = true
				}
			}
		}
		for from := 0; from <= len(want[p]); from += 1 + len(want[p])/7 {
			if got := payloads(readAll(t, l, p, uint64(from), 1<<20)); !slices.Equal(got, want[p][from:]) {
				t.Fatalf("partition %d from %d differs", p, from)
			}
		}
	}
	if c := l.Cut(nil); uint64(len(seqs)) != c.Seq {
		t.Fatalf("%d seqs, the cut says %d", len(seqs), c.Seq)
	}
}
