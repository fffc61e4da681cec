package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"beckon/dashboards/people"
	"beckon/server/shop"
	"beckon/web"
)

// A login is one form, and a second one for users with a one-time code. Until there is a session, a random number in a signed cookie and
// a token made of it in the form prove that both come from the same browser (double submit).

const (
	sessionLife     = 12 * time.Hour
	sessionIDLength = 43               // 256 bits in base64url
	loginFormLife   = 2 * time.Hour    // of the form
	codeFormLife    = 5 * time.Minute  // of the second form
	passwordWait    = 10 * time.Second // for a slot to check a password in
)

func (n *node) loginRoutes() []adminRoute {
	return []adminRoute{
		{"GET", "/admin/login", anyone, n.getLogin},
		{"POST", "/admin/login", anyone, n.postLogin},
		{"POST", "/admin/logout", shop.Viewer, n.postLogout},
		{"GET", "/admin/assets/:name", anyone, n.getAdminAsset},
	}
}

func (n *node) getAdminAsset(a *adminRequest) error {
	file, ok := web.Named(a.Params("name"))
	if !ok {
		return fail(404, "not_found", "there is no such file")
	}
	return a.asset(file.Body, file.Gzip, file.Type)
}

func (n *node) getLogin(a *adminRequest) error {
	if a.who() {
		return &redirected{safeNext(a.Query("next"))}
	}
	return a.loginForm(200, people.LoginView{Next: safeNext(a.Query("next"))})
}

// loginForm answers with the form, which belongs to the browser that gets it.
func (a *adminRequest) loginForm(status int, v people.LoginView) error {
	v.CSRF = a.n.admin.signer.token("login", a.browser())
	p := a.page("", a.text.T("login.title"))
	p.User = ""
	return a.renderStatus(status, people.Login(p, v))
}

// browser is the random number that names the browser before there is a session.
func (a *adminRequest) browser() string {
	if id, ok := a.knownBrowser(); ok {
		return id
	}
	id := newSessionID()
	a.Cookie(&fiber.Cookie{
		Name: a.n.admin.cookie("beckon_login"), Value: a.n.admin.signer.sign("browser", id, a.now.Add(loginFormLife)), Path: "/admin",
		HTTPOnly: true, Secure: a.n.admin.secure, SameSite: fiber.CookieSameSiteStrictMode, MaxAge: int(loginFormLife.Seconds()),
	})
	return id
}

func (a *adminRequest) knownBrowser() (id string, ok bool) {
	return a.n.admin.signer.signed("browser", a.Cookies(a.n.admin.cookie("beckon_login")), a.now)
}

func (n *node) postLogin(a *adminRequest) error {
	v := people.LoginView{User: strings.ToLower(a.form("user")), Next: safeNext(a.form("next"))}
	browser, ok := a.knownBrowser()
	if !ok || !n.admin.signer.proves(a.csrfGiven(), "login", browser) {
		v.Error = a.text.T("login.old")
		return a.loginForm(403, v)
	}
	if a.form("ticket") != "" {
		return n.postCode(a, v, browser)
	}
	if wait := a.attempt(v.User); wait > 0 {
		return a.loginLater(v, wait)
	}
	user, ok, err := n.checkPassword(a, v.User, a.values.Get("password"))
	if err != nil {
		return err
	}
	if !ok {
		if err := n.noteFailed(a, v.User, "password"); err != nil {
			return err
		}
		v.Error = a.text.T("login.wrong")
		return a.loginForm(422, v)
	}
	if user.TOTP {
		v.Ticket = n.admin.signer.sign("code", ticketText(user, browser, v.Next), a.now.Add(codeFormLife))
		return a.loginForm(200, v)
	}
	return n.beginSession(a, user, shop.Proof{}, v)
}

