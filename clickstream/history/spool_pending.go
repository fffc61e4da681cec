package history

import (
	"strings"

	"beckon/clickstream"
)

// pending is what facts said since the last plan.
type pending struct {
	facts                 int // of events
	eventBytes            int // about
	bytes                 int // of sessions as a record, about
	parts                 int // part records written for it
	late, machine, repeat []uint64

	sites    []string
	siteIDs  map[string]int32
	sessions []sessionVersion
	known    map[sessionKey]int32 // place in sessions
	lastKey  sessionKey
	lastAt   int32 // place of lastKey, -1: none
}

type sessionKey struct {
	visitor string
	start   int64
	site    int32
}

// What an event and a session take in a batch beside their strings, about.
const (
	eventBytes   = 160
	itemBytes    = 40
	sessionBytes = 24
	stepBytes    = 6
)

// maxKeptSessions bounds the memory that is kept from plan to plan.
const maxKeptSessions = 256 << 10

func (p *pending) reset() {
	p.resetSessions()
	p.facts, p.parts, p.eventBytes = 0, 0, 0
	p.late, p.machine, p.repeat = p.late[:0], p.machine[:0], p.repeat[:0]
}

func (p *pending) resetSessions() {
	p.bytes, p.lastAt = 0, -1
	clear(p.sites)
	p.sites = p.sites[:0]
	if p.known == nil || len(p.sessions) > maxKeptSessions {
		p.known, p.siteIDs, p.sessions = make(map[sessionKey]int32), make(map[string]int32), nil
		return
	}
	clear(p.known)
	clear(p.siteIDs)
	clear(p.sessions) // the Runner's versions must not be kept alive
	p.sessions = p.sessions[:0]
}

// fact notes what was found of an event.
func (p *pending) fact(f *clickstream.Fact) {
	e := f.Event
	if e == nil {
		return
	}
	p.facts++
	p.eventBytes += eventBytes + len(e.URL) + len(e.Ref) + len(e.Title) + len(e.Props) + len(e.UserAgent) + itemBytes*len(e.Items)
	if f.Late {
		p.late = append(p.late, f.Seq)
	}
	if f.Bot {
		p.machine = append(p.machine, f.Seq)
	}
	if f.Repeat {
		p.repeat = append(p.repeat, f.Seq)
	}
}

func (p *pending) siteOf(site string) int32 {
	if n := len(p.sites); n > 0 && p.sites[n-1] == site {
		return int32(n - 1)
	}
	id, ok := p.siteIDs[site]
	if !ok {
		id = int32(len(p.sites))
		site = strings.Clone(site)
		p.sites = append(p.sites, site)
		p.siteIDs[site] = id
	}
	return id
}

// change makes the versions of c those that count. Versions are kept as they are; a retracted key keeps a string of the Runner.
func (p *pending) change(site int32, seq uint64, c *clickstream.SessionChange) {
	for i := range c.Retracted {
		k := &c.Retracted[i]
		v := p.version(sessionKey{k.Visitor, k.Start, site})
		p.bytes += sessionBytes + len(k.Visitor) - int(v.bytes)
		v.version, v.session, v.bytes = seq, nil, int32(sessionBytes+len(k.Visitor))
	}
	s := c.Session
	if s == nil {
		return
	}
	v := p.version(sessionKey{s.Key.Visitor, s.Key.Start, site})
	added := s.Steps
	size := int32(sessionBytes + len(s.Key.Visitor))
	if v.session != nil {
		// The same key goes on: only what came with this change is new. Steps dropped at the front still count.
		size = v.bytes
		added = added[len(added)-min(max(c.Added, 0), len(added)):]
	}
	for i := range added {
		size += int32(stepBytes + len(added[i].Item()))
	}
	p.bytes += int(size - v.bytes)
	v.version, v.session, v.bytes = seq, s, size
}

// version is the place of a key, made if it is new.
func (p *pending) version(key sessionKey) *sessionVersion {
	if p.lastAt >= 0 && key == p.lastKey {
		return &p.sessions[p.lastAt]
	}
	at, ok := p.known[key]
	if !ok {
		at = int32(len(p.sessions))
		p.sessions = append(p.sessions, sessionVersion{site: key.site, visitor: key.visitor, start: key.start})
		p.known[key] = at
	}
	p.lastKey, p.lastAt = key, at
	return &p.sessions[at]
}
