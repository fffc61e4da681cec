package engine

import "strings"

// A clause is a place in a statement's text.
type clause struct{ start, end int }

// parsed is the outline of a statement.
type parsed struct {
	first  string // first word, upper case: SELECT, INSERT, …; "" for a text without words
	format string // name in FORMAT, else ""
	clause clause // of FORMAT and the name after it; both -1 when there is none

	// Of INSERT only.
	takesRows bool // rows follow the text, or stand in it
	values    bool // after VALUES
	head      int  // the statement without FORMAT, VALUES and rows is text[:head]
	rows      int  // rows begin here; len(text) when none stand in the text
}

// outline reads a statement's outline in one pass, without understanding it. Text may be cut off anywhere behind the outline.
func outline(text string) parsed {
	p := parsed{clause: clause{-1, -1}}
	s := scanner{text: text}
	depth, words := 0, 0 // words: of an INSERT, those at depth 0 up to and with the table's name
	insert, dotted := false, false
	for {
		t := s.next()
		afterDot := dotted
		dotted = t.text == "."
		switch {
		case t.kind == tokenEnd:
			p.head, p.rows = len(text), len(text)
			p.takesRows = insert
			return p
		case t.kind == tokenOpen:
			depth++
			if insert && depth == 1 && words > 1 {
				peek := s
				if w := peek.next(); w.kind == tokenWord && isQueryWord(w.text) {
					return p // INSERT INTO t (SELECT …)
				}
			}
			continue
		case t.kind == tokenClose:
			depth--
			if depth == 0 && t.text == "}" && words == 1 {
				words++ // INSERT INTO {table:Identifier}
			}
			continue
		case t.kind == tokenName && depth == 0:
			words++
			continue
		case depth > 0 || t.kind != tokenWord || afterDot:
			continue
		}
		word := strings.ToUpper(t.text)
		words++
		if p.first == "" {
			p.first = word
			insert = word == "INSERT"
			continue
		}
		if insert && words <= 2 && (word == "INTO" || word == "TABLE" || word == "FUNCTION") {
			words--
			continue
		}
		if insert && words == 2 {
			continue // the table's name, whatever it is
		}
		switch {
		case word == "FORMAT":
			after := s
			name := after.next()
			if name.kind != tokenWord {
				continue
			}
			if insert {
				p.format, p.clause = name.text, clause{t.start, name.end}
				p.takesRows, p.head, p.rows = true, t.start, skipToRows(text, name.end)
				return p
			}
			// A column may be called format too: the clause is what ends the statement, or is followed by its settings.
			if last := after.next(); last.kind == tokenEnd || last.text == ";" || strings.EqualFold(last.text, "SETTINGS") {
				p.format, p.clause = name.text, clause{t.start, name.end}
			}
		case insert && word == "VALUES":
			p.takesRows, p.values, p.format = true, true, "Values"
			p.head, p.rows = t.start, t.end
			return p
		case insert && isQueryWord(word):
			return p
		}
	}
}

// isQueryWord says whether a word begins a query that an INSERT takes its rows from.
func isQueryWord(word string) bool {
	switch strings.ToUpper(word) {
	case "SELECT", "WITH", "FROM", "WATCH", "EXPLAIN":
		return true
	}
	return false
}

// skipToRows gives where rows begin behind FORMAT name: after blanks and one line end, as ClickHouse's parser does.
func skipToRows(text string, at int) int {
	for at < len(text) && (text[at] == ' ' || text[at] == '\t' || text[at] == '\f') {
		at++
	}
	if at < len(text) && text[at] == '\r' {
		at++
	}
	if at < len(text) && text[at] == '\n' {
		at++
	}
	return at
}

type tokenKind uint8

const (
	tokenEnd   tokenKind = iota
	tokenWord            // letters, digits, _
	tokenName            // quoted with ` or "
	tokenOpen            // ( [ {
	tokenClose           // ) ] }
	tokenOther           // numbers, strings, operators
)

type token struct {
	kind       tokenKind
	text       string
	start, end int
}

// A scanner cuts SQL into tokens and leaves comments and blanks out. An unfinished string or comment ends the text.
type scanner struct {
	text string
	at   int
}

func (s *scanner) next() token {
	s.skipBlanks()
	if s.at >= len(s.text) {
		return token{kind: tokenEnd, start: len(s.text), end: len(s.text)}
	}
	start := s.at
	kind := tokenOther
	switch c := s.text[s.at]; {
	case c == '\'':
		s.quoted('\'')
	case c == '`' || c == '"':
		kind = tokenName
		s.quoted(c)
	case c == '$':
		s.heredoc()
	case c == '(' || c == '[' || c == '{':
		kind = tokenOpen
		s.at++
	case c == ')' || c == ']' || c == '}':
		kind = tokenClose
		s.at++
	case isWordByte(c):
		if c < '0' || c > '9' {
			kind = tokenWord
		}
		for s.at < len(s.text) && isWordByte(s.text[s.at]) {
			s.at++
		}
	default:
		s.at++
	}
	return token{kind: kind, text: s.text[start:s.at], start: start, end: s.at}
}

func isWordByte(c byte) bool {
	return c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c >= 0x80
}

func (s *scanner) skipBlanks() {
	for s.at < len(s.text) {
		rest := s.text[s.at:]
		switch c := rest[0]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
			s.at++
		case strings.HasPrefix(rest, "--") || strings.HasPrefix(rest, "# ") || strings.HasPrefix(rest, "#!"):
			s.skipPast("\n", 0)
		case strings.HasPrefix(rest, "/*"):
			s.skipPast("*/", 2)
		default:
			return
		}
	}
}

// skipPast moves behind the next end mark that begins skip bytes on or later.
func (s *scanner) skipPast(end string, skip int) {
	i := strings.Index(s.text[s.at+skip:], end)
	if i < 0 {
		s.at = len(s.text)
		return
	}
	s.at += skip + i + len(end)
}

// quoted moves behind a quoted text, in which a backslash or a doubled quote keeps the quote.
func (s *scanner) quoted(quote byte) {
	for s.at++; s.at < len(s.text); s.at++ {
		switch s.text[s.at] {
		case '\\':
			s.at++
		case quote:
			if s.at+1 < len(s.text) && s.text[s.at+1] == quote {
				s.at++
				continue
			}
			s.at++
			return
		}
	}
	s.at = len(s.text)
}

// heredoc moves behind $tag$ … $tag$, or behind the dollar sign when it begins none.
func (s *scanner) heredoc() {
	end := s.at + 1
	for end < len(s.text) && isWordByte(s.text[end]) {
		end++
	}
	if end >= len(s.text) || s.text[end] != '$' {
		s.at++
		return
	}
	s.skipPast(s.text[s.at:end+1], end+1-s.at)
}
