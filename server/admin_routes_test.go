package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"beckon/server/shop"
)

var pathParam = regexp.MustCompile(`[:*][a-z]*`)

// somePath is a route's path with things that do not exist.
func somePath(r adminRoute) string { return pathParam.ReplaceAllString(r.path, "none") }

// TestEveryRouteIsForThoseWhomTheTableNames asks every route as everybody.
func TestEveryRouteIsForThoseWhomTheTableNames(t *testing.T) {
	d := openDesk(t)
	people := map[string]shop.Role{"vera": shop.Viewer, "mia": shop.Merchandiser, "anna": shop.Admin}
	for name, role := range people {
		p := d.as(name)
		for _, r := range d.n.adminRoutes() {
			if r.role == anyone || r.path == "/admin/logout" {
				continue
			}
			if !p.loggedIn() {
				t.Fatalf("%s was logged out before %s %s", name, r.method, r.path)
			}
			d.n.admin.requests = newLimiter(0) // the walk is faster than people
			what := fmt.Sprintf("%s: %s %s", name, r.method, r.path)
			body := ""
			if r.method != "GET" {
				body = p.formText()
			}
			got := p.do(r.method, somePath(r), body)
			switch {
			case !role.May(r.role):
				if got.StatusCode != 403 {
					t.Errorf("%s: %d, want 403", what, got.StatusCode)
				}
			case got.StatusCode == 401, got.StatusCode == 403, got.StatusCode == 405, got.StatusCode >= 500 && got.StatusCode != 503, strings.HasPrefix(got.to(), "/admin/login"):
				t.Errorf("%s: %d to %q, want what the page has\n%s", what, got.StatusCode, got.to(), got.body[:min(len(got.body), 300)])
			case r.method == "GET" && !pathParam.MatchString(r.path) && !slices.Contains([]int{200, 303, 400, 404, 422, 503}, got.StatusCode):
				t.Errorf("%s: %d", what, got.StatusCode)
			}
			if csp := got.Header.Get("Content-Security-Policy"); csp != adminCSP {
				t.Errorf("%s: policy %q", what, csp)
			}
		}
	}
}

func TestWithoutASessionEveryRouteLeadsToTheLogin(t *testing.T) {
	d := openDesk(t)
	d.n.admin.requests = newLimiter(0)
	p := d.browser()
	for _, r := range d.n.adminRoutes() {
		if r.role == anyone {
			continue
		}
		path := somePath(r)
		if got := p.do(r.method, path, ""); got.StatusCode != 303 || !strings.HasPrefix(got.to(), "/admin/login") {
			t.Errorf("%s %s: %d to %q, want 303 to the login", r.method, path, got.StatusCode, got.to())
		}
		if got := p.do(r.method, path, "", "Sec-Fetch-Mode", "cors"); got.StatusCode != 401 {
			t.Errorf("%s %s by a script: %d, want 401", r.method, path, got.StatusCode)
		}
	}
}

func TestEveryChangeNeedsATokenOfItsSessionFromOurOwnPage(t *testing.T) {
	d := openDesk(t)
	d.n.admin.requests = newLimiter(0)
	anna, other := d.as("anna"), d.as("anna")
	for _, r := range d.n.adminRoutes() {
		if r.method == "GET" || r.role == anyone {
			continue
		}
		path := somePath(r)
		good := anna.formText()
		for name, c := range map[string]struct {
			body   string
			header []string
		}{
			"no token":                  {"", nil},
			"garbage":                   {"csrf=garbage", nil},
			"another session's token":   {other.formText(), nil},
			"a foreign page":            {good, []string{"Origin", "https://evil.example"}},
			"a page of no origin":       {good, []string{"Origin", "null"}},
			"a foreign page's request":  {good, []string{"Sec-Fetch-Site", "cross-site"}},
			"a page of the same domain": {good, []string{"Sec-Fetch-Site", "same-site"}},
		} {
			if got := anna.do(r.method, path, c.body, c.header...); got.StatusCode != 403 {
				t.Errorf("%s %s with %s: %d, want 403", r.method, path, name, got.StatusCode)
			}
		}
		if got := anna.do(r.method, path, good, "Content-Type", "multipart/form-data; boundary=x"); got.StatusCode != 415 {
			t.Errorf("%s %s with files: %d, want 415", r.method, path, got.StatusCode)
		}
	}
	if !anna.loggedIn() || !other.loggedIn() {
		t.Error("a refused request logged somebody out")
	}
}

