package eventlog

import (
	"context"
	"fmt"
	"slices"

	"beckon/clickstream/record"
)

// group is the appends that one write and one sync make durable. Callers fill it under headMu until the committer takes it; done is closed
// when err is final.
type group struct {
	taken chan struct{} // closed when the committer takes the group: there is room in the next
	done  chan struct{}
	err   error

	chunks [][]byte // whole blocks, written one after the other
	size   int      // of all chunks
	frames []placed
	ends   []uint32 // of all frames
	blocks uint32
	cuts   []extentStart // places between blocks, about extentBytes apart, relative to the group
	end    point         // the head after the last block; ends is not kept, frames say it
}

// placed is a frame in a group's chunk.
type placed struct {
	partition  int
	first, seq uint64
	time       int64
	chunk      int
	at, size   int // in the chunk
	crc        uint32
	records    int // ends of the frame are the next so many of group.ends
}

const (
	minChunk = 4 << 10
	maxChunk = 256 << 10 // unless one block is larger
)

func newGroup() *group {
	return &group{taken: make(chan struct{}), done: make(chan struct{})}
}

// room is the chunk that takes a block of size bytes next. Chunks never grow, so nothing is copied; with guess, the size of the last
// group, most groups have one.
func (g *group) room(size, guess int) *[]byte {
	n := len(g.chunks)
	if n > 0 && cap(g.chunks[n-1])-len(g.chunks[n-1]) >= size {
		return &g.chunks[n-1]
	}
	want := max(guess, g.size)
	if want > 0 {
		want = min(max(want, minChunk), maxChunk)
	}
	g.chunks = append(g.chunks, make([]byte, 0, max(size, want)))
	return &g.chunks[n]
}

// Append makes parts durable, all or none, fills each First and returns the Seq of the first record. A part without records gets the
// partition's end and is otherwise nothing. parts are borrowed until it returns. First means nothing when there is an error.
//
// When ctx ends first its error is returned and the records may still become durable. With a context that cannot end, Append writes
// by itself when nobody else does, which is faster for a caller that is alone. While more than Config.QueueBytes wait for the disk it
// blocks. Errors: *FullError (not in the log, try again), *FailedError (final), ErrClosed, ErrTooLarge.
func (l *Log) Append(ctx context.Context, parts []record.Append) (seq uint64, err error) {
	if err := l.check(parts); err != nil {
		return 0, err
	}
	size := blockSize(parts)
	if size > maxAppendBytes {
		return 0, ErrTooLarge
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	var g *group
	for g == nil {
		var room <-chan struct{}
		g, room, seq, err = l.enter(parts, size)
		if err != nil {
			return 0, err
		}
		if g != nil {
			break
		}
		select {
		case <-room:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	if size == 0 {
		return seq, nil
	}
	if ctx.Done() == nil {
		l.commitHere()
	} else {
		signal(l.wake)
	}
	select {
	case <-g.done:
	case <-ctx.Done():
		select {
		case <-g.done:
		default:
			return 0, ctx.Err()
		}
	}
	if g.err != nil {
		return 0, g.err
	}
	return seq, nil
}

// signal wakes the one who waits on ch, who then looks at the state: a second signal says nothing new.
func signal(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

func (l *Log) check(parts []record.Append) error {
	for i := range parts {
		p := &parts[i]
		if p.Partition < 0 || p.Partition >= l.meta.partitions {
			return fmt.Errorf("append to partition %d of %d", p.Partition, l.meta.partitions)
		}
		var last uint32
		for _, end := range p.Records.Ends {
			if end < last {
				return fmt.Errorf("append to partition %d: records overlap", p.Partition)
			}
			last = end
		}
		if int(last) != len(p.Records.Data) {
			return fmt.Errorf("append to partition %d: %d bytes are in no record", p.Partition, len(p.Records.Data)-int(last))
		}
	}
	return nil
}

// enter encodes parts into the open group, or returns the channel that is closed when there may be room.
func (l *Log) enter(parts []record.Append, size int) (g *group, room <-chan struct{}, seq uint64, err error) {
	l.headMu.Lock()
	defer l.headMu.Unlock()
	if l.stop != nil {
		return nil, nil, 0, l.stop
	}
	g = l.open
	if g.size > 0 && g.size+size > l.cfg.QueueBytes {
		return nil, g.taken, 0, nil
	}
	seq = l.head.seq
	l.place(g, parts, size)
	return g, nil, seq, nil
}

// place assigns offsets, encodes one block of size bytes and moves the head. The caller holds headMu.
func (l *Log) place(g *group, parts []record.Append, size int) {
	h := &l.head
	records := 0
	for i := range parts {
		records += parts[i].Records.Len()
	}
	if records > 0 && g.size-g.lastCut() >= extentBytes {
		g.cuts = append(g.cuts, extentStart{pos: int64(g.size), seq: h.seq, ends: slices.Clone(h.ends)})
	}
	for i := range parts {
		p := &parts[i]
		p.First = h.ends[p.Partition]
		h.ends[p.Partition] += uint64(p.Records.Len())
	}
	if records == 0 {
		return
	}
	h.time = max(h.time, l.cfg.Now().UnixMilli())
	chunk := g.room(size, l.guess)
	start := len(*chunk)
	*chunk = appendBlock(*chunk, l.seed, h, h.time, g.blocks, parts)
	g.size += size
	g.note(start, h, parts)
	h.seq += uint64(records)
	h.block++
	g.blocks++
	g.end = point{seq: h.seq, block: h.block, time: h.time}
}

func (g *group) lastCut() int {
	if len(g.cuts) == 0 {
		return 0
	}
	return int(g.cuts[len(g.cuts)-1].pos)
}

// note remembers where the frames of the block at start of the last chunk are, for readers. parts are what the block was made of.
func (g *group) note(start int, at *point, parts []record.Append) {
	n := len(g.chunks) - 1
	block := g.chunks[n][start:]
	frames := int(le.Uint32(block[12:]))
	g.frames = slices.Grow(g.frames, frames)
	pos := start + blockHeadSize + entrySize*frames
	seq := at.seq
	for i := range frames {
		e := entryAt(block, i)
		g.frames = append(g.frames, placed{
			partition: int(e.partition), first: e.first, seq: seq, time: at.time, chunk: n, at: pos, size: e.frameSize(), crc: e.crc,
			records: int(e.count),
		})
		seq += uint64(e.count)
		pos += e.frameSize()
	}
	g.ends = slices.Grow(g.ends, int(seq-at.seq))
	for i := range parts {
		g.ends = append(g.ends, parts[i].Records.Ends...)
	}
}
