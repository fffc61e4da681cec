package clickstream

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// openLetterFiles reads the files of dir. A torn or damaged end, and letters that the log (which ends at end) does not have,
// are cut; a copy of the file stays beside it.
func openLetterFiles(dir string, partition int, limit int64, end uint64) (*letterFiles, error) {
	f := &letterFiles{dir: dir, partition: partition, limit: limit / 2}
	paths, err := filepath.Glob(filepath.Join(dir, "letters-*.dead"))
	if err != nil {
		return nil, err
	}
	var turns []int
	for _, path := range paths {
		var turn int
		if n, err := fmt.Sscanf(filepath.Base(path), lettersPattern, &turn); n == 1 && err == nil {
			turns = append(turns, turn)
		}
	}
	slices.Sort(turns)
	for _, turn := range turns {
		if err := f.read(turn, end); err != nil {
			return nil, fmt.Errorf("read dead letters: %w", err)
		}
	}
	f.fresh = len(f.index)
	return f, nil
}

func (f *letterFiles) read(turn int, end uint64) error {
	data, err := os.ReadFile(f.path(turn))
	if err != nil {
		return err
	}
	if f.turn > 0 {
		f.older = append(f.older, letterFile{f.turn, f.size})
	}
	f.turn, f.failed = turn, false
	text, i := string(data), lettersHead
	if len(text) < lettersHead || text[:8] != lettersMagic {
		i = 0
	} else {
		f.gone = int64(binary.LittleEndian.Uint64(data[8:]))
	}
	for i > 0 && i < len(text) {
		payload, ok := frame(text[i:])
		if !ok {
			break
		}
		offset, record, ok := cutOffset(payload)
		if ok && isErasedLetter(record) {
			i += frameHead + len(payload)
			continue
		}
		var l DeadLetter
		marked, isMark, err := decodeLetter(record, &l)
		if !ok || err != nil || offset >= end {
			break
		}
		size := frameHead + len(payload)
		if isMark {
			f.markLocked(marked)
		} else {
			f.index = append(f.index, letterRef{offset: offset, site: f.internLocked(l.Site), turn: turn, at: int64(i), size: size})
		}
		i += size
	}
	f.size = int64(i)
	if i == len(text) && i > 0 {
		return nil
	}
	if err := os.WriteFile(f.path(turn)+".damaged", data, 0o600); err != nil {
		return err
	}
	f.failed = true // the next write goes to a new file
	return cutFile(f.path(turn), f.size)
}

// next is the offset from which on the files have nothing.
func (f *letterFiles) next() uint64 {
	if n := len(f.index); n > 0 {
		return f.index[n-1].offset + 1
	}
	return 0
}

// flush makes what was added durable.
func (f *letterFiles) flush() error {
	f.mu.Lock()
	from := f.fresh
	refs := slices.Clone(f.index[from:])
	marks := f.marks
	f.mu.Unlock()
	if len(refs)+len(marks) == 0 {
		return nil
	}
	if err := f.rotate(); err != nil {
		return fmt.Errorf("open dead letters: %w", err)
	}
	f.buf = f.buf[:0]
	for i := range refs {
		r := &refs[i]
		at := len(f.buf)
		f.buf = appendLetterFrame(f.buf, r.offset, r.text)
		r.turn, r.at, r.size, r.text = f.turn, f.size+int64(at), len(f.buf)-at, ""
	}
	for _, m := range marks {
		f.buf = appendLetterFrame(f.buf, m.offset, m.text)
	}
	_, err := f.out.Write(f.buf)
	if err == nil {
		err = f.out.Sync()
	}
	if err != nil {
		f.close()
		f.failed = true
		return fmt.Errorf("write dead letters: %w", err)
	}
	f.size += int64(len(f.buf))
	if cap(f.buf) > 1<<20 {
		f.buf = nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := range refs {
		refs[i].replayed = f.index[f.fresh+i].replayed
		f.index[f.fresh+i] = refs[i]
	}
	f.fresh += len(refs)
	f.marks = f.marks[len(marks):]
	return nil
}

// rotate makes f.out the file to write to: the last one, or a new one when it is full or failed.
func (f *letterFiles) rotate() error {
	if f.failed && f.turn > 0 {
		if err := cutFile(f.path(f.turn), f.size); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	renew := f.failed || f.turn == 0 || f.size >= f.limit
	if f.out != nil && !renew {
		return nil
	}
	f.close()
	if !renew {
		out, err := os.OpenFile(f.path(f.turn), os.O_WRONLY|os.O_APPEND, 0o600)
		f.out = out
		return err
	}
	turn := f.turn + 1
	if f.failed && f.size <= lettersHead {
		turn = max(f.turn, 1) // nothing was ever kept in it
	} else if f.turn > 0 {
		f.older = append(f.older, letterFile{f.turn, f.size})
	}
	gone, err := f.makeRoom()
	if err != nil {
		return err
	}
	out, err := os.OpenFile(f.path(turn), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	f.turn, f.size, f.failed = turn, 0, true // until its head is written
	if _, err = out.Write(binary.LittleEndian.AppendUint64([]byte(lettersMagic), uint64(gone))); err == nil {
		err = syncDir(f.dir)
	}
	if err != nil {
		out.Close()
		return err
	}
	f.out, f.size, f.failed = out, lettersHead, false
	return nil
}

// makeRoom drops the oldest files until a new one fits, and says how many letters are gone in all.
func (f *letterFiles) makeRoom() (gone int64, err error) {
	total := int64(0)
	for _, file := range f.older {
		total += file.size
	}
	for total > f.limit {
		oldest := f.older[0]
		if err := os.Remove(f.path(oldest.turn)); err != nil && !os.IsNotExist(err) {
			return 0, err
		}
		f.older, total = f.older[1:], total-oldest.size
		f.forget(oldest.turn)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.gone, nil
}

func (f *letterFiles) forget(turn int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for n < f.fresh && f.index[n].turn <= turn {
		n++
	}
	f.index = slices.Delete(f.index, 0, n)
	f.fresh -= n
	f.gone += int64(n)
}

func (f *letterFiles) close() {
	if f.out != nil {
		f.out.Close() // what counts was synced
		f.out = nil
	}
}
