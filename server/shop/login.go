package shop

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"
)

// Session is a dashboard user's login. The log and all state have only Key: who reads them cannot take a session over.
type Session struct {
	Key     string `json:"key"` // hex SHA-256 of the id that the browser has
	User    string `json:"user"`
	Begun   int64  `json:"begun"`   // Unix ms
	Expires int64  `json:"expires"` // Unix ms; it is not made longer by use
	Agent   string `json:"agent,omitempty"`
}

// SessionSpec is a session to be begun, for a user as it was when the password was checked.
type SessionSpec struct {
	ID    string // what the browser will have
	Agent string // what people know the browser by: "Firefox, Windows"
	Life  time.Duration
	Proof Proof  // of the second step; none for a user without one
	From  string // key of the user's live session that this one takes over from, without a proof; "" for a login
}

// Bounds of sessions.
const (
	maxSessions    = 20 // of a user; the oldest ends when one more begins
	maxSessionLife = 24 * time.Hour
	maxAgent       = 60
)

// SessionKey is what the log knows a session's id by.
func SessionKey(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// BeginSession logs a user in. It is refused when the user's role or password changed since checked was read, when the user has a
// second step and the proof is missing, or when the proof was used before.
func (s *Store) BeginSession(ctx context.Context, checked User, spec SessionSpec) (Session, error) {
	if spec.Life <= 0 || spec.Life > maxSessionLife {
		return Session{}, refuse("bad_session", "session: a life of %s, want up to %s", spec.Life, maxSessionLife)
	}
	key := SessionKey(spec.ID)
	agent := clipText(spec.Agent, maxAgent)
	if _, err := s.do(ctx, "user "+checked.Name, control{Do: doSessionBegin, ID: checked.Name, Session: &sessionJSON{
		Key: key, Agent: agent, Life: spec.Life.Milliseconds(), Replaces: spec.From, Checked: checked.Changed, Step: spec.Proof.step, Recovery: spec.Proof.recovery,
	}}); err != nil {
		return Session{}, err
	}
	session, _, ok := s.Session(key)
	if !ok {
		return Session{}, refuse("unknown_session", "session: ended at once")
	}
	return session, nil
}

// Session is the live session of that key and its user as it is now. It takes no lock.
func (s *Store) Session(key string) (Session, User, bool) {
	session := s.logins.Load().byKey[key]
	if session == nil || s.cfg.Now() >= session.Expires {
		return Session{}, User{}, false
	}
	u := s.view.Load().users[session.User]
	if u == nil {
		return Session{}, User{}, false
	}
	return *session, u.User, true
}

// Sessions lists a user's live sessions, the newest first.
func (s *Store) Sessions(user string) []Session {
	var out []Session
	for _, session := range s.logins.Load().byKey {
		if session.User == user && s.cfg.Now() < session.Expires {
			out = append(out, *session)
		}
	}
	slices.SortFunc(out, func(a, b Session) int { return cmp.Or(cmp.Compare(b.Begun, a.Begun), cmp.Compare(a.Key, b.Key)) })
	return out
}

// EndSession ends one session of a user. One that has ended already is no error.
func (s *Store) EndSession(ctx context.Context, actor, user, key string) error {
	if len(key) != 2*sha256.Size { // "" would end all
		return refuse("bad_session", "session: %q is no session's key", key)
	}
	_, err := s.do(ctx, actor, control{Do: doSessionEnd, ID: user, Session: &sessionJSON{Key: key}})
	return err
}

// EndSessions ends all sessions of a user but the one of key keep, "" for none.
func (s *Store) EndSessions(ctx context.Context, actor, user, keep string) error {
	_, err := s.do(ctx, actor, control{Do: doSessionEnd, ID: user, Session: &sessionJSON{Keep: keep}})
	return err
}

// NoteFailedLogin records count attempts that failed. name is written only if a user has it: people type passwords into the wrong
// field, and the log is for ever. It changes no state. The caller bounds how often.
func (s *Store) NoteFailedLogin(ctx context.Context, name, why string, count int64) error {
	if s.view.Load().users[name] == nil {
		name = ""
	}
	_, err := s.do(ctx, "login", control{Do: doLoginFailed, ID: name, Failed: &failedJSON{Why: clipText(why, maxAgent), Count: count}})
	return err
}
