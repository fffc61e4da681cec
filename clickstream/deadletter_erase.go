package clickstream

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode/utf8"
)

// LetterNames says whether payload is a dead letter of the visitor's site that names the visitor: it was fixed by a token, or its id stands
// as a whole word in what came, escapes of JSON read. Of a body that is no JSON that is all there is to go by.
func LetterNames(payload string, v VisitorID) bool {
	if RecordType(payload) != RecordRejected {
		return false
	}
	var l DeadLetter
	if _, isMark, err := decodeLetter(payload, &l); err != nil || isMark {
		return false
	}
	return l.names(v)
}

func (l *DeadLetter) names(v VisitorID) bool {
	if l.Site != v.Site {
		return false
	}
	for _, text := range [...]string{l.visitor, l.Raw, l.head, l.EventID, l.Message, l.userAgent} {
		if namesID(text, v.Visitor) || strings.Contains(text, `\u`) && namesID(readEscapes(text), v.Visitor) {
			return true
		}
	}
	return false
}

// namesID says whether id stands in text with nothing of an id beside it.
func namesID(text, id string) bool {
	for from := 0; id != ""; {
		i := strings.Index(text[from:], id)
		if i < 0 {
			return false
		}
		at, end := from+i, from+i+len(id)
		if (at == 0 || !idByte(text[at-1])) && (end == len(text) || !idByte(text[end])) {
			return true
		}
		from = at + 1
	}
	return false
}

// idByte says whether c can be part of an id.
func idByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == ':' || c == '-'
}

// readEscapes is text with its \uXXXX read, in which an id can be hidden.
func readEscapes(text string) string {
	var b strings.Builder
	for {
		i := strings.Index(text, `\u`)
		if i < 0 || len(text) < i+6 {
			break
		}
		n, err := strconv.ParseUint(text[i+2:i+6], 16, 16)
		if err != nil {
			b.WriteString(text[:i+2])
			text = text[i+2:]
			continue
		}
		b.WriteString(text[:i])
		b.WriteRune(rune(min(n, utf8.RuneSelf))) // an id has nothing beyond ASCII
		text = text[i+6:]
	}
	b.WriteString(text)
	return b.String()
}

// EraseLetters takes the dead letters that name visitors, up to their erase records, out of the dead letters' files, and out of copies that
// damage left beside them. It can be repeated. The log is another step's.
func (c *Collector) EraseLetters(ctx context.Context, visitors map[VisitorID]Erasing) error {
	return c.flusher.between(ctx, func() error {
		return c.letters.erase(func(offset uint64, l *DeadLetter) bool {
			for v, e := range visitors {
				if offset < e.Intake && l.names(v) {
					return true
				}
			}
			return false
		}, visitors)
	})
}

// erase writes every file anew that has a letter which match names. A letter's frame keeps its place, so that what is known of the others
// stays right; only zeros are left in it.
func (f *letterFiles) erase(match func(offset uint64, l *DeadLetter) bool, visitors map[VisitorID]Erasing) error {
	if err := f.flush(); err != nil {
		return err
	}
	turns := make([]int, 0, len(f.older)+1)
	for _, file := range f.older {
		turns = append(turns, file.turn)
	}
	if f.turn > 0 {
		turns = append(turns, f.turn)
	}
	for _, turn := range turns {
		if err := f.eraseIn(turn, match); err != nil {
			return fmt.Errorf("erase dead letters in %s: %w", f.path(turn), err)
		}
	}
	return f.eraseDamaged(visitors)
}

func (f *letterFiles) eraseIn(turn int, match func(offset uint64, l *DeadLetter) bool) error {
	data, err := os.ReadFile(f.path(turn))
	if err != nil {
		return err
	}
	text := string(data)
	gone := map[uint64]bool{}
	for i := lettersHead; i < len(text); {
		payload, ok := frame(text[i:])
		if !ok {
			break // what a failed write left; the next one cuts it
		}
		size := frameHead + len(payload)
		offset, letter, ok := cutOffset(payload)
		var l DeadLetter
		if _, isMark, err := decodeLetter(letter, &l); ok && err == nil && !isMark && match(offset, &l) {
			gone[offset] = true
			blankLetter(data[i:i+size], offset)
		}
		i += size
	}
	if len(gone) == 0 {
		return nil
	}
	if turn == f.turn {
		f.close() // the next write opens the new file
	}
	if err := replaceFile(f.path(turn), data); err != nil {
		return err
	}
	f.drop(gone)
	return nil
}

// blankLetter empties the frame of a letter: its offset and kind stay, then zeros.
func blankLetter(frame []byte, offset uint64) {
	payload := frame[frameHead:]
	clear(payload)
	head := binary.AppendUvarint(nil, offset)
	copy(payload, append(head, RecordRejected, letterVersion, letterErased))
	sealFrame(frame, 0)
}

// drop takes letters out of the index.
func (f *letterFiles) drop(gone map[uint64]bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept, fresh := f.index[:0:0], 0
	for i, r := range f.index {
		if gone[r.offset] {
			continue
		}
		if i < f.fresh {
			fresh++
		}
		kept = append(kept, r)
	}
	f.index, f.fresh = kept, fresh
}

// eraseDamaged removes copies of damaged files that name a visitor: what was whole in them stands in the files themselves. What an erasure
// left that a crash cut short goes as well.
func (f *letterFiles) eraseDamaged(visitors map[VisitorID]Erasing) error {
	half, err := filepath.Glob(filepath.Join(f.dir, "letters-*.tmp"))
	if err != nil {
		return err
	}
	for _, path := range half {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	paths, err := filepath.Glob(filepath.Join(f.dir, "letters-*.damaged"))
	if err != nil {
		return err
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		text := string(data)
		for v := range visitors {
			if strings.Contains(text, v.Visitor) || strings.Contains(readEscapes(text), v.Visitor) {
				if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
					return err
				}
				break
			}
		}
	}
	return nil
}

// replaceFile gives a file other content: whole or not at all, also after a crash.
func replaceFile(path string, content []byte) error {
	tmp := path + ".tmp"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) { // of an earlier attempt
		return err
	}
	if err := writeSynced(tmp, [][]byte{content}); err != nil {
		return err
	}
	if err := os.Chmod(tmp, 0o600); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}
