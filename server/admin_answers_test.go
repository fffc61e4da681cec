package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"beckon/clickstream/eventlog"
	"beckon/server/shop"
)

func TestErrorsArePagesPartsOrJSON(t *testing.T) {
	d := openDesk(t)
	anna, vera := d.as("anna"), d.as("vera")
	for _, c := range []struct {
		who    *person
		path   string
		status int
		title  string
	}{
		{anna, "/admin/nowhere", 404, "There is no such page"},
		{vera, "/admin/users", 403, "You may not do this"},
		{anna, "/admin/users?site=none", 404, "There is no such page"},
		{anna, "/admin/users/none", 404, "There is no such page"},
	} {
		got := c.who.get(c.path)
		if got.StatusCode != c.status || !strings.Contains(got.body, "<h1>"+c.title) || !strings.Contains(got.body, `lang="en"`) {
			t.Errorf("%s: %d\n%s", c.path, got.StatusCode, got.body)
		}
		part := c.who.get(c.path, "Sec-Fetch-Mode", "cors")
		if part.StatusCode != c.status || strings.Contains(part.body, "<html") || !strings.Contains(part.body, c.title) {
			t.Errorf("%s as a part: %d %s", c.path, part.StatusCode, part.body)
		}
		as := c.who.get(c.path, "Accept", "application/json")
		var e struct {
			Error struct{ Code, Message string }
		}
		if err := json.Unmarshal([]byte(as.body), &e); err != nil || as.StatusCode != c.status || e.Error.Code == "" || e.Error.Message == "" {
			t.Errorf("%s as JSON: %d %s", c.path, as.StatusCode, as.body)
		}
	}
	if got := vera.get("/admin/users", "Accept-Language", "de-AT,de;q=0.9"); !strings.Contains(got.body, "Das dürfen Sie nicht") {
		t.Errorf("in German: %s", got.body)
	}
}

func TestWhatFailsInsideIsToldByItsKind(t *testing.T) {
	n := openHere(t, 1)
	for name, c := range map[string]struct {
		err    error
		status int
	}{
		"a full log":     {&eventlog.FullError{Err: errors.New("no space left on device")}, 503},
		"a broken log":   {&eventlog.FailedError{}, 503},
		"a closed shop":  {shop.ErrClosed, 503},
		"a stopped fold": {&shop.StoppedError{Err: errors.New("x")}, 503},
		"out of time":    {context.DeadlineExceeded, 503},
		"refused":        {&shop.Refusal{Code: "last_admin", Message: "role: the last admin"}, 400},
		"unknown":        {&shop.Refusal{Code: "unknown_user", Message: "user: none"}, 404},
		"a bug":          {errors.New("index out of range"), 500},
	} {
		if got := n.knownError(c.err); got.status != c.status || c.status == 500 && strings.Contains(got.message, "index") {
			t.Errorf("%s: %d %s, want %d", name, got.status, got.message, c.status)
		}
	}
}

func TestAPanicOrABrokenPageIsAPageThatSaysNothingOfIt(t *testing.T) {
	n := openHere(t, 1)
	cfg := fiberConfig()
	cfg.ErrorHandler = n.respondAnyError
	app := fiber.New(cfg)
	app.Use(recover.New())
	app.Get("/admin/panics", func(*fiber.Ctx) error { panic("secret of the house") })
	app.Get("/admin/broken", func(c *fiber.Ctx) error {
		return n.adminRequest(c).render(templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
			io.WriteString(w, "half a page")
			return errors.New("secret of the house")
		}))
	})
	app.Get("/v1/panics", func(*fiber.Ctx) error { panic("secret of the house") })
	for path, want := range map[string]string{"/admin/panics": "Something went wrong here", "/admin/broken": "Something went wrong here", "/v1/panics": `"code":"internal"`} {
		resp, err := app.Test(httptest.NewRequest("GET", path, nil), -1)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != 500 || !strings.Contains(string(body), want) || strings.Contains(string(body), "secret of") || strings.Contains(string(body), "half a page") {
			t.Errorf("%s: %d\n%s", path, resp.StatusCode, body)
		}
	}
}

func TestLargePagesAreCompressedAndSmallOnesNot(t *testing.T) {
	d := openDesk(t)
	anna := d.as("anna")
	got := anna.get("/admin/users", "Accept-Encoding", "gzip")
	if got.Header.Get("Content-Encoding") != "gzip" || !strings.Contains(got.Header.Get("Vary"), "Accept-Encoding") {
		t.Fatalf("headers %v", got.Header)
	}
	zr, err := gzip.NewReader(strings.NewReader(got.body))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(zr)
	if err != nil || !strings.HasSuffix(strings.TrimSpace(string(text)), "</html>") {
		t.Errorf("%v in %d bytes", err, len(text))
	}
	if got := anna.get("/admin/nowhere", "Accept-Encoding", "gzip", "Sec-Fetch-Mode", "cors"); got.Header.Get("Content-Encoding") != "" {
		t.Error("a small part is compressed")
	}
	if got := anna.get("/admin/users", "Accept-Encoding", "br"); got.Header.Get("Content-Encoding") != "" {
		t.Error("compressed for who does not take it")
	}
}

var assetPath = regexp.MustCompile(`/admin/assets/[^"]+`)

