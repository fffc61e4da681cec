package eventlog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Report is what Verify found.
type Report struct {
	Partitions int
	Epoch      string
	Segments   int
	Records    int64 // whole ones
	Erased     int64 // of them without a payload
	Bytes      int64 // of segment files, without the zeros that wait in the newest
	Seq        uint64
	First      []uint64 // by partition, what is still there
	Ends       []uint64

	// TornBytes after the last whole block of the newest segment were never acknowledged; Open cuts them. They are no damage. In a log
	// that is in use they may be the write that is under way.
	TornBytes int64
	Footers   int // missing or damaged, to be made again from the blocks; no damage
	Damage    []*CorruptionError
	Unknown   []string // files that are none of the log's
}

// Verify reads the log in dir in full and checks every checksum and that segments and blocks follow one another. It changes nothing and
// takes no lock, so the log may be in use. What is damaged is in the report; the error says that something could not be read.
func Verify(dir string) (*Report, error) {
	r := &Report{}
	m, ok, err := readMeta(dir)
	if err != nil || !ok {
		var damage *CorruptionError
		if errors.As(err, &damage) {
			r.Damage = append(r.Damage, damage)
			return r, nil
		}
		if err == nil {
			err = fmt.Errorf("no log in %s", dir)
		}
		return nil, err
	}
	r.Partitions, r.Epoch = m.partitions, m.epoch
	names, err := r.list(dir)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		r.damaged(&CorruptionError{Segment: metaName, Reason: "there is no segment"})
	}
	var last *point // where the segment before ends, if that is known
	for i, name := range names {
		end, err := r.segment(dir, name, m, last, i == len(names)-1)
		if errors.Is(err, os.ErrNotExist) && r.Segments == 0 {
			continue // retention removed the oldest meanwhile
		}
		if err != nil {
			return nil, err
		}
		last = end
	}
	return r, nil
}

func (r *Report) list(dir string) (segments []string, err error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		name := f.Name()
		if _, ok := segmentSeq(name); ok {
			segments = append(segments, name)
			continue
		}
		if ours := name == metaName || name == lockName || filepath.Ext(name) == ".tmp"; !ours {
			r.Unknown = append(r.Unknown, name)
		}
	}
	slices.Sort(segments)
	return segments, nil
}

func (r *Report) damaged(err *CorruptionError) { r.Damage = append(r.Damage, err) }

// segment checks one segment, which should begin at last, and returns where it ends, nil if that cannot be known.
func (r *Report) segment(dir, name string, m meta, last *point, newest bool) (end *point, err error) {
	f, err := osFS{}.OpenFile(filepath.Join(dir, name), os.O_RDONLY)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := os.Stat(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	r.Segments++
	head, err := readHead(f, name, m)
	var damage *CorruptionError
	if errors.As(err, &damage) {
		r.damaged(damage)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if last != nil && !samePoint(*last, head.at) {
		r.damaged(&CorruptionError{Segment: name, Reason: fmt.Sprintf("it begins at %d and the one before ends at %d", head.at.seq, last.seq)})
	}
	if r.First == nil {
		r.First = head.at.ends
	}
	size := info.Size()
	t, sealed, err := readTrailer(f, head.fileID, size, m.partitions)
	if err != nil {
		return nil, err
	}
	if sealed && newest {
		r.damaged(&CorruptionError{Segment: name, Offset: size, Reason: "the segment that follows is missing"})
	}
	s := newScanner(f, name, size, blockSeed(m.id), head)
	if sealed {
		s.size = t.blocksEnd
		if _, ok, err := readFooterIndex(f, head.fileID, size, m.partitions); err != nil || !ok {
			r.Footers++
		}
	}
	err = r.blocks(s)
	r.Seq, r.Ends = s.at.seq, slices.Clone(s.at.ends)
	r.Bytes += s.pos + size - s.size
	if err == nil && sealed && (s.at.seq != t.seq || s.at.block != t.block) {
		err = s.damage(fmt.Sprintf("blocks end at %d and the footer says %d", s.at.seq, t.seq))
	}
	if err == nil {
		if !newest && !sealed {
			r.Footers++
		}
		return &s.at, nil
	}
	if !errors.As(err, &damage) {
		return nil, err
	}
	if newest {
		if err := s.mustBeTorn(err); err != nil {
			r.damaged(damage)
			return nil, nil
		}
		end, err := s.lastByte()
		r.TornBytes = end - s.pos
		return &s.at, err
	}
	if !sealed {
		return r.unsealed(dir, name, m, s, damage)
	}
	r.damaged(damage)
	return nil, nil
}

// unsealed decides about bytes after the blocks of a segment that has no whole trailer: the rest of a footer if the next segment begins
// where the blocks end.
func (r *Report) unsealed(dir, name string, m meta, s *scanner, damage *CorruptionError) (*point, error) {
	next := segmentName(s.at.seq)
	f, err := osFS{}.OpenFile(filepath.Join(dir, next), os.O_RDONLY)
	if err == nil {
		defer f.Close()
		if head, err := readHead(f, next, m); err == nil && next != name && samePoint(head.at, s.at) {
			r.Footers++
			return &s.at, nil
		}
	}
	r.damaged(damage)
	return nil, nil
}

// blocks counts the records up to the end of the blocks.
func (r *Report) blocks(s *scanner) error {
	for {
		ok, err := s.next()
		if !ok {
			return err
		}
		pos := s.head.tableEnd()
		for i := range int(s.head.frames) {
			e := entryAt(s.block, i)
			var from uint32
			for k := range int(e.count) {
				end := le.Uint32(s.block[pos+4*k:])
				if end == from {
					r.Erased++
				}
				from = end
			}
			r.Records += int64(e.count)
			pos += e.frameSize()
		}
	}
}
