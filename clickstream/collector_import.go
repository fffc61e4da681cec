package clickstream

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// How an import is cut: its memory is importChunks times what a chunk's text and records take, a few hundred KB each unless
// lines are long.
const (
	importChunks  = 8
	importParsers = 2
	importBytes   = 256 << 10
	importLines   = 8192    // of a chunk, so that the dead letters of very short lines are bounded too
	maxLine       = 1 << 20 // a longer line is cut there, and rejected like every line over MaxEventBytes
	pressureWait  = 30 * time.Second
	pressurePoll  = 20 * time.Millisecond
)

// chunk is a run of lines on its way: filled by the reader, parsed by a parser, submitted and awaited in the order of reading,
// so that a visitor's lines keep theirs.
type chunk struct {
	text     []byte // borrowed as strings from when it is read until request is answered
	parsed   chan struct{}
	request  *request
	rejected []Rejection
	sent     error // of submitting
}

// importer is one import. Its goroutines end with Import.
type importer struct {
	c      *Collector
	src    *Source
	cancel context.CancelCauseFunc
	free   chan *chunk
	parse  chan *chunk
	submit chan *chunk // in the order of reading
	await  chan *chunk // in the order of submitting
	result Result
	read   int // events of the chunks before
}

// Import takes NDJSON, one event a line, and returns when all of it is durable. An error may come after a part was stored:
// the result counts that part, and sent again it is duplicates. While Pressure is on, it waits, but no longer than 30 s without
// progress. src.ProveUser is called from two goroutines.
func (c *Collector) Import(ctx context.Context, src *Source, r io.Reader) (Result, error) {
	if c.closed.Load() {
		return Result{}, ErrClosed
	}
	select {
	case c.imports <- struct{}{}:
	default:
		return Result{}, c.refuse(&OverloadedError{"too many imports at once", 5 * time.Second})
	}
	defer func() { <-c.imports }()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	m := &importer{
		c: c, src: src, cancel: cancel,
		free: make(chan *chunk, importChunks), parse: make(chan *chunk, importChunks),
		submit: make(chan *chunk, importChunks), await: make(chan *chunk, importChunks),
	}
	for range importChunks {
		m.free <- &chunk{parsed: make(chan struct{}, 1), request: newRequest()}
	}
	var wg sync.WaitGroup
	for range importParsers {
		wg.Go(m.parseAll)
	}
	wg.Go(func() { m.submitAll(ctx) })
	wg.Go(m.awaitAll)
	err := m.readAll(ctx, r)
	close(m.parse)
	close(m.submit)
	wg.Wait()
	if failed := context.Cause(ctx); failed != nil { // why reading was stopped
		err = failed
	}
	return m.result, c.refuse(err)
}

