package eventlog

import (
	"fmt"
	"os"
	"slices"

	"beckon/clickstream/record"
)

const rewriteName = "rewrite.tmp"

// Erase empties every record that match names among those that were durable at the call, and returns how many there were. Records keep
// their offset, Seq and time; readers get "" for them. It is Rewrite with nothing for a replacement.
func (l *Log) Erase(match func(partition int, payload string) bool) (erased int64, err error) {
	return l.Rewrite(func(at record.Position, _ uint64, payload string) string {
		if match(at.Partition, payload) {
			return ""
		}
		return payload
	})
}

// Rewrite gives every record that was durable at the call the payload that replace returns for it, and says how many have another than
// before. Records keep their offset, Seq and time, and no payload may become longer: that is an error. Each segment with a change is
// written anew beside the old one and then takes its place, so there must be room for one more; after an error or a crash each segment is
// either old or new, and Rewrite can be called again. replace is called in order of Seq, from this goroutine, and not for empty records;
// payload is borrowed until it returns, and so is what it returns. Batches that readers already hold do not change.
func (l *Log) Rewrite(replace func(at record.Position, seq uint64, payload string) string) (changed int64, err error) {
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
			return changed, ErrClosed
		default:
		}
		n, err := l.rewrite(seg, replace)
		changed += n
		if err != nil {
			return changed, fmt.Errorf("rewrite segment %s: %w", seg.name, err)
		}
	}
	return changed, nil
}

// replacer is what Rewrite asks for each record.
type replacer func(at record.Position, seq uint64, payload string) string

// rewrite replaces seg if a record of it gets another payload.
func (l *Log) rewrite(seg *segment, replace replacer) (int64, error) {
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
		if err := w.block(at, s, replace); err != nil {
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
		return w.changed, err
	}
	return w.changed, nil
}

// rewriter writes a segment anew. Until a record changes it only counts; then it copies what came before.
type rewriter struct {
	log     *Log
	old     File
	head    segmentHead
	index   *index
	changed int64

	file File   // nil until a record changed
	pos  int64  // of buf in file
	buf  []byte // what is not written yet
}

// block adds the scanner's block, which stood at at.
func (w *rewriter) block(at extentStart, s *scanner, replace replacer) error {
	parts, n, err := replaced(s.block, s.head, replace)
	if err != nil {
		return err
	}
	if n > 0 && w.file == nil {
		if err := w.begin(at.pos); err != nil {
			return err
		}
	}
	w.changed += n
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

// replaced returns the block's parts with the payloads that replace gives, and how many of those are others.
func replaced(block []byte, h blockHead, replace replacer) (parts []record.Append, n int64, err error) {
	pos, seq := h.tableEnd(), h.seq
	for i := range int(h.frames) {
		e := entryAt(block, i)
		raw := block[pos:][:e.frameSize()]
		data := string(raw[4*e.count:])
		part := record.Append{Partition: int(e.partition), First: e.first}
		var from uint32
		for k := range int(e.count) {
			end := le.Uint32(raw[4*k:])
			payload := data[from:end]
			at := record.Position{Partition: part.Partition, Offset: e.first + uint64(k)}
			if payload != "" {
				fresh := replace(at, seq, payload)
				if len(fresh) > len(payload) {
					return nil, 0, fmt.Errorf("record %d of partition %d would grow from %d to %d bytes", at.Offset, at.Partition, len(payload), len(fresh))
				}
				if fresh != payload {
					payload = fresh
					n++
				}
			}
			part.Records.Data = append(part.Records.Data, payload...)
			part.Records.Close()
			from = end
			seq++
		}
		parts = append(parts, part)
		pos += len(raw)
	}
	return parts, n, nil
}
