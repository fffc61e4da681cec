package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"beckon/server/shop"
)

// refusedPage is that a form came back with a message at a field and what was entered.
func refusedPage(t *testing.T, got answered, field string, kept ...string) {
	t.Helper()
	if got.StatusCode != 422 || !strings.Contains(got.body, `id="f-`+field+`-error"`) {
		t.Errorf("%d, want 422 with a message at %s\n%s", got.StatusCode, field, got.body)
	}
	for _, text := range kept {
		if !strings.Contains(got.body, text) {
			t.Errorf("the form lost %q", text)
		}
	}
}

// actorOf is who made the newest change of a thing.
func (d *desk) actorOf(site, kind, id string) string {
	d.t.Helper()
	list, _, err := d.n.shop.Changes(site, shop.AuditQuery{Kind: kind, ID: id, Limit: 1, Private: true})
	if err != nil || len(list) == 0 {
		d.t.Fatalf("no change of %s %s: %v", kind, id, err)
	}
	return list[0].Actor
}

var madePassword = regexp.MustCompile(`<code>([A-Z2-7]{26})</code>`)

func TestAdministratorsManagePeople(t *testing.T) {
	d := openDesk(t)
	anna := d.as("anna")
	refusedPage(t, anna.post("/admin/users", "name", "No Name!", "role", "merchandiser", "site.b", "on"), "name", `value="no name!"`, `name="site.b" type="checkbox" value="on" checked`)
	refusedPage(t, anna.post("/admin/users", "name", "vera", "role", "viewer"), "name")
	refusedPage(t, anna.post("/admin/users", "name", "eve", "role", "viewer", "password", "short"), "password")
	if got := anna.post("/admin/users", "name", "eve", "role", "viewer", "site.b", "on", "password", "  spaces count  "); got.StatusCode != 303 {
		t.Fatalf("%d %s", got.StatusCode, got.body)
	}
	if got := d.actorOf("", "user", "eve"); got != "user anna" {
		t.Errorf("eve was made by %q", got)
	}
	eve := d.browser()
	if got := eve.login("eve", "  spaces count  "); got.StatusCode != 303 {
		t.Errorf("login with the password as entered: %d", got.StatusCode)
	}
	got := anna.post("/admin/users", "name", "zoe", "role", "viewer")
	made := madePassword.FindStringSubmatch(got.body)
	if got.StatusCode != 200 || made == nil {
		t.Fatalf("a made password: %d\n%s", got.StatusCode, got.body)
	}
	if got := d.browser().login("zoe", made[1]); got.StatusCode != 303 {
		t.Errorf("login with the made password: %d", got.StatusCode)
	}

	if got := anna.post("/admin/users/eve", "role", "merchandiser"); got.StatusCode != 303 || eve.loggedIn() {
		t.Errorf("another role: %d, still logged in %v", got.StatusCode, eve.loggedIn())
	}
	if u, _ := d.n.shop.User("eve"); u.Role != shop.Merchandiser || len(u.Sites) != 0 {
		t.Errorf("eve is %+v", u)
	}
	eve = d.browser()
	eve.login("eve", "  spaces count  ")
	if got := anna.post("/admin/users/eve/sessions", "session", "all"); got.StatusCode != 303 || eve.loggedIn() || !anna.loggedIn() {
		t.Errorf("end all: %d", got.StatusCode)
	}
	if got := anna.post("/admin/users/eve/sessions"); got.StatusCode != 400 {
		t.Errorf("end no session: %d, want 400", got.StatusCode)
	}
	if got := anna.post("/admin/users/eve/password", "password", "another password"); got.StatusCode != 303 {
		t.Errorf("password: %d", got.StatusCode)
	}
	for _, path := range []string{"/admin/users/anna/password", "/admin/users/anna/second"} {
		if got := anna.post(path, "password", "not asked for the old one"); got.StatusCode != 303 || !strings.HasPrefix(got.to(), "/admin/account") {
			t.Errorf("%s of oneself: %d to %s, want one's own account", path, got.StatusCode, got.to())
		}
	}
	if got := anna.post("/admin/users/eve/remove"); got.StatusCode != 303 {
		t.Errorf("remove: %d", got.StatusCode)
	}
	if _, ok := d.n.shop.User("eve"); ok {
		t.Error("eve is there still")
	}
	for _, path := range []string{"/admin/users/anna/remove", "/admin/users/anna"} {
		if got := anna.post(path, "role", "viewer"); got.StatusCode != 422 || !strings.Contains(got.body, "last administrator") {
			t.Errorf("%s of the last administrator: %d", path, got.StatusCode)
		}
	}
	if page := anna.get("/admin/users").body; !strings.Contains(page, "/admin/users/zoe") || strings.Contains(page, made[1]) {
		t.Error("the list lacks zoe, or tells a password again")
	}
}

