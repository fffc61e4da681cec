package eventlog

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

// Copy makes in dst, a folder that is empty or does not exist, a log with exactly the records that are durable at one instant during
// the call, while appends go on. Sealed segments are hard links where the file system can: they never change in place. The
// copy has the original's epoch, so that snapshots with positions in it fit the copy too.
func (l *Log) Copy(dst string) error {
	done, err := l.turn()
	if err != nil {
		return err
	}
	defer done()
	if err := l.settled(); err != nil {
		return err
	}
	if err := emptyDir(dst); err != nil {
		return err
	}
	type piece struct {
		seg  *segment
		size int64
		link bool
	}
	l.mu.RLock()
	cut := l.done.clone()
	var pieces []piece
	for _, seg := range l.segments {
		pieces = append(pieces, piece{seg, seg.bytes(), seg.sealed})
	}
	l.mu.RUnlock()

	for i, p := range pieces {
		name := filepath.Join(dst, p.seg.name)
		if p.link && l.cfg.FS.Link(l.path(p.seg.name), name) == nil {
			continue
		}
		var mark []byte
		if i == len(pieces)-1 {
			mark = appendBlock(nil, l.seed, &cut, cut.time, 0, nil)
		}
		if err := l.copyFile(name, p.seg, p.size, mark); err != nil {
			return fmt.Errorf("copy segment %s: %w", p.seg.name, err)
		}
	}
	if err := replaceFile(l.cfg.FS, filepath.Join(dst, metaName), l.meta.encode()); err != nil {
		return err
	}
	return syncDir(l.cfg.FS, filepath.Dir(filepath.Clean(dst)))
}

func emptyDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	found, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return fmt.Errorf("%s is not empty", dir)
	}
	return nil
}

// copyFile copies the first size bytes of seg, then mark.
func (l *Log) copyFile(name string, seg *segment, size int64, mark []byte) error {
	from, err := l.openSame(seg)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := l.cfg.FS.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL)
	if err != nil {
		return err
	}
	var pos int64
	buf := make([]byte, min(size, scanWindow))
	for pos < size && err == nil {
		b := buf[:min(size-pos, scanWindow)]
		n, rerr := from.ReadAt(b, pos)
		if n < len(b) {
			if rerr == nil || isEOF(rerr) {
				rerr = io.ErrUnexpectedEOF
			}
			err = rerr
			break
		}
		err = writeAll(to, b, pos)
		pos += int64(n)
	}
	if err == nil {
		err = writeAll(to, slices.Clip(mark), pos)
	}
	if err == nil {
		err = to.Sync()
	}
	if cerr := to.Close(); err == nil {
		err = cerr
	}
	return err
}
