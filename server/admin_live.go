package main

import (
	"iter"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"beckon/clickstream"
	livepages "beckon/dashboards/live"
	"beckon/dashboards/now"
	"beckon/dashboards/ui"
	"beckon/server/shop"
	"beckon/web/text"
)

func (n *node) liveRoutes() []adminRoute {
	return []adminRoute{
		{"GET", "/admin/live", shop.Viewer, n.livePage},
		{"GET", "/admin/live/visitors/:id", shop.Viewer, n.visitorPage},
		{"GET", "/admin/live/visitors/:id/timeline", shop.Viewer, n.visitorTimeline},
		{"GET", "/admin/live/visitors/:id/export", shop.Admin, n.visitorFile},
		{"POST", "/admin/live/visitors/:id/erase", shop.Admin, n.eraseVisitor},
	}
}

func (n *node) liveTopics() []adminTopic {
	return []adminTopic{
		{"live", shop.Viewer, func(f frame) (map[string]templ.Component, error) {
			p := framePage(f, "/admin/live")
			v := n.liveView(p, f.site, liveFilter(f.text, f.query), f.now)
			return map[string]templ.Component{
				livepages.CountsRegion: livepages.Counts(p, v), livepages.VisitsRegion: livepages.Visits(p, v), livepages.EventsRegion: livepages.Events(p, v),
			}, nil
		}},
		{"visitor", shop.Viewer, func(f frame) (map[string]templ.Component, error) {
			p := framePage(f, "/admin/live")
			v := n.visitorView(p, f.site, f.query.Get("id"), f.now)
			if !v.Known {
				return nil, nil
			}
			return map[string]templ.Component{livepages.NowRegion: livepages.VisitorNow(p, v), livepages.ProfileRegion: livepages.VisitorProfile(p, v)}, nil
		}},
	}
}

const (
	liveVisits    = 25
	liveEvents    = 40
	liveFileRows  = 1000
	liveQueryText = 80 // bytes of what is looked for
)

func (n *node) livePage(a *adminRequest) error {
	q := url.Values{}
	for _, name := range []string{"q", "name", "machines"} {
		if value := a.Query(name); value != "" {
			q.Set(name, value)
		}
	}
	f := liveFilter(a.text, q)
	p := a.page("live", a.text.T("live.title"))
	if a.Query("format") == "csv" {
		return n.liveFile(a, f)
	}
	topic := "live"
	if len(q) > 0 {
		topic += "?" + q.Encode()
	}
	p.Lead, p.Topics, p.CSV = a.text.T("live.lead"), []string{topic}, p.With("format", "csv")
	return a.render(livepages.Page(p, n.liveView(p, a.site, f, a.now)))
}

// liveNames can be chosen in the filter.
var liveNames = [...]clickstream.Kind{
	clickstream.PageView, clickstream.ViewItem, clickstream.Search, clickstream.AddToCart, clickstream.RemoveFromCart, clickstream.BeginCheckout,
	clickstream.Purchase, clickstream.Refund,
}

func liveFilter(t *text.Printer, q url.Values) livepages.Filter {
	f := livepages.Filter{Query: q.Get("q"), Name: q.Get("name"), Machines: q.Get("machines") == "on"}
	f.Query = f.Query[:min(len(f.Query), liveQueryText)]
	f.Names = append(f.Names, ui.Choice{Label: t.T("live.any"), Selected: f.Name == ""})
	for _, k := range liveNames {
		name := k.String()
		f.Names = append(f.Names, ui.Choice{Value: name, Label: t.T("live.kind." + name), Selected: f.Name == name})
	}
	return f
}

// fits says whether an event is looked for.
func fits(f *livepages.Filter) func(e *now.Event) bool {
	words := strings.ToLower(f.Query)
	return func(e *now.Event) bool {
		if f.Name != "" && e.Name != f.Name {
			return false
		}
		return words == "" || holds(words, e.Name, e.Item, e.Visitor, e.Search, e.Page)
	}
}