func TestNothingUnderAdminIsServedThatIsNotInTheTable(t *testing.T) {
	d := openDesk(t)
	table := map[string]bool{}
	for _, r := range d.n.adminRoutes() {
		if table[r.method+" "+r.path] {
			t.Errorf("%s %s stands in the table twice", r.method, r.path)
		}
		table[r.method+" "+r.path] = true
	}
	for _, routes := range d.n.newApp().Stack() {
		for _, r := range routes {
			if !strings.HasPrefix(r.Path, "/admin") || r.Path == "/admin/*" || r.Path == "/admin" && !table[r.Method+" /admin"] {
				continue // not ours, or what answers "no such page"
			}
			if !table[r.Method+" "+r.Path] {
				t.Errorf("%s %s is served and not in the table", r.Method, r.Path)
			}
		}
	}
	anna, nobody := d.as("anna"), d.browser()
	for _, path := range []string{"/admin/none", "/admin/none/more", "/admin/../admin/none", "/ADMIN/none", "/admin/%2e%2e/none", "/admin//users"} {
		if got := nobody.get(path); got.StatusCode == 200 {
			t.Errorf("%s without a session: 200\n%s", path, got.body)
		}
		if got := anna.get(path); got.StatusCode != 404 && got.StatusCode != 303 {
			t.Errorf("%s: %d, want 404", path, got.StatusCode)
		}
	}
	for _, method := range []string{fiber.MethodPut, fiber.MethodPatch, fiber.MethodDelete, fiber.MethodOptions, fiber.MethodTrace} {
		if got := anna.do(method, "/admin/users", anna.formText()); got.StatusCode != 404 && got.StatusCode != 405 {
			t.Errorf("%s /admin/users: %d, want 404", method, got.StatusCode)
		}
	}
}

func TestASiteIsOnlyForThoseWhoMaySeeIt(t *testing.T) {
	d := openDesk(t)
	d.n.admin.requests = newLimiter(0)
	bo, anna := d.as("bo"), d.as("anna")
	for _, r := range d.n.adminRoutes() {
		if r.role == anyone || r.path == "/admin/logout" || !shop.Merchandiser.May(r.role) {
			continue
		}
		body := ""
		if r.method != "GET" {
			body = bo.formText()
		}
		for _, site := range []string{"test", "none", "TEST", "b/../test", "%00"} {
			if got := bo.do(r.method, somePath(r)+"?site="+site, body); got.StatusCode != 404 {
				t.Errorf("%s %s?site=%s by who sees b only: %d, want 404", r.method, r.path, site, got.StatusCode)
			}
		}
	}
	if got := bo.get("/admin/account"); !strings.Contains(got.body, "Shop B") || strings.Contains(got.body, `site=test`) {
		t.Errorf("bo's page tells of other shops")
	}
	if got := anna.get("/admin/account?site=none"); got.StatusCode != 404 {
		t.Errorf("a site that is not there: %d, want 404", got.StatusCode)
	}
	if err := d.n.shop.ChangeSites(t.Context(), "test", "bo", []string{"test"}); err != nil {
		t.Fatal(err)
	}
	if got := bo.get("/admin/account?site=b"); got.StatusCode != 404 {
		t.Errorf("the session kept a site that was taken away: %d", got.StatusCode)
	}
}

func TestAKeyOpensUnderItsOwnSiteOnly(t *testing.T) {
	d := openDesk(t)
	anna := d.as("anna")
	key, err := d.n.shop.CreateKey(t.Context(), "test", "test", shop.KeySpec{Kind: shop.SecretKey})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/admin/sites/b/keys/" + key.ID, "/admin/sites/b/keys/" + key.ID + "/revoke"} {
		if got := anna.post(path, "grace", "0"); got.StatusCode != 404 {
			t.Errorf("%s: %d, want 404", path, got.StatusCode)
		}
	}
	if _, ok := d.n.shop.Key(key.Text); !ok {
		t.Error("the key ended through another site")
	}
}
