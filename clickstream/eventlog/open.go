package eventlog

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
)

// Recovery is what Open found and repaired. All zero after an orderly Close.
type Recovery struct {
	Segment  string // the newest segment, if its tail was cut
	Offset   int64  // where it was cut
	CutBytes int64  // from there to the last byte that was not zero: writes that were never acknowledged
	Resealed int    // segments that were full and had no footer, or a damaged one
}

// Open opens the log in cfg.Dir, or makes it. It returns ErrLocked while the log is open elsewhere and a *CorruptionError for damage
// that is not a torn tail. Nothing is changed in a damaged log.
func Open(cfg Config) (*Log, error) {
	if err := cfg.settle(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, err
	}
	unlock, err := lockDir(cfg.Dir)
	if err != nil {
		return nil, err
	}
	l := &Log{
		cfg: cfg, unlock: unlock, waiting: map[uint64]chan struct{}{}, open: newGroup(),
		extents: newCache[extentKey, *extent](cfg.CacheBytes), indexes: newCache[*segment, *index](indexCacheBytes),
		wake: make(chan struct{}, 1), rolls: make(chan chan error), closing: make(chan struct{}),
		spares: make(chan spare), seals: make(chan *segment, 16), barriers: make(chan chan struct{}), quit: make(chan struct{}),
		upkeep: make(chan struct{}, 1), baton: make(chan struct{}, 1),
	}
	if err := l.load(); err != nil {
		if l.active.file != nil {
			l.active.file.Close()
		}
		return nil, errors.Join(fmt.Errorf("open log %s: %w", cfg.Dir, err), unlock())
	}
	l.tail = tail{max: cfg.TailBytes, frames: make([]queue[frame], l.meta.partitions)}
	l.head = l.done.clone()
	l.upkeep <- struct{}{}
	l.baton <- struct{}{}
	l.workers.Go(l.commitLoop)
	l.keeper.Go(func() { l.keepLoop(l.active.limit) })
	return l, nil
}

// load reads what is in the folder and brings it to a state that appends can continue.
func (l *Log) load() error {
	names, err := l.list()
	if err != nil {
		return err
	}
	m, ok, err := readMeta(l.cfg.Dir)
	if err != nil {
		return err
	}
	if !ok {
		return l.create(names)
	}
	if l.cfg.Partitions != 0 && l.cfg.Partitions != m.partitions {
		return fmt.Errorf("it has %d partitions, not %d", m.partitions, l.cfg.Partitions)
	}
	if l.cfg.Epoch != "" && l.cfg.Epoch != m.epoch {
		return fmt.Errorf("its epoch is %s, not %s", m.epoch, l.cfg.Epoch)
	}
	l.meta, l.seed = m, blockSeed(m.id)
	if len(names) == 0 {
		return &CorruptionError{Segment: metaName, Reason: "there is no segment"}
	}
	if err := syncDir(l.cfg.FS, l.cfg.Dir); err != nil { // names that an earlier process could not sync
		return err
	}
	if err := l.loadSegments(names); err != nil {
		return err
	}
	return l.loadNewest()
}

// list returns the names of the segments in order and removes what an earlier process left unfinished.
func (l *Log) list() (segments []string, err error) {
	files, err := os.ReadDir(l.cfg.Dir)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		name := f.Name()
		if _, ok := segmentSeq(name); ok {
			segments = append(segments, name)
		}
		if strings.HasPrefix(name, "spare") && strings.HasSuffix(name, ".tmp") || name == rewriteName {
			if err := l.cfg.FS.Remove(l.path(name)); err != nil {
				return nil, err
			}
		}
	}
	slices.Sort(segments)
	return segments, nil
}

// create makes a new log: first a segment, then the meta file that makes it a log.
func (l *Log) create(found []string) error {
	if len(found) > 1 || len(found) == 1 && found[0] != segmentName(0) {
		return &CorruptionError{Segment: metaName, Reason: "it is missing, and there are segments"}
	}
	if l.cfg.Partitions == 0 {
		return errors.New("there is none, and Partitions is not set")
	}
	if len(found) == 1 { // a crash came before the meta file, unless there is a record
		empty, err := l.isEmptySegment(found[0])
		if err != nil {
			return err
		}
		if !empty {
			return &CorruptionError{Segment: metaName, Reason: "it is missing, and there are records"}
		}
	}
	l.meta = newMeta(l.cfg.Partitions, l.cfg.Epoch)
	l.seed = blockSeed(l.meta.id)
	size := max(min(l.cfg.SegmentBytes, firstSegmentBytes), int64(segmentHeadSize(l.meta.partitions))+blockHeadSize)
	s := l.prepare("spare.tmp", size)
	if s.err != nil {
		return s.err
	}
	l.done = point{ends: make([]uint64, l.meta.partitions)}
	seg, err := l.begin(s, l.done.clone())
	if err != nil {
		return err
	}
	l.active = active{file: s.file, name: seg.name, pos: seg.index.end, limit: size}
	l.segments = []*segment{seg}
	return replaceFile(l.cfg.FS, l.path(metaName), l.meta.encode())
}

