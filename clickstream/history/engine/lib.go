package engine

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"unsafe"
)

// A library is libchdb, loaded into this process. Only the child loads it: the engine starts threads of its own, takes hundreds of
// megabytes and aborts the process when it meets its own bug.
//
// connect may be called from any goroutine. One process has one data folder, and any number of connections to it.
type library struct {
	symbols
	dir      string   // the data folder: every connection names it, the first one starts the engine there
	settings []string // arguments of every connection, before its own
}

// A param is a value for a {name:Type} placeholder, in ClickHouse's text form (escaped as in TSV; inside arrays quoted as in SQL).
type param struct{ name, value string }

// statistics are what a statement did. Written rows include those of materialized views, as in X-ClickHouse-Summary.
type statistics struct {
	rows, bytes               uint64 // of the answer
	readRows, readBytes       uint64 // from storage
	writtenRows, writtenBytes uint64
	seconds                   float64
}

// A conn is one connection to the engine: settings (SET), the current database (USE) and temporary tables are its own. It runs one
// statement at a time, and only one goroutine may use it at a time; connections beside each other run in parallel.
//
// The last connection of a process must stay open: closing it stops the engine.
type conn struct {
	lib    *library
	owner  unsafe.Pointer // chdb_connection *, what close wants
	handle unsafe.Pointer // chdb_connection
}

// connect opens a connection, in 0.1 ms. Arguments are --name=value. The first connection of a process starts the engine, with those
// that a server's configuration has; those that are settings of a query hold for this connection alone, as after SET. Names that are
// neither are ignored, so settings from outside belong into SET, which refuses them (code 115). The current database is `default`.
func (l *library) connect(args ...string) (*conn, error) {
	argv := newStrings(slices.Concat([]string{"clickhouse", "--path=" + l.dir}, l.settings, args), true)
	defer argv.release()
	owner := l.chdbConnect(int32(len(argv.at)), argv.pointers())
	if owner == nil {
		return nil, fmt.Errorf("connect to the engine with %q: refused", args)
	}
	return &conn{lib: l, owner: owner, handle: *(*unsafe.Pointer)(owner)}, nil
}

// close ends the connection. Streams and insertions of it must be closed before.
func (c *conn) close() {
	c.lib.chdbCloseConn(c.owner)
	c.owner, c.handle = nil, nil
}

// query runs a statement to its end and keeps its whole answer in memory, outside Go's. Errors of the engine are *Exception.
func (c *conn) query(text, format string, params ...param) (*result, error) {
	a := newArguments(text, format, params)
	defer a.release()
	r, err := c.lib.take(c.lib.chdbQueryWithParams(c.handle, a.text, a.textLen, a.format, a.formatLen,
		a.names.pointers(), a.names.lengths(), a.values.pointers(), a.values.lengths(), a.count))
	if err == nil && makesTables(text) {
		syncTokenLogs(c.lib.dir)
	}
	return r, err
}

// makesTables says whether a statement may have made a table that keeps insert tokens.
func makesTables(text string) bool {
	return strings.Contains(text, "MergeTree") || strings.Contains(text, "deduplication_window") || strings.Contains(text, "RESTORE")
}

// exec runs a statement and drops its answer.
func (c *conn) exec(text string, params ...param) error {
	r, err := c.query(text, "Null", params...)
	if err != nil {
		return err
	}
	r.close()
	return nil
}

// A result is a whole answer, or a chunk of a streamed one. close gives its memory back.
type result struct {
	lib *library
	at  unsafe.Pointer
}

// take turns a result that carries an error into that error.
func (l *library) take(at unsafe.Pointer) (*result, error) {
	if at == nil {
		return nil, errNoAnswer
	}
	if text := l.chdbResultError(at); text != "" {
		l.chdbDestroyQueryResult(at)
		return nil, parseException(text)
	}
	return &result{lib: l, at: at}, nil
}

// body is the answer in the format asked for. It is borrowed: dead after close.
func (r *result) body() []byte {
	n := r.lib.chdbResultLength(r.at)
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(r.lib.chdbResultBuffer(r.at)), n)
}

func (r *result) statistics() statistics {
	return statistics{
		rows: r.lib.chdbResultRowsRead(r.at), bytes: r.lib.chdbResultBytesRead(r.at),
		readRows: r.lib.chdbResultStorageRowsRead(r.at), readBytes: r.lib.chdbResultStorageBytesRead(r.at),
		writtenRows: r.lib.chdbResultRowsWritten(r.at), writtenBytes: r.lib.chdbResultBytesWritten(r.at),
		seconds: r.lib.chdbResultElapsed(r.at),
	}
}

func (r *result) close() {
	if r.at != nil {
		r.lib.chdbDestroyQueryResult(r.at)
		r.at = nil
	}
}

// cStrings lay Go strings out as C wants them: an array of pointers beside an array of lengths. They are pinned until release.
type cStrings struct {
	at   []*byte
	lens []uintptr
	pin  runtime.Pinner
}

// newStrings ends every string with a NUL when terminated is set.
func newStrings(from []string, terminated bool) *cStrings {
	s := &cStrings{at: make([]*byte, len(from)), lens: make([]uintptr, len(from))}
	for i, f := range from {
		b := make([]byte, len(f), len(f)+1)
		copy(b, f)
		if terminated {
			b = append(b, 0)
		}
		s.at[i] = unsafe.SliceData(b[:cap(b)])
		s.lens[i] = uintptr(len(f))
		s.pin.Pin(s.at[i])
	}
	return s
}

func (s *cStrings) pointers() unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(s.at)) }
func (s *cStrings) lengths() unsafe.Pointer  { return unsafe.Pointer(unsafe.SliceData(s.lens)) }

func (s *cStrings) release() {
	runtime.KeepAlive(s.at)
	runtime.KeepAlive(s.lens)
	s.pin.Unpin()
}

// arguments are what every statement is called with.
type arguments struct {
	text, format       unsafe.Pointer
	textLen, formatLen uintptr
	names, values      *cStrings
	count              uintptr
	both               *cStrings
}

func newArguments(text, format string, params []param) *arguments {
	names, values := make([]string, len(params)), make([]string, len(params))
	for i, p := range params {
		names[i], values[i] = p.name, p.value
	}
	a := &arguments{
		names: newStrings(names, true), values: newStrings(values, true), count: uintptr(len(params)),
		both: newStrings([]string{text, format}, true),
	}
	a.text, a.format = unsafe.Pointer(a.both.at[0]), unsafe.Pointer(a.both.at[1])
	a.textLen, a.formatLen = a.both.lens[0], a.both.lens[1]
	return a
}

func (a *arguments) release() {
	a.names.release()
	a.values.release()
	a.both.release()
}
