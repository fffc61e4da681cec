package engine

import (
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"
)

// tagSetting carries a connection's tag, by which KILL QUERY finds its statement: the library gives no way to choose a query id. It
// only filters log lines that are sent to a client, and here nothing is sent.
const tagSetting = "send_logs_source_regexp"

// A work is a connection that statements of requests run on.
type work struct {
	*conn
	tag     string
	session bool   // it outlives the request
	home    string // of a session: the database that requests without one use
}

// openWork opens a connection that nobody has used, under a new tag.
func openWork(lib *library) (*work, error) {
	tag := newID()
	c, err := lib.connect("--" + tagSetting + "=" + tag)
	if err != nil {
		return nil, err
	}
	return &work{conn: c, tag: tag}, nil
}

// newID is a random UUID.
func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	d := hex.EncodeToString(b[:])
	return d[:8] + "-" + d[8:12] + "-" + d[12:16] + "-" + d[16:20] + "-" + d[20:]
}

// mostSessions bounds the connections that clients keep. A new session beyond it is refused.
const mostSessions = 1024

// sessions are the connections that clients keep by a name of theirs (session_id): SET, USE and temporary tables last in them. A
// session runs one request at a time, and ends when it was not used for its timeout.
type sessions struct {
	open func() (*work, error)

	mu   sync.Mutex
	all  map[string]*session
	done bool
}

type session struct {
	work   *work // nil while the first request opens it
	locked bool
	expiry *time.Timer // stopped while locked
	uses   uint64      // so that a timer that was too late sees it
}

func newSessions(open func() (*work, error)) *sessions {
	return &sessions{open: open, all: make(map[string]*session)}
}

// take gives the connection for a request, and what must be called when the request is done with it.
func (s *sessions) take(q *request) (w *work, done func(), err error) {
	if q.session == "" {
		if w, err = s.open(); err != nil {
			return nil, nil, err
		}
		return w, w.close, nil
	}
	one, err := s.lock(q)
	if err != nil {
		return nil, nil, err
	}
	if one.work == nil {
		if w, err = s.open(); err != nil {
			s.drop(q.session)
			return nil, nil, err
		}
		w.session, w.home = true, "default"
		one.work = w // nobody else looks while it is locked
	}
	return one.work, func() { s.unlock(q, one) }, nil
}

func (s *sessions) lock(q *request) (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.all[q.session]
	switch {
	case one == nil && q.sessionCheck:
		return nil, refuse(codeSessionNotFound, "SESSION_NOT_FOUND", "Session %s not found", q.session)
	case one == nil && (s.done || len(s.all) >= mostSessions):
		return nil, refuse(codeTooManyQueries, "TOO_MANY_SIMULTANEOUS_QUERIES", "Too many sessions. Maximum: %d", mostSessions)
	case one == nil:
		one = &session{}
		s.all[q.session] = one
	case one.locked:
		return nil, refuse(codeSessionLocked, "SESSION_IS_LOCKED", "Session %s is locked by a concurrent client", q.session)
	}
	one.locked = true
	one.uses++
	if one.expiry != nil {
		one.expiry.Stop()
	}
	return one, nil
}

func (s *sessions) unlock(q *request, one *session) {
	if q.sessionClose {
		s.drop(q.session)
		one.work.close()
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	one.locked = false
	uses := one.uses
	one.expiry = time.AfterFunc(q.sessionTimeout, func() { s.expire(q.session, one, uses) })
}

// expire closes a session that was not used since its timer was set.
func (s *sessions) expire(id string, one *session, uses uint64) {
	s.mu.Lock()
	over := s.all[id] == one && !one.locked && one.uses == uses
	if over {
		delete(s.all, id)
	}
	s.mu.Unlock()
	if over {
		one.work.close()
	}
}

func (s *sessions) drop(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, id)
}

// close ends all sessions. No request may run.
func (s *sessions) close() {
	s.mu.Lock()
	all := s.all
	s.all, s.done = map[string]*session{}, true
	s.mu.Unlock()
	for _, one := range all {
		if one.expiry != nil {
			one.expiry.Stop()
		}
		if one.work != nil {
			one.work.close()
		}
	}
}
