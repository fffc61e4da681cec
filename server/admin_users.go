package main

import (
	"net/url"
	"slices"
	"strings"

	"beckon/dashboards/people"
	"beckon/dashboards/ui"
	"beckon/server/shop"
)

// The pages of who can sign in. Only administrators come here.

func (n *node) userRoutes() []adminRoute {
	return []adminRoute{
		{"GET", "/admin/users", shop.Admin, n.getUsers},
		{"GET", "/admin/users.csv", shop.Admin, n.getUsersCSV},
		{"POST", "/admin/users", shop.Admin, n.postUser},
		{"GET", "/admin/users/:name", shop.Admin, n.getUser},
		{"POST", "/admin/users/:name", shop.Admin, n.postUserAccess},
		{"POST", "/admin/users/:name/password", shop.Admin, n.postUserPassword},
		{"POST", "/admin/users/:name/second", shop.Admin, n.postUserSecond},
		{"POST", "/admin/users/:name/sessions", shop.Admin, n.postUserSessions},
		{"POST", "/admin/users/:name/remove", shop.Admin, n.postUserRemove},
	}
}

func (n *node) getUsers(a *adminRequest) error {
	return a.showUsers(200, people.UserForm{Role: string(shop.Viewer)}, nil)
}

func (a *adminRequest) showUsers(status int, form people.UserForm, given *people.Given) error {
	p := a.page("users", a.text.T("people.title"))
	p.Lead, p.CSV = a.text.T("people.lead"), p.URL("/admin/users.csv")
	v := people.UsersView{New: form, Roles: people.RoleChoices(a.text, form.Role), Sites: a.siteChoices(), Given: given}
	for _, u := range a.n.shop.Users() {
		v.Users = append(v.Users, a.userLine(u, p))
	}
	return a.renderStatus(status, people.Users(p, v))
}

func (a *adminRequest) userLine(u shop.User, p ui.Page) people.User {
	line := people.User{
		Name: u.Name, Href: p.URL(userPath(u.Name)), Role: string(u.Role), Sites: a.siteNames(u), Second: u.TOTP, Created: u.Created,
	}
	if list := a.n.shop.Sessions(u.Name); len(list) > 0 {
		line.Seen = list[0].Begun
	}
	if at := a.n.admin.lastSeen.of(u.Name); !at.IsZero() {
		line.Seen = at.UnixMilli()
	}
	return line
}

func userPath(name string) string { return "/admin/users/" + url.PathEscape(name) }

// siteNames are those of the sites that u is limited to.
func (a *adminRequest) siteNames(u shop.User) string {
	var names []string
	for _, id := range u.Sites {
		if s, ok := a.n.shop.Site(id); ok {
			names = append(names, siteTitle(s))
		}
	}
	return strings.Join(names, ", ")
}

func (a *adminRequest) siteChoices() []ui.Choice {
	var out []ui.Choice
	for _, s := range a.n.shop.Sites() {
		if s.Retired == 0 {
			out = append(out, ui.Choice{Value: s.ID, Label: siteTitle(s)})
		}
	}
	return out
}

func (n *node) getUsersCSV(a *adminRequest) error {
	p := a.page("users", "")
	return a.csv("people", []string{"name", "role", "sites", "sign_in_code", "last_seen", "created"}, func(yield func([]string) bool) {
		for _, u := range n.shop.Users() {
			line := a.userLine(u, p)
			second := "off"
			if u.TOTP {
				second = "on"
			}
			if !yield([]string{u.Name, string(u.Role), strings.Join(u.Sites, " "), second, date(line.Seen), date(u.Created)}) {
				return
			}
		}
	})
}

// userForm reads role and sites, which stand in two forms.
func (a *adminRequest) userForm() (people.UserForm, []string) {
	f := people.UserForm{Name: strings.ToLower(a.form("name")), Role: a.form("role"), Sites: map[string]bool{}, Errors: map[string]string{}}
	var sites []string
	for _, s := range a.n.shop.Sites() {
		if a.form("site."+s.ID) == "on" {
			f.Sites[s.ID], sites = true, append(sites, s.ID)
		}
	}
	return f, sites
}

func (n *node) postUser(a *adminRequest) error {
	f, sites := a.userForm()
	password, given := a.newPassword(f.Name)
	err := n.shop.AddUser(a.ctx, a.actor(), f.Name, password, shop.Role(f.Role), sites...)
	if a.userProblem(err, f.Errors) {
		return a.showUsers(422, f, nil)
	}
	if err != nil {
		return err
	}
	if given != nil {
		return a.showUsers(200, people.UserForm{Role: string(shop.Viewer)}, given)
	}
	return a.changedThing("user", f.Name, "/admin/users")
}

// newPassword is the one that was entered, or a made one with a note of it to show.
func (a *adminRequest) newPassword(name string) (string, *people.Given) {
	if entered := a.values.Get("password"); entered != "" {
		return entered, nil
	}
	made := newPassword()
	return made, &people.Given{For: name, Secret: made}
}

// userProblem puts a refusal at its field.
func (a *adminRequest) userProblem(err error, fields map[string]string) bool {
	switch {
	case isRefusal(err, "bad_user"):
		fields["name"] = a.text.T("people.bad.name")
	case isRefusal(err, "user_exists"):
		fields["name"] = a.text.T("people.bad.taken")
	case isRefusal(err, "bad_password"):
		fields["password"] = a.text.T("people.bad.password")
	case isRefusal(err, "last_admin", "bad_role"):
		fields["role"] = a.text.T("people.last_admin")
	default:
		return false
	}
	return true
}

