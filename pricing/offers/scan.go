package offers

import (
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// scanner reads JSON (RFC 8259) without reflection. It carries its first error to the end; strings it returns share text.
//
//	s.enter('{')
//	for first := true; s.more('}', first); first = false {
//		switch s.name() { case "who": who = s.text(); default: s.skip() }
//	}
type scanner struct {
	in  string
	at  int
	err string // what was wrong first, "" for nothing
	bad int    // where
}

func (s *scanner) fail(what string) {
	if s.err == "" {
		s.err, s.bad = what, s.at
	}
	s.at = len(s.in) // nothing more is read
}

// space passes over white space and returns the byte that follows, 0 at the end.
func (s *scanner) space() byte {
	for ; s.at < len(s.in); s.at++ {
		switch b := s.in[s.at]; b {
		case ' ', '\n', '\t', '\r':
		default:
			return b
		}
	}
	return 0
}

func (s *scanner) enter(open byte) {
	if s.space() != open {
		s.fail("want " + string(rune(open)))
		return
	}
	s.at++
}

// more says whether another element comes before the end of the object or list.
func (s *scanner) more(end byte, first bool) bool {
	b := s.space()
	if s.err != "" {
		return false
	}
	if b == end {
		s.at++
		return false
	}
	if first {
		return true
	}
	if b != ',' {
		s.fail("want , or " + string(rune(end)))
		return false
	}
	s.at++
	return true
}

func (s *scanner) name() string {
	name := s.text()
	if s.space() != ':' {
		s.fail("want : after a name")
		return ""
	}
	s.at++
	return name
}

func (s *scanner) text() string {
	if s.space() != '"' {
		s.fail("want a string")
		return ""
	}
	begin, ascii := s.at+1, true
	for i := begin; i < len(s.in); i++ {
		switch b := s.in[i]; {
		case b == '"':
			s.at = i + 1
			if out := s.in[begin:i]; ascii || utf8.ValidString(out) {
				return out
			}
			s.fail("not UTF-8")
			return ""
		case b == '\\':
			return s.escaped(begin)
		case b < ' ':
			s.fail("a control character in a string")
			return ""
		case b >= utf8.RuneSelf:
			ascii = false
		}
	}
	s.fail("a string without end")
	return ""
}

// escaped reads a string that has a backslash, from after its quote.
func (s *scanner) escaped(begin int) string {
	for i := begin; i < len(s.in); i++ {
		switch s.in[i] {
		case '\\':
			i++
		case '"':
			out, err := jsontext.AppendUnquote(nil, s.in[begin-1:i+1])
			if err != nil {
				s.fail("a string that cannot be read")
				return ""
			}
			s.at = i + 1
			return string(out)
		}
	}
	s.fail("a string without end")
	return ""
}

// maxDigits keeps whole numbers within an int64.
const maxDigits = 18

func (s *scanner) int() int64 {
	b := s.space()
	negative := b == '-'
	if negative {
		s.at++
	}
	begin := s.at
	var v int64
	for ; s.at < len(s.in) && s.in[s.at] >= '0' && s.in[s.at] <= '9'; s.at++ {
		if s.at-begin == maxDigits {
			s.fail("a number of too many digits")
			return 0
		}
		v = v*10 + int64(s.in[s.at]-'0')
	}
	digits := s.in[begin:s.at]
	if digits == "" || len(digits) > 1 && digits[0] == '0' || s.at < len(s.in) && strings.IndexByte(".eE", s.in[s.at]) >= 0 {
		s.fail("want a whole number")
		return 0
	}
	if negative {
		return -v
	}
	return v
}

// skip passes over one value of any kind.
func (s *scanner) skip() {
	s.space()
	if s.err != "" {
		return
	}
	rest := strings.NewReader(s.in[s.at:])
	dec := jsontext.NewDecoder(rest)
	if err := dec.SkipValue(); err != nil {
		s.fail("a value that cannot be read")
		return
	}
	s.at += int(dec.InputOffset())
}

// end says what was wrong, also when something follows.
func (s *scanner) end() string {
	if s.space(); s.err == "" && s.at < len(s.in) {
		s.fail("something follows")
	}
	return s.err
}
