package clickstream

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

const (
	lettersMagic   = "BKDEAD\x00\x01"
	lettersHead    = 16 // magic, and how many letters the files before this one had that are gone
	lettersPattern = "letters-%06d.dead"
)

// letterFiles keep dead letters for as long as there is room, whatever the log trims: a file is full at half of the limit, and
// before a new one is begun the oldest go until all of them fit into the other half. A file is a head and frames; a frame's payload is offset:uvarint and the record that the intake partition has at that offset.
// Lists may be read from any goroutine; everything else is for one at a time.
type letterFiles struct {
	dir       string
	partition int
	limit     int64 // bytes of a file

	out    *os.File
	older  []letterFile
	turn   int   // of the last file, 0 before the first
	size   int64 // of the last file, as far as it was written and synced
	failed bool  // the last file gets no more
	buf    []byte

	mu    sync.Mutex
	index []letterRef // by offset
	fresh int         // index[fresh:] and marks are not in a file yet
	marks []letterMark
	gone  int64
}

type letterFile struct {
	turn int
	size int64
}

type letterRef struct {
	offset   uint64
	site     string
	text     string // the record, until it is in a file
	turn     int    // where it is then
	at       int64
	size     int
	replayed bool
}

type letterMark struct {
	offset uint64
	text   string
}

// add enters a record of the intake partition. text is kept.
func (f *letterFiles) add(offset uint64, text string) error {
	var l DeadLetter
	marked, isMark, err := decodeLetter(text, &l)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if isMark {
		f.markLocked(marked)
		f.marks = append(f.marks, letterMark{offset, text})
		return nil
	}
	f.index = append(f.index, letterRef{offset: offset, site: f.internLocked(l.Site), text: text})
	return nil
}

// internLocked keeps one copy of a site's name where letters of a site follow each other.
func (f *letterFiles) internLocked(site string) string {
	if n := len(f.index); n > 0 && f.index[n-1].site == site {
		return f.index[n-1].site
	}
	return strings.Clone(site)
}

func (f *letterFiles) markLocked(offset uint64) {
	if i, ok := f.findLocked(offset); ok {
		f.index[i].replayed = true
	}
}

func (f *letterFiles) findLocked(offset uint64) (int, bool) {
	return slices.BinarySearchFunc(f.index, offset, func(r letterRef, offset uint64) int {
		switch {
		case r.offset < offset:
			return -1
		case r.offset > offset:
			return 1
		}
		return 0
	})
}

// list reads the newest letters of site, newest first.
func (f *letterFiles) list(site string, limit int) ([]DeadLetter, error) {
	f.mu.Lock()
	var refs []letterRef
	for i := len(f.index) - 1; i >= 0 && len(refs) < limit; i-- {
		if site == "" || f.index[i].site == site {
			refs = append(refs, f.index[i])
		}
	}
	f.mu.Unlock()
	letters := make([]DeadLetter, 0, len(refs))
	size := 0
	for i := range refs {
		if size > maxLetterBytes {
			break
		}
		l, err := f.load(&refs[i])
		if errors.Is(err, fs.ErrNotExist) { // made room for newer ones just now
			continue
		}
		if err != nil {
			return letters, err
		}
		letters = append(letters, l)
		size += len(l.Raw)
	}
	return letters, nil
}

// get is the letter of site with this offset.
func (f *letterFiles) get(site string, offset uint64) (DeadLetter, error) {
	f.mu.Lock()
	i, ok := f.findLocked(offset)
	var ref letterRef
	if ok {
		ref = f.index[i]
	}
	f.mu.Unlock()
	if !ok || ref.site != site {
		return DeadLetter{}, ErrNoDeadLetter
	}
	l, err := f.load(&ref)
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrNoDeadLetter
	}
	return l, err
}

func (f *letterFiles) load(r *letterRef) (DeadLetter, error) {
	text := r.text
	if text == "" {
		file, err := os.Open(f.path(r.turn))
		if err != nil {
			return DeadLetter{}, err
		}
		defer file.Close()
		data := make([]byte, r.size)
		if _, err := file.ReadAt(data, r.at); err != nil {
			return DeadLetter{}, fmt.Errorf("read dead letter %d: %w", r.offset, err)
		}
		payload, ok := frame(string(data))
		if ok {
			_, text, ok = cutOffset(payload)
		}
		if !ok {
			return DeadLetter{}, fmt.Errorf("dead letter %d is damaged: %s, byte %d", r.offset, f.path(r.turn), r.at)
		}
	}
	var l DeadLetter
	if isErasedLetter(text) {
		return l, fmt.Errorf("dead letter %d was erased: %w", r.offset, fs.ErrNotExist)
	}
	if _, _, err := decodeLetter(text, &l); err != nil {
		return l, err
	}
	l.ID, l.Replayed = letterID(f.partition, r.offset), r.replayed
	return l, nil
}

func (f *letterFiles) path(turn int) string {
	return filepath.Join(f.dir, fmt.Sprintf(lettersPattern, turn))
}

func appendLetterFrame(dst []byte, offset uint64, text string) []byte {
	at := len(dst)
	dst = append(dst, make([]byte, frameHead)...)
	dst = binary.AppendUvarint(dst, offset)
	dst = append(dst, text...)
	sealFrame(dst, at)
	return dst
}

func cutOffset(payload string) (offset uint64, text string, ok bool) {
	d := decoder{s: payload}
	offset = d.uvarint()
	return offset, payload[d.i:], d.reason == ""
}
