package main

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"beckon/server/shop"
)

func TestLoginGivesANewSessionAndLogoutEndsIt(t *testing.T) {
	d := openDesk(t)
	p := d.browser()
	if got := p.get("/admin/users?site=b"); got.StatusCode != 303 || got.to() != "/admin/login?next="+url.QueryEscape("/admin/users?site=b") {
		t.Fatalf("%d to %s", got.StatusCode, got.to())
	}
	got := p.login("anna", deskPassword)
	id := p.cookie("beckon_session")
	if got.StatusCode != 303 || got.to() != "/admin" || len(id) != sessionIDLength {
		t.Fatalf("login: %d to %q, session %q", got.StatusCode, got.to(), id)
	}
	if got := p.get("/admin/login"); got.StatusCode != 303 {
		t.Errorf("the login for who is logged in: %d, want 303", got.StatusCode)
	}
	p.get("/admin/account")
	old := *p
	old.http = &http.Client{CheckRedirect: p.http.CheckRedirect, Transport: p.http.Transport}
	if got := p.post("/admin/logout"); got.StatusCode != 303 || got.to() != "/admin/login" || p.cookie("beckon_session") != "" {
		t.Fatalf("logout: %d to %s, cookie %q", got.StatusCode, got.to(), p.cookie("beckon_session"))
	}
	if got := old.get("/admin/account", "Cookie", "beckon_session="+id); got.StatusCode != 303 {
		t.Errorf("the session after logout: %d, want 303", got.StatusCode)
	}
}

func TestTheBrowserDoesNotChooseItsSession(t *testing.T) {
	d := openDesk(t)
	p := d.browser()
	u, err := url.Parse(d.url)
	if err != nil {
		t.Fatal(err)
	}
	fixed := newSessionID()
	p.http.Jar.SetCookies(u, []*http.Cookie{{Name: "beckon_session", Value: fixed, Path: "/admin"}})
	if got := p.login("vera", deskPassword); got.StatusCode != 303 {
		t.Fatalf("%d", got.StatusCode)
	}
	if p.cookie("beckon_session") == fixed {
		t.Fatal("the id that the browser brought became the session's")
	}
	if _, _, ok := d.n.shop.Session(shop.SessionKey(fixed)); ok {
		t.Error("the id that the browser brought opens a session")
	}
	first := p.cookie("beckon_session")
	form := d.browser()
	form.get("/admin/login")
	// somebody else logs in with a browser that has vera's session still
	req := []string{"Cookie", "beckon_session=" + first + "; beckon_login=" + form.cookie("beckon_login")}
	bare := &person{d: d, http: &http.Client{CheckRedirect: p.http.CheckRedirect}}
	if got := bare.do("POST", "/admin/login", form.formText("user", "mia", "password", deskPassword), req...); got.StatusCode != 303 {
		t.Fatalf("%d %s", got.StatusCode, got.body)
	}
	if p.loggedIn() {
		t.Error("the session before goes on beside the new one")
	}
}

func TestCookiesAreForThisServerOverItsOwnScheme(t *testing.T) {
	for _, c := range []struct {
		public, prefix string
		secure         bool
	}{{"", "", false}, {"http://desk.example", "", false}, {"https://desk.example", "__Secure-", true}} {
		n := openHere(t, 1)
		n.cfg.publicURL = c.public
		var err error
		if n.admin, err = newAdminDesk(n.cfg, secret("0123456789abcdef")); err != nil {
			t.Fatal(err)
		}
		d := serveDesk(t, n)
		p := d.browser()
		set := func(got answered, name string) *http.Cookie {
			t.Helper()
			for _, k := range got.Cookies() {
				if k.Name == c.prefix+name {
					return k
				}
			}
			t.Fatalf("%s: no cookie %s in %q", c.public, c.prefix+name, got.Header["Set-Cookie"])
			return nil
		}
		got := p.get("/admin/login")
		k := set(got, "beckon_login")
		if !k.HttpOnly || k.Secure != c.secure || k.SameSite != http.SameSiteStrictMode || k.Path != "/admin" {
			t.Errorf("%s: %+v", c.public, k)
		}
		got = p.do("POST", "/admin/login", p.formText("user", "anna", "password", deskPassword), "Cookie", k.Name+"="+k.Value)
		k = set(got, "beckon_session")
		if !k.HttpOnly || k.Secure != c.secure || k.SameSite != http.SameSiteLaxMode || k.Path != "/admin" || k.Domain != "" || k.MaxAge != 12*3600 {
			t.Errorf("%s: %+v", c.public, k)
		}
		if hsts := got.Header.Get("Strict-Transport-Security"); (hsts != "") != c.secure {
			t.Errorf("%s: Strict-Transport-Security %q", c.public, hsts)
		}
	}
}

