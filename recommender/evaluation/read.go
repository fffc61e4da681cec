package evaluation

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxLine bounds a line of a file.
const maxLine = 4 << 20

// eachLine calls f with every line that is not empty. gzip is known by its first two bytes.
func eachLine(r io.Reader, done string, progress func(string, int), f func(line string) error) error {
	in := bufio.NewReaderSize(r, 1<<16)
	if head, _ := in.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		z, err := gzip.NewReader(in)
		if err != nil {
			return err
		}
		in = bufio.NewReaderSize(z, 1<<16)
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 1<<16), maxLine)
	n := 0
	for lines.Scan() {
		n++
		if line := lines.Text(); strings.TrimSpace(line) != "" {
			if err := f(line); err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
		}
		if progress != nil && n%progressEvery == 0 {
			progress(done, n)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("after line %d: %w", n, err)
	}
	return nil
}

// ErrUsage says that a setting is none of those there are.
var ErrUsage = errors.New("bad setting")

// oneOf is the value if it is among those allowed, the first of them if it is empty.
func oneOf(what, value string, allowed ...string) (string, error) {
	if value == "" {
		return allowed[0], nil
	}
	for _, a := range allowed {
		if a == value {
			return value, nil
		}
	}
	return "", fmt.Errorf("%w: %s %q is not one of %s", ErrUsage, what, value, strings.Join(allowed, ", "))
}
