package eventlog

import (
	"fmt"
	"os"
	"slices"

	"beckon/clickstream/record"
)

const rewriteName = "rewrite.tmp"

// Erase empties every record that match names among those that were durable at the call, and returns how many there were. Records keep
// their offset, Seq and time; readers get "" for them. Each segment is written anew beside the old one and then takes its place, so
// there must be room for one more; after an error or a crash each segment is either old or new, and Erase can be called again.
// match is called in order of Seq, from this goroutine, and not for empty records. Batches that readers already hold do not change.
func (l *Log) Erase(match func(partition int, payload string) bool) (erased int64, err error) {
	done, err := l.turn()
	if err != nil {
		return 0, err
	}
	defer done()
	if err := l.rollNow(); err != nil {
		return 0, err
	}
	if err := l.settled(); err != nil {
		return 0, err
	}
	l.mu.RLock()
	full := slices.Clone(l.segments[:len(l.segments)-1])
	l.mu.RUnlock()
	for _, seg := range full {
		select {
		case <-l.closing:
			return erased, ErrClosed
		default:
		}
		n, err := l.eraseIn(seg, match)
		erased += n
		if err != nil {
			return erased, fmt.Errorf("erase in segment %s: %w", seg.name, err)
		}
	}
	return erased, nil
}

// eraseIn replaces seg if it has a record that matches.
func (l *Log) eraseIn(seg *segment, match func(int, string) bool) (int64, error) {
	old, err := l.openSame(seg)
	if err != nil {
		return 0, err
	}
	defer old.Close()
	w := rewriter{log: l, old: old, head: seg.head, index: &index{partitions: l.meta.partitions}}
	w.head.fileID = randomID()
	defer w.discard()

	l.mu.RLock()
	size := seg.bytes()
	if seg.sealed {
		size = seg.blocksEnd
	}
	l.mu.RUnlock()
	s := newScanner(old, seg.name, size, l.seed, seg.head)
	for {
		at := extentStart{s.pos, s.at.seq, slices.Clone(s.at.ends)}
		ok, err := s.next()
		if err != nil {
			return 0, err
		}
		if !ok {
			break
		}
		if err := w.block(at, s, match); err != nil {
			return 0, err
		}
	}
	if w.file == nil {
		return 0, nil
	}
	fresh, err := w.finish(seg)
	if err != nil {
		return 0, err
	}
	l.mu.Lock()
	if i := slices.Index(l.segments, seg); i >= 0 {
		l.segments = slices.Clone(l.segments)
		l.segments[i] = fresh
	}
	l.tail.clear()
	l.mu.Unlock()
	l.forget(seg)
	if err := syncDir(l.cfg.FS, l.cfg.Dir); err != nil {
		err = &FailedError{err}
		l.fail(err)
		return w.erased, err
	}
	return w.erased, nil
}

// rewriter writes a segment anew. Until a record matches it only counts; then it copies what came before.
type rewriter struct {
	log    *Log
	old    File
	head   segmentHead
	index  *index
	erased int64

	file File   // nil until a record matched
	pos  int64  // of buf in file
	buf  []byte // what is not written yet
}

// block adds the scanner's block, which stood at at.
func (w *rewriter) block(at extentStart, s *scanner, match func(int, string) bool) error {
	parts, n := emptied(s.block, s.head, match)
	if n > 0 && w.file == nil {
		if err := w.begin(at.pos); err != nil {
			return err
		}
	}
	w.erased += n
	if w.file != nil {
		at.pos = w.pos + int64(len(w.buf))
	}
	w.index.add(at)
	w.index.end = at.pos + int64(len(s.block))
	if w.file == nil {
		return nil
	}
	if n == 0 {
		w.buf = append(w.buf, s.block...)
	} else {
		w.buf = appendBlock(w.buf, w.log.seed, &point{block: s.head.block, seq: s.head.seq}, s.head.time, s.head.group, parts)
	}
	w.index.end = w.pos + int64(len(w.buf))
	if len(w.buf) >= scanWindow {
		return w.flush()
	}
	return nil
}

// begin makes the new file with the new header and the old blocks up to end.
func (w *rewriter) begin(end int64) (err error) {
	w.file, err = w.log.cfg.FS.OpenFile(w.log.path(rewriteName), os.O_RDWR|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	w.buf = w.head.append(nil)
	from := int64(len(w.buf))
	if err := w.flush(); err != nil {
		return err
	}
	for from < end {
		n := min(end-from, scanWindow)
		w.buf = slices.Grow(w.buf[:0], int(n))[:n]
		if got, err := w.old.ReadAt(w.buf, from); got < int(n) {
			return err
		}
		if err := w.flush(); err != nil {
			return err
		}
		from += n
	}
	return nil
}

func (w *rewriter) flush() error {
	if err := writeAll(w.file, w.buf, w.pos); err != nil {
		return err
	}
	w.pos += int64(len(w.buf))
	w.buf = w.buf[:0]
	return nil
}

// finish completes the new file and puts it in the old one's place.
func (w *rewriter) finish(seg *segment) (*segment, error) {
	if err := w.flush(); err != nil {
		return nil, err
	}
	fresh := &segment{name: seg.name, head: w.head, sealed: true, end: seg.end, blocksEnd: w.index.end}
	full := &segment{head: w.head, index: w.index, end: seg.end}
	var err error
	if fresh.size, err = writeFooter(w.file, full); err != nil {
		return nil, err
	}
	return fresh, w.log.cfg.FS.Rename(w.log.path(rewriteName), w.log.path(seg.name))
}

// discard closes the new file and removes it if it has not taken the old one's place.
func (w *rewriter) discard() {
	if w.file != nil {
		w.file.Close()
		_ = w.log.cfg.FS.Remove(w.log.path(rewriteName)) // after the rename there is none
	}
}

// emptied returns the block's parts without the payloads that match, and how many those are. parts is nil when there are none.
func emptied(block []byte, h blockHead, match func(int, string) bool) (parts []record.Append, n int64) {
	pos := h.tableEnd()
	for i := range int(h.frames) {
		e := entryAt(block, i)
		raw := block[pos:][:e.frameSize()]
		data := string(raw[4*e.count:])
		part := record.Append{Partition: int(e.partition), First: e.first}
		var from uint32
		for k := range int(e.count) {
			end := le.Uint32(raw[4*k:])
			payload := data[from:end]
			if payload != "" && match(int(e.partition), payload) {
				n++
			} else {
				part.Records.Data = append(part.Records.Data, payload...)
			}
			part.Records.Close()
			from = end
		}
		parts = append(parts, part)
		pos += len(raw)
	}
	return parts, n
}
