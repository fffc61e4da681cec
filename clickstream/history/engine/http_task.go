package engine

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
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
	head := make([]byte, headBytes)
	n, err := fill(body, head)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", nil, false, bodyError(err)
	}
	if text != "" && n > 0 {
		text += "\n"
	}
	return text + string(head[:n]), body, err == nil, nil
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

// answersWhole says which statements the library cannot stream. Their answers are small.
func answersWhole(first string) bool {
	switch first {
	case "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS", "CHECK":
		return true
	}
	return false
}

// streams says whether a format is the same in one piece and in many. Others have a head, a foot, or something between rows, which the
// engine would write for each piece anew.
func streams(format string) bool {
	switch format {
	case "Native", "TabSeparated", "TSV", "TabSeparatedRaw", "TSVRaw", "CSV", "JSONEachRow", "JSONLines", "NDJSON", "JSONStringsEachRow",
		"JSONCompactEachRow", "JSONCompactStringsEachRow", "RowBinary", "Null", "RawBLOB", "LineAsString", "MsgPack":
		return true
	}
	return false
}

// An output carries an answer's chunks to the client.
type output struct {
	task   *task
	text   string
	parsed parsed
	raise  *raiser
	buffer []byte
}

func (o *output) stream(s *stream) error {
	defer s.close()
	for {
		r, err := s.next()
		if err != nil {
			return err
		}
		if r == nil {
			return nil
		}
		err = o.write(r)
		r.close()
		if err != nil {
			return err
		}
		if err := o.task.ctx.Err(); err != nil {
			return err
		}
	}
}

func (o *output) write(r *result) error {
	s, total := r.statistics(), &o.task.answer.stats
	total.rows += s.rows
	total.bytes += s.bytes
	total.readRows, total.readBytes = max(total.readRows, s.readRows), max(total.readBytes, s.readBytes)
	total.writtenRows, total.writtenBytes = s.writtenRows, s.writtenBytes
	body := r.body()
	if o.raise != nil {
		var err error
		if o.buffer, err = o.raise.block(o.buffer[:0], body); err != nil {
			return err
		}
		body = o.buffer
	}
	_, err := o.task.answer.Write(body)
	return err
}

// zones gives the function that asks for the full types of the answer's columns. A connection that temporary tables live in is busy
// while it streams, so it is asked at once; otherwise another one is asked when it is needed.
func (o *output) zones() func() []string {
	t := o.task
	if t.work.session || t.tables {
		types := o.describe(t.work)
		return func() []string { return types }
	}
	return func() []string {
		w, err := openWork(t.handler.lib)
		if err != nil {
			return nil
		}
		defer w.close()
		if t.apply(w) != nil {
			return nil
		}
		return o.describe(w)
	}
}

// describe gives the types of the columns of a SELECT, nil for other statements.
func (o *output) describe(w *work) []string {
	text := o.text
	if o.parsed.clause.start >= 0 {
		text = text[:o.parsed.clause.start]
	}
	text = strings.TrimRight(text, "; \t\r\n")
	r, err := w.query("DESCRIBE (\n"+text+"\n)", "RowBinary", o.task.request.params...)
	if err != nil {
		return nil
	}
	defer r.close()
	const fields = 7 // name, type, default_type, default_expression, comment, codec_expression, ttl_expression
	var types []string
	walk := walker{from: r.body()}
	for i := 0; walk.at < len(walk.from) && walk.err == nil; i++ {
		if field := walk.text(); i%fields == 1 {
			types = append(types, string(field))
		}
	}
	if walk.err != nil {
		return nil
	}
	return types
}

// restorable is a setting as it was before a request.
type restorable struct {
	name, value string
	changed     bool
}

// keep reads what a request would change in its session, and gives the function that puts it back: settings and the database of a URL
// hold for its own statement only. What the statement itself says, SET and USE, stays.
func (t *task) keep(p parsed) (restore func(), err error) {
	if p.first == "SET" {
		t.request.settings = nil // they would cover what it sets
	}
	var before []restorable
	if len(t.request.settings) > 0 {
		if before, err = t.settingsNow(); err != nil {
			return nil, err
		}
	}
	return func() {
		for _, s := range before {
			set := "SET " + s.name + " = DEFAULT"
			if s.changed {
				set = setStatement([]setting{{s.name, s.value}})
			}
			_ = t.work.exec(set) // a setting that readonly keeps from being changed back ends with the session
		}
		if p.first != "USE" {
			return
		}
		if r, err := t.work.query("SELECT currentDatabase()", "RowBinary"); err == nil {
			w := walker{from: r.body()}
			t.work.home = string(w.text())
			r.close()
		}
	}, nil
}

func (t *task) settingsNow() ([]restorable, error) {
	text := []byte("SELECT name, value, changed FROM system.settings WHERE name IN (''")
	for _, s := range t.request.settings {
		text = append(text, ", "...)
		text = appendQuoted(text, s.name, '\'')
	}
	r, err := t.work.query(string(append(text, ')')), "RowBinary")
	if err != nil {
		return nil, err
	}
	defer r.close()
	var all []restorable
	w := walker{from: r.body()}
	for w.at < len(w.from) && w.err == nil {
		one := restorable{name: string(w.text()), value: string(w.text())}
		start := w.at
		if w.skip(1, 1); w.err == nil {
			one.changed = binary.LittleEndian.Uint16([]byte{w.from[start], 0}) != 0
			all = append(all, one)
		}
	}
	return all, w.err
}
