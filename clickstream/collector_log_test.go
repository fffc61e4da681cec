package clickstream

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"beckon/clickstream/record"
)

// intakeLog is a Log in memory. fail, if set, is asked before each append.
type intakeLog struct {
	fail func() error

	mu    sync.Mutex
	parts []intakePart
	seq   uint64
	grown chan struct{}
}

type intakePart struct {
	first   uint64
	batches []record.Batch
	end     uint64
}

func newIntakeLog(partitions int) *intakeLog {
	return &intakeLog{parts: make([]intakePart, partitions), grown: make(chan struct{})}
}

func (l *intakeLog) Partitions() int { return len(l.parts) }
func (l *intakeLog) Epoch() string   { return "test" }

func (l *intakeLog) Append(_ context.Context, parts []record.Append) (uint64, error) {
	if l.fail != nil {
		if err := l.fail(); err != nil {
			return 0, err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	seq := l.seq
	for i := range parts {
		a := &parts[i]
		p := &l.parts[a.Partition]
		a.First = p.end
		p.batches = append(p.batches, record.Batch{Partition: a.Partition, First: p.end, Seq: l.seq, Data: string(a.Records.Data), Ends: slices.Clone(a.Records.Ends)})
		p.end += uint64(a.Records.Len())
		l.seq += uint64(a.Records.Len())
	}
	close(l.grown)
	l.grown = make(chan struct{})
	return seq, nil
}

func (l *intakeLog) Cut([]uint64) record.Cut {
	l.mu.Lock()
	defer l.mu.Unlock()
	cut := record.Cut{Seq: l.seq}
	for i := range l.parts {
		cut.Ends = append(cut.Ends, l.parts[i].end)
	}
	return cut
}

func (l *intakeLog) Changed(seq uint64) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.grown
}

func (l *intakeLog) First(partition int) uint64 { return l.parts[partition].first }

func (l *intakeLog) Read(partition int, from uint64) (Reader, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := &l.parts[partition]
	if from < p.first {
		return nil, errors.New("below the retained range")
	}
	i := slices.IndexFunc(p.batches, func(b record.Batch) bool { return b.First+uint64(b.Len()) > from })
	if i < 0 {
		return &intakeReader{}, nil
	}
	return &intakeReader{slices.Clone(p.batches[i:]), from}, nil
}

type intakeReader struct {
	batches []record.Batch
	from    uint64
}

func (r *intakeReader) Next(int) (record.Batch, bool, error) {
	if len(r.batches) == 0 {
		return record.Batch{}, false, nil
	}
	b := r.batches[0]
	r.batches = r.batches[1:]
	if skip := int(r.from) - int(b.First); skip > 0 {
		cut := b.Ends[skip-1]
		b.First, b.Seq, b.Data, b.Ends = r.from, b.Seq+uint64(skip), b.Data[cut:], slices.Clone(b.Ends[skip:])
		for i := range b.Ends {
			b.Ends[i] -= cut
		}
	}
	return b, true, nil
}

func (r *intakeReader) Close() error { return nil }

// storedIDs is the ids of all event records, with how often each is there.
func storedIDs(t *testing.T, l Log) map[string]int {
	t.Helper()
	ids := map[string]int{}
	for p, end := range l.Cut(nil).Ends {
		r, err := l.Read(p, l.First(p))
		if err != nil {
			t.Fatal(err)
		}
		for at := l.First(p); at < end; {
			b, ok, err := r.Next(1 << 20)
			if !ok || err != nil {
				t.Fatalf("partition %d at %d: %v, %v", p, at, ok, err)
			}
			for i := range b.Len() {
				if RecordType(b.At(i)) != RecordEvent {
					continue
				}
				var e Event
				if err := DecodeEvent(b.At(i), &e); err != nil {
					t.Fatal(err)
				}
				ids[strings.Clone(e.Site+" "+e.ID)]++
			}
			at = b.First + uint64(b.Len())
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return ids
}