func TestTheLoginFormBelongsToItsBrowser(t *testing.T) {
	d := openDesk(t)
	mine, other := d.browser(), d.browser()
	mine.get("/admin/login")
	other.get("/admin/login")
	try := func(what string, want int, body string, header ...string) {
		t.Helper()
		bare := &person{d: d, http: &http.Client{CheckRedirect: mine.http.CheckRedirect}}
		if got := bare.do("POST", "/admin/login", body, header...); got.StatusCode != want {
			t.Errorf("%s: %d, want %d", what, got.StatusCode, want)
		}
	}
	good := mine.formText("user", "anna", "password", deskPassword)
	cookie := []string{"Cookie", "beckon_login=" + mine.cookie("beckon_login")}
	try("no cookie", 403, good)
	try("another's cookie", 403, good, "Cookie", "beckon_login="+other.cookie("beckon_login"))
	try("no token", 403, "user=anna&password="+url.QueryEscape(deskPassword), cookie...)
	try("a forged cookie", 403, good, "Cookie", "beckon_login="+mine.cookie("beckon_login")+"x")
	try("a foreign page", 403, good, append(cookie, "Origin", "https://evil.example")...)
	try("a foreign page's request", 403, good, append(cookie, "Sec-Fetch-Site", "cross-site")...)
	try("all in order", 303, good, cookie...)
	now := d.n.now
	d.n.now = func() time.Time { return now().Add(loginFormLife + time.Second) }
	try("an old form", 403, good, cookie...)
}

func TestAfterTheLoginOneIsWhereOneWantedToBe(t *testing.T) {
	d := openDesk(t)
	for next, want := range map[string]string{
		"/admin/users?site=b":                 "/admin/users?site=b",
		"/admin":                              "/admin",
		"/admin?site=test":                    "/admin?site=test",
		"":                                    "/admin",
		"https://evil.example":                "/admin",
		"//evil.example/admin":                "/admin",
		"/admin@evil.example":                 "/admin",
		"/adminx":                             "/admin",
		"/admin//evil.example":                "/admin",
		"/admin/../../evil":                   "/admin",
		"/admin/%2e%2e/evil":                  "/admin",
		"/admin\\evil.example":                "/admin",
		"/admin/\r\nSet-Cookie: a=b":          "/admin",
		"/admin/\tx":                          "/admin",
		"javascript:alert(1)":                 "/admin",
		"/v1/events":                          "/admin",
		"/admin/login":                        "/admin",
		"/admin/" + strings.Repeat("a", 2000): "/admin",
	} {
		p := d.browser()
		p.get("/admin/login?next=" + url.QueryEscape(next))
		if got := p.post("/admin/login", "user", "vera", "password", deskPassword, "next", next); got.StatusCode != 303 || got.to() != want {
			t.Errorf("next %q: %d to %q, want %q", next, got.StatusCode, got.to(), want)
		}
	}
}

// failAs is how a wrong login of user is answered, without what differs from one answer to the next.
func failAs(d *desk, user, password string) string {
	d.t.Helper()
	p := d.browser()
	got := p.login(user, password)
	body := strings.ReplaceAll(csrfInPage.ReplaceAllString(got.body, ""), user, "USER")
	return fmt.Sprint(got.StatusCode, got.Header.Get("Retry-After"), len(got.Cookies()), body)
}

func TestAWrongPasswordAndAnUnknownUserAreAnsweredAlike(t *testing.T) {
	d := openDesk(t)
	at := time.Now()
	d.n.now = func() time.Time { return at }
	known, unknown := failAs(d, "anna", "wrong horse battery"), failAs(d, "nobody", "wrong horse battery")
	if known != unknown || !strings.Contains(known, "User name or password is wrong") || !strings.HasPrefix(known, "422") {
		t.Errorf("known user:\n%s\nunknown user:\n%s", known, unknown)
	}
	for range accountWaits.free {
		failAs(d, "anna", "x")
		failAs(d, "nobody", "x")
	}
	known, unknown = failAs(d, "anna", "x"), failAs(d, "nobody", "x")
	if known != unknown || !strings.HasPrefix(known, "429") {
		t.Errorf("throttled known user:\n%s\nunknown user:\n%s", known, unknown)
	}
}

