package engine

import (
	"strings"
	"sync"
)

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
