package main

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"beckon/clickstream"
	"beckon/clickstream/history"
	"beckon/dashboards/funnels"
	"beckon/dashboards/trail"
	"beckon/dashboards/ui"
	"beckon/server/shop"
	"beckon/web/text"
)

func (n *node) funnelRoutes() []adminRoute {
	return []adminRoute{
		{"GET", "/admin/funnels", shop.Viewer, n.adminFunnels},
		{"GET", "/admin/funnels/part", shop.Viewer, n.adminFunnelPart},
		{"GET", "/admin/funnels.csv", shop.Viewer, n.adminFunnelCSV},
		{"GET", "/admin/paths", shop.Viewer, n.adminPaths},
		{"GET", "/admin/paths/part", shop.Viewer, n.adminPathsPart},
		{"GET", "/admin/paths.csv", shop.Viewer, n.adminPathsCSV},
	}
}

// funnelNames are the events that a step may be, as a visit takes them.
var funnelNames = []string{
	"page_view", "impression", "view_item_list", "select_item", "search", "view_item", "add_to_wishlist", "add_to_cart", "remove_from_cart", "view_cart",
	"begin_checkout", "add_shipping_info", "add_payment_info", "purchase", "login", "sign_up", "review", "support_message",
}

var (
	funnelWithin  = []time.Duration{10 * time.Minute, 30 * time.Minute, time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 30 * 24 * time.Hour}
	funnelDevices = []string{"desktop", "mobile", "tablet", "other"}
)

// funnelAsk is what the address of a funnel asks for.
type funnelAsk struct {
	walkScope
	steps  []string
	within time.Duration
	by     string // device source
}

func (a *adminRequest) funnelAsk() (f funnelAsk) {
	f.walkScope = a.walkScope()
	f.steps, f.within, f.by = a.funnelSteps(), a.duration("within", 24*time.Hour, funnelWithin), a.Query("by")
	sorted := slices.Sorted(slices.Values(f.steps))
	unknown := slices.ContainsFunc(f.steps, func(name string) bool { return !slices.Contains(funnelNames, name) })
	switch {
	case f.wrong != "":
	case len(f.steps) < 2 || len(f.steps) > funnels.MaxSteps || len(slices.Compact(sorted)) < len(f.steps):
		f.wrong = a.text.T("funnels.wrong.steps")
	case unknown || f.within == 0 || f.by != "" && f.by != "device" && f.by != "source":
		f.wrong = a.text.T("funnels.wrong.choice")
	case slices.Contains(f.steps, "impression") && (f.device != "" || f.by == "device"): // made by the server, which has no device
		f.wrong = a.text.T("funnels.wrong.impression")
	}
	return f
}

// funnelSteps are step1 to step8 without those left empty; the usual ones where none is named.
func (a *adminRequest) funnelSteps() (steps []string) {
	asked := false
	for i := range funnels.MaxSteps {
		name := a.Query("step" + strconv.Itoa(i+1))
		asked = asked || name != ""
		if name != "" {
			steps = append(steps, name)
		}
	}
	if !asked {
		return []string{"view_item", "add_to_cart", "begin_checkout", "purchase"}
	}
	return steps
}

func (n *node) adminFunnels(a *adminRequest) error {
	f := a.funnelAsk()
	p := a.page("funnels", a.text.T("funnels.title"))
	p.Lead = a.text.T("funnels.lead")
	v := funnels.FunnelView{Filter: a.walkFilter(&f.walkScope, "/admin/funnels"), Within: durationChoices(a.text, funnelWithin, f.within)}
	for i := range funnels.MaxSteps {
		now := ""
		if i < len(f.steps) {
			now = f.steps[i]
		}
		choices := []ui.Choice{{Label: a.text.T("funnels.form.no_step")}}
		for _, name := range funnelNames {
			choices = append(choices, ui.Choice{Value: name, Label: funnels.StepWord(a.text, name), Selected: name == now})
		}
		v.Steps = append(v.Steps, choices)
	}
	v.By = []ui.Choice{
		{Label: a.text.T("funnels.by_nothing")},
		{Value: "device", Label: a.text.T("funnels.by_device"), Selected: f.by == "device"},
		{Value: "source", Label: a.text.T("funnels.by_source"), Selected: f.by == "source"},
	}
	v.Usual = a.usualFunnels()
	if f.wrong != "" {
		return a.renderStatus(422, funnels.FunnelPage(p, v))
	}
	v.Part, p.CSV = a.elsewhere("/admin/funnels/part"), a.elsewhere("/admin/funnels.csv")
	return a.render(funnels.FunnelPage(p, v))
}

