package main

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"beckon/dashboards/ui"
	"beckon/server/shop"
)

// Changes that stand in the log with nothing to take back are announced by what they did; which is all that may be said on a page, so that
// nobody can make it say something else by a link.

// saidParam and whoParam carry the announcement.
const (
	saidParam = "did"
	whoParam  = "who"
)

// said goes on to a page, which says what was done, and to whom.
func (a *adminRequest) said(to, what, who string) error {
	q := url.Values{saidParam: {what}}
	if who != "" {
		q.Set(whoParam, who)
	}
	if a.site.ID != "" {
		q.Set("site", a.site.ID)
	}
	return a.Redirect(to+"?"+q.Encode(), fiber.StatusSeeOther)
}

// announced is what said or changed was given, nil for nothing that is known.
func (a *adminRequest) announced() *ui.Flash {
	if at, err := strconv.ParseUint(a.Query(flashParam), 10, 64); err == nil {
		return a.announcedChange(at)
	}
	who := a.Query(whoParam)
	if _, known := a.n.shop.User(who); !known && len(who) > 64 || strings.ContainsAny(who, " \t\n:/") {
		return nil
	}
	switch a.Query(saidParam) {
	case "password":
		return &ui.Flash{Text: a.text.T("people.password_changed")}
	case "second_off":
		return &ui.Flash{Text: a.text.T("people.second_off")}
	case "sessions_ended":
		return &ui.Flash{Text: a.text.T("people.sessions_ended")}
	case "removed":
		return &ui.Flash{Text: a.text.T("people.removed", "who", who)}
	case "reset":
		return &ui.Flash{Text: a.text.T("people.reset", "who", who)}
	case "unchanged":
		return &ui.Flash{Text: a.text.T("people.unchanged")}
	}
	return nil
}

// announcedChange is about a change that the user made: an offset that somebody made up tells nothing of others' changes. Administrators see
// all sites, so theirs may be of another than the page's.
func (a *adminRequest) announcedChange(at uint64) *ui.Flash {
	e, ok, err := a.n.shop.ChangeAt(at)
	if err != nil || !ok || e.Actor != a.actor() || e.Site != "" && !a.user.Sees(e.Site) {
		return nil
	}
	site := a.site.ID
	if e.Site != "" && a.user.Role.May(shop.Admin) {
		site = e.Site
	}
	return a.n.flash(site, at, a.text)
}

// changedThing is changed for the newest change that this user made of a thing.
func (a *adminRequest) changedThing(kind, id, to string) error {
	site := a.site.ID
	if kind != "user" {
		site = id
		if kind == "key" {
			site = a.Params("id")
		}
	}
	list, _, err := a.n.shop.Changes(site, shop.AuditQuery{Kind: kind, ID: id, Actor: a.actor(), Logins: shop.LoginsNot, Limit: 1, Private: true, Brief: true})
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return a.said(to, "unchanged", "")
	}
	return a.changed(list[0].Offset, to)
}
