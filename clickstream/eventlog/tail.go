package eventlog

import (
	"slices"
	"unsafe"
)

// frame is a partition's share of one append, ready to be handed to readers. It never changes.
type frame struct {
	first, seq uint64
	time       int64
	raw        []byte   // ends, then data, as on disk
	ends       []uint32 // decoded
	crc        uint32   // of raw
}

const frameOverhead = 160 // bytes of memory a frame takes in a tail besides its raw bytes: frame, placed and slack

func (f *frame) data() string { return text(f.raw[4*len(f.ends):]) }

// text is b as a string without a copy. Nobody may change b afterwards. BenchmarkText: a copy of a 64 KiB group takes 5 µs and as much
// memory again.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// freeze gives the group's frames, which share its chunks from now on. Those must not be written again.
func (g *group) freeze() []frame {
	frames := make([]frame, len(g.frames))
	ends := g.ends
	for i := range g.frames {
		p := &g.frames[i]
		frames[i] = frame{
			first: p.first, seq: p.seq, time: p.time, crc: p.crc,
			raw: g.chunks[p.chunk][p.at:][:p.size:p.size], ends: ends[:p.records:p.records],
		}
		ends = ends[p.records:]
	}
	return frames
}

// memory is what the group takes while readers may want it.
func (g *group) memory() int64 {
	n := len(g.frames)*frameOverhead + 4*cap(g.ends)
	for _, c := range g.chunks {
		n += cap(c)
	}
	return int64(n)
}

// tail holds the newest frames of each partition, whole groups up to max bytes, so that readers near the end never touch the disk.
type tail struct {
	max, bytes int64
	groups     queue[tailGroup]
	frames     []queue[frame] // by partition
}

type tailGroup struct {
	bytes  int64
	frames []placed
}

// add takes the frames of a durable group and lets the oldest groups go. The newest one always stays.
func (t *tail) add(g *group, frames []frame) {
	for i := range frames {
		t.frames[g.frames[i].partition].push(frames[i])
	}
	size := g.memory()
	t.groups.push(tailGroup{size, g.frames})
	t.bytes += size
	for t.bytes > t.max && t.groups.len() > 1 {
		t.drop()
	}
}

func (t *tail) drop() {
	g := t.groups.pop()
	t.bytes -= g.bytes
	for i := range g.frames {
		t.frames[g.frames[i].partition].pop()
	}
}

// clear lets everything go: what is on disk is no longer the same.
func (t *tail) clear() {
	for t.groups.len() > 0 {
		t.drop()
	}
}

// read copies frames of partition from the one that holds offset on, at most as many as dst has room for and, after the first, at most maxBytes.
// It returns none when the frame is no longer there.
func (t *tail) read(dst []frame, partition int, offset uint64, maxBytes int) []frame {
	frames := t.frames[partition].all()
	if len(frames) == 0 || offset < frames[0].first {
		return dst
	}
	i, _ := slices.BinarySearchFunc(frames, offset+1, func(f frame, o uint64) int {
		if f.first < o {
			return -1
		}
		return 1
	})
	for _, f := range frames[i-1:] {
		if len(dst) == cap(dst) || (len(dst) > 0 && len(f.raw) > maxBytes) {
			break
		}
		dst = append(dst, f)
		maxBytes -= len(f.raw)
	}
	return dst
}

// queue is a first-in first-out list whose elements stand together.
type queue[T any] struct {
	items []T
	head  int
}

func (q *queue[T]) len() int { return len(q.items) - q.head }
func (q *queue[T]) all() []T { return q.items[q.head:] }
func (q *queue[T]) push(v T) { q.items = append(q.items, v) }

func (q *queue[T]) pop() T {
	v := q.items[q.head]
	var zero T
	q.items[q.head] = zero
	q.head++
	if q.head >= 32 && 2*q.head >= len(q.items) { // each element moves once for each pop at most
		n := copy(q.items, q.items[q.head:])
		clear(q.items[n:])
		q.items, q.head = q.items[:n], 0
	}
	return v
}
