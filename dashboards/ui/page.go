package ui

import (
	"context"
	"io"
	"net/url"
	"strings"

	"beckon/web/text"

	"github.com/a-h/templ"
)

// Page is what the frame around a page shows. The server fills everything but Title, Lead, Topics and CSV, which the page's owner does.
type Page struct {
	Title string
	Lead  string // one sentence under the heading: what this page is for
	Nav   string // which entry of the navigation is the current one: overview live recommendations …; "" none
	Up    *Link  // the page above this one, for a page about one thing
	Text  *text.Printer
	Theme string // "light" or "dark" as the reader chose; "" follows the system

	Site, SiteName string
	Sites          []Choice // that the reader may look at
	User, Role     string   // User "" is nobody: no navigation
	CSRF           string
	Path           string   // path and query of this page
	Topics         []string // of the live frames this page shows
	CSV            string   // address of the page's numbers as a file; "" none
	Flash          *Flash
}

// Choice is one of several values. Of a form's field, or a shop to change to.
type Choice struct {
	Value, Label string
	Selected     bool
}

// Link is somewhere to go.
type Link struct{ Label, Href string }

// Flash says what the reader's last change did.
type Flash struct {
	Text    string
	UndoURL string // posted to; "" where there is nothing to take back
	Bad     bool
}

// URL is the address of another page of the same shop. Args alternate name and value; empty values are left out.
func (p Page) URL(path string, args ...string) string {
	q := url.Values{}
	if p.Site != "" {
		q.Set("site", p.Site)
	}
	for i := 0; i+1 < len(args); i += 2 {
		if args[i+1] != "" {
			q.Set(args[i], args[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// With is the page's own address with one parameter of its query changed; "" removes it.
func (p Page) With(name, value string) string {
	path, query, _ := strings.Cut(p.Path, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		q = url.Values{}
	}
	q.Del("at") // a saved change's announcement belongs to one view of the page
	if value == "" {
		q.Del(name)
	} else {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// Sorted is how a column of the page's table stands to the order of its rows, "asc", "desc" or "", and the address that sorts by it from
// the first row on. by is the order, a column's key, with "-" before it downwards; down says that the first click sorts downwards.
func (p Page) Sorted(key, by string, down bool) (now, address string) {
	next := key
	if down {
		next = "-" + key
	}
	switch by {
	case key:
		now, next = "asc", "-"+key
	case "-" + key:
		now, next = "desc", key
	}
	p.Path = p.With("from", "")
	return now, p.With("sort", next) + "#items"
}

type languageKey struct{}

// In renders c in p's language. Layout does so itself; fragments and frames, which have no Layout, need it.
func In(p *text.Printer, c templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return c.Render(context.WithValue(ctx, languageKey{}, p), w)
	})
}

// words is the language that the rendering context carries; English where nobody said one.
func words(ctx context.Context) *text.Printer {
	if p, ok := ctx.Value(languageKey{}).(*text.Printer); ok && p != nil {
		return p
	}
	return text.For("en")
}

// Layout is the whole document around a page's content.
func Layout(p Page) templ.Component {
	if p.Text == nil {
		p.Text = text.For("en")
	}
	return In(p.Text, layout(p))
}
