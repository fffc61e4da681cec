package main

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"beckon/server/shop"
)

func TestTheSecondStepIsAskedForAndCountsOnce(t *testing.T) {
	d := openDesk(t)
	p := d.as("mia")
	got := p.get("/admin/account/second")
	typed := strings.ReplaceAll(between(t, got.body, "<code>", "</code>"), " ", "")
	ticket := between(t, got.body, `name="ticket" value="`, `"`)
	code := func() string {
		c, err := totp.GenerateCode(typed, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if !strings.Contains(got.body, `src="data:image/png;base64,`) || strings.Contains(ticket, typed) {
		t.Error("the page has no picture, or the ticket tells the secret")
	}
	before := p.cookie("beckon_session")
	if got := p.post("/admin/account/second", "ticket", ticket, "code", "000000", "current", deskPassword); got.StatusCode != 422 {
		t.Fatalf("a wrong code: %d", got.StatusCode)
	}
	if got := p.post("/admin/account/second", "ticket", ticket, "code", code(), "current", "wrong"); got.StatusCode != 422 {
		t.Fatalf("a wrong password: %d", got.StatusCode)
	}
	used := code()
	got = p.post("/admin/account/second", "ticket", ticket, "code", used, "current", deskPassword)
	if got.StatusCode != 200 || strings.Count(got.body, "<li><code>") != 10 {
		t.Fatalf("turning it on: %d\n%s", got.StatusCode, got.body)
	}
	recovery := between(t, got.body, "<li><code>", "</code>")
	if p.cookie("beckon_session") == before || !p.loggedIn() {
		t.Error("the session was not renewed")
	}

	begin := func() *person {
		q := d.browser()
		got := q.login("mia", deskPassword)
		if got.StatusCode != 200 || q.cookie("beckon_session") != "" || !strings.Contains(got.body, `name="code"`) || strings.Contains(got.body, `name="password"`) {
			t.Fatalf("the password alone: %d\n%s", got.StatusCode, got.body)
		}
		q.csrf += "\n" + between(t, got.body, `name="ticket" value="`, `"`)
		return q
	}
	send := func(q *person, code string) answered {
		token, ticket, _ := strings.Cut(q.csrf, "\n")
		return q.do("POST", "/admin/login", url.Values{"csrf": {token}, "ticket": {ticket}, "code": {code}}.Encode())
	}
	if got := send(begin(), used); got.StatusCode != 422 {
		t.Errorf("the code that turned it on: %d, want 422", got.StatusCode)
	}
	if got := send(begin(), recovery); got.StatusCode != 303 {
		t.Errorf("a recovery code: %d, want 303\n%s", got.StatusCode, got.body)
	}
	if got := send(begin(), recovery); got.StatusCode != 422 {
		t.Errorf("a recovery code again: %d, want 422", got.StatusCode)
	}
	// A ticket is its browser's, and ends when the user changes.
	q, other := begin(), d.browser()
	other.get("/admin/login")
	_, stolen, _ := strings.Cut(q.csrf, "\n")
	if got := other.post("/admin/login", "ticket", stolen, "code", recovery); got.StatusCode != 403 {
		t.Errorf("another browser's ticket: %d, want 403", got.StatusCode)
	}
	if err := d.n.shop.ChangePassword(t.Context(), "test", "mia", "a different horse"); err != nil {
		t.Fatal(err)
	}
	if got := send(q, recovery); got.StatusCode != 403 {
		t.Errorf("a ticket from before the password changed: %d, want 403", got.StatusCode)
	}
	anna := d.as("anna")
	if got := anna.post("/admin/users/mia/second"); got.StatusCode != 303 {
		t.Fatalf("reset: %d", got.StatusCode)
	}
	if got := d.browser().login("mia", "a different horse"); got.StatusCode != 303 {
		t.Errorf("login after the reset: %d, want 303", got.StatusCode)
	}
}

// between is what stands between two texts in page, the first time.
func between(t *testing.T, page, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, from)
	out, _, end := strings.Cut(rest, to)
	if !ok || !end {
		t.Fatalf("no %q … %q in\n%s", from, to, page)
	}
	return out
}

func TestAttemptsAtTheSecondStepAreSlowedToo(t *testing.T) {
	d := openDesk(t)
	mia, _ := d.n.shop.User("mia")
	secret := shop.NewTOTPSecret()
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.n.shop.EnableTOTP(t.Context(), "user mia", mia.Name, secret, code, ""); err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	d.n.now = func() time.Time { return at }
	q := d.browser()
	got := q.login("mia", deskPassword)
	ticket := between(t, got.body, `name="ticket" value="`, `"`)
	for range accountWaits.free {
		if got := q.post("/admin/login", "ticket", ticket, "code", "000000"); got.StatusCode != 422 {
			t.Fatalf("a wrong code: %d", got.StatusCode)
		}
	}
	if got := q.post("/admin/login", "ticket", ticket, "code", "000000"); got.StatusCode != 429 {
		t.Errorf("a sixth: %d, want 429", got.StatusCode)
	}
	at = at.Add(codeFormLife)
	if got := q.post("/admin/login", "ticket", ticket, "code", "000000"); got.StatusCode != 403 {
		t.Errorf("an old ticket: %d, want 403", got.StatusCode)
	}
}
