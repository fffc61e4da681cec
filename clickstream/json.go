package clickstream

import "strings"

// maxDepth is how deep objects and arrays may nest. Nothing of ours goes beyond six; props may be a shop's own tree.
const maxDepth = 128

// lexer pulls values from a JSON text (RFC 8259), in order and without building a tree. Its caller decides by kind what to
// read next and must consume each value it meets, with skip if with nothing else:
//
//	for ok := x.enter('}'); ok; ok = x.more('}') {
//		switch x.key() {
//		case "id":
//			id = x.str()
//		default:
//			x.skip()
//		}
//	}
//
// The first syntax error is kept and ends the input, so loops end and callers look at problem once, at the end.
//
// Strings without escapes are substrings of the text. Unescaped ones are written to chunks that are never written again,
// so they stay valid for ever; many strings share one allocation.
type lexer struct {
	s       string
	i       int // always at a value, a key or the end after the methods below
	depth   int
	problem string // the first syntax error, "" while there is none
	at      int    // where it was
	chunk   strings.Builder
}

func (x *lexer) reset(s string) {
	x.s, x.i, x.depth, x.problem, x.at = s, 0, 0, "", 0
	x.space()
}

func (x *lexer) fail(problem string) {
	if x.problem == "" {
		x.problem, x.at = problem, x.i
	}
	x.i = len(x.s)
}

func (x *lexer) space() {
	for x.i < len(x.s) {
		switch x.s[x.i] {
		case ' ', '\t', '\n', '\r':
			x.i++
		default:
			return
		}
	}
}

// kind is the first byte of the next value: one of " { [ t f n - or a digit if the text is right, 0 at its end.
func (x *lexer) kind() byte {
	if x.i < len(x.s) {
		return x.s[x.i]
	}
	return 0
}

// enter goes into the object or array that starts here and says whether it has a first element.
func (x *lexer) enter(closing byte) bool {
	x.i++
	x.depth++
	if x.depth > maxDepth {
		x.fail("nested too deep")
		return false
	}
	x.space()
	if x.i >= len(x.s) {
		x.fail("unexpected end")
		return false
	}
	if x.s[x.i] == closing {
		x.i++
		x.depth--
		return false
	}
	return true
}

// more goes to the next element after one was read and says whether there is one.
func (x *lexer) more(closing byte) bool {
	i := x.i
	if i+1 < len(x.s) && x.s[i] == ',' && x.s[i+1] > ' ' {
		x.i = i + 1
		return true
	}
	x.space()
	switch x.kind() {
	case ',':
		x.i++
		x.space()
		return true
	case closing:
		x.i++
		x.depth--
	case 0:
		x.fail("unexpected end")
	default:
		x.fail("want a comma or the end of an object or array")
	}
	return false
}

// key reads an object's key and its colon. It is "" after a failure, which no value follows.
func (x *lexer) key() string {
	if x.kind() != '"' {
		x.fail("want a key in quotes")
		return ""
	}
	k := x.str()
	x.colon()
	return k
}

func (x *lexer) colon() {
	i := x.i
	if i+1 < len(x.s) && x.s[i] == ':' && x.s[i+1] > ' ' {
		x.i = i + 1
		return
	}
	x.space()
	if x.kind() != ':' {
		x.fail("want a colon after a key")
		return
	}
	x.i++
	x.space()
}

// end fails when anything but space is left.
func (x *lexer) end() {
	x.space()
	if x.i < len(x.s) {
		x.fail("text after the end of the value")
	}
}

// literal reads true, false or null, whichever stands here.
func (x *lexer) literal() {
	for _, word := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(x.s[x.i:], word) {
			x.i += len(word)
			return
		}
	}
	x.fail("want a value")
}

// skip reads over any value and checks its syntax. Its recursion is bounded by maxDepth.
func (x *lexer) skip() {
	switch c := x.kind(); {
	case c == '"':
		x.skipString()
	case c == '{':
		for ok := x.enter('}'); ok; ok = x.more('}') {
			if x.kind() != '"' {
				x.fail("want a key in quotes")
				return
			}
			x.skipString()
			x.colon()
			x.skip()
		}
	case c == '[':
		for ok := x.enter(']'); ok; ok = x.more(']') {
			x.skip()
		}
	case c == '-' || c-'0' < 10:
		x.number()
	case c == 0 && x.i >= len(x.s):
		x.fail("unexpected end")
	default:
		x.literal()
	}
}

// raw is skip that returns the text it read over.
func (x *lexer) raw() string {
	from := x.i
	x.skip()
	if x.problem != "" {
		return ""
	}
	return x.s[from:x.i]
}
