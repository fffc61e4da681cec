package main

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// dashboardReader is a person at the dashboard, without a browser: it keeps cookies, follows redirects and fills in forms.
type dashboardReader struct {
	t      *testing.T
	url    string
	client http.Client
	csrf   string // of the newest page
}

// reads logs a new user of a role in. The language is English.
func (in *installation) reads(name, role string, sites ...string) *dashboardReader {
	in.t.Helper()
	args := []string{"admin", "add", name, "--role", role, "--password", "password of " + name, "--data", in.dir}
	for _, s := range sites {
		args = append(args, "--site", s)
	}
	in.command(args...)
	jar, err := cookiejar.New(nil)
	if err != nil {
		in.t.Fatal(err)
	}
	d := &dashboardReader{t: in.t, url: in.url, client: http.Client{Jar: jar}}
	d.get("/admin/login")
	if status, page := d.post("/admin/login", "user", name, "password", "password of "+name); status >= 500 || strings.Contains(page, `name="password"`) {
		in.t.Fatalf("login of %s answered %d: %s", name, status, page)
	}
	return d
}

var csrfInput = regexp.MustCompile(`name="csrf" value="([^"]*)"`)

// get reads a page; its form's token is kept for post.
func (d *dashboardReader) get(path string) (status int, page string) {
	d.t.Helper()
	return d.send("GET", path, "")
}

// post sends a form of the page that was read last. Fields alternate name and value.
func (d *dashboardReader) post(path string, fields ...string) (status int, page string) {
	d.t.Helper()
	form := url.Values{"csrf": {d.csrf}}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return d.send("POST", path, form.Encode())
}

func (d *dashboardReader) send(method, path, body string) (status int, page string) {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), method, d.url+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Accept-Language", "en")
	if body != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", d.url)
	}
	resp, err := d.client.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	if m := csrfInput.FindSubmatch(text); m != nil {
		d.csrf = html.UnescapeString(string(m[1]))
	}
	return resp.StatusCode, string(text)
}

// wants reads a page that must be there and hold every text.
func (d *dashboardReader) wants(path string, texts ...string) (page string) {
	d.t.Helper()
	status, page := d.get(path)
	if status != 200 {
		d.t.Fatalf("GET %s: %d %s", path, status, page)
	}
	for _, text := range texts {
		if !strings.Contains(page, text) {
			d.t.Errorf("GET %s: no %q in %s", path, text, page)
		}
	}
	return page
}
