package shop

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxLine bounds one line of NDJSON or TSV, in bytes.
const maxLine = 64 << 10

// lines reads lines of at most maxLine bytes; of a longer one it tells only that it was there.
type lines struct {
	r     *bufio.Reader
	first bool
}

func newLines(r io.Reader) *lines { return &lines{bufio.NewReaderSize(r, maxLine+2), true} }

// next returns the next line without its end, borrowed until the call after. tooLong lines are passed over. The error is io.EOF
// after the last line, or the reader's.
func (l *lines) next() (line []byte, tooLong bool, err error) {
	line, err = l.r.ReadSlice('\n')
	for errors.Is(err, bufio.ErrBufferFull) {
		tooLong = true
		line, err = l.r.ReadSlice('\n')
	}
	if err != nil && (!errors.Is(err, io.EOF) || len(line) == 0 && !tooLong) {
		return nil, false, err
	}
	if l.first {
		line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		l.first = false
	}
	line = bytes.TrimRight(line, "\r\n")
	if tooLong || len(line) > maxLine {
		return nil, true, nil
	}
	return line, false, nil
}