func holds(words string, in ...string) bool {
	for _, s := range in {
		if strings.Contains(strings.ToLower(s), words) {
			return true
		}
	}
	return false
}

func (n *node) liveView(p ui.Page, site shop.Site, f livepages.Filter, wall time.Time) livepages.View {
	at := n.clock(site.ID, wall)
	l := n.numbers.Live(site.ID, at)
	v := livepages.View{Now: at, Active: l.Active, Visits: l.Visits, Machines: l.Machines, Filter: f}
	words := strings.ToLower(f.Query)
	for _, w := range n.numbers.Visits(site.ID, at, f.Machines, 1000) {
		if len(v.List) < liveVisits && (words == "" || holds(words, w.Visitor, w.Item, w.Page, w.Source)) {
			v.List = append(v.List, n.liveVisit(p, site.ID, &w))
		}
	}
	for _, e := range n.numbers.Events(site.ID, f.Machines, liveEvents, fits(&f)) {
		v.Events = append(v.Events, n.liveEvent(p, site.ID, &e))
	}
	return v
}

func visitorURL(p ui.Page, visitor string) string {
	return p.URL("/admin/live/visitors/" + url.PathEscape(visitor))
}

func (n *node) liveVisit(p ui.Page, site string, w *now.Visit) livepages.Visit {
	out := livepages.Visit{
		Visitor: w.Visitor, Href: visitorURL(p, w.Visitor), Start: w.Start, Last: w.Last, Device: p.Text.T("overview.device." + w.Device.String()),
		Source: sourceWord(p, w.Source), Stage: int(w.Stage), Page: pathOf(w.Page), Events: w.Events, Machine: w.Machine,
	}
	if w.Item != "" {
		out.Item = n.itemCell(p, site, w.Item)
	}
	if w.CartLines > 0 {
		out.Cart = p.Text.Money(w.Cart, w.Currency)
	}
	return out
}

func (n *node) liveEvent(p ui.Page, site string, e *now.Event) livepages.Event {
	out := livepages.Event{
		Seq: e.Seq, At: e.Time, Name: e.Name, Visitor: e.Visitor, Href: visitorURL(p, e.Visitor), Machine: e.Machine, Late: e.Late, About: e.Search,
	}
	if e.Item != "" {
		out.Item, out.Others = n.itemCell(p, site, e.Item), max(e.Items-1, 0)
	} else if e.Search == "" {
		out.About = pathOf(e.Page)
	}
	if e.Value >= 0 && e.Currency != "" {
		out.Value = p.Text.Money(e.Value, e.Currency)
	}
	return out
}

// pathOf is an address without its host: the shop knows its own.
func pathOf(address string) string {
	if _, rest, ok := strings.Cut(address, "//"); ok {
		if slash := strings.IndexByte(rest, '/'); slash >= 0 {
			return rest[slash:]
		}
		return "/"
	}
	return address
}

// liveFile is the newest events that fit.
func (n *node) liveFile(a *adminRequest, f livepages.Filter) error {
	head := []string{"time", "event", "visitor", "item", "items", "value_minor", "currency", "search", "page", "placement", "machine", "late"}
	var rows iter.Seq[[]string] = func(yield func([]string) bool) {
		for _, e := range n.numbers.Events(a.site.ID, f.Machines, liveFileRows, fits(&f)) {
			value := ""
			if e.Value >= 0 {
				value = strconv.FormatInt(e.Value, 10)
			}
			if !yield([]string{
				time.UnixMilli(e.Time).UTC().Format(time.RFC3339Nano), e.Name, e.Visitor, e.Item, strconv.Itoa(e.Items), value, e.Currency,
				e.Search, e.Page, e.Placement, strconv.FormatBool(e.Machine), strconv.FormatBool(e.Late),
			}) {
				return
			}
		}
	}
	return a.csv("events-"+a.site.ID, head, rows)
}