// isEmptySegment says whether nothing follows a segment's header, whatever log it is of.
func (l *Log) isEmptySegment(name string) (bool, error) {
	f, size, err := l.openFile(name, os.O_RDONLY)
	if err != nil {
		return false, err
	}
	defer f.Close()
	s := newScanner(f, name, size, 0, segmentHead{at: point{ends: make([]uint64, l.cfg.Partitions)}})
	return s.onlyZeros(s.pos)
}

func (l *Log) openFile(name string, flag int) (f File, size int64, err error) {
	info, err := os.Stat(l.path(name))
	if err != nil {
		return nil, 0, err
	}
	f, err = l.cfg.FS.OpenFile(l.path(name), flag)
	return f, info.Size(), err
}

// readHead reads a segment's header; its name must say where it begins.
func readHead(f File, name string, m meta) (segmentHead, error) {
	b := make([]byte, segmentHeadSize(m.partitions))
	n, err := f.ReadAt(b, 0)
	if n < len(b) && !isEOF(err) {
		return segmentHead{}, fmt.Errorf("read %s: %w", name, err)
	}
	h, reason := decodeSegmentHead(b[:n], m.id, m.partitions)
	if seq, _ := segmentSeq(name); reason == "" && h.at.seq != seq {
		reason = fmt.Sprintf("its header says it begins at %d", h.at.seq)
	}
	if reason != "" {
		return segmentHead{}, &CorruptionError{Segment: name, Reason: reason}
	}
	return h, nil
}

// loadNewest reads the newest segment in full, cuts its torn tail and makes it ready for appends.
func (l *Log) loadNewest() error {
	seg := l.segments[len(l.segments)-1]
	f, size, err := l.openFile(seg.name, os.O_RDWR)
	if err != nil {
		return err
	}
	l.active = active{file: f, name: seg.name, limit: size}
	if _, sealed, err := readTrailer(f, seg.head.fileID, size, l.meta.partitions); err != nil || sealed {
		if err == nil {
			err = &CorruptionError{Segment: seg.name, Offset: size, Reason: "the segment that follows is missing"}
		}
		return err
	}
	s := newScanner(f, seg.name, size, l.seed, seg.head)
	seg.index = &index{partitions: l.meta.partitions}
	blocks, err := s.all(seg.index)
	if err != nil {
		if err := s.mustBeTorn(err); err != nil {
			return err
		}
	}
	l.done, l.active.pos = s.at, s.pos
	return l.repair(s, err != nil, blocks > 0)
}

// all moves to the end of the blocks and indexes them.
func (s *scanner) all(x *index) (blocks int, err error) {
	for {
		at := extentStart{s.pos, s.at.seq, s.at.ends}
		if len(x.pos) == 0 || s.pos-x.pos[len(x.pos)-1] >= extentBytes {
			at.ends = slices.Clone(s.at.ends) // next moves them
		}
		ok, err := s.next()
		x.end = s.pos
		if !ok {
			return blocks, err
		}
		x.add(at)
		blocks++
	}
}

// mustBeTorn returns nil when err is the rest of a write that was cut short, and err when it is damage or something else.
func (s *scanner) mustBeTorn(err error) error {
	var damage *CorruptionError
	if !errors.As(err, &damage) || !s.torn {
		return err
	}
	durable, serr := s.provenDurable()
	if serr != nil {
		return serr
	}
	if durable {
		return err
	}
	return nil
}

// repair cuts a torn tail and fills with zeros what was cut. Then it writes the last group again: after a failed sync the system may show
// bytes that the disk does not have, and readers will be told that they are durable.
func (l *Log) repair(s *scanner, torn, blocks bool) error {
	a := &l.active
	if torn {
		end, err := s.lastByte()
		if err != nil {
			return err
		}
		l.recovery.Segment, l.recovery.Offset, l.recovery.CutBytes = a.name, a.pos, end-a.pos
		err = a.file.Truncate(a.pos)
		if err == nil {
			err = fillZeros(a.file, a.pos, a.limit)
		}
		if noRoom(err) {
			a.limit = a.pos // appends begin a new segment
			err = a.file.Truncate(a.pos)
		}
		if err != nil {
			return fmt.Errorf("cut the torn tail of %s: %w", a.name, err)
		}
	}
	if blocks {
		last, err := s.view(s.groupPos, int(s.pos-s.groupPos))
		if err != nil {
			return err
		}
		if err := writeAll(a.file, last, s.groupPos); err != nil {
			return fmt.Errorf("write the last group of %s again: %w", a.name, err)
		}
	}
	if err := a.file.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", a.name, err)
	}
	return nil
}

// lastByte is the end of the last byte that is not zero.
func (s *scanner) lastByte() (int64, error) {
	end := s.pos
	for pos := s.pos; pos < s.size; {
		b, err := s.view(pos, scanWindow)
		if err != nil || len(b) == 0 {
			return end, err
		}
		for i := len(b) - 1; i >= 0; i-- {
			if b[i] != 0 {
				end = pos + int64(i) + 1
				break
			}
		}
		pos += int64(len(b))
	}
	return end, nil
}
