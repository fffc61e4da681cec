package eventlog

import (
	"errors"
	"fmt"
	"io"
)

// segment is one file of the log: the newest, which takes the appends; then full, while it waits for its footer; then sealed. A
// segment that Erase rewrites is a new value.
type segment struct {
	name string
	head segmentHead

	// Guarded by Log.mu. Once sealed they do not change.
	sealed    bool
	index     *index // nil once sealed: it is then loaded when asked for
	closing   File   // of a full one
	end       point  // of a full or sealed one
	blocksEnd int64  // of a sealed one
	size      int64  // file length of a sealed one
}

// loadIndex reads a sealed segment's index from its footer, or makes it again from the blocks when the footer is damaged.
func (l *Log) loadIndex(seg *segment) (*index, int64, error) {
	f, err := l.openSame(seg)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	x, ok, err := readFooterIndex(f, seg.head.fileID, seg.size, l.meta.partitions)
	if err != nil {
		return nil, 0, fmt.Errorf("read %s: %w", seg.name, err)
	}
	if !ok {
		l.stats.rebuilt.Add(1)
		if x, err = l.scanIndex(f, seg); err != nil {
			return nil, 0, err
		}
	}
	return x, x.bytes(), nil
}

func readTrailer(f io.ReaderAt, fileID uint64, size int64, partitions int) (t trailer, ok bool, err error) {
	if size < trailerSize {
		return t, false, nil
	}
	var b [trailerSize]byte
	if n, err := f.ReadAt(b[:], size-trailerSize); n < len(b) {
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return t, false, err
	}
	t, ok = decodeTrailer(b[:], fileID, size, partitions)
	return t, ok, nil
}

func readFooterIndex(f io.ReaderAt, fileID uint64, size int64, partitions int) (x *index, ok bool, err error) {
	t, ok, err := readTrailer(f, fileID, size, partitions)
	if !ok || err != nil {
		return nil, false, err
	}
	b := make([]byte, size-trailerSize-t.blocksEnd)
	if n, err := f.ReadAt(b, t.blocksEnd); n < len(b) {
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return nil, false, err
	}
	x, ok = decodeIndex(b, t, partitions)
	return x, ok, nil
}

// scanIndex makes the index of a sealed segment from its blocks.
func (l *Log) scanIndex(f io.ReaderAt, seg *segment) (*index, error) {
	x := &index{partitions: l.meta.partitions}
	_, err := newScanner(f, seg.name, seg.blocksEnd, l.seed, seg.head).all(x)
	return x, err
}

// bytes is the segment's length without the zeros that wait in it. The caller holds Log.mu.
func (seg *segment) bytes() int64 {
	if seg.index != nil {
		return seg.index.end
	}
	return seg.size
}
