package eventlog

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// loadSegments reads the headers of all segments and checks that each begins where the one before ends. Full ones without a footer get it.
func (l *Log) loadSegments(names []string) error {
	for _, name := range names {
		f, _, err := l.openFile(name, os.O_RDONLY)
		if err != nil {
			return err
		}
		head, err := readHead(f, name, l.meta)
		f.Close()
		if err != nil {
			return err
		}
		l.segments = append(l.segments, &segment{name: name, head: head})
	}
	check := l.cfg.CheckBytes
	for i := len(l.segments) - 2; i >= 0; i-- {
		seg, next := l.segments[i], l.segments[i+1]
		seg.end = next.head.at
		if err := l.loadSealed(seg, next, check > 0); err != nil {
			return err
		}
		check -= seg.size
	}
	return nil
}

// loadSealed checks that seg ends where next begins: by its trailer, or by reading all of it if it has none or full is set.
func (l *Log) loadSealed(seg, next *segment, full bool) error {
	f, size, err := l.openFile(seg.name, os.O_RDWR)
	if err != nil {
		return err
	}
	defer f.Close()
	t, sealed, err := readTrailer(f, seg.head.fileID, size, l.meta.partitions)
	if err != nil {
		return fmt.Errorf("read %s: %w", seg.name, err)
	}
	seg.size, seg.blocksEnd, seg.sealed = size, t.blocksEnd, true
	if sealed && (t.seq != next.head.at.seq || t.block != next.head.at.block) {
		return &CorruptionError{
			Segment: next.name, Reason: fmt.Sprintf("it begins at %d and the one before ends at %d: a segment is missing", next.head.at.seq, t.seq),
		}
	}
	if !sealed {
		seg.blocksEnd = size
	}
	if sealed && !full {
		return nil
	}
	s := newScanner(f, seg.name, seg.blocksEnd, l.seed, seg.head)
	x := &index{partitions: l.meta.partitions}
	_, err = s.all(x)
	whole := samePoint(s.at, next.head.at) // then what follows the blocks is the rest of a footer
	var damage *CorruptionError
	if err != nil && !(whole && !sealed && errors.As(err, &damage)) {
		return err
	}
	if !whole {
		reason := fmt.Sprintf("blocks end at %d and the next segment begins at %d", s.at.seq, next.head.at.seq)
		return &CorruptionError{Segment: seg.name, Offset: s.pos, Reason: reason}
	}
	if sealed {
		return nil
	}
	l.recovery.Resealed++
	seg.index = x
	seg.blocksEnd = x.end
	seg.size, err = writeFooter(f, seg)
	if noRoom(err) {
		seg.sealed = false
		return nil
	}
	if err != nil {
		return fmt.Errorf("seal %s: %w", seg.name, err)
	}
	seg.index = nil
	return nil
}

func samePoint(a, b point) bool {
	if a.seq != b.seq || a.block != b.block || len(a.ends) != len(b.ends) {
		return false
	}
	for p := range a.ends {
		if a.ends[p] != b.ends[p] {
			return false
		}
	}
	return true
}

func isEOF(err error) bool { return errors.Is(err, io.EOF) }
