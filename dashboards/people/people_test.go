package people

import (
	"testing"

	"beckon/dashboards/ui"
	"beckon/dashboards/ui/golden"
	"beckon/web/text"

	"github.com/a-h/templ"
)

const at = 1_790_000_000_000

func pageIn(lang, nav, title string) ui.Page {
	p := text.For(lang)
	return ui.Page{
		Title: title, Nav: nav, Text: p, Site: "b", SiteName: "Shop B", User: "anna", Role: "admin", CSRF: "token", Path: "/admin/" + nav + "?site=b",
		Sites: []ui.Choice{{Value: "b", Label: "Shop B", Selected: true}, {Value: "test", Label: "test"}},
	}
}

// in checks a page in both languages.
func in(t *testing.T, name string, page func(lang string) templ.Component) {
	t.Helper()
	for _, lang := range []string{"en", "de"} {
		golden.Check(t, name+"_"+lang, page(lang))
	}
}

func alone(lang, title string) ui.Page {
	return ui.Page{Title: title, Text: text.For(lang), Path: "/admin/login"}
}

func TestLoginAsksForThePasswordThenForTheCode(t *testing.T) {
	in(t, "login", func(lang string) templ.Component {
		return Login(alone(lang, "Sign in"), LoginView{CSRF: "token", Next: "/admin/users"})
	})
	in(t, "login_code", func(lang string) templ.Component {
		return Login(alone(lang, "Sign in"), LoginView{CSRF: "token", Ticket: "ticket", User: "anna", Error: text.For(lang).T("login.wrong_code")})
	})
	in(t, "notice", func(lang string) templ.Component {
		p := text.For(lang)
		return Notice(pageIn(lang, "", "404"), NoticeView{
			Title: p.T("login.error.404"), Text: p.T("login.error.404.text"), Detail: "there is no such page", Action: p.T("login.error.home"), ActionURL: "/admin",
		})
	})
}

func people() []User {
	return []User{
		{Name: "anna", Href: "/admin/users/anna", Role: "admin", Second: true, Seen: at, Created: at - 86_400_000},
		{Name: "bo", Href: "/admin/users/bo", Role: "merchandiser", Sites: "Shop B", Created: at},
	}
}

func TestThePeoplePagesSayWhoMayWhat(t *testing.T) {
	sites := []ui.Choice{{Value: "b", Label: "Shop B"}, {Value: "test", Label: "test"}}
	in(t, "users", func(lang string) templ.Component {
		return Users(pageIn(lang, "users", "People"), UsersView{Users: people(), Roles: RoleChoices(text.For(lang), "viewer"), Sites: sites})
	})
	in(t, "users_refused", func(lang string) templ.Component {
		p := text.For(lang)
		return Users(pageIn(lang, "users", "People"), UsersView{Users: people(), Roles: RoleChoices(p, "merchandiser"), Sites: sites, New: UserForm{
			Name: "Anna!", Role: "merchandiser", Sites: map[string]bool{"b": true}, Errors: map[string]string{"name": p.T("people.bad.name"), "password": p.T("people.bad.password")},
		}})
	})
	in(t, "users_given", func(lang string) templ.Component {
		return Users(pageIn(lang, "users", "People"), UsersView{Users: people()[:1], Given: &Given{For: "bo", Secret: "MADEPASSWORD"}})
	})
	in(t, "person", func(lang string) templ.Component {
		return Person(pageIn(lang, "users", "bo"), UserView{
			User: people()[1], Form: UserForm{Name: "bo", Role: "merchandiser", Sites: map[string]bool{"b": true}}, Roles: RoleChoices(text.For(lang), "merchandiser"),
			AllSites: sites, Sessions: []Session{{ID: "k1", Agent: "Firefox on Linux", Begun: at, Expires: at + 43_200_000}}, History: "/admin/audit", Path: "/admin/users/bo",
		})
	})
	in(t, "person_last_admin", func(lang string) templ.Component {
		return Person(pageIn(lang, "users", "anna"), UserView{
			User: people()[0], Form: UserForm{Name: "anna", Role: "admin"}, Roles: RoleChoices(text.For(lang), "admin"), Recovery: 1, Self: true, Last: true,
			Sessions: []Session{{ID: "k1", Begun: at, Expires: at + 43_200_000, This: true}, {ID: "k2", Agent: "Chrome on Android", Begun: at - 1000, Expires: at + 43_199_000}},
			History:  "/admin/audit", Path: "/admin/users/anna",
		})
	})
}

