package main

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"beckon/server/shop"
)

// redirected is an answer that goes elsewhere instead.
type redirected struct{ to string }

func (r *redirected) Error() string { return "go to " + r.to }

// admit lets a request through that may be made: by somebody of that role, from our own page, and for a site that the user may see.
func (a *adminRequest) admit(role shop.Role) error {
	changes := a.Method() != fiber.MethodGet && a.Method() != fiber.MethodHead
	if changes {
		if err := a.fromHere(); err != nil {
			return err
		}
		if err := a.readForm(); err != nil {
			return err
		}
	}
	if role == anyone {
		if !changes {
			return nil
		}
		if wait := a.n.admin.requests.take("address "+a.network(), 1, a.now); wait > 0 {
			return tooMany(wait, "address")
		}
		return nil
	}
	if !a.who() {
		return a.loginFirst()
	}
	if wait := a.n.admin.requests.take(a.session.Key, 1, a.now); wait > 0 {
		return tooMany(wait, "session")
	}
	if changes && !a.n.admin.signer.proves(a.csrfGiven(), "csrf", a.session.Key) {
		return fail(403, "bad_csrf", "this form is not from a page of this session")
	}
	if !a.user.Role.May(role) {
		return fail(403, "forbidden", "this needs the role %s", role)
	}
	a.n.admin.lastSeen.note(a.user.Name, a.now)
	return a.chooseSite()
}

// who reads the session and says whether there is one.
func (a *adminRequest) who() bool {
	id := a.Cookies(a.n.admin.sessionCookie())
	if len(id) != sessionIDLength {
		return false
	}
	session, user, ok := a.n.shop.Session(shop.SessionKey(id))
	if ok {
		a.session, a.user = session, user
	}
	return ok
}

// fromHere refuses changes that another site's page makes. Browsers say where a request comes from (Fetch Metadata, and Origin);
// what says neither is no browser's page, and still needs the token.
func (a *adminRequest) fromHere() error {
	switch a.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
	default:
		return fail(403, "foreign_page", "this was sent by another site's page")
	}
	origin := strings.ToLower(a.Get(fiber.HeaderOrigin))
	if origin == "" || origin == a.n.admin.origin || sameOrigin(origin, string(a.Context().Host())) {
		return nil
	}
	return fail(403, "foreign_page", "this was sent by another site's page")
}

// readForm reads the posted form. Files are not taken anywhere.
func (a *adminRequest) readForm() error {
	if err := wantType(a.Ctx, fiber.MIMEApplicationForm); err != nil {
		return err
	}
	body, err := readBody(a.Ctx, nil, maxFormBytes)
	if err != nil {
		return err
	}
	if a.values, err = url.ParseQuery(string(body)); err != nil {
		return fail(400, "bad_form", "the form cannot be read")
	}
	return nil
}

func (a *adminRequest) csrfGiven() string {
	if token := a.Get("X-CSRF"); token != "" {
		return token
	}
	return a.values.Get("csrf")
}

// loginFirst sends people to the login and back; scripts are told.
func (a *adminRequest) loginFirst() error {
	if a.fragment() {
		return fail(401, "login_needed", "log in first")
	}
	to := "/admin/login"
	if next := safeNext(a.OriginalURL()); next != "/admin" && a.Method() == fiber.MethodGet {
		to += "?next=" + url.QueryEscape(next)
	}
	return &redirected{to}
}

// safeNext is where to go after the login: a page of the dashboard, whatever was asked for.
func safeNext(next string) string {
	const home = "/admin"
	rest, ok := strings.CutPrefix(next, home)
	if !ok || len(next) > maxNext || rest != "" && rest[0] != '/' && rest[0] != '?' {
		return home
	}
	for i := range len(next) {
		if b := next[i]; b <= ' ' || b > '~' || b == '\\' {
			return home
		}
	}
	path, _, _ := strings.Cut(next, "?")
	if strings.Contains(path, "//") || strings.Contains(path, "..") || strings.Contains(path, "%") || path == "/admin/login" {
		return home
	}
	return strings.Clone(next)
}

const maxNext = 1024

// chooseSite finds the request's site. A site that the user may not see and one that does not exist are the same answer.
func (a *adminRequest) chooseSite() error {
	for _, s := range a.n.shop.Sites() {
		if s.Retired == 0 && a.user.Sees(s.ID) {
			a.sites = append(a.sites, s)
		}
	}
	wanted := a.Query("site")
	for _, s := range a.sites {
		if s.ID == wanted || wanted == "" {
			a.site = s
			return nil
		}
	}
	if s, ok := a.n.shop.Site(wanted); ok && a.user.Role.May(shop.Admin) && siteless(a.Path()) {
		a.site = s // a retired one, to be looked at and brought back
		return nil
	}
	switch {
	case wanted != "":
		return fail(404, "unknown_site", "there is no such shop, or it is not among yours")
	case siteless(a.Path()):
		return nil
	case a.user.Role.May(shop.Admin):
		return &redirected{"/admin/sites"}
	}
	return fail(404, "no_site", "no shop is yours to see yet")
}

// siteless are the pages that mean something before there is a site.
func siteless(path string) bool {
	for _, of := range []string{"/admin/sites", "/admin/users", "/admin/account", "/admin/audit", "/admin/health", "/admin/logout"} {
		if rest, ok := strings.CutPrefix(strings.ToLower(path), of); ok && (rest == "" || rest[0] == '/') {
			return true
		}
	}
	return false
}
