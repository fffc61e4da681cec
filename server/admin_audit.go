package main

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"beckon/dashboards/audit"
	"beckon/dashboards/ui"
	"beckon/server/shop"
)

func (n *node) auditRoutes() []adminRoute {
	return []adminRoute{
		{fiber.MethodGet, "/admin/audit", shop.Viewer, (*adminRequest).auditPage},
		{fiber.MethodGet, "/admin/audit/csv", shop.Viewer, (*adminRequest).auditCSV},
		{fiber.MethodGet, "/admin/audit/:offset", shop.Viewer, (*adminRequest).auditEntry},
		{fiber.MethodPost, "/admin/audit/:offset/undo", shop.Merchandiser, (*adminRequest).auditUndo},
	}
}

// auditPageSize is how many changes a page of the list has.
const auditPageSize = 40

// auditKinds are what the list can be narrowed to; the last two concern the installation.
var auditKinds = []string{
	"price", "suggestion", "settings", "freeze", "breaker", "markdown", "campaign", "offer", "rule", "segment", "item", "stock", "competitor",
	"site", "key", "user", "login",
}

// seesInstallation says that the request may see what concerns no single shop: people and their logins.
func (a *adminRequest) seesInstallation() bool {
	return a.user.Role.May(shop.Admin) && len(a.user.Sites) == 0
}

// auditQuery is the filters of the address, as they are shown and as they are asked for.
func (a *adminRequest) auditQuery() (audit.Filter, shop.AuditQuery) {
	f := audit.Filter{Actor: a.Query("actor"), Kind: a.Query("kind"), ID: a.Query("id"), From: a.Query("from"), To: a.Query("to"), Show: a.Query("show")}
	q := shop.AuditQuery{Actor: f.Actor, Kind: f.Kind, ID: f.ID, Limit: auditPageSize, Private: a.seesInstallation()}
	var bad bool
	if q.From, bad = dayOf(f.From); bad {
		f.Error = a.text.T("audit.bad_date")
	}
	until, bad := dayOf(f.To)
	if bad {
		f.Error = a.text.T("audit.bad_date")
	} else if until > 0 {
		q.Until = until + dayMs
	}
	switch f.Show {
	case "changes":
		q.Logins = shop.LoginsNot
	case "logins":
		q.Logins = shop.LoginsOnly
	}
	q.Before, _ = strconv.ParseUint(a.Query("before"), 10, 64) // what is no number begins at the newest
	f.Kinds = auditKinds
	if !q.Private {
		f.Kinds = auditKinds[:len(auditKinds)-2]
	}
	f.Actors = a.auditActors()
	return f, q
}

// auditActors are people and keys that may be looked for.
func (a *adminRequest) auditActors() []ui.Choice {
	var out []ui.Choice
	for _, u := range a.n.shop.Users() {
		if len(u.Sites) == 0 || slices.Contains(u.Sites, a.site.ID) {
			out = append(out, ui.Choice{Value: u.Name, Label: u.Name})
		}
	}
	for _, k := range a.n.shop.Keys(a.site.ID) {
		out = append(out, ui.Choice{Value: k.ID, Label: k.Note})
	}
	return out
}

// dayOf is the beginning of a day such as 2026-11-21, UTC, in Unix ms; 0 for none.
func dayOf(text string) (ms int64, bad bool) {
	if text == "" {
		return 0, false
	}
	at, err := time.Parse(time.DateOnly, text)
	return at.UnixMilli(), err != nil
}

func (a *adminRequest) auditPage() error {
	f, q := a.auditQuery()
	v := audit.View{Filter: f, Now: a.now.UnixMilli(), Logins: q.Private}
	p := a.page("audit", a.text.T("audit.title"))
	p.Lead = a.text.T("audit.lead")
	p.CSV = "/admin/audit/csv?" + string(a.Request().URI().QueryString())
	page, err := a.n.shop.AuditPage(a.site.ID, q)
	if err != nil {
		v.Trouble = a.text.T("audit.trouble.text")
		a.n.out.Error("changes", "error", err)
	}
	for i := range page.Entries {
		v.Entries = append(v.Entries, a.auditView(&page.Entries[i]))
	}
	if page.Next != 0 {
		v.Next, v.Partial = p.With("before", strconv.FormatUint(page.Next, 10)), true
	}
	if q.Before != 0 {
		v.First = p.With("before", "")
	}
	return a.render(audit.Page(p, v))
}

// auditView is e as the page of who asks shows it.
func (a *adminRequest) auditView(e *shop.AuditEntry) audit.Entry {
	v := a.n.auditView(e)
	if v.Undo && !a.mayUndo(e) {
		v.Undo, v.NoUndo = false, "role"
	}
	return v
}

// mayUndo says whether the asker's role may change what e did.
func (a *adminRequest) mayUndo(e *shop.AuditEntry) bool {
	need := shop.Merchandiser
	if e.Site == "" || slices.Contains([]string{"site", "key", "user"}, e.Kind) {
		need = shop.Admin
	}
	return a.user.Role.May(need)
}