func TestTheAccountPagesSayWhatOneMayChangeOfOneself(t *testing.T) {
	in(t, "account", func(lang string) templ.Component {
		return Account(pageIn(lang, "account", "My account"), AccountView{
			Second: true, Recovery: 9, Sessions: []Session{{ID: "k", Agent: "Firefox on Linux", Begun: at, Expires: at + 1, This: true}},
			Languages: []ui.Choice{{Value: "en", Label: "English", Selected: lang == "en"}, {Value: "de", Label: "Deutsch", Selected: lang == "de"}},
			Themes:    []ui.Choice{{Value: "auto", Label: "auto", Selected: true}},
		})
	})
	in(t, "account_refused", func(lang string) templ.Component {
		p := text.For(lang)
		return Account(pageIn(lang, "account", "My account"), AccountView{
			Sites: "Shop B", Errors: map[string]string{"current": p.T("people.wrong_current"), "again": p.T("people.again.differs")},
		})
	})
	for name, v := range map[string]SecondView{
		"second_off":   {QR: "data:image/png;base64,AAAA", Secret: "ABCD EFGH", Ticket: "ticket", Errors: map[string]string{"code": "wrong"}},
		"second_on":    {On: true},
		"second_codes": {On: true, Codes: []string{"aaaa-bbbb-cccc-dddd", "eeee-ffff-gggg-hhhh"}},
	} {
		in(t, name, func(lang string) templ.Component { return Second(pageIn(lang, "account", "Sign-in code"), v) })
	}
}

func TestTheShopPagesShowASecretKeyOnce(t *testing.T) {
	form := SiteForm{
		ID: "b", Name: "Shop B", Currency: "EUR", LowStock: "5", Gap: "30", Lateness: "10", Longest: "24", Origins: "https://shop.example\nhttps://*.shop.example",
		Analytics: true, Headless: true,
	}
	keys := []Key{
		{ID: "key_1", Note: "web shop", Text: "pk_aaaa", Origins: []string{"https://shop.example"}, Created: at, Live: true},
		{ID: "key_2", Text: "pk_bbbb", Created: at, Live: true},
		{ID: "key_3", Note: "checkout", Secret: true, Created: at, Expires: at + 86_400_000, Live: true},
		{ID: "key_4", Secret: true, Created: at, Expires: at + 1},
		{ID: "key_5", Text: "pk_cccc", Created: at, Revoked: at + 1},
	}
	in(t, "sites", func(lang string) templ.Component {
		return Sites(pageIn(lang, "sites", "Shops and keys"), SitesView{Sites: []Site{
			{ID: "b", Name: "Shop B", Href: "/admin/sites/b", Currency: "EUR", Public: 2, Secret: 1, Items: 12_345, Created: at},
			{ID: "old", Name: "old", Href: "/admin/sites/old", Created: at, Retired: at},
		}})
	})
	in(t, "sites_none", func(lang string) templ.Component {
		p := pageIn(lang, "sites", "Shops and keys")
		p.Site, p.SiteName, p.Sites = "", "", nil
		return Sites(p, SitesView{New: SiteForm{ID: "B!", Errors: map[string]string{"site": p.Text.T("people.bad.site")}}})
	})
	in(t, "site", func(lang string) templ.Component {
		return Shop(pageIn(lang, "sites", "Shop B"), SiteView{Form: form, Keys: keys, Script: `<script async src="https://x/b.js" data-key="pk_aaaa"></script>`, History: "/admin/audit", Path: "/admin/sites/b"})
	})
	in(t, "site_key", func(lang string) templ.Component {
		return Shop(pageIn(lang, "sites", "Shop B"), SiteView{Form: form, Given: &Given{For: "key_3", Secret: "sk_shownonce"}, History: "/admin/audit", Path: "/admin/sites/b"})
	})
	in(t, "site_retired", func(lang string) templ.Component {
		p := text.For(lang)
		refused := form
		refused.Errors = map[string]string{"gap": p.T("people.bad.gap"), "origins": p.T("people.bad.origins")}
		return Shop(pageIn(lang, "sites", "Shop B"), SiteView{Form: refused, Keys: keys[:1], Retired: at, History: "/admin/audit", Path: "/admin/sites/b"})
	})
	in(t, "rotate", func(lang string) templ.Component {
		return Rotate(pageIn(lang, "sites", "Replace"), SiteView{Path: "/admin/sites/b"}, keys[0])
	})
}
