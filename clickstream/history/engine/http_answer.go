package engine

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// writeWait is how long a client may leave a piece of an answer unread before it is taken for gone.
const writeWait = 5 * time.Minute

// An answer is the way to the client: frames (compress=1), Content-Encoding, and a delay. The status and the headers are only sent
// when the delayed bytes are more than buffer_size, or at the end; so an error until then has a status of its own, and a later one
// stands in the body behind a mark that the header X-ClickHouse-Exception-Tag makes unmistakable.
//
// With wait_end_of_query nothing is sent before the end; what does not fit into buffer_size waits in a temporary file.
type answer struct {
	to      http.ResponseWriter
	request *request
	server  serverFacts
	queryID string
	format  string // of the answer, in X-ClickHouse-Format
	tag     string

	encoding string
	encoder  io.WriteCloser // nil before the first byte, or without an encoding
	frames   *frameWriter   // nil likewise
	delayed  []byte
	spill    *os.File // wait_end_of_query: what comes behind delayed
	sent     bool
	stats    statistics
	started  time.Time
}

func newAnswer(w http.ResponseWriter, r *http.Request, q *request, server serverFacts) *answer {
	a := &answer{to: w, request: q, server: server, queryID: q.queryID, format: q.format, tag: newTag(), started: time.Now()}
	if a.queryID == "" {
		a.queryID = newID()
	}
	if enabled, given := q.setting("enable_http_compression"); !given || flag(enabled) {
		a.encoding = encodingFor(r.Header.Get("Accept-Encoding"))
	}
	return a
}

// newTag is 16 random letters.
func newTag() string {
	b := make([]byte, 16)
	for i := range b {
		b[i] = 'a' + byte(rand.IntN(26))
	}
	return string(b)
}

// Write takes bytes of the answer in its format.
func (a *answer) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	out := io.Writer(delay{a})
	if a.encoding != "" {
		if a.encoder == nil {
			var err error
			if a.encoder, err = encoder(a.encoding, delay{a}); err != nil {
				return 0, err
			}
		}
		out = a.encoder
	}
	if a.request.compress {
		if a.frames == nil {
			method, _ := a.request.setting("network_compression_method")
			text, _ := a.request.setting("network_zstd_compression_level")
			level, _ := strconv.Atoi(text) // 0, the default, when it is not given
			a.frames = newFrameWriter(out, method, level)
		}
		out = a.frames
	}
	return out.Write(p)
}

// delay is the end of the way, before the network.
type delay struct{ *answer }

func (d delay) Write(p []byte) (int, error) {
	a := d.answer
	if a.sent {
		return a.send(p)
	}
	if a.spill != nil {
		return a.spill.Write(p)
	}
	if len(a.delayed)+len(p) <= a.request.bufferBytes {
		a.delayed = append(a.delayed, p...)
		return len(p), nil
	}
	if a.request.waitEnd {
		f, err := os.CreateTemp("", "beckon-answer-")
		if err != nil {
			return 0, fmt.Errorf("keep the answer: %w", err)
		}
		a.spill = f
		return f.Write(p)
	}
	a.start(http.StatusOK)
	if err := a.flush(); err != nil {
		return 0, err
	}
	return a.send(p)
}

func (a *answer) send(p []byte) (int, error) {
	_ = http.NewResponseController(a.to).SetWriteDeadline(time.Now().Add(writeWait)) // not all writers have one
	return a.to.Write(p)
}

// flush sends what was delayed.
func (a *answer) flush() error {
	if _, err := a.send(a.delayed); err != nil {
		return err
	}
	a.delayed = nil
	if a.spill == nil {
		return nil
	}
	if _, err := a.spill.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := io.Copy(writerFunc(a.send), a.spill)
	return err
}

type writerFunc func([]byte) (int, error)

func (w writerFunc) Write(p []byte) (int, error) { return w(p) }