func TestPeopleChangeTheirOwnPasswordAndStay(t *testing.T) {
	d := openDesk(t)
	vera, elsewhere := d.as("vera"), d.as("vera")
	before := vera.cookie("beckon_session")
	refusedPage(t, vera.post("/admin/account/password", "current", "wrong", "password", "a better horse", "again", "a better horse"), "current")
	refusedPage(t, vera.post("/admin/account/password", "current", deskPassword, "password", "a better horse", "again", "a bitter horse"), "again")
	refusedPage(t, vera.post("/admin/account/password", "current", deskPassword, "password", "short", "again", "short"), "password")
	got := vera.post("/admin/account/password", "current", deskPassword, "password", "a better horse", "again", "a better horse")
	if got.StatusCode != 303 {
		t.Fatalf("%d %s", got.StatusCode, got.body)
	}
	if vera.cookie("beckon_session") == before || !vera.loggedIn() || elsewhere.loggedIn() {
		t.Errorf("renewed %v, here %v, elsewhere %v", vera.cookie("beckon_session") != before, vera.loggedIn(), elsewhere.loggedIn())
	}
	if _, _, ok := d.n.shop.Session(shop.SessionKey(before)); ok {
		t.Error("the session's id from before opens still")
	}
	again := d.browser()
	again.login("vera", "a better horse")
	list := d.n.shop.Sessions("vera")
	if len(list) != 2 {
		t.Fatalf("%d sessions, want 2", len(list))
	}
	vera.get("/admin/account")
	if got := vera.post("/admin/account/sessions", "session", shop.SessionKey(again.cookie("beckon_session"))); got.StatusCode != 303 || again.loggedIn() || !vera.loggedIn() {
		t.Errorf("end one's other session: %d", got.StatusCode)
	}
	mia := d.as("mia")
	if got := vera.post("/admin/account/sessions", "session", shop.SessionKey(mia.cookie("beckon_session"))); got.StatusCode != 303 || !mia.loggedIn() {
		t.Errorf("end another's session: %d, mia logged in %v", got.StatusCode, mia.loggedIn())
	}
}

func TestAskingForThePasswordAgainCannotBeUsedToGuessIt(t *testing.T) {
	d := openDesk(t)
	vera := d.as("vera")
	for range accountWaits.free {
		vera.post("/admin/account/password", "current", "wrong", "password", "a better horse", "again", "a better horse")
	}
	if got := vera.post("/admin/account/password", "current", deskPassword, "password", "a better horse", "again", "a better horse"); got.StatusCode != 429 {
		t.Errorf("%d, want 429", got.StatusCode)
	}
}

