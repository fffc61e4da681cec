package main

import (
	"slices"
	"time"

	"beckon/dashboards/people"
	"beckon/dashboards/ui"
	"beckon/server/shop"
	"beckon/web/text"
)

// The page of one's own account. What could lock the owner out asks for the password again: a session may be borrowed.

func (n *node) accountRoutes() []adminRoute {
	return []adminRoute{
		{"GET", "/admin/account", shop.Viewer, n.getAccount},
		{"POST", "/admin/account/looks", shop.Viewer, n.postLooks},
		{"POST", "/admin/account/password", shop.Viewer, n.postOwnPassword},
		{"POST", "/admin/account/sessions", shop.Viewer, n.postOwnSessions},
		{"GET", "/admin/account/second", shop.Viewer, n.getSecond},
		{"POST", "/admin/account/second", shop.Viewer, n.postSecond},
		{"POST", "/admin/account/second/codes", shop.Viewer, n.postRecoveryCodes},
		{"POST", "/admin/account/second/off", shop.Viewer, n.postSecondOff},
	}
}

func (n *node) getAccount(a *adminRequest) error { return a.showAccount(200, nil) }

func (a *adminRequest) showAccount(status int, errors map[string]string) error {
	p := a.page("account", a.text.T("people.account"))
	p.Lead = a.text.T("people.account.lead")
	v := people.AccountView{
		Sites: a.siteNames(a.user), Second: a.user.TOTP, Recovery: a.n.shop.RecoveryLeft(a.user.Name),
		Sessions: a.sessionLines(a.user.Name), Errors: errors,
		Themes: []ui.Choice{
			{Value: "auto", Label: a.text.T("people.theme.auto"), Selected: a.theme() == ""},
			{Value: "light", Label: a.text.T("people.theme.light"), Selected: a.theme() == "light"},
			{Value: "dark", Label: a.text.T("people.theme.dark"), Selected: a.theme() == "dark"},
		},
	}
	for _, l := range text.Languages() {
		v.Languages = append(v.Languages, ui.Choice{Value: l[0], Label: l[1], Selected: l[0] == a.text.Lang()})
	}
	return a.renderStatus(status, people.Account(p, v))
}

func (n *node) postLooks(a *adminRequest) error {
	if l := a.form("language"); knownLanguage(l) {
		a.keepTaste(languageCookie, l)
	}
	theme := a.form("theme")
	if !slices.Contains([]string{"light", "dark"}, theme) {
		theme = ""
	}
	a.keepTaste(themeCookie, theme)
	return &redirected{a.page("account", "").URL("/admin/account")}
}

// confirmed says whether the form's field has the user's password. Attempts are counted as those of a login.
func (a *adminRequest) confirmed(field string) (bool, error) {
	if wait := a.n.admin.accounts.attempt("again "+a.user.Name, a.now); wait > 0 {
		return false, tooMany(max(wait, time.Second), "account")
	}
	_, ok, err := a.n.checkPassword(a, a.user.Name, a.values.Get(field))
	if err != nil {
		return false, err
	}
	if !ok {
		return false, a.n.noteFailed(a, a.user.Name, "password again")
	}
	a.n.admin.accounts.forgive("again "+a.user.Name, a.now)
	return true, nil
}

func (n *node) postOwnPassword(a *adminRequest) error {
	next, bad := a.values.Get("password"), map[string]string{}
	if next != a.values.Get("again") {
		bad["again"] = a.text.T("people.again.differs")
		return a.showAccount(422, bad)
	}
	ok, err := a.confirmed("current")
	if err != nil {
		return err
	}
	if !ok {
		bad["current"] = a.text.T("people.wrong_current")
		return a.showAccount(422, bad)
	}
	err = n.shop.ChangeOwnPassword(a.ctx, a.actor(), a.user.Name, next, a.session.Key)
	if a.userProblem(err, bad) {
		return a.showAccount(422, bad)
	}
	if err != nil {
		return err
	}
	if err := a.renewSession(); err != nil {
		return err
	}
	return a.said("/admin/account", "password", "")
}

// renewSession gives the browser another id: whoever knew the one before is out.
func (a *adminRequest) renewSession() error {
	user, ok := a.n.shop.User(a.user.Name)
	if !ok {
		return &redirected{"/admin/login"}
	}
	id := newSessionID()
	session, err := a.n.shop.BeginSession(a.ctx, user, shop.SessionSpec{ID: id, Agent: a.session.Agent, Life: sessionLife, From: a.session.Key})
	if err != nil {
		return err
	}
	a.user, a.session = user, session
	a.giveSession(id)
	return nil
}

func (n *node) postOwnSessions(a *adminRequest) error {
	return n.endSessions(a, a.user.Name, "/admin/account")
}