// postCode is the second step: the ticket says that the password was right, for this user in this browser.
func (n *node) postCode(a *adminRequest, v people.LoginView, browser string) error {
	text, ok := n.admin.signer.signed("code", a.form("ticket"), a.now)
	name, rest, _ := strings.Cut(text, "\n")
	user, known := n.shop.User(name)
	_, v.Next, _ = strings.Cut(rest, "\n\n")
	v.Next = safeNext(v.Next)
	if !ok || !known || text != ticketText(user, browser, v.Next) {
		v.Error = a.text.T("login.old")
		return a.loginForm(403, v)
	}
	v.User, v.Ticket = name, a.form("ticket")
	if wait := a.attempt("code " + name); wait > 0 {
		return a.loginLater(v, wait)
	}
	proof, ok := n.shop.CheckCode(name, a.form("code"))
	if ok {
		err := n.beginSession(a, user, proof, v)
		if !isRefusal(err, "used_code") {
			return err
		}
	}
	if err := n.noteFailed(a, name, "code"); err != nil {
		return err
	}
	v.Error = a.text.T("login.wrong_code")
	return a.loginForm(422, v)
}

// ticketText is what a ticket proves. It ends when the user changes.
func ticketText(u shop.User, browser, next string) string {
	return u.Name + "\n" + time.UnixMilli(u.Changed).UTC().Format(time.RFC3339Nano) + " " + browser + "\n\n" + next
}

// beginSession gives the browser a session that it did not have before: an id that it brought would be somebody else's to know.
func (n *node) beginSession(a *adminRequest, user shop.User, proof shop.Proof, v people.LoginView) error {
	id := newSessionID()
	session, err := n.shop.BeginSession(a.ctx, user, shop.SessionSpec{ID: id, Agent: agentName(a.Get(fiber.HeaderUserAgent)), Life: sessionLife, Proof: proof})
	if isRefusal(err, "stale_login", "unknown_user") {
		v.Error, v.Ticket = a.text.T("login.old"), ""
		return a.loginForm(422, v)
	}
	if err != nil {
		return err
	}
	n.admin.accounts.forgive(user.Name, a.now)
	n.admin.accounts.forgive("code "+user.Name, a.now)
	n.admin.origins.giveBack(a.network(), a.now) // not more: who has one account could else guess at others' for ever
	if a.who() {                                 // whoever was logged in here is not any more
		if err := n.shop.EndSession(a.ctx, a.actor(), a.user.Name, a.session.Key); err != nil {
			return err
		}
	}
	a.session, a.user = session, user
	a.giveSession(id)
	a.dropCookie(n.admin.cookie("beckon_login"))
	return &redirected{safeNext(v.Next)}
}

func (n *node) postLogout(a *adminRequest) error {
	if err := n.shop.EndSession(a.ctx, a.actor(), a.user.Name, a.session.Key); err != nil {
		return err
	}
	a.dropCookie(n.admin.sessionCookie())
	return &redirected{"/admin/login"}
}

func (n *node) noteFailed(a *adminRequest, user, why string) error {
	count := n.admin.failed.take(a.now)
	if count == 0 {
		return nil
	}
	n.out.Warn("login failed", "network", a.network(), "why", why, "attempts", count)
	return n.shop.NoteFailedLogin(a.ctx, user, why, count)
}

// attempt charges the address and the account with one attempt, or says how long to wait.
func (a *adminRequest) attempt(account string) (wait time.Duration) {
	if wait := a.n.admin.origins.attempt(a.network(), a.now); wait > 0 {
		return wait
	}
	return a.n.admin.accounts.attempt(account, a.now)
}

func (a *adminRequest) loginLater(v people.LoginView, wait time.Duration) error {
	a.setRetry(wait)
	v.Error = a.text.T("login.later", "wait", a.text.Duration(wholeSeconds(wait)))
	return a.loginForm(429, v)
}

// network is what attempts are counted by: the address, or of IPv6 the /64 that one customer has.
func (a *adminRequest) network() string {
	addr := clientAddr(a.Ctx, a.n.cfg.trustedProxies)
	if addr.Is6() {
		if p, err := addr.Prefix(64); err == nil {
			return p.String()
		}
	}
	return addr.String()
}

func newSessionID() string {
	var raw [32]byte
	rand.Read(raw[:])
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

func isRefusal(err error, codes ...string) bool {
	var r *shop.Refusal
	if !errors.As(err, &r) {
		return false
	}
	for _, c := range codes {
		if r.Code == c {
			return true
		}
	}
	return false
}
