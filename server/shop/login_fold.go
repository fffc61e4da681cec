package shop

import (
	"maps"
	"slices"
)

// sessionJSON is what records about sessions carry.
type sessionJSON struct {
	Key      string `json:"key,omitempty"`
	Keep     string `json:"keep,omitempty"` // session.end of all: but this
	Agent    string `json:"agent,omitempty"`
	Life     int64  `json:"life,omitzero"`      // ms
	Replaces string `json:"replaces,omitempty"` // session.begin: the live session that this one takes over from
	Checked  int64  `json:"checked,omitzero"`   // User.Changed when the password was checked
	Step     int64  `json:"step,omitzero"`      // time step of the one-time code
	Recovery string `json:"recovery,omitempty"` // hash of the recovery code that was used
}

// failedJSON is what a failed login says.
type failedJSON struct {
	Why   string `json:"why,omitempty"`
	Count int64  `json:"count"` // attempts, since not each has a record
}

// logins is every session that has not ended, by user, in the order in which they began.
type logins struct {
	byUser  map[string][]Session
	expires int64 // the earliest end of any, or of one that was ended before; 0 without one
	stale   bool  // something changed since the last view
}

// loginView is what readers see of sessions. It is replaced, never changed.
type loginView struct{ byKey map[string]*Session }

func newLogins() logins { return logins{byUser: map[string][]Session{}, stale: true} }

// sessionBegin adds a session; beyond maxSessions the user's oldest ends.
func (f *fold) sessionBegin(c *control) outcome {
	u, in := f.users[c.ID], c.Session
	switch {
	case in == nil || len(in.Key) != 64 || in.Life <= 0 || in.Life > maxSessionLife.Milliseconds():
		return outcome{refused: refuse("bad_session", "session: without a key or a life")}
	case u == nil:
		return outcome{refused: refuse("unknown_user", "user: there is no %q", c.ID)}
	case u.Changed != in.Checked:
		return outcome{refused: refuse("stale_login", "user: %q changed meanwhile", c.ID)}
	case f.logins.has(c.ID, in.Key):
		return outcome{refused: refuse("bad_session", "session: begun before")}
	}
	if in.Replaces != "" {
		if !f.logins.has(c.ID, in.Replaces) {
			return outcome{refused: refuse("unknown_session", "session: the one before has ended")}
		}
		f.logins.end(c.ID, func(s *Session) bool { return s.Key == in.Replaces })
	} else if refused := f.useProof(u, in.Step, in.Recovery); refused != nil {
		return outcome{refused: refused}
	}
	if list := f.logins.byUser[c.ID]; len(list) >= maxSessions {
		f.logins.byUser[c.ID] = slices.Clone(list[len(list)-maxSessions+1:])
	}
	f.logins.add(Session{Key: in.Key, User: c.ID, Begun: f.now, Expires: f.now + in.Life, Agent: in.Agent})
	return outcome{}
}

func (f *fold) sessionEnd(c *control) outcome {
	in := c.Session
	if in == nil || f.users[c.ID] == nil {
		return outcome{refused: refuse("unknown_user", "user: there is no %q", c.ID)}
	}
	f.logins.end(c.ID, func(s *Session) bool { return in.Key == s.Key || in.Key == "" && in.Keep != s.Key })
	return outcome{}
}

func (l *logins) has(user, key string) bool {
	return slices.ContainsFunc(l.byUser[user], func(s Session) bool { return s.Key == key })
}

// end removes those of a user's sessions that which names.
func (l *logins) end(user string, which func(*Session) bool) {
	was := l.byUser[user]
	kept := make([]Session, 0, len(was))
	for i := range was {
		if !which(&was[i]) {
			kept = append(kept, was[i])
		}
	}
	if len(kept) == len(was) {
		return
	}
	l.byUser[user], l.stale = kept, true
	if len(kept) == 0 {
		delete(l.byUser, user)
	}
}

func (l *logins) endAll(user string) { l.end(user, func(*Session) bool { return true }) }

// expire removes what has ended by now, Unix ms.
func (l *logins) expire(now int64) {
	if l.expires == 0 || now < l.expires {
		return
	}
	for user := range l.byUser {
		l.end(user, func(s *Session) bool { return s.Expires <= now })
	}
	l.expires = 0
	for _, list := range l.byUser {
		for i := range list {
			l.dueBy(list[i].Expires)
		}
	}
}

func (l *logins) add(s Session) {
	l.byUser[s.User], l.stale = append(l.byUser[s.User], s), true
	l.dueBy(s.Expires)
}

func (l *logins) dueBy(at int64) {
	if l.expires == 0 || at < l.expires {
		l.expires = at
	}
}

func (l *logins) view() *loginView {
	v := &loginView{map[string]*Session{}}
	for _, list := range l.byUser {
		for _, s := range list {
			v.byKey[s.Key] = &s
		}
	}
	l.stale = false
	return v
}

// all is every session in the order in which snapshots have them.
func (l *logins) all() []Session {
	var out []Session
	for _, user := range slices.Sorted(maps.Keys(l.byUser)) {
		out = append(out, l.byUser[user]...)
	}
	return out
}
