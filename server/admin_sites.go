package main

import (
	"cmp"
	"errors"
	"strconv"
	"strings"

	"beckon/dashboards/people"
	"beckon/dashboards/ui"
	"beckon/server/shop"
)

// The pages of the installation's shops. Only administrators come here, and they see all.

func (n *node) siteRoutes() []adminRoute {
	return []adminRoute{
		{"GET", "/admin/sites", shop.Admin, n.getSites},
		{"GET", "/admin/sites.csv", shop.Admin, n.getSitesCSV},
		{"POST", "/admin/sites", shop.Admin, n.postSite},
		{"GET", "/admin/sites/:id", shop.Admin, n.getSite},
		{"POST", "/admin/sites/:id", shop.Admin, n.postSiteSettings},
		{"POST", "/admin/sites/:id/retire", shop.Admin, n.postSiteRetire},
		{"GET", "/admin/sites/:id/keys.csv", shop.Admin, n.getKeysCSV},
		{"POST", "/admin/sites/:id/keys", shop.Admin, n.postKey},
		{"GET", "/admin/sites/:id/keys/:key", shop.Admin, n.getKeyRotation},
		{"POST", "/admin/sites/:id/keys/:key", shop.Admin, n.postKeyRotation},
		{"POST", "/admin/sites/:id/keys/:key/revoke", shop.Admin, n.postKeyRevoke},
	}
}

func (n *node) getSites(a *adminRequest) error { return a.showSites(200, people.SiteForm{}) }

func (a *adminRequest) showSites(status int, form people.SiteForm) error {
	p := a.page("sites", a.text.T("people.site.title"))
	p.Lead, p.CSV = a.text.T("people.site.lead"), p.URL("/admin/sites.csv")
	v := people.SitesView{New: form}
	for _, s := range a.n.shop.Sites() {
		v.Sites = append(v.Sites, a.siteLine(s, p))
	}
	return a.renderStatus(status, people.Sites(p, v))
}

func (a *adminRequest) siteLine(s shop.Site, p ui.Page) people.Site {
	line := people.Site{
		ID: s.ID, Name: siteTitle(s), Href: p.URL(sitePath(s.ID)), Currency: s.Currency, Items: int64(a.n.shop.CountItems(s.ID)),
		Created: s.Created, Retired: s.Retired,
	}
	for _, k := range a.n.shop.Keys(s.ID) {
		switch {
		case !k.Live(a.now.UnixMilli()):
		case k.Secret():
			line.Secret++
		default:
			line.Public++
		}
	}
	return line
}

func sitePath(id string) string { return "/admin/sites/" + id }

func (n *node) getSitesCSV(a *adminRequest) error {
	p := a.page("sites", "")
	return a.csv("shops", []string{"id", "name", "currency", "items", "public_keys", "secret_keys", "origins", "created", "retired"}, func(yield func([]string) bool) {
		for _, s := range n.shop.Sites() {
			line := a.siteLine(s, p)
			if !yield([]string{
				s.ID, line.Name, s.Currency, strconv.FormatInt(line.Items, 10), strconv.Itoa(line.Public), strconv.Itoa(line.Secret),
				strings.Join(s.Origins, " "), date(s.Created), date(s.Retired),
			}) {
				return
			}
		}
	})
}

func (n *node) postSite(a *adminRequest) error {
	f := people.SiteForm{
		ID: a.form("id"), Name: a.form("name"), Currency: strings.ToUpper(a.form("currency")), Origins: a.form("origins"), Errors: map[string]string{},
	}
	set := shop.Settings{Name: f.Name, Currency: f.Currency, Origins: strings.Fields(f.Origins)}
	_, err := n.shop.CreateSite(a.ctx, a.actor(), f.ID, set)
	if a.siteProblem(err, f.Errors) {
		return a.showSites(422, f)
	}
	if err == nil {
		err = n.settingsChanged(a.ctx, f.ID)
	}
	if err != nil {
		return err
	}
	return a.changedThing("site", f.ID, sitePath(f.ID)+"?site="+f.ID)
}

// siteProblem puts a refusal at its field; the message of one about settings begins with the field's name.
func (a *adminRequest) siteProblem(err error, fields map[string]string) bool {
	var refused *shop.Refusal
	switch {
	case isRefusal(err, "bad_site"):
		fields["site"] = a.text.T("people.bad.site")
	case isRefusal(err, "site_exists"):
		fields["site"] = a.text.T("people.bad.site_taken")
	case isRefusal(err, "bad_origin"):
		fields["origins"] = a.text.T("people.bad.origins")
	case isRefusal(err, "bad_settings"):
		if !errors.As(err, &refused) {
			return false
		}
		field, _, _ := strings.Cut(refused.Message, ":")
		fields[field] = a.settingProblem(field)
	default:
		return false
	}
	return true
}

func (a *adminRequest) settingProblem(field string) string {
	switch field {
	case "gap":
		return a.text.T("people.bad.gap")
	case "lateness":
		return a.text.T("people.bad.lateness")
	case "longest":
		return a.text.T("people.bad.longest")
	case "currency":
		return a.text.T("people.bad.currency")
	case "low_stock":
		return a.text.T("people.bad.low_stock")
	}
	return a.text.T("people.bad.note")
}