// auditView is e with the names that people know.
func (n *node) auditView(e *shop.AuditEntry) audit.Entry {
	v := audit.Entry{
		Offset: e.Offset, Last: e.Last, Count: e.Count, Time: e.Time, Actor: e.Actor, Do: e.Do, Kind: e.Kind, ID: e.ID, Site: e.Site,
		Before: e.Before, After: e.After, HasPrev: e.HasPrev, Prev: e.Prev, Undo: e.Undo, NoUndo: e.NoUndo, Undoes: e.Undoes,
		UndoneBy: e.UndoneBy, Refused: e.Refused, Unknown: e.Unknown,
	}
	if site, ok := n.shop.Site(e.Site); ok {
		v.Currency = site.Currency
	}
	switch e.Kind {
	case "item", "stock", "price":
		if it, ok := n.shop.Item(e.Site, e.ID); ok {
			v.Name = it.Title
			if _, currency := it.In(member(e.After, "market")); currency != "" {
				v.Currency = currency
			}
		}
	case "settings", "freeze":
		if t := target(e.ID); t.Scope == "item" {
			if it, ok := n.shop.Item(e.Site, t.Key); ok {
				v.Name = it.Title
			}
		}
	case "markdown":
		v.Name = n.markdownName(e)
	case "key":
		v.Name = firstOf(member(e.After, "note"), member(e.Before, "note"))
	default:
		v.Name = firstOf(member(e.After, "title"), member(e.Before, "title"))
	}
	if c := firstOf(member(e.After, "currency"), member(e.Before, "currency")); c != "" {
		v.Currency = c
	}
	return v
}

// markdownName is what a markdown's only item is called, or its id.
func (n *node) markdownName(e *shop.AuditEntry) string {
	var body struct {
		Items []string `json:"items"`
	}
	if decode(firstBody(e.After, e.Before), &body) != nil || len(body.Items) != 1 {
		return ""
	}
	if it, ok := n.shop.Item(e.Site, body.Items[0]); ok {
		return it.Title
	}
	return body.Items[0]
}

func firstBody(bodies ...[]byte) []byte {
	for _, b := range bodies {
		if b != nil {
			return b
		}
	}
	return nil
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// auditAt is the change that the path names, if it is the shop's, or the installation's and may be seen.
func (a *adminRequest) auditAt() (shop.AuditEntry, error) {
	offset, err := strconv.ParseUint(a.Params("offset"), 10, 64)
	if err != nil {
		return shop.AuditEntry{}, fail(404, "unknown_change", "there is no change %q", a.Params("offset"))
	}
	e, ok, err := a.n.shop.ChangeAt(offset)
	switch {
	case err != nil:
		return e, err
	case !ok, e.Site != "" && e.Site != a.site.ID, e.Site == "" && !a.seesInstallation():
		return e, fail(404, "unknown_change", "there is no change %d in this shop", offset)
	}
	return e, nil
}

func (a *adminRequest) auditEntry() error {
	e, err := a.auditAt()
	if err != nil {
		return err
	}
	return a.renderEntry(fiber.StatusOK, e, "")
}

// renderEntry is the page of one change; trouble says why its undo was refused.
func (a *adminRequest) renderEntry(status int, e shop.AuditEntry, trouble string) error {
	v := audit.One{Entry: a.auditView(&e), Trouble: trouble, Now: a.now.UnixMilli()}
	p := a.page("audit", audit.What(a.text, &v.Entry))
	p.Up = &ui.Link{Label: a.text.T("audit.title"), Href: p.URL("/admin/audit")}
	if e.ID != "" && e.Kind != "login" {
		page, err := a.n.shop.AuditPage(e.Site, shop.AuditQuery{Kind: e.Kind, ID: e.ID, Limit: 10, Private: e.Site == ""})
		if err != nil {
			return err
		}
		for i := range page.Entries {
			v.History = append(v.History, a.auditView(&page.Entries[i]))
		}
		v.All = p.URL("/admin/audit", "kind", e.Kind, "id", e.ID)
	}
	return a.renderStatus(status, audit.OnePage(p, v))
}

// auditUndo takes a change back and goes to where the button was, which then announces that.
func (a *adminRequest) auditUndo() error {
	e, err := a.auditAt()
	if err != nil {
		return err
	}
	if !a.mayUndo(&e) {
		return fail(403, "forbidden", "%s", a.text.T("audit.undo.admin"))
	}
	offset, err := a.n.undo(a.ctx, a.actor(), a.site.ID, e.Offset)
	if err == nil {
		return a.changed(offset, a.cameFrom(e.Offset))
	}
	trouble, ok := undoProblem(err, offset, a.text)
	if !ok {
		return err
	}
	if now, known, readErr := a.n.shop.ChangeAt(e.Offset); readErr == nil && known {
		e = now
	}
	return a.renderEntry(fiber.StatusUnprocessableEntity, e, trouble)
}

// cameFrom is the page of the dashboard on which the button was pressed: what the form says, else the browser; else the change's own.
func (a *adminRequest) cameFrom(offset uint64) string {
	own := "/admin/audit/" + strconv.FormatUint(offset, 10)
	from := a.form("back")
	if from == "" {
		if u, err := url.Parse(a.Get(fiber.HeaderReferer)); err == nil && u.Host == string(a.Context().Host()) {
			from = u.RequestURI()
		}
	}
	if from == "" {
		return own
	}
	return safeNext(from)
}
