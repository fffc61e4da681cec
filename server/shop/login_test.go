package shop

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// login begins a session of a user for an hour and returns its key.
func (r *rig) login(user, id string) string {
	r.t.Helper()
	u, ok := r.User(user)
	if !ok {
		r.t.Fatalf("no user %s", user)
	}
	s, err := r.BeginSession(r.t.Context(), u, SessionSpec{ID: id, Agent: "Firefox on Linux", Life: time.Hour})
	if err != nil {
		r.t.Fatal(err)
	}
	return s.Key
}

func (r *rig) in(key string) bool {
	_, _, ok := r.Session(key)
	return ok
}

// text is all payloads of the log.
func (r *rig) text() string {
	var text strings.Builder
	for _, b := range r.log.(*memLog).batches {
		text.WriteString(b.Data)
	}
	return text.String()
}

func newRigWithUsers(t *testing.T) *rig {
	t.Helper()
	r := newRig(t, newMemLog())
	for name, role := range map[string]Role{"anna": Admin, "ben": Merchandiser} {
		if err := r.AddUser(t.Context(), "test", name, "correct horse", role); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

func TestSessionsSurviveARestartAndEndInTime(t *testing.T) {
	r := newRigWithUsers(t)
	key := r.login("ben", "id-1")
	if s, u, ok := r.Session(key); !ok || s.User != "ben" || u.Role != Merchandiser || s.Expires-s.Begun != 3600_000 || s.Agent != "Firefox on Linux" {
		t.Errorf("session %+v of %+v, %v", s, u, ok)
	}
	if strings.Contains(fmt.Sprint(r.Sessions("ben")), "id-1") || key != SessionKey("id-1") {
		t.Error("a session tells its id")
	}
	r.reopen()
	if !r.in(key) {
		t.Error("the session ended with the process")
	}
	r.clock.add(3600_000 - 1)
	if !r.in(key) {
		t.Error("the session ended early")
	}
	r.clock.add(1)
	if r.in(key) || len(r.Sessions("ben")) != 0 {
		t.Error("the session did not end")
	}
	if due := r.Due(); due != r.clock.now() {
		t.Errorf("due at %d, want %d", due, r.clock.now())
	}
	if err := r.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	if due, left := r.Due(), len(r.fold.logins.byUser); due != 0 || left != 0 {
		t.Errorf("due %d, %d users with sessions, want none", due, left)
	}
}

func TestAUserHasTheNewestTwentySessions(t *testing.T) {
	r := newRigWithUsers(t)
	var keys []string
	for i := range maxSessions + 3 {
		r.clock.add(1)
		keys = append(keys, r.login("ben", fmt.Sprint("id-", i)))
	}
	other := r.login("anna", "hers")
	for i, key := range keys {
		if got, want := r.in(key), i >= 3; got != want {
			t.Errorf("session %d: live %v, want %v", i, got, want)
		}
	}
	if list := r.Sessions("ben"); len(list) != maxSessions || list[0].Key != keys[len(keys)-1] {
		t.Errorf("%d sessions, newest %+v", len(list), list[0])
	}
	if !r.in(other) {
		t.Error("another user's session ended")
	}
}

func TestSessionsEndWhenTheUserChanges(t *testing.T) {
	ctx := t.Context()
	for name, change := range map[string]func(r *rig) error{
		"role":       func(r *rig) error { return r.ChangeRole(ctx, "test", "ben", Viewer) },
		"password":   func(r *rig) error { return r.ChangePassword(ctx, "test", "ben", "another horse") },
		"removed":    func(r *rig) error { return r.RemoveUser(ctx, "test", "ben") },
		"everywhere": func(r *rig) error { return r.EndSessions(ctx, "test", "ben", "") },
	} {
		t.Run(name, func(t *testing.T) {
			r := newRigWithUsers(t)
			key, other := r.login("ben", "id"), r.login("anna", "hers")
			checked, _ := r.User("ben")
			if err := change(r); err != nil {
				t.Fatal(err)
			}
			if r.in(key) || !r.in(other) {
				t.Errorf("live: %v, the other user's: %v", r.in(key), r.in(other))
			}
			r.reopen()
			if r.in(key) {
				t.Error("the session came back")
			}
			if name == "everywhere" {
				return
			}
			_, err := r.BeginSession(ctx, checked, SessionSpec{ID: "late", Life: time.Hour})
			if name == "removed" {
				refused(t, err, "unknown_user")
			} else {
				refused(t, err, "stale_login")
			}
		})
	}
}

func TestOneSessionCanEndOrBeKept(t *testing.T) {
	r := newRigWithUsers(t)
	ctx := t.Context()
	a, b, c := r.login("ben", "a"), r.login("ben", "b"), r.login("ben", "c")
	refused(t, r.EndSession(ctx, "test", "ben", ""), "bad_session")
	if err := r.EndSession(ctx, "test", "anna", a); err != nil {
		t.Fatal(err)
	}
	if !r.in(a) {
		t.Error("a session ended by another user's name")
	}
	if err := r.EndSession(ctx, "test", "ben", a); err != nil {
		t.Fatal(err)
	}
	if err := r.ChangeOwnPassword(ctx, "user ben", "ben", "another horse", b); err != nil {
		t.Fatal(err)
	}
	if r.in(a) || !r.in(b) || r.in(c) {
		t.Errorf("live: %v %v %v, want the kept one", r.in(a), r.in(b), r.in(c))
	}
	ben, _ := r.User("ben")
	if _, err := r.BeginSession(ctx, ben, SessionSpec{ID: "d", Life: time.Hour, From: b}); err != nil {
		t.Fatal(err)
	}
	if r.in(b) || !r.in(SessionKey("d")) {
		t.Error("a session that another took over from lives on")
	}
	_, err := r.BeginSession(ctx, ben, SessionSpec{ID: "e", Life: time.Hour, From: b})
	refused(t, err, "unknown_session")
	_, err = r.BeginSession(ctx, ben, SessionSpec{ID: "f", Life: 25 * time.Hour})
	refused(t, err, "bad_session")
}

func TestAPasswordTypedAsANameIsNotWritten(t *testing.T) {
	r := newRigWithUsers(t)
	for _, name := range []string{"correct horse battery", "ben"} {
		if err := r.NoteFailedLogin(t.Context(), name, "password", 1); err != nil {
			t.Fatal(err)
		}
	}
	text := r.text()
	if strings.Contains(text, "battery") || strings.Count(text, `"do":"login.failed"`) != 2 || !strings.Contains(text, `"id":"ben"`) {
		t.Errorf("the log has %s", text)
	}
}

func TestAdminsSeeAllSitesAndOthersTheirs(t *testing.T) {
	r := newRigWithUsers(t)
	ctx := t.Context()
	r.makeSite("a")
	r.makeSite("b")
	see := func(want string) {
		t.Helper()
		r.reopen()
		u, _ := r.User("ben")
		if got := fmt.Sprint(u.Sees("a"), u.Sees("b"), u.Sees("none")); got != want {
			t.Errorf("sees a, b, none: %s, want %s", got, want)
		}
	}
	see("true true true")
	if err := r.ChangeSites(ctx, "test", "ben", []string{"b", "b"}); err != nil {
		t.Fatal(err)
	}
	see("false true false")
	if err := r.ChangeAccess(ctx, "test", "ben", Admin, []string{"b"}); err != nil {
		t.Fatal(err)
	}
	see("true true true")
	refused(t, r.ChangeSites(ctx, "test", "ben", []string{"none"}), "unknown_site")
	refused(t, r.AddUser(ctx, "test", "eve", "correct horse", Viewer, "none"), "unknown_site")
	if err := r.AddUser(ctx, "test", "eve", "correct horse", Viewer, "a"); err != nil {
		t.Fatal(err)
	}
	if u, _ := r.User("eve"); u.Sees("b") || !u.Sees("a") {
		t.Errorf("%+v", u)
	}
}

// actLogins does something random about a user's sessions and second step.
func actLogins(r *rig, rng *rand.Rand) {
	r.t.Helper()
	ctx := r.t.Context()
	for range 6 {
		user, ok := r.User(fmt.Sprint("u", rng.IntN(5)))
		if !ok {
			continue
		}
		live := r.Sessions(user.Name)
		switch rng.IntN(6) {
		case 0, 1:
			r.BeginSession(ctx, user, SessionSpec{ID: fmt.Sprint(rng.Uint64()), Agent: "Firefox", Life: time.Duration(1+rng.IntN(20)) * time.Hour})
		case 2:
			secret := NewTOTPSecret()
			r.EnableTOTP(ctx, "test", user.Name, secret, r.codeAt(secret), "")
		case 3:
			r.DisableTOTP(ctx, "test", user.Name)
		case 4:
			r.ChangeAccess(ctx, "test", user.Name, []Role{Viewer, Merchandiser}[rng.IntN(2)], []string{"s1"})
		case 5:
			if len(live) > 0 {
				r.EndSession(ctx, "test", user.Name, live[0].Key)
			}
		}
	}
}
