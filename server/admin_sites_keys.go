package main

import (
	"strconv"
	"strings"
	"time"

	"beckon/dashboards/people"
	"beckon/dashboards/ui"
	"beckon/server/shop"
)

func keyShown(k shop.Key, now int64) people.Key {
	return people.Key{
		ID: k.ID, Note: k.Note, Text: k.Text, Secret: k.Secret(), Origins: k.Origins, Created: k.Created, Expires: k.Expires,
		Revoked: k.Revoked, Live: k.Live(now),
	}
}

func (n *node) getKeysCSV(a *adminRequest) error {
	s, err := a.wantedSite()
	if err != nil {
		return err
	}
	return a.csv("keys-"+s.ID, []string{"id", "note", "kind", "key", "origins", "created", "expires", "revoked"}, func(yield func([]string) bool) {
		for _, k := range n.shop.Keys(s.ID) {
			if !yield([]string{k.ID, k.Note, string(k.Kind), k.Text, strings.Join(k.Origins, " "), date(k.Created), date(k.Expires), date(k.Revoked)}) {
				return
			}
		}
	})
}

// postKey makes a key and shows it on the page that answers, once.
func (n *node) postKey(a *adminRequest) error {
	s, err := a.wantedSite()
	if err != nil {
		return err
	}
	f := people.KeyForm{Kind: a.form("kind"), Note: a.form("note"), Origins: a.form("key_origins"), Errors: map[string]string{}}
	key, err := n.shop.CreateKey(a.ctx, a.actor(), s.ID, shop.KeySpec{Kind: shop.KeyKind(f.Kind), Note: f.Note, Origins: strings.Fields(f.Origins)})
	switch {
	case isRefusal(err, "bad_origin") && f.Origins == "":
		f.Errors["origins"] = a.text.T("people.bad.no_origins")
	case isRefusal(err, "bad_origin"), isRefusal(err, "bad_key") && f.Kind == string(shop.SecretKey) && f.Origins != "":
		f.Errors["origins"] = a.text.T("people.bad.origins")
	case isRefusal(err, "too_many_keys"):
		f.Errors["kind"] = a.text.T("people.bad.keys")
	case isRefusal(err, "bad_key"):
		f.Errors["note"] = a.text.T("people.bad.note")
	case err != nil:
		return err
	default:
		return a.showSite(200, s, settingsForm(s), people.KeyForm{}, &key)
	}
	return a.showSite(422, s, settingsForm(s), f, nil)
}

// wantedKey is the live key of the path's site that the path names.
func (a *adminRequest) wantedKey() (shop.Site, shop.Key, error) {
	s, err := a.wantedSite()
	if err != nil {
		return s, shop.Key{}, err
	}
	for _, k := range a.n.shop.Keys(s.ID) {
		if k.ID == a.Params("key") && k.Live(a.now.UnixMilli()) && s.Retired == 0 {
			return s, k, nil
		}
	}
	return s, shop.Key{}, fail(404, "unknown_key", "there is no such key, or it ended")
}

func (n *node) getKeyRotation(a *adminRequest) error {
	s, k, err := a.wantedKey()
	if err != nil {
		return err
	}
	p := a.page("sites", a.text.T("people.key.rotate"))
	p.Up = &ui.Link{Label: siteTitle(s), Href: p.URL(sitePath(s.ID))}
	return a.render(people.Rotate(p, people.SiteView{Path: sitePath(s.ID)}, keyShown(k, a.now.UnixMilli())))
}

func (n *node) postKeyRotation(a *adminRequest) error {
	s, k, err := a.wantedKey()
	if err != nil {
		return err
	}
	hours, err := strconv.ParseInt(a.form("grace"), 10, 32)
	if err != nil {
		return fail(422, "bad_grace", "grace: %q is no whole number of hours", a.form("grace"))
	}
	key, err := n.shop.RotateKey(a.ctx, a.actor(), s.ID, k.ID, time.Duration(hours)*time.Hour)
	if err != nil {
		return err
	}
	return a.showSite(200, s, settingsForm(s), people.KeyForm{}, &key)
}

func (n *node) postKeyRevoke(a *adminRequest) error {
	s, k, err := a.wantedKey()
	if err != nil {
		return err
	}
	if err := n.shop.RevokeKey(a.ctx, a.actor(), s.ID, k.ID); err != nil {
		return err
	}
	return a.changedThing("key", k.ID, sitePath(s.ID))
}