func TestAssetsAreKeptForEverAndPagesNever(t *testing.T) {
	d := openDesk(t)
	p := d.browser()
	page := p.get("/admin/login")
	if got := page.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("a page: Cache-Control %q", got)
	}
	paths := assetPath.FindAllString(page.body, -1)
	if len(paths) < 3 {
		t.Fatalf("assets %q", paths)
	}
	for _, path := range paths {
		got := p.get(path, "Accept-Encoding", "gzip")
		if got.StatusCode != 200 || got.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || got.Header.Get("X-Content-Type-Options") != "nosniff" ||
			got.Header.Get("Content-Type") == "" || len(got.Cookies()) > 0 {
			t.Errorf("%s: %d %v", path, got.StatusCode, got.Header)
		}
	}
	for _, path := range []string{"/admin/assets/none.js", "/admin/assets/..%2f..%2fetc%2fpasswd", "/admin/assets/"} {
		if got := p.get(path); got.StatusCode == 200 || got.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d, Cache-Control %q", path, got.StatusCode, got.Header.Get("Cache-Control"))
		}
	}
}

func TestEveryAnswerTellsBrowsersWhatNotToDo(t *testing.T) {
	d := openDesk(t)
	anna := d.as("anna")
	for _, path := range []string{"/admin/login", "/admin/users", "/admin/users.csv", "/admin/nowhere", "/admin", "/admin/assets/none"} {
		got := anna.get(path)
		for name, want := range map[string]string{
			"Content-Security-Policy": adminCSP, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "DENY", "Cache-Control": "no-store",
		} {
			if got.Header.Get(name) != want {
				t.Errorf("%s: %s %q, want %q", path, name, got.Header.Get(name), want)
			}
		}
		if got.Header.Get("Permissions-Policy") == "" || got.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", path, got.Header)
		}
	}
	if strings.Contains(adminCSP, "unsafe") || !strings.HasPrefix(adminCSP, "default-src 'none'") {
		t.Errorf("policy %s", adminCSP)
	}
}

func TestSpreadsheetsCalculateNothingOfWhatShoppersWrote(t *testing.T) {
	for cell, want := range map[string]string{
		"": "", "kettle": "kettle", "-12.5": "-12.5", "+3": "+3", "=1+1": "'=1+1", "@x": "'@x", "-a": "'-a", "\tx": "'\tx", "+49 30": "'+49 30",
	} {
		if got := plainCell(cell); got != want {
			t.Errorf("%q became %q, want %q", cell, got, want)
		}
	}
	d := openDesk(t)
	got := d.as("anna").get("/admin/users.csv")
	if got.StatusCode != 200 || got.Header.Get("Content-Disposition") != `attachment; filename="people.csv"` ||
		!strings.HasPrefix(got.body, "\ufeffname,role,sites,") || !strings.Contains(got.body, "\nbo,merchandiser,b,off,") {
		t.Errorf("%d %v\n%s", got.StatusCode, got.Header, got.body)
	}
}

func TestALinkMakesAPageSayNothingThatIsNotSo(t *testing.T) {
	d := openDesk(t)
	anna, vera := d.as("anna"), d.as("vera")
	if got := anna.post("/admin/users/vera", "role", "viewer", "site.b", "on"); got.StatusCode != 303 {
		t.Fatalf("%d %s", got.StatusCode, got.body)
	} else if page := anna.get(got.to()); !strings.Contains(page.body, "data-flash") || !strings.Contains(page.body, "/undo") {
		t.Errorf("no announcement after %s", got.to())
	} else if page := vera.get("/admin/account?" + strings.SplitN(strings.Replace(got.to(), "site=test", "site=b", 1), "?", 2)[1]); strings.Contains(page.body, "data-flash") {
		t.Errorf("somebody else's change is announced: %s", page.body)
	}
	for _, query := range []string{"did=removed&who=anna%20call%20+49", "did=pay", "at=999999", "at=0", "did=reset&who=http://evil"} {
		if page := anna.get("/admin/account?" + query); strings.Contains(page.body, "data-flash") || page.StatusCode != 200 {
			t.Errorf("?%s: %d, announced", query, page.StatusCode)
		}
	}
	if page := anna.get("/admin/account?did=removed&who=%3Cscript%3E"); strings.Contains(page.body, "<script>") && strings.Contains(page.body, "&lt;script&gt;") {
		t.Error("a link put a text on the page")
	}
}

func TestLanguageIsWhatPeopleChose(t *testing.T) {
	d := openDesk(t)
	p := d.browser()
	for i, c := range []struct{ path, accept, want string }{
		{"/admin/login", "", "en"},
		{"/admin/login", "de-CH,fr;q=0.5", "de"},
		{"/admin/login", "fr", "en"},
		{"/admin/login?lang=de", "en", "de"},
		{"/admin/login", "en", "de"}, // it was kept
		{"/admin/login?lang=xx", "en", "de"},
		{"/admin/login?lang=en", "de", "en"},
	} {
		got := p.get(c.path, "Accept-Language", c.accept)
		if !strings.Contains(got.body, `<html lang="`+c.want+`"`) {
			t.Errorf("%d: %s with %q: %.60s, want %s", i, c.path, c.accept, got.body, c.want)
		}
	}
}

func TestTooManyRequestsOfOneSessionWait(t *testing.T) {
	d := openDesk(t)
	at := time.Now()
	d.n.now = func() time.Time { return at }
	anna, vera := d.as("anna"), d.as("vera")
	for range burstSeconds*adminRate + 1 {
		if got := anna.get("/admin/none"); got.StatusCode == 429 {
			if got.Header.Get("Retry-After") == "" || !strings.Contains(got.body, "Please slow down") {
				t.Errorf("%v\n%s", got.Header, got.body)
			}
			if !vera.loggedIn() {
				t.Error("another session waits, too")
			}
			return
		}
	}
	t.Error("no end of requests")
}
