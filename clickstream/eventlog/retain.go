package eventlog

import "fmt"

// Retain removes the oldest segments, whole, as long as no record in them has an offset of low or beyond (low[p] for partition p;
// partitions that low does not reach keep everything) and one of the two asks for it: the log is larger than keepBytes, if that is
// positive, or the segment's newest record is older than olderThan, Unix ms, if that is positive. The newest segment stays. Offsets keep
// counting; readers that are overtaken get a *RangeError.
func (l *Log) Retain(low []uint64, keepBytes, olderThan int64) error {
	done, err := l.turn()
	if err != nil {
		return err
	}
	defer done()
	for {
		seg := l.takeOldest(low, keepBytes, olderThan)
		if seg == nil {
			return nil
		}
		if err := l.cfg.FS.Remove(l.path(seg.name)); err != nil {
			l.mu.Lock()
			l.segments = append([]*segment{seg}, l.segments...)
			l.mu.Unlock()
			return fmt.Errorf("remove segment %s: %w", seg.name, err)
		}
		l.forget(seg)
		// One at a time: after a crash the segments that are left must follow one another.
		if err := syncDir(l.cfg.FS, l.cfg.Dir); err != nil {
			err = &FailedError{err}
			l.fail(err)
			return err
		}
	}
}

// takeOldest takes the oldest segment out of the log if it may go.
func (l *Log) takeOldest(low []uint64, keepBytes, olderThan int64) *segment {
	l.mu.Lock()
	defer l.mu.Unlock()
	seg := l.segments[0]
	if !seg.sealed || len(l.segments) == 1 {
		return nil
	}
	for p, end := range seg.end.ends {
		if end == seg.head.at.ends[p] {
			continue // none of its records are here
		}
		if p >= len(low) || end > low[p] {
			return nil
		}
	}
	var total int64
	for _, s := range l.segments {
		total += s.bytes()
	}
	tooMuch := keepBytes > 0 && total > keepBytes
	tooOld := olderThan > 0 && seg.end.time < olderThan
	if !tooMuch && !tooOld {
		return nil
	}
	l.segments = l.segments[1:len(l.segments):len(l.segments)]
	return seg
}

func (l *Log) forget(seg *segment) {
	l.indexes.forget(func(s *segment) bool { return s == seg })
	l.extents.forget(func(k extentKey) bool { return k.seg == seg })
}
