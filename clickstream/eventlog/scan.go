package eventlog

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

const scanWindow = 1 << 20

// scanner reads a segment's blocks one after the other and checks everything.
type scanner struct {
	f        io.ReaderAt
	name     string
	size     int64 // where the blocks end at the latest
	seed     uint32
	at       point // where pos is in the log
	pos      int64
	groupPos int64 // where the write of the last block began
	head     blockHead
	block    []byte // the last block, valid until next
	torn     bool   // the error that next returned may be the rest of a write that was cut short

	window []byte // bytes of the file from base on
	base   int64
}

func newScanner(f io.ReaderAt, name string, size int64, seed uint32, head segmentHead) *scanner {
	pos := int64(segmentHeadSize(len(head.at.ends)))
	return &scanner{f: f, name: name, size: size, seed: seed, at: head.at.clone(), pos: pos, groupPos: pos}
}

// next moves over one block. It returns false where only zeros follow, and a *CorruptionError, with pos before it, where something follows
// that is not the next block.
func (s *scanner) next() (ok bool, err error) {
	b, err := s.view(s.pos, blockHeadSize)
	if err != nil {
		return false, err
	}
	h, reason := decodeBlockHead(b, s.seed)
	if reason != "" {
		zero, err := s.onlyZeros(s.pos)
		if err != nil || zero {
			return false, err
		}
		s.torn = true
		return false, s.damage(reason)
	}
	if s.pos+int64(h.length) > s.size {
		s.torn = true // a short write that the file system kept
		return false, s.damage("block is longer than the segment")
	}
	if b, err = s.view(s.pos, int(h.length)); err != nil {
		return false, err
	}
	if reason := s.check(b, h); reason != "" {
		return false, s.damage(reason)
	}
	for i := range int(h.frames) {
		s.at.seq += uint64(entryAt(b, i).count)
	}
	if h.group == 0 {
		s.groupPos = s.pos
	}
	s.at.block, s.at.time = h.block+1, h.time
	s.pos += int64(h.length)
	s.head, s.block = h, b
	return true, nil
}

func (s *scanner) damage(reason string) error {
	return &CorruptionError{Segment: s.name, Offset: s.pos, Reason: reason}
}

// check checks a block whose head is whole and, if it is whole, moves the ends over it.
func (s *scanner) check(b []byte, h blockHead) (reason string) {
	s.torn = false
	if h.block != s.at.block || h.seq != s.at.seq || h.time < s.at.time {
		return "block does not follow the one before"
	}
	s.torn = true
	if reason := checkTable(b, h, len(s.at.ends)); reason != "" {
		return reason
	}
	pos := h.tableEnd()
	for i := range int(h.frames) {
		e := entryAt(b, i)
		s.torn = e.first == s.at.ends[e.partition]
		reason := "frame does not follow the one before"
		if s.torn {
			reason = checkFrame(e, b[pos:][:e.frameSize()])
		}
		if reason != "" {
			s.takeBack(b, i)
			return reason
		}
		s.at.ends[e.partition] += uint64(e.count)
		pos += e.frameSize()
	}
	for _, z := range b[pos:] {
		if z != 0 {
			s.takeBack(b, int(h.frames))
			return "block's padding is not zero"
		}
	}
	return ""
}

// takeBack undoes what the first n frames of block added to the ends.
func (s *scanner) takeBack(block []byte, n int) {
	for i := range n {
		e := entryAt(block, i)
		s.at.ends[e.partition] -= uint64(e.count)
	}
}

// view is n bytes from pos on, fewer where the blocks' room ends. It is valid until the next view.
func (s *scanner) view(pos int64, n int) ([]byte, error) {
	n = int(min(int64(n), s.size-pos))
	if n <= 0 {
		return nil, nil
	}
	if from := pos - s.base; from >= 0 && from+int64(n) <= int64(len(s.window)) {
		return s.window[from:][:n], nil
	}
	want := int(min(int64(max(n, scanWindow)), s.size-pos))
	s.window = slices.Grow(s.window[:0], want)[:want]
	s.base = pos
	got, err := s.f.ReadAt(s.window, pos)
	if got < want && errors.Is(err, io.EOF) {
		err = nil // shorter than it was when its length was asked for
	}
	s.window = s.window[:got]
	if err != nil && got < want {
		s.window = s.window[:0]
		return nil, fmt.Errorf("read %s: %w", s.name, err)
	}
	return s.window[:min(n, got)], nil
}

func (s *scanner) onlyZeros(pos int64) (bool, error) {
	for pos < s.size {
		b, err := s.view(pos, scanWindow)
		if err != nil {
			return false, err
		}
		if len(b) == 0 {
			return true, nil
		}
		for len(b) > 0 {
			n := min(len(b), len(zeros))
			if !bytes.Equal(b[:n], zeros[:n]) {
				return false, nil
			}
			b = b[n:]
			pos += int64(n)
		}
	}
	return true, nil
}

// provenDurable says whether a whole block stands after pos whose write began with a later block than the one that should be at pos:
// then that one was synced once, and is damaged, not torn.
func (s *scanner) provenDurable() (bool, error) {
	const overlap = blockHeadSize - 1
	for pos := s.pos + 8; pos < s.size; pos += scanWindow - overlap {
		b, err := s.view(pos, scanWindow)
		if err != nil {
			return false, err
		}
		for i := 0; ; i++ {
			n := bytes.Index(b[i:], []byte(blockMagic))
			if n < 0 {
				break
			}
			i += n
			h, reason := decodeBlockHead(b[i:], s.seed)
			if reason == "" && h.block-uint64(h.group) > s.at.block {
				return true, nil
			}
		}
	}
	return false, nil
}