// wanted is the user that the path names.
func (a *adminRequest) wanted() (shop.User, error) {
	u, ok := a.n.shop.User(a.Params("name"))
	if !ok {
		return u, fail(404, "unknown_user", "user: there is no %q", a.Params("name"))
	}
	return u, nil
}

func (n *node) getUser(a *adminRequest) error {
	u, err := a.wanted()
	if err != nil {
		return err
	}
	return a.showUser(200, u, accessForm(u), nil)
}

func accessForm(u shop.User) people.UserForm {
	f := people.UserForm{Name: u.Name, Role: string(u.Role), Sites: map[string]bool{}, Errors: map[string]string{}}
	for _, id := range u.Sites {
		f.Sites[id] = true
	}
	return f
}

func (a *adminRequest) showUser(status int, u shop.User, form people.UserForm, given *people.Given) error {
	p := a.page("users", u.Name)
	p.Lead, p.Up = a.text.T("people.person.lead"), &ui.Link{Label: a.text.T("people.title"), Href: p.URL("/admin/users")}
	v := people.UserView{
		User: a.userLine(u, p), Form: form, Roles: people.RoleChoices(a.text, form.Role), AllSites: a.siteChoices(),
		Sessions: a.sessionLines(u.Name), Recovery: a.n.shop.RecoveryLeft(u.Name), Self: u.Name == a.user.Name, Last: a.lastAdmin(u),
		Given: given, History: p.URL("/admin/audit", "kind", "user", "id", u.Name), Path: userPath(u.Name),
	}
	return a.renderStatus(status, people.Person(p, v))
}

func (a *adminRequest) lastAdmin(u shop.User) bool {
	return u.Role == shop.Admin && !slices.ContainsFunc(a.n.shop.Users(), func(o shop.User) bool { return o.Role == shop.Admin && o.Name != u.Name })
}

func (a *adminRequest) sessionLines(user string) []people.Session {
	var out []people.Session
	for _, s := range a.n.shop.Sessions(user) {
		line := people.Session{ID: s.Key, Agent: s.Agent, Begun: s.Begun, Expires: s.Expires, This: s.Key == a.session.Key}
		if line.This {
			out = append([]people.Session{line}, out...) // first: it is the one that people know
		} else {
			out = append(out, line)
		}
	}
	return out
}

func (n *node) postUserAccess(a *adminRequest) error {
	u, err := a.wanted()
	if err != nil {
		return err
	}
	f, sites := a.userForm()
	f.Name = u.Name
	err = n.shop.ChangeAccess(a.ctx, a.actor(), u.Name, shop.Role(f.Role), sites)
	if a.userProblem(err, f.Errors) {
		return a.showUser(422, u, f, nil)
	}
	if err != nil {
		return err
	}
	return a.changedThing("user", u.Name, userPath(u.Name))
}

func (n *node) postUserPassword(a *adminRequest) error {
	u, err := a.wanted()
	if err != nil {
		return err
	}
	if u.Name == a.user.Name {
		return a.ownAccount()
	}
	password, given := a.newPassword(u.Name)
	f := accessForm(u)
	err = n.shop.ChangePassword(a.ctx, a.actor(), u.Name, password)
	if a.userProblem(err, f.Errors) {
		return a.showUser(422, u, f, nil)
	}
	if err != nil {
		return err
	}
	n.admin.accounts.forgive(u.Name, a.now)
	if given != nil {
		return a.showUser(200, u, f, given)
	}
	return a.changedThing("user", u.Name, userPath(u.Name))
}

// ownAccount goes to the page that asks for the password before what could lock oneself out.
func (a *adminRequest) ownAccount() error {
	return &redirected{a.page("account", "").URL("/admin/account")}
}

func (n *node) postUserSecond(a *adminRequest) error {
	u, err := a.wanted()
	if err != nil {
		return err
	}
	if u.Name == a.user.Name {
		return a.ownAccount()
	}
	if err := n.shop.DisableTOTP(a.ctx, a.actor(), u.Name); err != nil {
		return err
	}
	n.admin.accounts.forgive("code "+u.Name, a.now)
	return a.said(userPath(u.Name), "reset", u.Name)
}

func (n *node) postUserSessions(a *adminRequest) error {
	u, err := a.wanted()
	if err != nil {
		return err
	}
	return n.endSessions(a, u.Name, userPath(u.Name))
}

// endSessions ends the session that the form names, or all but the request's own.
func (n *node) endSessions(a *adminRequest, user, back string) error {
	var err error
	if key := a.form("session"); key == "all" {
		err = n.shop.EndSessions(a.ctx, a.actor(), user, a.session.Key)
	} else {
		err = n.shop.EndSession(a.ctx, a.actor(), user, key)
	}
	if err != nil {
		return err
	}
	return a.said(back, "sessions_ended", "")
}

func (n *node) postUserRemove(a *adminRequest) error {
	u, err := a.wanted()
	if err != nil {
		return err
	}
	f := accessForm(u)
	err = n.shop.RemoveUser(a.ctx, a.actor(), u.Name)
	if a.userProblem(err, f.Errors) {
		return a.showUser(422, u, f, nil)
	}
	if err != nil {
		return err
	}
	if u.Name == a.user.Name {
		return &redirected{"/admin/login"}
	}
	return a.said("/admin/users", "removed", u.Name)
}
