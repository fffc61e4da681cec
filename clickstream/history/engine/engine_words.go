package engine

import (
	"bytes"
	"strings"
	"sync"
)

// longestLine is where a line of a child is cut in two.
const longestLine = 8 << 10

// A lineWriter hands on what is written line by line, without empty ones.
type lineWriter struct {
	each func(line string)

	mu   sync.Mutex // a writer that is late may meet flush
	part []byte
}

func (w *lineWriter) Write(b []byte) (int, error) {
	lines := w.take(b)
	for _, line := range lines {
		w.each(line)
	}
	return len(b), nil
}

// take adds to what is there and gives the lines that are whole.
func (w *lineWriter) take(b []byte) (lines []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.part = append(w.part, b...)
	for {
		end := bytes.IndexByte(w.part, '\n')
		rest := end + 1
		if end < 0 {
			if len(w.part) < longestLine {
				return lines
			}
			end, rest = longestLine, longestLine
		}
		if line := strings.TrimRight(string(w.part[:end]), "\r "); line != "" {
			lines = append(lines, line)
		}
		w.part = append(w.part[:0], w.part[rest:]...)
	}
}

// flush hands on a last line that has no end.
func (w *lineWriter) flush() {
	_, _ = w.Write([]byte{'\n'}) // never fails
}

const (
	keptLines     = 20
	keptLineBytes = 1000
	crashLines    = 6 // of a crash report: what happened and where; goroutines and registers follow
)

// lastLines keep the last words of a child, at most keptLines of keptLineBytes. Of a crash report they keep the beginning.
type lastLines struct {
	mu      sync.Mutex
	lines   []string
	crashed int // lines since a crash report began, itself included
}

func (l *lastLines) add(line string) {
	line = line[:min(len(line), keptLineBytes)]
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.crashed > 0 || startsCrash(line) {
		l.crashed++
	}
	if l.crashed > crashLines {
		return
	}
	if len(l.lines) == keptLines {
		l.lines = append(l.lines[:0], l.lines[1:]...)
	}
	l.lines = append(l.lines, line)
}

// startsCrash knows the first line of what Go's runtime writes when the process must end.
func startsCrash(line string) bool {
	for _, p := range []string{"fatal error: ", "panic: ", "SIG", "unexpected fault address"} {
		if strings.HasPrefix(line, p) {
			return true
		}
	}
	return false
}

func (l *lastLines) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "\n")
}