func (a *adminRequest) usualFunnels() (list []ui.Tab) {
	for _, f := range []struct{ label, steps string }{
		{a.text.T("funnels.usual.buy"), "view_item add_to_cart begin_checkout purchase"},
		{a.text.T("funnels.usual.checkout"), "view_cart begin_checkout add_shipping_info add_payment_info purchase"},
		{a.text.T("funnels.usual.search"), "search view_item add_to_cart purchase"},
		{a.text.T("funnels.usual.recommended"), "impression select_item add_to_cart purchase"},
	} {
		var args []string
		steps := strings.Fields(f.steps)
		for i := range funnels.MaxSteps {
			name := ""
			if i < len(steps) {
				name = steps[i]
			}
			args = append(args, "step"+strconv.Itoa(i+1), name)
		}
		if steps[0] == "impression" {
			args = append(args, "device", "", "by", "")
		}
		list = append(list, ui.Tab{Label: f.label, Href: withQuery(a.elsewhere("/admin/funnels"), args...)})
	}
	return list
}

func (n *node) adminFunnelPart(a *adminRequest) error {
	v, err := n.funnel(a)
	p := a.page("funnels", "")
	p.Path = a.elsewhere("/admin/funnels")
	if err != nil {
		return a.renderAnswer(nil, err)
	}
	return a.render(funnels.FunnelPart(p, v))
}

func (n *node) adminFunnelCSV(a *adminRequest) error {
	v, err := n.funnel(a)
	if err != nil {
		return a.noAnswer(err)
	}
	head, rows := funnels.FunnelCSV(a.text, &v)
	return a.csv("funnel-"+a.site.ID+"-"+isoDay(a.siteDay()), head, rows)
}

func (n *node) funnel(a *adminRequest) (funnels.Funnel, error) {
	f := a.funnelAsk()
	if f.wrong != "" {
		return funnels.Funnel{}, fail(400, "bad_funnel", "%s", f.wrong)
	}
	v := funnels.Funnel{Live: f.live != "", By: f.by, Window: a.text.Duration(f.within)}
	var err error
	if v.Live {
		err = n.liveFunnel(a, &f, &v)
	} else {
		err = n.pastFunnel(a, &f, &v)
	}
	for i := range v.Parts {
		v.Parts[i].Href = withQuery(a.elsewhere("/admin/funnels"), f.by, v.Parts[i].Value, "by", "")
	}
	return v, err
}

// pastFunnel asks the history, for the range and the one before it.
func (n *node) pastFunnel(a *adminRequest, f *funnelAsk, v *funnels.Funnel) error {
	now, err := n.askFunnel(a, f.history(a.site.ID, f.days), f, history.Breakdown(f.by))
	if err != nil {
		return err
	}
	before, err := n.askFunnel(a, f.history(a.site.ID, f.days.before()), f, history.Whole)
	if err != nil {
		return err
	}
	v.OneIn, v.Then = now.OneIn, daysBefore(a.text, f.days.days())
	for i, s := range now.Steps {
		v.Steps = append(v.Steps, funnels.Step{Name: s.Name, Visitors: s.Visitors, Then: before.Steps[i].Visitors})
	}
	for _, part := range now.Parts {
		p := funnels.Part{Value: part.Value}
		for _, s := range part.Steps {
			p.Visitors = append(p.Visitors, s.Visitors)
		}
		v.Parts = append(v.Parts, p)
	}
	return nil
}

const funnelParts = 15 // devices or sources that are shown

