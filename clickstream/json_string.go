package clickstream

import (
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf16"
)

// textChunkBytes is the size of the blocks that unescaped strings are cut from.
const textChunkBytes = 4 << 10

const (
	everyByte = 0x0101010101010101
	everyHigh = 0x8080808080808080
)

// plain is the index of the first byte from i on that ends a run of ordinary characters: a quote, a backslash, a control
// character or the end of the text. It tests eight bytes at a time: the lowest flagged byte is exact ("Hacker's Delight", 6-1).
func plain(s string, i int) int {
	for i+8 <= len(s) {
		b := s[i : i+8]
		w := uint64(b[0]) | uint64(b[1])<<8 | uint64(b[2])<<16 | uint64(b[3])<<24 |
			uint64(b[4])<<32 | uint64(b[5])<<40 | uint64(b[6])<<48 | uint64(b[7])<<56
		quote, slash := w^everyByte*'"', w^everyByte*'\\'
		if stop := ((w-everyByte*' ')&^w | (quote-everyByte)&^quote | (slash-everyByte)&^slash) & everyHigh; stop != 0 {
			return i + bits.TrailingZeros64(stop)>>3
		}
		i += 8
	}
	for i < len(s) && s[i] >= ' ' && s[i] != '"' && s[i] != '\\' {
		i++
	}
	return i
}

// str reads the string that starts here.
func (x *lexer) str() string {
	from := x.i + 1
	i := plain(x.s, from)
	if i < len(x.s) && x.s[i] == '"' {
		x.i = i + 1
		return x.s[from:i]
	}
	x.skipString()
	if x.problem != "" {
		return ""
	}
	return x.unescape(x.s[from : x.i-1])
}

// skipString reads over the string that starts here and checks it.
func (x *lexer) skipString() {
	i := x.i + 1
	for {
		i = plain(x.s, i)
		if i >= len(x.s) {
			x.fail("unexpected end of a string")
			return
		}
		switch x.s[i] {
		case '"':
			x.i = i + 1
			return
		case '\\':
			n := escapeLen(x.s[i:])
			if n == 0 {
				x.i = i
				x.fail("bad escape in a string")
				return
			}
			i += n
		default:
			x.i = i
			x.fail("control character in a string")
			return
		}
	}
}

// escapeLen is the length of the escape that s starts with, 0 if it is none.
func escapeLen(s string) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if _, ok := hex4(s); ok {
			return 6
		}
	}
	return 0
}

// hex4 is the code unit of the \uXXXX that s starts with.
func hex4(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range []byte(s[2:6]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// room readies the chunk for n more bytes and returns where they will start.
func (x *lexer) room(n int) int {
	if x.chunk.Cap()-x.chunk.Len() < n {
		x.chunk = strings.Builder{} // the full one lives on in its strings
		x.chunk.Grow(max(n, textChunkBytes))
	}
	return x.chunk.Len()
}

// unescape resolves the escapes of s, which skipString has checked. Half a surrogate pair becomes U+FFFD, as in
// encoding/json: browsers cut titles in the middle of an emoji, and a purchase must not be lost for that.
func (x *lexer) unescape(s string) string {
	from := x.room(len(s)) // no escape is shorter than what it stands for
	for s != "" {
		n := strings.IndexByte(s, '\\')
		if n < 0 {
			n = len(s)
		}
		x.chunk.WriteString(s[:n])
		if s = s[n:]; s == "" {
			break
		}
		if s[1] != 'u' {
			x.chunk.WriteByte(unescaped(s[1]))
			s = s[2:]
			continue
		}
		r, _ := hex4(s)
		s = s[6:]
		if utf16.IsSurrogate(r) {
			low, _ := hex4(s)
			if r = utf16.DecodeRune(r, low); r != unicode.ReplacementChar {
				s = s[6:]
			}
		}
		x.chunk.WriteRune(r)
	}
	return x.chunk.String()[from:]
}

func unescaped(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// keep copies b into the chunk and returns it as a string that stays valid for ever.
func (x *lexer) keep(b []byte) string {
	from := x.room(len(b))
	x.chunk.Write(b)
	return x.chunk.String()[from:]
}
