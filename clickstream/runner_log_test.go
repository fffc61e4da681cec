package clickstream

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"beckon/clickstream/record"
)

// foldLog is a Log in memory. Each append is a batch; cuts may fall within what a reader returns, as in a real one.
type foldLog struct {
	epoch string
	mu    sync.Mutex
	seq   uint64
	parts [][]record.Batch
	ends  []uint64
	first []uint64
	wake  chan struct{}
	fail  map[int]error // reads of a partition
}

func newFoldLog(partitions int) *foldLog {
	return &foldLog{
		epoch: "e1", parts: make([][]record.Batch, partitions), ends: make([]uint64, partitions), first: make([]uint64, partitions),
		wake: make(chan struct{}), fail: make(map[int]error),
	}
}

func (l *foldLog) Partitions() int { return len(l.parts) }
func (l *foldLog) Epoch() string   { return l.epoch }

func (l *foldLog) Append(_ context.Context, parts []record.Append) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	seq := l.seq
	for i := range parts {
		p := &parts[i]
		p.First = l.ends[p.Partition]
		l.parts[p.Partition] = append(l.parts[p.Partition], record.Batch{
			Partition: p.Partition, First: p.First, Seq: l.seq, Time: int64(1000 + l.seq),
			Data: string(p.Records.Data), Ends: append([]uint32(nil), p.Records.Ends...),
		})
		l.ends[p.Partition] += uint64(p.Records.Len())
		l.seq += uint64(p.Records.Len())
	}
	close(l.wake)
	l.wake = make(chan struct{})
	return seq, nil
}

func (l *foldLog) Cut(ends []uint64) record.Cut {
	l.mu.Lock()
	defer l.mu.Unlock()
	return record.Cut{Seq: l.seq, Ends: append(ends[:0], l.ends...)}
}

func (l *foldLog) Changed(seq uint64) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seq > seq {
		ready := make(chan struct{})
		close(ready)
		return ready
	}
	return l.wake
}

func (l *foldLog) First(partition int) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.first[partition]
}

func (l *foldLog) Read(partition int, from uint64) (Reader, error) {
	return &foldLogReader{log: l, partition: partition, next: from}, nil
}

// upTo is a log with the same records below seq.
func (l *foldLog) upTo(seq uint64) *foldLog {
	short := newFoldLog(len(l.parts))
	short.seq = seq
	for p, batches := range l.parts {
		for _, b := range batches {
			if b.Seq >= seq {
				break
			}
			n := min(uint64(b.Len()), seq-b.Seq)
			b.Ends = b.Ends[:n]
			short.parts[p] = append(short.parts[p], b)
			short.ends[p] += n
		}
	}
	return short
}

type foldLogReader struct {
	log       *foldLog
	partition int
	next      uint64
	at        int // batches before are read
}

func (r *foldLogReader) Next(int) (record.Batch, bool, error) {
	r.log.mu.Lock()
	defer r.log.mu.Unlock()
	if err := r.log.fail[r.partition]; err != nil {
		return record.Batch{}, false, err
	}
	for ; r.at < len(r.log.parts[r.partition]); r.at++ {
		b := r.log.parts[r.partition][r.at]
		if end := b.First + uint64(b.Len()); end <= r.next {
			continue
		}
		if skip := r.next - b.First; skip > 0 {
			from := b.Ends[skip-1]
			ends := make([]uint32, 0, b.Len())
			for _, e := range b.Ends[skip:] {
				ends = append(ends, e-from)
			}
			b = record.Batch{Partition: b.Partition, First: r.next, Seq: b.Seq + skip, Time: b.Time, Data: b.Data[from:], Ends: ends}
		}
		r.next = b.First + uint64(b.Len())
		return b, true, nil
	}
	return record.Batch{}, false, nil
}

func (r *foldLogReader) Close() error { return nil }

// putEvents appends events, one append for all, each to its partition.
func putEvents(t testing.TB, log Log, partitions int, events ...Event) {
	t.Helper()
	parts := make([]record.Append, partitions)
	for i := range events {
		e := &events[i]
		if e.Site == "" {
			e.Site = "s"
		}
		if e.Consent == 0 {
			e.Consent = Analytics | Personalization
		}
		if e.ID == "" {
			e.ID = fmt.Sprint(i)
		}
		e.Name = e.Kind.String()
		p := &parts[PartitionOf(e.Site, e.Visitor, partitions)]
		p.Records.Data = AppendEvent(p.Records.Data, e)
		p.Records.Close()
	}
	var some []record.Append
	for i := range parts {
		if parts[i].Records.Len() > 0 {
			parts[i].Partition = i
			some = append(some, parts[i])
		}
	}
	if _, err := log.Append(context.Background(), some); err != nil {
		t.Fatal(err)
	}
}