func TestAdministratorsManageShopsAndKeys(t *testing.T) {
	d := openDesk(t)
	anna := d.as("anna")
	refusedPage(t, anna.post("/admin/sites", "id", "No Good", "name", "Kept"), "id", `value="Kept"`)
	refusedPage(t, anna.post("/admin/sites", "id", "b"), "id")
	refusedPage(t, anna.post("/admin/sites", "id", "c", "currency", "XXQ"), "currency")
	refusedPage(t, anna.post("/admin/sites", "id", "c", "origins", "shop.example"), "origins")
	got := anna.post("/admin/sites", "id", "c", "name", "Shop C", "currency", "chf", "origins", "https://c.example\r\nhttps://*.c.example")
	if got.StatusCode != 303 || !strings.HasPrefix(got.to(), "/admin/sites/c?") {
		t.Fatalf("%d to %s\n%s", got.StatusCode, got.to(), got.body)
	}
	if page := anna.get(got.to()); page.StatusCode != 200 || !strings.Contains(page.body, "data-flash") {
		t.Errorf("the new shop's page: %d", page.StatusCode)
	}
	if s, ok := d.n.shop.Site("c"); !ok || s.Currency != "CHF" || len(s.Origins) != 2 || d.actorOf("c", "site", "c") != "user anna" {
		t.Errorf("shop c is %+v", s)
	}
	refusedPage(t, anna.post("/admin/sites/c", "gap", "x", "analytics", "on"), "gap", `value="x"`)
	refusedPage(t, anna.post("/admin/sites/c", "longest", "1", "gap", "120"), "longest")
	if got := anna.post("/admin/sites/c", "name", "C", "gap", "45", "low_stock", "0", "analytics", "on", "origins", "https://c.example"); got.StatusCode != 303 {
		t.Fatalf("settings: %d\n%s", got.StatusCode, got.body)
	}
	if s, _ := d.n.shop.Site("c"); s.Gap != 45*60_000 || *s.LowStock != 0 || !s.Consent.Analytics || s.Consent.Personalization || s.Longest != shop.DefaultLongest {
		t.Errorf("shop c is %+v", s)
	}

	got = anna.post("/admin/sites/c/keys", "kind", "secret", "note", "checkout")
	text := regexp.MustCompile(`sk_[a-z2-7]{32}`).FindString(got.body)
	key, ok := d.n.shop.Key(text)
	if got.StatusCode != 200 || !ok || key.Site != "c" || key.Note != "checkout" {
		t.Fatalf("a secret key: %d, %+v", got.StatusCode, key)
	}
	if page := anna.get("/admin/sites/c"); strings.Contains(page.body, text) || !strings.Contains(page.body, "checkout") {
		t.Error("the page tells a secret key again")
	}
	if file := anna.get("/admin/sites/c/keys.csv"); strings.Contains(file.body, text) || !strings.Contains(file.body, key.ID) {
		t.Errorf("the file of keys: %s", file.body)
	}
	refusedPage(t, anna.post("/admin/sites/b/keys", "kind", "public"), "key_origins")
	refusedPage(t, anna.post("/admin/sites/b/keys", "kind", "public", "key_origins", "nonsense"), "key_origins", "nonsense")
	got = anna.post("/admin/sites/b/keys", "kind", "public", "key_origins", "https://b.example")
	if got.StatusCode != 200 || !strings.Contains(got.body, "data-key=&#34;pk_") {
		t.Errorf("a public key: %d, no line for pages", got.StatusCode)
	}
	if page := anna.get("/admin/sites/c/keys/" + key.ID); page.StatusCode != 200 {
		t.Errorf("the page of a rotation: %d", page.StatusCode)
	}
	if got := anna.post("/admin/sites/c/keys/"+key.ID, "grace", "24"); got.StatusCode != 200 || !strings.Contains(got.body, "sk_") {
		t.Errorf("rotation: %d", got.StatusCode)
	}
	if k, ok := d.n.shop.Key(text); !ok || k.Expires == 0 {
		t.Errorf("the rotated key: %+v, %v", k, ok)
	}
	if got := anna.post("/admin/sites/c/keys/" + key.ID + "/revoke"); got.StatusCode != 303 {
		t.Errorf("revoke: %d", got.StatusCode)
	}
	if _, ok := d.n.shop.Key(text); ok {
		t.Error("the revoked key opens")
	}
	if got := anna.post("/admin/sites/c/retire"); got.StatusCode != 303 {
		t.Errorf("retire: %d", got.StatusCode)
	} else if page := anna.get(got.to()); page.StatusCode != 200 || !strings.Contains(page.body, "Retired") {
		t.Errorf("after that %s: %d", got.to(), page.StatusCode)
	}
	if page := anna.get("/admin/sites/c?site=c"); page.StatusCode != 200 || !strings.Contains(page.body, "This shop is retired") {
		t.Errorf("the retired shop's page: %d", page.StatusCode)
	}
	if page := anna.get("/admin/account?site=c"); page.StatusCode != 200 {
		t.Errorf("%d", page.StatusCode)
	}
	if got := anna.post("/admin/sites/c", "name", "C", "analytics", "on"); got.StatusCode != 303 {
		t.Errorf("bring back: %d", got.StatusCode)
	}
	if s, _ := d.n.shop.Site("c"); s.Retired != 0 {
		t.Error("the shop did not come back")
	}
}

