package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"beckon/server/shop"
)

// desk is a dashboard in this process with a person of each role: vera looks, mia merchandises, anna manages. bo merchandises and sees the
// site "b" only.
type desk struct {
	t   *testing.T
	n   *node
	url string
}

const deskPassword = "correct horse battery"

func openDesk(t *testing.T) *desk {
	t.Helper()
	return serveDesk(t, openHere(t, 2))
}

func serveDesk(t *testing.T, n *node) *desk {
	t.Helper()
	ctx := t.Context()
	if _, err := n.shop.CreateSite(ctx, "test", "b", shop.Settings{Name: "Shop B"}); err != nil {
		t.Fatal(err)
	}
	for _, u := range []struct {
		name  string
		role  shop.Role
		sites []string
	}{{"vera", shop.Viewer, nil}, {"mia", shop.Merchandiser, nil}, {"anna", shop.Admin, nil}, {"bo", shop.Merchandiser, []string{"b"}}} {
		if err := n.shop.AddUser(ctx, "test", u.name, deskPassword, u.role, u.sites...); err != nil {
			t.Fatal(err)
		}
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	app := n.newApp()
	ended := make(chan error, 1)
	go func() { ended <- app.Listener(ln) }()
	t.Cleanup(func() {
		if err := app.ShutdownWithContext(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return &desk{t, n, "http://" + ln.Addr().String()}
}

// person is somebody's browser.
type person struct {
	d    *desk
	http *http.Client
	csrf string // of the newest page
}

// answered is a response that was read.
type answered struct {
	*http.Response
	body string
}

func (a answered) to() string { return a.Header.Get("Location") }

// browser is one that nobody is logged in with.
func (d *desk) browser() *person {
	d.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		d.t.Fatal(err)
	}
	transport := &http.Transport{}
	d.t.Cleanup(transport.CloseIdleConnections)
	return &person{d: d, http: &http.Client{
		Jar: jar, Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// as is a browser in which user is logged in.
func (d *desk) as(user string) *person {
	d.t.Helper()
	p := d.browser()
	if got := p.login(user, deskPassword); got.StatusCode != 303 {
		d.t.Fatalf("login of %s: %d\n%s", user, got.StatusCode, got.body)
	}
	p.get("/admin/account")
	return p
}

var csrfInPage = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

func (p *person) do(method, path, body string, header ...string) answered {
	p.d.t.Helper()
	ctx, cancel := context.WithCancel(p.d.t.Context()) // ends streams
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, p.d.url+path, strings.NewReader(body))
	if err != nil {
		p.d.t.Fatal(err)
	}
	if method != "GET" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := p.http.Do(req)
	if err != nil {
		p.d.t.Fatal(err)
	}
	defer resp.Body.Close()
	var text []byte
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		if text, err = io.ReadAll(resp.Body); err != nil {
			p.d.t.Fatal(err)
		}
	}
	if m := csrfInPage.FindSubmatch(text); m != nil {
		p.csrf = string(m[1])
	}
	return answered{resp, string(text)}
}

func (p *person) get(path string, header ...string) answered {
	p.d.t.Helper()
	return p.do("GET", path, "", header...)
}

// post sends a form with the newest page's token. Fields alternate name and value.
func (p *person) post(path string, fields ...string) answered {
	p.d.t.Helper()
	return p.do("POST", path, p.formText(fields...))
}

func (p *person) formText(fields ...string) string {
	f := url.Values{"csrf": {p.csrf}}
	for i := 0; i+1 < len(fields); i += 2 {
		f.Add(fields[i], fields[i+1])
	}
	return f.Encode()
}

func (p *person) login(user, password string) answered {
	p.d.t.Helper()
	p.get("/admin/login")
	return p.post("/admin/login", "user", user, "password", password)
}

// cookie is the value of a cookie that the dashboard gave.
func (p *person) cookie(name string) string {
	u, err := url.Parse(p.d.url + "/admin")
	if err != nil {
		p.d.t.Fatal(err)
	}
	for _, c := range p.http.Jar.Cookies(u) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

// loggedIn says whether the browser has a session that opens something.
func (p *person) loggedIn() bool {
	p.d.t.Helper()
	return p.get("/admin/account").StatusCode == 200
}