func (n *node) askFunnel(a *adminRequest, scope history.Scope, f *funnelAsk, by history.Breakdown) (history.FunnelAnswer, error) {
	scope.Limit = funnelParts
	ask := history.FunnelAsk{Scope: scope, Steps: f.steps, Window: f.within, By: by}
	site, segment := a.site.ID, f.segment
	key := struct {
		ask     history.FunnelAsk
		segment string
	}{ask, segment}
	return cachedAnswer(n, site, "funnel", key, func(ctx context.Context, q *history.Questions) (answer history.FunnelAnswer, err error) {
		if segment != "" {
			if ask.Only, err = n.segmentVisitors(ctx, site, segment); err != nil {
				return answer, err
			}
		}
		return q.Funnel(ctx, ask)
	})
}

// liveCount is a live funnel with the same window before it.
type liveCount struct {
	now, before  trail.FunnelAnswer
	asked, since int64
}

// liveFunnel counts what is in memory. Today is compared with yesterday until the same time where there is a history.
func (n *node) liveFunnel(a *adminRequest, f *funnelAsk, v *funnels.Funnel) error {
	kinds := make([]clickstream.Kind, len(f.steps))
	for i, name := range f.steps {
		kinds[i] = stepKind(name)
	}
	scope := struct {
		live, device, source, segment, by string
		steps                             []string
		within                            time.Duration
	}{f.live, f.device, f.source, f.segment, f.by, f.steps, f.within}
	got, err := cachedLive(n, a.site.ID, "funnel", scope, func(context.Context) (c liveCount) {
		window := n.liveWindow(a.site.ID, f.live, a.now)
		ask := trail.FunnelAsk{Scope: n.trailScope(a.site.ID, &f.walkScope, window), Steps: kinds, Window: f.within.Milliseconds(), By: trail.Breakdown(f.by)}
		c.now = n.trails.Funnel(a.site.ID, ask)
		c.asked, c.since = window.to-1, n.wholeSince(a.site.ID, window.from)
		if f.live == liveHalfHour {
			ask.From, ask.To, ask.By = window.before().from, window.from, trail.Whole
			c.before = n.trails.Funnel(a.site.ID, ask)
		}
		return c
	})
	if err != nil {
		return err
	}
	v.Asked, v.Since, v.OneIn = got.asked, got.since, 1
	before := got.before.Visitors
	if f.live == liveHalfHour {
		v.Then = a.text.T("funnels.then.30m")
	} else if before = n.yesterday(a, f, got.asked); before != nil {
		v.Then = a.text.T("funnels.then.yesterday")
	}
	for i, name := range f.steps {
		s := funnels.Step{Name: name, Visitors: got.now.Visitors[i]}
		if i < len(before) {
			s.Then = before[i]
		}
		v.Steps = append(v.Steps, s)
	}
	for i, part := range got.now.Parts {
		if i < funnelParts {
			v.Parts = append(v.Parts, funnels.Part{Value: part.Value, Visitors: part.Visitors})
		}
	}
	return nil
}

// yesterday is the visitors of each step from yesterday's beginning until the same time, nil where the history does not say.
func (n *node) yesterday(a *adminRequest, f *funnelAsk, asked int64) (visitors []int64) {
	if f.segment != "" {
		return nil
	}
	start := asked - asked%dayMs - dayMs
	until := asked - dayMs
	until -= until % time.Minute.Milliseconds() // so that it is asked once a minute
	if start < 0 || until <= start {
		return nil
	}
	got, err := n.askFunnel(a, f.history(a.site.ID, dayRange{start, until}), f, history.Whole)
	if err != nil {
		return nil
	}
	for _, s := range got.Steps {
		visitors = append(visitors, s.Visitors)
	}
	return visitors
}

// stepKind is the known kind of a name.
func stepKind(name string) clickstream.Kind {
	for k := clickstream.PageView; k <= clickstream.SupportMessage; k++ {
		if k.String() == name {
			return k
		}
	}
	return clickstream.Custom
}

// duration is a choice of the query, def where there is none and 0 where it is none of those.
func (a *adminRequest) duration(name string, def time.Duration, of []time.Duration) time.Duration {
	text := a.Query(name)
	if text == "" {
		return def
	}
	d, err := time.ParseDuration(text)
	if err != nil || !slices.Contains(of, d) {
		return 0
	}
	return d
}

func durationChoices(p *text.Printer, all []time.Duration, now time.Duration) (list []ui.Choice) {
	for _, d := range all {
		list = append(list, ui.Choice{Value: d.String(), Label: p.Duration(d), Selected: d == now})
	}
	return list
}
