package main

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"beckon/dashboards/ui"
	"beckon/server/shop"
	"beckon/web/text"
)

// adminRequest is one request of the dashboard. It belongs to the goroutine that answers it and is dead when its handler returns.
type adminRequest struct {
	*fiber.Ctx
	n       *node
	ctx     context.Context // to wait with; it outlives the beginning of a stop, as every request's does
	now     time.Time
	text    *text.Printer
	user    shop.User    // nobody's on pages that need no session
	session shop.Session // the request's
	sites   []shop.Site  // that the user may see, without retired ones
	site    shop.Site    // the one of ?site=, else the user's first; none where there is no site yet
	values  url.Values   // of the posted form
}

// adminRequest begins a request: its language, and the headers of its answer.
func (n *node) adminRequest(c *fiber.Ctx) *adminRequest {
	protect(c, n.admin.secure)
	a := &adminRequest{Ctx: c, n: n, ctx: n.work, now: n.now()}
	a.text = text.Match(a.language(), c.Get(fiber.HeaderAcceptLanguage))
	return a
}

// Query is a parameter of the address, out of the request's memory. Fiber's own is dead when the handler returns.
func (a *adminRequest) Query(name string, def ...string) string {
	return strings.Clone(a.Ctx.Query(name, def...))
}

// Params is a parameter of the path, out of the request's memory.
func (a *adminRequest) Params(name string, def ...string) string {
	return strings.Clone(a.Ctx.Params(name, def...))
}

// maxFormBytes bounds a posted form.
const maxFormBytes = 256 << 10

// form is a field of the posted form without spaces around it; "" if it is not there.
func (a *adminRequest) form(name string) string { return strings.TrimSpace(a.values.Get(name)) }

// formAll is every value of a field that stands in the form more than once, as check boxes do.
func (a *adminRequest) formAll(name string) []string { return a.values[name] }

// actor is how records name who did it.
func (a *adminRequest) actor() string { return "user " + a.user.Name }

// page is the frame of a page: nav is its entry in the navigation, title its heading.
func (a *adminRequest) page(nav, title string) ui.Page {
	p := ui.Page{
		Title: title, Nav: nav, Text: a.text, Theme: a.theme(), User: a.user.Name, Role: string(a.user.Role),
		Site: a.site.ID, SiteName: siteTitle(a.site), CSRF: a.csrf(), Path: a.address(),
	}
	for _, s := range a.sites {
		p.Sites = append(p.Sites, ui.Choice{Value: s.ID, Label: siteTitle(s), Selected: s.ID == a.site.ID})
	}
	if a.user.Name != "" {
		p.Flash = a.announced()
	}
	return p
}

func siteTitle(s shop.Site) string {
	if s.Name != "" {
		return s.Name
	}
	return s.ID
}

// flashParam names the record of the control log that a page announces, with its undo.
const flashParam = "at"

// changed goes on to a page of the dashboard, which announces the change at offset of the control log.
func (a *adminRequest) changed(offset uint64, to string) error {
	path, query, _ := strings.Cut(to, "?")
	q, err := url.ParseQuery(query)
	if err != nil {
		q = url.Values{}
	}
	q.Set(flashParam, strconv.FormatUint(offset, 10))
	if q.Get("site") == "" && a.site.ID != "" {
		q.Set("site", a.site.ID)
	}
	return a.Redirect(path+"?"+q.Encode(), fiber.StatusSeeOther)
}

// address is the request's path and query, without what belongs to one view of the page only.
func (a *adminRequest) address() string {
	path := strings.Clone(a.Path())
	q, err := url.ParseQuery(string(a.Request().URI().QueryString()))
	if err != nil {
		return path
	}
	for _, once := range [...]string{flashParam, saidParam, whoParam, "lang"} {
		q.Del(once)
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// csrf proves that a form comes from a page of this session.
func (a *adminRequest) csrf() string {
	if a.session.Key == "" {
		return ""
	}
	return a.n.admin.signer.token("csrf", a.session.Key)
}

// fragment says that a script asked for a part of a page, not a person for a page.
func (a *adminRequest) fragment() bool {
	mode := a.Get("Sec-Fetch-Mode")
	return mode != "" && mode != "navigate" || a.wantsJSON() || strings.Contains(a.Get(fiber.HeaderAccept), "text/event-stream")
}

func (a *adminRequest) wantsJSON() bool {
	accept := a.Get(fiber.HeaderAccept)
	return strings.Contains(accept, fiber.MIMEApplicationJSON) && !strings.Contains(accept, fiber.MIMETextHTML)
}