// wantedSite is the site that the path names, retired or not.
func (a *adminRequest) wantedSite() (shop.Site, error) {
	s, ok := a.n.shop.Site(a.Params("id"))
	if !ok {
		return s, fail(404, "unknown_site", "there is no such shop")
	}
	return s, nil
}

func (n *node) getSite(a *adminRequest) error {
	s, err := a.wantedSite()
	if err != nil {
		return err
	}
	return a.showSite(200, s, settingsForm(s), people.KeyForm{}, nil)
}

func settingsForm(s shop.Site) people.SiteForm {
	minutes := func(ms int64) string { return strconv.FormatInt(ms/60_000, 10) }
	return people.SiteForm{
		ID: s.ID, Name: s.Name, Currency: s.Currency, LowStock: strconv.FormatInt(*s.LowStock, 10), Gap: minutes(s.Gap), Lateness: minutes(s.Lateness),
		Longest: strconv.FormatInt(s.Longest/3600_000, 10), Origins: strings.Join(s.Origins, "\n"), Analytics: s.Consent.Analytics,
		Personal: s.Consent.Personalization, Headless: s.Headless, Unlisted: s.ShowUnlisted, Past: s.Clock == shop.EventClock,
	}
}

func (a *adminRequest) showSite(status int, s shop.Site, form people.SiteForm, key people.KeyForm, made *shop.NewKey) error {
	p := a.page("sites", siteTitle(s))
	p.Lead, p.Up = a.text.T("people.site.one.lead"), &ui.Link{Label: a.text.T("people.site.title"), Href: p.URL("/admin/sites")}
	p.CSV = p.URL(sitePath(s.ID) + "/keys.csv")
	v := people.SiteView{
		Form: form, NewKey: key, Retired: s.Retired, History: "/admin/audit?kind=site&id=" + s.ID + "&site=" + s.ID, Path: sitePath(s.ID),
	}
	if made != nil {
		v.Given, v.Public = &people.Given{For: made.ID, Secret: made.Text}, !made.Secret()
	}
	for _, k := range a.n.shop.Keys(s.ID) {
		line := keyShown(k, a.now.UnixMilli())
		if v.Script == "" && line.Live && !line.Secret && s.Retired == 0 {
			v.Script = a.scriptLine(line.Text)
		}
		v.Keys = append(v.Keys, line)
	}
	return a.renderStatus(status, people.Shop(p, v))
}

// scriptLine is what a shop's pages include.
func (a *adminRequest) scriptLine(key string) string {
	origin := cmp.Or(a.n.admin.origin, "http://"+string(a.Context().Host()))
	return `<script async src="` + origin + `/b.js" data-key="` + key + `"></script>`
}

func (n *node) postSiteSettings(a *adminRequest) error {
	s, err := a.wantedSite()
	if err != nil {
		return err
	}
	f, set := a.readSettings(s)
	if len(f.Errors) == 0 {
		_, err = n.shop.UpdateSite(a.ctx, a.actor(), s.ID, set)
	}
	if a.siteProblem(err, f.Errors) || len(f.Errors) > 0 {
		return a.showSite(422, s, f, people.KeyForm{}, nil)
	}
	if err == nil {
		err = n.settingsChanged(a.ctx, s.ID)
	}
	if err != nil {
		return err
	}
	return a.changedThing("site", s.ID, sitePath(s.ID)+"?site="+s.ID)
}

// readSettings lays the form over what is. Errors are those of numbers.
func (a *adminRequest) readSettings(s shop.Site) (people.SiteForm, shop.Settings) {
	f := people.SiteForm{
		ID: s.ID, Name: a.form("name"), Currency: strings.ToUpper(a.form("currency")), LowStock: a.form("low_stock"), Gap: a.form("gap"),
		Lateness: a.form("lateness"), Longest: a.form("longest"), Origins: a.form("origins"), Analytics: a.form("analytics") == "on",
		Personal: a.form("personal") == "on", Headless: a.form("headless") == "on", Unlisted: a.form("unlisted") == "on",
		Past: a.form("past") == "on", Errors: map[string]string{},
	}
	number := func(field, value string, unit, kept int64) int64 {
		if value == "" {
			return kept
		}
		v, err := strconv.ParseInt(value, 10, 32)
		if err != nil || v < 0 || v == 0 && unit > 1 {
			f.Errors[field] = a.settingProblem(field)
		}
		return v * unit
	}
	low := number("low_stock", f.LowStock, 1, *s.LowStock)
	set := shop.Settings{
		Name: f.Name, Currency: f.Currency, LowStock: &low, Gap: number("gap", f.Gap, 60_000, s.Gap), Lateness: number("lateness", f.Lateness, 60_000, s.Lateness),
		Longest: number("longest", f.Longest, 3600_000, s.Longest), Origins: strings.Fields(f.Origins), Headless: f.Headless, ShowUnlisted: f.Unlisted,
		Consent: &shop.Consent{Analytics: f.Analytics, Personalization: f.Personal}, Clock: shop.WallClock,
	}
	if f.Past {
		set.Clock = shop.EventClock
	}
	return f, set
}

func (n *node) postSiteRetire(a *adminRequest) error {
	s, err := a.wantedSite()
	if err != nil {
		return err
	}
	if err := n.shop.RetireSite(a.ctx, a.actor(), s.ID); err != nil {
		return err
	}
	return a.changedThing("site", s.ID, "/admin/sites")
}
