package eventlog

import (
	"errors"
	"fmt"
	"time"
)

// active is the newest segment's file. After Open it belongs to who holds the baton.
type active struct {
	file  File
	name  string
	pos   int64 // end of the durable blocks
	limit int64 // length up to which the file was filled with zeros: a group that would pass it goes to the next segment
	dirty bool  // a block was written since the last mark
}

// commitLoop is the committer: it writes open groups as long as there are any, rolls on request, and at Close commits what was accepted
// and leaves a mark.
func (l *Log) commitLoop() {
	for {
		select {
		case <-l.wake:
			<-l.baton
			for l.commitOpen() {
			}
			l.baton <- struct{}{}
		case reply := <-l.rolls:
			<-l.baton
			reply <- l.rollIfNotEmpty()
			l.baton <- struct{}{}
		case <-l.closing:
			<-l.baton
			for l.commitOpen() {
			}
			l.mark()
			l.baton <- struct{}{}
			return
		}
	}
}

// commitHere commits the open group on the caller's goroutine if nobody writes just now, which saves two changes of goroutine for a caller
// that is alone; else the committer will.
func (l *Log) commitHere() {
	select {
	case <-l.baton:
		l.commitOpen()
		l.baton <- struct{}{}
	default:
		signal(l.wake)
	}
}

// commitOpen takes the open group and commits it; false when there was none. The caller holds the baton.
func (l *Log) commitOpen() bool {
	g := l.take()
	if g == nil {
		return false
	}
	if err := l.Err(); err != nil {
		l.finish(g, err)
		return true
	}
	start := time.Now()
	if err := l.write(g.chunks, g.size); err != nil {
		l.giveUp(g, err)
		return true
	}
	l.stats.committed(g, time.Since(start))
	l.publish(g)
	l.finish(g, nil)
	return true
}

// take replaces the open group by an empty one.
func (l *Log) take() *group {
	l.headMu.Lock()
	defer l.headMu.Unlock()
	g := l.open
	if g.blocks == 0 {
		return nil
	}
	l.open = newGroup()
	l.guess = 0
	if g.blocks > 1 {
		l.guess = g.size + g.size/4
	}
	close(g.taken)
	return g
}

func (l *Log) finish(g *group, err error) {
	g.err = err
	close(g.done)
}

// write makes chunks, of size bytes together, durable at the end of the log.
func (l *Log) write(chunks [][]byte, size int) error {
	a := &l.active
	if a.pos+int64(size) > a.limit {
		if err := l.rollIfNotEmpty(); err != nil {
			return err
		}
	}
	pos := a.pos
	for _, b := range chunks {
		if err := writeAll(a.file, b, pos); err != nil {
			err = fmt.Errorf("write to %s: %w", a.name, err)
			if !noRoom(err) {
				return err
			}
			return l.takeBack(err)
		}
		pos += int64(len(b))
	}
	if err := a.file.Sync(); err != nil {
		return fmt.Errorf("sync %s: %w", a.name, err)
	}
	a.pos = pos
	a.dirty = true
	return nil
}

// takeBack removes what a write without room left behind, so that the next write begins where this one did.
func (l *Log) takeBack(cause error) error {
	a := &l.active
	if err := a.file.Truncate(a.pos); err != nil {
		return fmt.Errorf("%w; take it back: %v", cause, err)
	}
	if err := a.file.Sync(); err != nil {
		return fmt.Errorf("%w; sync what was taken back: %v", cause, err)
	}
	return &FullError{cause}
}

// giveUp fails g and, as it was encoded to follow g, the group that is open now. The head goes back to what is durable. An error
// that is not a *FullError is final.
func (l *Log) giveUp(g *group, err error) {
	var full *FullError
	if errors.As(err, &full) {
		l.stats.full.Add(1)
	} else {
		err = &FailedError{err}
		l.fail(err)
	}
	l.headMu.Lock()
	next := l.open
	l.open = newGroup()
	l.head = l.done.clone() // who holds the baton may read done
	l.headMu.Unlock()
	close(next.taken)
	l.finish(next, err)
	l.finish(g, err)
}

// fail makes err, a *FailedError, what all later appends get.
func (l *Log) fail(err error) {
	l.headMu.Lock()
	defer l.headMu.Unlock()
	var failed *FailedError
	if !errors.As(l.stop, &failed) {
		l.stop = err
	}
}

// mark writes a block without records after the last one, which proves at the next Open that all before it was durable.
func (l *Log) mark() {
	if !l.active.dirty || l.Err() != nil || l.active.pos+blockHeadSize > l.active.limit {
		return
	}
	at := l.done
	buf := appendBlock(nil, l.seed, &at, at.time, 0, nil)
	if err := l.write([][]byte{buf}, len(buf)); err != nil {
		l.fail(&FailedError{err})
	}
}

// publish shows a durable group to readers and to those who wait for it.
func (l *Log) publish(g *group) {
	frames := g.freeze()
	l.mu.Lock()
	seg := l.segments[len(l.segments)-1]
	base := l.active.pos - int64(g.size)
	seg.index.add(extentStart{pos: base, seq: l.done.seq, ends: l.done.ends})
	for _, c := range g.cuts {
		c.pos += base
		seg.index.add(c)
	}
	seg.index.end = l.active.pos
	for i := range g.frames {
		f := &g.frames[i]
		l.done.ends[f.partition] = f.first + uint64(f.records)
	}
	l.done.seq, l.done.block, l.done.time = g.end.seq, g.end.block, g.end.time
	l.tail.add(g, frames)
	var woken []chan struct{}
	for seq, ch := range l.waiting {
		if seq < l.done.seq {
			woken = append(woken, ch)
			delete(l.waiting, seq)
		}
	}
	l.mu.Unlock()
	for _, ch := range woken {
		close(ch)
	}
}