func TestGuessingGetsSlowerAndEndsByItself(t *testing.T) {
	d := openDesk(t)
	at := time.Now()
	d.n.now = func() time.Time { return at }
	for i := range accountWaits.free {
		if got := d.browser().login("anna", "wrong"); got.StatusCode != 422 {
			t.Fatalf("attempt %d: %d, want 422", i, got.StatusCode)
		}
	}
	p := d.browser()
	got := p.login("anna", deskPassword)
	if got.StatusCode != 429 || got.Header.Get("Retry-After") != "2" || !strings.Contains(got.body, "Too many attempts") {
		t.Fatalf("%d, Retry-After %q\n%s", got.StatusCode, got.Header.Get("Retry-After"), got.body)
	}
	if got := d.browser().login("mia", deskPassword); got.StatusCode != 303 {
		t.Errorf("another account of the same address: %d, want 303", got.StatusCode)
	}
	at = at.Add(2 * time.Second)
	if got := d.browser().login("anna", "wrong"); got.StatusCode != 422 {
		t.Errorf("after the wait: %d, want 422", got.StatusCode)
	}
	if got := d.browser().login("anna", deskPassword); got.Header.Get("Retry-After") != "4" {
		t.Errorf("the next wait is %q s, want 4", got.Header.Get("Retry-After"))
	}
	at = at.Add(4 * time.Second)
	if got := d.browser().login("anna", deskPassword); got.StatusCode != 303 {
		t.Errorf("the right password after the wait: %d, want 303", got.StatusCode)
	}
	for i := range accountWaits.free {
		if got := d.browser().login("anna", "wrong"); got.StatusCode != 422 {
			t.Errorf("attempt %d after a login: %d, want 422", i, got.StatusCode)
		}
	}
}

func TestFailedLoginsStandInTheLogButNotMany(t *testing.T) {
	d := openDesk(t)
	at := time.Now()
	d.n.now = func() time.Time { return at }
	for range 3 * failedBurst {
		at = at.Add(time.Millisecond)
		p := d.browser()
		p.get("/admin/login")
		d.n.admin.accounts, d.n.admin.origins = newWaits(accountWaits), newWaits(addressWaits)
		p.post("/admin/login", "user", "anna", "password", "wrong horse battery")
	}
	list, _, err := d.n.shop.Changes("", shop.AuditQuery{Private: true, Logins: shop.LoginsOnly, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	failed := 0
	for _, e := range list {
		if e.Do == "login.failed" {
			failed++
		}
	}
	if failed != failedBurst {
		t.Errorf("%d records of %d failed logins, want %d", failed, 3*failedBurst, failedBurst)
	}
	at = at.Add(failedEvery)
	if got := d.n.admin.failed.take(at); got != 2*failedBurst+1 {
		t.Errorf("the next record stands for %d attempts, want %d", got, 2*failedBurst+1)
	}
}

func TestARunningSessionEndsWhenItsUserChangesOrItsTimeIsOver(t *testing.T) {
	d := openDesk(t)
	p := d.as("mia")
	if err := d.n.shop.ChangeRole(t.Context(), "test", "mia", shop.Viewer); err != nil {
		t.Fatal(err)
	}
	if p.loggedIn() {
		t.Error("the session outlived the role")
	}
	p = d.as("mia")
	if err := d.n.shop.RemoveUser(t.Context(), "test", "mia"); err != nil {
		t.Fatal(err)
	}
	if p.loggedIn() {
		t.Error("the session outlived its user")
	}
	vera, ok := d.n.shop.User("vera")
	if !ok {
		t.Fatal("no vera")
	}
	id := newSessionID()
	if _, err := d.n.shop.BeginSession(t.Context(), vera, shop.SessionSpec{ID: id, Life: 300 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	bare := &person{d: d, http: &http.Client{CheckRedirect: p.http.CheckRedirect}}
	open := func() bool { return bare.get("/admin/account", "Cookie", "beckon_session="+id).StatusCode == 200 }
	if !open() {
		t.Fatal("a new session opens nothing")
	}
	for deadline := time.Now().Add(10 * time.Second); open(); {
		if time.Now().After(deadline) {
			t.Fatal("the session does not end")
		}
	}
}

func TestAJarOfSomebodyElsesCookiesOpensNothing(t *testing.T) {
	d := openDesk(t)
	p := d.as("anna")
	id := p.cookie("beckon_session")
	for _, value := range []string{id[:len(id)-1], id + "A", strings.ToUpper(id), shop.SessionKey(id), "", "'", strings.Repeat("A", sessionIDLength), strings.Repeat("A", 4000)} {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		q := &person{d: d, http: &http.Client{Jar: jar, CheckRedirect: p.http.CheckRedirect}}
		if got := q.get("/admin/account", "Cookie", "beckon_session="+value); got.StatusCode != 303 {
			t.Errorf("session %.50q: %d, want 303", value, got.StatusCode)
		}
	}
}
