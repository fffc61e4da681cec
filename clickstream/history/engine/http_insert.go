package engine

import (
	"errors"
	"io"
	"strings"
)

// insertChunkBytes is how much of a body is handed to the engine at once; a request holds no more of its rows.
const insertChunkBytes = 256 << 10

// insert streams the rows of an INSERT into the engine: those that stand in the text, then those that come behind it. Rows are stored
// when the body has ended; a body that breaks off cancels the statement.
func (t *task) insert(text string, p parsed, rest io.Reader, more bool) error {
	if strings.HasPrefix(text[p.rows:], ";") {
		return refuse(codeSyntaxError, "SYNTAX_ERROR", "You have excessive ';' symbol before data for INSERT")
	}
	format := p.format
	if format == "" {
		if format = t.request.format; format == "" || more {
			format = "Values" // as ClickHouse's own default for rows without a format
		}
	}
	n, err := t.work.insert(strings.TrimRight(text[:p.head], " \t\r\n"), format, t.request.params...)
	if err != nil {
		return err
	}
	defer n.close()
	if err := n.append([]byte(text[p.rows:])); err != nil {
		return err
	}
	if more {
		if err := feed(n, rest); err != nil {
			return err
		}
	}
	if err := t.ctx.Err(); err != nil {
		return err
	}
	t.answer.stats, err = n.finish()
	return err
}

// feed hands a reader's bytes to an insertion.
func feed(n *insertion, from io.Reader) error {
	chunk := make([]byte, insertChunkBytes)
	for {
		got, err := fill(from, chunk)
		if appendErr := n.append(chunk[:got]); appendErr != nil {
			return appendErr
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return bodyError(err)
		}
	}
}

// fill reads until the buffer is full or the reader fails, and gives the reader's own error: io.EOF is the end of the body, and
// io.ErrUnexpectedEOF a body that broke off, which io.ReadFull would not tell apart.
func fill(from io.Reader, buffer []byte) (int, error) {
	n := 0
	for n < len(buffer) {
		got, err := from.Read(buffer[n:])
		n += got
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
