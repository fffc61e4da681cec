package replay

import (
	"bytes"
	"fmt"
	"strconv"
)

// eventsTSV reads "time in ms, session, item": each session is a visitor who looks at items.
type eventsTSV struct {
	lines  *lineReader
	prefix string
}

func (f *eventsTSV) next(dst []byte) ([]byte, error) {
	line, err := f.lines.next()
	if err != nil {
		return dst, err
	}
	ts, rest, ok1 := bytes.Cut(line, []byte{'\t'})
	session, item, ok2 := bytes.Cut(rest, []byte{'\t'})
	if !ok1 || !ok2 {
		return dst, fmt.Errorf("line %d: want time, session and item separated by tabs", f.lines.n)
	}
	if f.lines.n == 1 && !isNumber(ts) {
		return f.next(dst) // a header
	}
	return appendView(dst, f.prefix, f.lines.n, ts, session, item), nil
}

// sessionLines reads one session a line, items separated by spaces, oldest first. Such files carry no times: a session starts a
// minute after the one before and has a click every ten seconds, so that the order of sessions is kept.
type sessionLines struct {
	lines   *lineReader
	prefix  string
	items   [][]byte
	at      int
	visitor []byte
	clicks  int64
}

const (
	firstSession = 1_600_000_000_000 // Unix ms, an arbitrary start
	betweenMs    = 60_000
	clickMs      = 10_000
)

func (f *sessionLines) next(dst []byte) ([]byte, error) {
	for f.at == len(f.items) {
		line, err := f.lines.next()
		if err != nil {
			return dst, err
		}
		f.items, f.at = bytes.Fields(bytes.Clone(line)), 0
		f.visitor = strconv.AppendInt(f.visitor[:0], f.lines.n, 10)
	}
	var ts [20]byte
	at := strconv.AppendInt(ts[:0], firstSession+f.lines.n*betweenMs+int64(f.at)*clickMs, 10)
	item := f.items[f.at]
	f.at++
	f.clicks++
	return appendView(dst, f.prefix, f.clicks, at, f.visitor, item), nil
}

func appendView(dst []byte, prefix string, n int64, ts, visitor, item []byte) []byte {
	dst = appendHead(dst, prefix, n, "view_item", ts, visitor)
	dst = append(dst, `,"items":[{"item_id":"`...)
	dst = append(dst, item...)
	return append(dst, "\"}]}\n"...)
}

// appendHead starts an event's object. prefix, visitor and ts must need no escaping.
func appendHead(dst []byte, prefix string, n int64, name string, ts, visitor []byte) []byte {
	dst = append(append(append(dst, `{"id":"`...), prefix...), '-')
	dst = strconv.AppendInt(dst, n, 10)
	dst = append(append(dst, `","name":"`...), name...)
	dst = append(append(dst, `","ts":`...), ts...)
	dst = append(append(append(dst, `,"visitor":"`...), prefix...), '-')
	return append(append(dst, visitor...), '"')
}

func isNumber(s []byte) bool {
	for _, c := range s {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(s) > 0
}
