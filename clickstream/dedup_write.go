package clickstream

import (
	"fmt"
	"os"
)

// write makes blocks durable, oldest first. After an error none of them counts as written: the next write cuts what was left of
// them, and goes to a new file, because a file whose sync once failed is not to be trusted with more.
func (f *dedupFiles) write(blocks []dedupBlock) error {
	for i := range blocks {
		if err := f.writeBlock(&blocks[i]); err != nil {
			f.failed = f.out != nil || f.failed
			f.close()
			return fmt.Errorf("write dedup file of hour %d: %w", blocks[i].hour, err)
		}
	}
	f.expire()
	return nil
}

func (f *dedupFiles) writeBlock(b *dedupBlock) error {
	if err := f.open(b.hour); err != nil {
		return err
	}
	f.buf = appendDedupBlock(f.buf[:0], b)
	if _, err := f.out.Write(f.buf); err != nil {
		return err
	}
	if err := f.out.Sync(); err != nil {
		return err
	}
	f.size += int64(len(f.buf))
	if cap(f.buf) > 16<<20 { // of a recovery or a burst
		f.buf = nil
	}
	return nil
}

// open makes f.out the file to which a block of hour goes.
func (f *dedupFiles) open(hour int64) error {
	last := dedupFile{hour: -1}
	if len(f.list) > 0 {
		last = f.list[len(f.list)-1]
	}
	if f.failed {
		if err := cutFile(f.path(last), f.size); err != nil {
			return err
		}
	}
	if f.out != nil && last.hour == hour {
		return nil
	}
	f.close()
	next := dedupFile{hour: max(hour, last.hour)}
	if next.hour == last.hour {
		next.turn = last.turn
		if f.failed {
			next.turn++
		}
	}
	out, err := os.OpenFile(f.path(next), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	info, err := out.Stat()
	if err == nil && info.Size() < dedupHead { // new, or begun without success
		if err = out.Truncate(0); err == nil {
			_, err = out.Write(append([]byte(dedupMagic), seedMark(f.seed)...))
		}
		if err == nil {
			err = syncDir(f.dir)
		}
	}
	if err != nil {
		out.Close()
		return err
	}
	if next != last {
		f.list = append(f.list, next)
	}
	f.out, f.size, f.failed = out, max(info.Size(), dedupHead), false
	return nil
}

// cutFile makes a file end at size, durably.
func cutFile(path string, size int64) error {
	out, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer out.Close()
	if err := out.Truncate(size); err != nil {
		return err
	}
	return out.Sync()
}

// expire removes files whose hours have left the window. The last file always stays: it has the ledger.
func (f *dedupFiles) expire() {
	for len(f.list) > 1 && f.outOfWindow(f.list[0].hour, f.list[len(f.list)-1].hour) {
		if err := os.Remove(f.path(f.list[0])); err != nil && !os.IsNotExist(err) {
			return // it is tried again after the next write
		}
		f.list = f.list[1:]
	}
}

func (f *dedupFiles) close() {
	if f.out != nil {
		f.out.Close() // everything that counts was synced
		f.out = nil
	}
}