// start sends the status and the headers.
func (a *answer) start(status int) {
	h := a.to.Header()
	h.Set("X-ClickHouse-Query-Id", a.queryID)
	h.Set("X-ClickHouse-Server-Display-Name", a.server.name)
	h.Set("X-ClickHouse-Timezone", a.server.zone)
	h.Set("X-ClickHouse-Exception-Tag", a.tag)
	h.Set("X-ClickHouse-Summary", a.summary())
	if a.format != "" {
		h.Set("X-ClickHouse-Format", a.format)
	}
	h.Set("Content-Type", contentType(a.format))
	if a.encoder != nil {
		h.Set("Content-Encoding", a.encoding)
	}
	a.to.WriteHeader(status)
	a.sent = true
}

// summary is what the statement has done until now. All numbers are texts, as ClickHouse gives them.
func (a *answer) summary() string {
	s := a.stats
	return fmt.Sprintf(`{"read_rows":"%d","read_bytes":"%d","written_rows":"%d","written_bytes":"%d","total_rows_to_read":"0","result_rows":"%d","result_bytes":"%d","elapsed_ns":"%d"}`,
		s.readRows, s.readBytes, s.writtenRows, s.writtenBytes, s.rows, s.bytes, time.Since(a.started).Nanoseconds())
}

// finish ends the answer, with err when there is one. A client that has gone gets nothing.
func (a *answer) finish(err error) {
	defer a.dropSpill()
	if err != nil {
		a.fail(err)
		return
	}
	if a.closeEncoder() != nil || a.sent {
		return
	}
	a.start(http.StatusOK)
	_ = a.flush() // the client has gone
}

func (a *answer) closeEncoder() error {
	if a.encoder == nil {
		return nil
	}
	return a.encoder.Close()
}

func (a *answer) dropSpill() {
	if a.spill != nil {
		_ = a.spill.Close()
		_ = os.Remove(a.spill.Name())
	}
}

// fail tells an exception: with its own status, or behind what was already sent.
func (a *answer) fail(err error) {
	e := a.exception(err)
	if a.sent {
		text := fmt.Sprintf("\r\n__exception__\r\n%s\r\n%s\n%d %s\r\n__exception__\r\n", a.tag, e.Text, len(e.Text)+1, a.tag)
		if _, err := a.Write([]byte(text)); err == nil {
			_ = a.closeEncoder()
		}
		return
	}
	a.dropSpill()
	a.delayed, a.spill, a.encoder, a.frames = nil, nil, nil, nil
	a.format, a.request.waitEnd, a.request.bufferBytes = "", false, maxBufferBytes
	if _, err := a.Write([]byte(e.Text + "\n")); err != nil {
		return
	}
	if a.closeEncoder() != nil {
		return
	}
	a.to.Header().Set("X-ClickHouse-Exception-Code", strconv.Itoa(e.Code))
	a.start(statusOf(e.Code))
	_ = a.flush()
}

// exception gives an error as ClickHouse would say it, with the version behind it.
func (a *answer) exception(err error) *Exception {
	var e *Exception
	if !errors.As(err, &e) {
		e = refuse(codeLogicalError, "LOGICAL_ERROR", "%v", err)
	}
	if strings.Contains(e.Text, "(version ") {
		return e
	}
	with := *e
	with.Text += " (version " + a.server.version + " (official build))"
	return &with
}

// contentType is the type that ClickHouse gives a format.
func contentType(format string) string {
	switch {
	case format == "":
		return "text/plain; charset=UTF-8"
	case strings.HasPrefix(format, "JSON") && strings.Contains(format, "EachRow"), format == "JSONLines", format == "NDJSON":
		return "application/x-ndjson; charset=UTF-8"
	case strings.HasPrefix(format, "JSON"):
		return "application/json; charset=UTF-8"
	case format == "CSV":
		return "text/csv; charset=UTF-8; header=absent"
	case strings.HasPrefix(format, "CSVWithNames"):
		return "text/csv; charset=UTF-8; header=present"
	case strings.HasPrefix(format, "TabSeparated"), strings.HasPrefix(format, "TSV"):
		return "text/tab-separated-values; charset=UTF-8"
	case format == "XML":
		return "application/xml; charset=UTF-8"
	case strings.HasPrefix(format, "Pretty"), format == "Vertical", format == "Values", format == "Markdown", format == "SQLInsert":
		return "text/plain; charset=UTF-8"
	}
	return "application/octet-stream"
}
