package engine

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"unsafe"
)

const (
	// headBytes is how much of a text is read before it is known to be an INSERT, whose rows need not fit into memory.
	headBytes = 1 << 20
	// maxTextBytes bounds a statement without rows.
	maxTextBytes = 64 << 20
	// defaultFormat is the format of answers when neither the statement nor the request names one.
	defaultFormat = "TabSeparated"
	// maxWholeBytes bounds an answer that the engine can only give whole, unless the request bounds it: 256 MiB.
	maxWholeBytes = "268435456"
)

// A task is one statement of a request, on its connection, in the goroutine of the request.
type task struct {
	ctx     context.Context
	handler *handler
	work    *work
	request *request
	answer  *answer
	http    *http.Request
	tables  bool // the request brought external tables
}

// run prepares the connection, reads the statement, and runs it.
func (t *task) run() error {
	if isMultipart(t.http) {
		return t.runWithTables()
	}
	text, rest, more, err := t.read()
	if err != nil {
		return err
	}
	p := outline(text)
	if more && !p.takesRows {
		if text, err = readAll(text, rest); err != nil {
			return err
		}
		p = outline(text)
	}
	restore, err := t.prepare(p)
	if err != nil {
		return err
	}
	defer restore()
	if p.takesRows && !(p.values && !more) {
		return t.insert(text, p, rest, more)
	}
	return t.query(text, p)
}

// read gives the beginning of the text, and where it goes on. more says whether it does.
func (t *task) read() (text string, rest io.Reader, more bool, err error) {
	body, err := decoder(t.http.Header.Get("Content-Encoding"), t.http.Body)
	if err != nil {
		return "", nil, false, err
	}
	if t.request.decompress {
		body = newFrameReader(body)
	}
	text = t.request.query
	if p := outline(text); p.takesRows && p.format != "" && !p.values {
		return text, body, true, nil // the body is rows, byte for byte
	}
	head, err := beginning(body)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", nil, false, bodyError(err)
	}
	if text != "" && len(head) > 0 {
		text += "\n"
	}
	return text + string(head), body, err == nil, nil
}

// beginning reads the first headBytes of a body, or all with io.EOF. Most texts are far shorter, so memory grows with them.
func beginning(body io.Reader) ([]byte, error) {
	head := make([]byte, 4<<10)
	n := 0
	for {
		got, err := fill(body, head[n:])
		if n += got; err != nil || n == headBytes {
			return head[:n], err
		}
		head = slices.Grow(head, 3*len(head))[:4*len(head)]
	}
}

// bodyError: a body that ends before its end is the client's going away, not the end of the rows.
func bodyError(err error) error {
	var e *Exception
	if errors.As(err, &e) {
		return err
	}
	return refuse(codeCannotRead, "CANNOT_READ_FROM_SOCKET", "Body of the request: %v", err)
}

func readAll(text string, rest io.Reader) (string, error) {
	var b strings.Builder
	b.WriteString(text)
	n, err := io.Copy(&b, io.LimitReader(rest, maxTextBytes))
	if err != nil {
		return "", bodyError(err)
	}
	if n == maxTextBytes {
		return "", refuse(codeQueryTooLarge, "QUERY_IS_TOO_LARGE", "Statement is larger than %d bytes", maxTextBytes)
	}
	return b.String(), nil
}

// prepare gives the request's connection its settings. restore puts a session's connection back.
func (t *task) prepare(p parsed) (restore func(), err error) {
	restore = func() {}
	if t.work.session {
		if restore, err = t.keep(p); err != nil {
			return nil, err
		}
	}
	if err := t.apply(t.work); err != nil {
		restore()
		return nil, err
	}
	return restore, nil
}

// apply gives a connection the request's settings, database and roles.
func (t *task) apply(w *work) error {
	if set := setStatement(t.request.settings); set != "" {
		if err := w.exec(set); err != nil {
			return err
		}
	}
	if t.request.database != "" && t.request.database != "default" || w.session {
		name := t.request.database
		if name == "" {
			name = w.home
		}
		if err := w.exec("USE " + string(appendQuoted(nil, name, '`'))); err != nil {
			return err
		}
	}
	for _, role := range t.request.roles {
		if err := w.exec("SET ROLE " + string(appendQuoted(nil, role, '`'))); err != nil {
			return err
		}
	}
	return nil
}

// Classes of statements, as chdb_classify_query gives them.
const (
	classReadOnly       = 0
	classMutating       = 1
	classMutatingGlobal = 2
	classControl        = 3
)

// classify asks the engine's parser what a text does, and how many statements it holds; 0 when it does not parse.
func (c *conn) classify(text string) (class, statements int) {
	out := [4]uint32{16} // size of this struct, statements, flags, class
	s := newStrings([]string{text}, true)
	defer s.release()
	if c.lib.chdbClassifyQuery(c.handle, unsafe.Pointer(s.at[0]), s.lens[0], nil, 0, unsafe.Pointer(&out)) != 0 {
		return -1, 0
	}
	return int(out[3]), int(out[1])
}

// query runs a statement whose rows, if it has any, stand in its text.
func (t *task) query(text string, p parsed) error {
	class, statements := t.work.classify(text)
	if statements > 1 && !p.takesRows {
		return refuse(codeSyntaxError, "SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed)")
	}
	if (t.http.Method == http.MethodGet || t.http.Method == http.MethodHead) && (class == classMutating || class == classMutatingGlobal) {
		return refuse(codeReadOnly, "READONLY", "Cannot execute query in readonly mode. "+
			"For queries over HTTP, method GET implies readonly. You should use method POST for modifying queries")
	}
	if class == classControl && isQueryWord(p.first) {
		return refuse(codeOutfileNotAllowed, "INTO_OUTFILE_NOT_ALLOWED", "INTO OUTFILE is not allowed")
	}
	format := p.format
	if format == "" || p.takesRows {
		if format = t.request.format; format == "" {
			format = defaultFormat
		}
	}
	t.answer.format = format
	out := &output{task: t, text: text, parsed: p}
	if format == "Native" && t.request.revision > 0 {
		out.raise = &raiser{revision: t.request.revision}
		out.raise.zones = out.zones()
	}
	if class == classReadOnly && streams(format) && !answersWhole(p.first) {
		s, err := t.work.stream(text, format, t.request.params...)
		if err == nil {
			return out.stream(s)
		}
		var e *Exception
		if !errors.As(err, &e) || !strings.Contains(e.Text, "Streaming query is not supported") {
			return err
		}
	}
	if class == classReadOnly && !t.work.session && !t.request.has("max_result_bytes", "readonly") {
		if err := t.work.exec("SET max_result_bytes = " + maxWholeBytes); err != nil {
			return err
		}
	}
	r, err := t.work.query(text, format, t.request.params...)
	if err != nil {
		return err
	}
	defer r.close()
	return out.write(r)
}