func TestWithoutAnySiteAdministratorsMakeOneAndOthersWait(t *testing.T) {
	d := openDesk(t)
	anna, vera := d.as("anna"), d.as("vera")
	for _, id := range []string{"test", "b"} {
		if err := d.n.shop.RetireSite(t.Context(), "test", id); err != nil {
			t.Fatal(err)
		}
	}
	if got := anna.get("/admin/segments"); got.StatusCode != 303 || got.to() != "/admin/sites" {
		t.Errorf("administrator: %d to %s", got.StatusCode, got.to())
	}
	if got := anna.get("/admin/sites"); got.StatusCode != 200 {
		t.Errorf("shops: %d", got.StatusCode)
	}
	if got := vera.get("/admin/segments"); got.StatusCode != 404 || !strings.Contains(got.body, "No shop to see yet") {
		t.Errorf("viewer: %d\n%s", got.StatusCode, got.body)
	}
	if got := vera.get("/admin/account"); got.StatusCode != 200 {
		t.Errorf("the viewer's account: %d", got.StatusCode)
	}
}

func TestTheListOfChangesTellsNoSecrets(t *testing.T) {
	d := openDesk(t)
	ctx := t.Context()
	anna := d.as("anna")
	secret := shop.NewTOTPSecret()
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	recovery, err := d.n.shop.EnableTOTP(ctx, "user mia", "mia", secret, code, "")
	if err != nil {
		t.Fatal(err)
	}
	key, err := d.n.shop.CreateKey(ctx, "user anna", "test", shop.KeySpec{Kind: shop.SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	d.browser().login("anna", "wrong horse")
	list, _, err := d.n.shop.Changes("test", shop.AuditQuery{Private: true, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, e := range list {
		fmt.Fprintf(&all, "%s %s %s %s\n", e.Do, e.ID, e.Before, e.After)
		page := anna.get(fmt.Sprint("/admin/audit/", e.Offset, "?site=test"))
		if page.StatusCode != 200 {
			t.Errorf("the page of %s: %d", e.Do, page.StatusCode)
		}
		all.WriteString(page.body)
	}
	all.WriteString(anna.get("/admin/audit?site=test").body)
	for _, do := range []string{"user.put", "user.totp", "session.begin", "login.failed", "key.put"} {
		if !strings.Contains(all.String(), do) {
			t.Errorf("no %s among the changes", do)
		}
	}
	for _, hidden := range []string{"argon2id", "sealed", secret, recovery[0], key.Text, anna.cookie("beckon_session"), "wrong horse"} {
		if strings.Contains(all.String(), hidden) {
			t.Errorf("the list of changes tells %.20q", hidden)
		}
	}
}
