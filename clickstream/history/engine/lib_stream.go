package engine

import "unsafe"

// A stream is a running SELECT whose answer comes in chunks. Until close its connection takes no other statement.
type stream struct {
	conn *conn
	at   unsafe.Pointer
	done bool
}

// stream starts a statement whose answer is read with next. Statements without an answer (DDL, INSERT) want query.
func (c *conn) stream(text, format string, params ...param) (*stream, error) {
	a := newArguments(text, format, params)
	defer a.release()
	at := c.lib.chdbStreamQueryWithParams(c.handle, a.text, a.textLen, a.format, a.formatLen,
		a.names.pointers(), a.names.lengths(), a.values.pointers(), a.values.lengths(), a.count)
	if _, err := c.lib.take(at); err != nil {
		return nil, err
	}
	return &stream{conn: c, at: at}, nil
}

// next is the next chunk, which the caller closes, or nil at the end. After an error only close is left.
func (s *stream) next() (*result, error) {
	if s.done {
		return nil, nil
	}
	r, err := s.conn.lib.take(s.conn.lib.chdbStreamFetchResult(s.conn.handle, s.at))
	if err != nil {
		s.done = true
		return nil, err
	}
	if len(r.body()) == 0 {
		s.done = true
		r.close()
		return nil, nil
	}
	return r, nil
}

// close stops the statement if it still runs, and frees the connection.
func (s *stream) close() {
	if s.at == nil {
		return
	}
	if !s.done {
		s.conn.lib.chdbStreamCancelQuery(s.conn.handle, s.at)
		s.done = true
	}
	s.conn.lib.chdbDestroyQueryResult(s.at)
	s.at = nil
}

// An insertion is a running INSERT that takes its rows in chunks of bytes. Until close its connection takes no other statement.
type insertion struct {
	lib *library
	at  unsafe.Pointer
}

// insert starts an INSERT; text has neither FORMAT nor data. Chunks may be cut anywhere in the format's bytes.
func (c *conn) insert(text, format string, params ...param) (*insertion, error) {
	a := newArguments(text, format, params)
	defer a.release()
	at := c.lib.chdbStreamInsertWithParams(c.handle, a.text, a.textLen, a.format, a.formatLen,
		a.names.pointers(), a.names.lengths(), a.values.pointers(), a.values.lengths(), a.count)
	if at == nil {
		return nil, errNoAnswer
	}
	n := &insertion{lib: c.lib, at: at}
	if text := c.lib.chdbStreamInsertError(at); text != "" {
		n.close()
		return nil, parseException(text)
	}
	return n, nil
}

// append hands over a chunk, which is copied. It waits while the engine is busy. An error means that the statement has ended.
func (n *insertion) append(chunk []byte) error {
	if len(chunk) == 0 {
		return nil
	}
	if n.lib.chdbStreamAppend(n.at, unsafe.Pointer(unsafe.SliceData(chunk)), uintptr(len(chunk))) == 0 {
		return nil
	}
	if text := n.lib.chdbStreamInsertError(n.at); text != "" {
		return parseException(text)
	}
	return errNoAnswer
}

// finish ends the input and waits until the rows are stored.
func (n *insertion) finish() (statistics, error) {
	r, err := n.lib.take(n.lib.chdbStreamDone(n.at))
	if err != nil {
		return statistics{}, err
	}
	defer r.close()
	return r.statistics(), nil
}

// close frees the connection, and stops the statement if it was not finished. Blocks that the engine had already cut stay stored.
func (n *insertion) close() {
	if n.at != nil {
		n.lib.chdbDestroyInsertStream(n.at) // cancels first
		n.at = nil
	}
}