// readAll cuts r into chunks of whole lines.
func (m *importer) readAll(ctx context.Context, r io.Reader) error {
	var rest []byte // what was read and is in no chunk
	in := &lastingReader{r: r}
	for {
		if err := m.wait(ctx); err != nil {
			return err
		}
		var k *chunk
		select {
		case k = <-m.free:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		var err error
		k.text, rest, err = fillChunk(k.text[:0], rest, in)
		if err != nil && err != io.EOF { // the last line is not whole
			k.text = k.text[:bytes.LastIndexByte(k.text, '\n')+1]
		}
		if end := afterLines(k.text, importLines); end < len(k.text) {
			rest = append(bytes.Clone(k.text[end:]), rest...)
			k.text = k.text[:end]
		}
		if len(k.text) > 0 {
			m.submit <- k
			m.parse <- k
		}
		switch {
		case err == nil || len(rest) > 0:
		case err == io.EOF:
			return nil
		default:
			return fmt.Errorf("read import: %w", err)
		}
	}
}

// afterLines is where the first n lines of text end.
func afterLines(text []byte, n int) int {
	if bytes.Count(text, []byte{'\n'}) <= n {
		return len(text)
	}
	end := 0
	for range n {
		end += bytes.IndexByte(text[end:], '\n') + 1
	}
	return end
}

// lastingReader gives its first error for ever.
type lastingReader struct {
	r   io.Reader
	err error
}

func (l *lastingReader) Read(p []byte) (n int, err error) {
	if l.err != nil {
		return 0, l.err
	}
	n, l.err = l.r.Read(p)
	return n, l.err
}

// fillChunk appends rest and what r has to text, up to the last line end in importBytes, or to the end of a longer line. What
// follows comes back as the next rest; text without rest comes with an error, io.EOF at the end.
func fillChunk(text, rest []byte, r io.Reader) (filled, next []byte, err error) {
	text = append(text, rest...)
	for {
		if len(text) == cap(text) {
			text = append(make([]byte, 0, max(importBytes, 2*cap(text))), text...)
		}
		n, err := r.Read(text[len(text):cap(text)])
		from := len(text)
		text = text[:from+n]
		if err != nil {
			return text, rest[:0], err
		}
		if len(text) < importBytes {
			continue
		}
		if end := bytes.LastIndexByte(text, '\n'); end >= 0 {
			return text[:end+1], append(rest[:0], text[end+1:]...), nil
		}
		if len(text) > maxLine {
			// The rest of this line goes unread, but for its end.
			if err := skipLine(r, &rest); err != nil {
				return text, rest, err
			}
			return append(text, '\n'), rest, nil
		}
	}
}

// skipLine reads to the end of a line; what was read beyond it becomes rest.
func skipLine(r io.Reader, rest *[]byte) error {
	room := make([]byte, 64<<10)
	for {
		n, err := r.Read(room)
		if end := bytes.IndexByte(room[:n], '\n'); end >= 0 {
			*rest = append((*rest)[:0], room[end+1:n]...)
			return nil // an error comes again
		}
		if err != nil {
			*rest = (*rest)[:0]
			return err
		}
	}
}

// wait lets what comes behind the collector catch up.
func (m *importer) wait(ctx context.Context) error {
	var ticker *time.Ticker
	for waited := time.Duration(0); ; waited += pressurePoll {
		err := m.c.pressure()
		if err == nil || waited > pressureWait {
			return err
		}
		if ticker == nil {
			ticker = time.NewTicker(pressurePoll)
			defer ticker.Stop()
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (m *importer) parseAll() {
	var p Parser
	var out Decoded
	for k := range m.parse {
		r := k.request
		r.reset()
		r.site = m.src.Site
		text := borrowed(k.text)
		for text != "" {
			line, next, _ := strings.Cut(text, "\n")
			if len(line) > maxLine {
				line = line[:maxLine]
			}
			out.Reset()
			p.Line(line, m.src, &out)
			for i := range out.Rejected {
				if out.Rejected[i].Index += r.received; len(k.rejected) < MaxListed {
					k.rejected = append(k.rejected, listed(&out.Rejected[i]))
				}
			}
			m.c.tag(m.src, out.Events)
			r.decoded(m.c.cfg.Seed, m.c.cfg.Partitions, m.src, &out)
			text = next
		}
		k.parsed <- struct{}{}
	}
}

func (m *importer) submitAll(ctx context.Context) {
	defer close(m.await)
	for k := range m.submit {
		<-k.parsed
		k.sent = context.Cause(ctx)
		if k.sent == nil && k.request.received > 0 {
			k.sent = m.c.sequencer.submit(k.request)
		}
		m.await <- k
	}
}

func (m *importer) awaitAll() {
	for k := range m.await {
		err := k.sent
		if err == nil && k.request.received > 0 {
			err = <-k.request.done
		}
		if err != nil {
			m.cancel(err)
		} else {
			m.enter(k)
		}
		m.read += k.request.received
		clear(k.rejected)
		k.rejected = k.rejected[:0]
		m.free <- k
	}
}

// enter adds a stored chunk to the result.
func (m *importer) enter(k *chunk) {
	m.result.Accepted += k.request.stored
	m.result.Duplicates += k.request.duplicates
	m.result.RejectedTotal += k.request.rejected
	for _, r := range k.rejected {
		if len(m.result.Rejected) == MaxListed {
			break
		}
		r.Index += m.read
		m.result.Rejected = append(m.result.Rejected, r)
	}
}
