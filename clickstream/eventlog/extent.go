package eventlog

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

type extentKey struct {
	seg      *segment
	from, to int64
}

// extent is an extent as readers use it: its frames by partition. It never changes. Frames are checked by who reads them.
type extent struct {
	frames []frame // of partition 0 in order, then of partition 1, …
	starts []int32 // partition p's are frames[starts[p]:starts[p+1]]
}

func (x *extent) of(partition int) []frame {
	return x.frames[x.starts[partition]:x.starts[partition+1]]
}

// errReplaced says that the file is not the one that was looked up: Erase or Retain came between. Look it up again.
var errReplaced = errors.New("segment was replaced")

// loadExtent reads and decodes one extent. It opens the file anew, so that nobody needs to know when a removed segment is free.
func (l *Log) loadExtent(k extentKey) (*extent, int64, error) {
	f, err := l.openSame(k.seg)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	buf := make([]byte, k.to-k.from)
	if n, err := f.ReadAt(buf, k.from); n < len(buf) {
		if errors.Is(err, io.EOF) {
			return nil, 0, &CorruptionError{Segment: k.seg.name, Offset: k.from + int64(n), Reason: "segment is cut short"}
		}
		return nil, 0, fmt.Errorf("read %s: %w", k.seg.name, err)
	}
	x, at, reason := decodeExtent(buf, l.seed, l.meta.partitions)
	if reason != "" {
		return nil, 0, &CorruptionError{Segment: k.seg.name, Offset: k.from + int64(at), Reason: reason}
	}
	return x, int64(len(buf)) + int64(len(x.frames))*frameOverhead + 4*int64(len(x.starts)), nil
}

// openSame opens seg's file if it is still the one that seg describes.
func (l *Log) openSame(seg *segment) (File, error) {
	f, err := l.cfg.FS.OpenFile(l.path(seg.name), os.O_RDONLY)
	if errors.Is(err, os.ErrNotExist) {
		return nil, errReplaced
	}
	if err != nil {
		return nil, err
	}
	var id [8]byte
	if _, err := f.ReadAt(id[:], 32); err != nil {
		f.Close()
		return nil, fmt.Errorf("read %s: %w", seg.name, err)
	}
	if le.Uint64(id[:]) != seg.head.fileID {
		f.Close()
		return nil, errReplaced
	}
	return f, nil
}

// decodeExtent decodes a run of whole blocks. reason is "" when all heads and tables are whole, else buf[at:] begins with one that is not.
// The frames share buf, which must not change afterwards.
func decodeExtent(buf []byte, seed uint32, partitions int) (x *extent, at int, reason string) {
	counts := make([]int32, partitions+1)
	records := 0
	for at < len(buf) {
		h, reason := decodeBlockHead(buf[at:], seed)
		if reason == "" && int64(h.length) > int64(len(buf)-at) {
			reason = "block is longer than its extent"
		}
		if reason == "" {
			reason = checkTable(buf[at:], h, partitions)
		}
		if reason != "" {
			return nil, at, reason
		}
		for i := range int(h.frames) {
			e := entryAt(buf[at:], i)
			counts[e.partition+1]++
			records += int(e.count)
		}
		at += int(h.length)
	}
	for p := range partitions {
		counts[p+1] += counts[p]
	}
	x = &extent{frames: make([]frame, counts[partitions]), starts: counts}
	next := slices.Clone(counts)
	ends := make([]uint32, 0, records)
	for at = 0; at < len(buf); {
		block := buf[at:]
		seq, time := le.Uint64(block[24:]), int64(le.Uint64(block[32:]))
		frames := int(le.Uint32(block[12:]))
		pos := blockHeadSize + entrySize*frames
		for i := range frames {
			e := entryAt(block, i)
			raw := block[pos:][:e.frameSize():e.frameSize()]
			from := len(ends)
			for k := range int(e.count) {
				ends = append(ends, le.Uint32(raw[4*k:]))
			}
			x.frames[next[e.partition]] = frame{first: e.first, seq: seq, time: time, raw: raw, ends: ends[from:len(ends):len(ends)], crc: e.crc}
			next[e.partition]++
			seq += uint64(e.count)
			pos += len(raw)
		}
		at += int(le.Uint32(block[8:]))
	}
	return x, 0, ""
}
