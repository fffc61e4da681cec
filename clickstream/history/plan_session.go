package history

import (
	"encoding/binary"

	"beckon/clickstream"
)

// sessionVersion is what a stretch left of one session. session is nil when it was retracted.
type sessionVersion struct {
	site    int32 // in sessionWriter.sites
	bytes   int32 // about, as a record
	version uint64
	visitor string
	start   int64
	session *clickstream.Session
}

// appendSessions appends the list of sessions of a batch or part record.
func appendSessions(dst []byte, sites []string, list []sessionVersion) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(sites)))
	for _, s := range sites {
		dst = appendText(dst, s)
	}
	dst = binary.AppendUvarint(dst, uint64(len(list)))
	for i := range list {
		dst = list[i].append(dst)
	}
	return dst
}

func (v *sessionVersion) append(dst []byte) []byte {
	dst = binary.AppendUvarint(dst, uint64(v.site))
	dst = appendText(dst, v.visitor)
	dst = binary.AppendVarint(dst, v.start)
	dst = binary.AppendUvarint(dst, v.version)
	s := v.session
	if s == nil {
		return append(dst, sessionRetracted)
	}
	var flags byte
	if s.Bot {
		flags |= sessionBot
	}
	if s.Closed {
		flags |= sessionClosed
	}
	dst = append(dst, flags)
	dst = binary.AppendVarint(dst, s.End-v.start)
	dst = binary.AppendUvarint(dst, uint64(s.Events))
	dst = append(dst, byte(s.Consent))
	dst = binary.AppendUvarint(dst, uint64(len(s.Steps)))
	at := v.start
	for i := range s.Steps {
		step := &s.Steps[i]
		dst = append(dst, byte(step.Kind()))
		dst = binary.AppendVarint(dst, step.Time()-at)
		dst = appendText(dst, step.Item())
		at = step.Time()
	}
	return dst
}

// plannedSession is a session as it stands in a plan. Its strings are substrings of the payload, Steps is used again for the next.
type plannedSession struct {
	Site, Visitor string
	Start, End    int64
	Version       uint64
	Retracted     bool
	Bot, Closed   bool
	Events        uint64
	Consent       clickstream.Consent
	Steps         []clickstream.Step

	raw string // the session's bytes
}

// sessionReader walks the list of sessions of a batch or part record.
type sessionReader struct {
	planReader
	sites []string
	left  int
}

// openSessions begins a list, which is data to its end.
func openSessions(data string) sessionReader {
	r := sessionReader{planReader: planReader{s: data}}
	for range r.count(1) {
		r.sites = append(r.sites, r.text())
	}
	r.left = r.count(5)
	return r
}

// next reads the next session into s; false at the end and at a failure, which err tells.
func (r *sessionReader) next(s *plannedSession) bool {
	if r.left == 0 || r.reason != "" {
		return false
	}
	r.left--
	begin := r.i
	site := r.uvarint()
	*s = plannedSession{Visitor: r.text(), Start: r.varint(), Version: r.uvarint(), Steps: s.Steps[:0]}
	flags := r.byte()
	switch {
	case site >= uint64(len(r.sites)):
		r.fail("unknown site")
		return false
	case flags >= sessionFlags || flags&sessionRetracted != 0 && flags != sessionRetracted:
		r.fail("unknown flags")
		return false
	}
	s.Site = r.sites[site]
	s.End = s.Start
	if s.Retracted = flags&sessionRetracted != 0; !s.Retracted {
		s.Bot, s.Closed = flags&sessionBot != 0, flags&sessionClosed != 0
		s.End += r.varint()
		s.Events = r.uvarint()
		s.Consent = clickstream.Consent(r.byte())
		at := s.Start
		for range r.count(3) {
			kind := clickstream.Kind(r.byte())
			at += r.varint()
			s.Steps = append(s.Steps, clickstream.NewStep(r.text(), kind, at))
		}
	}
	s.raw = r.s[begin:r.i]
	return r.reason == ""
}

// err is what ended the walk, or what is wrong behind it.
func (r *sessionReader) err(recordType byte) error {
	if r.left > 0 && r.reason == "" {
		return nil // not at the end yet
	}
	return r.end(recordType)
}
