package engine

import "strings"

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
